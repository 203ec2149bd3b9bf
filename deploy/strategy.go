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
)

// Strategies lists all strategies, the default first.
func Strategies() []Strategy {
	return []Strategy{StrategyChangeSet}
}

// rollOut rolls the image out by the strategy of the request, and returns what the
// services should run then.
func (r *run) rollOut(ctx context.Context) ([]claim, error) {
	return r.byChangeSet(ctx)
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
