package deploy

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func TestInterruptedErrorText(t *testing.T) {
	t.Parallel()
	tests := map[string]InterruptedError{
		"interrupted before stack web was changed":                                             {Stack: "web", Err: context.Canceled},
		"interrupted before stack web was changed: signal":                                     {Stack: "web", Err: errors.New("signal")},
		"interrupted while reading stack web":                                                  {Stack: "web", During: "reading stack web", Err: context.Canceled},
		"interrupted: the operation on stack web was left running; see slipway status web":     {Stack: "web", Left: true, Err: context.Canceled, Advice: "see slipway status web"},
		"interrupted: the operation on stack web was left running: broken; see slipway status": {Stack: "web", Left: true, Err: errors.New("broken"), Advice: "see slipway status"},
	}
	for want, e := range tests {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The event that tells of the end has no reason: the first one that told of the trouble
// has.
func TestRolledBackReason(t *testing.T) {
	t.Parallel()
	op := &operation{stackID: testStackID, stackName: "web"}
	event := func(status types.ResourceStatus, reason string) types.StackEvent {
		return types.StackEvent{ResourceType: aws.String(typeStack), PhysicalResourceId: aws.String(testStackID), ResourceStatus: status, ResourceStatusReason: aws.String(reason)}
	}
	op.take([]types.StackEvent{
		event(types.ResourceStatusUpdateInProgress, "User Initiated"),
		event(types.ResourceStatusUpdateRollbackInProgress, "Export web cannot be updated"),
		event(types.ResourceStatusUpdateRollbackComplete, ""),
	})
	text := rolledBack(op, nil, "").Error()
	if want := "stack web rolled back: Export web cannot be updated; it is as it was before"; !strings.HasPrefix(text, want) {
		t.Errorf("%q, want %q...", text, want)
	}
}
