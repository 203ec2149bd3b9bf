package deploy

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// This file is about stack policies: the one that guards an update, and the one that a
// stack has already. A policy that comes with an update takes the place of the stack's
// own while the update runs, so the guard must not allow what the stack's denies.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html

// The actions of a stack policy that an image's rollout needs.
const (
	updateModify  = "Update:Modify"
	updateReplace = "Update:Replace"
	updateAny     = "Update:*"
)

// logicalIDPrefix begins the name of a resource in a stack policy.
const logicalIDPrefix = "LogicalResourceId/"

// permission is one action on one resource of a stack.
type permission struct {
	action, resource, resourceType string
}

// permissions are what CloudFormation has to do for the image: replace task definitions,
// and move services, rules and schedules to the new ones without replacing them.
func (r *reach) permissions() []permission {
	var list []permission
	for _, id := range sortedKeys(r.containers) {
		list = append(list, permission{updateModify, id, typeTaskDefinition}, permission{updateReplace, id, typeTaskDefinition})
	}
	for _, id := range r.serviceIDs() {
		list = append(list, permission{updateModify, id, typeService})
	}
	for _, id := range sortedKeys(r.followers) {
		list = append(list, permission{updateModify, id, r.followers[id].resourceType})
	}
	return list
}

// policyStatement is a statement of a stack policy. The elements that can be one text or
// several are lists here.
type policyStatement struct {
	Effect      string                      `json:"Effect"`
	Principal   string                      `json:"Principal"`
	Action      texts                       `json:"Action,omitempty"`
	NotAction   texts                       `json:"NotAction,omitempty"`
	Resource    texts                       `json:"Resource,omitempty"`
	NotResource texts                       `json:"NotResource,omitempty"`
	Condition   map[string]map[string]texts `json:"Condition,omitempty"`
}

// texts is one text or a list of them.
type texts []string

// UnmarshalJSON reads either form.
func (t *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// guardPolicy is the stack policy for an update that is to change nothing but the image.
// What it does not allow, it denies by name, so that CloudFormation's reason says so.
func guardPolicy(r *reach) (string, error) {
	allowed := make(map[string]texts) // resources by action
	var ids texts
	for _, p := range r.permissions() {
		id := logicalIDPrefix + p.resource
		allowed[p.action] = append(allowed[p.action], id)
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var statements []policyStatement
	for _, action := range sortedKeys(allowed) {
		statements = append(statements, policyStatement{Effect: "Allow", Principal: "*", Action: texts{action}, Resource: allowed[action]})
	}
	statements = append(statements, policyStatement{Effect: "Deny", Principal: "*", Action: texts{updateAny}, NotResource: ids})
	text, err := json.Marshal(map[string][]policyStatement{"Statement": statements})
	return string(text), err
}

// readStackPolicy reads the statements of a stack's policy. Without one, or without a
// statement in it, everything is allowed.
func readStackPolicy(body string) ([]policyStatement, error) {
	if body == "" {
		return nil, nil
	}
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(body), &document); err != nil {
		return nil, err
	}
	if document.Statement == nil {
		return nil, nil
	}
	var one policyStatement
	if json.Unmarshal(document.Statement, &one) == nil {
		return []policyStatement{one}, nil
	}
	var several []policyStatement
	err := json.Unmarshal(document.Statement, &several)
	return several, err
}

// forbidden are those permissions that a policy does not give: a denial is stronger than
// a permission, and what no statement allows is denied.
func forbidden(policy []policyStatement, wanted []permission) []permission {
	if len(policy) == 0 {
		return nil
	}
	var denied []permission
	for _, p := range wanted {
		allowed := false
		for _, s := range policy {
			if !s.concerns(p) {
				continue
			}
			if allowed = s.Effect == "Allow"; !allowed {
				break
			}
		}
		if !allowed {
			denied = append(denied, p)
		}
	}
	return denied
}

// concerns tells whether a statement is about a permission. A condition that is not
// understood counts against it: a denial holds, a permission does not.
func (s policyStatement) concerns(p permission) bool {
	if !among(s.Action, p.action) && (len(s.NotAction) == 0 || among(s.NotAction, p.action)) {
		return false
	}
	id := logicalIDPrefix + p.resource
	if !among(s.Resource, id) && (len(s.NotResource) == 0 || among(s.NotResource, id)) {
		return false
	}
	for operator, keys := range s.Condition {
		for key, values := range keys {
			switch {
			case key != "ResourceType", operator != "StringEquals" && operator != "StringLike":
				return s.Effect == "Deny"
			case operator == "StringEquals" && !slices.Contains(values, p.resourceType):
				return false
			case operator == "StringLike" && !among(values, p.resourceType):
				return false
			}
		}
	}
	return true
}

// among tells whether one of the patterns, with * and ?, fits a text.
func among(patterns []string, text string) bool {
	// path.Match keeps * from crossing a slash, and gives [ and \ a meaning.
	flat := strings.NewReplacer("/", "\x00", "[", `\[`, `\`, `\\`)
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		fits, err := path.Match(flat.Replace(pattern), strings.ReplaceAll(text, "/", "\x00"))
		return err == nil && fits
	})
}

// protections are the reasons not to update a stack whose own policy protects what the
// image reaches: the guard would lift that protection.
func protections(body string, r *reach) []Reason {
	policy, err := readStackPolicy(body)
	if err != nil {
		return []Reason{{Why: fmt.Sprintf("the stack's own policy cannot be read, and the guard of this update would take its place: %v", err)}}
	}
	var reasons []Reason
	for _, p := range forbidden(policy, r.permissions()) {
		reasons = append(reasons, Reason{
			Resource: p.resource,
			Why:      fmt.Sprintf("the stack's own policy does not allow %s of this %s, and the guard of this update would lift that", p.action, p.resourceType),
		})
	}
	return reasons
}
