package templatediff

import (
	"reflect"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/internal/cfnspec"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// judge knows both templates and what the registry says of their types.
type judge struct {
	spec          cfnspec.Specification
	before, after side
	// conditions are those whose value may differ.
	conditions map[string]bool
}

// side is one of the two templates.
type side struct {
	resources, mappings map[string]any
}

func newSide(root map[string]any) side {
	var s side
	s.resources, _ = root["Resources"].(map[string]any)
	s.mappings, _ = root["Mappings"].(map[string]any)
	return s
}

func (s side) resource(id string) (r map[string]any, ok bool) {
	r, ok = s.resources[id].(map[string]any)
	return r, ok
}

func (s side) resourceType(id string) string {
	r, _ := s.resource(id)
	resourceType, _ := r["Type"].(string)
	return resourceType
}

func (s side) properties(id string) map[string]any {
	r, _ := s.resource(id)
	properties, _ := r["Properties"].(map[string]any)
	return properties
}

// resources is every resource that changes, by logical ID.
func (j *judge) resources() []Change {
	changes := map[string]*Change{}
	for _, id := range union(j.before.resources, j.after.resources) {
		change := &Change{Section: "Resources", Name: id}
		_, was := j.before.resource(id)
		_, is := j.after.resource(id)
		switch {
		case !is:
			j.deleted(change)
		case !was:
			change.Type, change.Effect = j.after.resourceType(id), Created
		default:
			j.changed(change)
		}
		change.Protected = isProtected(j.spec, change.Type)
		changes[id] = change
	}
	j.spread(changes)

	var found []Change
	for _, id := range union(changes, nil) {
		if c := changes[id]; c.Effect != None || len(c.Properties) > 0 {
			found = append(found, *c)
		}
	}
	return found
}

func (j *judge) deleted(c *Change) {
	c.Type, c.Effect = j.before.resourceType(c.Name), Deleted
	if r, _ := j.before.resource(c.Name); r["DeletionPolicy"] == "Retain" {
		c.Effect = LeftBehind
	}
	properties := resolve(j.before.properties(c.Name), j.before.mappings)
	for _, id := range union(j.after.resources, nil) {
		if _, was := j.before.resource(id); was || j.after.resourceType(id) != c.Type {
			continue
		}
		if reflect.DeepEqual(properties, resolve(j.after.properties(id), j.after.mappings)) {
			c.RenamedTo = id
			return
		}
	}
}

func (j *judge) changed(c *Change) {
	before, _ := j.before.resource(c.Name)
	after, _ := j.after.resource(c.Name)
	c.Type = j.after.resourceType(c.Name)
	for _, attribute := range union(before, after) {
		if attribute == "Properties" {
			j.changedProperties(c)
			continue
		}
		effect := None
		switch attribute {
		case "Type": // which CloudFormation refuses to do in one step
			effect = Replaced
		case "Condition":
			effect = MaybeReplaced
		}
		c.add(effect, compareValues(attribute, before[attribute], after[attribute])...)
	}
	if name, _ := after["Condition"].(string); j.conditions[name] {
		c.add(MaybeReplaced, PropertyChange{Path: "Condition", Before: name, After: name, Because: "condition " + name + " changes"})
	}
}

func (j *judge) changedProperties(c *Change) {
	before, after := j.before.properties(c.Name), j.after.properties(c.Name)
	for _, property := range union(before, after) {
		path := child("Properties", property)
		found := compareValues(path, before[property], after[property])
		same := reflect.DeepEqual(
			resolve(map[string]any{property: before[property]}, j.before.mappings),
			resolve(map[string]any{property: after[property]}, j.after.mappings))
		if !same && len(found) > 0 {
			c.add(j.effect(c.Type, property), found...)
			continue
		}
		c.add(None, found...)
		if because := j.hidden(same, after[property]); because != "" {
			c.add(j.effect(c.Type, property), PropertyChange{
				Path: path, Before: before[property], After: after[property], Because: because,
			})
		}
	}
}

// hidden is what changes a value that reads the same, "" if nothing does. same
// tells whether it is also the same with its mappings looked up.
func (j *judge) hidden(same bool, value any) string {
	if !same {
		return "a mapping changes"
	}
	for _, r := range cfntemplate.ConditionReferences(value) {
		if j.conditions[r.Condition] {
			return "condition " + r.Condition + " changes"
		}
	}
	return ""
}

// spread carries replacements on to what refers to the replaced, until nothing
// more changes.
func (j *judge) spread(changes map[string]*Change) {
	type edge struct {
		from, to, property string
		effect             Effect
	}
	done := map[edge]bool{}
	for grown := true; grown; {
		grown = false
		for _, id := range union(changes, nil) {
			c := changes[id]
			if c.Effect == Created || c.Effect == Deleted || c.Effect == LeftBehind {
				continue
			}
			properties := j.after.properties(id)
			for _, property := range union(properties, nil) {
				for _, r := range cfntemplate.References(properties[property]) {
					cause, ok := changes[r.Target]
					if !ok || r.Target == id || cause.Effect != Replaced && cause.Effect != MaybeReplaced {
						continue
					}
					e := edge{r.Target, id, property, cause.Effect}
					if done[e] {
						continue
					}
					done[e] = true
					grown = true
					effect := j.effect(c.Type, property)
					if effect == Replaced {
						effect = cause.Effect // no more certain than its cause
					}
					c.add(effect, PropertyChange{
						Path: child("Properties", property), Before: properties[property], After: properties[property],
						Because: r.Target + " is " + string(cause.Effect),
					})
				}
			}
		}
	}
}

// effect is what changing a property of a type does.
func (j *judge) effect(resourceType, property string) Effect {
	if _, known := j.spec[resourceType]; !known || strings.HasPrefix(resourceType, "AWS::CloudFormation::CustomResource") {
		return MaybeReplaced // its provider decides
	}
	switch j.spec.Replacement(resourceType, property) {
	case cfnspec.Always:
		return Replaced
	case cfnspec.Conditionally:
		return MaybeReplaced
	default:
		return Updated
	}
}

// add notes changes of one effect, which makes the resource's at least that.
func (c *Change) add(effect Effect, found ...PropertyChange) {
	for _, p := range found {
		p.Effect = effect
		c.Properties = append(c.Properties, p)
		rank := []Effect{None, Updated, MaybeReplaced, Replaced}
		if slices.Index(rank, effect) > slices.Index(rank, c.Effect) {
			c.Effect = effect
		}
	}
}

// changedConditions are the conditions whose expression differs, directly or in
// a condition that it names.
func changedConditions(before, after map[string]any) map[string]bool {
	old, _ := before["Conditions"].(map[string]any)
	current, _ := after["Conditions"].(map[string]any)
	oldMappings, _ := before["Mappings"].(map[string]any)
	mappings, _ := after["Mappings"].(map[string]any)
	changed := map[string]bool{}
	for name, expression := range current {
		if was, ok := old[name]; ok && !reflect.DeepEqual(resolve(was, oldMappings), resolve(expression, mappings)) {
			changed[name] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for name, expression := range current {
			for _, r := range cfntemplate.ConditionReferences(expression) {
				if changed[r.Condition] && !changed[name] {
					changed[name], grown = true, true
				}
			}
		}
	}
	return changed
}
