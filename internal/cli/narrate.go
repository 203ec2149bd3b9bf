package cli

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
)

// narrator tells on stderr what the deployer does, one line for each step, so that it
// reads well on a terminal and in the log of a build.
type narrator struct {
	w io.Writer
	// since is the time to put before each line.
	since func() time.Duration
	// failuresOnly leaves out everything that is as expected.
	failuresOnly bool
	// brief leaves out everything but phases and what is not as expected.
	brief bool
	// events is where all events go as lines of JSON; nil is nowhere.
	events io.Writer
	// screen shows what goes on below the lines; nil where there are lines only.
	screen *live.Screen
}

// newNarrator returns a narrator that counts from now.
func newNarrator(cmd *cobra.Command, format outputFormat) *narrator {
	start, w := time.Now(), cmd.ErrOrStderr()
	n := &narrator{w: w, since: func() time.Duration { return time.Since(start) }}
	if format == outputJSONL {
		n.events = cmd.OutOrStdout()
	}
	return n
}

// show has a view at the bottom of the terminal, where there is one, until end. An
// interrupt ends it, too: who is asked something should see that, and the cursor.
func (n *narrator) show(ctx context.Context, v *live.View) {
	if !drawable(n.w) {
		return
	}
	if v.Elapsed == nil {
		v.Elapsed = n.since
	}
	n.screen = live.Start(file(n.w), v)
	context.AfterFunc(ctx, n.end)
}

// end takes the view from the terminal. It can be called again.
func (n *narrator) end() { n.screen.Stop() }

func (n *narrator) say(format string, args ...any) {
	// In the log of a build a step stays one line, to be searched for.
	line := wrapped(fmt.Sprintf("%6.1fs  %s", n.since().Seconds(), fmt.Sprintf(format, args...)), widthOf(n.w))
	n.print(line)
}

// print puts text on lines of its own, which stay.
func (n *narrator) print(text string) {
	text = strings.TrimSuffix(text, "\n")
	if !n.screen.Print(text) {
		fmt.Fprintln(n.w, text)
	}
}

