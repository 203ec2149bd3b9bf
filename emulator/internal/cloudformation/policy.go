package cloudformation

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxStackPolicy is the longest stack policy, in bytes (API reference, SetStackPolicy).
const maxStackPolicy = 16384

// The actions of an update that a stack policy allows or denies.
const (
	updateModify  = "Update:Modify"
	updateReplace = "Update:Replace"
	updateDelete  = "Update:Delete"
	updateAny     = "Update:*"
)

// stackPolicy says what an update may do to which resources. The zero value, an empty
// policy and a policy without statements allow everything.
type stackPolicy struct {
	body       string
	statements []policyStatement
}

// policyStatement is one statement of a stack policy. Its lists hold patterns.
type policyStatement struct {
	effect                 string
	actions, notActions    []string
	resources, notResource []string
	conditions             []policyCondition
}

// policyCondition compares the type of the resource with patterns.
type policyCondition struct {
	like   bool
	values []string
}

// parseStackPolicy reads a policy. CloudFormation says of every fault the same.
func parseStackPolicy(body string) (*stackPolicy, error) {
	invalidPolicy := invalid("Error validating stack policy: Invalid stack policy")
	if len(body) > maxStackPolicy {
		return nil, invalid("1 validation error detected: Value at 'stackPolicyBody' failed to satisfy constraint: Member must have length less than or equal to %d", maxStackPolicy)
	}
	var document map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &document); err != nil || document == nil {
		return nil, invalidPolicy
	}
	p := &stackPolicy{body: body}
	for key, value := range document {
		switch key {
		case "Version", "Id":
		case "Statement":
			statements, err := parseStatements(value)
			if err != nil {
				return nil, invalidPolicy
			}
			p.statements = statements
		default:
			return nil, invalidPolicy
		}
	}
	return p, nil
}

var errPolicy = errors.New("invalid stack policy")

func parseStatements(value json.RawMessage) ([]policyStatement, error) {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		list = []json.RawMessage{value} // one statement need not be a list
	}
	var out []policyStatement
	for _, element := range list {
		s, err := parseStatement(element)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func parseStatement(value json.RawMessage) (policyStatement, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(value, &members); err != nil {
		return policyStatement{}, err
	}
	var s policyStatement
	var principal []string
	for name, member := range members {
		var err error
		switch name {
		case "Sid":
		case "Effect":
			err = json.Unmarshal(member, &s.effect)
		case "Action":
			s.actions, err = oneOrMore(member)
		case "NotAction":
			s.notActions, err = oneOrMore(member)
		case "Resource":
			s.resources, err = oneOrMore(member)
		case "NotResource":
			s.notResource, err = oneOrMore(member)
		case "Principal":
			principal, err = oneOrMore(member)
		case "Condition":
			s.conditions, err = parseConditions(member)
		default:
			err = errPolicy
		}
		if err != nil {
			return policyStatement{}, err
		}
	}
	known := func(action string) bool {
		return slices.Contains([]string{updateModify, updateReplace, updateDelete, updateAny}, action)
	}
	actions := slices.Concat(s.actions, s.notActions)
	switch {
	case s.effect != "Allow" && s.effect != "Deny",
		!slices.Equal(principal, []string{"*"}), // all that stack policies support
		len(s.actions) > 0 == (len(s.notActions) > 0),
		len(s.resources) > 0 && len(s.notResource) > 0,
		slices.ContainsFunc(actions, func(a string) bool { return !known(a) }):
		return policyStatement{}, errPolicy
	}
	return s, nil
}

func oneOrMore(value json.RawMessage) ([]string, error) {
	var one string
	if json.Unmarshal(value, &one) == nil {
		return []string{one}, nil
	}
	var more []string
	err := json.Unmarshal(value, &more)
	return more, err
}

func parseConditions(value json.RawMessage) ([]policyCondition, error) {
	var operators map[string]map[string]json.RawMessage
	if err := json.Unmarshal(value, &operators); err != nil {
		return nil, err
	}
	var out []policyCondition
	for _, operator := range sortedKeys(operators) {
		if operator != "StringEquals" && operator != "StringLike" {
			return nil, errPolicy
		}
		for key, values := range operators[operator] {
			list, err := oneOrMore(values)
			if err != nil || key != "ResourceType" { // the one key that stack policies know
				return nil, errPolicy
			}
			out = append(out, policyCondition{like: operator == "StringLike", values: list})
		}
	}
	return out, nil
}

// check says why the policy keeps an update from doing something to a resource, and nil
// where it does not. A denial is stronger than a permission, and what no statement
// allows is denied (user guide, "Prevent updates to stack resources").
func (p *stackPolicy) check(action, logicalID, resourceType string) error {
	if p == nil || len(p.statements) == 0 {
		return nil
	}
	var denied strings.Builder
	allowed := false
	for i, s := range p.statements {
		switch {
		case !s.matches(action, logicalID, resourceType):
		case s.effect == "Allow":
			allowed = true
		default:
			fmt.Fprintf(&denied, "Statement [#%d] does not allow [%s] for resource [%s];", i+1, list(s.actions, s.notActions), list(s.resources, s.notResource))
		}
	}
	switch {
	case denied.Len() > 0:
		return errors.New("Action denied by stack policy: " + denied.String())
	case !allowed:
		return errors.New("Action not allowed by stack policy")
	}
	return nil
}

// list is how a denial shows the actions or resources of a statement.
func list(these, allBut []string) string {
	return strings.Join(slices.Concat(these, allBut), ", ")
}

func (s policyStatement) matches(action, logicalID, resourceType string) bool {
	among := func(patterns []string, text string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool { return like(pattern, text) })
	}
	if len(s.actions) > 0 != among(slices.Concat(s.actions, s.notActions), action) {
		return false
	}
	id := "LogicalResourceId/" + logicalID
	switch {
	case len(s.resources) > 0 && !among(s.resources, id), len(s.notResource) > 0 && among(s.notResource, id):
		return false
	case len(s.resources)+len(s.notResource) == 0:
		return false // a statement without resources is accepted, and concerns none
	}
	for _, c := range s.conditions {
		if c.like && !among(c.values, resourceType) || !c.like && !slices.Contains(c.values, resourceType) {
			return false
		}
	}
	return true
}

// like matches text with a pattern whose * stands for any characters and ? for one.
func like(pattern, text string) bool {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(strings.ReplaceAll(quoted, `\*`, ".*"), `\?`, ".")
	matched, err := regexp.MatchString("^"+quoted+"$", text)
	return err == nil && matched
}
