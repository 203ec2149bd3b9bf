// Package ssm is the Parameter Store of AWS Systems Manager for the embedded AWS: plain
// parameters with their versions, as templates resolve them. It has no KMS, so that a
// SecureString is refused.
package ssm

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Service is the Parameter Store of one region. It is safe for concurrent use.
type Service struct {
	clock  *clock.Clock
	region string
	api    *wire.API

	mu         sync.Mutex
	parameters map[string][]version // by name, oldest first
}

// version is one value of a parameter.
type version struct {
	kind, value, dataType string
	number                int
	modified              time.Time
}

// New returns an empty store.
func New(clk *clock.Clock, region string) *Service {
	s := &Service{clock: clk, region: region, parameters: map[string][]version{}}
	s.api = &wire.API{Service: "ssm", Protocol: wire.JSON, Invalid: "ValidationException"}
	wire.Handle(s.api, "GetParameter", s.GetParameter)
	wire.Handle(s.api, "GetParameters", s.GetParameters)
	wire.Handle(s.api, "PutParameter", s.PutParameter)
	wire.Handle(s.api, "DeleteParameter", s.DeleteParameter)
	return s
}

// API is the service as clients reach it.
func (s *Service) API() *wire.API { return s.api }

// Parameter is a parameter as GetParameter shows it.
type Parameter struct {
	ARN              string
	DataType         string
	LastModifiedDate wire.Epoch
	Name             string
	Selector         string `json:",omitempty"`
	Type             string
	Value            string
	Version          int
}

// GetParameterInput is a request of GetParameter. A name may end in ":" and a version.
type GetParameterInput struct {
	Name           string
	WithDecryption bool
}

// GetParameterOutput is the answer.
type GetParameterOutput struct{ Parameter *Parameter }

// GetParameter returns a parameter, in its newest version unless the name says another.
func (s *Service) GetParameter(_ context.Context, in *GetParameterInput) (*GetParameterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	return &GetParameterOutput{Parameter: p}, nil
}

// GetParametersInput is a request of GetParameters.
type GetParametersInput struct {
	Names          []string
	WithDecryption bool
}

// GetParametersOutput is the answer.
type GetParametersOutput struct {
	InvalidParameters []string
	Parameters        []*Parameter
}

// GetParameters returns parameters, and the names of those that do not exist.
func (s *Service) GetParameters(_ context.Context, in *GetParametersInput) (*GetParametersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &GetParametersOutput{InvalidParameters: []string{}, Parameters: []*Parameter{}}
	for _, name := range in.Names {
		p, err := s.find(name)
		if err != nil {
			out.InvalidParameters = append(out.InvalidParameters, name)
			continue
		}
		out.Parameters = append(out.Parameters, p)
	}
	return out, nil
}

// find finds a parameter by its name, or by name, ":" and version. The caller holds s.mu.
func (s *Service) find(selector string) (*Parameter, error) {
	name, wanted, selected := strings.Cut(selector, ":")
	versions := s.parameters[name]
	if len(versions) == 0 {
		return nil, &wire.Error{Code: "ParameterNotFound"}
	}
	v := versions[len(versions)-1]
	p := &Parameter{ARN: s.arn(name), Name: name}
	if selected {
		number, err := strconv.Atoi(wanted)
		if err != nil || number < 1 || number > len(versions) {
			return nil, wire.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", wanted, name)
		}
		v, p.Selector = versions[number-1], ":"+wanted
	}
	p.Type, p.Value, p.DataType, p.Version, p.LastModifiedDate = v.kind, v.value, v.dataType, v.number, wire.Epoch(v.modified)
	return p, nil
}

func (s *Service) arn(name string) string {
	return fmt.Sprintf("arn:aws:ssm:%s:%s:parameter/%s", s.region, wire.AccountID, strings.TrimPrefix(name, "/"))
}

// PutParameterInput is a request of PutParameter.
type PutParameterInput struct {
	Name, Description, Value, Type, AllowedPattern, Tier, DataType string
	Overwrite                                                      bool
	Tags                                                           []Tag
}

// Tag is a label of a parameter. Nobody can read it: it is accepted and kept by none.
type Tag struct{ Key, Value string }

// PutParameterOutput is the answer.
type PutParameterOutput struct {
	Tier    string
	Version int
}

// The tiers of parameters, and how long their values may be.
const (
	tierStandard, mostStandard = "Standard", 4096
	tierAdvanced, mostAdvanced = "Advanced", 8192
)

var validName = regexp.MustCompile(`^[a-zA-Z0-9_.\-/]+$`)

// PutParameter makes a parameter, or a new version of one.
func (s *Service) PutParameter(_ context.Context, in *PutParameterInput) (*PutParameterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := s.parameters[in.Name]
	kind, tier := in.Type, in.Tier
	switch {
	case tier == "" || tier == "Intelligent-Tiering" && len(in.Value) <= mostStandard:
		tier = tierStandard
	case tier == "Intelligent-Tiering":
		tier = tierAdvanced
	}
	switch {
	case !validName.MatchString(in.Name):
		return nil, wire.Errorf("ValidationException", "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
	case in.Value == "":
		return nil, wire.Errorf("ValidationException", "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.")
	case len(versions) > 0 && !in.Overwrite:
		return nil, wire.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case in.Overwrite && len(in.Tags) > 0:
		return nil, wire.Errorf("ValidationException", "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case len(in.Value) > mostStandard && tier == tierStandard:
		return nil, wire.Errorf("ValidationException", "Standard tier parameters support a maximum parameter value of %d characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.", mostStandard)
	case len(in.Value) > mostAdvanced:
		return nil, wire.Errorf("ValidationException", "Advanced tier parameters support a maximum parameter value of %d characters.", mostAdvanced)
	case kind == "" && len(versions) > 0:
		kind = versions[len(versions)-1].kind
	}
	switch kind {
	case "String", "StringList":
	case "":
		return nil, wire.Errorf("ValidationException", "A parameter type is required when you create a parameter.")
	case "SecureString":
		return nil, wire.Errorf("ValidationException", "SecureString parameters are not supported by the embedded AWS: it has no KMS keys. Use String.")
	default:
		return nil, wire.Errorf("UnsupportedParameterType", "The parameter type %s is not supported.", kind)
	}
	if in.AllowedPattern != "" {
		pattern, err := regexp.Compile(in.AllowedPattern)
		if err != nil || !pattern.MatchString(in.Value) {
			return nil, wire.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", in.AllowedPattern)
		}
	}
	dataType := in.DataType
	if dataType == "" {
		dataType = "text"
	}
	v := version{kind: kind, value: in.Value, dataType: dataType, number: len(versions) + 1, modified: s.clock.Now()}
	s.parameters[in.Name] = append(versions, v)
	return &PutParameterOutput{Tier: tier, Version: v.number}, nil
}

// DeleteParameterInput is a request of DeleteParameter.
type DeleteParameterInput struct{ Name string }

// DeleteParameterOutput is the answer.
type DeleteParameterOutput struct{}

// DeleteParameter deletes a parameter with all its versions.
func (s *Service) DeleteParameter(_ context.Context, in *DeleteParameterInput) (*DeleteParameterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parameters[in.Name]) == 0 {
		return nil, &wire.Error{Code: "ParameterNotFound"}
	}
	delete(s.parameters, in.Name)
	return &DeleteParameterOutput{}, nil
}

// Value is the value of a parameter, for templates; ok is false where there is none.
func (s *Service) Value(selector string) (value string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.find(selector)
	if err != nil {
		return "", false
	}
	return p.Value, true
}
