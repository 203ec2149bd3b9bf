package templatediff

import (
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// resolve gives a value the one form that all its spellings have: scalars are
// text, mappings are looked up, Fn::Sub and nested Fn::Join are one Fn::Join
// without a delimiter, or text where all parts are known. Two values that
// resolve to the same are the same in every deployment.
func resolve(v any, mappings map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		if name, argument, ok := cfntemplate.Function(v); ok {
			return resolveFunction(name, resolve(argument, mappings), mappings)
		}
		object := make(map[string]any, len(v))
		for key, value := range v {
			if value = resolve(value, mappings); value != nil && !isNoValue(value) {
				object[key] = value
			}
		}
		return object
	case []any:
		list := make([]any, 0, len(v))
		for _, element := range v {
			if element = resolve(element, mappings); !isNoValue(element) {
				list = append(list, element)
			}
		}
		return list
	}
	if text, ok := cfntemplate.Text(v); ok {
		return text
	}
	return v
}

// resolveFunction has an argument that is resolved already.
func resolveFunction(name string, argument any, mappings map[string]any) any {
	list, _ := argument.([]any)
	switch name {
	case "Fn::FindInMap":
		if value, ok := lookUp(mappings, list); ok {
			return resolve(value, nil)
		}
		if len(list) > 0 { // a key is computed, so the value may be any of the mapping's
			mapping, _ := list[0].(string)
			return map[string]any{name: argument, "mapping": resolve(mappings[mapping], nil)}
		}
	case "Fn::Sub":
		if parts, ok := subParts(argument); ok {
			return join(parts)
		}
	case "Fn::Join":
		if len(list) == 2 {
			delimiter, isText := list[0].(string)
			parts, isList := list[1].([]any)
			if isText && isList {
				return join(delimited(parts, delimiter))
			}
		}
	case "Fn::Select":
		if len(list) == 2 {
			text, _ := list[0].(string)
			i, err := strconv.Atoi(text)
			if from, ok := list[1].([]any); ok && err == nil && i >= 0 && i < len(from) {
				return from[i]
			}
		}
	case "Fn::GetAtt":
		if id, attribute, err := cfntemplate.GetAttArgument(argument); err == nil {
			argument = []any{id, attribute}
		}
	case "Fn::GetAZs":
		if argument == "" { // means the region of the stack
			argument = function("Ref", "AWS::Region")
		}
	}
	return function(name, argument)
}

func lookUp(mappings map[string]any, keys []any) (value any, ok bool) {
	value = mappings
	for _, key := range keys {
		text, isText := key.(string)
		object, isObject := value.(map[string]any)
		if !isText || !isObject {
			return nil, false
		}
		if value, ok = object[text]; !ok {
			return nil, false
		}
	}
	return value, len(keys) == 3
}

// subParts is what an Fn::Sub joins.
func subParts(argument any) (parts []any, ok bool) {
	text, variables, err := cfntemplate.SubArgument(argument)
	if err != nil {
		return nil, false
	}
	pieces, err := cfntemplate.ParseSub(text)
	if err != nil {
		return nil, false
	}
	for _, piece := range pieces {
		own, isOwn := variables[piece.Variable]
		id, attribute, isAttribute := strings.Cut(piece.Variable, ".")
		switch {
		case piece.Variable == "":
			parts = append(parts, piece.Literal)
		case isOwn:
			parts = append(parts, own)
		case isAttribute:
			parts = append(parts, function("Fn::GetAtt", []any{id, attribute}))
		default:
			parts = append(parts, function("Ref", piece.Variable))
		}
	}
	return parts, true
}

// join is the text of the parts, or the Fn::Join of them when some are not known.
func join(parts []any) any {
	var joined []any
	for _, part := range parts {
		if inner, ok := joinedParts(part); ok {
			joined = appendText(joined, inner...)
		} else {
			joined = appendText(joined, part)
		}
	}
	switch {
	case len(joined) == 0:
		return ""
	case len(joined) == 1:
		if text, ok := joined[0].(string); ok {
			return text
		}
		if object, ok := joined[0].(map[string]any); ok && object["Ref"] != nil {
			return object // a string already, unlike a list of strings
		}
	}
	return function("Fn::Join", []any{"", joined})
}

// joinedParts takes apart what join has put together.
func joinedParts(v any) (parts []any, ok bool) {
	object, _ := v.(map[string]any)
	list, _ := object["Fn::Join"].([]any)
	if len(list) != 2 || list[0] != "" {
		return nil, false
	}
	parts, ok = list[1].([]any)
	return parts, ok
}

func delimited(parts []any, delimiter string) []any {
	var all []any
	for i, part := range parts {
		if i > 0 {
			all = append(all, delimiter)
		}
		all = append(all, part)
	}
	return all
}

// appendText appends, and makes one text of two that come together.
func appendText(parts []any, more ...any) []any {
	for _, part := range more {
		text, isText := part.(string)
		if isText && text == "" {
			continue
		}
		if last := len(parts) - 1; isText && last >= 0 {
			if before, ok := parts[last].(string); ok {
				parts[last] = before + text
				continue
			}
		}
		parts = append(parts, part)
	}
	return parts
}

func isNoValue(v any) bool {
	object, ok := v.(map[string]any)
	return ok && len(object) == 1 && object["Ref"] == "AWS::NoValue"
}

func function(name string, argument any) map[string]any { return map[string]any{name: argument} }
