package emulator

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/ecs"
)

// FaultResource holds up, or fails, what CloudFormation does with a resource: it stays
// CREATE_IN_PROGRESS, UPDATE_IN_PROGRESS or DELETE_IN_PROGRESS. Its occasions are the
// creations, updates and deletions of resources that fit. Empty members fit all.
type FaultResource struct {
	FaultWhen

	Stack     string `json:"stack,omitempty"`     // name
	LogicalID string `json:"logicalID,omitempty"` // in the template
	Type      string `json:"type,omitempty"`      // AWS::ECS::Service
	Action    string `json:"action,omitempty"`    // CREATE, UPDATE or DELETE

	// Delay passes, in AWS time, before anything is done. Default: 0, which holds the
	// resource until the fault is cleared or the operation cancelled; with a Reason, no
	// time at all.
	Delay time.Duration `json:"delay,omitempty"`
	// Reason fails the resource, with this status reason. Default: it is done after all.
	Reason string `json:"reason,omitempty"`
}

// Kind implements [Fault].
func (FaultResource) Kind() string { return "resource" }

func (f FaultResource) validate() error {
	switch f.Action {
	case "", "CREATE", "UPDATE", "DELETE":
		return notNegative("delay", f.Delay)
	}
	return fmt.Errorf("action is %q: it is CREATE, UPDATE or DELETE", f.Action)
}

// FaultImage makes pulls of an image fail: the task stops with TaskFailedToStart. Its
// occasions are the pulls of images that fit.
type FaultImage struct {
	FaultWhen

	// Image is a reference, or a pattern in which * is any text but a slash. Default:
	// every image.
	Image string `json:"image,omitempty"`
	// Reason of the task. Default: a CannotPullContainerError by a registry that does
	// not answer.
	Reason string `json:"reason,omitempty"`
}

// Kind implements [Fault].
func (FaultImage) Kind() string { return "image" }

func (f FaultImage) validate() error {
	if _, err := path.Match(f.Image, ""); err != nil {
		return fmt.Errorf("image %q: %w", f.Image, err)
	}
	return nil
}

