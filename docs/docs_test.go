// Package docs_test holds the pages of this folder against the code.
package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestConstructsPageIsTrue: each prop and each test that the reference names is
// there, and each prop that is there is named. Types are read from the source,
// so that no CDK is needed to run this.
func TestConstructsPageIsTrue(t *testing.T) {
	page := read(t, "constructs.md")
	props, tests := structs(t, "../constructs", "../stacks"), testNames(t, "..")

	for _, name := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(page, -1) {
		if !tests[name[1]] {
			t.Errorf("constructs.md names the test %s, which is not there", name[1])
		}
	}
	named := map[string]bool{}
	for _, match := range regexp.MustCompile("`([A-Z]\\w+)\\.([A-Z]\\w+)`").FindAllStringSubmatch(page, -1) {
		name := match[1] + "." + match[2]
		named[name] = true
		if _, ok := props[match[1]]; !ok {
			t.Errorf("constructs.md names %s, and there is no %s", name, match[1])
		} else if !props[match[1]][match[2]] {
			t.Errorf("constructs.md names %s, and %s has no such field", name, match[1])
		}
	}
	for kind, fields := range props {
		if kind == "SharedTaskResources" { // what a network gives back
			continue
		}
		for field := range fields {
			// What a worker and a task take is what the service takes.
			shared := (kind == "FargateWorkerProps" || kind == "FargateTaskProps") && props["FargateServiceProps"][field]
			if !shared && !named[kind+"."+field] {
				t.Errorf("constructs.md says nothing of %s.%s", kind, field)
			}
		}
	}
}

// TestEveryFeatureHasATest: no row of a feature table goes without one.
func TestEveryFeatureHasATest(t *testing.T) {
	rows, inTable := 0, false
	for _, line := range strings.Split(read(t, "constructs.md"), "\n") {
		switch {
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case strings.HasSuffix(line, "| test |"):
			inTable = true
		case inTable && !strings.HasPrefix(line, "|---"):
			rows++
			if !strings.Contains(line, "`Test") {
				t.Errorf("no test proves this row: %s", line)
			}
		}
	}
	if rows == 0 {
		t.Error("there are no feature tables")
	}
}

// structs are the exported structs of packages and their exported fields.
// Embedded ones stand for themselves.
func structs(t *testing.T, folders ...string) map[string]map[string]bool {
	t.Helper()
	found := map[string]map[string]bool{}
	for _, folder := range folders {
		for path, file := range parse(t, folder) {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok || !spec.Name.IsExported() {
					return true
				}
				kind, ok := spec.Type.(*ast.StructType)
				if !ok {
					return true
				}
				fields := map[string]bool{}
				for _, field := range kind.Fields.List {
					for _, name := range field.Names {
						if name.IsExported() {
							fields[name.Name] = true
						}
					}
				}
				found[spec.Name.Name] = fields
				return true
			})
		}
	}
	return found
}

func testNames(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "node_modules" || strings.HasPrefix(name, ".") && name != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, "_test.go") {
			for _, match := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, path), -1) {
				found[match[1]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func parse(t *testing.T, folder string) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", folder, err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[path] = file
	}
	return files
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestDeployPageIsTrue: each test that the page names is there, and each feature of other
// tools is answered by one, or by a reason.
func TestDeployPageIsTrue(t *testing.T) {
	page, tests := read(t, "deploy.md"), testNames(t, "..")
	for _, name := range regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(page, -1) {
		if !tests[name[1]] {
			t.Errorf("deploy.md names the test %s, which is not there", name[1])
		}
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \| (.+) \| (.+) \| (.+) \|$`).FindAllStringSubmatch(page, -1)
	if len(rows) != 45 {
		t.Errorf("%d features are answered; want 45", len(rows))
	}
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("feature %s comes where %d should", row[1], i+1)
		}
		if proven := strings.Contains(row[4], "`Test"); strings.Contains(row[3], "yes") != proven || !proven && row[3] != "no" {
			t.Errorf("feature %s is answered by %q and %q", row[1], row[3], row[4])
		}
	}
}
