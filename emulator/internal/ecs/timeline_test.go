package ecs

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// The timelines of this file are computed by hand, from these rules:
//
//   - minimumHealthyPercent: at least ceil(desired × percent / 100) tasks stay healthy;
//     maximumPercent: at most floor(desired × percent / 100) run or are about to
//     (ECS developer guide, "Rolling update deployments"). Tasks that are being stopped
//     count neither way.
//   - A target is healthy after one passed check; checks are an interval apart, and the
//     first is made when the target is registered (ELB user guide, "Health checks for
//     your target groups").
//   - A task that is stopped for a deployment is deregistered, drains for the
//     deregistration delay, then gets SIGTERM, and SIGKILL after stopTimeout, 30 s by
//     default on Fargate (ECS developer guide, "Task lifecycle"; API reference,
//     ContainerDefinition). With EarlySIGTERM the drain and the stop begin together.
//
// What AWS does not document is constant: 5 s PROVISIONING, 1 s PENDING, 5 s for the
// pull, and the scheduler looks at health once a second, so that it acts in the second
// after a check has passed. The process listens 3 s after its start and exits 2 s after
// SIGTERM. A task started in second T is therefore
//
//	running  at T+11 (5+1+5), when its first check fails, since nothing listens yet
//	healthy  at T+11+n×interval, the first that is not before T+14: +16 for 5 s, +21
//	         for 10 s, +26 for 15 s and +41 for 30 s
//
// and one that is stopped in second S with a delay of D is
//
//	draining from S to S+D, stopping from S+D to S+D+2, then stopped.
//
// A deployment is COMPLETED when all tasks are healthy and the last old task is STOPPED:
// 5 s (DEPROVISIONING) after its processes have.

// row is what the tasks of both deployments are doing from a second on.
type row struct {
	second   int
	old, new string
}

