package cli

import (
	"errors"
	"strings"

	"github.com/slipway-go/slipway/deploy"
)

// strategyValue is the value of --strategy.
type strategyValue deploy.Strategy

// String, Set and Type make a flag of it.
func (s *strategyValue) String() string {
	if *s == "" {
		return string(deploy.StrategyChangeSet)
	}
	return string(*s)
}

func (s *strategyValue) Type() string { return "STRATEGY" }

func (s *strategyValue) Set(value string) error {
	for _, known := range deploy.Strategies() {
		if value == string(known) {
			*s = strategyValue(known)
			return nil
		}
	}
	return errors.New("want " + strategies())
}

// strategies lists the strategies in words.
func strategies() string {
	all := deploy.Strategies()
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = string(s)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
