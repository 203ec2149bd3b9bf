package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/templates"
)

// world is an embedded AWS with a service stack for each tool, on one network.
type world struct {
	tools *toolset
	srv   *emulator.Server
	cfn   *cloudformation.Client
	env   []string // of the tools
	next  int      // version to deploy
	speed float64
}

// start starts an AWS and creates the stacks, fast; the speed is from then on.
func start(ctx context.Context, tools *toolset, speed float64) (*world, error) {
	srv, err := emulator.Start(ctx, emulator.Options{Speed: speed})
	if err != nil {
		return nil, err
	}
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(srv.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("benchmark", "benchmark", ""),
	}
	w := &world{tools: tools, srv: srv, cfn: cloudformation.NewFromConfig(cfg), next: 2, speed: speed}
	w.env = []string{"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_PAGER="}
	for _, variable := range os.Environ() {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			variable = "PATH=" + tools.aws + string(os.PathListSeparator) + path
		}
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "SLIPWAY_") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, srv.Environment()...)
	if err := w.create(ctx, cfg); err != nil {
		return nil, errors.Join(err, srv.Close())
	}
	return w, nil
}

func (w *world) close() error { return w.srv.Close() }

// create makes the network and the tools' stacks, all as the CDK synthesizes them.
func (w *world) create(ctx context.Context, cfg aws.Config) error {
	d := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()})
	const network = "slipway-network"
	if _, err := d.Up(ctx, deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		return err
	}
	errs := make([]error, len(tools()))
	var all sync.WaitGroup
	for i, tool := range tools() {
		all.Go(func() {
			_, errs[i] = d.Up(ctx, deploy.StackSpec{
				Name: stackOf(tool), TemplateBody: templates.Service(), Capabilities: []string{"CAPABILITY_IAM"},
				Parameters: map[string]string{
					contract.ParameterStackName: network, contract.ParameterServiceName: callerOf(tool), contract.ParameterImageURL: image(1),
					contract.ParameterPath: "/" + callerOf(tool) + "*", contract.ParameterPriority: fmt.Sprint(i + 1),
				},
			})
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func image(version int) string { return fmt.Sprintf("docker.io/acme/shop:v%d", version) }

// deploy has a tool deploy the next version and measures it.
func (w *world) deploy(ctx context.Context, tool string, version int) (cost, error) {
	began := w.srv.Clock().Now()
	c, err := measure(w.tools.command(ctx, tool, image(version), w.env))
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w", tool, err)
	}
	ended := w.srv.Clock().Now()
	for _, call := range w.srv.Calls() {
		if call.AccessKeyID == callerOf(tool) && !call.Time.Before(began) {
			c.calls++
		}
	}
	from, to, err := w.lastUpdate(ctx, stackOf(tool))
	c.rollout, c.lag = to.Sub(from), ended.Sub(to)
	c.overhead = c.wall - time.Duration(float64(c.rollout)/w.speed)
	if err == nil && from.Before(began) {
		err = fmt.Errorf("%s has updated nothing", tool)
	}
	return c, err
}

// lastUpdate is when the last update of a stack began and when it was complete.
func (w *world) lastUpdate(ctx context.Context, stack string) (from, to time.Time, err error) {
	out, err := w.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &stack})
	if err != nil {
		return from, to, err
	}
	for _, e := range out.StackEvents { // the newest first
		if aws.ToString(e.PhysicalResourceId) != aws.ToString(e.StackId) {
			continue
		}
		switch {
		case e.ResourceStatus == "UPDATE_COMPLETE" && to.IsZero():
			to = *e.Timestamp
		case e.ResourceStatus == "UPDATE_IN_PROGRESS" && !to.IsZero():
			return *e.Timestamp, to, nil
		}
	}
	return from, to, fmt.Errorf("stack %s has no update on record", stack)
}

// inTurn has the tools deploy one after the other, some rounds, and tells the medians.
func (w *world) inTurn(ctx context.Context, rounds int) (map[string]cost, error) {
	all := make(map[string][]cost)
	for range rounds {
		for _, tool := range tools() {
			c, err := w.deploy(ctx, tool, w.next)
			if err != nil {
				return nil, err
			}
			all[tool] = append(all[tool], c)
		}
		w.next++
	}
	medians := make(map[string]cost)
	for tool, costs := range all {
		medians[tool] = median(costs)
	}
	return medians, nil
}

// makeChangeSet is the time that CloudFormation takes to make the change set of such a
// deploy, for whoever asks for it.
func (w *world) makeChangeSet(ctx context.Context) (time.Duration, error) {
	stack, name := aws.String(stackOf(slipway)), aws.String("measured")
	described, err := w.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: stack})
	if err != nil {
		return 0, err
	}
	parameters := described.Stacks[0].Parameters
	for i, p := range parameters {
		parameters[i] = types.Parameter{ParameterKey: p.ParameterKey, UsePreviousValue: aws.Bool(true)}
		if *p.ParameterKey == contract.ParameterImageURL {
			parameters[i] = types.Parameter{ParameterKey: p.ParameterKey, ParameterValue: aws.String(image(w.next))}
		}
	}
	_, err = w.cfn.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: stack, ChangeSetName: name, Parameters: parameters,
		UsePreviousTemplate: aws.Bool(true), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for {
		out, err := w.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: stack, ChangeSetName: name})
		switch {
		case err != nil:
			return 0, err
		case out.Status == types.ChangeSetStatusCreateComplete:
			took := time.Since(began)
			_, err = w.cfn.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: stack, ChangeSetName: name})
			return took, err
		case out.Status == types.ChangeSetStatusFailed:
			return 0, fmt.Errorf("the change set has failed: %s", aws.ToString(out.StatusReason))
		}
		time.Sleep(10 * time.Millisecond) // between two looks
	}
}

// atOnce has the tools deploy at the same time. CloudFormation takes so long for the change
// set of each.
func (w *world) atOnce(ctx context.Context, makeChangeSet time.Duration) (map[string]cost, error) {
	costs, errs := make([]cost, len(tools())), make([]error, len(tools()))
	var all sync.WaitGroup
	for i, tool := range tools() {
		all.Go(func() { costs[i], errs[i] = w.deploy(ctx, tool, w.next) })
	}
	all.Wait()
	found := make(map[string]cost)
	for i, tool := range tools() {
		costs[i].own = costs[i].overhead - makeChangeSet
		found[tool] = costs[i]
	}
	return found, errors.Join(errs...)
}
