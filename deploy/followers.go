package deploy

import (
	"slices"
	"strconv"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Resource types that start tasks of a task definition now and then.
const (
	typeRule     = "AWS::Events::Rule"
	typeSchedule = "AWS::Scheduler::Schedule"
)

// follower is a resource other than a service that has to name the new revision: it
// starts tasks of it.
type follower struct {
	resourceType string
	property     string            // the top-level property with the places
	places       map[string]string // logical ids of the fed task definitions, by path
}

// followersOf finds the rules and schedules that name one of the task definitions, and
// nothing else, where the task to start is named.
func followersOf(t *cfntemplate.Template, taskDefinitions map[string][]int) map[string]follower {
	var found map[string]follower
	for id, r := range t.Resources {
		f := follower{resourceType: r.Type, places: make(map[string]string)}
		add := func(target any, path string) {
			if td := refIn(target, "EcsParameters", "TaskDefinitionArn"); taskDefinitions[td] != nil {
				f.places[path+"/EcsParameters/TaskDefinitionArn"] = td
			}
		}
		switch r.Type {
		case typeRule:
			f.property = "Targets"
			targets, _ := r.Properties["Targets"].([]any)
			for i, target := range targets {
				add(target, "/Properties/Targets/"+strconv.Itoa(i))
			}
		case typeSchedule:
			f.property = "Target"
			add(r.Properties["Target"], "/Properties/Target")
		}
		if len(f.places) == 0 {
			continue
		}
		if found == nil {
			found = make(map[string]follower)
		}
		found[id] = f
	}
	return found
}

// refIn is what the Ref at a place in a value refers to; empty where there is no Ref, or
// more than one.
func refIn(value any, keys ...string) string {
	for _, key := range append(keys, "Ref") {
		object, ok := value.(map[string]any)
		if !ok || key == "Ref" && len(object) != 1 {
			return ""
		}
		value = object[key]
	}
	target, _ := value.(string)
	return target
}

// change accepts a follower's move to the revision that is to be made.
func (f follower) change(physical map[string]string, d difference) string {
	td, ok := f.places[d.path]
	switch {
	case !ok:
		return "it is not the task definition that the " + f.resourceType + " starts tasks of"
	case d.before != physical[td]:
		return "the present task definition is not the stack's"
	case d.after != knownAfterApply:
		return "the next task definition is not the one that this change set makes"
	}
	return ""
}

// follows tells whether a resource other than a service names one of the task
// definitions that have changed.
func (f follower) follows(changed func(id string) bool) bool {
	return slices.ContainsFunc(sortedKeys(f.places), func(path string) bool { return changed(f.places[path]) })
}
