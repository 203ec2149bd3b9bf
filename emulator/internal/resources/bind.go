package resources

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// bind fills the struct that into points to from a resource's properties, by the
// names of its fields. CloudFormation's types are loose: "80" is a number where a
// number is wanted, and 80 is text where text is. A property without a field is
// refused, so that nothing is silently ignored.
func bind(properties map[string]any, into any) error {
	return bindValue("#", properties, reflect.ValueOf(into).Elem())
}

func bindValue(path string, v any, into reflect.Value) error {
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return bindValue(path, v, into.Elem())
	case reflect.Interface:
		into.Set(reflect.ValueOf(v))
		return nil
	case reflect.Struct:
		members, ok := v.(map[string]any)
		if !ok {
			return mismatch(path, v, "object")
		}
		return bindStruct(path, members, into)
	case reflect.Map:
		members, ok := v.(map[string]any)
		if !ok {
			return mismatch(path, v, "object")
		}
		return bindMap(path, members, into)
	case reflect.Slice:
		elements, ok := v.([]any)
		if !ok {
			elements = []any{v} // CloudFormation accepts one for a list of one
		}
		return bindList(path, elements, into)
	default:
		return bindScalar(path, v, into)
	}
}

func bindStruct(path string, members map[string]any, into reflect.Value) error {
	for name, member := range members {
		// CloudFormation and ECS do not always agree on capitals: FilesystemId, FileSystemId.
		field := into.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
		if !field.IsValid() {
			return fmt.Errorf("Properties validation failed with message: %s: extraneous key [%s] is not permitted, or not supported by the embedded AWS", path, name)
		}
		if err := bindValue(path+"/"+name, member, field); err != nil {
			return err
		}
	}
	return nil
}

func bindMap(path string, members map[string]any, into reflect.Value) error {
	m := reflect.MakeMapWithSize(into.Type(), len(members))
	for key, member := range members {
		value := reflect.New(into.Type().Elem()).Elem()
		if err := bindValue(path+"/"+key, member, value); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key), value)
	}
	into.Set(m)
	return nil
}

func bindList(path string, elements []any, into reflect.Value) error {
	list := reflect.MakeSlice(into.Type(), len(elements), len(elements))
	for i, element := range elements {
		if err := bindValue(path+"/"+strconv.Itoa(i), element, list.Index(i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

func bindScalar(path string, v any, into reflect.Value) error {
	text, ok := scalar(v)
	if !ok {
		return mismatch(path, v, into.Kind().String())
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return mismatch(path, v, "boolean")
		}
		into.SetBool(b)
	case reflect.Int, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil || into.OverflowInt(i) {
			return mismatch(path, v, "integer")
		}
		into.SetInt(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return mismatch(path, v, "number")
		}
		into.SetFloat(f)
	default:
		return mismatch(path, v, into.Kind().String())
	}
	return nil
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool, int64, float64, int:
		text, err := json.Marshal(v)
		return string(text), err == nil
	}
	return "", false
}

func mismatch(path string, v any, want string) error {
	return fmt.Errorf("Properties validation failed with message: %s: expected type: %s, found: %T", path, want, v)
}
