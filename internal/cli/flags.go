package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// positiveDuration is the value of a flag that waits: none and less make no sense.
type positiveDuration time.Duration

// String, Set and Type make a flag of it.
func (d *positiveDuration) String() string { return time.Duration(*d).String() }

func (d *positiveDuration) Type() string { return "DURATION" }

func (d *positiveDuration) Set(value string) error {
	v, err := time.ParseDuration(value)
	if err != nil || v <= 0 {
		return fmt.Errorf("want a duration greater than 0, such as 90s or 30m")
	}
	*d = positiveDuration(v)
	return nil
}

// optionalDuration is the value of a flag that waits where it is given; 0 is not at all.
type optionalDuration time.Duration

// String, Set and Type make a flag of it.
func (d *optionalDuration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

func (d *optionalDuration) Type() string { return "DURATION" }

func (d *optionalDuration) Set(value string) error {
	v, err := time.ParseDuration(value)
	if err != nil || v < 0 {
		return fmt.Errorf("want a duration such as 90s or 10m, or 0")
	}
	*d = optionalDuration(v)
	return nil
}

// taskLimit is the value of a flag that limits a number of tasks; 0 is no limit, which
// the deployer has as a negative one.
type taskLimit struct{ value *int }

// String, Set and Type make a flag of it.
func (l taskLimit) String() string {
	if l.value == nil {
		return ""
	}
	return strconv.Itoa(max(*l.value, 0))
}

func (taskLimit) Type() string { return "N" }

func (l taskLimit) Set(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return fmt.Errorf("want a whole number, 0 or more")
	}
	if n == 0 {
		n = -1
	}
	*l.value = n
	return nil
}

// timeoutFlag adds --timeout to a command.
func timeoutFlag(cmd *cobra.Command, usage string) *time.Duration {
	timeout := deploy.DefaultTimeout
	cmd.Flags().Var((*positiveDuration)(&timeout), "timeout", usage)
	return &timeout
}

// boundedInt is the value of a flag that is a whole number from 1 to most.
type boundedInt struct {
	value *int
	most  int
}

// String, Set and Type make a flag of it.
func (b boundedInt) String() string {
	if b.value == nil {
		return "" // cobra asks a zero value to find out what the zero is
	}
	return strconv.Itoa(*b.value)
}

func (boundedInt) Type() string { return "N" }

func (b boundedInt) Set(value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > b.most {
		return fmt.Errorf("want a whole number from 1 to %d", b.most)
	}
	*b.value = n
	return nil
}

// speedValue is the value of --speed: greater than 0, and at most most.
type speedValue struct {
	value *float64
	most  float64
}

// String, Set and Type make a flag of it.
func (s speedValue) String() string {
	if s.value == nil {
		return ""
	}
	return strconv.FormatFloat(*s.value, 'g', -1, 64)
}

func (speedValue) Type() string { return "N" }

func (s speedValue) Set(value string) error {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v > 0 && v <= s.most) {
		return fmt.Errorf("want a number greater than 0, and %g at most", s.most)
	}
	*s.value = v
	return nil
}

// earlySIGTERMFlag adds --early-sigterm to a command that starts an embedded AWS.
func earlySIGTERMFlag(cmd *cobra.Command, value *bool) {
	cmd.Flags().BoolVar(value, "early-sigterm", false, "send SIGTERM to tasks when they begin to drain, as users report, not after it, as AWS documents")
}
