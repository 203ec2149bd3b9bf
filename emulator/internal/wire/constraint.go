package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/slipway-go/slipway/emulator/internal/wire/apimodel"
)

// violation is a value that its shape does not allow.
type violation struct{ path, value, constraint string }

func (v violation) String() string {
	return fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", v.value, v.path, v.constraint)
}

// invalid words violations as AWS does: "1 validation error detected: Value 'a_b' at
// 'stackName' failed to satisfy constraint: Member must satisfy regular expression
// pattern: [a-zA-Z][-a-zA-Z0-9]*". It is nil where there are none.
func (c *checker) invalid(violations []violation) error {
	if len(violations) == 0 {
		return nil
	}
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = v.String()
	}
	errors := "errors"
	if len(violations) == 1 {
		errors = "error"
	}
	return Errorf(c.invalidCode, "%d validation %s detected: %s", len(violations), errors, strings.Join(texts, "; "))
}

// violations are all that a value, read by form or json, violates. A missing member
// for which ownWords has "Operation.member" is left to the operation.
func (c *checker) violations(path string, v any, s *apimodel.Shape, ownWords []string) []violation {
	switch v := v.(type) {
	case map[string]any:
		return c.memberViolations(path, v, s, ownWords)
	case []any:
		return c.listViolations(path, v, s)
	}
	var found []violation
	for _, constraint := range broken(v, s) {
		found = append(found, violation{path, quote(v), constraint})
	}
	return found
}

func (c *checker) memberViolations(path string, m map[string]any, s *apimodel.Shape, ownWords []string) []violation {
	var found []violation
	for _, name := range s.Required {
		if _, ok := m[name]; !ok && !slices.Contains(ownWords, c.operation+"."+name) {
			found = append(found, violation{join(path, lowerFirst(name)), "null", "Member must not be null"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		shape := c.element(s)
		if s.Type == apimodel.Structure {
			shape = c.member(s, name)
		}
		found = append(found, c.violations(join(path, lowerFirst(name)), m[name], shape, nil)...)
	}
	return found
}

// listViolations names the whole list for elements that are simple values, and the
// member for those that are not.
func (c *checker) listViolations(path string, list []any, s *apimodel.Shape) []violation {
	var found []violation
	for _, constraint := range bounds("length", float64(len(list)), s) {
		found = append(found, violation{path, quote(list), constraint})
	}
	var ofElements []string
	for i, e := range list {
		switch e.(type) {
		case map[string]any, []any:
			found = append(found, c.violations(fmt.Sprintf("%s.%d.member", path, i+1), e, c.element(s), nil)...)
		default:
			for _, constraint := range broken(e, c.element(s)) {
				if !slices.Contains(ofElements, constraint) {
					ofElements = append(ofElements, constraint)
				}
			}
		}
	}
	if len(ofElements) > 0 {
		found = append(found, violation{path, quote(list), "Member must satisfy constraint: [" + strings.Join(ofElements, ", ") + "]"})
	}
	return found
}

// broken are the constraints that a simple value does not satisfy.
func broken(v any, s *apimodel.Shape) []string {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Float64()
		if err != nil {
			return nil // typed has let it pass: a number too long to matter
		}
		return bounds("value", n, s)
	case string:
		var out []string
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
			out = append(out, "Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
		}
		if !s.Matches(v) {
			out = append(out, "Member must satisfy regular expression pattern: "+s.Pattern)
		}
		if s.Type == apimodel.String {
			out = append(out, bounds("length", float64(utf8.RuneCountInString(v)), s)...)
		}
		return out
	}
	return nil
}

func bounds(what string, n float64, s *apimodel.Shape) []string {
	var out []string
	if s.Max != nil && n > *s.Max {
		out = append(out, fmt.Sprintf("Member must have %s less than or equal to %s", what, number(*s.Max)))
	}
	if s.Min != nil && n < *s.Min {
		out = append(out, fmt.Sprintf("Member must have %s greater than or equal to %s", what, number(*s.Min)))
	}
	return out
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// quote writes a value as AWS's messages do: 'text', '[a, b]'.
func quote(v any) string {
	if list, ok := v.([]any); ok {
		texts := make([]string, len(list))
		for i, e := range list {
			texts[i] = fmt.Sprint(e)
		}
		return "'[" + strings.Join(texts, ", ") + "]'"
	}
	return fmt.Sprintf("'%v'", v)
}

// lowerFirst is a member's name as messages bear it: stackName for StackName.
func lowerFirst(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(r)) + name[size:]
}
