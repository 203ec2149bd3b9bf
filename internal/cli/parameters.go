package cli

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/internal/cfntemplate"
	"github.com/slipway-go/slipway/templates"
)

// serviceParameters are the values for the service stack: those that have a flag of
// their own, and the others as KEY=VALUE. All are checked against the template here,
// because the network stack is made before CloudFormation sees them.
func serviceParameters(network, serviceName, image string, others []string) (map[string]string, error) {
	if _, err := imageref.Parse(image); err != nil && image != "" {
		return nil, fmt.Errorf("reading --image: %w", err)
	}
	template, err := cfntemplate.Parse(templates.Service())
	if err != nil {
		return nil, fmt.Errorf("reading the service template: %w", err)
	}
	flags := map[string]string{
		contract.ParameterStackName:   "--network-stack",
		contract.ParameterServiceName: "--service-name",
		contract.ParameterImageURL:    "--image",
	}
	all := map[string]string{
		contract.ParameterStackName:   network,
		contract.ParameterServiceName: serviceName,
		contract.ParameterImageURL:    image,
	}
	if image == "" { // what the stack has
		delete(all, contract.ParameterImageURL)
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if err := checkParameter(template.Parameters[key], all[key]); err != nil {
			return nil, fmt.Errorf("reading %s %q: %w", flags[key], all[key], err)
		}
	}
	for _, other := range others {
		key, value, ok := strings.Cut(other, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("reading --parameter %q: want KEY=VALUE", other)
		}
		if flag, ok := flags[key]; ok {
			return nil, fmt.Errorf("reading --parameter %q: %s has a flag of its own, %s", other, key, flag)
		}
		if _, twice := all[key]; twice {
			return nil, fmt.Errorf("reading --parameter %q: %s is given twice", other, key)
		}
		parameter, ok := template.Parameters[key]
		if !ok {
			return nil, fmt.Errorf("reading --parameter %q: there is no parameter %s; see 'slipway up --help' for those there are", other, key)
		}
		if err := checkParameter(parameter, value); err != nil {
			return nil, fmt.Errorf("reading --parameter %q: %w", other, err)
		}
		all[key] = value
	}
	return all, nil
}

// checkParameter tells what CloudFormation would say to a value. It knows the
// constraints that the service template makes use of.
func checkParameter(p cfntemplate.Parameter, value string) error {
	if p.Type == "Number" {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || p.MinValue != nil && n < *p.MinValue || p.MaxValue != nil && n > *p.MaxValue {
			return fmt.Errorf("it must be a number%s", rangeOf(p))
		}
		return nil
	}
	if p.MaxLength != nil && utf8.RuneCountInString(value) > *p.MaxLength {
		return errors.New("it " + p.ConstraintDescription)
	}
	if p.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile(`^(?:` + p.AllowedPattern + `)$`)
	if err != nil {
		return fmt.Errorf("reading the pattern of its values: %w", err)
	}
	if !pattern.MatchString(value) {
		return errors.New("it " + p.ConstraintDescription)
	}
	return nil
}

// rangeOf says which numbers a parameter takes, in words that follow "a number".
func rangeOf(p cfntemplate.Parameter) string {
	switch {
	case p.MinValue != nil && p.MaxValue != nil:
		return fmt.Sprintf(" from %.0f to %.0f", *p.MinValue, *p.MaxValue)
	case p.MinValue != nil:
		return fmt.Sprintf(" of %.0f or more", *p.MinValue)
	case p.MaxValue != nil:
		return fmt.Sprintf(" of %.0f at most", *p.MaxValue)
	}
	return ""
}

// listParameters are lines for a help text: the service template's parameters with
// their defaults, but for those that have a flag of their own.
func listParameters() string {
	template, err := cfntemplate.Parse(templates.Service())
	if err != nil {
		return "" // a test reads them
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(template.Parameters)) {
		if p := template.Parameters[name]; p.Default != nil {
			fmt.Fprintf(&b, "  %-29s  %s\n", name, *p.Default)
		}
	}
	return b.String()
}
