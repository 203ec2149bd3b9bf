package conformance_test

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/slipway-go/slipway/emulator"
)

// balanced is a request for a service of one task behind a target group.
func balanced(name, taskDefinition, group string) *ecs.CreateServiceInput {
	in := serviceInput(name, taskDefinition, 1)
	in.LoadBalancers = []ecstypes.LoadBalancer{{TargetGroupArn: &group, ContainerName: aws.String("app"), ContainerPort: aws.Int32(80)}}
	return in
}

// front makes a target group with a drain of 10 seconds, and a load balancer before it.
func (c *cloud) front(t *testing.T, name string) (group, url string) {
	t.Helper()
	group = c.group(t, name)
	c.setGroupAttribute(t, group, "deregistration_delay.timeout_seconds", "10")
	return group, c.behind(t, name, group)
}

// healthLog has the changes of the health of targets.
type healthLog struct {
	mu   sync.Mutex
	list []emulator.TargetHealth
}

func (l *healthLog) note(h emulator.TargetHealth) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, h)
}

// first is when a target was first in a state.
func (l *healthLog) first(t *testing.T, target, state string) time.Time {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.list {
		if h.Target == target && h.State == state {
			return h.Time
		}
	}
	t.Fatalf("%s was never %s", target, state)
	return time.Time{}
}

// targetOf is a task as a target.
func (c *cloud) targetOf(t *testing.T, task string) string {
	t.Helper()
	return detail(c.task(t, task).Attachments[0], "privateIPv4Address") + ":80"
}

func TestServiceBehindALoadBalancer(t *testing.T) {
	t.Parallel()
	var changes healthLog
	c := startWith(t, emulator.Options{Speed: 60, OnTargetHealth: changes.note}).cluster(t)
	v1, v2 := c.register(t, "app", "app:v1"), c.register(t, "app", "app:v2")
	group, address := c.front(t, "web")
	must(t, c.ecs.CreateService, balanced("web", v1, group))
	c.steady(t, "web")

	t.Run("ECS-136 the event of registered targets", func(t *testing.T) {
		same(t, "message", c.said(t, "web", "registered"), "(service web) registered 1 targets in (target-group "+group+")")
	})
	t.Run("ECS-137 a steady service is healthy in its target group", func(t *testing.T) {
		out := must(t, c.elb.DescribeTargetHealth, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
		same(t, "targets", len(out.TargetHealthDescriptions), 1)
		same(t, "state", out.TargetHealthDescriptions[0].TargetHealth.State, elbtypes.TargetHealthStateEnumHealthy)
		same(t, "body", strings.TrimSpace(get(t, address, nil).body), "Hello from app:v1")
	})
	old := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
	oldTarget := c.targetOf(t, old)
	var lost, sent atomic.Int32
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			sent.Add(1)
			if r := fetch(address, nil); r.err != nil || r.status != 200 {
				lost.Add(1)
			}
		}
	}()
	c.deploy(t, "web", v2)
	c.steady(t, "web")
	close(stop)
	<-stopped
	t.Run("ECS-138 a rolling deployment behind a load balancer loses no request", func(t *testing.T) {
		same(t, "lost requests", lost.Load(), 0)
		if sent.Load() < 20 {
			t.Errorf("only %d requests were sent", sent.Load())
		}
	})
	t.Run("ECS-139 the new task is healthy before the old one drains", func(t *testing.T) {
		fresh := c.targetOf(t, c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0])
		healthy, drained := changes.first(t, fresh, "healthy"), changes.first(t, oldTarget, "draining")
		if drained.Before(healthy) {
			t.Errorf("the old task began to drain at %v, before the new one was healthy at %v", drained, healthy)
		}
	})
	t.Run("ECS-140 SIGTERM comes after the drain", func(t *testing.T) {
		var drained time.Time
		for _, e := range c.service(t, "web").Events {
			if strings.Contains(*e.Message, "has begun draining connections on 1 tasks.") {
				drained = *e.CreatedAt
			}
		}
		if took := c.task(t, old).StoppingAt.Sub(drained); drained.IsZero() || took < 9*time.Second { // times are cut to milliseconds
			t.Errorf("SIGTERM %v after the begin of a drain of 10s", took)
		}
	})
	t.Run("ECS-141 the events of a drain", func(t *testing.T) {
		same(t, "draining", c.said(t, "web", "draining"), "(service web) has begun draining connections on 1 tasks.")
		same(t, "deregistered", c.said(t, "web", "deregistered"), "(service web) deregistered 1 targets in (target-group "+group+")")
	})
	t.Run("ECS-142 StopTask does not wait for the drain", func(t *testing.T) {
		arn := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
		c.setGroupAttribute(t, group, "deregistration_delay.timeout_seconds", "3600")
		must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
		c.reaches(t, arn, "STOPPED")
	})
}

