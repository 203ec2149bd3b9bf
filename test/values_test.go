package test

import (
	"fmt"
	"strconv"
	"strings"
)

// at is the value at a dotted path of keys and indices, nil when there is none.
func at(value any, path string) any {
	for _, key := range strings.Split(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// walk visits every value below v with its dotted path.
func walk(path string, v any, visit func(path string, v any)) {
	visit(path, v)
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			walk(path+"."+key, child, visit)
		}
	case []any:
		for i, child := range v {
			walk(fmt.Sprintf("%s.%d", path, i), child, visit)
		}
	}
}

func ref(name string) any { return map[string]any{"Ref": name} }

func getAtt(name, attribute string) any {
	return map[string]any{"Fn::GetAtt": []any{name, attribute}}
}

// imported is an import from the network stack that the parameter names.
func imported(output string) any {
	return map[string]any{"Fn::ImportValue": exportName("StackName", output)}
}

// exportName is "<stack>:<output>", the stack being what the reference gives.
func exportName(stack, output string) any {
	return map[string]any{"Fn::Join": []any{":", []any{ref(stack), output}}}
}
