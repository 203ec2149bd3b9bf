package emulator

import (
	"slices"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Call is a call that a client has made, whatever came of it. JSON has its members
// under the names that the control endpoint shows.
type Call struct {
	Time        time.Time `json:"time"` // AWS time
	Service     string    `json:"service"`
	Operation   string    `json:"operation"`
	Region      string    `json:"region"`
	AccessKeyID string    `json:"accessKeyID"` // empty where the call was not signed
	RequestID   string    `json:"requestID"`
}

// callsKept is how many calls are kept: more than a test makes, and few enough that an
// emulator which runs for weeks stays small.
const callsKept = 100_000

// calls are the last calls. It is safe for concurrent use.
type calls struct {
	mu   sync.Mutex
	list []Call
}

func (c *calls) add(at time.Time, call wire.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.list) >= callsKept {
		c.list = slices.Delete(c.list, 0, callsKept/10)
	}
	c.list = append(c.list, Call{
		Time: at, Service: call.Service, Operation: call.Operation, Region: call.Region,
		AccessKeyID: call.AccessKeyID, RequestID: call.RequestID,
	})
}

// Calls are the calls that clients have made since the start, or since ForgetCalls, in
// the order in which they came: the last 90,000 at least. What CloudFormation does by
// itself is not among them.
func (s *Server) Calls() []Call {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return slices.Clone(s.calls.list)
}

// ForgetCalls lets Calls begin anew.
func (s *Server) ForgetCalls() {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	s.calls.list = nil
}