func TestTimelines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name             string
		desired          int
		minimum, maximum int
		interval, delay  int // seconds
		early            bool
		image            string // of the old tasks. Default: one that obeys SIGTERM
		want             []row
		completed        int // second
	}{
		{
			// At least ceil(1.5) = 2 healthy, at most floor(4.5) = 4 at a time.
			name: "3 tasks, 50/150, check every 10 s, drain of 20 s", desired: 3, minimum: 50, maximum: 150, interval: 10, delay: 20,
			want: []row{
				{0, "2 healthy, 1 draining", "2 pending"},             // 3-1 = 2 stay; 4-2 = 2 start
				{11, "2 healthy, 1 draining", "2 running"},            // 0+11
				{20, "2 healthy, 1 stopping", "2 running"},            // 0+20
				{21, "2 healthy, 1 stopping", "2 healthy"},            // 0+21
				{22, "2 draining, 1 stopped", "1 pending, 2 healthy"}, // 4 healthy, so 2 may go; 3-2 = 1 is missing. 20+2
				{33, "2 draining, 1 stopped", "1 running, 2 healthy"}, // 22+11
				{42, "2 stopping, 1 stopped", "1 running, 2 healthy"}, // 22+20
				{43, "2 stopping, 1 stopped", "3 healthy"},            // 22+21
				{44, "3 stopped", "3 healthy"},                        // 42+2
			},
			completed: 49, // 44+5
		},
		{
			// The same, but SIGTERM goes out with the deregistration.
			name: "3 tasks, 50/150, SIGTERM without waiting", desired: 3, minimum: 50, maximum: 150, interval: 10, delay: 20, early: true,
			want: []row{
				{0, "2 healthy, 1 stopping", "2 pending"},
				{2, "2 healthy, 1 stopped", "2 pending"}, // 0+2
				{11, "2 healthy, 1 stopped", "2 running"},
				{21, "2 healthy, 1 stopped", "2 healthy"},
				{22, "2 stopping, 1 stopped", "1 pending, 2 healthy"},
				{24, "3 stopped", "1 pending, 2 healthy"}, // 22+2
				{33, "3 stopped", "1 running, 2 healthy"},
				{43, "3 stopped", "3 healthy"},
			},
			completed: 44, // the scheduler looks a second after the last became healthy
		},
		{
			// All 5 must stay, 10 may be.
			name: "5 tasks, 100/200, check every 5 s, drain of 30 s", desired: 5, minimum: 100, maximum: 200, interval: 5, delay: 30,
			want: []row{
				{0, "5 healthy", "5 pending"},
				{11, "5 healthy", "5 running"},
				{16, "5 healthy", "5 healthy"},  // 0+16
				{17, "5 draining", "5 healthy"}, // 10 healthy, so 5 may go
				{47, "5 stopping", "5 healthy"}, // 17+30
				{49, "5 stopped", "5 healthy"},
			},
			completed: 54,
		},
		{
			// None has to stay, 5 may be: all are replaced at once, with an outage.
			name: "5 tasks, 0/100, check every 30 s, no drain", desired: 5, minimum: 0, maximum: 100, interval: 30, delay: 0,
			want: []row{
				{0, "5 stopping", "5 pending"}, // a delay of 0 s is over at once
				{2, "5 stopped", "5 pending"},
				{11, "5 stopped", "5 running"},
				{41, "5 stopped", "5 healthy"}, // 0+41
			},
			completed: 42,
		},
		{
			// At least ceil(4.69) = 5 healthy, at most floor(9.38) = 9 at a time.
			name: "7 tasks, 67/134, check every 15 s, drain of 10 s", desired: 7, minimum: 67, maximum: 134, interval: 15, delay: 10,
			want: []row{
				{0, "5 healthy, 2 draining", "4 pending"},  // 7-5 = 2 go; 9-5 = 4 start
				{10, "5 healthy, 2 stopping", "4 pending"}, // 0+10
				{11, "5 healthy, 2 stopping", "4 running"},
				{12, "5 healthy, 2 stopped", "4 running"},
				{26, "5 healthy, 2 stopped", "4 healthy"},                        // 0+26
				{27, "1 healthy, 4 draining, 2 stopped", "3 pending, 4 healthy"}, // 9 healthy, 4 may go; 7-4 = 3 start, of 9-5
				{37, "1 healthy, 4 stopping, 2 stopped", "3 pending, 4 healthy"}, // 27+10
				{38, "1 healthy, 4 stopping, 2 stopped", "3 running, 4 healthy"}, // 27+11
				{39, "1 healthy, 6 stopped", "3 running, 4 healthy"},
				{53, "1 healthy, 6 stopped", "7 healthy"},  // 27+26
				{54, "1 draining, 6 stopped", "7 healthy"}, // 8 healthy, 3 may go, 1 is there
				{64, "1 stopping, 6 stopped", "7 healthy"},
				{66, "7 stopped", "7 healthy"},
			},
			completed: 71,
		},
		{
			// Both must stay, 3 may be: one after the other. Old tasks ignore SIGTERM and
			// are killed after the default stopTimeout of 30 s.
			name: "2 tasks, 100/150, check every 10 s, drain of 5 s, SIGKILL", desired: 2, minimum: 100, maximum: 150, interval: 10, delay: 5, image: "deaf",
			want: []row{
				{0, "2 healthy", "1 pending"},
				{11, "2 healthy", "1 running"},
				{21, "2 healthy", "1 healthy"},
				{22, "1 healthy, 1 draining", "1 pending, 1 healthy"}, // 3 healthy, 1 may go
				{27, "1 healthy, 1 stopping", "1 pending, 1 healthy"}, // 22+5
				{33, "1 healthy, 1 stopping", "1 running, 1 healthy"}, // 22+11
				{43, "1 healthy, 1 stopping", "2 healthy"},            // 22+21
				{44, "1 draining, 1 stopping", "2 healthy"},
				{49, "2 stopping", "2 healthy"},            // 44+5
				{57, "1 stopping, 1 stopped", "2 healthy"}, // 27+30
				{79, "2 stopped", "2 healthy"},             // 49+30
			},
			completed: 84,
		},
		{
			// All must stay, and floor(1.5) = 1 may be: there is no way.
			name: "1 task, 100/150", desired: 1, minimum: 100, maximum: 150, interval: 10, delay: 20,
			want: []row{{0, "1 healthy", ""}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBubble(t, func(o *Options) { o.EarlySIGTERM = tt.early })
				defer b.close()
				group := b.group("web", tt.interval, tt.delay)
				b.rule(1, "/*", elb.TargetGroupTuple{TargetGroupArn: group})
				port := 80
				image := tt.image
				if image == "" {
					image = "v1"
				}
				b.create(&CreateServiceInput{
					TaskDefinition: b.register(image), DesiredCount: &tt.desired,
					LoadBalancers:           []LoadBalancer{{ContainerName: "web", ContainerPort: &port, TargetGroupArn: group}},
					DeploymentConfiguration: &DeploymentConfiguration{MinimumHealthyPercent: &tt.minimum, MaximumPercent: &tt.maximum},
				})
				rows, completed := b.record(b.register("v2"), 100*time.Second)
				if diff := cmp.Diff(tt.want, rows, cmp.AllowUnexported(row{})); diff != "" {
					t.Errorf("timeline (-computed by hand +emulated):\n%s", diff)
				}
				if completed != tt.completed {
					t.Errorf("the deployment was COMPLETED in second %d, want %d", completed, tt.completed)
				}
				if tt.completed == 0 {
					b.wantEvent("was unable to stop or start tasks during a deployment because of the service deployment configuration")
				}
			})
		})
	}
}

