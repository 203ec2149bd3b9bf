// Package conformance_test holds the emulator to what AWS documents, as a deploy tool
// sees it: README.md has a row for each fact, and each row a subtest that bears its id.
// The tests speak through aws-sdk-go-v2 and plain HTTP only; of the emulator's Go API
// they use what a user has: Start, Close, the clock and how images behave.
package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"

	"github.com/slipway-go/slipway/emulator"
)

// patience is how long, in real time, a test waits for a state before it fails. It is
// far more than any of them needs, for machines that are busy.
const patience = 60 * time.Second

// cloud is an emulator of its own, and the clients for it.
type cloud struct {
	*emulator.Server
	cfn *cloudformation.Client
	ecs *ecs.Client
	elb *elb.Client
}

// start starts an emulator at the given speed, until the end of the test.
func start(t *testing.T, speed float64) *cloud {
	t.Helper()
	return startWith(t, emulator.Options{Speed: speed})
}

func startWith(t *testing.T, o emulator.Options) *cloud {
	t.Helper()
	srv, err := emulator.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	endpoint := srv.URL()
	config := aws.Config{
		Region: "eu-west-1", BaseEndpoint: &endpoint, Retryer: onlyBrokenAnswers,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	return &cloud{
		Server: srv,
		cfn:    cloudformation.NewFromConfig(config),
		ecs:    ecs.NewFromConfig(config),
		elb:    elb.NewFromConfig(config),
	}
}

// onlyBrokenAnswers tries a call again whose answer Go's HTTP client dropped, as it does
// where the answer is there before the request was written to its end. What AWS answers
// is never tried again: tests are about that.
func onlyBrokenAnswers() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxBackoff = 10 * time.Millisecond
		o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			return aws.BoolTernary(errors.Is(err, net.ErrClosed))
		})}
	})
}

