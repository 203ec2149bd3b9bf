package ecs

import (
	"context"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Statuses of a lifecycle hook.
const (
	hookAwaiting  = "AWAITING_ACTION"
	hookSucceeded = "SUCCEEDED"
	hookFailed    = "FAILED"
	hookTimedOut  = "TIMED_OUT"
)

// What a lifecycle hook does at its end, or when it times out.
const (
	hookContinue = "CONTINUE"
	hookRollback = "ROLLBACK"
)

const (
	hookPause          = "PAUSE"
	defaultHookMinutes = 1440 // API reference, DeploymentLifecycleHookTimeoutConfiguration
)

// pauseHook is a PAUSE hook that a deployment has reached: it waits for
// ContinueServiceDeployment, or for its end.
type pauseHook struct {
	id        string
	stage     string
	status    string
	expiresAt time.Time
	atTimeout string
}

// pausesAt reports whether the hook pauses a deployment at a lifecycle stage.
func (h DeploymentLifecycleHook) pausesAt(stage string) bool {
	return h.TargetType == hookPause && slices.Contains(h.LifecycleStages, stage)
}

// released reports whether no hook holds the stage that the shift has entered. A hook
// whose time is over rolls the deployment back, unless it is configured to go on. A
// rollback has no hooks. The mutex is held.
func (svc *service) released(d *deployment, sh *shift) bool {
	if sh.begun || d.rollback {
		return true
	}
	now := svc.ecs.now()
	if !sh.reached {
		sh.reached = true
		for _, h := range d.release.configuration.LifecycleHooks {
			if h.pausesAt(sh.stage()) {
				sh.hooks = append(sh.hooks, h.reach(sh.stage(), now))
			}
		}
	}
	for _, h := range sh.hooks {
		if h.status != hookAwaiting {
			continue
		}
		if now.Before(h.expiresAt) {
			return false
		}
		h.status = hookTimedOut
		if h.atTimeout == hookRollback {
			svc.fail(d, "ECS deployment lifecycle hook", "the hook at "+h.stage+" timed out.", "Service deployment rolled back because a lifecycle hook timed out.", true)
			return false
		}
	}
	return true
}

// reach makes the hook wait.
func (h DeploymentLifecycleHook) reach(stage string, now time.Time) *pauseHook {
	reached := &pauseHook{id: attachmentID(), stage: stage, status: hookAwaiting, atTimeout: hookRollback, expiresAt: now.Add(minutes(defaultHookMinutes))}
	if c := h.TimeoutConfiguration; c != nil {
		reached.atTimeout = orElse(c.Action, hookRollback)
		if c.TimeoutInMinutes != nil {
			reached.expiresAt = now.Add(minutes(*c.TimeoutInMinutes))
		}
	}
	return reached
}

// ContinueServiceDeployment lets a deployment that waits at a PAUSE hook go on, or rolls
// it back.
func (s *Service) ContinueServiceDeployment(_ context.Context, in *ContinueServiceDeploymentInput) (*ContinueServiceDeploymentOutput, error) {
	action := orElse(in.Action, hookContinue)
	if action != hookContinue && action != hookRollback {
		return nil, invalid("Invalid action: %s", action)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	svc, r := s.release(in.ServiceDeploymentArn)
	if r == nil {
		return nil, deploymentNotFound(in.ServiceDeploymentArn)
	}
	var hook *pauseHook
	if r.shift != nil && r.running() {
		for _, h := range r.shift.hooks {
			if h.id == in.HookId && h.status == hookAwaiting {
				hook = h
			}
		}
	}
	if hook == nil {
		return nil, invalid("The service deployment %s does not wait for the lifecycle hook %s.", in.ServiceDeploymentArn, in.HookId)
	}
	if action == hookContinue {
		hook.status = hookSucceeded
	} else {
		hook.status = hookFailed
		svc.fail(svc.primary(), "ECS deployment lifecycle hook", "the deployment was rolled back at "+hook.stage+".", "Service deployment rolled back by the user at a lifecycle hook.", true)
	}
	svc.nudge()
	svc.announce()
	return &ContinueServiceDeploymentOutput{ServiceDeploymentArn: r.arn}, nil
}

func (h *pauseHook) show() DeploymentLifecycleHookDetail {
	return DeploymentLifecycleHookDetail{
		HookId: h.id, TargetType: hookPause, Status: h.status,
		ExpiresAt: wire.EpochOf(h.expiresAt), TimeoutAction: h.atTimeout,
	}
}
