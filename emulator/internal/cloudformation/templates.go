package cloudformation

import (
	"context"
	"slices"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// GetTemplateInput is a request of GetTemplate.
type GetTemplateInput struct{ StackName, ChangeSetName, TemplateStage string }

// GetTemplateOutput is the answer.
type GetTemplateOutput struct {
	TemplateBody    string
	StagesAvailable []string
}

// GetTemplate returns the template of a stack or change set as it was sent. The
// emulator runs no macros, so that both stages are the same. A stack that is only
// under review has no template yet; the cdk command asks for it all the same.
func (s *Service) GetTemplate(_ context.Context, in *GetTemplateInput) (*GetTemplateOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stages := []string{"Original", "Processed"}
	if in.TemplateStage != "" && !slices.Contains(stages, in.TemplateStage) {
		return nil, invalid("1 validation error detected: Value '%s' at 'templateStage' failed to satisfy constraint: Member must satisfy enum value set: [Original, Processed]", in.TemplateStage)
	}
	if in.ChangeSetName != "" {
		_, cs, err := s.findChangeSet(in.StackName, in.ChangeSetName)
		if err != nil {
			return nil, err
		}
		return &GetTemplateOutput{TemplateBody: cs.revision.body, StagesAvailable: stages}, nil
	}
	st := s.find(in.StackName)
	if st == nil {
		return nil, invalid("Stack with id %s does not exist", in.StackName)
	}
	return &GetTemplateOutput{TemplateBody: st.revision.body, StagesAvailable: stages}, nil
}

// ValidateTemplateInput is a request of ValidateTemplate.
type ValidateTemplateInput struct{ TemplateBody, TemplateURL string }

// ValidateTemplateOutput is the answer.
type ValidateTemplateOutput struct {
	Parameters         []TemplateParameter
	Description        string
	Capabilities       []string
	CapabilitiesReason string
	DeclaredTransforms []string
}

// TemplateParameter is a parameter as ValidateTemplate shows it.
type TemplateParameter struct {
	ParameterKey string
	DefaultValue *string
	NoEcho       bool
	Description  string
}

// ValidateTemplate checks a template's form.
func (s *Service) ValidateTemplate(_ context.Context, in *ValidateTemplateInput) (*ValidateTemplateOutput, error) {
	t, err := s.readTemplate(in.TemplateBody, in.TemplateURL)
	if err != nil {
		return nil, err
	}
	out := &ValidateTemplateOutput{Description: t.Description, Parameters: []TemplateParameter{}, DeclaredTransforms: t.Transforms}
	out.Capabilities, out.CapabilitiesReason = t.RequiredCapabilities()
	for _, key := range sortedKeys(t.Parameters) {
		p := t.Parameters[key]
		out.Parameters = append(out.Parameters, TemplateParameter{ParameterKey: key, DefaultValue: p.Default, NoEcho: p.NoEcho, Description: p.Description})
	}
	return out, nil
}

func (s *Service) readTemplate(body, url string) (*cfntemplate.Template, error) {
	text, err := s.templateBody(definition{body: body, url: url}, revision{})
	if err != nil {
		return nil, err
	}
	return parse(text)
}

// GetTemplateSummaryInput is a request of GetTemplateSummary.
type GetTemplateSummaryInput struct {
	TemplateBody, TemplateURL, StackName string
	TemplateSummaryConfig                *TemplateSummaryConfig
}

// TemplateSummaryConfig changes how a summary treats unknown resource types.
type TemplateSummaryConfig struct{ TreatUnrecognizedResourceTypesAsWarnings bool }

// GetTemplateSummaryOutput is the answer.
type GetTemplateSummaryOutput struct {
	Parameters                  []ParameterDeclaration
	Description                 string
	Capabilities                []string
	CapabilitiesReason          string
	ResourceTypes               []string
	Version                     string
	Metadata                    string
	DeclaredTransforms          []string
	ResourceIdentifierSummaries []ResourceIdentifierSummary
}

// ParameterDeclaration is a parameter as GetTemplateSummary shows it.
type ParameterDeclaration struct {
	ParameterKey         string
	DefaultValue         *string
	ParameterType        string
	NoEcho               bool
	Description          string
	ParameterConstraints *ParameterConstraints
}

// ParameterConstraints are the values that a parameter accepts.
type ParameterConstraints struct{ AllowedValues []string }

// ResourceIdentifierSummary names resources of one type.
type ResourceIdentifierSummary struct {
	ResourceType       string
	LogicalResourceIds []string
}

// GetTemplateSummary tells what a template, given or deployed, declares.
func (s *Service) GetTemplateSummary(_ context.Context, in *GetTemplateSummaryInput) (*GetTemplateSummaryOutput, error) {
	body := in.TemplateBody
	if in.StackName != "" {
		s.mu.Lock()
		st := s.find(in.StackName)
		if st != nil {
			body = st.revision.body
		}
		s.mu.Unlock()
		if st == nil {
			return nil, invalid("Stack with id %s does not exist", in.StackName)
		}
	}
	t, err := s.readTemplate(body, in.TemplateURL)
	if err != nil {
		return nil, err
	}
	out := &GetTemplateSummaryOutput{
		Description: t.Description, Version: t.FormatVersion, DeclaredTransforms: t.Transforms,
		Parameters: []ParameterDeclaration{}, ResourceTypes: []string{},
	}
	out.Capabilities, out.CapabilitiesReason = t.RequiredCapabilities()
	if len(t.Metadata) > 0 {
		out.Metadata = encodeJSON(t.Metadata)
	}
	for _, key := range sortedKeys(t.Parameters) {
		p := t.Parameters[key]
		declared := ParameterDeclaration{ParameterKey: key, DefaultValue: p.Default, ParameterType: p.Type, NoEcho: p.NoEcho, Description: p.Description}
		if len(p.AllowedValues) > 0 {
			declared.ParameterConstraints = &ParameterConstraints{AllowedValues: p.AllowedValues}
		}
		out.Parameters = append(out.Parameters, declared)
	}
	byType := map[string][]string{}
	for _, id := range sortedKeys(t.Resources) {
		byType[t.Resources[id].Type] = append(byType[t.Resources[id].Type], id)
	}
	for _, name := range sortedKeys(byType) {
		out.ResourceTypes = append(out.ResourceTypes, name)
		out.ResourceIdentifierSummaries = append(out.ResourceIdentifierSummaries, ResourceIdentifierSummary{ResourceType: name, LogicalResourceIds: byType[name]})
	}
	return out, nil
}