// wait asks once a second of AWS time until done says so.
func (c *cloud) wait(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !done() {
		if c.Clock().Sleep(ctx, time.Second) != nil {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// must is the answer of a call that is to succeed: must(t)(client.Call(...)) reads
// badly, so it takes the call as a function of the context.
func must[In, Out, Opt any](t *testing.T, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := call(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// refusal is the error of a call that is to be refused.
func refusal[In, Out, Opt any](t *testing.T, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) error {
	t.Helper()
	_, err := call(t.Context(), in)
	if err == nil {
		t.Errorf("%T succeeded, want it refused", in)
	}
	return err
}

// says checks the code of an API error, and that its message contains the text.
func says(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("error %v, want %s %q", err, code, text)
		return
	}
	if api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("refused with\n\t%s: %s\nwant\n\t%s: %s", api.ErrorCode(), api.ErrorMessage(), code, text)
	}
}

// same fails where two values are not the same.
func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// The parts of the templates that most tests share. A topic has no counterpart in the
// emulator: it takes part in every operation and does nothing, which is all that a test
// of CloudFormation itself needs. A target group whose health checks take longer than
// their interval is refused by Elastic Load Balancing, so its creation fails.
const (
	topic = "Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: one}}\n"

	refusedGroup = "{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 80, Protocol: HTTP, TargetType: ip, VpcId: vpc-1, HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 6}"
)

// resources is a template with the given lines in its Resources section.
func resources(lines ...string) string {
	var b strings.Builder
	b.WriteString("Resources:\n")
	for _, line := range lines {
		b.WriteString("  " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

func createInput(name, template string) *cloudformation.CreateStackInput {
	return &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &template}
}

func updateInput(name, template string) *cloudformation.UpdateStackInput {
	return &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: &template}
}

func parameter(key, value string) cfntypes.Parameter {
	return cfntypes.Parameter{ParameterKey: &key, ParameterValue: &value}
}

func previous(key string) cfntypes.Parameter {
	return cfntypes.Parameter{ParameterKey: &key, UsePreviousValue: aws.Bool(true)}
}

// create creates a stack and waits until it is CREATE_COMPLETE.
func (c *cloud) create(t *testing.T, name, template string, parameters ...cfntypes.Parameter) cfntypes.Stack {
	t.Helper()
	in := createInput(name, template)
	in.Parameters = parameters
	must(t, c.cfn.CreateStack, in)
	return c.settled(t, name, cfntypes.StackStatusCreateComplete)
}

// update updates a stack and waits until it is UPDATE_COMPLETE.
func (c *cloud) update(t *testing.T, name, template string, parameters ...cfntypes.Parameter) cfntypes.Stack {
	t.Helper()
	in := updateInput(name, template)
	in.Parameters = parameters
	must(t, c.cfn.UpdateStack, in)
	return c.settled(t, name, cfntypes.StackStatusUpdateComplete)
}

func (c *cloud) delete(t *testing.T, name string) {
	t.Helper()
	id := *c.stack(t, name).StackId
	must(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: &name})
	c.settled(t, id, cfntypes.StackStatusDeleteComplete)
}

func (c *cloud) stack(t *testing.T, name string) cfntypes.Stack {
	t.Helper()
	return must(t, c.cfn.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: &name}).Stacks[0]
}

// settled waits until nothing goes on in a stack and checks what it has come to.
func (c *cloud) settled(t *testing.T, name string, want cfntypes.StackStatus) cfntypes.Stack {
	t.Helper()
	var stack cfntypes.Stack
	c.wait(t, name+" to settle", func() bool {
		stack = c.stack(t, name)
		return stack.StackStatus == cfntypes.StackStatusReviewInProgress || !strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS")
	})
	if stack.StackStatus != want {
		t.Fatalf("%s is %s, want %s; its events:\n%s", name, stack.StackStatus, want, strings.Join(c.story(t, name), "\n"))
	}
	return stack
}

// events are a stack's events, the oldest first.
func (c *cloud) events(t *testing.T, name string) []cfntypes.StackEvent {
	t.Helper()
	var all []cfntypes.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(c.cfn, &cloudformation.DescribeStackEventsInput{StackName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.StackEvents...)
	}
	slices.Reverse(all)
	return all
}

// story is a stack's events in words, the oldest first: "Topic CREATE_FAILED: why".
func (c *cloud) story(t *testing.T, name string) []string {
	t.Helper()
	var lines []string
	for _, e := range c.events(t, name) {
		line := fmt.Sprintf("%s %s", *e.LogicalResourceId, e.ResourceStatus)
		if reason := aws.ToString(e.ResourceStatusReason); reason != "" {
			line += ": " + reason
		}
		lines = append(lines, line)
	}
	return lines
}

// tells checks that lines appear in a story, in this order, other lines between them.
func tells(t *testing.T, story []string, want ...string) {
	t.Helper()
	rest := story
	for _, line := range want {
		i := slices.IndexFunc(rest, func(got string) bool { return strings.HasPrefix(got, line) })
		if i < 0 {
			t.Errorf("no %q in its place in\n\t%s", line, strings.Join(story, "\n\t"))
			return
		}
		rest = rest[i+1:]
	}
}

// physical is the physical id of a stack's resource.
func (c *cloud) physical(t *testing.T, stack, logical string) string {
	t.Helper()
	out := must(t, c.cfn.DescribeStackResource, &cloudformation.DescribeStackResourceInput{StackName: &stack, LogicalResourceId: &logical})
	return aws.ToString(out.StackResourceDetail.PhysicalResourceId)
}

// outputs are a stack's outputs by key.
func outputs(stack cfntypes.Stack) map[string]string {
	values := map[string]string{}
	for _, o := range stack.Outputs {
		values[*o.OutputKey] = *o.OutputValue
	}
	return values
}

// parameters are a stack's parameters by key.
func parameters(stack cfntypes.Stack) map[string]string {
	values := map[string]string{}
	for _, p := range stack.Parameters {
		values[*p.ParameterKey] = aws.ToString(p.ParameterValue)
	}
	return values
}
