package cloudformation_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// things is a resource type of the tests: changing its Name, Place or Size replaces it, Fail makes it
// fail (half: after it was made, refuse: before anything is), and Hold makes it wait until its
// context ends, in EXPRESS mode not.
type things struct {
	mu    sync.Mutex
	calls []string
	made  int
	mends bool // Fail has no effect any more
}

// fails tells whether a thing is to fail in that way.
func (t *things) fails(r cloudformation.Request, how string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return r.Properties["Fail"] == how && !t.mends
}

func (t *things) mend() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mends = true
}

func (t *things) Provider(string) cloudformation.Provider { return t }

func (t *things) Recreation(_ string, path []string) cloudformation.Recreation {
	if path[0] == "Name" || path[0] == "Place" || path[0] == "Size" {
		return cloudformation.Always
	}
	return cloudformation.Never
}

func (t *things) Identity(string) []string { return []string{"Place", "Name"} }

func (t *things) Reader(string) cloudformation.Reader { return nil }

func (t *things) Inert(resourceType string) bool { return resourceType == "Test::Inert" }

func (t *things) TakesTags(resourceType string) bool { return resourceType == "Test::Tagged" }

func (t *things) Refusal(_ string, properties map[string]any) error {
	if properties["Fail"] == "refuse" {
		return errors.New("no such things here")
	}
	return nil
}

func (t *things) Exists(_ string, properties map[string]any) bool {
	return properties["Name"] == "taken"
}

func (t *things) record(verb string, r cloudformation.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, strings.TrimSpace(verb+" "+r.LogicalID+" "+r.PhysicalID))
}

func (t *things) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	t.record("create", r)
	if t.fails(r, "create") {
		return cloudformation.Resource{}, errors.New("out of things")
	}
	t.mu.Lock()
	t.made++
	id := fmt.Sprintf("%s-%d", strings.ToLower(r.LogicalID), t.made)
	t.mu.Unlock()
	if t.fails(r, "half") {
		return cloudformation.Resource{PhysicalID: id}, errors.New("half a thing")
	}
	r.Initiated(id)
	return t.settle(ctx, id, r)
}

func (t *things) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	t.record("update", r)
	if t.fails(r, "update") {
		return cloudformation.Resource{}, errors.New("out of paint")
	}
	return t.settle(ctx, r.PhysicalID, r)
}

func (t *things) settle(ctx context.Context, id string, r cloudformation.Request) (cloudformation.Resource, error) {
	made := cloudformation.Resource{PhysicalID: id, Attributes: map[string]any{"Colour": r.Properties["Colour"]}}
	if r.Properties["Hold"] != nil && !r.Express {
		<-ctx.Done()
		return made, ctx.Err()
	}
	return made, nil
}

func (t *things) Delete(_ context.Context, r cloudformation.Request) error {
	t.record("delete", r)
	if t.fails(r, "delete") {
		return errors.New("glued to the floor")
	}
	return nil
}

func (t *things) took() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}

type harness struct {
	*testing.T
	*cfn.Client
	things *things
}

func start(t *testing.T) harness {
	t.Helper()
	return startAt(t, 1000)
}

// startAt starts a CloudFormation whose time passes at that speed.
func startAt(t *testing.T, speed float64) harness {
	t.Helper()
	th := &things{}
	svc := cloudformation.New(cloudformation.Options{
		Clock: clock.New(speed), Types: th, Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"},
		Logger: slog.New(slog.DiscardHandler),
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, form, err := wire.Identify(r)
		if err != nil {
			t.Error(err)
		}
		svc.API().Serve(w, r, call, form)
	}))
	t.Cleanup(func() {
		srv.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	return harness{T: t, things: th, Client: cfn.New(cfn.Options{
		Region: "eu-central-1", BaseEndpoint: &srv.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})}
}

func (h harness) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// refused checks that err is an API error with that code whose message contains text.
func (h harness) refused(err error, code, text string) {
	h.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		h.Errorf("error %v, want %s with %q", err, code, text)
	}
}

func (h harness) create(name, body string, parameters ...types.Parameter) types.Stack {
	h.Helper()
	_, err := h.CreateStack(h.Context(), &cfn.CreateStackInput{StackName: &name, TemplateBody: &body, Parameters: parameters})
	h.must(err)
	return h.settled(name)
}

func (h harness) update(name, body string, parameters ...types.Parameter) types.Stack {
	h.Helper()
	_, err := h.UpdateStack(h.Context(), &cfn.UpdateStackInput{StackName: &name, TemplateBody: &body, Parameters: parameters})
	h.must(err)
	return h.settled(name)
}

func (h harness) describe(name string) types.Stack {
	h.Helper()
	out, err := h.DescribeStacks(h.Context(), &cfn.DescribeStacksInput{StackName: &name})
	h.must(err)
	return out.Stacks[0]
}

// settled waits until no operation runs on the stack; go test's timeout bounds it.
func (h harness) settled(name string) types.Stack {
	h.Helper()
	for {
		if st := h.describe(name); !strings.HasSuffix(string(st.StackStatus), "_IN_PROGRESS") {
			return st
		}
		time.Sleep(time.Millisecond)
	}
}

func (h harness) wantStatus(st types.Stack, want types.StackStatus) {
	h.Helper()
	if st.StackStatus != want {
		h.Fatalf("stack %s is %s (%s), want %s", *st.StackName, st.StackStatus, aws.ToString(st.StackStatusReason), want)
	}
}

// events are the stack's events, oldest first, as "logical id STATUS reason".
func (h harness) events(name string) []string {
	h.Helper()
	out, err := h.DescribeStackEvents(h.Context(), &cfn.DescribeStackEventsInput{StackName: &name})
	h.must(err)
	var lines []string
	for _, e := range out.StackEvents {
		line := *e.LogicalResourceId + " " + string(e.ResourceStatus)
		if e.ResourceStatusReason != nil {
			line += " " + *e.ResourceStatusReason
		}
		lines = append([]string{line}, lines...)
	}
	return lines
}

func set(key, value string) types.Parameter {
	return types.Parameter{ParameterKey: &key, ParameterValue: &value}
}

func previous(key string) types.Parameter {
	return types.Parameter{ParameterKey: &key, UsePreviousValue: aws.Bool(true)}
}
