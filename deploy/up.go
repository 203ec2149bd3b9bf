package deploy

import (
	"context"
	"errors"
)

// Up creates the stack, or updates it when it exists, and waits until it settles.
//
// Its errors are *InputError, *RolledBackError, *InterruptedError, *TimeoutError and
// *StackStateError; anything else is unexpected.
func (d *Deployer) Up(ctx context.Context, spec StackSpec) (*StackResult, error) {
	return nil, errors.ErrUnsupported
}
