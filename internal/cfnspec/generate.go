//go:build ignore

// Generate writes specification.json from the database of the npm package
// @aws-cdk/aws-service-spec, which AWS makes from the CloudFormation registry's
// schemas:
//
//	npm pack @aws-cdk/aws-service-spec && tar xzf aws-cdk-aws-service-spec-*.tgz
//	go run generate.go package/db.json.gz
package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"
)

type database struct {
	Schema struct {
		Resource struct {
			Entities []struct {
				CloudFormationType string
				IsStateful         bool
				PrimaryIdentifier  []string
				Properties         map[string]property
				Attributes         map[string]any
			}
		}
		TypeDefinition struct {
			Entities []struct {
				ID         string `json:"$id"`
				Properties map[string]property
			}
		}
	}
}

type property struct {
	CausesReplacement string
	// Type may refer to type definitions at any depth: a list of them, a union.
	Type json.RawMessage
}

var reference = regexp.MustCompile(`"\$ref":"([^"]+)"`)

type resourceType struct {
	Stateful   bool     `json:"stateful,omitempty"`
	Identity   []string `json:"identity,omitempty"`
	Replaced   []string `json:"replaced,omitempty"`
	Maybe      []string `json:"maybe,omitempty"`
	Attributes []string `json:"attributes,omitempty"`
}

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		log.Fatal(err)
	}
	var db database
	if err := json.NewDecoder(unzipped).Decode(&db); err != nil {
		log.Fatal(err)
	}
	// A type definition with a member that is set on creation only.
	fixed := map[string]bool{}
	for _, definition := range db.Schema.TypeDefinition.Entities {
		for _, p := range definition.Properties {
			if p.CausesReplacement == "yes" {
				fixed[definition.ID] = true
			}
		}
	}
	var lines []string
	for _, entity := range db.Schema.Resource.Entities {
		t := resourceType{
			Stateful: entity.IsStateful,
			Identity: identity(entity.CloudFormationType, entity.PrimaryIdentifier, entity.Properties),
		}
		for name, p := range entity.Properties {
			switch p.CausesReplacement {
			case "yes":
				t.Replaced = append(t.Replaced, name)
			case "maybe":
				t.Maybe = append(t.Maybe, name)
			default: // it depends on what changes in it
				for _, found := range reference.FindAllSubmatch(p.Type, -1) {
					if fixed[string(found[1])] {
						t.Maybe = append(t.Maybe, name)
						break
					}
				}
			}
		}
		for name := range entity.Attributes {
			if strings.Count(name, ".") < 2 { // deeper ones belong to objects that no template reads
				t.Attributes = append(t.Attributes, name)
			}
		}
		slices.Sort(t.Replaced)
		slices.Sort(t.Maybe)
		slices.Sort(t.Attributes)
		line, err := json.Marshal(t)
		if err != nil {
			log.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%q: %s", entity.CloudFormationType, line))
	}
	slices.Sort(lines)
	out := "{\n" + strings.Join(slices.Compact(lines), ",\n") + "\n}\n"
	if err := os.WriteFile("specification.json", []byte(out), 0o644); err != nil {
		log.Fatal(err)
	}
}

// identity lists the properties that tell a resource from all others of its type: the
// primary identifier where a template gives it, and else the name ("GroupName" of
// AWS::EC2::SecurityGroup) behind the parents in which it is unique. It is empty for
// types whose resources are told apart by what their service makes up.
func identity(typeName string, primary []string, properties map[string]property) []string {
	var given []string
	for _, name := range primary {
		if _, settable := properties[name]; settable {
			given = append(given, name)
		}
	}
	if len(given) == len(primary) {
		return given
	}
	kind := typeName[strings.LastIndex(typeName, ":")+1:]
	own := ""
	for name, p := range properties {
		noun, isName := strings.CutSuffix(name, "Name")
		if isName && p.CausesReplacement == "yes" && strings.HasSuffix(kind, noun) && len(name) > len(own) {
			own = name
		}
	}
	switch {
	case own == "":
		return nil
	case slices.Contains(given, own):
		return given
	}
	return append(given, own)
}
