package emulator

import (
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/wire"
	"github.com/slipway-go/slipway/emulator/internal/wire/apimodel"
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
	for service, api := range region.apis {
		client := sdkClients()[service]
		if client == nil {
			t.Errorf("no client of the SDK is known for %s", service)
			continue
		}
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

// sdkClients are the clients of aws-sdk-go-v2, by signing name.
func sdkClients() map[string]reflect.Type {
	return map[string]reflect.Type{
		"cloudformation":       reflect.TypeFor[*cloudformation.Client](),
		"ecr":                  reflect.TypeFor[*ecr.Client](),
		"ecs":                  reflect.TypeFor[*ecs.Client](),
		"elasticloadbalancing": reflect.TypeFor[*elasticloadbalancingv2.Client](),
		"logs":                 reflect.TypeFor[*cloudwatchlogs.Client](),
		"s3":                   reflect.TypeFor[*s3.Client](),
		"ssm":                  reflect.TypeFor[*ssm.Client](),
		"sts":                  reflect.TypeFor[*sts.Client](),
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
	if payload, ok := payloads()[path]; ok {
		member, _ := theirs.FieldByName(payload)
		theirs = pointed(member.Type)
	}
	if got, want := kindOf(ours), kindOf(theirs); got != want {
		if strings.HasPrefix(path, "s3 ") && got == "string" && want == "timestamp" {
			return // S3 writes times as HTTP does
		}
		c.t.Errorf("%s is a %s, in the SDK a %s", path, got, want)
		return
	}
	switch kindOf(ours) {
	case "string":
		c.values(path, ours, theirs)
	case "slice", "map":
		c.compare(path+"[]", ours.Elem(), theirs.Elem())
	case "struct":
		if c.compared[ours] {
			return
		}
		c.compared[ours] = true
		for i := range ours.NumField() {
			field := ours.Field(i)
			if !field.IsExported() || field.Type == reflect.TypeFor[xml.Name]() || field.Tag.Get("rest") == "body" || field.Name == "ContentSHA256" {
				continue // the latter are how S3 sends a member, or secures the sending
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

// payloads are the members of S3's results that are the whole of the XML.
func payloads() map[string]string {
	return map[string]string{"s3 GetBucketEncryption result": "ServerSideEncryptionConfiguration"}
}

// values holds the constants of a type of ours against the values that the SDK knows.
func (c comparison) values(path string, ours, theirs reflect.Type) {
	if ours == reflect.TypeFor[string]() || c.compared[ours] {
		return
	}
	known := enum(theirs)
	if known == nil {
		return
	}
	c.compared[ours] = true
	values := constants(c.t, ours)
	if len(values) == 0 {
		c.t.Errorf("%s: %s has no constants", path, ours)
	}
	for _, value := range values {
		if !slices.Contains(known, value) {
			c.t.Errorf("%s: %s has the value %s, which %s of the SDK does not have", path, ours, value, theirs)
		}
	}
}

// enum are the values of an enumeration of the SDK, sorted; nil where the type is none.
func enum(t reflect.Type) []string {
	method := reflect.Zero(t).MethodByName("Values")
	if !method.IsValid() {
		return nil
	}
	var values []string
	list := method.Call(nil)[0]
	for i := range list.Len() {
		values = append(values, list.Index(i).String())
	}
	slices.Sort(values)
	return values
}

// constants are the values of the constants of a type of this module.
func constants(t *testing.T, of reflect.Type) []string {
	t.Helper()
	files, err := filepath.Glob(strings.TrimPrefix(of.PkgPath(), "github.com/slipway-go/slipway/emulator/") + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != of.Name() {
				return true
			}
			for _, v := range spec.Values {
				if literal, ok := v.(*ast.BasicLit); ok {
					value, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, value)
				}
			}
			return true
		})
	}
	return values
}

// TestEnumerationsAreThoseOfTheSDK holds the values that requests may have, which come from
// botocore, against those that aws-sdk-go-v2 can send.
func TestEnumerationsAreThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	srv, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	region := srv.enter("us-east-1")
	defer srv.requests.Done()
	compared := 0
	for service, api := range region.apis {
		model, err := api.Model()
		if err != nil {
			t.Fatal(err)
		}
		for _, operation := range api.Operations() {
			method, ok := sdkClients()[service].MethodByName(operation)
			if !ok {
				continue // the test above says so
			}
			input, _ := model.Input(operation)
			w := enumWalk{t: t, model: model, seen: map[*apimodel.Shape]bool{}}
			w.walk(service+" "+operation, input, method.Type.In(2))
			compared += w.compared
		}
	}
	if compared < 100 {
		t.Errorf("%d enumerations were compared: has the form of the models changed?", compared)
	}
}

type enumWalk struct {
	t        *testing.T
	model    *apimodel.Service
	seen     map[*apimodel.Shape]bool // shapes may contain themselves
	compared int
}

// walk goes through a shape, and the type of the SDK in step.
func (w *enumWalk) walk(path string, shape *apimodel.Shape, theirs reflect.Type) {
	theirs = pointed(theirs)
	if shape == nil || w.seen[shape] || theirs.Kind() == reflect.Interface {
		return
	}
	w.seen[shape] = true
	switch shape.Type {
	case apimodel.Structure:
		for name, member := range shape.Members {
			field, ok := theirs.FieldByName(strings.ToUpper(name[:1]) + name[1:])
			if ok { // botocore may be ahead
				w.walk(path+"."+name, w.model.Shapes[member], field.Type)
			}
		}
	case apimodel.List, apimodel.Map:
		w.walk(path+"[]", w.model.Shapes[shape.Element], theirs.Elem())
	case apimodel.String:
		if len(shape.Enum) == 0 {
			return
		}
		w.compared++
		if diff := cmp.Diff(slices.Sorted(slices.Values(shape.Enum)), enum(theirs)); diff != "" {
			w.t.Errorf("the values of %s (-botocore +SDK):\n%s", path, diff)
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
