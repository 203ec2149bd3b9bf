package live

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/imageref"
)

// View is what has been told of an operation so far, as a few lines for a terminal. It is
// not safe for concurrent use: a [Screen] lets one goroutine have it.
type View struct {
	// Elapsed is the time since the operation began, which is AWS time in a rehearsal.
	Elapsed func() time.Duration
	// Old and New name the two versions. They are learnt from the plan, where it is told;
	// until then they are "old" and "new".
	Old, New string

	stack  string
	phase  string
	status string // the stack's last event, or another line of the moment

	services []*service // in the order in which they were first told of

	rolling  time.Duration // when the rollout began, by Elapsed; zero before
	predicts bool
	shortest time.Duration
	longest  time.Duration

	load rate
}

// service is how far the rollout of one service has come.
type service struct {
	deploy.DeploymentProgress
	paused string // at which stage it waits for somebody
}

// Tell takes in an event of the deployer.
func (v *View) Tell(e deploy.Event) {
	switch e := e.(type) {
	case deploy.PhaseStarted:
		v.stack = e.Stack
		v.Enter(string(e.Phase))
	case deploy.ChangesAccepted:
		v.plan(e)
	case deploy.StackEvent:
		v.stack = cmp.Or(v.stack, e.Stack)
		if e.ResourceType != "AWS::CloudFormation::Stack" {
			v.status = e.Resource + " " + e.Status
			return
		}
		if strings.HasSuffix(e.Status, "ROLLBACK_IN_PROGRESS") {
			v.Enter("rolling back") // whatever it was about, and however long that was to take
		}
		v.status = "stack " + e.Status
	case deploy.DeploymentProgress:
		s := v.service(e.Service)
		s.DeploymentProgress, s.paused = e, ""
	case deploy.Paused:
		v.service(e.Service).paused = cmp.Or(e.Stage, "a hook")
	case deploy.Waiting:
		v.status = fmt.Sprintf("%s; waiting for that to end", e.Status)
	case deploy.Cancelling:
		v.Enter("cancelling")
	case deploy.Reverting:
		v.Enter("going back")
	}
}

// Enter begins a part of the operation.
func (v *View) Enter(phase string) {
	v.phase, v.status, v.rolling = phase, "", 0
	if phase == string(deploy.PhaseRollout) {
		v.rolling = v.Elapsed()
	}
}

// plan takes in what the versions are called and how long the rollout may take.
func (v *View) plan(e deploy.ChangesAccepted) {
	for _, c := range e.Changes {
		if strings.HasSuffix(c.Path, "/Image") && c.Before != "" && c.After != "" {
			v.Old, v.New = imageref.Labels(c.Before, c.After)
			break
		}
	}
	v.predicts = len(e.Predictions) > 0
	for _, p := range e.Predictions {
		v.predicts = v.predicts && p.Longest > 0
		v.shortest, v.longest = max(v.shortest, p.Shortest), max(v.longest, p.Longest)
	}
}

func (v *View) service(name string) *service {
	for _, s := range v.services {
		if s.Service == name {
			return s
		}
	}
	s := &service{}
	s.Service = name
	v.services = append(v.services, s)
	return s
}

// Lines draws the view for a terminal of so many columns and rows. It has fewer lines than
// rows, none of which is wider than the terminal.
func (v *View) Lines(width, height int) []string {
	width-- // terminals differ in what they make of a full line
	if width <= 0 || height <= 1 {
		return nil
	}
	room := height - 1 // the cursor's
	lines := []string{v.headline()}
	foot := v.load.line()
	services := v.services
	more := 0
	const rows = 2 // of a service
	if free := room - len(lines) - len(foot); rows*len(services) > free {
		fit := max((free-1)/rows, 0)
		services, more = services[:fit], len(services)-fit
	}
	names := v.nameWidth(services, width)
	for _, s := range services {
		lines = append(lines, v.rows(s, names)...)
	}
	if more > 0 {
		lines = append(lines, faint(fmt.Sprintf("  and %d more", more)))
	}
	lines = append(lines, foot...)
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, width, "…")
	}
	return lines[:min(len(lines), room)]
}

// headline says what goes on, and how long it has taken. It is no longer than it has to be:
// a full line would be broken by a terminal that becomes narrower.
func (v *View) headline() string {
	line := bold(cmp.Or(v.phase, "starting"))
	if v.stack != "" {
		line = v.stack + ": " + line
	}
	line += "  " + v.times()
	if v.status != "" {
		line += "  " + faint(v.status)
	}
	return line
}

