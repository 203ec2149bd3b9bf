package rollout

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
)

// TestTakesOverUnderLoad takes a network and a service that were made from hand-written
// templates over by ours, while the service answers: nothing that bears traffic is
// replaced, and no request is lost. What package test shows of the templates, this
// shows of stacks that run.
//
// The templates are the committed variants of our stacks that keep what such stacks
// have: test/variants_test.go says from which props they come.
func TestTakesOverUnderLoad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const service, v1, v2 = "service", "docker.io/acme/hello:v1", "docker.io/acme/hello:v2"
	network := w.up(t, networkStack, text(t, "../../internal/cfntemplate/testdata/network.yaml"), nil)
	w.up(t, service, text(t, "../../internal/cfntemplate/testdata/service.yaml"), map[string]string{
		contract.ParameterStackName:       networkStack,
		contract.ParameterServiceName:     "hello",
		contract.ParameterImageURL:        v1,
		contract.ParameterContainerPort:   "8080",
		contract.ParameterHealthCheckPath: "/hello",
		// The template's own interval is as long as its timeout, which no load balancer takes.
		contract.ParameterHealthCheckIntervalSeconds: "10",
	})
	before := map[string]map[string]string{networkStack: w.resources(t, networkStack), service: w.resources(t, service)}
	l := w.load(t, site{url: network[contract.OutputExternalURL] + "/hello"})
	more(t, l)

	// The listener answers by itself where no service does; the group that it had for
	// that is what goes.
	want := map[string]string{"DummyTargetGroupPublic": "Remove"}
	changed := w.takeOver(t, networkStack, "network-compatibility", nil)
	if diff := cmp.Diff(want, losing(changed)); diff != "" {
		t.Errorf("what the network loses (-want +got):\n%s", diff)
	}
	more(t, l)

	// Every rollout is a new task definition.
	want = map[string]string{"TaskDefinition": "Replacement True"}
	changed = w.takeOver(t, service, "service-fixed-names", map[string]string{
		contract.ParameterHealthCheckGracePeriodSeconds: "300",
	})
	if diff := cmp.Diff(want, losing(changed)); diff != "" {
		t.Errorf("what the service loses (-want +got):\n%s", diff)
	}
	if values := w.parameters(t, service); values[contract.ParameterImageURL] != v1 || values[contract.ParameterHealthCheckIntervalSeconds] != "10" ||
		values[contract.ParameterHealthCheckGracePeriodSeconds] != "300" || values[contract.ParameterPriority] != "1" {
		t.Errorf("after the takeover the service has the parameters %v", values)
	}

	// It is ours now: the next version comes as to any other.
	if _, err := w.deployer(nil).Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2}); err != nil {
		t.Errorf("deploying after the takeover: %v", err)
	}
	more(t, l)
	requireAnsweredBy(t, "the service", l.Finish(), v1, v2)

	for stack, was := range before {
		is := w.resources(t, stack)
		for _, id := range slices.Sorted(maps.Keys(was)) {
			if gone := id == "DummyTargetGroupPublic" || id == "TaskDefinition"; !gone && is[id] != was[id] {
				t.Errorf("%s of stack %s was %s and is %s", id, stack, was[id], is[id])
			}
		}
	}
}

// takeOver updates a stack to one of the committed variants, all parameters kept that
// both templates have, and tells what the change set said.
func (w *world) takeOver(t *testing.T, stack, variant string, parameters map[string]string) []types.Change {
	t.Helper()
	ctx, cfn, name := ctxOf(t), cloudformation.NewFromConfig(w.cfg), aws.String("takeover")
	in := &cloudformation.CreateChangeSetInput{
		StackName: &stack, ChangeSetName: name, TemplateBody: aws.String(text(t, "../testdata/variants/"+variant+".json")),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}
	for key := range w.parameters(t, stack) {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: aws.String(key), UsePreviousValue: aws.Bool(true)})
	}
	for key, value := range parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(value)})
	}
	if _, err := cfn.CreateChangeSet(ctx, in); err != nil {
		t.Fatalf("creating the change set for %s: %v", stack, err)
	}
	made := cloudformation.NewChangeSetCreateCompleteWaiter(cfn, func(o *cloudformation.ChangeSetCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 100*time.Millisecond
	})
	changeSet, err := made.WaitForOutput(ctx, &cloudformation.DescribeChangeSetInput{StackName: &stack, ChangeSetName: name}, time.Minute)
	if err != nil {
		t.Fatalf("the change set for %s: %v", stack, err)
	}
	if _, err := cfn.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{StackName: &stack, ChangeSetName: name}); err != nil {
		t.Fatalf("executing the change set for %s: %v", stack, err)
	}
	updated := cloudformation.NewStackUpdateCompleteWaiter(cfn, func(o *cloudformation.StackUpdateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 100*time.Millisecond
	})
	if err := updated.Wait(ctx, &cloudformation.DescribeStacksInput{StackName: &stack}, time.Minute); err != nil {
		t.Fatalf("updating %s: %v", stack, err)
	}
	return changeSet.Changes
}

// losing are the changes, by logical id, that take something from a stack.
func losing(changes []types.Change) map[string]string {
	lost := map[string]string{}
	for _, change := range changes {
		switch c := change.ResourceChange; {
		case c.Action == types.ChangeActionRemove:
			lost[*c.LogicalResourceId] = "Remove"
		case c.Action == types.ChangeActionModify && c.Replacement != types.ReplacementFalse:
			lost[*c.LogicalResourceId] = "Replacement " + string(c.Replacement)
		}
	}
	return lost
}

// resources are the physical ids of a stack's resources by their logical ids.
func (w *world) resources(t *testing.T, stack string) map[string]string {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).DescribeStackResources(ctxOf(t), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, r := range out.StackResources {
		ids[*r.LogicalResourceId] = *r.PhysicalResourceId
	}
	return ids
}

func (w *world) parameters(t *testing.T, stack string) map[string]string {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).DescribeStacks(ctxOf(t), &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, p := range out.Stacks[0].Parameters {
		values[*p.ParameterKey] = *p.ParameterValue
	}
	return values
}

// text is a file of the repository.
func text(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
