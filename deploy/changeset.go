package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const (
	// changeSetTimeout is how long CloudFormation may take to make a change set; it
	// takes seconds.
	changeSetTimeout = 5 * time.Minute
	// cleanupTimeout is the real time for deleting a change set after ctx has ended.
	cleanupTimeout = 10 * time.Second
	// maxTemplateBody is the size in bytes to which a template can be sent in a call.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
	maxTemplateBody = 51200
	// languageExtensions is the transform beside which UsePreviousTemplate may not
	// apply new parameter values; the original template has to be sent again.
	languageExtensions = "AWS::LanguageExtensions"
)

// changeSet names a change set of a stack.
type changeSet struct {
	name  string
	stack *stack
}

func (c *changeSet) String() string {
	return fmt.Sprintf("change set %s of stack %s", c.name, c.stack.name())
}

// operationID is the name of the change set and the token of the operation that puts
// one value into one parameter of the stack as it is now. It is the same for the same
// deploy of the same state of the stack and no other, so that a deploy that was killed
// and is started again does not start a second rollout, while v1, v2, v1 are three.
// It fits the patterns of both, [a-zA-Z][-a-zA-Z0-9]*, up to 128 characters.
func operationID(s *stack, parameter, value string) string {
	h := sha256.New()
	write := func(part string) { fmt.Fprintf(h, "%d:%s,", len(part), part) }
	write(s.id())
	write(s.version().UTC().Format(time.RFC3339Nano))
	write(parameter)
	write(value)
	return "slipway-" + hex.EncodeToString(h.Sum(nil))[:32]
}

// createChangeSetInput is the request for a change set that gives one parameter a new
// value and leaves the template and all other parameters as they are. An omitted
// parameter would fall back to the template's default. template is empty to use the
// deployed one.
func createChangeSetInput(s *stack, name, parameter, value, template string) *cloudformation.CreateChangeSetInput {
	in := &cloudformation.CreateChangeSetInput{
		StackName:           s.StackId,
		ChangeSetName:       &name,
		ChangeSetType:       types.ChangeSetTypeUpdate,
		Description:         aws.String("slipway: " + parameter + " = " + value),
		Capabilities:        s.Capabilities,
		IncludeNestedStacks: aws.Bool(false),
	}
	if len(*in.Description) > 1024 { // the longest that CloudFormation takes
		in.Description = aws.String("slipway: " + parameter)
	}
	if template == "" {
		in.UsePreviousTemplate = aws.Bool(true)
	} else {
		in.TemplateBody = &template
	}
	in.Parameters = pinned(s, map[string]string{parameter: value})
	return in
}

// pinned are the parameters of an update: the given values, and each other parameter
// of the stack as it is. They are sorted by key.
func pinned(s *stack, values map[string]string) []types.Parameter {
	keys := make(map[string]struct{}, len(s.Parameters)+len(values))
	for _, p := range s.Parameters {
		keys[aws.ToString(p.ParameterKey)] = struct{}{}
	}
	for k := range values {
		keys[k] = struct{}{}
	}
	var list []types.Parameter
	for _, k := range sortedKeys(keys) {
		p := types.Parameter{ParameterKey: aws.String(k)}
		if v, ok := values[k]; ok {
			p.ParameterValue = aws.String(v)
		} else {
			p.UsePreviousValue = aws.Bool(true)
		}
		list = append(list, p)
	}
	return list
}

// executeChangeSetInput is the request that starts the rollout. DisableRollback has to
// be false: an image replaces its task definition, and CloudFormation replaces nothing
// on a stack without rollback.
func executeChangeSetInput(c *changeSet) *cloudformation.ExecuteChangeSetInput {
	return &cloudformation.ExecuteChangeSetInput{
		StackName:          c.stack.StackId,
		ChangeSetName:      &c.name,
		ClientRequestToken: &c.name,
		DisableRollback:    aws.Bool(false),
	}
}

// createChangeSet makes the change set, or takes over the one of the same name that a
// killed run has left.
func (d *Deployer) createChangeSet(ctx context.Context, in *cloudformation.CreateChangeSetInput) error {
	_, err := d.cfn.CreateChangeSet(ctx, in)
	var exists *types.AlreadyExistsException
	if !errors.As(err, &exists) {
		return err
	}
	left, err := d.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: in.StackName, ChangeSetName: in.ChangeSetName})
	switch {
	case err == nil && reusable(left):
		return nil
	case err != nil && !isMissingChangeSet(err):
		return err
	}
	if err := d.deleteChangeSet(ctx, aws.ToString(in.StackName), aws.ToString(in.ChangeSetName)); err != nil {
		return err
	}
	_, err = d.cfn.CreateChangeSet(ctx, in)
	return err
}

