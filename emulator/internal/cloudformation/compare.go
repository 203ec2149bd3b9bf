package cloudformation

import (
	"slices"
	"strconv"
)

// difference is one place where evaluated properties differ.
type difference struct {
	path          []string
	before, after any // nil where there is none
	kind          string
}

// The kinds of differences, AWS's AttributeChangeType.
const (
	added    = "Add"
	removed  = "Remove"
	modified = "Modify"
)

// compare lists where two sets of properties differ, each difference as deep as
// possible, in the order of their paths. Numbers and booleans equal their text, as
// CloudFormation's types are loose.
func compare(before, after map[string]any) []difference {
	return compareMaps(nil, before, after)
}

func compareMaps(path []string, before, after map[string]any) []difference {
	keys := sortedKeys(before)
	for _, key := range sortedKeys(after) {
		if _, ok := before[key]; !ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var out []difference
	for _, key := range keys {
		b, hadOne := before[key]
		a, hasOne := after[key]
		out = append(out, compareValues(at(path, key), b, a, hadOne, hasOne)...)
	}
	return out
}

func compareValues(path []string, before, after any, had, has bool) []difference {
	switch {
	case !had:
		return []difference{{path: path, after: after, kind: added}}
	case !has:
		return []difference{{path: path, before: before, kind: removed}}
	}
	beforeMap, bm := before.(map[string]any)
	afterMap, am := after.(map[string]any)
	beforeList, bl := before.([]any)
	afterList, al := after.([]any)
	switch {
	case bm && am:
		return compareMaps(path, beforeMap, afterMap)
	case bl && al:
		var out []difference
		for i := range max(len(beforeList), len(afterList)) {
			var b, a any
			if i < len(beforeList) {
				b = beforeList[i]
			}
			if i < len(afterList) {
				a = afterList[i]
			}
			out = append(out, compareValues(at(path, strconv.Itoa(i)), b, a, i < len(beforeList), i < len(afterList))...)
		}
		return out
	case bm || am || bl || al || scalarText(before) != scalarText(after):
		return []difference{{path: path, before: before, after: after, kind: modified}}
	}
	return nil
}

// at is path and one more step, in memory of its own.
func at(path []string, step string) []string {
	return append(slices.Clone(path), step)
}
