package intrinsic

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// checkValue holds the value of a parameter against its type and constraints.
// Those of a list hold for each of its members, except for lengths, which are
// about the text as a whole.
func checkValue(name string, p cfntemplate.Parameter, value string) error {
	members := []string{value}
	if isListType(p.Type) && !IsSSMParameter(p.Type) {
		members = splitList(value)
	}
	problem := lengthProblem(p, value)
	for _, member := range members {
		if problem == "" {
			problem = memberProblem(p, member)
		}
	}
	if problem == "" {
		pattern, err := compilePattern(name, p)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(members, func(member string) bool { return !pattern.MatchString(member) }) {
			problem = "must match pattern " + p.AllowedPattern
		}
	}
	if problem == "" {
		return checkExistence(name, p, members)
	}
	if p.ConstraintDescription != "" {
		return invalid("Parameter %s failed to satisfy constraint: %s", name, p.ConstraintDescription)
	}
	return invalid("Parameter '%s' %s", name, problem)
}

func lengthProblem(p cfntemplate.Parameter, value string) string {
	length := utf8.RuneCountInString(value)
	if p.MinLength != nil && length < *p.MinLength {
		return fmt.Sprintf("must contain at least %d characters", *p.MinLength)
	}
	if p.MaxLength != nil && length > *p.MaxLength {
		return fmt.Sprintf("must contain at most %d characters", *p.MaxLength)
	}
	return ""
}

func memberProblem(p cfntemplate.Parameter, member string) string {
	if p.Type == "Number" || p.Type == "List<Number>" {
		n, ok := parseNumber(member)
		switch {
		case !ok:
			return "must be a number"
		case p.MinValue != nil && n < *p.MinValue:
			return "must be a number not less than " + strconv.FormatFloat(*p.MinValue, 'f', -1, 64)
		case p.MaxValue != nil && n > *p.MaxValue:
			return "must be a number not greater than " + strconv.FormatFloat(*p.MaxValue, 'f', -1, 64)
		}
	}
	if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, member) {
		return "must be one of AllowedValues"
	}
	return ""
}

// parseNumber reads a decimal number; what else strconv takes for one (hex, inf,
// nan) is none for CloudFormation.
func parseNumber(text string) (float64, bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// compilePattern compiles AllowedPattern, which has to match the whole of a value;
// without one everything matches. CloudFormation's patterns are Java's: what Go's
// lack (look-around, back-references) cannot be checked here, which is said rather
// than passed over.
func compilePattern(name string, p cfntemplate.Parameter) (*regexp.Regexp, error) {
	text := p.AllowedPattern
	if text == "" {
		text = `(?s:.*)`
	}
	pattern, err := regexp.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return nil, invalid("Parameter '%s' AllowedPattern must be a valid regular expression "+
			"(look-around and back-references are not supported here): %s", name, text)
	}
	return pattern, nil
}

// checkExistence checks the AWS-specific types, for which AWS looks the value up
// in the account. There is no account here: everything but nothing exists.
func checkExistence(name string, p cfntemplate.Parameter, members []string) error {
	if strings.Contains(p.Type, "AWS::") && slices.Contains(members, "") {
		return invalid("Parameter validation failed: parameter value  for parameter name %s does not exist", name)
	}
	return nil
}