// times are how long it has taken, or the rollout once that has begun, and how much longer
// it will by the prediction.
func (v *View) times() string {
	elapsed := v.Elapsed()
	if v.rolling == 0 {
		return clock(elapsed)
	}
	since := elapsed - v.rolling
	text := clock(since)
	if !v.predicts {
		return text
	}
	switch least, most := v.shortest-since, v.longest-since; {
	case most <= 0:
		return text + ", longer than predicted"
	case least <= 0:
		return text + ", up to " + clock(most) + " left"
	default:
		return text + ", " + clock(least) + " to " + clock(most) + " left"
	}
}

// clock writes a duration as minutes and seconds: "1:05".
func clock(d time.Duration) string {
	s := int(max(d, 0).Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// name is what a service is called: without what CloudFormation puts around its logical id
// to make a name, where it has.
func (v *View) name(s *service) string {
	short := ShortName(s.Service)
	if id, ok := strings.CutPrefix(short, v.stack+"-"); ok && short != s.Service {
		return id
	}
	return short
}

// nameWidth is the columns that the names of services may take.
func (v *View) nameWidth(services []*service, width int) int {
	longest := 0
	for _, s := range services {
		longest = max(longest, ansi.StringWidth(v.name(s)))
	}
	return min(longest, max(width/4, 8))
}

// rows are the two lines of a service: the old version and the new one.
func (v *View) rows(s *service, names int) []string {
	name := ansi.Truncate(v.name(s), names, "…")
	name += strings.Repeat(" ", names-ansi.StringWidth(name))
	oldName, newName := cmp.Or(v.Old, "old"), cmp.Or(v.New, "new")
	label := max(ansi.StringWidth(oldName), ansi.StringWidth(newName))
	pad := func(text string) string { return text + strings.Repeat(" ", max(label-ansi.StringWidth(text), 0)) }

	all := max(s.Desired, s.Running+s.Pending, s.OldRunning)
	oldBar := bar(all, part{s.OldRunning, "█", inOld})
	newBar := bar(all, part{s.Running, "█", inNew}, part{s.Pending, "░", inNew})
	oldText := []string{fmt.Sprintf("%d running", s.OldRunning)}
	newText := []string{fmt.Sprintf("%d of %d running", s.Running, s.Desired)}
	if s.Pending > 0 {
		newText = append(newText, fmt.Sprintf("%d pending", s.Pending))
	}
	if s.Failed > 0 {
		newText = append(newText, bad(fmt.Sprintf("%d failed", s.Failed)))
	}
	if s.Targets+s.DrainingTargets > 0 {
		oldHealth, newHealth := s.health()
		oldText, newText = append(oldText, oldHealth...), append(newText, newHealth...)
	}
	switch {
	case s.paused != "":
		newText = append(newText, "paused at "+s.paused)
	case s.RolloutState == "FAILED":
		newText = append(newText, bad("failed"))
	case s.Stage != "":
		newText = append(newText, strings.ToLower(strings.ReplaceAll(s.Stage, "_", " ")))
	}
	return []string{
		"  " + name + "  " + pad(oldName) + "  " + oldBar + "  " + strings.Join(oldText, ", "),
		"  " + strings.Repeat(" ", names) + "  " + pad(newName) + "  " + newBar + "  " + strings.Join(newText, ", "),
	}
}

// health says how the targets of both versions are, each where its version is known.
func (s *service) health() (former, fresh []string) {
	draining := func(text []string, n int) []string {
		if n > 0 {
			return append(text, fmt.Sprintf("%d draining", n))
		}
		return text
	}
	if !s.ByVersion {
		all := fmt.Sprintf("%d of %d targets healthy", s.HealthyTargets, s.Targets)
		if s.HealthyTargets < s.Desired {
			all = bad(all)
		}
		return nil, draining([]string{all}, s.DrainingTargets)
	}
	if n := s.Targets - s.New.Registered; n > 0 {
		former = append(former, fmt.Sprintf("%d of %d healthy", s.HealthyTargets-s.New.Healthy, n))
	}
	if s.New.Registered > 0 {
		fresh = append(fresh, fmt.Sprintf("%d of %d healthy", s.New.Healthy, s.New.Registered))
	}
	return draining(former, s.DrainingTargets-s.New.Draining), draining(fresh, s.New.Draining)
}