// wrapped breaks lines that are longer than width, at spaces; none if width is zero.
func wrapped(text string, width int) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		for width > 0 && len(line) > width {
			at := strings.LastIndexByte(line[:width+1], ' ')
			if strings.TrimSpace(line[:max(at, 0)]) == "" {
				break // one long word
			}
			lines = append(lines, strings.TrimRight(line[:at], " "))
			line = strings.TrimPrefix(continued, "\n") + line[at+1:]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// tell says what an event of the deployer means.
func (n *narrator) tell(e deploy.Event) {
	if n.events != nil {
		// Who has closed stdout hears no more; the rollout goes on.
		_ = printLine(n.events, eventName(e), e)
	}
	n.screen.Tell(e)
	if !isFailure(e) && n.leavesOut(e) {
		return
	}
	switch e := e.(type) {
	case deploy.PhaseStarted:
		n.say("%s: %s", e.Stack, e.Phase)
	case deploy.StackRead:
		if place := placeText(deploy.Place{Account: e.Account, Region: e.Region}); place != "" {
			n.say("%s: in %s", e.Stack, place)
		}
	case deploy.ImageResolved:
		n.resolved(e)
	case deploy.ChangesAccepted:
		n.changes(e)
	case deploy.StackEvent:
		n.stackEvent(e)
	case deploy.DeploymentProgress:
		n.progress(e)
	case deploy.TaskStopped:
		n.say("%s: stopped task %s", shortService(e.Service), e.Task)
	case deploy.Paused:
		n.say("%s: waits at %s until %s, and then does %s; let it go on with: slipway continue STACK",
			shortService(e.Service), e.Stage, e.Until.Format(time.TimeOnly), e.Then)
	case deploy.Waiting:
		n.say("%s: is %s; waiting for that to end", e.Stack, e.Status)
	case deploy.Resuming:
		n.say("%s: this deploy has begun already; going on with it", e.Stack)
	case deploy.Cancelling:
		n.say("%s: cancelling the update, because %s", e.Stack, e.Why)
	case deploy.Reverting:
		n.say("%s: putting %s back, because %s", e.Stack, short(e.Image), e.Why)
	case deploy.Warning:
		n.say("%s: warning: %s", shortService(e.Service), e.Text)
	case deploy.Retrying:
		n.say("%s: trying again after: %v", e.Stack, e.Err)
	}
}

// leavesOut tells whether an event that is as expected gets no line. What the view shows
// needs none, as long as it is there.
func (n *narrator) leavesOut(e deploy.Event) bool {
	if n.failuresOnly {
		return true
	}
	switch e.(type) {
	case deploy.PhaseStarted, deploy.Waiting:
		return n.screen.Shown()
	case deploy.StackEvent, deploy.DeploymentProgress:
		return n.brief || n.screen.Shown()
	default:
		return n.brief
	}
}

// isFailure tells whether an event tells of something that should not be.
func isFailure(e deploy.Event) bool {
	switch e := e.(type) {
	case deploy.StackEvent:
		return strings.HasSuffix(e.Status, "_FAILED")
	case deploy.TaskStopped, deploy.Paused, deploy.Cancelling, deploy.Reverting, deploy.Warning, deploy.Retrying:
		return true
	default:
		return false
	}
}

// resolved tells what a tag names, and what nobody can tell beforehand.
func (n *narrator) resolved(e deploy.ImageResolved) {
	switch {
	case e.PlatformUntold:
		n.say("%s: the image is %s;%sit does not tell whether it is for %s", e.Stack, short(e.Image), continued, e.Platform)
	case e.Requested != e.Image:
		n.say("%s: the image is %s, for %s", e.Stack, short(e.Image), e.Platform)
	}
}

// changes tells what is accepted, and what to expect of the rollouts: for people as a plan
// shows it, in the log of a build as lines.
func (n *narrator) changes(e deploy.ChangesAccepted) {
	if width := widthOf(n.w); width > 0 {
		t := &planText{colour: coloured(n.w), width: width}
		t.plan(&deploy.Plan{Stack: e.Stack, Changes: e.Changes, Predictions: e.Predictions})
		n.print(t.b.String())
		return
	}
	verb := "accepted"
	if e.ChangeSet == "" { // by a strategy that judges afterwards, if at all
		verb = "changing"
	}
	for _, c := range e.Changes {
		before, after := shortPair(c.Before, c.After)
		line := fmt.Sprintf("%s: %s %s%s:%s%s -> %s", e.Stack, verb, c.Resource, c.Path, continued, before, after)
		if c.Cause != "" {
			line += ", because of " + c.Cause
		}
		if done := doneTo(c); done != "" {
			line += "; " + c.Resource + " is " + done
		}
		n.say("%s", line)
	}
	for _, p := range e.Predictions {
		line := shortService(p.Service) + ": " + paceInWords(p)
		if took := p.Duration(); took != "" {
			line += "; expected to take " + took + continued + "by: " + strings.Join(p.Basis, "; ")
		}
		n.say("%s", line)
		for _, warning := range p.Warnings {
			n.say("%s: warning: %s", shortService(p.Service), warning)
		}
	}
}

// continued begins another line of the same step.
const continued = "\n           "

// short leaves out of a value what is too long to be read, and found with status
// --output json: all but the beginning of a digest, and all of an ARN but the name.
func short(value string) string {
	if parts := strings.SplitN(value, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		name := parts[5]
		if path := strings.Split(name, "/"); len(path) > 1 {
			name = path[1]
		}
		return name
	}
	return shortDigests(value)
}

// shortDigests leaves of each digest what tells images apart: "shop:v1 (sha256:0123456789ab)"
// for "shop:v1@sha256:...".
func shortDigests(text string) string {
	return regexp.MustCompile(`(@?)\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b`).ReplaceAllStringFunc(text, func(digest string) string {
		if rest, pinned := strings.CutPrefix(digest, "@"); pinned {
			return " (" + rest[:shortDigest] + ")"
		}
		return digest[:shortDigest]
	})
}

// shortDigest is how much of a digest is told to people.
const shortDigest = len("sha256:") + 12

// placeText is "account 123456789012, eu-west-1"; nothing for a place that is not known.
func placeText(p deploy.Place) string {
	if p == (deploy.Place{}) {
		return ""
	}
	return "account " + p.Account + ", " + p.Region
}

// shortService leaves out what CloudFormation puts at the end of a name that it makes.
func shortService(name string) string { return live.ShortName(name) }

// stackEvent leaves out what a resource begins: the end follows, or the failure. The
// stack's own events are all told.
func (n *narrator) stackEvent(e deploy.StackEvent) {
	ofStack := e.ResourceType == "AWS::CloudFormation::Stack"
	if strings.HasSuffix(e.Status, "_IN_PROGRESS") && !ofStack {
		return
	}
	name := e.Resource
	if ofStack {
		name = "stack"
	}
	line := fmt.Sprintf("%s: %s %s", e.Stack, name, e.Status)
	if e.Reason != "" {
		line += ": " + e.Reason
	}
	n.say("%s", line)
}

// progress is told often, so it is short: "web: new tasks 1/2, 1 pending; old 2;
// healthy 2/2".
func (n *narrator) progress(e deploy.DeploymentProgress) {
	line := fmt.Sprintf("%s: new tasks %d/%d", shortService(e.Service), e.Running, e.Desired)
	if e.Stage != "" {
		line = fmt.Sprintf("%s: %s, new tasks %d/%d", shortService(e.Service), e.Stage, e.Running, e.Desired)
	}
	if e.Pending > 0 {
		line += fmt.Sprintf(", %d pending", e.Pending)
	}
	if e.Failed > 0 {
		line += fmt.Sprintf(", %d failed", e.Failed)
	}
	line += fmt.Sprintf("; old %d", e.OldRunning)
	if e.Targets > 0 || e.DrainingTargets > 0 {
		line += fmt.Sprintf("; healthy %d/%d", e.HealthyTargets, e.Targets)
	}
	if e.DrainingTargets > 0 {
		line += fmt.Sprintf(", %d draining", e.DrainingTargets)
	}
	if e.RolloutState != "" && e.RolloutState != "IN_PROGRESS" {
		line += "; " + e.RolloutState
		if e.RolloutReason != "" {
			line += continued + e.RolloutReason
		}
	}
	n.say("%s", line)
}
