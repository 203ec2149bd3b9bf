// Package apimodel is what AWS's service models say of requests: which operations a
// service has, which members a request can have, what their values have to fulfil, and
// with which HTTP status it is refused.
//
// The models are those of botocore, cut down by generate.go. They hold the operations
// of AWS, not those of the embedded AWS: what is there and not supported can so be told
// from what does not exist.
package apimodel

import (
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"sync"
)

//go:embed *.json
var files embed.FS

// Type is the kind of a shape.
type Type string

// The types of the shapes in requests of the services that are here.
const (
	Structure Type = "structure"
	List      Type = "list"
	Map       Type = "map"
	String    Type = "string"
	Boolean   Type = "boolean"
	Integer   Type = "integer"
	Long      Type = "long"
	Float     Type = "float"
	Double    Type = "double"
	Timestamp Type = "timestamp"
	Blob      Type = "blob"
)

// Service is the model of a service.
type Service struct {
	Operations map[string]Operation
	// Statuses are the HTTP statuses of errors, by code, that are not 400.
	Statuses map[string]int
	// Shapes are the shapes that requests consist of, by name.
	Shapes map[string]*Shape
}

// Operation is what a service can do.
type Operation struct {
	Input  string // the name of the shape of its requests; empty where they have no members
	Output bool   // whether there is a result, even an empty one
}

// Shape is the form of a value.
type Shape struct {
	Type     Type
	Members  map[string]string // of a structure: the names of their shapes
	Required []string          // of a structure
	Element  string            // of a list, or of a map's values: the name of the shape
	Enum     []string          // of a string: the values it can have, where not all are allowed
	Pattern  string            // of a string: a regular expression for the whole of it
	// Min and Max bound the length of strings, lists and maps, and the value of
	// numbers; nil where there is no bound.
	Min, Max *float64

	matches func() *regexp.Regexp
}

// Matches reports whether the whole text fulfils the shape's pattern. It does where
// there is none.
func (s *Shape) Matches(text string) bool {
	return s.Pattern == "" || s.matches().MatchString(text)
}

// Input is the shape of an operation's requests, false where AWS has no such operation.
func (s *Service) Input(operation string) (*Shape, bool) {
	o, ok := s.Operations[operation]
	if !ok {
		return nil, false
	}
	if o.Input == "" {
		return &Shape{Type: Structure}, true
	}
	return s.Shapes[o.Input], true
}

// loaded has the models that were loaded, by service, for all servers: nobody changes them.
var loaded sync.Map //nolint:gochecknoglobals // each entry is constant

// Load reads the model of a service by its signing name, for example "ecs". It takes
// some milliseconds the first time. An unknown service is an error.
func Load(service string) (*Service, error) {
	if s, ok := loaded.Load(service); ok {
		return s.(*Service), nil
	}
	s, err := load(service)
	if err != nil {
		return nil, err
	}
	once, _ := loaded.LoadOrStore(service, s)
	return once.(*Service), nil
}

func load(service string) (*Service, error) {
	data, err := files.ReadFile(service + ".json")
	if err != nil {
		return nil, fmt.Errorf("loading the model of %s: %w", service, err)
	}
	s := new(Service)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("loading the model of %s: %w", service, err)
	}
	javaEscape := regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)
	for _, shape := range s.Shapes {
		// A service has some hundred patterns, and a request few of them.
		shape.matches = sync.OnceValue(func() *regexp.Regexp {
			pattern := javaEscape.ReplaceAllString(shape.Pattern, `\x{$1}`)
			return regexp.MustCompile(`^(?:` + pattern + `)$`) // generate.go has compiled it
		})
	}
	return s, nil
}
