package cloudformation

import (
	"bytes"
	"encoding/json"
)

// value is a value of a template, or evaluated from one, whose numbers come back from
// JSON in the types in which they went: see [cfntemplate.Template].
type value struct{ any }

// MarshalJSON implements json.Marshaler.
func (v value) MarshalJSON() ([]byte, error) { return json.Marshal(v.any) }

// UnmarshalJSON implements json.Unmarshaler.
func (v *value) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&v.any); err != nil {
		return err
	}
	v.any = typed(v.any)
	return nil
}

// values are an object of such values.
type values map[string]any

// UnmarshalJSON implements json.Unmarshaler.
func (v *values) UnmarshalJSON(data []byte) error {
	var decoded value
	if err := decoded.UnmarshalJSON(data); err != nil {
		return err
	}
	*v, _ = decoded.any.(map[string]any) // nil where there was none
	return nil
}

// typed gives numbers their types, in place.
func typed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = typed(v[key])
		}
	case []any:
		for i := range v {
			v[i] = typed(v[i])
		}
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
		fraction, _ := v.Float64() // it was one
		return fraction
	}
	return v
}
