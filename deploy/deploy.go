package deploy

import (
	"context"
	"errors"
)

// Deploy puts req.Image into req.Stack and returns when it runs.
//
// Its errors are *InputError, *RefusedError, *RolledBackError, *NotProvenError,
// *InterruptedError, *TimeoutError and *StackStateError; anything else is
// unexpected.
func (d *Deployer) Deploy(ctx context.Context, req Request) (*Result, error) {
	return nil, errors.ErrUnsupported
}
