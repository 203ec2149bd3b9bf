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
	"slices"
	"strings"
)

type database struct {
	Schema struct {
		Resource struct {
			Entities []struct {
				CloudFormationType string
				IsStateful         bool
				Properties         map[string]struct{ CausesReplacement string }
				Attributes         map[string]any
			}
		}
	}
}

type resourceType struct {
	Stateful   bool     `json:"stateful,omitempty"`
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
	var lines []string
	for _, entity := range db.Schema.Resource.Entities {
		t := resourceType{Stateful: entity.IsStateful}
		for name, p := range entity.Properties {
			switch p.CausesReplacement {
			case "yes":
				t.Replaced = append(t.Replaced, name)
			case "maybe":
				t.Maybe = append(t.Maybe, name)
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
