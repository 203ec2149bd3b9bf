package cfntemplate

import (
	"maps"
	"slices"
	"strconv"
)

// walk calls visit for every function in v, outermost first, objects by sorted
// key and lists by index. path leads from v to the object that is the function;
// visit may keep it. The first error of visit ends the walk.
func walk(v any, path []string, visit func(path []string, name string, argument any) error) error {
	switch value := v.(type) {
	case map[string]any:
		if name, argument, ok := Function(value); ok {
			if err := visit(path, name, argument); err != nil {
				return err
			}
		}
		for _, key := range sortedKeys(value) {
			if err := walk(value[key], appendPath(path, key), visit); err != nil {
				return err
			}
		}
	case []any:
		for i, element := range value {
			if err := walk(element, appendPath(path, index(i)), visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// appendPath returns a new slice, so that the siblings of a value never share
// memory.
func appendPath(path []string, step string) []string {
	return append(slices.Clip(path), step)
}

func index(i int) string { return strconv.Itoa(i) }
