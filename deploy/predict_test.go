package deploy

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
)

func TestRolling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                      string
		desired, minimum, maximum int
		want                      replacement
	}{
		{"the defaults", 2, 100, 200, replacement{batches: 1, lastStop: 1, leastHealthy: 2, mostTasks: 4}},
		{"one task", 1, 100, 200, replacement{batches: 1, lastStop: 1, leastHealthy: 1, mostTasks: 2}},
		// floor(1.5) = 1 may be there, and 1 must.
		{"one task, rounded down", 1, 100, 150, replacement{leastHealthy: 1, mostTasks: 1, blocked: true}},
		{"no room at all", 4, 100, 100, replacement{leastHealthy: 4, mostTasks: 4, blocked: true}},
		// floor(4.36) = 4, of which all 4 must stay.
		{"a percentage too small for one more", 4, 100, 109, replacement{leastHealthy: 4, mostTasks: 4, blocked: true}},
		{"one task, stopped first", 1, 0, 100, replacement{batches: 1, leastHealthy: 0, mostTasks: 1}},
		// ceil(0.5) = 1: it cannot be stopped, and no other can be started.
		{"one task, rounded up", 1, 50, 100, replacement{leastHealthy: 1, mostTasks: 1, blocked: true}},
		{"all at once", 5, 0, 100, replacement{batches: 1, leastHealthy: 0, mostTasks: 5}},
		// 3 to 5: 2 stop and 2 start, three times; the third batch is the odd task.
		{"in place", 5, 60, 100, replacement{batches: 3, lastStop: 2, leastHealthy: 3, mostTasks: 5}},
		// 3 to 4: one is started; then one may go and one more start.
		{"one after the other", 3, 100, 134, replacement{batches: 3, lastStop: 3, leastHealthy: 3, mostTasks: 4}},
		// 5 to 9: 2 stop and 4 start; 4 stop and 3 start; the last stops.
		{"seven", 7, 67, 134, replacement{batches: 2, lastStop: 2, leastHealthy: 5, mostTasks: 9}},
		// 1000 to 1100: ten times a hundred.
		{"a thousand", 1000, 100, 110, replacement{batches: 10, lastStop: 10, leastHealthy: 1000, mostTasks: 1100}},
		{"none", 0, 100, 200, replacement{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := rolling(tt.desired, tt.minimum, tt.maximum)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(replacement{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// TestTimelines holds the arithmetic against the timelines that are computed by hand for
// the emulator's ECS (emulator/internal/ecs, TestTimelines and TestBlueGreenTimeline): a
// task counts as healthy a second after its check has passed, and one that obeys SIGTERM
// has stopped 2+5 s after its drain.
func TestTimelines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		pace      pace
		ready     int // seconds, from the timeline
		least     int // that is to come out
		completed int // from the timeline
	}{
		{"3 tasks, 50/150", pace{desired: 3, minimumHealthy: 50, maximum: 150, delay: seconds(20)}, 22, 2 * 22, 49},
		{"3 tasks, SIGTERM without waiting", pace{desired: 3, minimumHealthy: 50, maximum: 150}, 22, 2 * 22, 44},
		{"5 tasks, 100/200", pace{desired: 5, minimumHealthy: 100, maximum: 200, delay: seconds(30)}, 17, 17 + 30, 54},
		{"5 tasks, 0/100, no drain", pace{desired: 5, maximum: 100}, 42, 42, 42},
		{"7 tasks, 67/134", pace{desired: 7, minimumHealthy: 67, maximum: 134, delay: seconds(10)}, 27, 2*27 + 10, 71},
		{"2 tasks, 100/150, SIGKILL", pace{desired: 2, minimumHealthy: 100, maximum: 150, delay: seconds(5)}, 22, 2*22 + 5, 84},
		{
			"blue/green, with stages of 5 s",
			pace{desired: 2, strategy: types.DeploymentStrategyBlueGreen, bake: time.Minute, delay: seconds(20)}, 22, 22 + 60 + 20, 141,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := tt.pace
			p.balanced, p.stopTimeout = true, defaultStopTimeout*time.Second
			ready := span{seconds(tt.ready), seconds(tt.ready)}
			got := p.computed(p.replacement(), ready)
			if got.least != seconds(tt.least) {
				t.Errorf("at least %s, want %d s", got.least, tt.least)
			}
			if completed := seconds(tt.completed); completed < got.least || completed > got.most {
				t.Errorf("%s, which the real %s is not within", got, completed)
			}
		})
	}
}

func TestPredict(t *testing.T) {
	t.Parallel()
	web := pace{
		desired: 2, minimumHealthy: 100, maximum: 200, balanced: true,
		targetCheck: seconds(10), delay: seconds(30), stopTimeout: seconds(30), timeout: 30 * time.Minute,
	}
	with := func(edit func(*pace)) pace {
		p := web
		edit(&p)
		return p
	}
	for _, tt := range []struct {
		name              string
		pace              pace
		shortest, longest int    // seconds
		basis             string // the first
		warning           string // the only one, or none
	}{
		{ // 15+0+30 to 90+10+10+10 + 30+30+10
			"nothing on record", web, 45, 190, "15 s to 1 min 30 s to start is assumed, none is on record", "",
		},
		{ // 11+0+30 to 12+10+10+10 + 70
			"running tasks", with(func(p *pace) { p.starts = span{seconds(11), seconds(12)} }), 40, 115,
			"its running tasks took 11 s to 12 s to start", "",
		},
		{ // 22-10+30 to 22+10+10 + 70
			"first tasks", with(func(p *pace) { p.creation = seconds(22) }), 40, 115, "its first tasks took 22 s to be healthy", "",
		},
		{ // 64-7.1 to 71+7.1
			"earlier rollouts", with(func(p *pace) { p.rollouts = []time.Duration{seconds(71), seconds(64), seconds(66)} }), 55, 80,
			"its last 3 rollouts took 1 min 4 s to 1 min 11 s", "",
		},
		{
			"one earlier rollout", with(func(p *pace) { p.rollouts = []time.Duration{seconds(64)} }), 55, 75, "its last rollout took 1 min 4 s", "",
		},
		{ // The drain alone takes longer now: 64-6.4 to 90+10+10+10 + 300+30+10.
			"earlier rollouts under other settings",
			with(func(p *pace) { p.rollouts, p.delay = []time.Duration{seconds(64)}, seconds(300) }), 55, 460,
			"its last rollout took 1 min 4 s, less than its settings ask for now",
			"most of the time is the deregistration delay of 5 min; lower it if requests are shorter",
		},
		{ // 2×15+30 to 2×(110+10) + 70
			"two batches", with(func(p *pace) { p.maximum = 150 }), 60, 310, "15 s to 1 min 30 s to start is assumed, none is on record", "",
		},
		{ // 15 to 90+10+40+10 + 30+10
			"no health check", with(func(p *pace) { p.balanced, p.delay = false, 0 }), 15, 190, "15 s to 1 min 30 s to start is assumed, none is on record", "",
		},
		{ // 15+20+30 to 90+10+40+10 + 70
			"a container's health check", with(func(p *pace) { p.containerCheck = seconds(20) }), 65, 220, "15 s to 1 min 30 s to start is assumed, none is on record", "",
		},
		{ // 9×6 min, and 5 min: 59 min + 45 to 59 min + 190 + 60
			"LINEAR", with(func(p *pace) {
				p.strategy, p.steps, p.stepBake, p.bake = types.DeploymentStrategyLinear, 10, 6*time.Minute, 5*time.Minute
			}), 59*60 + 45, 59*60 + 250, "15 s to 1 min 30 s to start is assumed, none is on record",
			"it can take longer than the timeout of 30 min, after which the update is cancelled",
		},
		{
			"alarms", with(func(p *pace) { p.alarms = true }), 45, 190, "15 s to 1 min 30 s to start is assumed, none is on record",
			"ECS watches CloudWatch alarms for a bake time of its own, which is not in the prediction",
		},
		{
			"hooks", with(func(p *pace) { p.strategy, p.hooks = types.DeploymentStrategyBlueGreen, 1 }), 45, 250,
			"15 s to 1 min 30 s to start is assumed, none is on record",
			"lifecycle hooks hold the rollout, for a time that is not in the prediction",
		},
		{ // Two batches, of which the first suffices: 15 to 310.
			"early success", with(func(p *pace) { p.maximum, p.early = 150, true }), 15, 310, "15 s to 1 min 30 s to start is assumed, none is on record", "",
		},
		{
			"no room", with(func(p *pace) { p.maximum = 100 }), 0, 0, "",
			"ECS can neither start nor stop a task: minimumHealthyPercent 100 and maximumPercent 100 of 2 tasks leave no room; raise maximumPercent, or lower minimumHealthyPercent",
		},
		{ // 15 and 0+30 to 120 and 0+70
			"an outage", with(func(p *pace) { p.desired, p.minimumHealthy, p.maximum = 1, 0, 100 }), 30, 120, "15 s to 1 min 30 s to start is assumed, none is on record",
			"there is an outage: all old tasks are stopped before a new one is healthy; raise minimumHealthyPercent from 0",
		},
		{
			"no task", with(func(p *pace) { p.desired = 0 }), 0, 0, "",
			"the desired count is 0: nothing runs that would show whether the new version is good",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.pace.predict()
			if got.Shortest != seconds(tt.shortest) || got.Longest != seconds(tt.longest) {
				t.Errorf("%s to %s, want %d s to %d s", got.Shortest, got.Longest, tt.shortest, tt.longest)
			}
			if firstOf(got.Basis) != tt.basis {
				t.Errorf("basis %q, want %q first", got.Basis, tt.basis)
			}
			if strings.Join(got.Warnings, "\n") != tt.warning {
				t.Errorf("warnings %q, want %q", got.Warnings, tt.warning)
			}
		})
	}
}

func TestPaceOf(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(
		pace{desired: 3, minimumHealthy: 100, maximum: 200, stopTimeout: seconds(30)}, paceOf(types.Service{DesiredCount: 3}),
		cmp.AllowUnexported(pace{}, span{}),
	); diff != "" {
		t.Errorf("of a service that says nothing (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		name          string
		configuration types.DeploymentConfiguration
		steps         int
		stepBake      time.Duration
	}{
		{"rolling", types.DeploymentConfiguration{}, 0, 0},
		{"linear", types.DeploymentConfiguration{Strategy: types.DeploymentStrategyLinear}, 10, 6 * time.Minute},
		{"linear by 30 %", types.DeploymentConfiguration{
			Strategy:            types.DeploymentStrategyLinear,
			LinearConfiguration: &types.LinearConfiguration{StepPercent: aws.Float64(30), StepBakeTimeInMinutes: aws.Int32(1)},
		}, 4, time.Minute}, // 30, 60, 90, 100
		{"canary", types.DeploymentConfiguration{Strategy: types.DeploymentStrategyCanary}, 2, 10 * time.Minute},
		{"canary, 3 min", types.DeploymentConfiguration{
			Strategy:            types.DeploymentStrategyCanary,
			CanaryConfiguration: &types.CanaryConfiguration{CanaryBakeTimeInMinutes: aws.Int32(3)},
		}, 2, 3 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := paceOf(types.Service{DeploymentConfiguration: &tt.configuration})
			if got.steps != tt.steps || got.stepBake != tt.stepBake {
				t.Errorf("%d steps, %s apart; want %d, %s", got.steps, got.stepBake, tt.steps, tt.stepBake)
			}
		})
	}
}

func TestPastRollouts(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	brief := func(status types.ServiceDeploymentStatus, after time.Duration, took int) types.ServiceDeploymentBrief {
		return types.ServiceDeploymentBrief{
			Status: status, CreatedAt: aws.Time(created.Add(after)), FinishedAt: aws.Time(created.Add(after + seconds(took))),
		}
	}
	const well = types.ServiceDeploymentStatusSuccessful
	running := brief(types.ServiceDeploymentStatusInProgress, 9*time.Hour, 0)
	running.FinishedAt = nil
	rollouts, creation := pastRollouts([]types.ServiceDeploymentBrief{
		brief(well, 2*time.Hour, 62), brief(well, time.Second, 22), brief(well, time.Hour, 61), running,
		brief(types.ServiceDeploymentStatusRollbackSuccessful, 3*time.Hour, 600),
		brief(well, 4*time.Hour, 64), brief(well, 5*time.Hour, 65), brief(well, 6*time.Hour, 66), brief(well, 7*time.Hour, 67),
	}, created)
	want := []time.Duration{seconds(67), seconds(66), seconds(65), seconds(64), seconds(62)}
	if diff := cmp.Diff(want, rollouts); diff != "" {
		t.Errorf("rollouts (-want +got):\n%s", diff)
	}
	if creation != seconds(22) {
		t.Errorf("creation %s", creation)
	}
}

func TestContainerTimes(t *testing.T) {
	t.Parallel()
	checked := &types.HealthCheck{Command: []string{"CMD", "true"}, Interval: aws.Int32(7)}
	check, stop := containerTimes([]types.ContainerDefinition{
		{HealthCheck: checked, StopTimeout: aws.Int32(5)},
		{HealthCheck: &types.HealthCheck{Command: []string{"NONE"}}},
		{Essential: aws.Bool(false), HealthCheck: &types.HealthCheck{Command: []string{"CMD", "true"}}, StopTimeout: aws.Int32(45)},
	})
	if check != seconds(7) || stop != seconds(45) {
		t.Errorf("check every %s, %s to stop; want 7 s, 45 s", check, stop)
	}
	check, stop = containerTimes([]types.ContainerDefinition{{HealthCheck: &types.HealthCheck{Command: []string{"CMD", "true"}}}})
	if check != seconds(30) || stop != seconds(30) {
		t.Errorf("by default check every %s, %s to stop; want 30 s, 30 s", check, stop)
	}
}

func TestStartTimes(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	task := func(start int) types.Task {
		return types.Task{CreatedAt: &created, StartedAt: aws.Time(created.Add(seconds(start)))}
	}
	if got, want := startTimes([]types.Task{task(14), {CreatedAt: &created}, task(11), task(12)}), (span{seconds(11), seconds(14)}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 400 * time.Millisecond: "0 s", seconds(59): "59 s", seconds(60): "1 min", seconds(3725): "1 h 2 min 5 s", 2 * time.Hour: "2 h",
	} {
		if got := inWords(d); got != want {
			t.Errorf("inWords(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestPredictionJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Prediction{Resource: "Service", Shortest: seconds(55), Longest: seconds(70)})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"resource":"Service","cluster":"","service":"","strategy":"","desired":0,"batches":0,"leastHealthy":0,"mostTasks":0,"shortestSeconds":55,"longestSeconds":70}`
	if string(data) != want {
		t.Errorf("%s, want %s", data, want)
	}
}
