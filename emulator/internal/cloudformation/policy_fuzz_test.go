package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// FuzzStackPolicy holds that every text is a policy or refused as CloudFormation does
// it, that a policy decides, that its white space decides nothing, and that nothing is
// allowed once all is denied.
func FuzzStackPolicy(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"Statement":[]}`, `{"Statement":null}`, `{"Statement":[null]}`,
		`{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}`,
		`{"Statement":{"Effect":"Deny","NotAction":["Update:Delete"],"Principal":["*"],"NotResource":"LogicalResourceId/Web?"}}`,
		`{"Version":"x","Id":1,"Statement":[{"Sid":[],"Effect":"Deny","Action":"Update:Replace","Principal":"*","Resource":"LogicalResourceId/*",` +
			`"Condition":{"StringLike":{"ResourceType":["AWS::*"]},"StringEquals":{"ResourceType":"AWS::ECS::Service"}}}]}`,
	} {
		f.Add(seed, "Web1", "AWS::ECS::Service")
	}
	f.Fuzz(func(t *testing.T, body, logicalID, resourceType string) {
		p, err := parseStackPolicy(body)
		if err != nil {
			var refusal *wire.Error
			if !errors.As(err, &refusal) || refusal.Code != "ValidationError" {
				t.Fatalf("refused with %v (%T), want a ValidationError", err, err)
			}
			return
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(body)); err != nil {
			t.Fatalf("what is no JSON was accepted: %v", err)
		}
		same, err := parseStackPolicy(compact.String())
		if err != nil {
			t.Fatalf("refused without white space: %v", err)
		}
		denyAll := policyStatement{effect: "Deny", actions: []string{updateAny}, resources: []string{"*"}}
		denied := &stackPolicy{statements: append([]policyStatement{denyAll}, p.statements...)}
		for _, action := range []string{updateModify, updateReplace, updateDelete} {
			first, second := p.check(action, logicalID, resourceType), same.check(action, logicalID, resourceType)
			if (first == nil) != (second == nil) {
				t.Errorf("%s: %v, and without white space %v", action, first, second)
			}
			if denied.check(action, logicalID, resourceType) == nil {
				t.Errorf("%s is allowed although all is denied", action)
			}
		}
	})
}