func TestTargetZones(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	subnets := outputs(c.create(t, "subnets", resources(
		"A: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: eu-west-1a}}",
		"B: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1b}}")+
		"Outputs: {A: {Value: !Ref A}, B: {Value: !Ref B}}\n"))
	group, _ := c.front(t, "web")
	in := balanced("web", c.register(t, "app", "app:v1"), group)
	in.DesiredCount = aws.Int32(2)
	in.NetworkConfiguration.AwsvpcConfiguration.Subnets = []string{subnets["A"], subnets["B"]}
	must(t, c.ecs.CreateService, in)
	c.steady(t, "web")
	t.Run("ELB-101 a target has the zone of its subnet", func(t *testing.T) {
		want := map[string]string{}
		for _, arn := range c.tasks(t, "web", ecstypes.DesiredStatusRunning) {
			task := c.task(t, arn)
			want[detail(task.Attachments[0], "privateIPv4Address")] = *task.AvailabilityZone
		}
		zones := map[string]bool{}
		for _, d := range must(t, c.elb.DescribeTargetHealth, &elb.DescribeTargetHealthInput{TargetGroupArn: &group}).TargetHealthDescriptions {
			zone := aws.ToString(d.Target.AvailabilityZone)
			same(t, "zone of "+*d.Target.Id, zone, want[*d.Target.Id])
			zones[zone] = true
		}
		same(t, "zones", len(zones), 2)
	})
}

func TestFailingHealthChecks(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	c.SetImage("app:sick", emulator.Conduct{Unhealthy: true})
	v1, sick := c.register(t, "app", "app:v1"), c.register(t, "app", "app:sick")

	t.Run("deployment", func(t *testing.T) {
		t.Parallel()
		group, _ := c.front(t, "web")
		in := balanced("web", v1, group)
		in.DeploymentConfiguration = breaker(true)
		must(t, c.ecs.CreateService, in)
		c.steady(t, "web")
		old := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
		c.deploy(t, "web", sick)
		end := c.ends(t, "web", ecstypes.ServiceDeploymentStatusRollbackSuccessful)
		t.Run("ECS-143 tasks that never become healthy fail a deployment", func(t *testing.T) {
			same(t, "failures", end.DeploymentCircuitBreaker.FailureCount, 3)
		})
		t.Run("ECS-144 the old task serves all along", func(t *testing.T) {
			same(t, "status", *c.task(t, old).LastStatus, "RUNNING")
		})
		t.Run("ECS-145 the event of an unhealthy task", func(t *testing.T) {
			message := c.said(t, "web", "is unhealthy in")
			same(t, "message", strings.Contains(message, "(port 80) is unhealthy in (target-group "+group+") due to (reason "), true)
		})
		t.Run("ECS-146 the stop reason of an unhealthy task", func(t *testing.T) {
			var reasons []string
			for _, arn := range c.tasks(t, "web", ecstypes.DesiredStatusStopped) {
				reasons = append(reasons, *c.task(t, arn).StoppedReason)
			}
			same(t, "reason", strings.Contains(strings.Join(reasons, "\n"), "Task failed ELB health checks in (target-group "+group+")"), true)
		})
	})
	t.Run("ECS-147 without a breaker, old tasks stay and new ones are tried again and again", func(t *testing.T) {
		t.Parallel()
		group, _ := c.front(t, "again")
		must(t, c.ecs.CreateService, balanced("again", v1, group))
		c.steady(t, "again")
		c.deploy(t, "again", sick)
		c.wait(t, "two failures", func() bool { return of(c.service(t, "again"), "PRIMARY").FailedTasks >= 2 })
		same(t, "old tasks", of(c.service(t, "again"), "ACTIVE").RunningCount, 1)
	})
}

