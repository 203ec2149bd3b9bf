package emulator

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// TestTypesAreThoseOfTheSDK holds the structs of all requests and results against those
// of aws-sdk-go-v2, member by member, so also what no test ever sends or gets.
func TestTypesAreThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	srv, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	region := srv.enter("us-east-1")
	defer srv.requests.Done()
	for service, client := range map[string]reflect.Type{
		"cloudformation":       reflect.TypeFor[*cloudformation.Client](),
		"ecs":                  reflect.TypeFor[*ecs.Client](),
		"elasticloadbalancing": reflect.TypeFor[*elasticloadbalancingv2.Client](),
		"sts":                  reflect.TypeFor[*sts.Client](),
	} {
		api := region.apis[service]
		for _, operation := range api.Operations() {
			method, ok := client.MethodByName(operation)
			if !ok {
				t.Errorf("the SDK of %s has no %s", service, operation)
				continue
			}
			in, out := api.Types(operation)
			c := comparison{t: t, compared: map[reflect.Type]bool{}}
			c.compare(service+" "+operation+" request", in, method.Type.In(2))
			c.compare(service+" "+operation+" result", out, method.Type.Out(0))
		}
	}
}

type comparison struct {
	t        *testing.T
	compared map[reflect.Type]bool // types may contain themselves
}

// compare walks ours, and theirs in step.
func (c comparison) compare(path string, ours, theirs reflect.Type) {
	ours, theirs = pointed(ours), pointed(theirs)
	if theirs.Kind() == reflect.Interface || ours.Kind() == reflect.Interface {
		return // a union of the SDK, or what is kept as it comes
	}
	if got, want := kindOf(ours), kindOf(theirs); got != want {
		c.t.Errorf("%s is a %s, in the SDK a %s", path, got, want)
		return
	}
	switch kindOf(ours) {
	case "slice", "map":
		c.compare(path+"[]", ours.Elem(), theirs.Elem())
	case "struct":
		if c.compared[ours] {
			return
		}
		c.compared[ours] = true
		for i := range ours.NumField() {
			field := ours.Field(i)
			if !field.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" {
				name = field.Name
			}
			member, ok := theirs.FieldByName(strings.ToUpper(name[:1]) + name[1:])
			if !ok {
				c.t.Errorf("%s has the member %s, which %s of the SDK does not have", path, name, theirs)
				continue
			}
			c.compare(path+"."+name, field.Type, member.Type)
		}
	}
}

func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// kindOf is the kind of a value on the wire.
func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[wire.Epoch]():
		return "timestamp"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		return "integer"
	case t.Kind() == reflect.Float32, t.Kind() == reflect.Float64:
		return "number"
	}
	return fmt.Sprint(t.Kind())
}
