package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/slipway-go/slipway/deploy"
)

// Colours of a plan, as codes of ANSI terminals.
const (
	colourBad   = "31" // red
	colourGood  = "32" // green
	colourMaybe = "33" // yellow
	colourHead  = "1"  // bold
)

// planText writes a plan for a terminal: what is long stands on lines of its own.
type planText struct {
	b      strings.Builder
	colour bool
	width  int // where lines are wrapped; zero is nowhere
}

func printPlanText(w io.Writer, p *deploy.Plan, colour bool, width int) error {
	t := &planText{colour: colour, width: width}
	t.headline(p)
	t.changes(p)
	t.reasons(p)
	t.predictions(p)
	if unused(p) {
		t.b.WriteString("\n")
		t.line(0, "", unusedImage)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

// line writes text behind an indent, wrapped at spaces with a deeper one.
func (t *planText) line(indent int, colour, text string) {
	lead := strings.Repeat(" ", indent)
	for i, part := range t.wrap(text, t.width-indent-2) {
		if i > 0 {
			part = "  " + part
		}
		if colour != "" && t.colour {
			part = "\x1b[" + colour + "m" + part + "\x1b[0m"
		}
		t.b.WriteString(lead + part + "\n")
	}
}

// wrap parts text at line breaks, and at the last space within width where there is one.
func (t *planText) wrap(text string, width int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		for t.width > 0 && len(line) > width {
			at := strings.LastIndexByte(line[:width+1], ' ')
			if at <= 0 {
				break // one long word
			}
			lines = append(lines, line[:at])
			line = line[at+1:]
		}
		lines = append(lines, line)
	}
	return lines
}

func (t *planText) headline(p *deploy.Plan) {
	colour := map[planVerdict]string{planAccepted: colourGood, planRefused: colourBad, planCurrent: colourGood}
	v := planVerdictOf(p)
	if v == planCurrent {
		t.line(0, colour[v], fmt.Sprintf("already current: %s runs %s", p.Stack, short(p.Image)))
		t.place(p)
		if p.PreviousImage != p.Image {
			t.line(2, "", "the stack has it as "+short(p.PreviousImage))
		}
		return
	}
	t.line(0, colour[v], fmt.Sprintf("a deploy to stack %s %s", p.Stack, v))
	t.place(p)
	t.line(2, "", p.Parameter)
	t.values(p.PreviousImage, p.Image)
}

// place writes where the stack is.
func (t *planText) place(p *deploy.Plan) {
	if place := placeText(p.Place); place != "" {
		t.line(2, "", "in "+place)
	}
}

// values writes what was and what will be on lines of their own; an absent side has none.
func (t *planText) values(before, after string) {
	before, after = shortPair(before, after)
	if before != "" {
		t.line(4, colourBad, "- "+before)
	}
	if after != "" {
		t.line(4, colourGood, "+ "+after)
	}
}

func (t *planText) changes(p *deploy.Plan) {
	resource := ""
	for _, c := range p.Changes {
		if c.Resource != resource {
			resource = c.Resource
			t.resource(c)
		}
		if c.Path != "" {
			path := c.Path
			if c.Cause != "" {
				path += " because of " + c.Cause
			}
			if refusedPlace(p, c) {
				t.line(2, colourBad, path+" (refused)")
			} else {
				t.line(2, "", path)
			}
		}
		t.values(c.Before, c.After)
	}
}

func (t *planText) resource(c deploy.Change) {
	head := c.Resource + " (" + c.ResourceType
	if done := doneTo(c); done != "" {
		head += ", " + done
	}
	t.b.WriteString("\n")
	t.line(0, colourHead, head+")")
}

func (t *planText) reasons(p *deploy.Plan) {
	if !p.Refused() {
		return
	}
	t.b.WriteString("\n")
	t.line(0, colourHead, "refused because")
	for _, r := range p.Reasons {
		text := r.Why
		if place := r.Resource + r.Path; place != "" {
			text = place + ": " + r.Why
		}
		t.line(2, colourBad, text)
		if !changesPlace(p, r) { // else the values stand above
			t.values(r.Before, r.After)
		}
	}
	next := p.Advice
	if next == "" {
		next = afterRefusal(p.Stack, len(p.Changes) > 0)
	}
	for line := range strings.Lines(next) {
		t.line(0, "", line)
	}
}

// changesPlace tells whether the place of a reason is among the changes.
func changesPlace(p *deploy.Plan, r deploy.Reason) bool {
	for _, c := range p.Changes {
		if c.Resource == r.Resource && c.Path == r.Path {
			return true
		}
	}
	return false
}

// plan writes what is about to be done.
func (t *planText) plan(p *deploy.Plan) {
	t.changes(p)
	t.predictions(p)
	t.b.WriteString("\n")
}

func (t *planText) predictions(p *deploy.Plan) {
	for _, prediction := range p.Predictions {
		t.prediction(prediction)
	}
}

func (t *planText) prediction(p deploy.Prediction) {
	t.b.WriteString("\n")
	t.line(0, colourHead, "rollout of service "+shortService(p.Service))
	t.line(2, "", paceInWords(p))
	if took := p.Duration(); took != "" {
		t.line(2, "", "takes "+took+" in ECS:")
	}
	for _, basis := range p.Basis {
		t.line(4, "", basis)
	}
	for _, warning := range p.Warnings {
		t.line(2, colourMaybe, "warning: "+warning)
	}
	for _, unread := range p.Unread {
		t.line(2, colourMaybe, "not read, a default stands for it: "+unread)
	}
}
