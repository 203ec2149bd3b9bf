package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
)

// kinds are all kinds of fault, for the control endpoint.
func kinds() []Fault {
	return []Fault{
		&FaultThrottle{}, &FaultError{}, &FaultCut{}, &FaultLatency{}, &FaultPages{},
		&FaultResource{}, &FaultImage{}, &FaultTaskKill{}, &FaultCapacity{}, &FaultZone{},
		&FaultHealth{}, &FaultClock{},
	}
}

// encodeFault is a fault as the control endpoint shows it.
func encodeFault(f InjectedFault) json.RawMessage {
	members := map[string]any{"id": f.ID, "kind": f.Fault.Kind(), "occasions": f.Occasions, "strikes": f.Strikes}
	eachMember(reflect.ValueOf(f.Fault), func(name string, v reflect.Value) {
		if d, ok := v.Interface().(time.Duration); ok && d != 0 {
			members[name] = d.String()
		} else if !v.IsZero() {
			members[name] = v.Interface()
		}
	})
	data, err := json.Marshal(members)
	if err != nil {
		return nil // texts, numbers and bools always encode
	}
	return data
}

// ParseFault reads a fault from JSON, in the form that the control endpoint takes:
// {"kind": "throttle", "operation": "DescribeStacks", "times": 3}.
func ParseFault(text []byte) (Fault, error) {
	f, err := decodeFault(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.occasions().validate(), f.validate()); err != nil {
		return nil, fmt.Errorf("reading fault %s: %w", f.Kind(), err)
	}
	return f, nil
}

// decodeFault reads a fault as the control endpoint takes it. Members that its kind
// does not have are refused.
func decodeFault(r io.Reader) (Fault, error) {
	var members map[string]json.RawMessage
	if err := json.NewDecoder(r).Decode(&members); err != nil {
		return nil, fmt.Errorf("reading a fault: %w", err)
	}
	var kind string
	if err := json.Unmarshal(members["kind"], &kind); err != nil {
		return nil, errors.New(`reading a fault: it has no "kind"`)
	}
	all := kinds()
	i := slices.IndexFunc(all, func(f Fault) bool { return f.Kind() == kind })
	if i < 0 {
		var names []string
		for _, f := range all {
			names = append(names, f.Kind())
		}
		return nil, fmt.Errorf("reading a fault: there is no kind %q, only %s", kind, strings.Join(names, ", "))
	}
	delete(members, "kind")
	v := reflect.ValueOf(all[i]).Elem()
	var errs error
	eachMember(v, func(name string, field reflect.Value) {
		if text, ok := members[name]; ok {
			delete(members, name)
			if err := decodeMember(text, field); err != nil {
				errs = errors.Join(errs, fmt.Errorf("reading a fault: %s: %w", name, err))
			}
		}
	})
	for name := range members {
		errs = errors.Join(errs, fmt.Errorf("reading a fault: kind %s has no %q", kind, name))
	}
	f, _ := v.Interface().(Fault) // a value, as users of the library give it
	return f, errs
}

func decodeMember(text json.RawMessage, field reflect.Value) error {
	if field.Type() != reflect.TypeFor[time.Duration]() {
		dec := json.NewDecoder(bytes.NewReader(text))
		return dec.Decode(field.Addr().Interface())
	}
	var duration string
	if err := json.Unmarshal(text, &duration); err != nil {
		return errors.New("a duration is a text, such as \"20s\"")
	}
	d, err := time.ParseDuration(duration)
	field.SetInt(int64(d))
	return err
}

// eachMember visits the fields of a fault by their JSON names, those of embedded
// structs among them.
func eachMember(v reflect.Value, do func(name string, v reflect.Value)) {
	v = reflect.Indirect(v)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			eachMember(v.Field(i), do)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		do(name, v.Field(i))
	}
}
