package deploy

import (
	"context"
	"errors"
)

// Down deletes a stack and waits until it is gone. A stack that does not exist is
// gone already.
//
// Its errors are those of [Deployer.Up].
func (d *Deployer) Down(ctx context.Context, stack string) error {
	return errors.ErrUnsupported
}
