package wire

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// unsupported is the path of the first member of a request that the type t, which it is
// decoded into, has no field for; empty where there is none.
func unsupported(protocol Protocol, path string, v any, t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member, ok := memberType(protocol, name, t)
			if !ok {
				return join(path, name)
			}
			if found := unsupported(protocol, join(path, name), v[name], member); found != "" {
				return found
			}
		}
	case []any:
		if t.Kind() != reflect.Slice {
			return "" // any
		}
		for i, e := range v {
			if found := unsupported(protocol, join(path, strconv.Itoa(i+1)), e, t.Elem()); found != "" {
				return found
			}
		}
	}
	return ""
}

// memberType is the type of the field that the decoder of the protocol puts a member
// into.
func memberType(protocol Protocol, name string, t reflect.Type) (reflect.Type, bool) {
	switch t.Kind() {
	case reflect.Map:
		return t.Elem(), true
	case reflect.Interface:
		return t, true
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			key := field.Name
			if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); protocol == JSON && tag != "" {
				key = tag
			}
			if key == name && field.IsExported() {
				return field.Type, true
			}
		}
	}
	return nil, false
}
