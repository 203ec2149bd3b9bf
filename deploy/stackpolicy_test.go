package deploy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func policyReach() *reach {
	return &reach{
		parameter:  "ImageUrl",
		containers: map[string][]int{"Task": {0}, "Other": {0}},
		services:   map[string][]string{"Web": {"Task"}},
	}
}

// The guard gives CloudFormation what a rollout needs, and nothing else.
func TestGuardPolicy(t *testing.T) {
	t.Parallel()
	body, err := guardPolicy(policyReach())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Statement":[` +
		`{"Effect":"Allow","Principal":"*","Action":["Update:Modify"],"Resource":["LogicalResourceId/Other","LogicalResourceId/Task","LogicalResourceId/Web"]},` +
		`{"Effect":"Allow","Principal":"*","Action":["Update:Replace"],"Resource":["LogicalResourceId/Other","LogicalResourceId/Task"]},` +
		`{"Effect":"Deny","Principal":"*","Action":["Update:*"],"NotResource":["LogicalResourceId/Other","LogicalResourceId/Task","LogicalResourceId/Web"]}]}`
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("guard (-want +got):\n%s", diff)
	}
	policy, err := readStackPolicy(body)
	if err != nil {
		t.Fatal(err)
	}
	if denied := forbidden(policy, policyReach().permissions()); len(denied) > 0 {
		t.Errorf("the guard denies %v", denied)
	}
	for _, p := range []permission{
		{updateReplace, "Web", typeService}, {"Update:Delete", "Task", typeTaskDefinition}, {updateModify, "WebTopic", "AWS::SNS::Topic"},
	} {
		if len(forbidden(policy, []permission{p})) == 0 {
			t.Errorf("the guard allows %v", p)
		}
	}
}

func TestProtections(t *testing.T) {
	t.Parallel()
	allow := `{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}`
	tests := map[string]struct {
		policy string
		denied []string // parts of the reasons
	}{
		"none":           {"", nil},
		"empty":          {"{}", nil},
		"all allowed":    {`{"Statement": ` + allow + `}`, nil},
		"nothing said":   {`{"Statement": [{"Effect": "Allow", "Action": "Update:Modify", "Principal": "*", "Resource": "LogicalResourceId/*"}]}`, []string{"Other: the stack's own policy does not allow Update:Replace", "Task: the stack's own policy does not allow Update:Replace"}},
		"a denial":       {`{"Statement": [` + allow + `, {"Effect": "Deny", "Action": ["Update:Modify"], "Principal": "*", "Resource": "LogicalResourceId/We?"}]}`, []string{"Web: "}},
		"all but":        {`{"Statement": [` + allow + `, {"Effect": "Deny", "NotAction": "Update:Modify", "Principal": "*", "NotResource": "LogicalResourceId/Task"}]}`, []string{"Other: the stack's own policy does not allow Update:Replace"}},
		"of a type":      {`{"Statement": [` + allow + `, {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*", "Condition": {"StringLike": {"ResourceType": ["AWS::ECS::S*"]}}}]}`, []string{"Web: "}},
		"of another":     {`{"Statement": [` + allow + `, {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*", "Condition": {"StringEquals": {"ResourceType": "AWS::RDS::DBInstance"}}}]}`, nil},
		"not understood": {`{"Statement": [` + allow + `, {"Effect": "Deny", "Action": "Update:Replace", "Principal": "*", "Resource": "LogicalResourceId/Task", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026"}}}]}`, []string{"Task: "}},
		"no policy":      {`[]`, []string{"cannot be read"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reasons := protections(tt.policy, policyReach())
			if len(reasons) != len(tt.denied) {
				t.Fatalf("reasons %v; want %d of them", reasons, len(tt.denied))
			}
			for i, want := range tt.denied {
				if !strings.Contains(reasons[i].String(), want) {
					t.Errorf("reason %q; want %q in it", reasons[i], want)
				}
			}
		})
	}
}
