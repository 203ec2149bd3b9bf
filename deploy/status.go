package deploy

import (
	"context"
	"errors"
)

// Status reads how a stack and its services are. imageParameter is as in
// [Request.ImageParameter]; a stack without any image parameter has a status too.
func (d *Deployer) Status(ctx context.Context, stack, imageParameter string) (*Status, error) {
	return nil, errors.ErrUnsupported
}
