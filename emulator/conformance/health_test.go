package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// patient is a target whose health checks fail while it is told to, and are counted.
// Requests get its name, whatever its health.
type patient struct {
	name     string
	status   atomic.Int32 // of the answer to a health check; 0 is 200
	stumbles atomic.Int32 // how many checks get a 500 before that
	silent   atomic.Bool  // health checks get no answer
	checks   atomic.Int32 // since the last change
	agent    atomic.Value // the User-Agent of the last check
	path     atomic.Value
}

func (p *patient) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker/") {
		_, _ = w.Write([]byte(p.name))
		return
	}
	p.checks.Add(1)
	p.agent.Store(r.UserAgent())
	p.path.Store(r.URL.Path)
	if p.silent.Load() {
		<-r.Context().Done()
		return
	}
	if p.stumbles.Load() > 0 {
		p.stumbles.Add(-1)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if status := p.status.Load(); status != 0 {
		w.Header().Set("Location", "/healthy")
		w.WriteHeader(int(status))
	}
}

func (p *patient) answer(status int32) {
	p.status.Store(status)
	p.checks.Store(0)
}

func TestTargetHealth(t *testing.T) {
	t.Parallel()
	fine, sick, silent, single := &patient{name: "fine"}, &patient{name: "sick"}, &patient{name: "silent"}, &patient{name: "once"}
	c := startPrograms(t, programs{"fine": fine, "sick": sick, "silent": silent, "once": single})
	// rarely makes a target group in use that checks health every five minutes.
	rarely := func(t *testing.T, name string) string {
		in := groupInput(name)
		in.HealthCheckIntervalSeconds, in.HealthyThresholdCount = aws.Int32(300), aws.Int32(10)
		group := *must(t, c.elb.CreateTargetGroup, in).TargetGroups[0].TargetGroupArn
		c.behind(t, name, group)
		return group
	}
	sick.answer(404)
	silent.silent.Store(true)

	in := groupInput("web")
	in.HealthyThresholdCount, in.UnhealthyThresholdCount, in.HealthCheckPath = aws.Int32(3), aws.Int32(3), aws.String("/health")
	group := *must(t, c.elb.CreateTargetGroup, in).TargetGroups[0].TargetGroupArn
	first, second := c.address(t, "fine"), c.address(t, "sick")

	t.Run("ELB-001 a target that is not registered is unused", func(t *testing.T) {
		h := c.health(t, group, first)
		same(t, "state", h.State, elbtypes.TargetHealthStateEnumUnused)
		same(t, "reason", h.Reason, elbtypes.TargetHealthReasonEnumNotRegistered)
	})
	t.Run("ELB-002 a target of a group without load balancer is unused", func(t *testing.T) {
		c.enlist(t, group, first)
		h := c.health(t, group, first)
		same(t, "state", h.State, elbtypes.TargetHealthStateEnumUnused)
		same(t, "reason", h.Reason, elbtypes.TargetHealthReasonEnumNotInUse)
		same(t, "description", *h.Description, "Target group is not configured to receive traffic from the load balancer")
		same(t, "checks", fine.checks.Load(), 0)
	})
	url := c.behind(t, "web", group)
	t.Run("ELB-003 one passed check makes a new target healthy", func(t *testing.T) {
		c.becomes(t, group, first, elbtypes.TargetHealthStateEnumHealthy)
		same(t, "reason", c.health(t, group, first).Reason, "")
		rare := rarely(t, "one")
		once := c.address(t, "once")
		c.enlist(t, rare, once)
		c.becomes(t, rare, once, elbtypes.TargetHealthStateEnumHealthy)
		same(t, "checks", single.checks.Load(), 1)
	})
	c.enlist(t, group, second)
	t.Run("ELB-004 a new target is initial", func(t *testing.T) {
		rare := rarely(t, "initial")
		c.enlist(t, rare, second)
		h := c.health(t, rare, second)
		same(t, "state", h.State, elbtypes.TargetHealthStateEnumInitial)
		same(t, "reason", h.Reason == elbtypes.TargetHealthReasonEnumRegistrationInProgress || h.Reason == elbtypes.TargetHealthReasonEnumInitialHealthChecking, true)
	})
	t.Run("ELB-005 UnhealthyThresholdCount checks have to fail", func(t *testing.T) {
		c.becomes(t, group, second, elbtypes.TargetHealthStateEnumUnhealthy)
		if n := sick.checks.Load(); n < 3 {
			t.Errorf("unhealthy after %d checks, with a threshold of 3", n)
		}
	})
	t.Run("ELB-006 a status that the matcher does not have", func(t *testing.T) {
		h := c.health(t, group, second)
		same(t, "reason", h.Reason, elbtypes.TargetHealthReasonEnumResponseCodeMismatch)
		same(t, "description", *h.Description, "Health checks failed with these codes: [404]")
	})
	t.Run("ELB-007 an unhealthy target gets no request", func(t *testing.T) {
		for range 10 {
			same(t, "served by", get(t, url, nil).body, "fine")
		}
	})
	t.Run("ELB-008 HealthyThresholdCount checks have to pass again", func(t *testing.T) {
		sick.answer(200)
		c.becomes(t, group, second, elbtypes.TargetHealthStateEnumHealthy)
		if n := sick.checks.Load(); n < 3 {
			t.Errorf("healthy after %d checks, with a threshold of 3", n)
		}
	})
	t.Run("ELB-009 two failed checks of three are not enough", func(t *testing.T) {
		fine.answer(200)
		fine.stumbles.Store(2)
		c.wait(t, "four checks", func() bool {
			same(t, "state", c.health(t, group, first).State, elbtypes.TargetHealthStateEnumHealthy)
			return fine.checks.Load() > 3
		})
	})
	t.Run("ELB-010 health checks name themselves", func(t *testing.T) {
		same(t, "User-Agent", fine.agent.Load().(string), "ELB-HealthChecker/2.0")
	})
	t.Run("ELB-011 health checks go to HealthCheckPath", func(t *testing.T) {
		same(t, "path", fine.path.Load().(string), "/health")
	})
	t.Run("ELB-012 a redirect is no success", func(t *testing.T) {
		sick.answer(301)
		c.becomes(t, group, second, elbtypes.TargetHealthStateEnumUnhealthy)
		same(t, "description", *c.health(t, group, second).Description, "Health checks failed with these codes: [301]")
	})
	t.Run("ELB-013 a matcher of one's own", func(t *testing.T) {
		must(t, c.elb.ModifyTargetGroup, &elb.ModifyTargetGroupInput{TargetGroupArn: &group, Matcher: &elbtypes.Matcher{HttpCode: aws.String("200,300-399")}})
		c.becomes(t, group, second, elbtypes.TargetHealthStateEnumHealthy)
	})
	t.Run("ELB-014 a check without an answer times out", func(t *testing.T) {
		third := c.address(t, "silent")
		c.enlist(t, group, third)
		h := c.becomes(t, group, third, elbtypes.TargetHealthStateEnumUnhealthy)
		same(t, "reason", h.Reason, elbtypes.TargetHealthReasonEnumTimeout)
		same(t, "description", *h.Description, "Request timed out")
	})
	t.Run("ELB-015 a target that nothing listens at", func(t *testing.T) {
		must(t, c.elb.RegisterTargets, &elb.RegisterTargetsInput{TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{{Id: &first, Port: aws.Int32(81)}}})
		c.wait(t, "the target to be unhealthy", func() bool {
			out := must(t, c.elb.DescribeTargetHealth, &elb.DescribeTargetHealthInput{TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{{Id: &first, Port: aws.Int32(81)}}})
			h := out.TargetHealthDescriptions[0].TargetHealth
			return h.State == elbtypes.TargetHealthStateEnumUnhealthy && h.Reason == elbtypes.TargetHealthReasonEnumFailedHealthChecks
		})
	})
	t.Run("ELB-016 with no healthy target all get requests", func(t *testing.T) {
		fine.answer(500)
		sick.answer(500)
		c.becomes(t, group, first, elbtypes.TargetHealthStateEnumUnhealthy)
		c.becomes(t, group, second, elbtypes.TargetHealthStateEnumUnhealthy)
		served := map[string]bool{}
		for range 40 {
			served[get(t, url, nil).body] = true
		}
		same(t, "served by fine", served["fine"], true)
		same(t, "served by sick", served["sick"], true)
		same(t, "served by silent", served["silent"], true)
	})
	t.Run("ELB-017 a group without targets answers 503", func(t *testing.T) {
		got := get(t, c.behind(t, "empty", c.group(t, "empty")), nil)
		same(t, "status", got.status, 503)
		same(t, "page", strings.Contains(got.body, "<h1>503 Service Temporarily Unavailable</h1>"), true)
	})
}

