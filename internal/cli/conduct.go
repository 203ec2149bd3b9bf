package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

// imageConducts is the value of the repeatable --image PATTERN=CONDUCT.
type imageConducts map[string]emulator.Conduct

// String, Set and Type make a flag of it.
func (c imageConducts) String() string {
	return strings.Join(slices.Sorted(maps.Keys(c)), " ")
}

func (c imageConducts) Type() string { return "PATTERN=CONDUCT" }

func (c imageConducts) Set(value string) error {
	pattern, words, ok := strings.Cut(value, "=")
	if !ok || pattern == "" || words == "" {
		return fmt.Errorf("want PATTERN=CONDUCT, such as :v3=crash")
	}
	conduct, err := parseConduct(words)
	if err != nil {
		return err
	}
	c[pattern] = conduct
	return nil
}

// parseConduct reads "crash,exit=3,start=20s".
func parseConduct(words string) (emulator.Conduct, error) {
	var c emulator.Conduct
	for word := range strings.SplitSeq(words, ",") {
		name, value, hasValue := strings.Cut(word, "=")
		if err := setConduct(&c, name, value, hasValue); err != nil {
			return c, fmt.Errorf("reading conduct %q: %w", word, err)
		}
	}
	return c, nil
}

func setConduct(c *emulator.Conduct, name, value string, hasValue bool) (err error) {
	switch name {
	case "healthy", "crash", "unhealthy", "missing", "ignore-sigterm", "abrupt":
		if hasValue {
			return fmt.Errorf("%s takes no value", name)
		}
	}
	switch name {
	case "healthy":
	case "crash":
		c.Crash = true
	case "unhealthy":
		c.Unhealthy = true
	case "missing":
		c.Missing = true
	case "ignore-sigterm":
		c.IgnoreSIGTERM = true
	case "abrupt":
		c.Abrupt = true
	case "pull":
		c.PullTime, err = parseDuration(value)
	case "start":
		c.StartTime, err = parseDuration(value)
	case "latency":
		c.Latency, err = parseDuration(value)
	case "crash-after":
		c.Crash = true
		c.CrashAfter, err = parseDuration(value)
	case "serve-until":
		c.Crash, c.Serves = true, true
		c.CrashAfter, err = parseDuration(value)
	case "health-status":
		c.HealthStatus, err = strconv.Atoi(value)
		if err == nil && (c.HealthStatus < 200 || c.HealthStatus > 599) {
			err = fmt.Errorf("a health check is answered with a status of 200 to 599")
		}
	case "exit":
		c.Crash = true
		c.ExitCode, err = strconv.Atoi(value)
		if err == nil && (c.ExitCode < 1 || c.ExitCode > 255) {
			err = fmt.Errorf("exit codes of a crash are 1 to 255")
		}
	case "health":
		if !strings.HasPrefix(value, "/") {
			return fmt.Errorf("a path starts with /")
		}
		c.HealthPath = value
	default:
		return fmt.Errorf("there is no such conduct; see 'slipway emulate --help'")
	}
	return err
}

// parseDuration reads a duration of which 0 means none. The zero of a conduct is its
// default, and a negative duration its none.
func parseDuration(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		return 0, fmt.Errorf("want a duration such as 20s or 500ms")
	case d < 0:
		return 0, fmt.Errorf("a duration cannot be negative")
	case d == 0:
		return -1, nil
	}
	return d, nil
}
