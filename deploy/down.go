package deploy

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// CheckDown tells whether stacks can be deleted in the given order, without deleting
// anything: whether an operation is under way on one of them, and whether a stack that
// stays, or goes later, imports what one exports. Call it before the first [Deployer.Down]
// of several, so that not half of them are deleted. Stacks that do not exist are well.
//
// Its errors are *InputError, *InterruptedError and *StackStateError; anything else is
// unexpected.
func (d *Deployer) CheckDown(ctx context.Context, stacks ...string) error {
	ctx, cancel := d.reading(ctx)
	defer cancel()
	gone := make(map[string]bool, len(stacks))
	for _, name := range stacks {
		if strings.TrimSpace(name) == "" {
			return &InputError{Problem: "no stack is named"}
		}
		s, err := d.readStack(ctx, name)
		if err != nil {
			return d.beforeChange(ctx, name, "reading stack "+name, err)
		}
		if s == nil {
			continue
		}
		if err := d.checkDeletable(ctx, s, gone); err != nil {
			return err
		}
		gone[s.name()] = true
	}
	return nil
}

// checkDeletable tells what stands in the way of deleting a stack once the stacks in
// gone are deleted.
func (d *Deployer) checkDeletable(ctx context.Context, s *stack, gone map[string]bool) error {
	if err := checkIdle(s); err != nil {
		return err
	}
	if s.status() == StackStatus(types.StackStatusDeleteInProgress) {
		return nil
	}
	imports := make(map[string][]string) // the exports that a stack uses, by its name
	for _, o := range s.Outputs {
		export := aws.ToString(o.ExportName)
		if export == "" {
			continue
		}
		importers, err := d.importers(ctx, export)
		if err != nil {
			return d.beforeChange(ctx, s.name(), "reading who imports "+export, err)
		}
		for _, name := range importers {
			if !gone[name] {
				imports[name] = append(imports[name], export)
			}
		}
	}
	if len(imports) == 0 {
		return nil
	}
	var used []string
	for _, name := range sortedKeys(imports) {
		slices.Sort(imports[name])
		used = append(used, fmt.Sprintf("stack %s imports %s", name, strings.Join(imports[name], ", ")))
	}
	return &InputError{
		Problem: fmt.Sprintf("stack %s cannot be deleted: %s", s.name(), strings.Join(used, "; ")),
		Advice:  "delete what imports from it first; nothing was deleted",
	}
}

// checkIdle tells of an update that is under way: CloudFormation deletes a stack that is
// being created, but none that is being updated.
func checkIdle(s *stack) error {
	if !s.status().InProgress() || !strings.HasPrefix(string(s.status()), "UPDATE_") {
		return nil
	}
	return checkUpdatable(s.name(), s.status(), s.reason())
}

// importers are the names of the stacks that import an export.
func (d *Deployer) importers(ctx context.Context, export string) ([]string, error) {
	var names []string
	pages := cloudformation.NewListImportsPaginator(d.cfn, &cloudformation.ListImportsInput{ExportName: &export})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if _, message := apiError(err); strings.Contains(message, "is not imported by any stack") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		names = append(names, page.Imports...)
	}
	return names, nil
}

// Down deletes a stack and waits until it is gone. A stack that does not exist is
// gone already. A stack that is being updated, or whose exports another stack imports,
// is left as it is.
//
// Its errors are *InputError, *InterruptedError, *TimeoutError and *StackStateError;
// anything else is unexpected.
func (d *Deployer) Down(ctx context.Context, name string) error {
	if strings.TrimSpace(name) == "" {
		return &InputError{Problem: "no stack is named"}
	}
	phases := &phases{d: d, stack: name}
	phases.enter(PhaseRead)
	reading, cancel := d.reading(ctx)
	defer cancel()
	s, err := d.readStack(reading, name)
	if err != nil {
		return d.beforeChange(reading, name, "reading stack "+name, err)
	}
	if s == nil {
		return nil
	}
	if err := d.checkDeletable(reading, s, nil); err != nil {
		return err
	}
	op := &operation{stackID: s.id(), stackName: s.name(), token: "slipway-" + rand.Text()}
	if s.status() == StackStatus(types.StackStatusDeleteInProgress) {
		if err := d.join(ctx, op, s); err != nil {
			return d.beforeChange(ctx, name, "reading the events of stack "+name, err)
		}
	} else {
		err = d.deleteStack(ctx, &cloudformation.DeleteStackInput{StackName: s.StackId, ClientRequestToken: &op.token}, op)
		if err != nil {
			return d.refusedByState(ctx, s, d.changeRejected(ctx, name, "deleting stack "+name, err), checkIdle)
		}
	}
	phases.enter(PhaseStack)
	if err := d.watch(ctx, op, nil); err != nil {
		return err
	}
	return downOutcome(op)
}

// join makes op the operation that is under way on the stack, whoever started it, from
// the present event on.
func (d *Deployer) join(ctx context.Context, op *operation, s *stack) error {
	page, err := d.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: s.StackId})
	if err != nil {
		return err
	}
	if len(page.StackEvents) > 0 {
		newest := page.StackEvents[0]
		op.last = aws.ToString(newest.EventId)
		op.joined, op.begun, op.status = true, true, s.status()
		if op.isOwn(&newest) {
			op.status = StackStatus(newest.ResourceStatus)
		}
	}
	return nil
}

// downOutcome tells how a deletion has ended: nil when the stack is gone.
func downOutcome(op *operation) error {
	e := rolledBack(op, nil, "")
	switch {
	case op.status == StackStatus(types.StackStatusDeleteComplete):
		return nil
	case strings.Contains(e.Reason, "Cannot delete export"):
		// The stack is as it was before.
		return &InputError{
			Problem: fmt.Sprintf("stack %s was not deleted: %s", op.stackName, strings.TrimRight(e.Reason, ".")),
			Advice:  "delete the stack that uses the export first",
		}
	case op.status.Failed():
		return &StackStateError{Stack: op.stackName, Status: op.status, Reason: e.Reason,
			Advice: "put right what stands in the way of the deletion, then delete it again"}
	}
	return &StackStateError{Stack: op.stackName, Status: op.status, Reason: e.Reason, Advice: "it was not deleted; see its events"}
}
