package ecs

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// TestRolloutLosesNoRequest rolls a version out, and then one that never becomes
// healthy, behind a real load balancer under steady traffic.
func TestRolloutLosesNoRequest(t *testing.T) {
	t.Parallel()
	var balancers *elb.Service
	w := newWorld(t, func(o *Options) {
		balancers = elb.New(elb.Options{Clock: o.Clock, Network: o.Network})
		o.Targets = balancers
	})
	t.Cleanup(func() { _ = balancers.Close() })
	group, url := balance(w.ctx, t, balancers)
	w.create(w.register("acme/app:v1"), 2, func(in *awsecs.CreateServiceInput) { in.LoadBalancers[0].TargetGroupArn = &group })
	w.stable()

	answers := send(w.ctx, t, url)
	w.deploy(w.register("acme/app:v2"))
	w.stable()
	w.images.Set(":v3", container.Conduct{Unhealthy: true})
	w.deploy(w.register("acme/app:v3"))
	w.eventually("the rollback", func(svc *service) bool {
		return svc.releases[0].status == releaseRollbackSuccessful
	})
	counts := answers()
	if counts["v1"] == 0 || counts["v2"] == 0 || counts["v3"] > 0 || len(counts) != 2 {
		t.Errorf("answers by version: %v\n%s", counts, w.history())
	}
}

// balance makes a load balancer and returns its target group and URL.
func balance(ctx context.Context, t *testing.T, s *elb.Service) (group, url string) {
	t.Helper()
	lb, err := s.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: "lb", Subnets: []string{"subnet-1", "subnet-2"}})
	if err != nil {
		t.Fatal(err)
	}
	tg, err := s.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: "web", Protocol: "HTTP", Port: 80, VpcId: "vpc-1", TargetType: "ip",
		HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 5, HealthyThresholdCount: 2, UnhealthyThresholdCount: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	group = tg.TargetGroups[0].TargetGroupArn
	if _, err := s.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: group, Attributes: []elb.Attribute{{Key: "deregistration_delay.timeout_seconds", Value: "30"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: lb.LoadBalancers[0].LoadBalancerArn, Port: 80, Protocol: "HTTP",
		DefaultActions: []elb.Action{{Type: "forward", TargetGroupArn: group}},
	}); err != nil {
		t.Fatal(err)
	}
	described, err := s.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		t.Fatal(err)
	}
	return group, "http://" + described.LoadBalancers[0].DNSName + "/"
}

// send asks again and again from several clients, until the returned function is
// called: it returns the number of answers by tag of the image, or by what went wrong.
func send(ctx context.Context, t *testing.T, url string) func() map[string]int {
	t.Helper()
	done := make(chan struct{})
	var (
		mu      sync.Mutex
		clients sync.WaitGroup
		counts  = map[string]int{}
	)
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				answer := ask(ctx, url)
				mu.Lock()
				counts[answer]++
				mu.Unlock()
			}
		})
	}
	return func() map[string]int {
		close(done)
		clients.Wait()
		return counts
	}
}

func ask(ctx context.Context, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close() // read to its end
	if err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Sprintf("status %d, %v", resp.StatusCode, err)
	}
	image := resp.Header.Get("X-Image")
	return image[strings.LastIndex(image, ":")+1:]
}
