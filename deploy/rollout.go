package deploy

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// rollout is one service's way to its new task definition, as far as it has been seen.
type rollout struct {
	service serviceRef

	// old and next are the task definitions' ARNs, old by logical id; empty where the
	// rollout was under way before it was watched. next is known once CloudFormation has
	// made it.
	old  map[string]string
	next string

	// Of a rollout that CloudFormation does not wait for: the task definition that it is
	// to go back to, and the ARNs of the service's earlier deployments.
	origin  string
	earlier []string

	former string // the task definition that ECS was seen to run beside next

	began time.Time // when ECS began with it, by its deployment; zero until that is seen

	moving bool // CloudFormation updates the service
	done   bool // and has ended with it, well or not
	ended  bool // and this has been looked at
	undone bool // it is on the way back

	unseen map[string]bool        // what is denied that would show more of it
	groups map[string]targetGroup // the service's target groups, where they were read

	serviceDeployment string // ARN, where ECS moves traffic or CloudFormation does not wait; found with the first look
	hook              string // the hook at which it was told to wait last

	looked   time.Time // when the service was looked at last
	endsFrom time.Time // from when on it may end; zero while nobody can tell (see nearing)

	progress DeploymentProgress              // as told last
	breaker  *types.DeploymentCircuitBreaker // of the service; nil when it has none
	gathered time.Time                       // when stopped tasks were asked for last
	stopping bool                            // some were on their way then
	started  int                             // tasks that ECS has started for it, by the service's events
	targets  []TargetHealth                  // as seen last
	olden    map[string]bool                 // whether a target is of the old version, by address (see sort); nil while that is not known
	sick     []TargetHealth                  // the last view in which a target was not well
	seen     map[string]bool                 // ARNs of stopped tasks that were looked at
	failures []StoppedTask                   // tasks of ours that failed, in the order of their ends
	logs     logSource                       // where their logs are
	recorded string                          // why ECS has failed it, where none of its tasks tells
}

// note takes in what a stack event says about the service.
func (r *rollout) note(e *cfn.StackEvent) {
	id, physical, status := aws.ToString(e.LogicalResourceId), aws.ToString(e.PhysicalResourceId), string(e.ResourceStatus)
	if old, ok := r.old[id]; ok {
		// A replacement's events bear the new physical id, but for those that undo it,
		// and perhaps the first: that it is made is the first to bear it for sure.
		made := old != "" && physical != old || old == "" && status == "UPDATE_COMPLETE"
		if r.next == "" && made && physical != "" && !strings.HasPrefix(status, "DELETE") {
			r.next = physical
		}
		return
	}
	if strings.Contains(status, "ROLLBACK_IN_PROGRESS") {
		r.undone = true // only a stack has this status
	}
	if id != r.service.resource {
		return
	}
	switch {
	case strings.HasSuffix(status, "_FAILED"):
		r.undone = true
	case strings.HasSuffix(status, "_IN_PROGRESS"):
		r.moving, r.done, r.ended = true, false, false
	case strings.HasSuffix(status, "_COMPLETE"):
		r.done = true
	}
}

// watched tells whether ECS is to be asked about the service: from when CloudFormation
// moves it, and once more when that has ended, so that the last counts are told.
func (r *rollout) watched() bool { return r.moving && r.next != "" && !r.ended }