// FaultTaskKill kills tasks that run when it is injected, and none that starts later.
// Its occasions are those of them that fit, the oldest first; Times is how many are
// killed. Empty members fit all.
type FaultTaskKill struct {
	FaultWhen

	Cluster string `json:"cluster,omitempty"` // name
	Service string `json:"service,omitempty"` // name
	Task    string `json:"task,omitempty"`    // id or ARN

	// StopCode and Reason are the stop code and the stopped reason of the task, such as
	// SpotInterruption with "Your Spot Task was interrupted.": containers get SIGTERM.
	// Default: an essential container is killed with SIGKILL, as one that uses too much
	// memory, and the task stops with EssentialContainerExited.
	StopCode string `json:"stopCode,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// ContainerReason is the reason of the killed container, without a StopCode.
	// Default: "OutOfMemoryError: Container killed due to memory usage".
	ContainerReason string `json:"containerReason,omitempty"`
}

// Kind implements [Fault].
func (FaultTaskKill) Kind() string { return "task" }

func (f FaultTaskKill) validate() error {
	if f.StopCode == "" && f.Reason != "" {
		return errors.New("a reason without a stop code: give both, or a container reason")
	}
	return nil
}

func (f FaultTaskKill) begin(_ *Server, regions map[string]*region, in *injected) {
	kill := ecs.TaskKill{
		Cluster: f.Cluster, Service: f.Service, Task: f.Task,
		Code: f.StopCode, Reason: f.Reason, ContainerReason: f.ContainerReason, Strike: in.trigger.Strike,
	}
	if kill.ContainerReason == "" {
		kill.ContainerReason = "OutOfMemoryError: Container killed due to memory usage"
	}
	for _, name := range sortedNames(regions) {
		regions[name].ecs.KillTasks(kill)
	}
}

// FaultCapacity leaves Fargate without capacity: RunTask answers with a failure, and
// services say in their events that they were unable to place a task. Its occasions
// are the attempts to place a task. Empty members fit all.
type FaultCapacity struct {
	FaultWhen

	Cluster string `json:"cluster,omitempty"` // name
	Service string `json:"service,omitempty"` // name; tasks of RunTask have none
	// Zone is the one without capacity; others have it. Default: every zone.
	Zone string `json:"zone,omitempty"`
}

// Kind implements [Fault].
func (FaultCapacity) Kind() string { return "capacity" }

func (FaultCapacity) validate() error { return nil }

// FaultZone is the loss of an Availability Zone: all tasks that run or start in it are
// killed, and until the fault is cleared, its subnets give no capacity. Its occasions are
// the tasks in the zone, and then the attempts to place one.
type FaultZone struct {
	FaultWhen

	Zone string `json:"zone,omitempty"` // eu-west-1a; required
}

// Kind implements [Fault].
func (FaultZone) Kind() string { return "zone" }

func (f FaultZone) validate() error {
	if f.Zone == "" {
		return errors.New("no zone: give one, such as eu-west-1a")
	}
	return nil
}

func (f FaultZone) begin(_ *Server, regions map[string]*region, in *injected) {
	for _, name := range sortedNames(regions) {
		regions[name].ecs.KillTasks(ecs.TaskKill{Zone: f.Zone, Strike: in.trigger.Strike})
	}
}

// FaultHealth makes health checks of targets fail, whatever the targets answer. Its
// occasions are the health checks of targets that fit. Empty members fit all.
type FaultHealth struct {
	FaultWhen

	TargetGroup string `json:"targetGroup,omitempty"` // ARN or name
	Target      string `json:"target,omitempty"`      // "address:port" in the private network

	// Fail and Pass let targets flap: of each target, as many checks fail as Fail says,
	// then as many are left alone as Pass says, then it begins anew. Only the failing
	// ones are occasions. Default: all fail.
	Fail int `json:"fail,omitempty"`
	Pass int `json:"pass,omitempty"`
}

// Kind implements [Fault].
func (FaultHealth) Kind() string { return "health" }

func (f FaultHealth) validate() error {
	if f.Fail < 0 || f.Pass < 0 || f.Pass > 0 && f.Fail == 0 {
		return fmt.Errorf("fail is %d and pass is %d: a target that flaps fails at least once", f.Fail, f.Pass)
	}
	return nil
}

// fits reports whether a health check of the target is to fail, as far as its turn goes.
func (f FaultHealth) fits(in *injected, targetGroup, target string) bool {
	if f.TargetGroup != "" && f.TargetGroup != targetGroup && !strings.Contains(targetGroup, ":targetgroup/"+f.TargetGroup+"/") ||
		f.Target != "" && f.Target != target {
		return false
	}
	if f.Pass == 0 {
		return true
	}
	key := targetGroup + " " + target
	turn := in.checks[key] % (f.Fail + f.Pass)
	in.checks[key]++
	return turn < f.Fail
}

// FaultClock sets the clock of this AWS forward, or back, for as long as the fault is
// there: every time that AWS tells has jumped. What waits for a time to pass goes on
// waiting; deadlines by the clock, such as a health check grace period, come as much
// earlier or later. It has no occasions.
type FaultClock struct {
	Jump time.Duration `json:"jump,omitempty"` // back where it is negative; required
}

// Kind implements [Fault].
func (FaultClock) Kind() string { return "clock" }

func (FaultClock) occasions() FaultWhen { return FaultWhen{} }

func (f FaultClock) validate() error {
	if f.Jump == 0 {
		return errors.New("no jump: give a duration, such as 90s, or -90s")
	}
	return nil
}

func (f FaultClock) begin(s *Server, _ map[string]*region, _ *injected) { s.clock.Jump(f.Jump) }

func (f FaultClock) end(s *Server) { s.clock.Jump(-f.Jump) }

// resourceFault holds a resource up, or fails it, as the faults say.
func (s *Server) resourceFault(ctx context.Context, action, stack, logicalID, resourceType string) error {
	fits := func(want, is string) bool { return want == "" || want == is }
	f, in := strike(&s.faults, func(f FaultResource, _ *injected) bool {
		return fits(f.Action, action) && fits(f.Stack, stack) && fits(f.LogicalID, logicalID) && fits(f.Type, resourceType)
	})
	if in == nil {
		return nil
	}
	if f.Delay > 0 || f.Reason == "" {
		if err := hold(ctx, s.clock, f.Delay, in); err != nil {
			return err
		}
	}
	if f.Reason != "" {
		return errors.New(f.Reason)
	}
	return nil
}