func TestGracePeriod(t *testing.T) {
	t.Parallel()
	refuses := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	c := startPrograms(t, programs{"refuses": refuses})
	t.Run("ECS-148 the grace period spares young tasks", func(t *testing.T) {
		group, _ := c.front(t, "grace")
		in := balanced("grace", c.register(t, "grace", "refuses"), group)
		in.HealthCheckGracePeriodSeconds = aws.Int32(120) // the target is unhealthy after ten seconds
		must(t, c.ecs.CreateService, in)
		var arn string
		c.wait(t, "a task to be stopped", func() bool {
			stopped := c.tasks(t, "grace", ecstypes.DesiredStatusStopped)
			if len(stopped) > 0 {
				arn = stopped[0]
			}
			return len(stopped) > 0
		})
		task := c.reaches(t, arn, "STOPPED")
		// Times are cut to milliseconds; a busy machine may need some seconds.
		if lived := task.StoppingAt.Sub(*task.StartedAt); lived < 119*time.Second || lived > 5*time.Minute {
			t.Errorf("stopped after %v, with a grace period of two minutes", lived)
		}
	})
}

// fickle is a program whose first instance fails its health checks while it is told to.
type fickle struct {
	sick  atomic.Bool
	first atomic.Value // the address of the first instance
}

