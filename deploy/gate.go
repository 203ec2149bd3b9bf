package deploy

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// This file says what may change in a rollout. It makes no call: its input is what
// AWS said about a change set, its output is what the change set changes and every
// reason to refuse it. Whatever it does not know, it refuses.
//
// A change set is described twice, with property values and without. The values are
// the proof, but asking for them has been seen to drop whole changes
// (aws/aws-cdk-cli#1780), so both descriptions have to name the same resources.

// knownAfterApply stands in an AfterContext for a value that CloudFormation learns
// only while it executes the change set.
const knownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}"

// warnMark in a status reason is the only sign by which CloudFormation tells that the
// property values of a description are incomplete.
const warnMark = "[WARN]"

// evidence is all that the gate judges by.
type evidence struct {
	detailed []*cloudformation.DescribeChangeSetOutput // all pages, with property values
	plain    []*cloudformation.DescribeChangeSetOutput // all pages, without

	stack    types.Stack       // as it is told before
	before   string            // the image parameter's value in it
	after    string            // and what it is to become
	physical map[string]string // physical ids of the stack's resources, by logical id
	reach    *reach
}

// judge returns what the change set changes, and every reason why it must not be
// executed. Only a change set without any reason may be.
func judge(e evidence) ([]Change, []Reason) {
	g := &gate{evidence: e, changed: make(map[string]types.ResourceChange)}
	g.header()
	g.parameterValues()
	detailed := g.resourceChanges("with property values", e.detailed)
	plain := g.resourceChanges("without property values", e.plain)
	g.compareDescriptions(detailed, plain)
	for _, id := range sortedKeys(detailed) {
		g.resource(detailed[id])
	}
	g.completeness()
	sort.SliceStable(g.reasons, func(i, j int) bool {
		a, b := g.reasons[i], g.reasons[j]
		if a.Resource != b.Resource {
			return a.Resource < b.Resource
		}
		return a.Path < b.Path
	})
	return g.changes, oncePerPlace(g.reasons)
}

// oncePerPlace keeps one reason for each place: details and contexts tell of the same
// change, and two descriptions do so twice. The reasons are sorted by place; of those for
// one place, one that tells both values is kept before others, and then the last, which
// comes of the contexts.
func oncePerPlace(reasons []Reason) []Reason {
	var kept []Reason
	for _, r := range reasons {
		last := len(kept) - 1
		switch {
		case last < 0 || r.Path == "" || kept[last].Resource != r.Resource || kept[last].Path != r.Path:
			if !slices.Contains(kept, r) {
				kept = append(kept, r)
			}
		case r.Before != "" || r.After != "" || kept[last].Before == "" && kept[last].After == "":
			kept[last] = r
		}
	}
	return kept
}

type gate struct {
	evidence
	changed map[string]types.ResourceChange // resources whose change is of an accepted kind
	changes []Change
	reasons []Reason
}

func (g *gate) refuse(r Reason) { g.reasons = append(g.reasons, r) }

func (g *gate) refuseAll(format string, args ...any) {
	g.refuse(Reason{Why: fmt.Sprintf(format, args...)})
}

// header checks what the pages say of the change set as a whole.
func (g *gate) header() {
	for _, pages := range [][]*cloudformation.DescribeChangeSetOutput{g.detailed, g.plain} {
		if len(pages) == 0 {
			g.refuseAll("the change set was not described")
			continue
		}
		for i, p := range pages {
			g.page(p)
			if last := i == len(pages)-1; last != (aws.ToString(p.NextToken) == "") {
				g.refuseAll("not all pages of the change set were read")
			}
		}
	}
	for _, output := range g.reach.exports {
		g.refuse(Reason{Resource: "Outputs/" + output, Why: "parameter " + g.reach.parameter + " feeds an output that is exported to other stacks"})
	}
}

