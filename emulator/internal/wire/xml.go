package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// timeFormat is the form of a timestamp in AWS's XML.
const timeFormat = "2006-01-02T15:04:05.000Z"

// encodeElement writes v as AWS's Query protocol does: a struct's fields by name,
// lists as <member>, maps as <entry>. Nil pointers, nil lists, empty strings and
// zero times are left out; an empty list that is not nil is an empty element, since
// clients expect the key to be there. The tag `wire:"omitempty"` leaves out zero
// numbers and false as well.
func encodeElement(buf *bytes.Buffer, name string, v any) {
	encodeValue(buf, name, reflect.ValueOf(v))
}

func encodeValue(buf *bytes.Buffer, name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		return
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			encodePointee(buf, name, v.Elem())
		}
		return
	case reflect.String:
		if v.Len() == 0 {
			return
		}
	case reflect.Slice, reflect.Map:
		if v.IsNil() {
			return
		}
	}
	if t, ok := v.Interface().(time.Time); ok && t.IsZero() {
		return
	}
	encodePointee(buf, name, v)
}

// encodePointee writes v even where it is empty: behind a pointer, empty is a value.
func encodePointee(buf *bytes.Buffer, name string, v reflect.Value) {
	fmt.Fprintf(buf, "<%s>", name)
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			buf.WriteString(t.UTC().Format(timeFormat))
			break
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() || field.Tag.Get("wire") == "omitempty" && v.Field(i).IsZero() {
				continue
			}
			encodeValue(buf, field.Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			if element := reflect.Indirect(v.Index(i)); element.IsValid() {
				encodePointee(buf, "member", element)
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, key := range keys {
			buf.WriteString("<entry>")
			encodeElement(buf, "key", key.String())
			encodePointee(buf, "value", v.MapIndex(key))
			buf.WriteString("</entry>")
		}
	default:
		_ = xml.EscapeText(buf, fmt.Append(nil, v.Interface()))
	}
	fmt.Fprintf(buf, "</%s>", name)
}

// Epoch is a timestamp of a JSON API: seconds since 1970, with fractions.
type Epoch time.Time

// EpochOf returns t as a timestamp, nil for the zero time, which JSON leaves out.
func EpochOf(t time.Time) *Epoch {
	if t.IsZero() {
		return nil
	}
	e := Epoch(t)
	return &e
}

// MarshalJSON implements json.Marshaler.
func (e Epoch) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(time.Time(e).UnixMilli())/1000), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *Epoch) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	*e = Epoch(time.UnixMilli(int64(seconds * 1000)).UTC())
	return nil
}
