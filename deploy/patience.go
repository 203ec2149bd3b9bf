package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
)

// How long to wait for an answer. It is real time: networks do not run on a scaled
// clock. AWS answers these calls within a second or two; who has accepted a connection
// and says nothing for this long is not going to.
const (
	attemptTimeout = 10 * time.Second // one attempt of a call
	callTimeout    = 25 * time.Second // a call, with all that the SDK tries again
)

// noAnswerError is why calls ended that had no answer in time.
type noAnswerError struct {
	within time.Duration
}

func (e *noAnswerError) Error() string { return fmt.Sprintf("no answer within %s", e.within) }

// Timeout makes it a net.Error.
func (e *noAnswerError) Timeout() bool { return true }

// Temporary makes it a net.Error.
func (e *noAnswerError) Temporary() bool { return true }

// impatient returns cfg with every call bounded. A client of the caller's own keeps its
// bound on an attempt.
func impatient(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	switch client := cfg.HTTPClient.(type) {
	case nil:
		cfg.HTTPClient = awshttp.NewBuildableClient().WithTimeout(attemptTimeout)
	case *awshttp.BuildableClient:
		if client.GetTimeout() == 0 {
			cfg.HTTPClient = client.WithTimeout(attemptTimeout)
		}
	}
	cfg.APIOptions = append(slices.Clip(cfg.APIOptions), func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("slipway call timeout", bounded), middleware.Before)
	})
	return cfg
}

// bounded ends a call after callTimeout.
func bounded(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	within, cancel := context.WithTimeoutCause(ctx, callTimeout, &noAnswerError{callTimeout})
	defer cancel()
	out, metadata, err := next.HandleInitialize(within, in)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", context.Cause(within), err)
	}
	return out, metadata, err
}

// reading returns the context for what is read before anything is changed: Options.Timeout
// bounds all of it.
func (d *Deployer) reading(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.timeout, &noAnswerError{d.timeout})
}
