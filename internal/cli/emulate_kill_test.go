//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/templates"
)

// kills is how often TestKilledEmulateLosesNothing kills the command.
const kills = 4

// emulated is a `slipway emulate` that runs as a process of its own.
type emulated struct {
	t       *testing.T
	process *exec.Cmd
	stderr  bytes.Buffer

	endpoint string
	cfn      *cloudformation.Client
	ecs      *ecs.Client
	elb      *elb.Client
}

func emulate(t *testing.T, state string) *emulated {
	t.Helper()
	e := &emulated{t: t, process: exec.CommandContext(t.Context(), "slipway", "emulate", "--addr", "127.0.0.1:0", "--speed", "120", "--state", state)}
	e.process.Stderr = &e.stderr
	stdout, err := e.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := e.process.Start(); err != nil {
		t.Fatal(err)
	}
	endpoint := ""
	for lines := bufio.NewScanner(stdout); endpoint == "" && lines.Scan(); {
		endpoint, _ = strings.CutPrefix(lines.Text(), "export AWS_ENDPOINT_URL=")
	}
	if endpoint == "" {
		t.Fatalf("the command does not serve: %v\n%s", e.process.Wait(), &e.stderr)
	}
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: &endpoint, RetryMaxAttempts: 1,
		HTTPClient:  &http.Client{Transport: &http.Transport{}},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	e.endpoint = endpoint
	e.cfn, e.ecs, e.elb = cloudformation.NewFromConfig(cfg), ecs.NewFromConfig(cfg), elb.NewFromConfig(cfg)
	return e
}

func (e *emulated) kill() {
	e.t.Helper()
	if err := e.process.Process.Kill(); err != nil {
		e.t.Fatal(err)
	}
	_ = e.process.Wait() // it was killed
}

// settled waits until nothing goes on in a stack. It fails when the server is gone.
func (e *emulated) settled(name string) (types.Stack, error) {
	for {
		out, err := e.cfn.DescribeStacks(e.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			return types.Stack{}, err
		}
		if st := out.Stacks[0]; !strings.HasSuffix(string(st.StackStatus), "_IN_PROGRESS") {
			return st, nil
		}
		time.Sleep(5 * time.Millisecond) // polls
	}
}

// witness is a client that owns stacks, and what it has seen of them.
type witness struct {
	prefix string
	stacks map[string]*seen // by name
}

type seen struct {
	id     string
	status types.StackStatus
	size   string // the output; empty where there is none
	asked  string // size of an operation that was sent, and whose end was not seen; empty for none
}

const killedTemplate = `
Parameters: {Size: {Type: String}}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Ref AWS::StackName}}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: !Ref AWS::StackName, Type: String, Value: !Ref Size}}
  Network: {Type: AWS::EC2::VPC, DependsOn: Cluster, Properties: {CidrBlock: !Sub "10.${Size}.0.0/16"}}
Outputs: {Size: {Value: !GetAtt Parameter.Value, Export: {Name: !Sub "${AWS::StackName}-size"}}}
`

func sizeOf(st types.Stack) string {
	for _, o := range st.Outputs {
		if *o.OutputKey == "Size" {
			return *o.OutputValue
		}
	}
	return ""
}

// work creates, updates and deletes stacks until the server is gone.
func (w *witness) work(e *emulated, round int) {
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s-%d-%d", w.prefix, round, n)
		s := &seen{asked: "1"}
		w.stacks[name] = s
		made, err := e.cfn.CreateStack(e.t.Context(), &cloudformation.CreateStackInput{
			StackName: &name, TemplateBody: aws.String(killedTemplate), Parameters: size("1"),
		})
		if err != nil {
			w.gone(e, err)
			return
		}
		s.id = *made.StackId
		if !w.see(e, s) {
			return
		}
		s.asked = "2"
		_, err = e.cfn.UpdateStack(e.t.Context(), &cloudformation.UpdateStackInput{
			StackName: &name, UsePreviousTemplate: aws.Bool(true), Parameters: size("2"),
		})
		if err != nil {
			w.gone(e, err)
			return
		}
		if !w.see(e, s) {
			return
		}
		if n%3 != 2 {
			continue
		}
		s.asked = "deleted"
		if _, err = e.cfn.DeleteStack(e.t.Context(), &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
			w.gone(e, err)
			return
		}
		if !w.see(e, s) {
			return
		}
	}
}

func size(of string) []types.Parameter {
	return []types.Parameter{{ParameterKey: aws.String("Size"), ParameterValue: &of}}
}

// gone tells an error of the server from its end.
func (w *witness) gone(e *emulated, err error) {
	if answered := smithy.APIError(nil); errors.As(err, &answered) {
		e.t.Errorf("%s: %v", w.prefix, err)
	}
}

// see waits for the end of an operation and notes what the client has been told.
func (w *witness) see(e *emulated, s *seen) bool {
	st, err := e.settled(s.id)
	if err != nil {
		w.gone(e, err)
		return false
	}
	*s = seen{id: s.id, status: st.StackStatus, size: sizeOf(st)}
	return true
}

