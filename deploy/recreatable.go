package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// This file says what may be deleted and created anew. Whatever it does not know, it
// refuses: a stack that is deleted does not come back by itself.

// recreatableTypes are the resource types, or their beginnings, that hold nothing which a
// new resource from the same template would not have. A log group's lines are lost with
// it; who wants to keep them retains it.
func recreatableTypes() []string {
	return []string{
		"AWS::ApplicationAutoScaling::",
		"AWS::CDK::Metadata",
		"AWS::CloudWatch::",
		"AWS::EC2::SecurityGroup",
		"AWS::ECS::",
		"AWS::ElasticLoadBalancingV2::",
		"AWS::Events::Rule",
		"AWS::IAM::",
		"AWS::Logs::",
		"AWS::Route53::RecordSet",
		"AWS::Scheduler::",
		"AWS::ServiceDiscovery::",
		"AWS::SSM::Parameter",
	}
}

// checkRecreatable refuses to recreate a stack that would not come back as it was.
func (r *run) checkRecreatable(ctx context.Context) error {
	ctx, cancel := r.d.reading(ctx)
	defer cancel()
	t, name := r.t, r.t.stack.name()
	reasons := t.strayUses()
	reasons = append(reasons, t.unrecreatable(r.req.AcceptDowntime)...)
	for _, o := range t.stack.Outputs {
		export := aws.ToString(o.ExportName)
		if export == "" {
			continue
		}
		importers, err := r.d.importers(ctx, export)
		if err != nil {
			return r.d.beforeChange(ctx, name, "reading who imports "+export, err)
		}
		if len(importers) > 0 {
			reasons = append(reasons, Reason{
				Resource: "Outputs/" + aws.ToString(o.OutputKey),
				Why:      fmt.Sprintf("its export %s is imported by %s, so that the stack cannot be deleted", export, strings.Join(importers, ", ")),
			})
		}
	}
	body, err := r.d.originalTemplate(ctx, t.stack)
	switch {
	case err != nil:
		return r.d.beforeChange(ctx, name, "reading the template of stack "+name, err)
	case len(body) > maxTemplateBody:
		reasons = append(reasons, Reason{Why: fmt.Sprintf("the template has %d bytes, more than the %d with which it can be sent again", len(body), maxTemplateBody)})
	}
	if len(reasons) > 0 {
		return &RefusedError{Stack: name, Reasons: reasons}
	}
	return r.checkReadable(ctx)
}

// unrecreatable are the reasons in the stack and its template.
func (t *target) unrecreatable(acceptDowntime bool) []Reason {
	var reasons []Reason
	refuse := func(resource, format string, args ...any) {
		reasons = append(reasons, Reason{Resource: resource, Why: fmt.Sprintf(format, args...)})
	}
	if aws.ToBool(t.stack.EnableTerminationProtection) {
		refuse("", "the stack is protected from deletion (termination protection)")
	}
	if t.stack.ParentId != nil {
		refuse("", "the stack is nested in another one")
	}
	for _, key := range sortedKeys(t.template.Parameters) {
		if t.template.Parameters[key].NoEcho {
			refuse("Parameters/"+key, "its value cannot be read (NoEcho), and so not be given again")
		}
	}
	for _, id := range sortedKeys(t.template.Resources) {
		resource := t.template.Resources[id]
		if t.physical[id] == "" {
			continue
		}
		switch {
		case resource.Type == typeService && !acceptDowntime:
			refuse(id, "service %s would be down until it is created anew (--accept-downtime), as by no other strategy", lastPart(t.physical[id]))
		case !slices.ContainsFunc(recreatableTypes(), func(prefix string) bool { return strings.HasPrefix(resource.Type, prefix) }):
			refuse(id, "this %s would be deleted, and it is not known that nothing is lost with it", resource.Type)
		case resource.DeletionPolicy != "" && resource.DeletionPolicy != "Delete":
			if property := ownName(resource); property != "" {
				refuse(id, "this %s would stay (DeletionPolicy %s), and no second one can have its %s", resource.Type, resource.DeletionPolicy, property)
			}
		}
	}
	return reasons
}

// ownName is the property by which a template names a resource itself; empty where AWS
// makes up the name. Revisions of a task definition share the name of their family.
func ownName(r cfntemplate.Resource) string {
	if r.Type == typeTaskDefinition {
		return ""
	}
	for _, property := range sortedKeys(r.Properties) {
		if property == "Name" || strings.HasSuffix(property, "Name") || strings.HasSuffix(property, "Identifier") {
			return property
		}
	}
	return ""
}
