package ecs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// shifted is a bubble with a service that shifts traffic between two target groups.
type shifted struct {
	*bubble
	blue, green      string // target groups
	production, test string // listener rules
}

// newShifted makes the load balancer's side: rules that only know the blue group.
func newShifted(t *testing.T) *shifted {
	t.Helper()
	w := &shifted{bubble: newBubble(t)}
	w.blue, w.green = w.group("blue", 10, 20), w.group("green", 10, 20)
	w.production = w.rule(1, "/*", elb.TargetGroupTuple{TargetGroupArn: w.blue})
	w.test = w.rule(2, "/test/*", elb.TargetGroupTuple{TargetGroupArn: w.blue})
	return w
}

// serve creates the service with two tasks of an image.
func (w *shifted) serve(image string, c *DeploymentConfiguration) {
	w.t.Helper()
	two, port := 2, 80
	w.create(&CreateServiceInput{
		TaskDefinition: w.register(image), DesiredCount: &two, DeploymentConfiguration: c,
		LoadBalancers: []LoadBalancer{{
			ContainerName: "web", ContainerPort: &port, TargetGroupArn: w.blue,
			AdvancedConfiguration: &AdvancedConfiguration{
				AlternateTargetGroupArn: w.green, ProductionListenerRule: w.production, TestListenerRule: w.test,
				RoleArn: "arn:aws:iam::123456789012:role/shift",
			},
		}},
	})
}

func blueGreen(bake int) *DeploymentConfiguration {
	return &DeploymentConfiguration{
		Strategy: strategyBlueGreen, BakeTimeInMinutes: &bake,
		DeploymentCircuitBreaker: &DeploymentCircuitBreaker{Enable: true, Rollback: true},
	}
}

// weightsOf are the weights of the blue and the green group in a rule.
func (w *shifted) weightsOf(rule string) string {
	w.t.Helper()
	out, err := w.balancers.DescribeRules(w.t.Context(), &elb.DescribeRulesInput{RuleArns: []string{rule}})
	w.check(err)
	weights := map[string]int{}
	for _, g := range out.Rules[0].Actions[0].ForwardConfig.TargetGroups {
		weights[g.TargetGroupArn] = *g.Weight
	}
	return fmt.Sprintf("%d/%d", weights[w.blue], weights[w.green])
}

// release is the newest service deployment, as DescribeServiceDeployments shows it.
func (w *shifted) newest() ServiceDeployment {
	w.t.Helper()
	list, err := w.service.ListServiceDeployments(w.t.Context(), &ListServiceDeploymentsInput{Cluster: "main", Service: "web"})
	w.check(err)
	out, err := w.service.DescribeServiceDeployments(w.t.Context(), &DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{list.ServiceDeployments[0].ServiceDeploymentArn},
	})
	w.check(err)
	return out.ServiceDeployments[0]
}

// follow notes the lifecycle stage, the weights of both rules (blue/green), and what the
// old and new tasks do, whenever one of them has changed.
func (w *shifted) follow(length time.Duration) []string {
	w.t.Helper()
	var lines []string
	began, before := w.clock.Now(), ""
	for second := range int(length / time.Second) {
		time.Sleep(began.Add(time.Duration(second)*time.Second + 950*time.Millisecond).Sub(w.clock.Now()))
		synctest.Wait()
		r, _ := w.look()
		d := w.newest()
		state := fmt.Sprintf("%s %s production %s test %s: %s; %s", d.Status, d.LifecycleStage, w.weightsOf(w.production), w.weightsOf(w.test), r.old, r.new)
		if state != before {
			lines = append(lines, fmt.Sprintf("%d %s", second, state))
		}
		before = state
	}
	return lines
}

