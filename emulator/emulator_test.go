package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/slipway-go/slipway/emulator"
)

func start(t *testing.T, o emulator.Options) *emulator.Server {
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
	return srv
}

func config(srv *emulator.Server, region string) aws.Config {
	endpoint := srv.URL()
	return aws.Config{
		Region: region, BaseEndpoint: &endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// stacks creates the two stacks of testdata's hand-written templates and returns the
// URL of their load balancer.
func stacks(t *testing.T, cfn *cloudformation.Client, image string) string {
	t.Helper()
	create := func(name, file string, parameters ...types.Parameter) types.Stack {
		body, err := os.ReadFile(filepath.Join("../internal/cfntemplate/testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		_, err = cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: &name, TemplateBody: aws.String(string(body)), Parameters: parameters,
			Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		})
		if err != nil {
			t.Fatal(err)
		}
		st := settled(t, cfn, name)
		if st.StackStatus != types.StackStatusCreateComplete {
			t.Fatalf("%s is %s: %s", name, st.StackStatus, aws.ToString(st.StackStatusReason))
		}
		return st
	}
	network := create("network", "network.yaml")
	create("service", "service.yaml",
		parameter("StackName", "network"), parameter("ServiceName", "hello"), parameter("ImageUrl", image),
		parameter("HealthCheckIntervalSeconds", "10"))
	for _, o := range network.Outputs {
		if *o.OutputKey == "ExternalUrl" {
			return *o.OutputValue
		}
	}
	t.Fatal("the network stack puts out no ExternalUrl")
	return ""
}

func parameter(key, value string) types.Parameter {
	return types.Parameter{ParameterKey: &key, ParameterValue: &value}
}

// settled waits until nothing goes on in the stack; go test's timeout bounds it.
func settled(t *testing.T, cfn *cloudformation.Client, name string) types.Stack {
	t.Helper()
	for {
		out, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if st := out.Stacks[0]; !strings.HasSuffix(string(st.StackStatus), "_IN_PROGRESS") {
			return st
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func body(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestStacksServeTraffic(t *testing.T) {
	t.Parallel()
	var (
		mu     sync.Mutex
		states = map[string]bool{}
	)
	srv := start(t, emulator.Options{Speed: 200, OnTargetHealth: func(h emulator.TargetHealth) {
		mu.Lock()
		defer mu.Unlock()
		states[h.State] = true
		if h.Region != "eu-west-1" || h.TargetGroupARN == "" || h.Target == "" || h.Time.IsZero() {
			t.Errorf("incomplete event %+v", h)
		}
	}})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	address := stacks(t, cfn, "docker.io/acme/hello:v1")
	if got := body(t, address); !strings.Contains(got, "docker.io/acme/hello:v1") {
		t.Errorf("the load balancer answers %q", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if !states["initial"] || !states["healthy"] {
		t.Errorf("health was reported as %v", states)
	}
}

func TestRegionsAreApart(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	here := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	there := cloudformation.NewFromConfig(config(srv, "us-west-2"))
	_, err := here.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("only-here"), TemplateBody: aws.String(`{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, here, "only-here")
	out, err := there.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Stacks) != 0 {
		t.Errorf("a stack of another region is here: %s", *out.Stacks[0].StackName)
	}
}

func TestCallerIdentity(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	who, err := sts.NewFromConfig(config(srv, "eu-west-1")).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if *who.Account != "123456789012" {
		t.Errorf("account %s", *who.Account)
	}
}

func TestUnknownServiceIsRefused(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	resp, err := http.PostForm(srv.URL(), url.Values{"Action": {"ListUsers"}, "Version": {"2010-05-08"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(data), "<Code>InvalidAction</Code>") {
		t.Errorf("%s: %s", resp.Status, data)
	}
}

func TestStartRefusesBadAddresses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	if _, err := emulator.Start(t.Context(), emulator.Options{Addr: taken.Addr().String()}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port in use gives %v", err)
	}
	for _, addr := range []string{"0.0.0.0:0", "example.com:80", "4566", ":4566"} {
		if _, err := emulator.Start(t.Context(), emulator.Options{Addr: addr}); err == nil || !strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s gives %v, want advice", addr, err)
		}
	}
}

// TestCloseWaitsForRequests closes an AWS while clients ask it for stacks: the race
// detector sees when a request outlives the services that it uses.
func TestCloseWaitsForRequests(t *testing.T) {
	t.Parallel()
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: 200})
	if err != nil {
		t.Fatal(err)
	}
	var clients sync.WaitGroup
	begun := make(chan struct{}, 4)
	for i := range cap(begun) {
		clients.Go(func() {
			for n := 0; ; n++ {
				resp, err := http.PostForm(srv.URL(), url.Values{
					"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {fmt.Sprintf("s-%d-%d", i, n)},
					"TemplateBody": {`{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`},
				})
				if n == 0 {
					begun <- struct{}{}
				}
				if err != nil {
					return // closed
				}
				_ = resp.Body.Close()
			}
		})
	}
	for range cap(begun) {
		<-begun
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	clients.Wait()
}

// TestCloseLeavesNothing closes an AWS in the middle of a rollout.
func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(srv, "eu-west-1")
	client := &http.Client{Transport: &http.Transport{}}
	cfg.HTTPClient = client
	cfn := cloudformation.NewFromConfig(cfg)
	address := stacks(t, cfn, "docker.io/acme/hello:v1")
	_, err = cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("service"), UsePreviousTemplate: aws.Bool(true), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		Parameters: []types.Parameter{
			parameter("StackName", "network"), parameter("ServiceName", "hello"),
			parameter("ImageUrl", "docker.io/acme/hello:v2"), parameter("HealthCheckIntervalSeconds", "10"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	if err := srv.Close(); err != nil {
		t.Error("closing again:", err)
	}
	client.CloseIdleConnections()
	if resp, err := client.Get(address); err == nil {
		_ = resp.Body.Close()
		t.Error("the load balancer still answers")
	}
	// The client's own goroutines end a moment after its connections.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for runtime.NumGoroutine() > before {
		if ctx.Err() != nil {
			stack := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stack[:runtime.Stack(stack, true)])
		}
		runtime.Gosched()
	}
}
