package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire/apimodel"
)

// A request is held against AWS's model of its operation before it is decoded, in the
// order of AWS: first its form (MalformedInput, SerializationException), then its
// values, see constraint.go. What fulfils the model and has no place in the struct that
// it is decoded into is what the embedded AWS does not support, see support.go.
//
// In one thing this is stricter than AWS: members that AWS does not have are refused.
// No documentation says so of these protocols, but a member that is silently dropped is
// a mistake that is found in production.

// checker reads requests of one operation as trees of map[string]any, []any, string,
// json.Number and bool. A member without a value is not in its map.
type checker struct {
	model     *apimodel.Service
	operation string
	protocol  Protocol

	invalidCode string // of API.Invalid
}

func (c *checker) element(s *apimodel.Shape) *apimodel.Shape { return c.model.Shapes[s.Element] }

func (c *checker) member(s *apimodel.Shape, name string) *apimodel.Shape {
	return c.model.Shapes[s.Members[name]] // nil where AWS has no such member
}

// unknown refuses a member that AWS does not have.
func (c *checker) unknown(path string) error {
	code := "ValidationError"
	if c.protocol == JSON {
		code = "SerializationException"
	}
	return Errorf(code, "Unknown parameter %q for operation %s", path, c.operation)
}

// form reads a form as a value of the shape.
func (c *checker) form(path string, n *node, s *apimodel.Shape) (any, error) {
	switch s.Type {
	case apimodel.Structure:
		return c.formStructure(path, n, s)
	case apimodel.List:
		return c.formList(path, n, s)
	case apimodel.Map:
		return c.formMap(path, n)
	}
	for name := range n.children {
		return nil, malformed(join(path, name), n.children[name].value, "member of a simple value")
	}
	switch s.Type {
	case apimodel.Boolean:
		b, err := strconv.ParseBool(n.value)
		if err != nil {
			return nil, malformed(path, n.value, "boolean")
		}
		return b, nil
	case apimodel.Integer, apimodel.Long:
		if _, err := strconv.ParseInt(n.value, 10, 64); err != nil {
			return nil, malformed(path, n.value, "integer")
		}
		return json.Number(n.value), nil
	case apimodel.Float, apimodel.Double:
		if _, err := strconv.ParseFloat(n.value, 64); err != nil {
			return nil, malformed(path, n.value, "number")
		}
		return json.Number(n.value), nil
	}
	return n.value, nil
}

func (c *checker) formStructure(path string, n *node, s *apimodel.Shape) (any, error) {
	if n.value != "" {
		return nil, Errorf("MalformedInput", "Unexpected complex element termination")
	}
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(n.children)) {
		member := c.member(s, name)
		if member == nil {
			return nil, c.unknown(join(path, name))
		}
		v, err := c.form(join(path, name), n.children[name], member)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func (c *checker) formList(path string, n *node, s *apimodel.Shape) (any, error) {
	out := []any{}
	if n.value != "" {
		return nil, Errorf("MalformedInput", "Unexpected list element termination")
	}
	for name := range n.children {
		if name != "member" {
			return nil, Errorf("MalformedInput", "Top level element may not be treated as a list")
		}
	}
	keys, err := n.indexes(path)
	if err != nil {
		return nil, err
	}
	for _, i := range keys {
		key := "member." + strconv.Itoa(i)
		v, err := c.form(join(path, key), n.child("member").child(strconv.Itoa(i)), c.element(s))
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (c *checker) formMap(path string, n *node) (any, error) {
	if err := n.only(path, "entry", "map"); err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, entry := range n.child("entry").children {
		out[entry.child("key").value] = entry.child("value").value
	}
	return out, nil
}

// json reads a body as a value of the shape.
func (c *checker) json(body []byte, s *apimodel.Shape) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil && !errors.Is(err, io.EOF) { // a request without a body has no member
		return nil, Errorf("SerializationException", "%s: %v", c.operation, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, Errorf("SerializationException", "%s: more than one value", c.operation)
	}
	if v == nil {
		v = map[string]any{}
	}
	return c.typed("", v, s)
}

// typed checks that a value has the type of its shape, in the words in which AWS says
// that it has not, and leaves out what is null.
func (c *checker) typed(path string, v any, s *apimodel.Shape) (any, error) {
	refused := func(format string, args ...any) (any, error) {
		return nil, Errorf("SerializationException", format, args...)
	}
	switch s.Type {
	case apimodel.Structure, apimodel.Map:
		if _, list := v.([]any); list {
			return refused("Unrecognized collection type class %s", c.operation+"Request")
		}
		m, ok := v.(map[string]any)
		if !ok {
			return refused("Expected null")
		}
		return c.typedMembers(path, m, s)
	case apimodel.List:
		list, ok := v.([]any)
		if !ok {
			return refused("Expected list or null")
		}
		out := []any{}
		for i, e := range list {
			if e == nil {
				continue
			}
			e, err := c.typed(join(path, strconv.Itoa(i+1)), e, c.element(s))
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		return out, nil
	}
	want, fits := "String", false
	switch v := v.(type) {
	case map[string]any:
		return refused("Start of structure or map found where not expected.")
	case []any:
		return refused("Unexpected list found where not expected.")
	case string:
		fits = s.Type == apimodel.String || s.Type == apimodel.Blob
	case bool:
		fits = s.Type == apimodel.Boolean
	case json.Number:
		fits = s.Type == apimodel.Float || s.Type == apimodel.Double || s.Type == apimodel.Timestamp ||
			(s.Type == apimodel.Integer || s.Type == apimodel.Long) && !strings.ContainsAny(v.String(), ".eE")
	}
	if fits {
		return v, nil
	}
	switch s.Type {
	case apimodel.Boolean:
		want = "Boolean"
	case apimodel.Integer:
		want = "Integer"
	case apimodel.Long:
		want = "Long"
	case apimodel.Float, apimodel.Double, apimodel.Timestamp:
		want = "Double"
	}
	return refused("%s can not be converted to a%s %s", tokenOf(v), map[bool]string{true: "n"}[want == "Integer"], want)
}

func (c *checker) typedMembers(path string, m map[string]any, s *apimodel.Shape) (any, error) {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		shape := c.element(s) // a map's
		if s.Type == apimodel.Structure {
			if shape = c.member(s, name); shape == nil {
				return nil, c.unknown(join(path, name))
			}
		}
		if m[name] == nil {
			continue
		}
		v, err := c.typed(join(path, name), m[name], shape)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// tokenOf is what AWS calls a value of the wrong type.
func tokenOf(v any) string {
	switch v := v.(type) {
	case json.Number:
		return "NUMBER_VALUE"
	case bool:
		return strings.ToUpper(strconv.FormatBool(v)) + "_VALUE"
	}
	return "STRING_VALUE"
}