// TestBlueGreenTimeline: each stage without work of its own takes 5 s (stageTime), and
// tasks need 11 s to run, 21 s to be healthy, and 22 s until the scheduler knows.
func TestBlueGreenTimeline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		w.serve("v1", blueGreen(1))
		if got := w.weightsOf(w.production); got != "100/0" {
			t.Errorf("weights after the first deployment %s, want 100/0", got)
		}
		w.deploy(w.register("v2"))
		want := []string{
			"0 IN_PROGRESS PRE_SCALE_UP production 100/0 test 100/0: 2 healthy; ",
			"5 IN_PROGRESS SCALE_UP production 100/0 test 100/0: 2 healthy; ",
			"6 IN_PROGRESS SCALE_UP production 100/0 test 100/0: 2 healthy; 2 pending",
			"17 IN_PROGRESS SCALE_UP production 100/0 test 100/0: 2 healthy; 2 running",
			"27 IN_PROGRESS SCALE_UP production 100/0 test 100/0: 2 healthy; 2 healthy",
			"28 IN_PROGRESS POST_SCALE_UP production 100/0 test 100/0: 2 healthy; 2 healthy",
			"33 IN_PROGRESS TEST_TRAFFIC_SHIFT production 100/0 test 0/100: 2 healthy; 2 healthy",
			"38 IN_PROGRESS POST_TEST_TRAFFIC_SHIFT production 100/0 test 0/100: 2 healthy; 2 healthy",
			"43 IN_PROGRESS PRODUCTION_TRAFFIC_SHIFT production 0/100 test 0/100: 2 healthy; 2 healthy",
			"48 IN_PROGRESS POST_PRODUCTION_TRAFFIC_SHIFT production 0/100 test 0/100: 2 healthy; 2 healthy",
			"53 IN_PROGRESS BAKE_TIME production 0/100 test 0/100: 2 healthy; 2 healthy",
			"113 IN_PROGRESS CLEAN_UP production 0/100 test 0/100: 2 healthy; 2 healthy", // 53+60
			"114 IN_PROGRESS CLEAN_UP production 0/100 test 0/100: 2 draining; 2 healthy",
			"134 IN_PROGRESS CLEAN_UP production 0/100 test 0/100: 2 stopping; 2 healthy", // 114+20
			"136 IN_PROGRESS CLEAN_UP production 0/100 test 0/100: 2 stopped; 2 healthy",
			"141 SUCCESSFUL CLEAN_UP production 0/100 test 0/100: 2 stopped; 2 healthy",
		}
		if diff := cmp.Diff(want, w.follow(150*time.Second)); diff != "" {
			t.Errorf("timeline (-want +got):\n%s", diff)
		}

		// The target groups change places.
		w.deploy(w.register("v3"))
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		if got := w.weightsOf(w.production); got != "100/0" {
			t.Errorf("weights after the third deployment %s, want 100/0", got)
		}
		revisions, err := w.service.DescribeServiceRevisions(t.Context(), &DescribeServiceRevisionsInput{
			ServiceRevisionArns: []string{w.newest().TargetServiceRevision.Arn},
		})
		w.check(err)
		resolved := []ServiceRevisionLoadBalancer{{TargetGroupArn: w.blue, ProductionListenerRule: w.production}}
		if diff := cmp.Diff(resolved, revisions.ServiceRevisions[0].ResolvedConfiguration.LoadBalancers); diff != "" {
			t.Errorf("resolved load balancers (-want +got):\n%s", diff)
		}
	})
}

