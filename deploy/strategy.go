package deploy

import (
	"context"
	"fmt"
	"strings"
)

// Strategy is a way to put an image into a stack.
type Strategy string

// The strategies.
const (
	// StrategyChangeSet makes a change set, has the gate judge it, and executes it. It
	// is the default, and the only one that proves beforehand what will change.
	StrategyChangeSet Strategy = "changeset"

	// StrategyUpdate updates the stack in one call, with the template as it is and every
	// other parameter pinned, behind a stack policy that holds for this update alone and
	// lets CloudFormation touch the task definitions and services that the image reaches,
	// and nothing else. What has changed is compared afterwards. It takes four calls and
	// some seconds less than a change set.
	StrategyUpdate Strategy = "update"

	// StrategyExpress is StrategyUpdate in CloudFormation's EXPRESS mode, which does not
	// wait for ECS. The services are watched by the deployer itself, and when one fails,
	// the former image is put back into the stack, so that stack and ECS agree again.
	StrategyExpress Strategy = "express"

	// StrategyECS leaves the stack alone: it registers a revision of the task definition
	// that differs in the image only, and updates the services. It is the fastest, and
	// leaves drift: the stack does not say what runs until [Deployer.Reconcile] or
	// another deploy by this strategy ends that.
	StrategyECS Strategy = "ecs"

	// StrategyRecreate deletes the stack and creates it anew with the new image and
	// everything else as it was. It is for stacks without a service; those that have one
	// are down meanwhile, which [Request.AcceptDowntime] has to accept.
	StrategyRecreate Strategy = "recreate"
)

// Strategies lists all strategies, the default first.
func Strategies() []Strategy {
	return []Strategy{StrategyChangeSet, StrategyUpdate, StrategyExpress, StrategyECS, StrategyRecreate}
}

// rollOut rolls the image out by the strategy of the request, and returns what the
// services should run then.
func (r *run) rollOut(ctx context.Context) ([]claim, error) {
	switch r.req.Strategy {
	case StrategyUpdate:
		return r.byUpdate(ctx)
	case StrategyExpress:
		return r.byExpress(ctx)
	case StrategyECS:
		return r.byECS(ctx)
	case StrategyRecreate:
		return r.byRecreation(ctx)
	default:
		return r.byChangeSet(ctx)
	}
}

// validate refuses a strategy that there is not. The empty one is the default.
func (s Strategy) validate() error {
	names := make([]string, 0, len(Strategies()))
	for _, known := range Strategies() {
		if s == known || s == "" {
			return nil
		}
		names = append(names, string(known))
	}
	return &InputError{
		Problem: fmt.Sprintf("there is no strategy %q", s),
		Advice:  "take one of " + strings.Join(names, ", "),
	}
}
