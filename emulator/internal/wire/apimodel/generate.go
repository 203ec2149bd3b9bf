//go:build ignore

// Generate writes the JSON files of this package from the service models of botocore
// (https://github.com/boto/botocore, Apache License 2.0):
//
//	go run generate.go SITE-PACKAGES/botocore/data .
//
// `make models` does so with the botocore that test/clients pins.
package main

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// botocoreModel is a service-2.json as far as requests go.
type botocoreModel struct {
	Operations map[string]struct {
		Input, Output *reference
		Errors        []reference
	}
	Shapes map[string]struct {
		Type     string
		Required []string
		Enum     []string
		Pattern  string
		Min, Max *float64
		Members  map[string]reference
		Member   *reference
		Value    *reference
		Error    struct {
			Code           string
			HTTPStatusCode int
		}
	}
}

type reference struct{ Shape string }

var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// operation is what is kept of an operation; see Operation in model.go.
type operation struct {
	Input  string `json:"input,omitempty"`
	Output bool   `json:"output,omitempty"`
}

// shape is what is kept of a shape; see Shape in model.go.
type shape struct {
	Type     string            `json:"type"`
	Members  map[string]string `json:"members,omitempty"`
	Required []string          `json:"required,omitempty"`
	Element  string            `json:"element,omitempty"`
	Enum     []string          `json:"enum,omitempty"`
	Pattern  string            `json:"pattern,omitempty"`
	Min      *float64          `json:"min,omitempty"`
	Max      *float64          `json:"max,omitempty"`
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go run generate.go BOTOCORE-DATA TARGET-FOLDER")
	}
	// By signing name, which botocore's folders do not bear.
	for service, source := range map[string]struct {
		folder string
		part   string // of what operations are called, where the requests of others are not kept
	}{
		"cloudformation": {folder: "cloudformation"}, "ecr": {folder: "ecr"}, "ecs": {folder: "ecs"},
		"elasticloadbalancing": {folder: "elbv2"}, "logs": {folder: "logs"}, "ssm": {folder: "ssm", part: "Parameter"},
		"s3":  {folder: "s3", part: "(none: its requests are held against the structs they are decoded into)"},
		"sts": {folder: "sts"},
	} {
		if err := generate(filepath.Join(os.Args[1], source.folder), source.part, filepath.Join(os.Args[2], service+".json")); err != nil {
			log.Fatalf("generating the model of %s: %v", service, err)
		}
	}
}

func generate(folder, part, target string) error {
	m, err := read(folder)
	if err != nil {
		return err
	}
	if filepath.Base(folder) == "cloudformation" {
		nameStacks(m)
	}
	shapes := map[string]shape{}
	var keep func(name string) error
	keep = func(name string) error {
		if _, ok := shapes[name]; ok {
			return nil
		}
		s := m.Shapes[name]
		if _, err := regexp.Compile(javaEscape.ReplaceAllString(s.Pattern, `\x{$1}`)); err != nil { // as model.go does
			log.Printf("left out: the pattern of %s: %v", name, err) // Go has no lookahead
			s.Pattern = ""
		}
		kept := shape{Type: s.Type, Required: s.Required, Enum: s.Enum, Pattern: s.Pattern, Min: s.Min, Max: s.Max}
		if len(s.Members) > 0 {
			kept.Members = map[string]string{}
		}
		refs := []*reference{s.Member, s.Value}
		for member, ref := range s.Members {
			kept.Members[member] = ref.Shape
			refs = append(refs, &ref)
		}
		for _, ref := range refs[:2] {
			if ref != nil {
				kept.Element = ref.Shape
			}
		}
		shapes[name] = kept // before its members: shapes may contain themselves
		for _, ref := range refs {
			if ref != nil {
				if err := keep(ref.Shape); err != nil {
					return err
				}
			}
		}
		return nil
	}
	operations := map[string]operation{}
	statuses := map[string]int{}
	for name, o := range m.Operations {
		kept := operation{Output: o.Output != nil}
		if o.Input != nil && strings.Contains(name, part) {
			kept.Input = o.Input.Shape
			if err := keep(kept.Input); err != nil {
				return err
			}
		}
		operations[name] = kept
		for _, ref := range o.Errors {
			e := m.Shapes[ref.Shape].Error
			if e.HTTPStatusCode != 0 && e.HTTPStatusCode != 400 {
				statuses[cmp.Or(e.Code, ref.Shape)] = e.HTTPStatusCode
			}
		}
	}
	out := "{\n\"operations\": {\n" + lines(operations) + "\n},\n\"statuses\": {\n" + lines(statuses) +
		"\n},\n\"shapes\": {\n" + lines(shapes) + "\n}\n}\n"
	return os.WriteFile(target, []byte(out), 0o644)
}

// nameStacks adds what CloudFormation has asked of a stack's name since 2012 and its model
// says of some operations only. The patterns are those of the errors that users quote:
// hashicorp/terraform-provider-aws issue 42668 for CreateStack, humanmade/cf-to-tf issue 5
// for the others, aws-samples/private-llm-qa-bot issue 125 for the length.
func nameStacks(m *botocoreModel) {
	least, most := 1.0, 128.0
	known := m.Shapes["StackName"]
	known.Pattern, known.Min = "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*", &least
	m.Shapes["StackName"] = known
	created := known
	created.Pattern, created.Max = "[a-zA-Z][-a-zA-Z0-9]*", &most
	m.Shapes["NewStackName"] = created
	m.Shapes["CreateStackInput"].Members["StackName"] = reference{"NewStackName"}
}

// read reads the newest version of a service's model.
func read(folder string) (*botocoreModel, error) {
	versions, err := filepath.Glob(filepath.Join(folder, "*", "service-2.json.gz"))
	if err != nil || len(versions) == 0 {
		return nil, fmt.Errorf("no service-2.json.gz in %s: %v", folder, err)
	}
	slices.Sort(versions)
	f, err := os.Open(versions[len(versions)-1])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var m botocoreModel
	return &m, json.NewDecoder(unzipped).Decode(&m)
}

// lines writes a map with one entry a line, sorted, so that a diff can be read.
func lines[T any](m map[string]T) string {
	var out []string
	for name, value := range m {
		line, err := json.Marshal(value)
		if err != nil {
			log.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%q: %s", name, line))
	}
	slices.Sort(out)
	return strings.Join(out, ",\n")
}
