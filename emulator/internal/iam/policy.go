// Package iam decides what a caller may do: identity-based policies, as IAM evaluates
// them, over what each call of the embedded AWS needs.
//
// What it cannot evaluate (an operator, a condition key, a policy variable) it refuses
// when the policy is parsed, so that no condition is silently ignored.
package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Policy is an identity-based policy.
type Policy struct{ statements []statement }

type statement struct {
	deny                     bool
	actions, resources       []string
	notActions, notResources bool // the lists are what the statement is not about
	conditions               []condition
}

// Need is one permission that a call needs.
type Need struct {
	Action   string // "ecs:UpdateService"
	Resource string // ARN, or "*" for an action that takes none
	// Context are the condition keys of the request by their names in lower case.
	Context map[string]string
}

// Decision is what a policy says of a need.
type Decision int

// The decisions. An explicit deny goes before every allow.
const (
	NotAllowed Decision = iota
	Allowed
	Denied
)

// texts is a list that may be written as one text.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(t))
	}
	var one any
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	switch v := one.(type) {
	case string, bool:
		*t = texts{fmt.Sprint(v)} // {"Bool": {"key": true}} is IAM, too
		return nil
	}
	return fmt.Errorf("%s is neither a text nor a list of texts", data)
}

type document struct {
	Version   string
	ID        string `json:"Id"`
	Statement json.RawMessage
}

type statementDocument struct {
	Sid                   string
	Effect                string
	Action, NotAction     texts
	Resource, NotResource texts
	Condition             map[string]map[string]texts
}

// Parse reads a policy document. It fails for what IAM refuses, and for what this
// package does not evaluate.
func Parse(text string) (*Policy, error) {
	var d document
	if err := strictly([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	if d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return nil, fmt.Errorf("reading the policy: its Version is %q: give 2012-10-17", d.Version)
	}
	list := []json.RawMessage{d.Statement}
	if len(d.Statement) == 0 {
		return nil, errors.New("reading the policy: it has no Statement")
	}
	if d.Statement[0] == '[' {
		if err := json.Unmarshal(d.Statement, &list); err != nil {
			return nil, fmt.Errorf("reading the policy: %w", err)
		}
	}
	p := &Policy{}
	for i, raw := range list {
		s, err := parseStatement(raw)
		if err != nil {
			return nil, fmt.Errorf("reading statement %d of the policy: %w", i+1, err)
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func strictly(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func parseStatement(raw json.RawMessage) (statement, error) {
	var d statementDocument
	if err := strictly(raw, &d); err != nil {
		return statement{}, err
	}
	s := statement{
		deny:    d.Effect == "Deny",
		actions: slices.Concat(d.Action, d.NotAction), notActions: len(d.NotAction) > 0,
		resources: slices.Concat(d.Resource, d.NotResource), notResources: len(d.NotResource) > 0,
	}
	switch {
	case d.Effect != "Allow" && d.Effect != "Deny":
		return s, fmt.Errorf("its Effect is %q: it is Allow or Deny", d.Effect)
	case (len(d.Action) > 0) == (len(d.NotAction) > 0):
		return s, errors.New("it needs either Action or NotAction")
	case (len(d.Resource) > 0) == (len(d.NotResource) > 0):
		return s, errors.New("it needs either Resource or NotResource")
	}
	for _, action := range s.actions {
		if prefix, name, ok := strings.Cut(action, ":"); action != "*" && (!ok || prefix == "" || name == "") {
			return s, fmt.Errorf("action %q is not of the form service:Operation", action)
		}
	}
	for _, resource := range s.resources {
		if strings.Contains(resource, "${") {
			return s, fmt.Errorf("resource %q has a policy variable, which the embedded AWS does not evaluate", resource)
		}
		if resource != "*" && !strings.HasPrefix(resource, "arn:") {
			return s, fmt.Errorf("resource %q is neither an ARN nor *", resource)
		}
	}
	var err error
	s.conditions, err = parseConditions(d.Condition)
	return s, err
}

// Decide evaluates the policy.
func (p *Policy) Decide(n Need) Decision {
	decision := NotAllowed
	for _, s := range p.statements {
		if !s.about(n) {
			continue
		}
		if s.deny {
			return Denied
		}
		decision = Allowed
	}
	return decision
}

func (s statement) about(n Need) bool {
	action := slices.ContainsFunc(s.actions, func(pattern string) bool {
		return like(strings.ToLower(pattern), strings.ToLower(n.Action)) // IAM ignores the case of actions
	})
	resource := slices.ContainsFunc(s.resources, func(pattern string) bool { return like(pattern, n.Resource) })
	return action != s.notActions && resource != s.notResources &&
		!slices.ContainsFunc(s.conditions, func(c condition) bool { return !c.holds(n.Context) })
}

// like compares as IAM does: * is any text, ? any character.
func like(pattern, text string) bool {
	star, resume := -1, 0
	i, j := 0, 0
	for j < len(text) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, resume = i, j
			i++
		case i < len(pattern) && (pattern[i] == '?' || pattern[i] == text[j]):
			i++
			j++
		case star >= 0:
			resume++
			i, j = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}
