package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// difference is one place in which two JSON values differ. A side that is nil is absent
// there.
type difference struct {
	path          string // JSON pointer
	before, after any
}

// null is JSON's null in a decoded context, so that nil can mean "absent".
type null struct{}

// decodeContext reads the JSON of a BeforeContext or AfterContext: an object. Unlike
// encoding/json it refuses a key that occurs twice, since one of its values would go
// unseen, and what it puts U+FFFD for, since different texts would look the same; and
// numbers stay the digits they are.
func decodeContext(text string) (map[string]any, error) {
	if !legible(text) {
		return nil, errIllegible
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	v, err := decodeValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows the JSON value")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it is no JSON object")
	}
	return object, nil
}

func decodeValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return decodeArray(dec)
		}
		return decodeObject(dec)
	case nil:
		return null{}, nil
	case string:
		if !legible(t) {
			return nil, errIllegible // half of a surrogate pair
		}
		return t, nil
	default:
		return t, nil // bool or json.Number
	}
}

var errIllegible = errors.New("it has characters that are not told as they are")

// legible tells whether a text is what it was: U+FFFD stands for what could not be read.
func legible(text string) bool { return !strings.ContainsRune(text, utf8.RuneError) }

func decodeArray(dec *json.Decoder) (any, error) {
	list := []any{}
	for dec.More() {
		v, err := decodeValue(dec)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.Token()
	return list, err
}

func decodeObject(dec *json.Decoder) (any, error) {
	object := map[string]any{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		switch {
		case !ok:
			return nil, fmt.Errorf("%v is no key", token)
		case !legible(key):
			return nil, errIllegible
		}
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("key %q occurs twice", key)
		}
		if object[key], err = decodeValue(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return object, err
}

// differences lists where two decoded values differ, as deep as can be told, sorted by
// path. Lists are compared index by index: a container that moves is a change.
func differences(path string, before, after any) []difference {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return objectDifferences(path, b, a)
		}
	case []any:
		if a, ok := after.([]any); ok {
			return listDifferences(path, b, a)
		}
	default:
		if _, isObject := after.(map[string]any); isObject {
			break
		}
		if _, isList := after.([]any); isList {
			break
		}
		if before == after {
			return nil
		}
	}
	return []difference{{path, before, after}}
}

func objectDifferences(path string, before, after map[string]any) []difference {
	keys := make(map[string]struct{}, len(before)+len(after))
	for k := range before {
		keys[k] = struct{}{}
	}
	for k := range after {
		keys[k] = struct{}{}
	}
	var found []difference
	for _, k := range sortedKeys(keys) {
		found = append(found, differences(path+"/"+escapePointer(k), before[k], after[k])...)
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].path < found[j].path })
	return found
}

func listDifferences(path string, before, after []any) []difference {
	var found []difference
	for i := range max(len(before), len(after)) {
		var b, a any
		if i < len(before) {
			b = before[i]
		}
		if i < len(after) {
			a = after[i]
		}
		found = append(found, differences(path+"/"+strconv.Itoa(i), b, a)...)
	}
	return found
}

// escapePointer writes a key as a part of a JSON pointer (RFC 6901).
func escapePointer(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// show writes a side of a difference for people. What is absent shows as nothing.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case null:
		return "null"
	}
	text, err := json.Marshal(plain(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// plain undoes what decodeContext did to nulls, so that the value can be encoded.
func plain(v any) any {
	switch v := v.(type) {
	case null:
		return nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = plain(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	}
	return v
}
