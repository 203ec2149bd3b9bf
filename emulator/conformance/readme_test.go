package conformance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// row is a line of the table: | id | fact | source | test |.
var (
	row    = regexp.MustCompile("(?m)^\\| ([A-Z]{3}-\\d{3}) \\| ([^|]+) \\| ([^|]+) \\| `(Test\\w+)` \\|$")
	factID = regexp.MustCompile(`^([A-Z]{3}-\d{3}) `)
)

// TestTableIsTrue holds README.md and the tests together: each row has one subtest, in
// the function that it names, each subtest has a row, and each source an address.
func TestTableIsTrue(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	page, tests := string(data), factTests(t)
	seen := map[string]bool{}
	for _, r := range row.FindAllStringSubmatch(page, -1) {
		id, sources, function := r[1], r[3], r[4]
		if seen[id] {
			t.Errorf("%s has two rows", id)
		}
		seen[id] = true
		switch where, ok := tests[id]; {
		case !ok:
			t.Errorf("%s has no test", id)
		case where != function:
			t.Errorf("%s is in %s, and its row says %s", id, where, function)
		}
		titles := regexp.MustCompile(`\[([^\]]+)\]`).FindAllStringSubmatch(sources, -1)
		if len(titles) == 0 {
			t.Errorf("%s has no source", id)
		}
		for _, title := range titles {
			if !strings.Contains(page, "\n["+title[1]+"]: https://docs.aws.amazon.com/") {
				t.Errorf("%s: %q has no address", id, title[1])
			}
		}
	}
	for id, function := range tests {
		if !seen[id] {
			t.Errorf("%s of %s has no row", id, function)
		}
	}
	if lines := strings.Count(page, "\n| CFN-") + strings.Count(page, "\n| ECS-") + strings.Count(page, "\n| ELB-"); lines != len(seen) {
		t.Errorf("%d of %d rows are not of the table's form", lines-len(seen), lines)
	}
}

// factTests are the test functions of all subtests that bear an id: string constants
// that begin with one, as the name in a table or in t.Run.
func factTests(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(function, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				if id := factID.FindStringSubmatch(text); id != nil {
					if _, twice := found[id[1]]; twice {
						t.Errorf("%s has two tests", id[1])
					}
					found[id[1]] = function.Name.Name
				}
				return true
			})
		}
	}
	return found
}
