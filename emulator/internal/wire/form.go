package wire

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// node is a form as a tree: "Tags.member.1.Key=x" is Tags, member, 1, Key.
type node struct {
	value    string
	set      bool
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	c := n.children[name]
	if c == nil {
		c = &node{}
		n.children[name] = c
	}
	return c
}

func parseForm(form url.Values) *node {
	root := &node{}
	for key, values := range form {
		if key == "Action" || key == "Version" || strings.HasPrefix(key, "X-Amz-") || len(values) == 0 {
			continue
		}
		n := root
		for part := range strings.SplitSeq(key, ".") {
			n = n.child(part)
		}
		n.value, n.set = values[0], true
	}
	return root
}

// decodeForm fills the struct that in points to. Fields are found by their names;
// lists are "Name.member.1", maps "Name.entry.1.key" and "Name.entry.1.value".
func decodeForm(operation string, form url.Values, in any) error {
	return decodeNode(operation, "", parseForm(form), reflect.ValueOf(in).Elem())
}

func decodeNode(operation, path string, n *node, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decodeNode(operation, path, n, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			t, err := time.Parse(time.RFC3339, n.value)
			if err != nil {
				return malformed(path, n.value, "timestamp")
			}
			v.Set(reflect.ValueOf(t))
			return nil
		}
		return decodeStruct(operation, path, n, v)
	case reflect.Slice:
		return decodeList(operation, path, n, v)
	case reflect.Map:
		return decodeMap(path, n, v)
	default:
		for name := range n.children {
			return malformed(join(path, name), n.children[name].value, "member of a simple value")
		}
		return decodeScalar(path, n.value, v)
	}
}

func decodeStruct(operation, path string, n *node, v reflect.Value) error {
	if n.value != "" {
		return malformed(path, n.value, "structure")
	}
	for _, name := range slices.Sorted(maps.Keys(n.children)) {
		c := n.children[name]
		field := v.FieldByName(name)
		if !field.IsValid() || !field.CanSet() {
			return Errorf("ValidationError", "Unknown parameter %q for operation %s", join(path, name), operation)
		}
		if err := decodeNode(operation, join(path, name), c, field); err != nil {
			return err
		}
	}
	return nil
}

func decodeList(operation, path string, n *node, v reflect.Value) error {
	if n.set && n.value == "" && len(n.children) == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0)) // "Tags=" is how clients send an empty list
		return nil
	}
	if err := n.only(path, "member", "list"); err != nil {
		return err
	}
	indexes, err := n.indexes(path)
	if err != nil {
		return err
	}
	members := n.child("member")
	list := reflect.MakeSlice(v.Type(), len(indexes), len(indexes))
	for at, i := range indexes {
		key := strconv.Itoa(i)
		if err := decodeNode(operation, join(path, "member."+key), members.child(key), list.Index(at)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

// indexes are the numbers of a list's elements, in order; they may have gaps.
func (n *node) indexes(path string) ([]int, error) {
	members := n.child("member")
	indexes := make([]int, 0, len(members.children))
	for key := range members.children {
		i, err := strconv.Atoi(key)
		if err != nil || strconv.Itoa(i) != key {
			return nil, malformed(path, key, "list index")
		}
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	return indexes, nil
}

func decodeMap(path string, n *node, v reflect.Value) error {
	if v.Type() != reflect.TypeFor[map[string]string]() {
		return malformed(path, "", v.Type().String())
	}
	if err := n.only(path, "entry", "map"); err != nil {
		return err
	}
	m := map[string]string{}
	for _, entry := range n.child("entry").children {
		m[strings.Clone(entry.child("key").value)] = strings.Clone(entry.child("value").value)
	}
	v.Set(reflect.ValueOf(m))
	return nil
}

func decodeScalar(path, value string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		// Not a part of the form's text, which would stay in memory as long as the value.
		v.SetString(strings.Clone(value))
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return malformed(path, value, "boolean")
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(value, 10, 64)
		if err != nil || v.OverflowInt(i) {
			return malformed(path, value, "integer")
		}
		v.SetInt(i)
	default:
		return malformed(path, value, v.Type().String())
	}
	return nil
}

// only refuses a list or map that has a value, or children beside the one that
// holds its elements: taken as empty, it would be silently ignored.
func (n *node) only(path, child, kind string) error {
	if n.value != "" {
		return malformed(path, n.value, kind)
	}
	for name, c := range n.children {
		if name != child {
			return malformed(join(path, name), c.value, "part of a "+kind)
		}
	}
	return nil
}

func malformed(path, value, kind string) error {
	return Errorf("MalformedInput", "Parameter %s: %q is not a valid %s", path, value, kind)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