func (g *gate) page(p *cloudformation.DescribeChangeSetOutput) {
	if id := aws.ToString(p.ChangeSetId); id == "" || len(g.detailed) == 0 || id != aws.ToString(g.detailed[0].ChangeSetId) {
		g.refuseAll("the pages are not of one and the same change set")
	}
	if id := aws.ToString(p.StackId); id == "" || id != aws.ToString(g.stack.StackId) {
		g.refuseAll("the change set is for another stack, %q", id)
	}
	if p.Status != types.ChangeSetStatusCreateComplete || p.ExecutionStatus != types.ExecutionStatusAvailable {
		g.refuseAll("the change set cannot be executed: it is %s, %s", p.Status, p.ExecutionStatus)
	}
	if reason := aws.ToString(p.StatusReason); strings.Contains(reason, warnMark) {
		g.refuseAll("CloudFormation does not show all of the change set: %s", reason)
	}
	if aws.ToBool(p.IncludeNestedStacks) || p.ParentChangeSetId != nil || p.RootChangeSetId != nil {
		g.refuseAll("the change set includes nested stacks")
	}
	if aws.ToBool(p.ImportExistingResources) {
		g.refuseAll("the change set imports existing resources")
	}
	if p.DeploymentMode != "" || p.StackDriftStatus != "" {
		g.refuseAll("the change set reverts drift")
	}
	if c := p.DeploymentConfig; c != nil && (c.Mode != "" && c.Mode != types.DeploymentConfigModeStandard || aws.ToBool(c.DisableRollback)) {
		g.refuseAll("the change set would be executed in another way: mode %q, rollback disabled: %t", c.Mode, aws.ToBool(c.DisableRollback))
	}
	if p.OnStackFailure != "" && p.OnStackFailure != types.OnStackFailureRollback {
		g.refuseAll("the change set does not roll back on failure: %s", p.OnStackFailure)
	}
	g.settings(p)
}

// parameterValues checks that the image is the only parameter with a new value.
func (g *gate) parameterValues() {
	before := make(map[string]types.Parameter, len(g.stack.Parameters))
	for _, p := range g.stack.Parameters {
		before[aws.ToString(p.ParameterKey)] = p
	}
	for _, pages := range [][]*cloudformation.DescribeChangeSetOutput{g.detailed, g.plain} {
		for _, page := range pages {
			g.pageParameters(before, page.Parameters)
		}
	}
}

func (g *gate) pageParameters(before map[string]types.Parameter, after []types.Parameter) {
	seen := make(map[string]bool, len(after))
	for _, p := range after {
		key := aws.ToString(p.ParameterKey)
		old, known := before[key]
		reason := Reason{Resource: "Parameters/" + key, Before: aws.ToString(old.ParameterValue), After: aws.ToString(p.ParameterValue)}
		switch {
		case seen[key]:
			reason.Why = "the parameter is given twice"
		case !known:
			reason.Why = "the stack has no such parameter"
		case !legible(reason.Before) || !legible(reason.After):
			reason.Why = "the value has characters that are not told as they are"
		case key == g.reach.parameter:
			if reason.Before != g.before || reason.After != g.after || aws.ToBool(p.UsePreviousValue) {
				reason.Why = "the image parameter does not go from the running image to the requested one"
			}
		case aws.ToBool(p.UsePreviousValue) && p.ParameterValue == nil:
			// Said to be unchanged, without telling the value.
		case reason.Before != reason.After:
			reason.Why = "another parameter changes"
		case aws.ToString(old.ResolvedValue) != aws.ToString(p.ResolvedValue):
			reason.Before, reason.After = aws.ToString(old.ResolvedValue), aws.ToString(p.ResolvedValue)
			reason.Why = "another parameter, kept in Systems Manager, has a new value"
		}
		seen[key] = true
		if reason.Why != "" {
			g.refuse(reason)
		}
	}
	for _, key := range sortedKeys(before) {
		if !seen[key] {
			g.refuse(Reason{Resource: "Parameters/" + key, Why: "the change set does not say what becomes of the parameter"})
		}
	}
}

// resourceChanges gathers the changes of one description by logical id.
func (g *gate) resourceChanges(which string, pages []*cloudformation.DescribeChangeSetOutput) map[string]types.ResourceChange {
	found := make(map[string]types.ResourceChange)
	for _, page := range pages {
		for _, c := range page.Changes {
			if c.Type != types.ChangeTypeResource || c.ResourceChange == nil || aws.ToString(c.ResourceChange.LogicalResourceId) == "" {
				g.refuseAll("the description %s has a change of unknown kind %q", which, c.Type)
				continue
			}
			id := aws.ToString(c.ResourceChange.LogicalResourceId)
			if _, twice := found[id]; twice {
				g.refuse(Reason{Resource: id, Why: "the description " + which + " has the resource twice"})
			}
			found[id] = *c.ResourceChange
			g.foreign(*c.ResourceChange)
			g.details(*c.ResourceChange)
		}
	}
	return found
}