// TestTrafficSteps: what is shifted when, by the API reference of LinearConfiguration and
// CanaryConfiguration: the bake time of a step is not applied at 100 percent.
func TestTrafficSteps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		c    DeploymentConfiguration
		want []string // of the production rule, by the seconds since the first shift
	}{
		{"linear by 30", DeploymentConfiguration{Strategy: strategyLinear, LinearConfiguration: &LinearConfiguration{StepPercent: new(30.0), StepBakeTimeInMinutes: new(1)}},
			[]string{"0 70/30", "60 40/60", "120 10/90", "180 0/100"}},
		{"linear by 33.3", DeploymentConfiguration{Strategy: strategyLinear, LinearConfiguration: &LinearConfiguration{StepPercent: new(33.3), StepBakeTimeInMinutes: new(1)}},
			[]string{"0 667/333", "60 334/666", "120 1/999", "180 0/100"}},
		{"canary by default", DeploymentConfiguration{Strategy: strategyCanary}, []string{"0 95/5", "600 0/100"}},
		{"canary of 10", DeploymentConfiguration{Strategy: strategyCanary, CanaryConfiguration: &CanaryConfiguration{CanaryPercent: new(10.0), CanaryBakeTimeInMinutes: new(2)}},
			[]string{"0 90/10", "120 0/100"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newShifted(t)
				defer w.close()
				w.serve("v1", &tt.c)
				w.deploy(w.register("v2"))
				var got []string
				first, before := 0, "100/0"
				for second := 0; w.newest().Status == releaseInProgress; second++ {
					synctest.Wait()
					now := w.weightsOf(w.production)
					if now != before && len(got) == 0 {
						first = second
					}
					if now != before {
						got = append(got, fmt.Sprintf("%d %s", second-first, now))
					}
					before = now
					time.Sleep(time.Second)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("weights (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestShiftRollsBack: whatever ends a deployment before its end, the traffic is back
// with the old tasks, which were never stopped.
func TestShiftRollsBack(t *testing.T) {
	t.Parallel()
	stop := func(w *shifted) {
		_, err := w.service.StopServiceDeployment(w.t.Context(), &StopServiceDeploymentInput{ServiceDeploymentArn: w.newest().ServiceDeploymentArn, StopType: "ROLLBACK"})
		w.check(err)
	}
	for _, tt := range []struct {
		name   string
		image  string
		at     string // lifecycle stage in which something happens; empty: by itself
		do     func(*shifted)
		reason string
	}{
		{"by the circuit breaker", "crash", "", nil, "circuit breaker threshold was exceeded"},
		{"by a stop before the shift", "v2", "POST_SCALE_UP", stop, "stopped by the user"},
		{"by a stop in the bake time", "v2", "BAKE_TIME", stop, "stopped by the user"},
		{"by a stop in the clean-up", "v2", "CLEAN_UP", func(w *shifted) { time.Sleep(22 * time.Second); stop(w) }, "stopped by the user"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newShifted(t)
				defer w.close()
				w.serve("v1", blueGreen(5))
				w.deploy(w.register(tt.image))
				source := w.newest().SourceServiceRevisions
				for tt.do != nil && w.newest().LifecycleStage != tt.at {
					time.Sleep(time.Second)
				}
				if tt.do != nil {
					tt.do(w)
				}
				for d := w.newest(); d.Status == releaseInProgress || d.Status == releaseRollbackInProgress; d = w.newest() {
					time.Sleep(time.Second)
				}
				d := w.newest()
				if d.Status != releaseRollbackSuccessful || !strings.Contains(d.StatusReason, tt.reason) || d.Rollback.ServiceRevisionArn != source[0].Arn {
					t.Errorf("service deployment is %s (%s), rolled back to %+v, want to %s", d.Status, d.StatusReason, d.Rollback, source[0].Arn)
				}
				if production, test := w.weightsOf(w.production), w.weightsOf(w.test); production != "100/0" || test != "100/0" {
					t.Errorf("weights are %s, for tests %s, want 100/0", production, test)
				}
				s := w.describe()
				if s.RunningCount != 2 || len(s.Deployments) != 1 || s.Deployments[0].RolloutState != rolloutCompleted {
					t.Errorf("%d tasks run, deployments %+v", s.RunningCount, s.Deployments)
				}
				w.deploy(w.register("v3")) // and the next one goes well
				w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
				if got := w.weightsOf(w.production); got != "0/100" {
					t.Errorf("weights after the next deployment %s, want 0/100", got)
				}
			})
		})
	}
}

// TestShiftIsReplaced: a new deployment during another begins with RECONCILE_SERVICE,
// and goes on from what has the traffic.
func TestShiftIsReplaced(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at   string
		want string // weights in the end
	}{
		{"POST_SCALE_UP", "0/100"}, // v1 had the traffic, in blue
		{"BAKE_TIME", "100/0"},     // v2 had it, in green
	} {
		t.Run(tt.at, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newShifted(t)
				defer w.close()
				w.serve("v1", blueGreen(5))
				w.deploy(w.register("v2"))
				for w.newest().LifecycleStage != tt.at {
					time.Sleep(time.Second)
				}
				w.deploy(w.register("v3"))
				if stage := w.newest().LifecycleStage; stage != "RECONCILE_SERVICE" {
					t.Errorf("first stage %s, want RECONCILE_SERVICE", stage)
				}
				w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
				if got := w.weightsOf(w.production); got != tt.want {
					t.Errorf("weights %s, want %s", got, tt.want)
				}
				if s := w.describe(); s.RunningCount != 2 || w.newest().Status != releaseSuccessful {
					t.Errorf("%d tasks run, %s", s.RunningCount, w.newest().Status)
				}
			})
		})
	}
}