func TestHealthCheckSettings(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	t.Run("ELB-018 the defaults of health checks", func(t *testing.T) {
		in := &elb.CreateTargetGroupInput{Name: aws.String("defaults"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-1"), TargetType: elbtypes.TargetTypeEnumIp}
		g := must(t, c.elb.CreateTargetGroup, in).TargetGroups[0]
		same(t, "interval", *g.HealthCheckIntervalSeconds, 30)
		same(t, "timeout", *g.HealthCheckTimeoutSeconds, 5)
		same(t, "healthy threshold", *g.HealthyThresholdCount, 5)
		same(t, "unhealthy threshold", *g.UnhealthyThresholdCount, 2)
		same(t, "path", *g.HealthCheckPath, "/")
		same(t, "port", *g.HealthCheckPort, "traffic-port")
		same(t, "matcher", *g.Matcher.HttpCode, "200")
	})
	type change func(in *elb.CreateTargetGroupInput)
	interval := func(seconds int32) change {
		return func(in *elb.CreateTargetGroupInput) { in.HealthCheckIntervalSeconds = &seconds }
	}
	healthy := func(checks int32) change {
		return func(in *elb.CreateTargetGroupInput) { in.HealthyThresholdCount = &checks }
	}
	unhealthy := func(checks int32) change {
		return func(in *elb.CreateTargetGroupInput) { in.UnhealthyThresholdCount = &checks }
	}
	matcher := func(codes string) change {
		return func(in *elb.CreateTargetGroupInput) { in.Matcher = &elbtypes.Matcher{HttpCode: &codes} }
	}
	path := func(p string) change {
		return func(in *elb.CreateTargetGroupInput) { in.HealthCheckPath = &p }
	}
	name := func(n string) change {
		return func(in *elb.CreateTargetGroupInput) { in.Name = &n }
	}
	timeout := func(seconds int32) change {
		return func(in *elb.CreateTargetGroupInput) { in.HealthCheckTimeoutSeconds = &seconds }
	}
	for _, fact := range []struct {
		name, words string
		accepted    []change
		refused     []change
	}{
		{"ELB-019 the interval is longer than the timeout", "Health check interval must be greater than the timeout.", []change{timeout(4)}, []change{timeout(5)}},
		{"ELB-020 the interval is between 5 and 300 seconds", "at 'healthCheckIntervalSeconds' failed to satisfy constraint: Member must have value ", []change{interval(5), interval(300)}, []change{interval(4), interval(301)}},
		{"ELB-021 thresholds are between 2 and 10", "ThresholdCount' failed to satisfy constraint: Member must have value ",
			[]change{healthy(2), healthy(10), unhealthy(2), unhealthy(10)}, []change{healthy(1), healthy(11), unhealthy(1), unhealthy(11)}},
		{"ELB-022 the matcher is between 200 and 499", "must be within '200-499'", []change{matcher("200"), matcher("499")}, []change{matcher("199"), matcher("500")}},
		{"ELB-023 the path begins with a slash", "must begin with a '/' character", []change{path("/health")}, []change{path("health")}},
		{"ELB-024 a name has 32 characters at most", "cannot be longer than '32' characters", []change{name(strings.Repeat("x", 32))}, []change{name(strings.Repeat("x", 33))}},
	} {
		t.Run(fact.name, func(t *testing.T) {
			for i, change := range fact.accepted {
				in := groupInput(fmt.Sprintf("%s-%d", strings.ToLower(fact.name[:7]), i))
				change(in)
				must(t, c.elb.CreateTargetGroup, in)
			}
			for _, change := range fact.refused {
				in := groupInput("refused")
				change(in)
				says(t, refusal(t, c.elb.CreateTargetGroup, in), "ValidationError", fact.words)
			}
		})
	}
}

func TestDraining(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 1), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			arrived <- struct{}{}
			<-release
		}
		_, _ = w.Write([]byte("slow"))
	})
	c := startPrograms(t, programs{"slow": slow, "other": answers("other")})
	group := c.group(t, "web")
	url := c.behind(t, "web", group)
	first := c.address(t, "slow")
	c.enlist(t, group, first)
	c.becomes(t, group, first, elbtypes.TargetHealthStateEnumHealthy)

	t.Run("ELB-025 the default of the deregistration delay is 300 seconds", func(t *testing.T) {
		same(t, "delay", c.groupAttribute(t, group, "deregistration_delay.timeout_seconds"), "300")
	})
	c.setGroupAttribute(t, group, "deregistration_delay.timeout_seconds", "3600") // a real minute: not over by itself
	inFlight := make(chan response, 1)
	go func() { inFlight <- fetch(url+"/slow", nil) }()
	<-arrived
	c.dismiss(t, group, first)
	t.Run("ELB-026 a deregistered target drains", func(t *testing.T) {
		h := c.health(t, group, first)
		same(t, "state", h.State, elbtypes.TargetHealthStateEnumDraining)
		same(t, "reason", h.Reason, elbtypes.TargetHealthReasonEnumDeregistrationInProgress)
		same(t, "description", *h.Description, "Target deregistration is in progress")
	})
	t.Run("ELB-027 a draining target gets no new request", func(t *testing.T) {
		same(t, "status", get(t, url, nil).status, 503)
		second := c.address(t, "other")
		c.enlist(t, group, second)
		c.becomes(t, group, second, elbtypes.TargetHealthStateEnumHealthy)
		for range 5 {
			same(t, "body", get(t, url, nil).body, "other")
		}
	})
	t.Run("ELB-028 requests in flight are finished", func(t *testing.T) {
		close(release)
		got := <-inFlight
		same(t, "status", got.status, 200)
		same(t, "body", got.body, "slow")
	})
	t.Run("ELB-029 the target drains until the delay is over", func(t *testing.T) {
		same(t, "state", c.health(t, group, first).State, elbtypes.TargetHealthStateEnumDraining)
	})
	t.Run("ELB-030 registering it again ends the drain", func(t *testing.T) {
		c.enlist(t, group, first)
		c.becomes(t, group, first, elbtypes.TargetHealthStateEnumHealthy)
	})
	t.Run("ELB-031 then it is unused", func(t *testing.T) {
		c.setGroupAttribute(t, group, "deregistration_delay.timeout_seconds", "10")
		began := c.Clock().Now()
		c.dismiss(t, group, first)
		h := c.becomes(t, group, first, elbtypes.TargetHealthStateEnumUnused)
		same(t, "reason", h.Reason, elbtypes.TargetHealthReasonEnumNotRegistered)
		if took := c.Clock().Since(began); took < 10*time.Second {
			t.Errorf("unused after %v", took)
		}
	})
	t.Run("ELB-032 a delay of 0 is no drain", func(t *testing.T) {
		c.setGroupAttribute(t, group, "deregistration_delay.timeout_seconds", "0")
		c.enlist(t, group, first)
		c.becomes(t, group, first, elbtypes.TargetHealthStateEnumHealthy)
		c.dismiss(t, group, first)
		same(t, "state", c.health(t, group, first).State, elbtypes.TargetHealthStateEnumUnused)
	})
	t.Run("ELB-033 deregistering what is not registered is no error", func(t *testing.T) {
		c.dismiss(t, group, "10.9.9.9")
	})
	t.Run("ELB-034 the delay is 3600 seconds at most", func(t *testing.T) {
		c.setGroupAttribute(t, group, "deregistration_delay.timeout_seconds", "3600")
		in := &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: &group, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("3601")}}}
		says(t, refusal(t, c.elb.ModifyTargetGroupAttributes, in), "InvalidConfigurationRequest", "attribute 'deregistration_delay.timeout_seconds' does not support the value '3601'")
	})
}