// compareDescriptions checks that both descriptions tell the same changes.
func (g *gate) compareDescriptions(detailed, plain map[string]types.ResourceChange) {
	for _, id := range sortedKeys(plain) {
		if _, ok := detailed[id]; !ok {
			g.refuse(Reason{
				Resource: id,
				Why:      fmt.Sprintf("%s of %s is missing when property values are asked for", plain[id].Action, aws.ToString(plain[id].ResourceType)),
			})
		}
	}
	for _, id := range sortedKeys(detailed) {
		p, ok := plain[id]
		if !ok {
			g.refuse(Reason{Resource: id, Why: "the change is told only when property values are asked for"})
			continue
		}
		if a, b := summary(detailed[id]), summary(p); a != b {
			g.refuse(Reason{Resource: id, Before: b, After: a, Why: "the two descriptions of the change disagree"})
		}
		// The policy action is not told by every kind of description.
		if p.PolicyAction != "" && p.PolicyAction != detailed[id].PolicyAction {
			g.refuse(Reason{Resource: id, Before: string(p.PolicyAction), After: string(detailed[id].PolicyAction), Why: "the two descriptions of the change disagree"})
		}
	}
}

func summary(c types.ResourceChange) string {
	return fmt.Sprintf("%s %s %s replacement=%s scope=%v", c.Action, aws.ToString(c.ResourceType),
		aws.ToString(c.PhysicalResourceId), c.Replacement, c.Scope)
}

// resource judges one change by its kind, and then by what it does to the properties.
func (g *gate) resource(c types.ResourceChange) {
	id, kind := aws.ToString(c.LogicalResourceId), aws.ToString(c.ResourceType)
	if _, fed := g.reach.containers[id]; fed && kind == typeTaskDefinition {
		if g.kind(c, types.ReplacementTrue, types.PolicyActionReplaceAndDelete, types.PolicyActionReplaceAndRetain) {
			g.properties(c, g.imageChange)
		}
		return
	}
	if _, runs := g.reach.services[id]; runs && kind == typeService {
		if g.kind(c, types.ReplacementFalse, "") {
			g.properties(c, g.revisionChange)
		}
		return
	}
	if f, follows := g.reach.followers[id]; follows && kind == f.resourceType {
		if g.kind(c, types.ReplacementFalse, "") {
			g.properties(c, func(_ string, d difference) string { return f.change(g.physical, d) })
		}
		return
	}
	// Whatever it is, tell as exactly as can be what it would do.
	told := false
	why := fmt.Sprintf("%s of %s, which is no part of a rollout", c.Action, kind)
	if slices.ContainsFunc(c.Details, func(d types.ResourceChangeDetail) bool {
		return aws.ToString(d.CausingEntity) == g.reach.parameter
	}) {
		why = fmt.Sprintf("parameter %s feeds this %s, too, which is no part of a rollout", g.reach.parameter, kind)
	}
	for _, d := range c.Details {
		if d.Target == nil {
			continue
		}
		told = true
		g.refuse(Reason{
			Resource: id, Path: targetPath(d.Target),
			Before: aws.ToString(d.Target.BeforeValue), After: aws.ToString(d.Target.AfterValue),
			Why: why,
		})
	}
	if !told {
		g.refuse(Reason{Resource: id, Why: why})
	}
}

// kind checks what is done to the resource as a whole.
func (g *gate) kind(c types.ResourceChange, replacement types.Replacement, policies ...types.PolicyAction) bool {
	id, ok := aws.ToString(c.LogicalResourceId), true
	no := func(after, why string) {
		g.refuse(Reason{Resource: id, After: after, Why: why})
		ok = false
	}
	if c.Action != types.ChangeActionModify {
		no(string(c.Action), "only Modify is accepted")
	}
	if c.Replacement != replacement {
		no(string(c.Replacement), fmt.Sprintf("replacement must be %s", replacement))
	}
	if !slices.Contains(policies, c.PolicyAction) {
		no(string(c.PolicyAction), fmt.Sprintf("policy action must be of %q", policies))
	}
	if !slices.Equal(c.Scope, []types.ResourceAttribute{types.ResourceAttributeProperties}) {
		no(fmt.Sprint(c.Scope), "more than properties would change")
	}
	if now := aws.ToString(c.PhysicalResourceId); now == "" || now != g.physical[id] {
		no(now, "it is not the resource that the stack has")
	}
	return ok
}

// foreign refuses changes that are of another kind than a new value makes.
func (g *gate) foreign(c types.ResourceChange) {
	id := aws.ToString(c.LogicalResourceId)
	if c.ChangeSetId != nil {
		g.refuse(Reason{Resource: id, After: *c.ChangeSetId, Why: "the change is that of a nested stack"})
	}
	if c.PreviousDeploymentContext != nil || c.ResourceDriftStatus != "" || len(c.ResourceDriftIgnoredAttributes) > 0 {
		g.refuse(Reason{Resource: id, Why: "the change is about drift"})
	}
}

