package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMachineListsEvents holds machine.md against the events of package deploy: each has
// a row with its members, and each row is of an event.
func TestMachineListsEvents(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("machine.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, " | ")
		if name := regexp.MustCompile("^\\| `([a-z-]+)`$").FindStringSubmatch(cells[0]); name != nil && len(cells) == 3 && strings.HasPrefix(cells[2], "`") {
			for _, member := range regexp.MustCompile("`([a-zA-Z]+)`").FindAllStringSubmatch(cells[2], -1) {
				rows[name[1]] = append(rows[name[1]], member[1])
			}
		}
	}
	delete(rows, "rehearsal-phase") // the command's own
	events := eventsOf(t)
	for name, members := range events {
		if !slices.Equal(rows[name], members) {
			t.Errorf("%s: machine.md has %q; the event has %q", name, rows[name], members)
		}
	}
	for name := range rows {
		if events[name] == nil {
			t.Errorf("machine.md has %s, which is no event", name)
		}
	}
	if len(events) < 10 {
		t.Errorf("%d events were found", len(events))
	}
}

// eventsOf are the events of package deploy by their names for programs, with the members
// of their JSON: the structs that embed at.
func eventsOf(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../deploy/event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	events := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		s, ok := spec.Type.(*ast.StructType)
		if !ok || s.Fields.NumFields() == 0 {
			return true
		}
		if first, ok := s.Fields.List[0].Type.(*ast.Ident); !ok || first.Name != "at" {
			return true
		}
		members := []string{"time"}
		for _, f := range s.Fields.List[1:] {
			if f.Tag == nil {
				t.Errorf("%s.%s has no name in JSON", spec.Name.Name, f.Names[0].Name)
				continue
			}
			name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json"), ",")
			if name == "-" {
				name = "error" // by the event's own MarshalJSON
			}
			members = append(members, name)
		}
		name := regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(spec.Name.Name, "$1-$2")
		events[strings.ToLower(name)] = members
		return true
	})
	return events
}
