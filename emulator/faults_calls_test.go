package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// once is a configuration whose clients try each call once.
func once(srv *emulator.Server) aws.Config {
	cfg := config(srv, "eu-west-1")
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return cfg
}

func inject(t *testing.T, srv *emulator.Server, f emulator.Fault) string {
	t.Helper()
	id, err := srv.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// answered is how AWS answers an error: "400 Throttling: Rate exceeded".
func answered(err error) string {
	var (
		api  smithy.APIError
		http *smithyhttp.ResponseError
	)
	if !errors.As(err, &api) || !errors.As(err, &http) {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%d %s: %s", http.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage())
}

func describeStacks(t *testing.T, cfg aws.Config) error {
	t.Helper()
	_, err := cloudformation.NewFromConfig(cfg).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	return err
}

func listClusters(t *testing.T, cfg aws.Config) error {
	t.Helper()
	_, err := ecs.NewFromConfig(cfg).ListClusters(t.Context(), &ecs.ListClustersInput{})
	return err
}

func createTopic(ctx context.Context, cfg aws.Config, name string) error {
	_, err := cloudformation.NewFromConfig(cfg).CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: aws.String(`{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`),
	})
	return err
}

// TestFaultThrottle and TestFaultError: the codes are those that each service throttles
// with, and those of "Common errors" in the API references.
func TestFaultThrottle(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	cfg := once(srv)
	id := inject(t, srv, emulator.FaultThrottle{FaultCalls: emulator.FaultCalls{Operation: "DescribeS*"}, FaultWhen: emulator.FaultWhen{Times: 1}})
	if err := listClusters(t, cfg); err != nil {
		t.Errorf("an operation that the fault does not name: %v", err)
	}
	if got := answered(describeStacks(t, cfg)); got != "400 Throttling: Rate exceeded" {
		t.Errorf("CloudFormation is throttled with %q", got)
	}
	if err := describeStacks(t, cfg); err != nil {
		t.Errorf("the fault was to strike once: %v", err)
	}
	want := emulator.InjectedFault{ID: id, Fault: emulator.FaultThrottle{
		FaultCalls: emulator.FaultCalls{Operation: "DescribeS*"}, FaultWhen: emulator.FaultWhen{Times: 1},
	}, Occasions: 2, Strikes: 1}
	if diff := cmp.Diff([]emulator.InjectedFault{want}, srv.Faults()); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}

	inject(t, srv, emulator.FaultThrottle{FaultCalls: emulator.FaultCalls{Service: "ecs"}, FaultWhen: emulator.FaultWhen{Times: 3}})
	if got := answered(listClusters(t, cfg)); got != "400 ThrottlingException: Rate exceeded" {
		t.Errorf("ECS is throttled with %q", got)
	}
	if err := listClusters(t, config(srv, "eu-west-1")); err != nil {
		t.Errorf("an SDK tries throttled calls again: %v", err)
	}
}

func TestFaultThrottleByRate(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	id := inject(t, srv, emulator.FaultThrottle{Rate: 1.0 / 3600, Burst: 2})
	for range 2 {
		if err := describeStacks(t, once(srv)); err != nil {
			t.Errorf("within the burst: %v", err)
		}
	}
	if got := answered(describeStacks(t, once(srv))); got != "400 Throttling: Rate exceeded" {
		t.Errorf("over the rate: %q", got)
	}
	inject(t, srv, emulator.FaultClock{Jump: time.Hour})
	if err := describeStacks(t, once(srv)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	if err := srv.ClearFault(id); err != nil {
		t.Error(err)
	}
	if err := describeStacks(t, once(srv)); err != nil {
		t.Errorf("the fault was cleared: %v", err)
	}
}

func TestFaultError(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	for _, tt := range []struct {
		fault emulator.FaultError
		want  string
	}{
		{emulator.FaultError{}, "500 InternalFailure: The request processing has failed because of an unknown error, exception or failure."},
		{emulator.FaultError{Code: "ServiceUnavailable"}, "503 ServiceUnavailable: The request has failed due to a temporary failure of the server."},
		{emulator.FaultError{Code: "LimitExceededException", Message: "Too many.", Status: 400}, "400 LimitExceededException: Too many."},
	} {
		id := inject(t, srv, tt.fault)
		if got := answered(describeStacks(t, once(srv))); got != tt.want {
			t.Errorf("CloudFormation answers %q, want %q", got, tt.want)
		}
		if got := answered(listClusters(t, once(srv))); got != tt.want {
			t.Errorf("ECS answers %q, want %q", got, tt.want)
		}
		if err := srv.ClearFault(id); err != nil {
			t.Error(err)
		}
	}
}

func TestFaultCut(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		srv := start(t, emulator.Options{Speed: 200})
		inject(t, srv, emulator.FaultCut{
			FaultCalls: emulator.FaultCalls{Operation: "CreateStack"},
			FaultWhen:  emulator.FaultWhen{Nth: 2, Times: 1}, After: after,
		})
		if err := createTopic(t.Context(), once(srv), "first"); err != nil {
			t.Fatal(err)
		}
		var unanswered *smithyhttp.RequestSendError
		if err := createTopic(t.Context(), once(srv), "second"); !errors.As(err, &unanswered) || !errors.Is(err, io.EOF) {
			t.Errorf("after %t: error %v, want a connection that ends without an answer", after, err)
		}
		out, err := cloudformation.NewFromConfig(once(srv)).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
		if err != nil {
			t.Fatal(err)
		}
		if made := len(out.Stacks) == 2; made != after {
			t.Errorf("after %t: %d stacks", after, len(out.Stacks))
		}
		var operations []string
		for _, c := range srv.Calls() {
			operations = append(operations, c.Service+":"+c.Operation+" by "+c.AccessKeyID)
		}
		if diff := cmp.Diff([]string{
			"cloudformation:CreateStack by test", "cloudformation:CreateStack by test", "cloudformation:DescribeStacks by test",
		}, operations); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	}
}

