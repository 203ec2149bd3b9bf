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

// What a service deployment's circuit breaker does.
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
	digests    map[string]string // by container name; empty until a task resolves it
}

// deployment is one deployment of a service.
type deployment struct {
	id        string // "ecs-svc/..."
	status    string
	revision  *revision
	release   *release
	rollback  bool // goes back to what ran before
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
	breaker       string // what the circuit breaker does
	failures      int
	threshold     int
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
}

// newRevision snapshots the service's spec. The mutex is held.
func (svc *service) newRevision() *revision {
	r := &revision{
		arn:        svc.ecs.arn("service-revision/" + svc.cluster.shape.ClusterName + "/" + svc.name + "/" + deploymentDigits()),
		createdAt:  svc.ecs.now(),
		spec:       svc.spec,
		definition: svc.ecs.taskDefinition(svc.spec.TaskDefinition),
		digests:    map[string]string{},
	}
	svc.revisions = append(svc.revisions, r)
	return r
}

// deploy starts a rollout of the service's spec; one that is under way is given up.
// The mutex is held.
func (svc *service) deploy() *deployment {
	now := svc.ecs.now()
	if old := svc.primary(); old != nil && old.release.running() {
		old.release.finish(releaseStopped, "Service deployment stopped because a new service deployment was started.", now)
	}
	target := svc.newRevision()
	r := &release{
		arn:           svc.ecs.arn("service-deployment/" + svc.cluster.shape.ClusterName + "/" + svc.name + "/" + taskID()[:21]),
		status:        releaseInProgress,
		sources:       svc.running(),
		target:        target,
		configuration: svc.configuration,
		breaker:       monitorDisabled,
		threshold:     svc.configuration.DeploymentCircuitBreaker.threshold(svc.desired),
		createdAt:     now,
		updatedAt:     now,
	}
	if svc.configuration.DeploymentCircuitBreaker.enabled() {
		r.breaker = monitorRunning
	}
	svc.releases = slices.Insert(svc.releases, 0, r)
	d := svc.addDeployment(target, r)
	d.reason = "ECS deployment " + d.id + " in progress."
	return d
}

// rollBack starts a rollback to the last completed deployment and reports whether
// there is one. The mutex is held.
func (svc *service) rollBack(from *deployment, reason string) bool {
	last := svc.lastCompleted
	if last == nil || from.rollback {
		return false
	}
	now := svc.ecs.now()
	r := from.release
	r.status, r.statusReason, r.updatedAt = releaseRollbackInProgress, reason, now
	r.rollback = &Rollback{Reason: reason, StartedAt: wire.EpochOf(now), ServiceRevisionArn: last.revision.arn}
	svc.spec = last.revision.spec
	d := svc.addDeployment(last.revision, r)
	d.rollback = true
	d.reason = "ECS deployment circuit breaker: rolling back to deploymentId " + last.id + "."
	svc.event("rolling back to deployment %s.", last.id)
	return true
}

// addDeployment makes a new PRIMARY deployment. The mutex is held.
func (svc *service) addDeployment(r *revision, rel *release) *deployment {
	now := svc.ecs.now()
	for _, old := range svc.deployments {
		old.status, old.updatedAt = deploymentActive, now
	}
	d := &deployment{
		id:        "ecs-svc/" + deploymentDigits(),
		status:    deploymentPrimary,
		revision:  r,
		release:   rel,
		createdAt: now,
		updatedAt: now,
		state:     rolloutInProgress,
	}
	svc.deployments = slices.Insert(svc.deployments, 0, d)
	svc.history[d.id] = d
	svc.restarts = throttle{}
	svc.steady = false
	svc.nudge()
	return d
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
	svc.event("(deployment %s) deployment completed.", d.id)
}

// fail ends the PRIMARY deployment, which then starts no more tasks, and rolls back
// where that is wanted and possible. The mutex is held.
func (svc *service) fail(d *deployment, reason, why string, rollBack bool) {
	now := svc.ecs.now()
	d.state, d.reason, d.updatedAt = rolloutFailed, reason, now
	if rollBack && svc.rollBack(d, why) {
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
	svc.restarts.failed(svc.ecs.now())
	if svc.restarts.failures == restartsNoted {
		svc.event("is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.")
	}
	d.failed++
	if d != svc.primary() || d.state != rolloutInProgress || svc.status != statusActive {
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
	svc.fail(d, "ECS deployment circuit breaker: tasks failed to start.",
		"Service deployment rolled back because the circuit breaker threshold was exceeded.", b.rollsBack())
}

// noteHealthy clears what failures have counted. The mutex is held.
func (svc *service) noteHealthy(d *deployment) {
	svc.restarts = throttle{}
	if svc.configuration.DeploymentCircuitBreaker.resets() {
		d.failed = 0
		if d.state == rolloutInProgress && !d.rollback {
			d.release.failures = 0
		}
	}
}
