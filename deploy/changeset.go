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
	// cleanupTimeout is the real time for deleting a change set after ctx has ended,
	// which may first have to be made.
	cleanupTimeout = 20 * time.Second
	// callGrace is the real time for which a call that changes something goes on after ctx
	// has ended: of one that is cut off, nobody knows whether it is carried out, or when.
	callGrace = 5 * time.Second
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

// operationPrefix begins the name of everything that Slipway makes in CloudFormation.
const operationPrefix = "slipway-"

// operationID is the name of the change set and the token of the operation that makes
// of the stack as it is now what the parts say: one value of one parameter, say. It is
// the same for the same operation on the same state of the stack and no other, so that
// a deploy that was killed and is started again does not start a second rollout, while
// v1, v2, v1 are three. It fits the patterns of both, [a-zA-Z][-a-zA-Z0-9]*, up to 128
// characters.
func operationID(s *stack, parts ...string) string {
	return operationPrefix + aimID(s, parts...) + "-" + digestOf(s.version().UTC().Format(time.RFC3339Nano))
}

// aimID is the part of operationID that tells what is to be made of the stack, from
// whatever state. By it an operation that is under way is known to be that of an earlier
// run: its beginning has changed the state of the stack.
func aimID(s *stack, parts ...string) string {
	return digestOf(append([]string{s.id()}, parts...)...)
}

// digestOf is a hash of texts, short enough for a name.
func digestOf(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "%d:%s,", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))[:24]
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
	// They would persist unsaid. Said again, they are in the change set's description, where
	// the gate compares them.
	if len(s.NotificationARNs) > 0 {
		in.NotificationARNs = s.NotificationARNs
	}
	if c := s.RollbackConfiguration; c != nil && (len(c.RollbackTriggers) > 0 || c.MonitoringTimeInMinutes != nil) {
		in.RollbackConfiguration = c
	}
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

// prepare makes a change set and has it reviewed, which waits for it to be made. When it
// returns an error, the change set is deleted.
func (d *Deployer) prepare(ctx context.Context, cs *changeSet, in *cloudformation.CreateChangeSetInput, review func() error) error {
	making, cancel := outlasting(ctx)
	err := d.createChangeSet(making, in)
	cancel()
	switch {
	case unanswered(err) || err != nil && ctx.Err() != nil: // it may have been made all the same
		return withCleanup(d.beforeChange(ctx, cs.stack.name(), "creating "+cs.String(), err), d.discard(ctx, cs))
	case isOvertaken(err):
		return d.overtaken(ctx, cs)
	case err != nil:
		return d.refusedByState(ctx, cs.stack, d.beforeChange(ctx, cs.stack.name(), "creating "+cs.String(), err), (*stack).updatable)
	}
	err = review()
	if err == nil && ctx.Err() != nil {
		err = &InterruptedError{Stack: cs.stack.name(), Err: context.Cause(ctx)}
	}
	if err != nil {
		return withCleanup(err, d.discard(ctx, cs))
	}
	return nil
}

// outlasting returns a context that ends callGrace after ctx has.
func outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		_ = realTime{}.Sleep(longer, callGrace) // an error means that longer has ended already
		cancel()
	})
	return longer, cancel
}

// withCleanup adds what went wrong while cleaning up to err, if anything did.
func withCleanup(err, cleanup error) error {
	if cleanup == nil {
		return err
	}
	return fmt.Errorf("%w; %w", err, cleanup)
}

// isOvertaken tells whether a change set is gone or void because somebody else has
// changed the stack meanwhile, or deleted it.
func isOvertaken(err error) bool {
	var status *types.InvalidChangeSetStatusException
	return isMissingChangeSet(err) || errors.As(err, &status)
}

// overtaken says so.
func (d *Deployer) overtaken(ctx context.Context, cs *changeSet) error {
	e := &StackStateError{
		Stack: cs.stack.name(), Status: cs.stack.status(),
		Reason: "another operation has changed the stack or its change set meanwhile",
		Advice: "this one has changed nothing; try again when the other has ended",
		busy:   true,
	}
	if now, err := d.readStack(ctx, cs.stack.id()); err == nil && now != nil {
		e.Status = now.status()
	}
	return e
}

// createChangeSet makes the change set, or takes over the one of the same name that a
// killed run has left, or an attempt without an answer.
func (d *Deployer) createChangeSet(ctx context.Context, in *cloudformation.CreateChangeSetInput) error {
	_, err := d.cfn.CreateChangeSet(ctx, in)
	var exists *types.AlreadyExistsException
	if !errors.As(err, &exists) && !unanswered(err) {
		return err
	}
	left, readErr := d.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: in.StackName, ChangeSetName: in.ChangeSetName})
	switch {
	case readErr == nil && reusable(left):
		return nil
	case unanswered(err):
		return err
	case readErr != nil && !isMissingChangeSet(readErr):
		return readErr
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
	_, err := d.discardUnexecuted(ctx, c)
	return err
}

