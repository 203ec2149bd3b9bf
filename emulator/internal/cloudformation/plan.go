package cloudformation

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// plan is what an operation would do, worked out without doing it: what depends on
// a resource that does not exist yet is [intrinsic.KnownAfterApply].
type plan struct {
	changes []plannedChange
	// outputs tells whether outputs or exports would change.
	outputs bool
	imports map[string]bool
}

// plannedChange is one resource that an operation would touch.
type plannedChange struct {
	logicalID   string
	action      string // Add, Modify, Remove
	before      *resource
	after       *resource
	differences []plannedDifference
	replacement string // True, False, Conditional; Modify only
	scope       []string
}

// plannedDifference is a difference with what it means and where it comes from.
type plannedDifference struct {
	difference
	attribute  string // Properties, Metadata, Tags, DeletionPolicy, UpdateReplacePolicy
	recreation Recreation
	causes     []cause
}

// cause is why a value differs: AWS's ChangeSource, Evaluation and CausingEntity.
type cause struct{ source, evaluation, entity string }

// planner works out a plan.
type planner struct {
	s       *Service
	former  revision
	next    revision
	current map[string]*resource // the stack's resources when planning began
	planned map[string]Resource  // what Ref and GetAtt see: current, or known after apply
	touched map[string]bool      // resources that would be replaced or created
	env     *intrinsic.Env
}

// plan compares the stack with its next revision. The caller does not hold s.mu.
func (s *Service) plan(st *stack, next revision) (plan, error) {
	p := &planner{s: s, next: next, planned: map[string]Resource{}, touched: map[string]bool{}}
	s.mu.Lock()
	p.current, p.former = st.snapshot(), st.revision
	former := st.outputs
	s.mu.Unlock()

	p.env = s.env(st.name, st.id, next, func(id string) (Resource, bool) {
		res, ok := p.planned[id]
		return res, ok
	})
	dependencies, err := p.env.Dependencies()
	if err != nil {
		return plan{}, asInvalid(err)
	}
	imports, err := importsOf(p.env, dependencies)
	if err != nil {
		return plan{}, asInvalid(err)
	}
	result := plan{imports: imports}
	for _, id := range inOrder(dependencies) {
		change, err := p.resource(id)
		if err != nil {
			return plan{}, asInvalid(err)
		}
		if change != nil {
			result.changes = append(result.changes, *change)
		}
	}
	for _, id := range sortedKeys(p.current) {
		if _, kept := dependencies[id]; !kept {
			result.changes = append(result.changes, plannedChange{logicalID: id, action: "Remove", before: p.current[id]})
		}
	}
	slices.SortFunc(result.changes, func(a, b plannedChange) int { return cmp.Compare(a.logicalID, b.logicalID) })
	after, err := s.outputs(p.env)
	if err != nil {
		return plan{}, asInvalid(err)
	}
	result.outputs = (len(after) > 0 || len(former) > 0) && !reflect.DeepEqual(after, former)
	return result, nil
}

func (p *planner) resource(id string) (*plannedChange, error) {
	definition := p.next.template.Resources[id]
	properties, shown, err := p.s.evalProperties(p.env, definition)
	if err != nil {
		return nil, err
	}
	before := p.current[id]
	after := &resource{logicalID: id, definition: definition, properties: properties, shown: shown}
	if !before.made() || before.status == "CREATE"+failed {
		p.planned[id] = Resource{PhysicalID: intrinsic.KnownAfterApply}
		p.touched[id] = true
		return &plannedChange{logicalID: id, action: "Add", after: after}, nil
	}
	p.planned[id] = before.Resource
	differences := p.differences(before, after)
	if len(differences) == 0 && before.status != "UPDATE"+failed {
		return nil, nil
	}
	change := &plannedChange{logicalID: id, action: "Modify", before: before, after: after, differences: differences, replacement: "False"}
	for _, d := range differences {
		if !slices.Contains(change.scope, d.attribute) {
			change.scope = append(change.scope, d.attribute)
		}
		switch {
		case d.recreation == Always:
			change.replacement = "True"
		case d.recreation == Conditionally && change.replacement == "False":
			change.replacement = "Conditional"
		}
	}
	if change.replacement == "True" {
		p.planned[id] = Resource{PhysicalID: intrinsic.KnownAfterApply}
		p.touched[id] = true
	}
	return change, nil
}

func (p *planner) differences(before, after *resource) []plannedDifference {
	var out []plannedDifference
	for _, d := range compare(before.properties, after.properties) {
		causes := p.causes(after.definition, d.path)
		d.before, d.after = shownAt(before.shown, d.path), shownAt(after.shown, d.path)
		out = append(out, plannedDifference{
			difference: d, attribute: "Properties",
			recreation: p.s.Types.Recreation(after.definition.Type, d.path),
			causes:     causes,
		})
	}
	for _, d := range compare(before.definition.Metadata, after.definition.Metadata) {
		out = append(out, direct("Metadata", d))
	}
	if p.s.retags(before, p.next.tags) {
		out = append(out, direct("Tags", difference{before: tagList(before.tags), after: tagList(p.next.tags), kind: modified}))
	}
	for _, policy := range []struct{ name, before, after string }{
		{"DeletionPolicy", before.definition.DeletionPolicy, after.definition.DeletionPolicy},
		{"UpdateReplacePolicy", before.definition.UpdateReplacePolicy, after.definition.UpdateReplacePolicy},
	} {
		if policy.before != policy.after {
			out = append(out, direct(policy.name, difference{before: policy.before, after: policy.after, kind: modified}))
		}
	}
	return out
}