// reusable tells whether a change set that was left behind can be used or is about to
// become so.
func reusable(c *cloudformation.DescribeChangeSetOutput) bool {
	switch c.Status {
	case types.ChangeSetStatusCreatePending, types.ChangeSetStatusCreateInProgress:
		return true
	case types.ChangeSetStatusCreateComplete:
		return c.ExecutionStatus == types.ExecutionStatusAvailable
	}
	return false
}

// deleteChangeSet deletes a change set; one that is gone already is deleted.
func (d *Deployer) deleteChangeSet(ctx context.Context, stackID, name string) error {
	_, err := d.cfn.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: &stackID, ChangeSetName: &name})
	if isMissingChangeSet(err) {
		return nil
	}
	return err
}

// discard deletes a change set that is not to be executed, also after ctx has ended:
// the number of change sets that a stack may have is limited.
func (d *Deployer) discard(ctx context.Context, c *changeSet) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if err := d.deleteChangeSet(ctx, c.stack.id(), c.name); err != nil {
		return fmt.Errorf("deleting %s: %w", c, err)
	}
	return nil
}

func isMissingChangeSet(err error) bool {
	var missing *types.ChangeSetNotFoundException
	return errors.As(err, &missing)
}

// errNoChange is a change set that would change nothing.
var errNoChange = errors.New("the change set has no changes")

// awaitChangeSet waits until the change set is made and describes it twice: with
// property values and without, all pages.
func (d *Deployer) awaitChangeSet(ctx context.Context, c *changeSet) (detailed, plain []*cloudformation.DescribeChangeSetOutput, err error) {
	deadline := d.clock.Now().Add(changeSetTimeout)
	var first *cloudformation.DescribeChangeSetOutput
	for {
		if first, err = d.describeChangeSet(ctx, c, true, nil); err != nil {
			return nil, nil, err
		}
		if first.Status != types.ChangeSetStatusCreatePending && first.Status != types.ChangeSetStatusCreateInProgress {
			break
		}
		if d.clock.Now().After(deadline) {
			return nil, nil, fmt.Errorf("it is still %s after %s", first.Status, changeSetTimeout)
		}
		if err := d.clock.Sleep(ctx, pollChangeSet); err != nil {
			return nil, nil, err
		}
	}
	if first.Status != types.ChangeSetStatusCreateComplete {
		return nil, nil, failedChangeSet(c, first)
	}
	if detailed, err = d.remainingPages(ctx, c, true, first); err != nil {
		return nil, nil, err
	}
	if first, err = d.describeChangeSet(ctx, c, false, nil); err != nil {
		return nil, nil, err
	}
	plain, err = d.remainingPages(ctx, c, false, first)
	return detailed, plain, err
}

// failedChangeSet says why a change set could not be made. Two texts mean that there
// is nothing to change.
func failedChangeSet(c *changeSet, out *cloudformation.DescribeChangeSetOutput) error {
	reason := aws.ToString(out.StatusReason)
	if strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed") {
		return errNoChange
	}
	return &InputError{Problem: fmt.Sprintf("CloudFormation cannot make %s: it is %s: %s", c, out.Status, reason)}
}

func (d *Deployer) remainingPages(ctx context.Context, c *changeSet, values bool, first *cloudformation.DescribeChangeSetOutput) ([]*cloudformation.DescribeChangeSetOutput, error) {
	pages := []*cloudformation.DescribeChangeSetOutput{first}
	for token := first.NextToken; aws.ToString(token) != ""; {
		page, err := d.describeChangeSet(ctx, c, values, token)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
		token = page.NextToken
	}
	return pages, nil
}

func (d *Deployer) describeChangeSet(ctx context.Context, c *changeSet, values bool, token *string) (*cloudformation.DescribeChangeSetOutput, error) {
	return d.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{
		StackName:             c.stack.StackId,
		ChangeSetName:         &c.name,
		IncludePropertyValues: aws.Bool(values),
		NextToken:             token,
	})
}
