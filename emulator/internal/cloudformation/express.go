package cloudformation

import (
	"context"
	"time"
)

// DeploymentConfig says how an operation deploys: STANDARD waits until resources are
// ready, EXPRESS until they are configured, and then goes on without them.
type DeploymentConfig struct {
	Mode string
	// DisableRollback leaves a failed operation as it is. Default: false with STANDARD,
	// true with EXPRESS (user guide, "Rollback behavior with express mode").
	DisableRollback *bool
}

// expressReason is the reason of a resource's status in EXPRESS mode: what clients tell
// by that the resource may not be ready (aws-cdk-cli matches it).
const expressReason = "Resource operation completed using Express Mode. It may continue becoming available in the background."

// How long, and how often, EXPRESS mode tries to delete what something else still uses
// that goes at its own pace. CloudFormation retries such failures; the bounds are ours.
const (
	expressRetryFor   = 10 * time.Minute
	expressRetryEvery = 5 * time.Second
)

// check refuses an unknown mode.
func (d *DeploymentConfig) check() error {
	if d == nil || d.Mode == "" || d.Mode == "STANDARD" || d.Mode == "EXPRESS" {
		return nil
	}
	return invalid("1 validation error detected: Value '%s' at 'deploymentConfig.mode' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]", d.Mode)
}

// express tells whether the mode is EXPRESS.
func (d *DeploymentConfig) express() bool { return d != nil && d.Mode == "EXPRESS" }

// noRollback tells whether an operation that fails is left as it is.
func (d *DeploymentConfig) noRollback() bool {
	switch {
	case d == nil:
		return false
	case d.DisableRollback != nil:
		return *d.DisableRollback
	}
	return d.express()
}

// completed is the reason of a resource's last status in an operation.
func (c conduct) completed() string {
	if c.deployment.express() {
		return expressReason
	}
	return ""
}

// delete deletes a physical resource; in EXPRESS mode, again and again while what
// depends on it is still going.
func (r *run) delete(ctx context.Context, res resource) error {
	provider := r.s.Types.Provider(res.definition.Type)
	err := provider.Delete(ctx, r.request(res))
	for began := r.s.now(); err != nil && r.conduct.deployment.express() && r.s.Clock.Since(began) < expressRetryFor; {
		if sleepErr := r.s.Clock.Sleep(ctx, expressRetryEvery); sleepErr != nil {
			return sleepErr
		}
		err = provider.Delete(ctx, r.request(res))
	}
	return err
}