func direct(attribute string, d difference) plannedDifference {
	return plannedDifference{
		difference: d, attribute: attribute, recreation: Never,
		causes: []cause{{source: "DirectModification", evaluation: "Static"}},
	}
}

// causes finds what made the value at path differ. A changed parameter gives two
// causes, the reference to it and a direct modification that "may" be there, which is
// how CloudFormation reports it.
func (p *planner) causes(definition cfntemplate.Resource, path []string) []cause {
	var out []cause
	for _, ref := range cfntemplate.References(sourceOf(definition.Properties, path)) {
		switch {
		case p.touched[ref.Target] && ref.Attribute != "":
			out = append(out, cause{"ResourceAttribute", "Static", ref.Target + "." + ref.Attribute})
		case p.touched[ref.Target]:
			out = append(out, cause{"ResourceReference", "Static", ref.Target})
		case p.parameterChanged(ref.Target):
			out = append(out,
				cause{"ParameterReference", "Static", ref.Target},
				cause{"DirectModification", "Dynamic", ""})
		}
	}
	if len(out) == 0 {
		out = append(out, cause{source: "DirectModification", evaluation: "Static"})
	}
	return out
}

func (p *planner) parameterChanged(name string) bool {
	_, ok := p.next.parameters[name]
	return ok && p.former.value(name) != p.next.value(name)
}

// sourceOf is the part of the template that computes the value at path: the value
// itself, or the function on the way to it.
func sourceOf(v any, path []string) any {
	for _, step := range path {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[step]
			if !ok {
				return v // a function, which has its own keys
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(at) {
				return v
			}
			v = at[i]
		default:
			return v
		}
	}
	return v
}

// inOrder lists the keys of an acyclic graph, each behind all that it depends on.
func inOrder(dependencies map[string][]string) []string {
	var order []string
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if _, ok := dependencies[id]; !ok || seen[id] {
			return
		}
		seen[id] = true
		for _, need := range dependencies[id] {
			visit(need)
		}
		order = append(order, id)
	}
	for _, id := range sortedKeys(dependencies) {
		visit(id)
	}
	return order
}

// empty tells whether CloudFormation would say that nothing is to be updated.
func (p plan) empty() bool { return len(p.changes) == 0 && !p.outputs }

// describe is the plan as DescribeChangeSet shows it; with values, it tells before
// and after of every property.
func (p plan) describe(values bool) []Change {
	out := []Change{}
	for _, c := range p.changes {
		out = append(out, Change{Type: "Resource", ResourceChange: c.describe(values)})
	}
	return out
}

func (c plannedChange) describe(values bool) ResourceChange {
	rc := ResourceChange{
		Action: c.action, LogicalResourceId: c.logicalID, Replacement: c.replacement,
		PolicyAction: c.policyAction(),
		Scope:        append([]string{}, c.scope...), Details: c.details(values),
	}
	if c.before != nil {
		rc.PhysicalResourceId, rc.ResourceType = c.before.PhysicalID, c.before.definition.Type
	}
	if c.after != nil {
		rc.ResourceType = c.after.definition.Type
	}
	if values {
		rc.BeforeContext, rc.AfterContext = c.before.context(), c.after.context()
	}
	return rc
}

func (c plannedChange) policyAction() string {
	switch {
	case c.action == "Remove" && retains(c.before):
		return "Retain"
	case c.action == "Remove":
		return "Delete"
	case c.replacement == "True" && c.after.definition.UpdateReplacePolicy == "Retain":
		return "ReplaceAndRetain"
	case c.replacement == "True":
		return "ReplaceAndDelete"
	}
	return ""
}

// context is a resource as change sets show it, in JSON.
func (r *resource) context() string {
	if r == nil {
		return ""
	}
	shown := map[string]any{}
	if len(r.shown) > 0 {
		shown["Properties"] = r.shown
	}
	if len(r.definition.Metadata) > 0 {
		shown["Metadata"] = r.definition.Metadata
	}
	if r.definition.DeletionPolicy != "" {
		shown["DeletionPolicy"] = r.definition.DeletionPolicy
	}
	if r.definition.UpdateReplacePolicy != "" {
		shown["UpdateReplacePolicy"] = r.definition.UpdateReplacePolicy
	}
	return encodeJSON(shown)
}

func (c plannedChange) details(values bool) []ChangeDetail {
	details := []ChangeDetail{}
	seen := map[ChangeDetail]bool{}
	for _, d := range c.differences {
		for _, why := range d.causes {
			detail := ChangeDetail{
				Target:       ChangeTarget{Attribute: d.attribute, RequiresRecreation: string(d.recreation)},
				ChangeSource: why.source, Evaluation: why.evaluation, CausingEntity: why.entity,
			}
			if d.attribute == "Properties" {
				detail.Target.Name = d.path[0]
			}
			// Without values, a property is listed once for each cause.
			if !values && seen[detail] {
				continue
			}
			seen[detail] = true
			if values {
				detail.Target.Path = "/" + strings.Join(append([]string{d.attribute}, d.path...), "/")
				detail.Target.BeforeValue, detail.Target.AfterValue = valueText(d.before), valueText(d.after)
				detail.Target.AttributeChangeType = d.kind
			}
			details = append(details, detail)
		}
	}
	return details
}

func valueText(v any) *string {
	if v == nil {
		return nil
	}
	text := encodeJSON(v)
	if !isList(v) && !isObject(v) {
		text = scalarText(v)
	}
	return &text
}
