package ecs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// eventsKept is how many events a service shows.
const eventsKept = 100

// news is what tasks have done since the scheduler last told of it: one event speaks
// of all tasks together.
type news struct {
	registered, deregistered map[string]int // by target group
	stopped                  []string       // task ids
}

func noNews() news {
	return news{registered: map[string]int{}, deregistered: map[string]int{}}
}

// event adds a line to the service's events, which are shown newest first. The mutex
// is held.
func (svc *service) event(format string, args ...any) {
	e := ServiceEvent{
		Id:        attachmentID(),
		CreatedAt: wire.EpochOf(svc.ecs.now()),
		Message:   fmt.Sprintf("(service %s) ", svc.name) + fmt.Sprintf(format, args...),
	}
	svc.events = append([]ServiceEvent{e}, svc.events[:min(len(svc.events), eventsKept-1)]...)
}

// tell turns the news into events. The mutex is held.
func (svc *service) tell() {
	n := svc.news
	svc.news = noNews()
	for _, group := range sortedKeys(n.registered) {
		svc.event("registered %d targets in (target-group %s)", n.registered[group], group)
	}
	for _, group := range sortedKeys(n.deregistered) {
		svc.event("deregistered %d targets in (target-group %s)", n.deregistered[group], group)
	}
	if len(n.stopped) > 0 {
		svc.event("has stopped %d running tasks: %s.", len(n.stopped), taskList(n.stopped))
	}
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func taskList(ids []string) string {
	return "(task " + strings.Join(ids, ") (task ") + ")"
}
