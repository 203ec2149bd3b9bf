package deploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// stack is a CloudFormation stack as it was read.
type stack struct {
	types.Stack
}

func (s *stack) name() string        { return aws.ToString(s.StackName) }
func (s *stack) id() string          { return aws.ToString(s.StackId) }
func (s *stack) status() StackStatus { return StackStatus(s.StackStatus) }
func (s *stack) reason() string      { return aws.ToString(s.StackStatusReason) }

// Place is where a stack is, by its ARN: who deploys to the wrong account sees it here.
type Place struct {
	Account string `json:"account,omitempty"` // "123456789012"
	Region  string `json:"region,omitempty"`
}

// place is where the stack is; the zero Place for an id that is no ARN.
func (s *stack) place() Place {
	id, err := arn.Parse(s.id())
	if err != nil {
		return Place{}
	}
	return Place{Account: id.AccountID, Region: id.Region}
}

// version is when the stack was last changed. Together with its id it names one state
// of the stack.
func (s *stack) version() time.Time {
	if s.LastUpdatedTime != nil {
		return *s.LastUpdatedTime
	}
	return aws.ToTime(s.CreationTime)
}

// parameter is the value of a parameter, and whether the stack has one of that name.
func (s *stack) parameter(key string) (string, bool) {
	for _, p := range s.Parameters {
		if aws.ToString(p.ParameterKey) == key {
			return aws.ToString(p.ParameterValue), true
		}
	}
	return "", false
}

func (s *stack) outputs() map[string]string {
	m := make(map[string]string, len(s.Outputs))
	for _, o := range s.Outputs {
		m[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return m
}

// readStack reads a stack by name or id. It returns nil without an error when there is
// no such stack.
func (d *Deployer) readStack(ctx context.Context, nameOrID string) (*stack, error) {
	out, err := d.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &nameOrID})
	if isMissingStack(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, s := range out.Stacks {
		// A deleted stack is still found by its id.
		if s.StackStatus != types.StackStatusDeleteComplete {
			return &stack{s}, nil
		}
	}
	return nil, nil
}

// isMissingStack recognises the ValidationError by which CloudFormation says that a
// stack does not exist; it has no code of its own.
func isMissingStack(err error) bool {
	code, message := apiError(err)
	return code == "ValidationError" && strings.Contains(message, "does not exist")
}

// existingStack reads a stack that has to exist.
func (d *Deployer) existingStack(ctx context.Context, nameOrID string) (*stack, error) {
	if strings.TrimSpace(nameOrID) == "" {
		return nil, &InputError{Problem: "no stack is named"}
	}
	s, err := d.readStack(ctx, nameOrID)
	if err != nil {
		return nil, d.beforeChange(ctx, nameOrID, "reading stack "+nameOrID, err)
	}
	if s == nil {
		return nil, d.missingStack(nameOrID)
	}
	return s, nil
}

func (d *Deployer) missingStack(nameOrID string) *InputError {
	return &InputError{
		Problem: fmt.Sprintf("Stack with id %s does not exist in region %s", nameOrID, d.region),
		Advice:  "check the name, the region (AWS_REGION) and the account (AWS_PROFILE), or create the stack first",
	}
}

// updatable tells what to do first when the stack cannot be updated.
func (s *stack) updatable() error { return checkUpdatable(s.name(), s.status(), s.reason()) }

// deleted tells whether a stack is deleted, or was to be.
func (s *stack) deleted() bool { return strings.HasPrefix(string(s.status()), "DELETE_") }

// updating tells whether an update of the stack is under way, or its rollback.
func (s *stack) updating() bool {
	return s.status().InProgress() && strings.HasPrefix(string(s.status()), "UPDATE_")
}

// checkUpdatable tells what to do first when a stack is in a state in which it cannot
// be updated.
func checkUpdatable(name string, status StackStatus, reason string) error {
	var advice string
	switch {
	case status == "REVIEW_IN_PROGRESS":
		advice = "it was never created: execute the change set that waits in it, or delete the stack (slipway recover " + name + " --delete) and create it"
	case status.InProgress():
		advice = "another operation is under way: wait until it has ended (--wait-for-stack), then try again"
	case status == "ROLLBACK_COMPLETE":
		advice = "its creation failed and it can only be deleted: slipway recover " + name + " --delete; then create it anew"
	case status == "UPDATE_ROLLBACK_FAILED":
		advice = "put right what stands in the way of the rollback, then run slipway recover " + name
	case status == "DELETE_FAILED":
		advice = "put right what stands in the way of the deletion, then delete it again: slipway recover " + name + " --delete"
	case status == "UPDATE_FAILED":
		advice = "an update without rollback failed: roll it back with slipway recover " + name
	case status.Failed():
		advice = "delete it (slipway recover " + name + " --delete) and create it anew"
	default:
		return nil
	}
	return &StackStateError{
		Stack: name, Status: status, Reason: reason, Advice: advice,
		busy: status.InProgress() && status != "REVIEW_IN_PROGRESS",
	}
}

// resources lists the physical ids of a stack's resources by logical id, of those
// that exist; of a stack that is deleted, of those that existed.
func (d *Deployer) resources(ctx context.Context, s *stack) (map[string]string, error) {
	ids := make(map[string]string)
	pages := cloudformation.NewListStackResourcesPaginator(d.cfn, &cloudformation.ListStackResourcesInput{StackName: s.StackId})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			gone := r.ResourceStatus == types.ResourceStatusDeleteComplete && !s.deleted()
			if id := aws.ToString(r.PhysicalResourceId); id != "" && !gone {
				ids[aws.ToString(r.LogicalResourceId)] = id
			}
		}
	}
	return ids, nil
}

// originalTemplate is the text of the stack's template as it was sent, before any
// transform.
func (d *Deployer) originalTemplate(ctx context.Context, s *stack) (string, error) {
	out, err := d.cfn.GetTemplate(ctx, &cloudformation.GetTemplateInput{
		StackName:     s.StackId,
		TemplateStage: types.TemplateStageOriginal,
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.TemplateBody), nil
}