// look takes in how the service is now, and tells what has changed.
func (d *Deployer) look(ctx context.Context, r *rollout, s types.Service) error {
	now := progressOf(r, s)
	countsChanged := now.withoutTargets() != r.progress.withoutTargets()
	if len(s.LoadBalancers) > 0 && !r.unseen[seesTargets] && (countsChanged || r.targets == nil || unsettled(r.targets)) {
		targets, err := d.targetHealth(ctx, s)
		if err != nil && !d.unseen(r, seesTargets, err) {
			return err
		}
		if r.targets == nil && now.Running == 0 {
			r.olden = make(map[string]bool, len(targets))
			r.sort(targets, false)
		}
		r.sort(targets, taskDefinitionOf(s) == r.next)
		r.targets = targets
		if unsettled(targets) && !r.undone {
			r.sick = targets
		}
	}
	if movesTraffic(s) && now.Deployment != "" && !r.unseen[seesStages] {
		if err := d.lookAtStage(ctx, r, &now); err != nil && !d.unseen(r, seesStages, err) {
			return err
		}
	}
	now.HealthyTargets = countTargets(r.targets, "healthy")
	now.DrainingTargets = countTargets(r.targets, "draining")
	now.Targets = len(r.targets) - now.DrainingTargets
	if r.olden != nil {
		now.ByVersion, now.New = true, newTargets(r.olden, r.targets)
	}

	if s.DeploymentConfiguration != nil {
		r.breaker = s.DeploymentConfiguration.DeploymentCircuitBreaker
	}
	d.nearing(ctx, r, s, now)
	gather := d.mayHaveFailed(r, now, startedTasks(s))
	if now != r.progress {
		r.progress = now
		told := now
		told.at = at{d.clock.Now()}
		d.observe(told)
	}
	if gather {
		return d.gatherFailures(ctx, r)
	}
	return nil
}

// gatherAfter is how long after the last look at stopped tasks another one is due where a
// rollout makes no headway: of tasks that ran and then ended, ECS's counters tell little.
const gatherAfter = time.Minute

// mayHaveFailed tells whether it is worth to ask for stopped tasks.
func (d *Deployer) mayHaveFailed(r *rollout, now DeploymentProgress, started int) bool {
	before, more := r.progress, started > r.started
	r.started = started
	switch {
	case now.Deployment == "":
		return false
	case now.Failed != before.Failed:
		return now.Failed > 0
	case now.RolloutState != before.RolloutState && now.RolloutState == string(types.DeploymentRolloutStateFailed),
		r.stopping,
		now.Running < before.Running,
		more && started > now.Desired: // some take the places of others
		return true
	}
	if r.gathered.IsZero() {
		r.gathered = d.clock.Now() // it has begun
	}
	return now.Running < now.Desired && d.clock.Now().Sub(r.gathered) >= gatherAfter
}

// hasStarted is a service event that tells of new tasks.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
var hasStarted = regexp.MustCompile(`has started (\d+) tasks`)

// startedTasks counts the tasks that a service has started since its primary deployment
// began: of those that come and go between two looks, no counter tells.
func startedTasks(s types.Service) int {
	p := primary(s)
	if p == nil {
		return 0
	}
	started := 0
	for _, e := range s.Events {
		if m := hasStarted.FindStringSubmatch(aws.ToString(e.Message)); m != nil && !aws.ToTime(e.CreatedAt).Before(aws.ToTime(p.CreatedAt)) {
			n, _ := strconv.Atoi(m[1]) // digits that are no int are none we know of
			started += n
		}
	}
	return started
}

// progressOf reads the counters of the service's rollout. Once the rollback has
// replaced our deployment, the last state of it stands.
func progressOf(r *rollout, s types.Service) DeploymentProgress {
	p := r.progress
	p.Cluster, p.Service = r.service.cluster, r.service.name
	p.Desired, p.Pending, p.Running, p.OldRunning = int(s.DesiredCount), 0, 0, 0
	towards := taskDefinitionOf(s)
	began := time.Time{}
	for _, dep := range s.Deployments {
		if td := aws.ToString(dep.TaskDefinition); td != r.next {
			if towards == r.next {
				r.former = td // else somebody else may have brought it
			}
			p.OldRunning += int(dep.RunningCount)
			continue
		}
		p.Pending += int(dep.PendingCount)
		p.Running += int(dep.RunningCount)
		created := aws.ToTime(dep.CreatedAt)
		if created.Before(began) {
			continue // an earlier attempt with the same task definition
		}
		began = created
		p.Deployment = aws.ToString(dep.Id)
		p.RolloutState = string(dep.RolloutState)
		p.RolloutReason = aws.ToString(dep.RolloutStateReason)
		p.Desired = int(dep.DesiredCount)
		p.Failed = int(dep.FailedTasks)
	}
	if !began.IsZero() {
		r.began = began
	}
	return p
}