func TestFaultLatency(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 100})
	id := inject(t, srv, emulator.FaultLatency{Delay: 10 * time.Second})
	begun := srv.Clock().Now()
	if err := listClusters(t, once(srv)); err != nil {
		t.Error(err)
	}
	if took := srv.Clock().Since(begun); took < 10*time.Second {
		t.Errorf("the call took %s", took)
	}
	if err := srv.ClearFault(id); err != nil {
		t.Error(err)
	}

	inject(t, srv, emulator.FaultLatency{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := createTopic(ctx, once(srv), "held"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held call ends with %v", err)
	}
	before := len(srv.Calls()) // without the held one, where its time was over before it arrived
	answer := make(chan error, 1)
	go func() { answer <- createTopic(t.Context(), once(srv), "goes-on") }()
	for len(srv.Calls()) <= before {
		time.Sleep(time.Millisecond)
	}
	srv.ClearFaults()
	if err := <-answer; err != nil {
		t.Errorf("a call that was held until the fault was cleared: %v", err)
	}
}

// TestCloseEndsHeldCalls: neither kind of call keeps the server from closing.
func TestCloseEndsHeldCalls(t *testing.T) {
	t.Parallel()
	srv, err := emulator.Start(t.Context(), emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	inject(t, srv, emulator.FaultLatency{})
	answers := make(chan error, 2)
	go func() { answers <- describeStacks(t, once(srv)) }()
	go func() { answers <- listClusters(t, once(srv)) }()
	for len(srv.Calls()) < 2 {
		time.Sleep(time.Millisecond)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-answers; err == nil {
			t.Error("a held call is answered by a server that closes")
		}
	}
	if _, err := srv.Inject(emulator.FaultError{}); err == nil {
		t.Error("a closed server takes a fault")
	}
}

func TestFaultPages(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfg := once(srv)
	cfn, containers, balancers := cloudformation.NewFromConfig(cfg), ecs.NewFromConfig(cfg), elbv2.NewFromConfig(cfg)
	names := []string{"one", "two", "three"}
	for _, name := range names {
		if err := createTopic(t.Context(), cfg, name); err != nil {
			t.Fatal(err)
		}
		if _, err := containers.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &name}); err != nil {
			t.Fatal(err)
		}
		_, err := balancers.CreateTargetGroup(t.Context(), &elbv2.CreateTargetGroupInput{
			Name: &name, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, VpcId: aws.String("vpc-1"), TargetType: elbtypes.TargetTypeEnumIp,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	id := inject(t, srv, emulator.FaultPages{})
	slices.Sort(names)
	check := func(what string, pages int, found []string) {
		t.Helper()
		slices.Sort(found)
		if diff := cmp.Diff(names, found); diff != "" || pages != len(names) {
			t.Errorf("%s in %d pages (-want +got):\n%s", what, pages, diff)
		}
	}

	pages, found := 0, []string{}
	for p := cloudformation.NewDescribeStacksPaginator(cfn, &cloudformation.DescribeStacksInput{}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Stacks {
			found = append(found, *s.StackName)
		}
	}
	check("stacks", pages, found)

	pages, found = 0, []string{}
	for p := ecs.NewListClustersPaginator(containers, &ecs.ListClustersInput{MaxResults: aws.Int32(2)}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, arn := range out.ClusterArns {
			found = append(found, arn[strings.LastIndex(arn, "/")+1:])
		}
	}
	check("clusters", pages, found)

	pages, found = 0, []string{}
	for p := elbv2.NewDescribeTargetGroupsPaginator(balancers, &elbv2.DescribeTargetGroupsInput{}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range out.TargetGroups {
			found = append(found, *g.TargetGroupName)
		}
	}
	check("target groups", pages, found)

	first, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	rest, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{NextToken: first.NextToken})
	if err != nil || len(rest.Stacks) != 2 || rest.NextToken != nil {
		t.Errorf("after the fault, the token of a small page gives %v, %v; want the other two", rest, err)
	}
}

func TestFaultsAreRefused(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	for _, f := range []emulator.Fault{
		nil,
		emulator.FaultThrottle{Rate: -1},
		emulator.FaultThrottle{FaultCalls: emulator.FaultCalls{Operation: "[a"}},
		emulator.FaultError{Status: 200},
		emulator.FaultCut{FaultWhen: emulator.FaultWhen{Nth: -1}},
		emulator.FaultLatency{Delay: -1},
		emulator.FaultPages{Size: -1},
		emulator.FaultResource{Action: "REPLACE"},
		emulator.FaultImage{Image: "[a"},
		emulator.FaultTaskKill{Reason: "for no reason"},
		emulator.FaultZone{},
		emulator.FaultHealth{Pass: 1},
		emulator.FaultCapacity{FaultWhen: emulator.FaultWhen{Probability: 2}},
		emulator.FaultClock{},
	} {
		if _, err := srv.Inject(f); err == nil {
			t.Errorf("%#v is accepted", f)
		}
	}
	var unknown *emulator.UnknownFaultError
	if err := srv.ClearFault("fault-7"); !errors.As(err, &unknown) || unknown.ID != "fault-7" {
		t.Errorf("clearing what is not there: %v", err)
	}
	if len(srv.Faults()) != 0 {
		t.Errorf("refused faults are listed: %v", srv.Faults())
	}
}

func TestControlEndpoint(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	ask := func(method, path, contentType, body string) (status int, answer string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", contentType)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, strings.TrimSpace(string(data))
	}
	const json = "application/json"
	for _, tt := range []struct {
		method, path, contentType, body string
		status                          int
		want                            string
	}{
		{"POST", "/_slipway/faults", json, `{"kind": "throttle", "service": "cloudformation", "times": 1}`, 201,
			`{"id":"fault-1","kind":"throttle","occasions":0,"service":"cloudformation","strikes":0,"times":1}`},
		{"POST", "/_slipway/faults", json, `{"kind": "resource", "logicalID": "Service", "delay": "1m"}`, 201,
			`{"delay":"1m0s","id":"fault-2","kind":"resource","logicalID":"Service","occasions":0,"strikes":0}`},
		{"POST", "/_slipway/faults", json, `{"kind": "flood"}`, 400, "there is no kind"},
		{"POST", "/_slipway/faults", json, `{"kind": "cut", "reason": "x"}`, 400, `kind cut has no \"reason\"`},
		{"POST", "/_slipway/faults", json, `{"kind": "latency", "delay": 20}`, 400, `such as \"20s\"`},
		{"POST", "/_slipway/faults", json, `{"kind": "zone"}`, 400, "no zone"},
		{"POST", "/_slipway/faults", json, `{`, 400, "reading a fault"},
		{"POST", "/_slipway/faults", "text/plain", `{"kind": "error"}`, 415, "Content-Type"},
		{"DELETE", "/_slipway/faults/fault-9", "", "", 404, "fault-9"},
		{"DELETE", "/_slipway/faults/fault-2", "", "", 204, ""},
		{"GET", "/_slipway/calls", "", "", 200, `{"calls":[]}`},
		{"GET", "/_slipway/elsewhere", "", "", 404, "ask for"},
	} {
		if status, answer := ask(tt.method, tt.path, tt.contentType, tt.body); status != tt.status || !strings.Contains(answer, tt.want) {
			t.Errorf("%s %s %s answers %d %s; want %d %s", tt.method, tt.path, tt.body, status, answer, tt.status, tt.want)
		}
	}
	if got := answered(describeStacks(t, once(srv))); got != "400 Throttling: Rate exceeded" {
		t.Errorf("the fault by HTTP gives %q", got)
	}
	_, faults := ask("GET", "/_slipway/faults", "", "")
	if want := `{"faults":[{"id":"fault-1","kind":"throttle","occasions":1,"service":"cloudformation","strikes":1,"times":1}]}`; faults != want {
		t.Errorf("faults %s, want %s", faults, want)
	}
	_, calls := ask("GET", "/_slipway/calls", "", "")
	if !strings.Contains(calls, `"service":"cloudformation","operation":"DescribeStacks","region":"eu-west-1","accessKeyID":"test"`) {
		t.Errorf("calls %s", calls)
	}
	ask("DELETE", "/_slipway/calls", "", "")
	ask("DELETE", "/_slipway/faults", "", "")
	if len(srv.Calls()) != 0 || len(srv.Faults()) != 0 {
		t.Errorf("left are %v and %v", srv.Calls(), srv.Faults())
	}
}
