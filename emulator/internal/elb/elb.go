// Package elb is Elastic Load Balancing (version 2) of the embedded AWS: the state
// behind its API, and load balancers that really balance.
//
// Every Application Load Balancer owns a loopback port, which its DNSName tells.
// Requests to it go by the rules of its listeners to registered targets, which are
// dialled in the private network and whose health is checked over the same network,
// with the timing, states and errors of AWS. The one deviation: a DNSName carries a
// port, since all load balancers share 127.0.0.1.
package elb

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
)

// Options are what a Service is made of.
type Options struct {
	Clock   *clock.Clock // default: real time
	Network *vpc.Network // how targets are dialled, for traffic and for health checks; required
	Region  string       // default us-east-1
	Logger  *slog.Logger // default: discard

	// OnHealth is told every change of a target's state, registration included, in
	// order and from one goroutine. It must not block; it may use the Service, except
	// for Close. Default: nobody is told.
	OnHealth func(HealthEvent)

	// OnLoss is told every request whose client got no good answer, from many goroutines.
	// It must not block, nor use the Service. Default: nobody is told.
	OnLoss func(Loss)

	// Annotate may add headers to what a target has answered, before the client gets it.
	// It must not block, nor use the Service. Default: nothing is added.
	Annotate func(t Target, header http.Header)

	// FailCheck is asked before every health check and reports whether the check fails,
	// whatever the target would answer. Default: none does.
	FailCheck func(targetGroupARN string, t Target) bool

	// Listen opens the port that a load balancer answers on. Default: any free port of
	// 127.0.0.1.
	Listen func() (net.Listener, error)
}

// HealthEvent is a change of a target's state.
type HealthEvent struct {
	Time           time.Time // AWS time
	TargetGroupARN string
	Target         Target
	State          State
	Reason         string // the API's reason code; empty for a healthy target
}

// Target is where a target group sends requests: a private IP address and a port.
type Target struct {
	ID   string // IP address
	Port int    // default: the target group's port
}

// State is the state of a target, as DescribeTargetHealth names it.
type State string

// The states of a target.
const (
	Initial     State = "initial"     // registered, first health check not passed yet
	Healthy     State = "healthy"     // gets requests
	Unhealthy   State = "unhealthy"   // gets requests only while no target is healthy
	Draining    State = "draining"    // deregistered, finishing the requests it has
	Unused      State = "unused"      // not registered, or no load balancer uses its target group
	Unavailable State = "unavailable" // health checks are disabled
)
