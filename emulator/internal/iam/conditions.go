package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition is one key of one operator of a Condition block. All of a statement's must
// hold; of the values, one is enough, or, for a negated operator, all are.
type condition struct {
	key      string // in lower case
	compare  func(want, is string) bool
	values   []string
	negated  bool
	ifExists bool
	null     bool
}

// keys are the condition keys that calls of the embedded AWS have.
func keys() []string {
	return []string{
		"aws:principalaccount", "aws:principalarn", "aws:requestedregion", "aws:securetransport",
		"cloudformation:changesetname", "cloudformation:rolearn", "ecs:cluster", "iam:passedtoservice",
	}
}

func equal(want, is string) bool { return want == is }

// arnLike compares part by part: a wildcard does not reach over a colon, but for the
// last part.
func arnLike(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != 6 || len(parts) != 6 {
		return pattern == "*"
	}
	for i := range parts {
		if !like(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

func parseConditions(block map[string]map[string]texts) ([]condition, error) {
	var parsed []condition
	for _, operator := range slices.Sorted(maps.Keys(block)) {
		for _, key := range slices.Sorted(maps.Keys(block[operator])) {
			c, err := parseCondition(operator, key, block[operator][key])
			if err != nil {
				return nil, err
			}
			parsed = append(parsed, c)
		}
	}
	return parsed, nil
}

func parseCondition(operator, key string, values []string) (condition, error) {
	c := condition{key: strings.ToLower(key), values: values}
	base, ifExists := strings.CutSuffix(operator, "IfExists")
	c.ifExists = ifExists
	switch base {
	case "StringEquals", "StringNotEquals":
		c.compare = equal
	case "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "Bool":
		c.compare = strings.EqualFold
	case "StringLike", "StringNotLike":
		c.compare = like
	case "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike": // "ArnEquals and ArnLike behave identically", IAM user guide
		c.compare = arnLike
	case "Null":
		c.null, c.compare = true, strings.EqualFold
	default:
		return c, fmt.Errorf("the embedded AWS does not evaluate the condition operator %s", operator)
	}
	c.negated = strings.Contains(base, "Not")
	if !slices.Contains(keys(), c.key) {
		return c, fmt.Errorf("the embedded AWS does not evaluate the condition key %s", key)
	}
	if c.null && ifExists {
		return c, fmt.Errorf("IAM has no condition operator %s", operator)
	}
	for _, v := range values {
		if strings.Contains(v, "${") {
			return c, fmt.Errorf("the value %q of condition key %s has a policy variable, which the embedded AWS does not evaluate", v, key)
		}
	}
	return c, nil
}

func (c condition) holds(context map[string]string) bool {
	is, known := context[c.key]
	switch {
	case c.null:
		return slices.ContainsFunc(c.values, func(v string) bool { return strings.EqualFold(v, fmt.Sprint(!known)) })
	case !known:
		return c.ifExists || c.negated // a negated operator holds for a key that is not there
	}
	return slices.ContainsFunc(c.values, func(v string) bool { return c.compare(v, is) }) != c.negated
}
