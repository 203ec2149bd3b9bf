package intrinsic

import (
	"slices"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Dependencies returns the resources that exist under the template's conditions,
// each with the resources that it waits for, sorted. Only the chosen branch of an
// Fn::If counts, and a DependsOn on a resource that does not exist is ignored. A
// reference to a resource that does not exist is an error, in a resource as in an
// output:
//
//	Template format error: Unresolved resource dependencies [X] in the Resources block of the template
func (e *Env) Dependencies() (map[string][]string, error) {
	ev := e.evaluator()
	existing := map[string][]string{}
	for _, id := range sortedKeys(e.Template.Resources) {
		exists, err := ev.exists(e.Template.Resources[id].Condition)
		if err != nil {
			return nil, err
		}
		if exists {
			existing[id] = nil
		}
	}
	var unresolved []string
	for _, id := range sortedKeys(existing) {
		resource := e.Template.Resources[id]
		on, missing, err := ev.targets(resource.Attributes(), existing)
		if err != nil {
			return nil, err
		}
		unresolved = append(unresolved, missing...)
		for _, other := range resource.DependsOn {
			if _, ok := existing[other]; ok {
				on = append(on, other)
			}
		}
		slices.Sort(on)
		existing[id] = slices.Compact(on)
	}
	if len(unresolved) > 0 {
		return nil, cfntemplate.UnresolvedResources(unresolved, "Resources")
	}
	return existing, ev.checkOutputs(existing)
}

func (ev *evaluator) checkOutputs(existing map[string][]string) error {
	var unresolved []string
	for _, output := range ev.env.Template.Outputs {
		exists, err := ev.exists(output.Condition)
		if err != nil {
			return err
		}
		if !exists {
			continue
		}
		_, missing, err := ev.targets([]any{output.Value, output.ExportName}, existing)
		if err != nil {
			return err
		}
		unresolved = append(unresolved, missing...)
	}
	if len(unresolved) > 0 {
		return cfntemplate.UnresolvedResources(unresolved, "Outputs")
	}
	return nil
}

// targets returns the resources that v refers to, and those of them that do not
// exist.
func (ev *evaluator) targets(v any, existing map[string][]string) (on, missing []string, err error) {
	chosen, err := ev.withoutIf(v)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range cfntemplate.References(chosen) {
		if _, isParameter := ev.env.Template.Parameters[r.Target]; isParameter || cfntemplate.IsPseudoParameter(r.Target) {
			continue
		}
		if _, ok := existing[r.Target]; !ok {
			missing = append(missing, r.Target)
			continue
		}
		on = append(on, r.Target)
	}
	return on, missing, nil
}

// withoutIf returns v with the branch that is chosen in place of each Fn::If, and
// everything else as it is.
func (ev *evaluator) withoutIf(v any) (any, error) {
	if name, argument, ok := cfntemplate.Function(v); ok && name == "Fn::If" {
		if err := cfntemplate.CheckFunction(name, argument); err != nil {
			return nil, err
		}
		list, _ := argument.([]any)
		branch, err := ev.branch(list)
		if err != nil {
			return nil, err
		}
		return ev.withoutIf(branch)
	}
	switch v := v.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, value := range v {
			chosen, err := ev.withoutIf(value)
			if err != nil {
				return nil, err
			}
			object[key] = chosen
		}
		return object, nil
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			chosen, err := ev.withoutIf(element)
			if err != nil {
				return nil, err
			}
			list[i] = chosen
		}
		return list, nil
	}
	return v, nil
}
