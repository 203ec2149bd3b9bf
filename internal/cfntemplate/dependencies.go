package cfntemplate

import "slices"

// Attributes returns what of a resource can hold functions, by the name of the
// attribute: Properties, Metadata, UpdatePolicy and CreationPolicy, those that
// the template has. The values are the resource's own, not copies.
func (r Resource) Attributes() map[string]any {
	all := map[string]any{}
	for name, value := range map[string]map[string]any{
		"Properties":     r.Properties,
		"Metadata":       r.Metadata,
		"UpdatePolicy":   r.UpdatePolicy,
		"CreationPolicy": r.CreationPolicy,
	} {
		if value != nil {
			all[name] = value
		}
	}
	return all
}

// Dependencies returns for each resource the resources that it depends on,
// sorted and without repetition: through DependsOn, Ref, Fn::GetAtt and Fn::Sub.
// Every resource has an entry. Both branches of an Fn::If count.
func (t *Template) Dependencies() map[string][]string {
	all := make(map[string][]string, len(t.Resources))
	for id, resource := range t.Resources {
		on := slices.Clone(resource.DependsOn)
		for _, r := range References(resource.Attributes()) {
			on = append(on, r.Target)
		}
		on = slices.DeleteFunc(on, func(target string) bool {
			_, isResource := t.Resources[target]
			return !isResource
		})
		slices.Sort(on)
		all[id] = slices.Compact(on)
	}
	return all
}

// circle returns the members of circles in a graph and what connects circles,
// sorted; nothing when the graph has no circle.
func circle(graph map[string][]string) []string {
	left := map[string]map[string]bool{}
	for id, targets := range graph {
		left[id] = map[string]bool{}
		for _, target := range targets {
			left[id][target] = true
		}
	}
	// What waits for nothing, and what nothing waits for, is in no circle.
	for shrunk := true; shrunk; {
		shrunk = false
		wanted := map[string]bool{}
		for id, targets := range left {
			for target := range targets {
				if _, ok := left[target]; !ok {
					delete(targets, target)
					continue
				}
				wanted[target] = true
			}
			if len(targets) == 0 {
				delete(left, id)
				shrunk = true
			}
		}
		for id := range left {
			if !wanted[id] {
				delete(left, id)
				shrunk = true
			}
		}
	}
	return sortedKeys(left)
}