// check holds the stacks of a server that was killed against what was seen of them.
func (w *witness) check(e *emulated) {
	e.t.Helper()
	for name, s := range w.stacks {
		ref := s.id
		if ref == "" {
			ref = name // its creation was not answered
		}
		st, err := e.settled(ref)
		if err != nil {
			if s.id != "" {
				e.t.Errorf("%s, whose creation was answered: %v", name, err)
			}
			delete(w.stacks, name)
			continue
		}
		status, got := st.StackStatus, sizeOf(st)
		allowed := map[types.StackStatus]string{s.status: s.size}
		switch s.asked {
		case "1":
			allowed = map[types.StackStatus]string{types.StackStatusCreateComplete: "1", types.StackStatusRollbackComplete: ""}
		case "2":
			allowed[types.StackStatusUpdateComplete], allowed[types.StackStatusUpdateRollbackComplete] = "2", "1"
		case "deleted":
			allowed[types.StackStatusDeleteComplete] = ""
		}
		if want, ok := allowed[status]; !ok || got != want {
			e.t.Errorf("%s is %s with the size %q; it was seen as %+v", name, status, got, *s)
		}
		*s = seen{id: *st.StackId, status: status, size: got}
	}
}

// clusters are those that there should be, and there are.
func (w *witness) clusters() []string {
	var names []string
	for name, s := range w.stacks {
		if s.status != types.StackStatusDeleteComplete && s.status != types.StackStatusRollbackComplete {
			names = append(names, name)
		}
	}
	return names
}

func (e *emulated) clusters(prefixes ...string) []string {
	e.t.Helper()
	names := []string{}
	pages := ecs.NewListClustersPaginator(e.ecs, &ecs.ListClustersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(e.t.Context())
		if err != nil {
			e.t.Fatal(err)
		}
		for _, arn := range page.ClusterArns {
			name := arn[strings.LastIndex(arn, "/")+1:]
			if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p+"-") }) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// shop is the pair of stacks that the templates make, with its load balancer.
func (e *emulated) shop() (address string) {
	e.t.Helper()
	create := func(name string, body string, given ...types.Parameter) types.Stack {
		_, err := e.cfn.CreateStack(e.t.Context(), &cloudformation.CreateStackInput{
			StackName: &name, TemplateBody: &body, Parameters: given, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		})
		if err != nil {
			e.t.Fatal(err)
		}
		st, err := e.settled(name)
		if err != nil || st.StackStatus != types.StackStatusCreateComplete {
			e.t.Fatalf("%s is %s: %s, %v", name, st.StackStatus, aws.ToString(st.StackStatusReason), err)
		}
		return st
	}
	network := create("network", templates.Network())
	create("shop", templates.Service(), shopParameters(1)...)
	for _, o := range network.Outputs {
		if strings.HasPrefix(*o.OutputValue, "http://127.0.0.1:") {
			return *o.OutputValue
		}
	}
	e.t.Fatalf("the network stack puts out no URL: %v", network.Outputs)
	return ""
}

// serves waits until the shop's load balancer answers with an image.
func (e *emulated) serves(address, image string) {
	e.t.Helper()
	for client := (&http.Client{Timeout: 5 * time.Second}); ; time.Sleep(20 * time.Millisecond) { // polls
		if err := e.t.Context().Err(); err != nil {
			e.t.Fatal(err)
		}
		resp, err := client.Get(address)
		if err != nil {
			e.t.Fatalf("the load balancer is not at %s: %v", address, err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err == nil && resp.StatusCode == http.StatusOK && strings.TrimSpace(string(text)) == "Hello from "+image {
			return
		}
	}
}

// TestKilledEmulateLosesNothing kills the command at random moments while clients create,
// update and delete stacks, deploy a service, and change things through ECS, Elastic Load
// Balancing and Parameter Store, and starts it again: all that a client has seen to be over
// is there, and all that was not is brought to an end.
func TestKilledEmulateLosesNothing(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state")
	e := emulate(t, state)
	address := e.shop()
	var byHand direct
	byHand.begin(e)
	deploys := rollouts{told{1, 1}}
	witnesses := []*witness{{prefix: "a"}, {prefix: "b"}, {prefix: "c"}}
	var prefixes []string
	for _, w := range witnesses {
		w.stacks = map[string]*seen{}
		prefixes = append(prefixes, w.prefix)
	}
	for round := range kills {
		var working sync.WaitGroup
		for _, w := range witnesses {
			working.Go(func() { w.work(e, round) })
		}
		working.Go(func() { deploys.work(e) })
		working.Go(func() { byHand.work(e) })
		time.Sleep(time.Duration(200+rand.IntN(1000)) * time.Millisecond) // any moment will do
		if round == 0 {                                                   // and one by which something was over
			select {
			case <-byHand.over:
			case <-time.After(time.Minute):
				t.Error("no round of changes by hand is over within a minute")
			}
		}
		e.kill()
		working.Wait()

		e = emulate(t, state)
		var expected []string
		for _, w := range witnesses {
			w.check(e)
			expected = append(expected, w.clusters()...)
		}
		slices.Sort(expected)
		if diff := cmp.Diff(expected, e.clusters(prefixes...)); diff != "" {
			t.Errorf("clusters of stacks, and those that there are (-want +got):\n%s", diff)
		}
		byHand.check(e)
		deploys.check(e, address)
	}
	t.Logf("%d rounds of changes by hand, and %s", byHand.path.seen, shopImage(deploys.image.seen))
	stacks := 0
	for _, w := range witnesses {
		stacks += len(w.stacks)
	}
	if stacks < kills {
		t.Errorf("only %d stacks were made, so that the test shows nothing", stacks)
	}
	e.kill()
}
