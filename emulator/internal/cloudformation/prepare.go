package cloudformation

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
	"github.com/slipway-go/slipway/emulator/internal/wire"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// maxTemplateBody is CloudFormation's limit for an inline template, in bytes.
const maxTemplateBody = 51200

// maxTemplateObject is its limit for a template in S3, in bytes (user guide,
// "Understand CloudFormation quotas": 1 MB).
const maxTemplateObject = 1_000_000

var stackName = regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`)

func checkStackName(name string) error {
	if !stackName.MatchString(name) {
		return invalid("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	return nil
}

// definition is what create, update and change set requests have in common.
type definition struct {
	body            string
	url             string
	usePrevious     bool
	parameters      []ParameterInput
	capabilities    []string
	tags            []Tag
	notification    []string
	roleARN         string
	rollbackTrigger *RollbackConfiguration
}

// prepare checks a definition and turns it into the revision that would follow
// previous (zero for a new stack). Nothing has changed when it fails.
func (s *Service) prepare(name, id string, d definition, previous revision) (revision, error) {
	r, err := s.assemble(d, previous)
	if err != nil {
		return revision{}, err
	}
	if err := checkCapabilities(r); err != nil {
		return revision{}, err
	}
	env := s.env(name, id, r, nil)
	if err := env.CheckRules(); err != nil {
		return revision{}, asInvalid(err)
	}
	dependencies, err := env.Dependencies()
	if err != nil {
		return revision{}, asInvalid(err)
	}
	if err := tryFunctions(env, dependencies); err != nil {
		return revision{}, asInvalid(err)
	}
	// AWS has everything; what this one has not, it says before anything is made.
	for _, id := range sortedKeys(dependencies) {
		res := r.template.Resources[id]
		if err := s.Types.Refusal(res.Type, res.Properties); err != nil {
			return revision{}, invalid("Template error: resource %s: %s", id, reasonOf(err))
		}
	}
	unmade := s.env(name, id, r, func(string) (Resource, bool) { return Resource{PhysicalID: intrinsic.KnownAfterApply}, true })
	for _, id := range sortedKeys(dependencies) {
		if err := s.checkReferences(unmade, id, r.template.Resources[id]); err != nil {
			return revision{}, err
		}
	}
	return r, nil
}

// assemble reads the template and settles the parameters, without a look at
// capabilities and rules.
func (s *Service) assemble(d definition, previous revision) (revision, error) {
	if c := d.rollbackTrigger; c != nil && (len(c.RollbackTriggers) > 0 || c.MonitoringTimeInMinutes != 0) {
		return revision{}, invalid("RollbackConfiguration is not supported by the embedded AWS: it has no CloudWatch alarms to monitor")
	}
	body, err := s.templateBody(d, previous)
	if err != nil {
		return revision{}, err
	}
	t, err := parse(body)
	if err != nil {
		return revision{}, err
	}
	given := map[string]intrinsic.Given{}
	for _, p := range d.parameters {
		given[p.ParameterKey] = intrinsic.Given{Value: p.ParameterValue, UsePrevious: p.UsePreviousValue}
	}
	values, err := intrinsic.ResolveParameters(t, given, previous.parameters)
	if err != nil {
		return revision{}, asInvalid(err)
	}
	resolved, err := s.resolveParameters(t, values)
	if err != nil {
		return revision{}, err
	}
	r := revision{
		body: body, template: t, parameters: values, resolved: resolved,
		tags: d.tags, capabilities: d.capabilities, notification: d.notification, roleARN: d.roleARN,
	}
	// Tags and role stay what they are where an update does not name them.
	if r.tags == nil {
		r.tags = previous.tags
	}
	if r.notification == nil {
		r.notification = previous.notification
	}
	if r.roleARN == "" {
		r.roleARN = previous.roleARN
	}
	return r, nil
}

func (s *Service) templateBody(d definition, previous revision) (string, error) {
	switch {
	case d.url != "" && d.body != "":
		return "", invalid("Only one of TemplateBody or TemplateURL can be specified")
	case d.usePrevious && d.body != "":
		return "", invalid("Only one of UsePreviousTemplate or TemplateBody can be specified")
	case d.usePrevious && d.url != "":
		return "", invalid("Only one of UsePreviousTemplate or TemplateURL can be specified")
	case d.url != "":
		return s.templateObject(d.url)
	case d.usePrevious && previous.body == "":
		return "", invalid("UsePreviousTemplate is not valid for a stack without a template")
	case d.usePrevious:
		return previous.body, nil
	case d.body == "":
		return "", invalid("Either Template URL or Template Body must be specified.")
	case len(d.body) > maxTemplateBody:
		return "", invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", maxTemplateBody)
	}
	return d.body, nil
}

// templateObject reads a template that a URL names in S3.
func (s *Service) templateObject(url string) (string, error) {
	if s.Objects == nil {
		return "", errTemplateURL
	}
	body, ok := s.Objects.Template(url)
	if !ok {
		return "", errTemplateURL
	}
	if len(body) > maxTemplateObject {
		return "", invalid("Template may not exceed %d bytes in size.", maxTemplateObject)
	}
	return body, nil
}

// errTemplateURL is what CloudFormation says of a URL that it cannot read.
var errTemplateURL = invalid("TemplateURL must reference a valid S3 object to which you have access.")

func parse(body string) (*cfntemplate.Template, error) {
	t, err := cfntemplate.Parse(body)
	if err != nil {
		return nil, asInvalid(err)
	}
	if err := t.Validate(); err != nil {
		return nil, asInvalid(err)
	}
	if err := intrinsic.CheckSupported(t); err != nil {
		return nil, asInvalid(err)
	}
	return t, nil
}

func checkCapabilities(r revision) error {
	needed, _ := r.template.RequiredCapabilities()
	for _, capability := range needed {
		if slices.Contains(r.capabilities, capability) {
			continue
		}
		if capability == "CAPABILITY_IAM" && slices.Contains(r.capabilities, "CAPABILITY_NAMED_IAM") {
			continue
		}
		return wire.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [%s]", strings.Join(needed, ", "))
	}
	return nil
}

// env evaluates r's template; current gives the resources that Ref and Fn::GetAtt
// find, nil where none exist yet.
func (s *Service) env(name, id string, r revision, current func(logicalID string) (Resource, bool)) *intrinsic.Env {
	find := func(logicalID string) (Resource, error) {
		if current != nil {
			if res, ok := current(logicalID); ok {
				return res, nil
			}
		}
		return Resource{}, invalid("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", logicalID)
	}
	parameters := maps.Clone(r.parameters)
	maps.Copy(parameters, r.resolved)
	return &intrinsic.Env{
		Template: r.template, Parameters: parameters,
		Region: s.Region, AccountID: wire.AccountID,
		StackName: name, StackID: id, NotificationARNs: r.notification, Zones: s.Zones,
		Ref: func(logicalID string) (string, error) {
			res, err := find(logicalID)
			if res.Ref != "" {
				return res.Ref, err
			}
			return res.PhysicalID, err
		},
		GetAtt: func(logicalID, attribute string) (any, error) {
			res, err := find(logicalID)
			if err != nil {
				return nil, err
			}
			if res.PhysicalID == intrinsic.KnownAfterApply {
				return intrinsic.KnownAfterApply, nil
			}
			if value, ok := res.Attributes[attribute]; ok {
				return value, nil
			}
			return nil, invalid("Template error: resource %s does not support attribute type %s in Fn::GetAtt", logicalID, attribute)
		},
		ImportValue: func(export string) (string, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if e, ok := s.exports[export]; ok {
				return e.value, nil
			}
			return "", invalid("No export named %s found.", export)
		},
	}
}

// importsOf are the exports that a revision uses, evaluated before any resource is
// touched: an import never depends on a resource of its own stack.
func importsOf(env *intrinsic.Env, dependencies map[string][]string) (map[string]bool, error) {
	used := map[string]bool{}
	var visit func(v any) error
	visit = func(v any) error {
		switch v := v.(type) {
		case map[string]any:
			if arg, ok := v["Fn::ImportValue"]; ok && len(v) == 1 {
				name, err := env.Eval(arg)
				if err != nil {
					return err
				}
				text, _ := name.(string)
				used[text] = true
				_, err = env.ImportValue(text)
				return err
			}
			for _, key := range sortedKeys(v) {
				if err := visit(v[key]); err != nil {
					return err
				}
			}
		case []any:
			for _, e := range v {
				if err := visit(e); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, id := range sortedKeys(dependencies) {
		if err := visit(env.Template.Resources[id].Properties); err != nil {
			return nil, err
		}
	}
	for _, key := range sortedKeys(env.Template.Outputs) {
		if err := visit(env.Template.Outputs[key].Value); err != nil {
			return nil, err
		}
	}
	return used, nil
}

// outputs evaluates the outputs of a revision whose condition holds.
func (s *Service) outputs(env *intrinsic.Env) ([]StackOutput, error) {
	conditions, err := env.Conditions()
	if err != nil {
		return nil, err
	}
	var out []StackOutput
	for _, key := range sortedKeys(env.Template.Outputs) {
		o := env.Template.Outputs[key]
		if o.Condition != "" && !conditions[o.Condition] {
			continue
		}
		value, err := env.Eval(o.Value)
		if err == nil {
			value, err = s.resolve(value)
		}
		if err != nil {
			return nil, err
		}
		if _, scalar := value.(string); !scalar && (isList(value) || isObject(value)) {
			return nil, invalid("Template format error: Output %s is malformed. The Value field of every Outputs member must evaluate to a String.", key)
		}
		text := scalarText(value)
		result := StackOutput{OutputKey: key, OutputValue: &text, Description: o.Description}
		if o.ExportName != nil {
			name, err := env.Eval(o.ExportName)
			if err != nil {
				return nil, err
			}
			result.ExportName = scalarText(name)
			if err := cfntemplate.CheckExportName(key, result.ExportName); err != nil {
				return nil, err
			}
		}
		out = append(out, result)
	}
	return out, nil
}

func isList(v any) bool   { _, ok := v.([]any); return ok }
func isObject(v any) bool { _, ok := v.(map[string]any); return ok }

// scalarText is a scalar as CloudFormation writes it into text.
func scalarText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return strings.Trim(encodeJSON(v), `"`)
}

func encodeJSON(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "" // only values that came out of JSON or YAML get here
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// asInvalid gives a template's error the code that clients know.
func asInvalid(err error) error {
	if e := (*cfntemplate.ValidationError)(nil); errors.As(err, &e) {
		return invalid("%s", e.Message)
	}
	return err
}

// reason is the text of an error as a status reason shows it.
func reasonOf(err error) string {
	if e := (*wire.Error)(nil); errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