func (p DeploymentProgress) withoutTargets() DeploymentProgress {
	p.HealthyTargets, p.Targets, p.DrainingTargets, p.Stage = 0, 0, 0, ""
	p.ByVersion, p.New = false, NewTargets{}
	return p
}

// unsettled tells whether a target's health is about to change.
func unsettled(targets []TargetHealth) bool {
	return slices.ContainsFunc(targets, func(t TargetHealth) bool { return t.State == "initial" || t.State == "unhealthy" })
}

// sort takes in which version the targets are of that were not seen before: the new one's
// while the service moves forward, or else the old one's, which a rollback starts anew.
// Target groups do not tell.
func (r *rollout) sort(targets []TargetHealth, forward bool) {
	if r.olden == nil {
		return
	}
	for _, t := range targets {
		if _, known := r.olden[t.place()]; !known {
			r.olden[t.place()] = !forward
		}
	}
}

// newTargets counts the targets that are not of the old version.
func newTargets(olden map[string]bool, targets []TargetHealth) NewTargets {
	var n NewTargets
	for _, t := range targets {
		switch {
		case olden[t.place()]:
		case t.State == "draining":
			n.Draining++
		default:
			n.Registered++
			if t.State == "healthy" {
				n.Healthy++
			}
		}
	}
	return n
}

func countTargets(targets []TargetHealth, state string) int {
	n := 0
	for _, t := range targets {
		if t.State == state {
			n++
		}
	}
	return n
}

// gatherFailures reads why tasks of our deployment stopped, those that were not read
// before. ECS forgets stopped tasks after about an hour.
func (d *Deployer) gatherFailures(ctx context.Context, r *rollout) error {
	if r.next == "" {
		return nil
	}
	r.gathered, r.stopping = d.clock.Now(), false
	tasks, err := d.tasks(ctx, r.service, types.DesiredStatusStopped, func(arn string) bool { return r.seen[arn] })
	if err != nil {
		return err
	}
	slices.SortStableFunc(tasks, func(a, b types.Task) int { return aws.ToTime(a.StoppedAt).Compare(aws.ToTime(b.StoppedAt)) })
	for _, t := range tasks {
		if aws.ToString(t.LastStatus) != string(types.DesiredStatusStopped) {
			r.stopping = r.stopping || r.owns(t)
			continue // it is told when it has stopped
		}
		r.seen[aws.ToString(t.TaskArn)] = true
		if !r.owns(t) {
			continue
		}
		if s := stoppedTask(t); s.failed() { // the rollback stops others, which are well
			d.readLog(ctx, r, &s)
			r.failures = append(r.failures, s)
			d.observe(TaskStopped{at: at{s.StoppedAt}, Cluster: r.service.cluster, Service: r.service.name, Task: s})
		}
	}
	return nil
}

// recall asks ECS why it has failed a rollout, where no task of it tells: for an alarm, say,
// of which CloudFormation says no more than of the circuit breaker. What cannot be read is
// not told.
func (d *Deployer) recall(ctx context.Context, r *rollout) {
	if r.next == "" || len(r.failures) > 0 {
		return
	}
	brief, err := d.deploymentOf(ctx, r.service, r.next, nil)
	if err != nil || brief == nil || brief.Status == types.ServiceDeploymentStatusSuccessful {
		return
	}
	r.recorded = strings.TrimSuffix(aws.ToString(brief.StatusReason), ".")
}

// owns tells whether a task is of our deployment: ECS started it for the deployment,
// or it has the task definition that only our deployment has. Where ECS was given a task
// definition that an earlier attempt has left, only tasks are that are no older than the
// deployment.
func (r *rollout) owns(t types.Task) bool {
	return r.progress.Deployment != "" && aws.ToString(t.StartedBy) == r.progress.Deployment ||
		aws.ToString(t.TaskDefinitionArn) == r.next && !aws.ToTime(t.CreatedAt).Before(r.began)
}
