package rehearse

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/report"
)

// witness keeps what the embedded AWS tells of lost requests and of the tasks that they
// may have been lost by. It is safe for concurrent use.
type witness struct {
	mu     sync.Mutex
	losses []emulator.Loss
	tasks  []emulator.TaskChange
}

func (w *witness) lost(l emulator.Loss) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.losses = append(w.losses, l)
}

func (w *witness) task(c emulator.TaskChange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tasks = append(w.tasks, c)
}

// findings say why requests were lost from a time on, all but those that nobody can
// tell of.
func (w *witness) findings(health []emulator.TargetHealth, from time.Time, second func(time.Time) float64) []report.Finding {
	w.mu.Lock()
	defer w.mu.Unlock()
	lives := livesOf(w.tasks)
	found := map[reason]*report.Finding{}
	for _, l := range w.losses {
		if l.Time.Before(from) {
			continue
		}
		why := reasonFor(l, lives[l.Target.ID], health)
		at := second(l.Time)
		f := found[why]
		if f == nil {
			f = &report.Finding{What: why.what, Why: why.why, Remedy: why.remedy, From: at, Until: at}
			found[why] = f
		}
		f.Requests++
		f.From, f.Until = min(f.From, at), max(f.Until, at)
	}
	var all []report.Finding
	for _, f := range found {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b report.Finding) int {
		return cmp.Or(b.Requests-a.Requests, cmp.Compare(a.From, b.From), cmp.Compare(a.What, b.What))
	})
	return all
}

// life is what is known of a task by its address.
type life struct {
	image    string
	running  time.Time
	sigterm  time.Time // zero before
	exited   time.Time // when all its containers had exited
	stopCode string
	exitCode *int
}

func livesOf(changes []emulator.TaskChange) map[string]life {
	lives := map[string]life{}
	for _, c := range changes {
		if c.Address == "" {
			continue
		}
		l := lives[c.Address]
		l.image, l.stopCode = c.Image, cmp.Or(c.StopCode, l.stopCode)
		if c.ExitCode != nil {
			l.exitCode = c.ExitCode
		}
		switch c.Status {
		case "RUNNING":
			l.running = c.Time
		case "STOPPING":
			l.sigterm = c.Time
		case "DEPROVISIONING":
			l.exited = c.Time
		}
		lives[c.Address] = l
	}
	return lives
}

// reason is a way to lose requests. Those that were lost by the same are counted as one.
type reason struct{ what, why, remedy string }

// killed is the exit code of a process that got SIGKILL.
const killed = 137

// reasonFor says why a request was lost.
func reasonFor(l emulator.Loss, by life, health []emulator.TargetHealth) reason {
	name := cmp.Or(imageref.Label(by.image), "the service")
	switch l.Cause {
	case emulator.LostNoTarget:
		return reason{
			"the load balancer had no task to send them to",
			"no task was registered: the old ones had been stopped before a new one was there",
			"let new tasks be healthy before old ones are stopped: MinimumHealthyPercent 100 and MaximumPercent 200",
		}
	case emulator.LostAnswered:
		return reason{
			fmt.Sprintf("%s answered them with HTTP %d", name, l.Status),
			"it is what the application answers at the path that the load goes to, and not the rollout",
			"see what the application says to that",
		}
	case emulator.LostTimedOut:
		return reason{
			fmt.Sprintf("%s did not answer in time", name),
			"the application took longer than the load balancer waits, which is its idle timeout (60 s unless set)",
			"answer sooner, or raise the load balancer's idle timeout",
		}
	case emulator.LostCut:
		return reason{
			fmt.Sprintf("they were cut off while %s was answering them", name),
			"they took longer than the deregistration delay, after which a leaving task's requests end",
			"raise the deregistration delay (DeregistrationDelaySeconds) above the longest request",
		}
	}
	if state := stateAt(health, l); state == "initial" || state == "unhealthy" {
		return reason{
			fmt.Sprintf("they went to a task of %s whose health checks did not pass", name),
			"no task was healthy, and then a load balancer sends requests to all of them",
			"let new tasks be healthy before old ones are stopped: MinimumHealthyPercent 100 and MaximumPercent 200",
		}
	}
	switch {
	case by.stopCode == "EssentialContainerExited" && (by.sigterm.IsZero() || !l.Time.Before(by.sigterm.Add(-slack))):
		return reason{
			fmt.Sprintf("a task of %s ended under them%s", name, withCode(by)),
			"the application crashed",
			"see the task's log for why it ended",
		}
	case !by.sigterm.IsZero() && !l.Time.Before(by.sigterm.Add(-slack)):
		return afterSIGTERM(l, by, name, health)
	case l.Cause == emulator.LostClosed || l.Cause == emulator.LostReset:
		return reason{
			fmt.Sprintf("%s closed the connection that they were sent on, while it ran", name),
			"the application closes idle connections earlier than the load balancer does (60 s unless set), or drops requests",
			"let the application keep idle connections for longer than the load balancer: 65 s or more",
		}
	}
	return reason{
		fmt.Sprintf("a task of %s failed them: %s", name, l.Cause),
		"what made it is not known",
		"see the task's log",
	}
}

// slack is how much later than its cause a loss may be noted, or earlier.
const slack = time.Second

// afterSIGTERM is the reason of requests that were lost by a task which had been told to
// stop.
func afterSIGTERM(l emulator.Loss, by life, name string, health []emulator.TargetHealth) reason {
	took := "at once"
	if gap := by.exited.Sub(by.sigterm); !by.exited.IsZero() && gap >= slack {
		took = fmt.Sprintf("%.0f s", gap.Seconds())
		if by.exitCode == nil || *by.exitCode != killed {
			took += " after it"
		}
	}
	if by.exitCode != nil && *by.exitCode == killed {
		return reason{
			fmt.Sprintf("tasks of %s were killed while they were answering them", name),
			fmt.Sprintf("they had not stopped within the stop timeout: SIGKILL came %s after SIGTERM", took),
			"stop sooner after SIGTERM, or raise the stop timeout (StopTimeoutSeconds)",
		}
	}
	while := ""
	if stateAt(health, l) == "draining" {
		while = ", while its target was still draining"
	}
	return reason{
		fmt.Sprintf("tasks of %s ended while they were answering them", name),
		fmt.Sprintf("on SIGTERM, %s ends %s%s%s", name, took, while, withCode(by)),
		"on SIGTERM, serve on for about 5 s and finish what is in flight before exiting (in Go: http.Server.Shutdown)",
	}
}

func withCode(by life) string {
	if by.exitCode == nil {
		return ""
	}
	return fmt.Sprintf(" (exit code %d)", *by.exitCode)
}

// stateAt is the health of a loss's target when it was lost; empty where none is known.
func stateAt(health []emulator.TargetHealth, l emulator.Loss) string {
	state, target := "", fmt.Sprintf("%s:%d", l.Target.ID, l.Target.Port)
	for _, e := range health {
		if e.Time.After(l.Time) {
			break
		}
		if e.TargetGroupARN == l.TargetGroupARN && e.Target == target {
			state = e.State
		}
	}
	return state
}
