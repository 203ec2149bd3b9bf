package cfntemplate

import (
	"maps"
	"slices"
	"strconv"
)

// walk calls visit for every function in v, outermost first, objects by sorted
// key and lists by index. path leads from v to the object that is the function;
// visit must not keep it, because the walk goes on in the same memory. The first
// error of visit ends the walk.
func walk(v any, path []string, visit func(path []string, name string, argument any) error) error {
	switch value := v.(type) {
	case map[string]any:
		if name, argument, ok := Function(value); ok {
			if err := visit(path, name, argument); err != nil {
				return err
			}
		}
		for _, key := range sortedKeys(value) {
			if err := walk(value[key], append(path, key), visit); err != nil {
				return err
			}
		}
	case []any:
		for i, element := range value {
			if err := walk(element, append(path, index(i)), visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// appendPath returns path and one step more in memory of its own, to be kept.
func appendPath(path []string, step string) []string {
	return append(slices.Clip(path), step)
}

func index(i int) string { return strconv.Itoa(i) }