func (f *fickle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	f.first.CompareAndSwap(nil, address.String())
	if f.sick.Load() && f.first.Load() == address.String() {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func TestUnhealthyTaskIsReplaced(t *testing.T) {
	t.Parallel()
	var program fickle
	c := startPrograms(t, programs{"fickle": &program})
	group, _ := c.front(t, "web")
	must(t, c.ecs.CreateService, balanced("web", c.register(t, "fickle", "fickle"), group))
	c.steady(t, "web")
	t.Run("ECS-149 a running task that becomes unhealthy is replaced", func(t *testing.T) {
		old := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
		program.sick.Store(true)
		c.wait(t, "another task", func() bool {
			now := c.tasks(t, "web", ecstypes.DesiredStatusRunning)
			return len(now) == 1 && now[0] != old
		})
		same(t, "stop reason", strings.HasPrefix(*c.task(t, old).StoppedReason, "Task failed ELB health checks in"), true)
		c.steady(t, "web")
	})
}

func TestBlueGreen(t *testing.T) {
	t.Parallel()
	c := start(t, 40).cluster(t)
	c.SetImage("app:v2", emulator.Conduct{PullTime: time.Minute}) // a scale-up that cannot be missed
	v1, v2 := c.register(t, "app", "app:v1"), c.register(t, "app", "app:v2")
	balancer, address := c.balancer(t, "web")
	listener := c.listen(t, balancer, fixed("default"))
	blue, green := c.group(t, "blue"), c.group(t, "green")
	for _, g := range []string{blue, green} {
		c.setGroupAttribute(t, g, "deregistration_delay.timeout_seconds", "5")
	}
	rule := *must(t, c.elb.CreateRule, &elb.CreateRuleInput{ListenerArn: &listener, Priority: aws.Int32(2), Conditions: []elbtypes.RuleCondition{paths("/*")}, Actions: []elbtypes.Action{{
		Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: &blue, Weight: aws.Int32(1)}, {TargetGroupArn: &green, Weight: aws.Int32(0)}}},
	}}}).Rules[0].RuleArn
	trial := *must(t, c.elb.CreateRule, &elb.CreateRuleInput{ListenerArn: &listener, Priority: aws.Int32(1), Conditions: []elbtypes.RuleCondition{paths("/trial")}, Actions: forward(blue)}).Rules[0].RuleArn
	in := balanced("web", v1, blue)
	in.LoadBalancers[0].AdvancedConfiguration = &ecstypes.AdvancedConfiguration{AlternateTargetGroupArn: &green, ProductionListenerRule: &rule, TestListenerRule: &trial, RoleArn: aws.String("arn:aws:iam::123456789012:role/shift")}
	in.DeploymentConfiguration = &ecstypes.DeploymentConfiguration{Strategy: ecstypes.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(2)}

	t.Run("ECS-150 blue/green needs the advanced configuration of the load balancer", func(t *testing.T) {
		bare := balanced("bare", v1, blue)
		bare.DeploymentConfiguration = in.DeploymentConfiguration
		says(t, refusal(t, c.ecs.CreateService, bare), "ClientException", "advancedConfiguration field is required for all loadBalancers when using the blue/green deployment strategy")
	})
	must(t, c.ecs.CreateService, in)
	c.steady(t, "web")
	// Hooks hold the stages that would pass unseen on a busy machine.
	paused := &ecstypes.DeploymentConfiguration{Strategy: ecstypes.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(2), LifecycleHooks: []ecstypes.DeploymentLifecycleHook{{
		TargetType: ecstypes.DeploymentLifecycleHookTargetTypePause,
		LifecycleStages: []ecstypes.DeploymentLifecycleHookStage{
			ecstypes.DeploymentLifecycleHookStagePreScaleUp, ecstypes.DeploymentLifecycleHookStagePostScaleUp,
			ecstypes.DeploymentLifecycleHookStagePostTestTrafficShift, ecstypes.DeploymentLifecycleHookStagePostProductionTrafficShift,
		},
	}}}
	must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: &v2, DeploymentConfiguration: paused})
	var stages []string
	shifted, tried := map[string]string{}, map[string]string{} // what clients and testers got when a stage was first seen
	c.wait(t, "the deployment to end", func() bool {
		d := c.release(t, "web")
		stage := string(d.LifecycleStage)
		if len(stages) == 0 || stages[len(stages)-1] != stage {
			stages = append(stages, stage)
		}
		if _, again := shifted[stage]; !again {
			shifted[stage] = strings.TrimSpace(get(t, address, nil).body)
			tried[stage] = strings.TrimSpace(get(t, address+"/trial", nil).body)
		}
		for _, hook := range d.LifecycleHookDetails {
			if hook.Status == ecstypes.DeploymentLifecycleHookStatusAwaitingAction {
				must(t, c.ecs.ContinueServiceDeployment, &ecs.ContinueServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn, HookId: hook.HookId})
			}
		}
		return d.Status == ecstypes.ServiceDeploymentStatusSuccessful
	})
	t.Run("ECS-151 the lifecycle stages come in the documented order", func(t *testing.T) {
		documented := []string{"PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
			"PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"}
		last := -1 // short stages may pass unseen on a busy machine
		for _, stage := range stages {
			at := slices.Index(documented, stage)
			if at < last || at < 0 {
				t.Errorf("%s after %v", stage, stages)
			}
			last = at
		}
		tells(t, stages, "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME")
	})
	t.Run("ECS-211 test traffic goes to the new revision before production traffic does", func(t *testing.T) {
		same(t, "test traffic before", tried["POST_SCALE_UP"], "Hello from app:v1")
		same(t, "test traffic after", tried["POST_TEST_TRAFFIC_SHIFT"], "Hello from app:v2")
		same(t, "production traffic after", shifted["POST_TEST_TRAFFIC_SHIFT"], "Hello from app:v1")
	})
	t.Run("ECS-152 production traffic is the old revision's until the shift", func(t *testing.T) {
		same(t, "while scaling up", shifted["SCALE_UP"], "Hello from app:v1")
		same(t, "while baking", shifted["BAKE_TIME"], "Hello from app:v2")
	})
	t.Run("ECS-153 all traffic goes over at once", func(t *testing.T) {
		weights := map[string]int32{}
		for _, g := range must(t, c.elb.DescribeRules, &elb.DescribeRulesInput{RuleArns: []string{rule}}).Rules[0].Actions[0].ForwardConfig.TargetGroups {
			weights[*g.TargetGroupArn] = *g.Weight
		}
		same(t, "weight of blue", weights[blue], 0)
		same(t, "weight of green", weights[green], 100)
	})
	t.Run("ECS-154 the old tasks run until the bake time is over", func(t *testing.T) {
		var stopped time.Time
		for _, arn := range c.tasks(t, "web", ecstypes.DesiredStatusStopped) {
			stopped = *c.task(t, arn).StoppingAt
		}
		fresh := c.task(t, c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0])
		if took := stopped.Sub(*fresh.StartedAt); took < 2*time.Minute {
			t.Errorf("the old task got SIGTERM %v after the new one ran, with a bake time of two minutes", took)
		}
	})
	t.Run("ECS-155 a deployment that is stopped while baking goes back to the old tasks", func(t *testing.T) {
		before := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), TaskDefinition: &v1, DeploymentConfiguration: &ecstypes.DeploymentConfiguration{
			Strategy: ecstypes.DeploymentStrategyBlueGreen, BakeTimeInMinutes: aws.Int32(60),
		}})
		c.wait(t, "the bake time", func() bool {
			return c.release(t, "web").LifecycleStage == ecstypes.ServiceDeploymentLifecycleStageBakeTime
		})
		must(t, c.ecs.StopServiceDeployment, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: c.release(t, "web").ServiceDeploymentArn})
		c.ends(t, "web", ecstypes.ServiceDeploymentStatusRollbackSuccessful)
		same(t, "task", c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0], before)
		same(t, "body", strings.TrimSpace(get(t, address, nil).body), "Hello from app:v2")
	})
}
