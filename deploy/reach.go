package deploy

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Resource types that a rollout is about.
const (
	typeTaskDefinition = "AWS::ECS::TaskDefinition"
	typeService        = "AWS::ECS::Service"
	typeStack          = "AWS::CloudFormation::Stack"
)

// reach is what a template says about its image parameter: which containers it feeds
// and which services run them. It is all that may change in a rollout.
type reach struct {
	parameter  string
	containers map[string][]int    // indexes of fed containers, by logical id of the task definition
	services   map[string][]string // logical ids of the fed task definitions, by logical id of the service
	followers  map[string]follower // rules and schedules of the fed task definitions, by logical id
	exports    []string            // outputs that export the parameter to other stacks
}

// serviceIDs are the logical ids of the services, sorted.
func (r *reach) serviceIDs() []string { return sortedKeys(r.services) }

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// findReach finds the image parameter of a template and what it reaches. An empty name
// means the only image parameter that the template has.
func findReach(t *cfntemplate.Template, stack, parameter string) (*reach, error) {
	whole, partial := imageParameters(t)
	switch {
	case parameter == "" && len(whole) == 1:
		parameter = sortedKeys(whole)[0]
	case parameter == "" && len(whole) > 1:
		return nil, &InputError{
			Problem: fmt.Sprintf("the template of stack %s has several image parameters: %s", stack, strings.Join(sortedKeys(whole), ", ")),
			Advice:  "name the one to change (--image-parameter)",
		}
	case parameter == "" && len(partial) > 0:
		return nil, &InputError{
			Problem: fmt.Sprintf("no parameter of stack %s is a whole container image: %s only make up a part of one", stack, strings.Join(partial, ", ")),
			Advice:  "let the container's Image be a Ref of one parameter of type String",
		}
	case parameter == "":
		return nil, &InputError{
			Problem: fmt.Sprintf("no parameter of stack %s feeds the image of a container in an %s", stack, typeTaskDefinition),
			Advice:  "let the container's Image be a Ref of a parameter of type String",
		}
	}
	if _, declared := t.Parameters[parameter]; !declared {
		return nil, &InputError{
			Problem: fmt.Sprintf("stack %s has no parameter %s", stack, parameter),
			Advice:  "its image parameters: " + listOrNone(sortedKeys(whole)),
		}
	}
	containers, ok := whole[parameter]
	if !ok {
		return nil, &InputError{
			Problem: fmt.Sprintf("parameter %s of stack %s is not the image of any container", parameter, stack),
			Advice:  "its image parameters: " + listOrNone(sortedKeys(whole)),
		}
	}
	return &reach{
		parameter:  parameter,
		containers: containers,
		services:   servicesRunning(t, containers),
		followers:  followersOf(t, containers),
		exports:    exportsOf(t, parameter),
	}, nil
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// imageParameters finds the parameters that are the whole image of a container, with
// the containers they feed, and those that are only a part of one (a tag, say), which
// no image reference can be put into.
func imageParameters(t *cfntemplate.Template) (whole map[string]map[string][]int, partial []string) {
	whole = make(map[string]map[string][]int)
	for _, name := range sortedKeys(t.Parameters) {
		isPart := t.Parameters[name].Type != "String"
		fed := make(map[string][]int)
		found := false
		for _, use := range t.ParameterUses(name) {
			index, ok := imageIndex(use)
			if !ok {
				continue
			}
			found = true
			if !isWholeValue(t, use, name) {
				isPart = true
				continue
			}
			if !slices.Contains(fed[use.ID], index) {
				fed[use.ID] = append(fed[use.ID], index)
			}
		}
		switch {
		case !found:
		case isPart:
			partial = append(partial, name)
		default:
			whole[name] = fed
		}
	}
	return whole, partial
}

// imageIndex is the index of the container whose image a use feeds.
func imageIndex(use cfntemplate.Use) (int, bool) {
	p := use.Property()
	if use.Section != "Resources" || use.ResourceType != typeTaskDefinition || use.Condition != "" ||
		len(p) != 4 || p[0] != "Properties" || p[1] != "ContainerDefinitions" || p[3] != "Image" {
		return 0, false
	}
	i, err := strconv.Atoi(p[2])
	return i, err == nil
}

// isWholeValue tells whether the value at a use's place is the parameter and nothing
// else: a Ref of it, or an Fn::Sub of "${Parameter}".
func isWholeValue(t *cfntemplate.Template, use cfntemplate.Use, parameter string) bool {
	var value any = map[string]any{"Properties": any(t.Resources[use.ID].Properties)}
	image := slices.Index(use.Path, "Image")
	if image < 0 {
		return false
	}
	for i, key := range use.Path {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n < 0 || n >= len(v) {
				return false
			}
			value = v[n]
		default:
			return false
		}
		// Between the property and the last function only Fn::If passes a value on
		// unchanged.
		if last := i == len(use.Path)-1; i > image && !last && strings.HasPrefix(key, "Fn::") && key != "Fn::If" {
			return false
		}
	}
	switch use.Path[len(use.Path)-1] {
	case "Ref":
		return value == parameter
	case "Fn::Sub":
		return value == "${"+parameter+"}"
	}
	return false
}

// servicesRunning finds the services that run one of the task definitions.
func servicesRunning(t *cfntemplate.Template, taskDefinitions map[string][]int) map[string][]string {
	services := make(map[string][]string)
	for id, r := range t.Resources {
		if r.Type != typeService {
			continue
		}
		for _, ref := range cfntemplate.References(r.Properties["TaskDefinition"]) {
			if _, fed := taskDefinitions[ref.Target]; fed && !slices.Contains(services[id], ref.Target) {
				services[id] = append(services[id], ref.Target)
			}
		}
	}
	return services
}

// exportsOf lists the outputs that hand the parameter to other stacks.
func exportsOf(t *cfntemplate.Template, parameter string) []string {
	var exports []string
	for _, use := range t.ParameterUses(parameter) {
		if use.Section == "Outputs" && t.Outputs[use.ID].ExportName != nil && !slices.Contains(exports, use.ID) {
			exports = append(exports, use.ID)
		}
	}
	return exports
}
