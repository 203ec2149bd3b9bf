package emulator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// requests are those of a service: by type, its members and whether they are read.
type requests map[string]map[string]bool

// TestMembersWithoutEffect holds the list in docs/emulator.md against the code: it names
// every member of a request that is decoded and never read, and no other.
func TestMembersWithoutEffect(t *testing.T) {
	t.Parallel()
	var unread []string
	for service, folder := range map[string]string{
		"cloudformation": "cloudformation", "ecr": "registry", "ecs": "ecs", "elasticloadbalancing": "elb",
		"logs": "logs", "s3": "s3", "ssm": "ssm", "sts": "sts",
	} {
		r := requests{}
		files := parse(t, filepath.Join("internal", folder))
		for _, file := range files {
			r.declare(file)
		}
		for _, file := range files {
			for _, declaration := range file.Decls {
				if f, ok := declaration.(*ast.FuncDecl); ok && f.Body != nil {
					r.read(f)
				}
			}
		}
		for input, members := range r {
			for member, read := range members {
				if !read {
					unread = append(unread, service+" "+strings.TrimSuffix(input, "Input")+" "+strings.ToLower(member))
				}
			}
		}
	}
	slices.Sort(unread)
	page, err := os.ReadFile("../docs/emulator.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` (\\w+) \\| (`.*`) \\|").FindAllStringSubmatch(string(page), -1) {
		for _, member := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[3], -1) {
			told = append(told, row[1]+" "+row[2]+" "+strings.ToLower(member[1]))
		}
	}
	slices.Sort(told)
	if diff := cmp.Diff(told, unread); diff != "" {
		t.Errorf("members without effect (-docs/emulator.md +code):\n%s", diff)
	}
}

func parse(t *testing.T, folder string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %v", folder, err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// declare notes the members of the types of requests: CreateStackInput.
func (r requests) declare(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		shape, ok := spec.Type.(*ast.StructType)
		if !ok || !strings.HasSuffix(spec.Name.Name, "Input") || spec.Name.Name == "ParameterInput" { // which is a part of one
			return true
		}
		members := map[string]bool{}
		for _, field := range shape.Fields.List {
			for _, name := range field.Names {
				if name.IsExported() {
					members[name.Name] = false
				}
			}
		}
		r[spec.Name.Name] = members
		return true
	})
}

// read notes the members that a function reads of a request which it is given, or of a
// copy of it.
func (r requests) read(f *ast.FuncDecl) {
	types := map[string]string{} // of variables
	given := slices.Clone(f.Type.Params.List)
	if f.Recv != nil {
		given = append(given, f.Recv.List...)
	}
	for _, field := range given {
		of := field.Type
		if pointer, ok := of.(*ast.StarExpr); ok {
			of = pointer.X
		}
		if named, ok := of.(*ast.Ident); ok && r[named.Name] != nil {
			for _, name := range field.Names {
				types[name.Name] = named.Name
			}
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, right := range n.Rhs {
				if pointer, ok := right.(*ast.StarExpr); ok {
					right = pointer.X
				}
				from, ok := right.(*ast.Ident)
				if to, named := n.Lhs[min(i, len(n.Lhs)-1)].(*ast.Ident); ok && named && types[from.Name] != "" {
					types[to.Name] = types[from.Name]
				}
			}
		case *ast.SelectorExpr:
			if of, ok := n.X.(*ast.Ident); ok && types[of.Name] != "" {
				if _, member := r[types[of.Name]][n.Sel.Name]; member {
					r[types[of.Name]][n.Sel.Name] = true
				}
			}
		}
		return true
	})
}
