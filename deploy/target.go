package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// target is a stack that an image is to be put into, with all that has to be known
// about it.
type target struct {
	stack    *stack
	template *cfntemplate.Template
	reach    *reach
	resend   string            // the template to send again; empty to use the deployed one
	physical map[string]string // physical ids by logical id
	services []serviceRef      // that the image reaches, sorted by logical id
	image    string            // the image parameter's value

	definitions map[string]*ecstypes.TaskDefinition          // as ECS tells them, by ARN; those that were read
	described   map[string]ecstypes.Service                  // the services as ECS tells them, by ARN; nil until they are read
	deployments map[string][]ecstypes.ServiceDeploymentBrief // their latest deployments, by ARN; those that were read
	groups      map[string]targetGroup                       // their target groups, by ARN; nil until they are read
}

// readTarget reads a stack, its template and its resources. The stack may be in an update,
// which can be our own, but in no other state in which it cannot be updated.
func (d *Deployer) readTarget(ctx context.Context, nameOrID, parameter string) (*target, error) {
	s, err := d.existingStack(ctx, nameOrID)
	if err != nil {
		return nil, err
	}
	if err := s.updatable(); err != nil && !s.updating() {
		return nil, err
	}
	template, body, err := d.readTemplate(ctx, s)
	if err != nil {
		return nil, err
	}
	t := &target{stack: s, template: template}
	if t.reach, err = findReach(template, s.name(), parameter); err != nil {
		return nil, err
	}
	if slices.Contains(template.Transforms, languageExtensions) {
		if len(body) > maxTemplateBody {
			return nil, &InputError{
				Problem: fmt.Sprintf("the template of stack %s uses %s and is larger than %d bytes, so that it cannot be sent again", s.name(), languageExtensions, maxTemplateBody),
				Advice:  "make the template smaller, or do without the transform",
			}
		}
		t.resend = body
	}
	value, ok := s.parameter(t.reach.parameter)
	if !ok {
		return nil, &InputError{Problem: fmt.Sprintf("stack %s has no value for parameter %s", s.name(), t.reach.parameter)}
	}
	t.image = value
	if t.physical, err = d.resources(ctx, s); err != nil {
		return nil, d.beforeChange(ctx, s.name(), "listing the resources of stack "+s.name(), err)
	}
	t.services, err = t.reach.existing(t.physical)
	return t, err
}

// readTemplate reads and parses the template of a stack, and returns its text, too.
func (d *Deployer) readTemplate(ctx context.Context, s *stack) (*cfntemplate.Template, string, error) {
	body, err := d.originalTemplate(ctx, s)
	if err != nil {
		return nil, "", d.beforeChange(ctx, s.name(), "reading the template of stack "+s.name(), err)
	}
	template, err := cfntemplate.Parse(body)
	if err != nil {
		return nil, "", &InputError{Problem: fmt.Sprintf("reading the template of stack %s: %v", s.name(), err), Err: err}
	}
	return template, body, nil
}

// existing drops from the reach the services that a condition keeps the stack from
// having, and returns the others.
func (r *reach) existing(physical map[string]string) ([]serviceRef, error) {
	var refs []serviceRef
	for _, id := range r.serviceIDs() {
		arn, ok := physical[id]
		if !ok {
			delete(r.services, id)
			continue
		}
		ref, err := parseService(id, arn)
		if err != nil {
			return nil, &InputError{Problem: err.Error(), Err: err}
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// claims are what the services should run by what the stack says.
func (t *target) claims(image imageref.Ref) []claim {
	var claims []claim
	for _, ref := range t.services {
		for _, td := range t.reach.services[ref.resource] {
			if arn := t.physical[td]; arn != "" {
				claims = append(claims, claim{service: ref, taskDefinition: arn, image: image})
			}
		}
	}
	return claims
}

// taskDefinitionPath is where a service has its task definition.
const taskDefinitionPath = "/Properties/TaskDefinition"

// foreignChanges tells in which ways ECS was changed behind CloudFormation's back. A
// deploy over it would undo, or build on, what the stack does not know.
func foreignChanges(t *target, services map[string]ecstypes.Service) []Reason {
	var reasons []Reason
	for _, ref := range t.services {
		s, ok := services[ref.arn]
		if !ok || aws.ToString(s.Status) == "INACTIVE" {
			reasons = append(reasons, Reason{Resource: ref.resource, Why: fmt.Sprintf("service %s is in the stack, but ECS has it no more", ref.name)})
			continue
		}
		if c := s.DeploymentController; c != nil && c.Type != "" && c.Type != ecstypes.DeploymentControllerTypeEcs {
			reasons = append(reasons, Reason{Resource: ref.resource, Path: "/Properties/DeploymentController", Why: fmt.Sprintf("service %s is deployed by %s, not by ECS", ref.name, c.Type)})
			continue
		}
		expected := t.taskDefinitionsOf(ref)
		if running := taskDefinitionOf(s); !slices.Contains(expected, running) {
			reasons = append(reasons, Reason{
				Resource: ref.resource, Path: taskDefinitionPath,
				Before: lastPart(firstOf(expected)), After: lastPart(running),
				Why: fmt.Sprintf("drift: service %s was changed behind CloudFormation's back and runs another task definition than the stack says", ref.name),
			})
		}
	}
	return reasons
}

// taskDefinitionsOf are the ARNs of the stack's task definitions that a service runs.
func (t *target) taskDefinitionsOf(ref serviceRef) []string {
	var arns []string
	for _, td := range t.reach.services[ref.resource] {
		if arn := t.physical[td]; arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}

// taskDefinitionOf is what a service works towards.
func taskDefinitionOf(s ecstypes.Service) string {
	if p := primary(s); p != nil {
		return aws.ToString(p.TaskDefinition)
	}
	return aws.ToString(s.TaskDefinition)
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
