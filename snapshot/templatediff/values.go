package templatediff

import (
	"fmt"
	"reflect"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// compareValues finds the smallest values that differ. A function is one value:
// half of an Fn::Join says nothing.
func compareValues(path string, before, after any) []PropertyChange {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	switch old := before.(type) {
	case map[string]any:
		if changed, ok := after.(map[string]any); ok && !isFunction(old) && !isFunction(changed) {
			var found []PropertyChange
			for _, key := range union(old, changed) {
				found = append(found, compareValues(child(path, key), old[key], changed[key])...)
			}
			return found
		}
	case []any:
		if changed, ok := after.([]any); ok {
			return compareLists(path, old, changed)
		}
	}
	return []PropertyChange{{Path: path, Before: before, After: after}}
}

// compareLists pairs elements by the name that they bear. Elements without one
// are paired by position, after what both lists begin and end with: an element
// put in the middle is then one change.
func compareLists(path string, before, after []any) []PropertyChange {
	old, oldNamed := byName(before)
	changed, changedNamed := byName(after)
	if oldNamed && changedNamed {
		var found []PropertyChange
		for _, name := range union(old, changed) {
			found = append(found, compareValues(fmt.Sprintf("%s[%s]", path, name), old[name], changed[name])...)
		}
		if len(found) == 0 { // they stand in another order
			found = []PropertyChange{{Path: path, Before: before, After: after}}
		}
		return found
	}

	start := 0
	for start < min(len(before), len(after)) && reflect.DeepEqual(before[start], after[start]) {
		start++
	}
	oldEnd, changedEnd := len(before), len(after)
	for oldEnd > start && changedEnd > start && reflect.DeepEqual(before[oldEnd-1], after[changedEnd-1]) {
		oldEnd, changedEnd = oldEnd-1, changedEnd-1
	}
	var found []PropertyChange
	for i := start; i < max(oldEnd, changedEnd); i++ {
		var was, is any
		if i < oldEnd {
			was = before[i]
		}
		if i < changedEnd {
			is = after[i]
		}
		found = append(found, compareValues(fmt.Sprintf("%s[%d]", path, i), was, is)...)
	}
	return found
}

// byName is the list's elements by their Key or Name, if each has its own.
func byName(list []any) (elements map[string]any, ok bool) {
	elements = map[string]any{}
	for _, element := range list {
		object, _ := element.(map[string]any)
		name, ok := object["Key"].(string)
		if !ok {
			name, ok = object["Name"].(string)
		}
		if _, twice := elements[name]; !ok || twice {
			return nil, false
		}
		elements[name] = element
	}
	return elements, true
}

func isFunction(v map[string]any) bool {
	_, _, ok := cfntemplate.Function(v)
	return ok
}

func child(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