// discardUnexecuted is discard that tells, too, whether there was none to delete since the
// change set is being executed, or was.
func (d *Deployer) discardUnexecuted(ctx context.Context, c *changeSet) (ran bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if ran, err = d.deleteWhenMade(ctx, c); err != nil {
		if _, message := apiError(err); message != "" {
			err = errors.New(message)
		} else {
			err = innermost(err)
		}
		return false, fmt.Errorf("%s is left behind (%w): delete it with aws cloudformation delete-change-set --stack-name %s --change-set-name %s",
			c, err, c.stack.name(), c.name)
	}
	return ran, nil
}

// deleteWhenMade deletes a change set, which CloudFormation refuses while it makes it.
// One that is executed is none to delete.
func (d *Deployer) deleteWhenMade(ctx context.Context, c *changeSet) (ran bool, err error) {
	for {
		err := d.deleteChangeSet(ctx, c.stack.id(), c.name)
		var status *types.InvalidChangeSetStatusException
		if !errors.As(err, &status) {
			return false, err
		}
		now, describeErr := d.describeChangeSet(ctx, c, false, nil)
		switch {
		case isMissingChangeSet(describeErr):
			return false, nil
		case describeErr != nil:
			return false, err
		case executed(now.ExecutionStatus):
			return true, nil
		case !beingMade(now.Status) && now.Status != types.ChangeSetStatusCreateComplete:
			return false, err
		}
		if sleepErr := d.clock.Sleep(ctx, pollChangeSet); sleepErr != nil {
			return false, err
		}
	}
}

func executed(status types.ExecutionStatus) bool {
	return status == types.ExecutionStatusExecuteInProgress || status == types.ExecutionStatusExecuteComplete
}

func beingMade(status types.ChangeSetStatus) bool {
	return status == types.ChangeSetStatusCreatePending || status == types.ChangeSetStatusCreateInProgress
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
	made, err := d.awaitMade(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if plain, err = d.allPages(ctx, c, false, made); err != nil {
		return nil, nil, err
	}
	detailed, err = d.allPages(ctx, c, true)
	return detailed, plain, err
}

// awaitMade waits until the change set is made and can be executed. It returns the first
// page of its description without property values.
func (d *Deployer) awaitMade(ctx context.Context, c *changeSet) (*cloudformation.DescribeChangeSetOutput, error) {
	begun := d.clock.Now()
	deadline := begun.Add(min(changeSetTimeout, d.timeout))
	next := pollEarly // at once, none is made
	for {
		if err := d.clock.Sleep(ctx, next); err != nil {
			return nil, err
		}
		next = max(pollChangeSet, d.clock.Now().Sub(begun)/pollPatience)
		now, err := d.describeChangeSet(ctx, c, false, nil)
		switch {
		case err != nil:
			return nil, err
		case executed(now.ExecutionStatus), now.ExecutionStatus == types.ExecutionStatusObsolete:
			return nil, d.overtaken(ctx, c)
		case now.Status == types.ChangeSetStatusCreateComplete:
			return now, nil
		case !beingMade(now.Status):
			return nil, d.failedChangeSet(ctx, c, now)
		case d.clock.Now().After(deadline):
			return nil, fmt.Errorf("it is still %s after %s", now.Status, min(changeSetTimeout, d.timeout))
		}
	}
}

// unreviewed turns an error of waiting for a change set, or of reading it, into what the
// caller can decide on.
func (d *Deployer) unreviewed(ctx context.Context, c *changeSet, err error) error {
	var input *InputError
	var state *StackStateError
	switch {
	case errors.Is(err, errNoChange), errors.As(err, &input), errors.As(err, &state):
		return err
	case isOvertaken(err):
		return d.overtaken(ctx, c)
	}
	return d.beforeChange(ctx, c.stack.name(), "reading "+c.String(), err)
}

// failedChangeSet says why a change set could not be made. Two texts mean that there
// is nothing to change.
func (d *Deployer) failedChangeSet(ctx context.Context, c *changeSet, out *cloudformation.DescribeChangeSetOutput) error {
	if out.Status != types.ChangeSetStatusFailed { // somebody deletes it
		return d.overtaken(ctx, c)
	}
	reason := aws.ToString(out.StatusReason)
	if strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed") {
		return errNoChange
	}
	return &InputError{Problem: fmt.Sprintf("CloudFormation cannot make %s: it is %s: %s", c, out.Status, reason)}
}

// allPages describes the whole of a change set, with property values or without. The first
// pages may be known.
func (d *Deployer) allPages(ctx context.Context, c *changeSet, values bool, pages ...*cloudformation.DescribeChangeSetOutput) ([]*cloudformation.DescribeChangeSetOutput, error) {
	var token *string
	if n := len(pages); n > 0 {
		if token = pages[n-1].NextToken; aws.ToString(token) == "" {
			return pages, nil
		}
	}
	for {
		page, err := d.describeChangeSet(ctx, c, values, token)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
		if token = page.NextToken; aws.ToString(token) == "" {
			return pages, nil
		}
	}
}

func (d *Deployer) describeChangeSet(ctx context.Context, c *changeSet, values bool, token *string) (*cloudformation.DescribeChangeSetOutput, error) {
	return d.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{
		StackName:             c.stack.StackId,
		ChangeSetName:         &c.name,
		IncludePropertyValues: aws.Bool(values),
		NextToken:             token,
	})
}
