package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/slipway-go/slipway/deploy"
)

// printPlanMarkdown writes a plan as a comment on a pull request, in GitHub's Markdown.
func printPlanMarkdown(w io.Writer, p *deploy.Plan) error {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	v := planVerdictOf(p)
	if v == planCurrent {
		say("### Slipway: %s runs %s already", markdownCode(p.Stack), markdownCode(short(p.Image)))
	} else {
		before, after := shortPair(p.PreviousImage, p.Image)
		say("### Slipway: a deploy to %s %s", markdownCode(p.Stack), v)
		say("\n%s: %s → %s", markdownCode(p.Parameter), markdownCode(before), markdownCode(after))
	}
	if place := placeText(p.Place); place != "" {
		say("\nIn %s.", place)
	}
	if len(p.Changes) > 0 {
		say("\n| Resource | Attribute | Before | After | Because of |")
		say("|---|---|---|---|---|")
	}
	for _, c := range p.Changes {
		say("%s", markdownRow(p, c))
	}
	if p.Refused() {
		say("\n**Refused because**\n")
	}
	for _, r := range p.Reasons {
		say("%s", markdownReason(r))
	}
	if p.Advice != "" {
		say("\n%s", markdownText(p.Advice))
	}
	for _, prediction := range p.Predictions {
		say("\n%s", markdownPrediction(prediction))
	}
	if unused(p) {
		say("\n%s", markdownText(unusedImage))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownRow(p *deploy.Plan, c deploy.Change) string {
	resource := markdownCode(c.Resource) + " " + markdownText(c.ResourceType)
	if done := doneTo(c); done != "" {
		resource += ", " + done
	}
	path := markdownCode(c.Path)
	if refusedPlace(p, c) {
		path = strings.TrimSpace(path + " **refused**")
	}
	before, after := shortPair(c.Before, c.After)
	cells := []string{resource, path, markdownCode(before), markdownCode(after), markdownCode(c.Cause)}
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`) // counts in code, too
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

func markdownReason(r deploy.Reason) string {
	text := markdownText(r.Why)
	if place := r.Resource + r.Path; place != "" {
		text = markdownCode(place) + ": " + text
	}
	if before, after := shortPair(r.Before, r.After); before != "" || after != "" {
		text += fmt.Sprintf(" (%s → %s)", orNothing(markdownCode(before)), orNothing(markdownCode(after)))
	}
	return "- " + text
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

func markdownPrediction(p deploy.Prediction) string {
	lines := []string{"**Rollout of service " + markdownCode(shortService(p.Service)) + "**", "", "- " + markdownText(paceInWords(p))}
	if took := p.Duration(); took != "" {
		lines = append(lines, "- takes "+took+" in ECS: "+markdownText(strings.Join(p.Basis, "; ")))
	}
	for _, warning := range p.Warnings {
		lines = append(lines, "- ⚠️ "+markdownText(warning))
	}
	for _, unread := range p.Unread {
		lines = append(lines, "- not read, a default stands for it: "+markdownText(unread))
	}
	return strings.Join(lines, "\n")
}

// markdownCode writes a value as it is, whatever it has in it: a fence of more backticks
// than the value has in a row encloses it. Nothing is for an empty one.
func markdownCode(value string) string {
	value = strings.Join(strings.Fields(withoutLongWords(value)), " ") // a line break would end a table's row
	if value == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(value, fence) {
		fence += "`"
	}
	if strings.HasPrefix(value, "`") || strings.HasSuffix(value, "`") {
		value = " " + value + " " // of which Markdown takes one from each side
	}
	return fence + value + fence
}

// markdownText writes a sentence that may have in it what means something in Markdown.
func markdownText(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune("\\`*_{}[]<>#~&@", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
