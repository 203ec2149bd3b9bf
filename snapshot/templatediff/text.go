package templatediff

import (
	"encoding/json"
	"fmt"
	"strings"
)

// maxValue is how much of a value a report shows, in characters.
const maxValue = 300

// String is the report: first what is replaced or deleted, then all changes. It
// is "" when there are none.
func (d Diff) String() string {
	var b strings.Builder
	for _, effect := range []Effect{Deleted, LeftBehind, Replaced, MaybeReplaced} {
		if names := d.Names(effect); len(names) > 0 {
			fmt.Fprintf(&b, "On deploy, %s: %s\n", effect, strings.Join(names, ", "))
		}
	}
	for _, c := range d.Changes {
		b.WriteString(c.String())
	}
	return b.String()
}

// Names returns the logical IDs of the resources with this effect, sorted.
func (d Diff) Names(effect Effect) []string {
	var names []string
	for _, c := range d.Changes {
		if c.Section == "Resources" && c.Effect == effect {
			names = append(names, c.Name)
		}
	}
	return names
}

// String is what the report says about the change.
func (c Change) String() string {
	var b strings.Builder
	b.WriteString(c.Section)
	if c.Name != "" {
		b.WriteString("." + c.Name)
	}
	if c.Type != "" {
		fmt.Fprintf(&b, " (%s)", c.Type)
	}
	if c.Effect != None {
		fmt.Fprintf(&b, ": %s", c.Effect)
	}
	if c.RenamedTo != "" {
		fmt.Fprintf(&b, ", and %s created like it: logical IDs must not change", c.RenamedTo)
	}
	b.WriteByte('\n')
	for _, p := range c.Properties {
		b.WriteString(p.text(c.Section))
	}
	return b.String()
}

func (p PropertyChange) text(section string) string {
	var b strings.Builder
	indent := "    "
	if p.Path != "" {
		fmt.Fprintf(&b, "    %s%s\n", p.Path, p.remark(section))
		indent += "    "
	}
	if p.Because != "" {
		return b.String()
	}
	if p.Before != nil {
		fmt.Fprintf(&b, "%s- %s\n", indent, short(p.Before))
	}
	if p.After != nil {
		fmt.Fprintf(&b, "%s+ %s\n", indent, short(p.After))
	}
	return b.String()
}

func (p PropertyChange) remark(section string) string {
	var remarks []string
	switch {
	case p.Because != "":
		remarks = append(remarks, p.Because)
	case p.Effect == None && strings.HasPrefix(p.Path, "Properties."):
		remarks = append(remarks, "another spelling of the same value")
	case section == "Parameters" && p.Path == "Default":
		remarks = append(remarks, "stacks that run keep their value")
	}
	switch p.Effect {
	case Replaced:
		remarks = append(remarks, "set on creation only")
	case MaybeReplaced:
		remarks = append(remarks, "in some cases set on creation only")
	}
	if len(remarks) == 0 {
		return ""
	}
	return " (" + strings.Join(remarks, "; ") + ")"
}

// Cause says in one line what happens to the resource and why, for
// [Acknowledgement.Change]: the properties that cause the replacement with
// their values before and after, or only the effect.
func (c Change) Cause() string {
	var causes []string
	for _, p := range c.Properties {
		switch {
		case p.Effect != Replaced && p.Effect != MaybeReplaced:
		case p.Because != "":
			causes = append(causes, fmt.Sprintf("%s: %s", p.Path, p.Because))
		default:
			causes = append(causes, fmt.Sprintf("%s: %s -> %s", p.Path, compact(p.Before), compact(p.After)))
		}
	}
	if len(causes) == 0 {
		return string(c.Effect)
	}
	return strings.Join(causes, "; ")
}

func short(v any) string {
	text := []rune(compact(v))
	if len(text) > maxValue {
		return string(text[:maxValue]) + fmt.Sprintf("... (%d characters)", len(text))
	}
	return string(text)
}

// compact is a value as JSON in one line.
func compact(v any) string {
	if v == nil {
		return "nothing"
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Sprint(v) // values of templates can be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
