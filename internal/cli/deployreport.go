package cli

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
)

// callCounter counts the calls of AWS's API. It is safe for concurrent use.
type callCounter struct {
	mu    sync.Mutex
	calls map[string]int
}

// in has the clients of a configuration counted.
func (c *callCounter) in(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)], func(stack *middleware.Stack) error {
		// Each attempt is a call.
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("slipway call counter", c.count), middleware.After)
	})
	return cfg
}

func (c *callCounter) count(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	c.mu.Lock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[awsmiddleware.GetOperationName(ctx)]++
	c.mu.Unlock()
	return next.HandleDeserialize(ctx, in)
}

func (c *callCounter) counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int, len(c.calls))
	for operation, n := range c.calls {
		counts[operation] = n
	}
	return counts
}

// realTime is the deployer's clock in an account.
type realTime struct{ deploy.Clock }

// Now is the time.
func (realTime) Now() time.Time { return time.Now() }

// deployReport is the report of a deploy, however it ended.
func deployReport(request deploy.Request, rate int, record *report.Record, calls map[string]int, result *deploy.Result, err error) *report.Report {
	whole := &report.Report{
		Kind: report.Deploy, Result: report.Deployed, Stack: request.Stack, Image: request.Image,
		Strategy: request.Strategy, Speed: 1, Calls: calls, Phases: []report.Phase{},
	}
	if whole.Strategy == "" {
		whole.Strategy = deploy.StrategyChangeSet
	}
	if record.Load != nil {
		whole.Rate = rate
	}
	record.Into(whole)
	for _, c := range whole.Changes {
		if c.Before != "" && strings.HasSuffix(c.Path, "/Image") {
			whole.PreviousImage = c.Before
		}
	}
	if result != nil {
		whole.Image, whole.PreviousImage, whole.Drift = result.Image, result.PreviousImage, result.Drift
		switch {
		case result.AlreadyCurrent:
			whole.Result = report.AlreadyCurrent
		case result.Started:
			whole.Result = report.Started
		}
		for _, p := range result.Phases {
			whole.Phases = append(whole.Phases, report.Phase{Name: string(p.Name), Seconds: p.Duration.Seconds(), WallSeconds: p.Duration.Seconds()})
		}
	}
	var rolledBack *deploy.RolledBackError
	var crashing *deploy.CrashingError
	switch {
	case errors.As(err, &crashing):
		whole.Result, whole.Reason, whole.StoppedTasks = report.Failed, err.Error(), crashing.Tasks
	case errors.As(err, &rolledBack):
		whole.Result, whole.Reason, whole.StoppedTasks = report.RolledBack, rolledBack.Reason, rolledBack.Tasks
	case err != nil:
		whole.Result, whole.Reason = report.Failed, err.Error()
	}
	return whole
}
