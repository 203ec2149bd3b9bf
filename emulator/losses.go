package emulator

import (
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// Loss is a request whose client got no good answer: see the field OnLoss of [Options].
type Loss = elb.Loss

// LossCause is why a request was lost, as the load balancer saw it.
type LossCause = elb.Cause

// The causes of losses.
const (
	LostNoTarget = elb.NoTarget // there was none to send the request to
	LostRefused  = elb.Refused  // the target took no connection
	LostClosed   = elb.Closed   // the target closed the connection before its answer was complete
	LostReset    = elb.Reset    // the same, abruptly
	LostTimedOut = elb.TimedOut // the target took too long to connect or to answer
	LostCut      = elb.Cut      // the deregistration delay was over
	LostAnswered = elb.Answered // the target itself answered with 400 or more
	LostGarbled  = elb.Garbled  // the target's answer was no HTTP
)

// TaskChange is a task that has come to another status: see the field OnTask of [Options].
type TaskChange = ecs.TaskChange