// TestDeploymentThatCannotMove: 100/100 leaves no way at any desired count, and ECS
// refuses it at once.
func TestDeploymentThatCannotMove(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t)
		defer b.close()
		hundred, one := 100, 1
		_, err := b.service.CreateService(t.Context(), &CreateServiceInput{
			Cluster: "main", ServiceName: "web", TaskDefinition: b.register("v1"), DesiredCount: &one, LaunchType: "FARGATE",
			DeploymentConfiguration: &DeploymentConfiguration{MinimumHealthyPercent: &hundred, MaximumPercent: &hundred},
		})
		if err == nil || !strings.Contains(err.Error(), "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.") {
			t.Errorf("a service with 100/100: %v", err)
		}
	})
}

// record deploys a task definition and notes what the tasks do, at the end of each
// second in which it has changed, and the second in which the deployment is COMPLETED.
func (b *bubble) record(taskDefinition string, length time.Duration) (rows []row, completed int) {
	b.t.Helper()
	b.deploy(taskDefinition)
	began := b.clock.Now()
	next := began.Add(950 * time.Millisecond)
	for second := range int(length / time.Second) {
		time.Sleep(next.Sub(b.clock.Now()))
		next = next.Add(time.Second)
		synctest.Wait()
		r, state := b.look()
		r.second = second
		if last := len(rows) - 1; last < 0 || rows[last].old != r.old || rows[last].new != r.new {
			rows = append(rows, r)
		}
		if completed == 0 && state == rolloutCompleted {
			completed = second
		}
	}
	return rows, completed
}

// look counts the tasks of the PRIMARY deployment and all others.
func (b *bubble) look() (row, string) {
	s := b.service
	s.mu.Lock()
	defer s.mu.Unlock()
	svc := s.service("main", "web")
	primary := svc.primary()
	older, newer := map[string]int{}, map[string]int{}
	for _, t := range svc.cluster.tasks {
		counts := older
		if t.deployment == primary {
			counts = newer
		}
		counts[b.doing(t)]++
	}
	return row{old: sentence(older), new: sentence(newer)}, primary.state
}

// doing is what a task does, in one word.
func (b *bubble) doing(t *task) string {
	switch {
	case t.lastStatus.starting():
		return "pending"
	case t.lastStatus == taskRunning:
		for _, target := range t.targets {
			if state, _ := b.balancers.Health(target.group, target.target); state == elb.Healthy {
				return "healthy"
			}
		}
		return "running"
	case t.lastStatus == taskDeactivating:
		return "draining"
	case t.lastStatus == taskStopping:
		return "stopping"
	default:
		return "stopped"
	}
}

func sentence(counts map[string]int) string {
	var parts []string
	for _, word := range []string{"pending", "running", "healthy", "draining", "stopping", "stopped"} {
		if n := counts[word]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word))
		}
	}
	return strings.Join(parts, ", ")
}

func (b *bubble) wantEvent(text string) {
	b.t.Helper()
	events := b.describe().Events
	for _, e := range events {
		if strings.Contains(e.Message, text) {
			return
		}
	}
	b.t.Errorf("no event says %q: %+v", text, events)
}
