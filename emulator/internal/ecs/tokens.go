package ecs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// tokenKept is how long a client token of RunTask is known, at most. It is known no
// longer than its tasks, which ECS shows for an hour after their end ("Ensuring
// idempotency", developer guide).
const tokenKept = 24 * time.Hour

// start is a RunTask that bore a client token.
type start struct {
	request string // fingerprint
	at      time.Time
	tasks   []*task
}

// fingerprint tells two requests apart. Their tokens are the same, or not given.
func fingerprint(request any) string {
	text, err := json.Marshal(request)
	if err != nil {
		panic(err) // it came out of JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// started finds what the same request has started before: the tasks as they are now. The
// mutex is held.
func (s *Service) started(c *cluster, in *RunTaskInput) (*RunTaskOutput, error) {
	s.forgetOldTasks(c)
	before := c.starts[in.ClientToken]
	if in.ClientToken == "" || before == nil || s.now().Sub(before.at) >= tokenKept {
		return nil, nil
	}
	out := &RunTaskOutput{Tasks: []Task{}, Failures: []Failure{}}
	var arns []string
	for _, t := range before.tasks {
		arns = append(arns, t.arn)
		out.Tasks = append(out.Tasks, s.showTask(t))
	}
	if before.request != fingerprint(in) {
		return nil, &wire.Error{
			Code:    "ConflictException",
			Message: "The provided clientToken is already in use with a different RunTask request.",
			Members: map[string]any{"resourceIds": arns},
		}
	}
	return out, nil
}

// remember keeps what a request with a token has started. The mutex is held.
func (c *cluster) remember(in *RunTaskInput, at time.Time, tasks []*task) {
	if in.ClientToken == "" || len(tasks) == 0 {
		return
	}
	c.starts[in.ClientToken] = &start{fingerprint(in), at, tasks}
	for _, t := range tasks {
		t.token = in.ClientToken
	}
}

// forget drops a task that ECS does not show any more; its token goes with the last of
// its tasks. The mutex is held.
func (s *Service) forget(c *cluster, t *task) {
	delete(s.tags, t.arn)
	delete(c.taskByID, t.id)
	before := c.starts[t.token]
	if before == nil {
		return
	}
	before.tasks = slices.DeleteFunc(before.tasks, func(other *task) bool { return other == t })
	if len(before.tasks) == 0 {
		delete(c.starts, t.token)
	}
}
