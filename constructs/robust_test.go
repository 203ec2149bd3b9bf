package constructs

import (
	"fmt"
	"math"
	"reflect"
	"testing"
)

// validator is what every props struct is.
type validator interface{ Validate() error }

// everyProps are zero values of all public props.
func everyProps() []validator {
	return []validator{
		&NetworkProps{}, &NetworkAttributes{}, &FargateServiceProps{}, &FargateWorkerProps{},
		&FargateTaskProps{}, &AlarmsProps{}, &RepositoryProps{}, &PostgresDatabaseProps{}, &DeployRoleProps{},
		&JumpHostProps{},
	}
}

// TestValidatePanicsOnNothing sets each field, in props and in structs within, to what
// is least expected of its type: validation is there for those who make mistakes.
func TestValidatePanicsOnNothing(t *testing.T) {
	for _, props := range everyProps() {
		kind := reflect.TypeOf(props).Elem()
		validate(t, kind.Name()+"(nil)", reflect.Zero(reflect.PointerTo(kind)).Interface().(validator))
		validate(t, kind.Name()+"{}", props)
		for field := range kind.Fields() {
			for _, value := range oddValues(field.Type) {
				changed := reflect.New(kind)
				// What is required is there, so that no check is left out for want of it.
				// A database asks its network for subnets, which this one has none of.
				for name, required := range map[string]any{
					"Network": &importedNetwork{}, "ServiceName": ptr("orders"), "ImageUrl": ptr("orders:1"), "StackName": ptr("network"),
				} {
					if at := changed.Elem().FieldByName(name); at.IsValid() && kind != reflect.TypeFor[PostgresDatabaseProps]() {
						at.Set(reflect.ValueOf(required))
					}
				}
				changed.Elem().FieldByIndex(field.Index).Set(value)
				validate(t, fmt.Sprintf("%s.%s = %v", kind.Name(), field.Name, value), changed.Interface().(validator))
			}
		}
	}
}

func validate(t *testing.T, what string, props validator) {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			t.Errorf("%s: Validate panics: %v", what, problem)
		}
	}()
	if err := props.Validate(); err != nil && err.Error() == "" {
		t.Errorf("%s: an error that says nothing", what)
	}
}

// oddValues are those of a type that code forgets. Interfaces have nil alone, as what
// is behind them is the CDK's.
func oddValues(of reflect.Type) []reflect.Value {
	values := []reflect.Value{reflect.Zero(of)}
	switch of.Kind() {
	case reflect.Pointer:
		for _, value := range oddValues(of.Elem()) {
			pointer := reflect.New(of.Elem())
			pointer.Elem().Set(value)
			values = append(values, pointer)
		}
	case reflect.Slice:
		values = append(values, reflect.MakeSlice(of, 0, 0))
		for _, element := range oddValues(of.Elem()) {
			one := reflect.MakeSlice(of, 0, 2)
			values = append(values, reflect.Append(one, element), reflect.Append(one, element, element))
		}
	case reflect.Map:
		values = append(values, reflect.MakeMap(of))
		for _, element := range oddValues(of.Elem()) {
			one := reflect.MakeMap(of)
			one.SetMapIndex(reflect.ValueOf(""), element)
			values = append(values, one)
		}
	case reflect.Struct:
		for field := range of.Fields() {
			for _, value := range oddValues(field.Type) {
				changed := reflect.New(of).Elem()
				changed.FieldByIndex(field.Index).Set(value)
				values = append(values, changed)
			}
		}
	case reflect.Float64:
		for _, number := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), -1, 0.5, math.MaxFloat64, *numberToken()} {
			values = append(values, reflect.ValueOf(number))
		}
	case reflect.String:
		for _, text := range []string{" ", "\x00", "*", ".", "/", "CMD", "10.0.0.0/33", textToken, listToken} {
			values = append(values, reflect.ValueOf(text).Convert(of))
		}
	case reflect.Bool:
		values = append(values, reflect.ValueOf(true))
	}
	return values
}