// TestPauseHooks: a deployment waits for ContinueServiceDeployment, or for the hook's
// time to be over, which rolls it back unless configured otherwise.
func TestPauseHooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		c := blueGreen(0)
		c.LifecycleHooks = []DeploymentLifecycleHook{{TargetType: "PAUSE", LifecycleStages: []string{"POST_TEST_TRAFFIC_SHIFT"}, TimeoutConfiguration: &DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: new(30)}}}
		two, port := 2, 80
		_, err := w.service.CreateService(t.Context(), &CreateServiceInput{
			Cluster: "main", ServiceName: "web", LaunchType: "FARGATE", TaskDefinition: w.register("v1"), DesiredCount: &two, DeploymentConfiguration: c,
			NetworkConfiguration: &NetworkConfiguration{AwsvpcConfiguration: &AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
			LoadBalancers: []LoadBalancer{{ContainerName: "web", ContainerPort: &port, TargetGroupArn: w.blue, AdvancedConfiguration: &AdvancedConfiguration{
				AlternateTargetGroupArn: w.green, ProductionListenerRule: w.production, RoleArn: "arn:aws:iam::123456789012:role/shift",
			}}},
		})
		w.check(err)
		held := func() ServiceDeployment {
			time.Sleep(10 * time.Minute)
			d := w.newest()
			if len(d.LifecycleHookDetails) != 1 || d.LifecycleHookDetails[0].Status != "AWAITING_ACTION" || d.LifecycleStage != "POST_TEST_TRAFFIC_SHIFT" {
				t.Fatalf("after 10 minutes: %s, hooks %+v", d.LifecycleStage, d.LifecycleHookDetails)
			}
			return d
		}
		d := held() // hooks hold the first deployment, too
		_, err = w.service.ContinueServiceDeployment(t.Context(), &ContinueServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn, HookId: d.LifecycleHookDetails[0].HookId})
		w.check(err)
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		if got := w.newest().LifecycleHookDetails[0].Status; got != "SUCCEEDED" {
			t.Errorf("hook that was continued: %s, want SUCCEEDED", got)
		}

		w.deploy(w.register("v2"))
		held()
		time.Sleep(25 * time.Minute)
		if d := w.newest(); d.Status != releaseRollbackSuccessful || d.LifecycleHookDetails[0].Status != "TIMED_OUT" {
			t.Errorf("after 35 minutes: %s, hooks %+v", d.Status, d.LifecycleHookDetails)
		}
	})
}

// TestShiftNeedsItsRule: a rule that is gone ends the deployment.
func TestShiftNeedsItsRule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		w.serve("v1", blueGreen(1))
		_, err := w.balancers.DeleteRule(t.Context(), &elb.DeleteRuleInput{RuleArn: w.production})
		w.check(err)
		w.deploy(w.register("v2"))
		time.Sleep(5 * time.Minute)
		if d := w.newest(); d.Status != releaseRollbackFailed {
			t.Errorf("service deployment is %s: %s", d.Status, d.StatusReason)
		}
		if !slices.ContainsFunc(w.describe().Events, func(e ServiceEvent) bool { return strings.Contains(e.Message, "was unable to shift traffic") }) {
			t.Error("no event tells of it")
		}
	})
}

// TestUnhealthyTargetEvent: the event tells what the load balancer has seen, as on AWS:
// "(service web) (task ...) (port 80) is unhealthy in (target-group ...) due to (reason
// Health checks failed with these codes: [500])".
func TestUnhealthyTargetEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		w.serve("v1", &DeploymentConfiguration{})
		w.deploy(w.register("sick"))
		time.Sleep(time.Minute)
		w.wantEvent("(port 80) is unhealthy in (target-group " + w.blue + ") due to (reason Health checks failed with these codes: [500])")
	})
}
