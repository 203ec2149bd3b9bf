package ecs

import (
	"maps"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Statuses of a deployment in its service.
const (
	deploymentPrimary  = "PRIMARY" // what the service wants
	deploymentActive   = "ACTIVE"  // what it still has
	deploymentInactive = "INACTIVE"
)

// Rollout states of a deployment.
const (
	rolloutInProgress = "IN_PROGRESS"
	rolloutCompleted  = "COMPLETED"
	rolloutFailed     = "FAILED"
)

// Statuses of a service deployment.
const (
	releaseInProgress         = "IN_PROGRESS"
	releaseSuccessful         = "SUCCESSFUL"
	releaseStopped            = "STOPPED"
	releaseRollbackInProgress = "ROLLBACK_IN_PROGRESS"
	releaseRollbackSuccessful = "ROLLBACK_SUCCESSFUL"
	releaseRollbackFailed     = "ROLLBACK_FAILED"
)

// What a service deployment's circuit breaker does, or its watch over alarms.
const (
	monitorDisabled  = "DISABLED"
	monitorRunning   = "MONITORING"
	monitorDone      = "MONITORING_COMPLETE"
	monitorTriggered = "TRIGGERED"
)

// revisionSpec is what makes a new deployment when it changes.
type revisionSpec struct {
	TaskDefinition              string // ARN
	LaunchType                  string
	CapacityProviderStrategy    []CapacityProviderStrategyItem
	PlatformVersion             string
	LoadBalancers               []LoadBalancer
	NetworkConfiguration        *NetworkConfiguration
	ServiceRegistries           []ServiceRegistry
	ServiceConnectConfiguration *ServiceConnectConfiguration
	VolumeConfigurations        []ServiceVolumeConfiguration
	VpcLatticeConfigurations    []VpcLatticeConfiguration
	GatewayConnectors           []GatewayConnector
	Monitoring                  *MonitoringConfiguration
}

// revision is a service revision: a spec, and the digests that its images resolved to.
type revision struct {
	arn        string
	createdAt  time.Time
	spec       revisionSpec
	definition *TaskDefinition
	groups     []string          // ARN of the target group for each load balancer of the spec
	digests    map[string]string // by container name; empty until a task resolves it
}

// deployment is one deployment of a service.
type deployment struct {
	id        string // "ecs-svc/..."
	status    string
	revision  *revision
	release   *release
	rollback  bool // is being rolled back to
	createdAt time.Time
	updatedAt time.Time
	state     string
	reason    string
	failed    int  // tasks in a row, or in all: see DeploymentCircuitBreaker
	blocked   bool // said in an event that the percentages leave no way
}

// release is a service deployment: a deployment and its rollback, if there is one.
type release struct {
	arn           string
	status        string
	statusReason  string
	sources       []*revision
	target        *revision
	configuration *DeploymentConfiguration
	rollback      *Rollback
	shift         *shift // nil with the strategy ROLLING
	breaker       string // what the circuit breaker does
	failures      int
	threshold     int
	alarms        string   // what the watch over alarms does
	triggered     []string // names of alarms
	createdAt     time.Time
	updatedAt     time.Time
	finishedAt    time.Time
	stoppedAt     time.Time
}

func (r *release) running() bool {
	return r.status == releaseInProgress || r.status == releaseRollbackInProgress
}

// finish ends a service deployment.
func (r *release) finish(status, reason string, now time.Time) {
	r.status, r.statusReason, r.updatedAt, r.finishedAt = status, reason, now, now
	if status == releaseStopped {
		r.stoppedAt = now
	}
	if r.breaker == monitorRunning {
		r.breaker = monitorDone
	}
	if r.alarms == monitorRunning {
		r.alarms = monitorDone
	}
}

// newRevision snapshots the service's spec. The mutex is held.
func (svc *service) newRevision(groups []string) *revision {
	r := &revision{
		arn:        svc.ecs.arn("service-revision/" + svc.cluster.shape.ClusterName + "/" + svc.name + "/" + deploymentDigits()),
		createdAt:  svc.ecs.now(),
		spec:       svc.spec,
		definition: svc.ecs.taskDefinition(svc.spec.TaskDefinition),
		groups:     groups,
		digests:    map[string]string{},
	}
	svc.revisions = append(svc.revisions, r)
	return r
}

// deploy starts a rollout of the service's spec; one that is under way is given up.
// The mutex is held.
func (svc *service) deploy() {
	now := svc.ecs.now()
	if old := svc.primary(); old != nil && old.release.running() {
		old.release.finish(releaseStopped, "Service deployment stopped because a new service deployment was started.", now)
	}
	source, shifts := svc.inTraffic(), svc.configuration.shifts()
	var used *revision
	if source != nil {
		used = source.revision
	}
	target := svc.newRevision(targetGroups(svc.spec, used, shifts))
	r := &release{
		arn:           svc.ecs.arn("service-deployment/" + svc.cluster.shape.ClusterName + "/" + svc.name + "/" + taskID()[:21]),
		status:        releaseInProgress,
		sources:       svc.running(),
		target:        target,
		configuration: svc.configuration,
		breaker:       monitorDisabled,
		alarms:        monitorDisabled,
		threshold:     svc.configuration.DeploymentCircuitBreaker.threshold(svc.desired),
		createdAt:     now,
		updatedAt:     now,
	}
	if shifts {
		others := slices.ContainsFunc(svc.tasks, func(t *task) bool { return t.live() && t.deployment != source })
		r.shift = forwardShift(svc.configuration, source, others)
	}
	if svc.configuration.DeploymentCircuitBreaker.enabled() {
		r.breaker = monitorRunning
	}
	if svc.configuration.Alarms.enabled() {
		r.alarms = monitorRunning
	}
	svc.releases = slices.Insert(svc.releases, 0, r)
	d := svc.addDeployment(target, r)
	d.reason = "ECS deployment " + d.id + " in progress."
}

// rollBack makes the last completed deployment PRIMARY again, with the tasks that it
// still has, and reports whether there is one. As documented, that deployment goes from
// COMPLETED to IN_PROGRESS, and is not eligible for another rollback until it is
// completed again. The mutex is held.
func (svc *service) rollBack(from *deployment, by, why string) bool {
	r := from.release
	last := svc.lastCompleted
	if r.shift != nil && !from.rollback {
		last = r.shift.source // what had the traffic
	} else if last != nil && last.state != rolloutCompleted {
		last = nil
	}
	if last == nil {
		return false
	}
	now := svc.ecs.now()
	if r.shift != nil {
		r.shiftBack(from, now)
	}
	r.status, r.statusReason, r.updatedAt = releaseRollbackInProgress, why, now
	r.rollback = &Rollback{Reason: why, StartedAt: wire.EpochOf(now), ServiceRevisionArn: last.revision.arn}
	svc.spec = last.revision.spec
	last.rollback, last.release, last.failed = true, r, 0
	last.state, last.reason = rolloutInProgress, by+": rolling back to deploymentId "+last.id+"."
	svc.promote(last)
	svc.event("rolling back to deployment %s.", last.id)
	return true
}

// addDeployment makes a new PRIMARY deployment. The mutex is held.
func (svc *service) addDeployment(r *revision, rel *release) *deployment {
	d := &deployment{
		id:        "ecs-svc/" + deploymentDigits(),
		revision:  r,
		release:   rel,
		createdAt: svc.ecs.now(),
		state:     rolloutInProgress,
	}
	svc.history[d.id] = d
	svc.promote(d)
	return d
}

// promote makes a deployment the PRIMARY one. The mutex is held.
func (svc *service) promote(d *deployment) {
	now := svc.ecs.now()
	svc.deployments = slices.DeleteFunc(svc.deployments, func(other *deployment) bool { return other == d })
	for _, other := range svc.deployments {
		other.status, other.updatedAt = deploymentActive, now
	}
	d.status, d.updatedAt = deploymentPrimary, now
	svc.deployments = slices.Insert(svc.deployments, 0, d)
	svc.restarts = throttle{}
	svc.steady = false
	svc.nudge()
}

// primary is what the service wants, nil before its first deployment.
func (svc *service) primary() *deployment {
	if len(svc.deployments) == 0 {
		return nil
	}
	return svc.deployments[0]
}

// running are the revisions that the service's tasks are of.
func (svc *service) running() []*revision {
	distinct := map[*revision]bool{}
	for _, t := range svc.tasks {
		if t.live() {
			distinct[t.revision] = true
		}
	}
	return slices.SortedFunc(maps.Keys(distinct), func(a, b *revision) int { return a.createdAt.Compare(b.createdAt) })
}

// complete ends the PRIMARY deployment with success. The mutex is held.
func (svc *service) complete(d *deployment) {
	now := svc.ecs.now()
	d.state, d.reason, d.updatedAt = rolloutCompleted, "ECS deployment "+d.id+" completed.", now
	svc.lastCompleted = d
	if d.release.running() {
		status := releaseSuccessful
		if d.rollback {
			status = releaseRollbackSuccessful
		}
		d.release.finish(status, d.release.statusReason, now)
	}
	d.rollback = false
	svc.event("(deployment %s) deployment completed.", d.id)
	svc.ecs.options.Settled()
}

// fail ends the PRIMARY deployment, which then starts no more tasks, and rolls back
// where that is wanted and possible. The reason names who failed it and what happened.
// The mutex is held.
func (svc *service) fail(d *deployment, by, what, why string, rollBack bool) {
	now := svc.ecs.now()
	d.state, d.reason, d.updatedAt = rolloutFailed, by+": "+what, now
	svc.ecs.options.Settled()
	if rollBack && svc.rollBack(d, by, why) {
		return
	}
	status := releaseStopped
	if d.rollback {
		status = releaseRollbackFailed
	}
	d.release.finish(status, why, now)
}

// noteFailure counts a failed task and opens the circuit breaker at its threshold. The
// mutex is held.
func (svc *service) noteFailure(d *deployment) {
	d.failed++
	if d != svc.primary() || svc.status != statusActive {
		return
	}
	if svc.restarts.failed(svc.ecs.now()) && svc.restarts.failures == restartsNoted {
		svc.event("is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.")
	}
	if d.state != rolloutInProgress {
		return
	}
	b := svc.configuration.DeploymentCircuitBreaker
	threshold := b.threshold(svc.desired)
	if !d.rollback { // the service deployment shows what led to the rollback
		d.release.failures, d.release.threshold = d.failed, threshold
	}
	if !b.enabled() || d.failed < threshold {
		return
	}
	d.release.breaker = monitorTriggered
	svc.event("(deployment %s) deployment failed: tasks failed to start.", d.id)
	why := "Service deployment failed because the circuit breaker threshold was exceeded."
	if b.rollsBack() {
		why = "Service deployment rolled back because the circuit breaker threshold was exceeded."
	}
	svc.fail(d, "ECS deployment circuit breaker", "tasks failed to start.", why, b.rollsBack())
}

// noteHealthy clears what failures have counted. The mutex is held.
func (svc *service) noteHealthy(d *deployment) {
	if d == svc.primary() {
		svc.restarts = throttle{}
	}
	if svc.configuration.DeploymentCircuitBreaker.resets() {
		d.failed = 0
		if d.state == rolloutInProgress && !d.rollback {
			d.release.failures = 0
		}
	}
}