// properties compares the resource before and after. Every difference must be accepted
// by allowed, and there must be one.
func (g *gate) properties(c types.ResourceChange, allowed func(string, difference) string) {
	id := aws.ToString(c.LogicalResourceId)
	before, err := readContext("BeforeContext", c.BeforeContext)
	if err != nil {
		g.refuse(Reason{Resource: id, Why: err.Error()})
		return
	}
	after, err := readContext("AfterContext", c.AfterContext)
	if err != nil {
		g.refuse(Reason{Resource: id, Why: err.Error()})
		return
	}
	if _, fed := g.reach.containers[id]; fed {
		g.references(id, after)
	}
	diffs := differences("", before, after)
	if len(diffs) == 0 {
		g.refuse(Reason{Resource: id, Why: "it is to be changed, but before and after are the same"})
		return
	}
	for _, d := range diffs {
		b, a := show(d.before), show(d.after)
		if why := allowed(id, d); why != "" {
			g.refuse(Reason{Resource: id, Path: d.path, Before: b, After: a, Why: why})
			continue
		}
		g.changes = append(g.changes, Change{
			Resource: id, ResourceType: aws.ToString(c.ResourceType), Path: d.path,
			Before: b, After: a, Replacement: c.Replacement == types.ReplacementTrue,
		})
	}
	g.changed[id] = c
}

func readContext(name string, text *string) (map[string]any, error) {
	if text == nil {
		return nil, fmt.Errorf("%s is missing", name)
	}
	object, err := decodeContext(*text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read, it may be truncated: %w", name, err)
	}
	if _, ok := object["Properties"].(map[string]any); !ok {
		return nil, fmt.Errorf("%s has no Properties", name)
	}
	return object, nil
}

// imageChange accepts a container's image going from the old to the new one.
func (g *gate) imageChange(id string, d difference) string {
	if !slices.Contains(g.imagePaths(id), d.path) {
		return "it is not the image of a container that the parameter feeds"
	}
	if d.before != g.before || d.after != g.after {
		return "the image does not go from the running one to the requested one"
	}
	return ""
}

// revisionChange accepts a service's move to the revision that is to be made.
func (g *gate) revisionChange(id string, d difference) string {
	if d.path != "/Properties/TaskDefinition" {
		return "it is not the service's task definition"
	}
	if !slices.ContainsFunc(g.reach.services[id], func(td string) bool { return d.before == g.physical[td] }) {
		return "the service's present task definition is not the stack's"
	}
	if d.after != knownAfterApply {
		return "the service's next task definition is not the one that this change set makes"
	}
	return ""
}

func (g *gate) imagePaths(id string) []string {
	var paths []string
	for _, i := range g.reach.containers[id] {
		paths = append(paths, "/Properties/ContainerDefinitions/"+strconv.Itoa(i)+"/Image")
	}
	return paths
}

// completeness checks that the rollout is whole: an image changes, and each service
// that runs a changed task definition follows, and no other, and so does each rule and
// schedule.
func (g *gate) completeness() {
	images := 0
	for id := range g.changed {
		if _, ok := g.reach.containers[id]; ok {
			images++
		}
	}
	if images == 0 && len(g.reasons) == 0 {
		g.refuseAll("no container image changes")
	}
	changed := func(id string) bool { _, ok := g.changed[id]; return ok }
	for _, service := range g.reach.serviceIDs() {
		follows := slices.ContainsFunc(g.reach.services[service], changed)
		_, moves := g.changed[service]
		if moves && !follows {
			g.refuse(Reason{Resource: service, Why: "the service changes though none of its task definitions does"})
		}
		if follows && !moves && !g.refused(service) {
			g.refuse(Reason{Resource: service, Why: "the service does not follow its new task definition"})
		}
	}
	for _, id := range sortedKeys(g.reach.followers) {
		f := g.reach.followers[id]
		follows, moves := f.follows(changed), changed(id)
		if moves && !follows {
			g.refuse(Reason{Resource: id, Why: "it changes though none of its task definitions does"})
		}
		if follows && !moves && g.physical[id] != "" && !g.refused(id) {
			g.refuse(Reason{Resource: id, Why: "it does not follow its new task definition"})
		}
	}
}

func (g *gate) refused(resource string) bool {
	return slices.ContainsFunc(g.reasons, func(r Reason) bool { return r.Resource == resource })
}
