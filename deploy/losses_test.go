package deploy

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func TestLosses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change types.ResourceChange
		want   string // in the reason; empty for none
	}{
		"added":              {types.ResourceChange{Action: types.ChangeActionAdd}, ""},
		"modified":           {types.ResourceChange{Action: types.ChangeActionModify, Replacement: types.ReplacementFalse}, ""},
		"replaced":           {types.ResourceChange{Action: types.ChangeActionModify, Replacement: types.ReplacementTrue}, "would be deleted and replaced"},
		"perhaps replaced":   {types.ResourceChange{Action: types.ChangeActionModify, Replacement: types.ReplacementConditional}, "may be deleted and replaced"},
		"a new revision":     {types.ResourceChange{Action: types.ChangeActionModify, Replacement: types.ReplacementTrue, ResourceType: aws.String(typeTaskDefinition)}, ""},
		"removed":            {types.ResourceChange{Action: types.ChangeActionRemove, PolicyAction: types.PolicyActionDelete}, "would be deleted"},
		"a removed revision": {types.ResourceChange{Action: types.ChangeActionRemove, ResourceType: aws.String(typeTaskDefinition)}, "would be deleted"},
		"let go of":          {types.ResourceChange{Action: types.ChangeActionRemove, PolicyAction: types.PolicyActionRetain}, "let go"},
		"unknown":            {types.ResourceChange{Action: types.ChangeActionDynamic}, "Dynamic"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.change.LogicalResourceId = aws.String("Thing")
			reasons := losses([]*cloudformation.DescribeChangeSetOutput{{}, {Changes: []types.Change{{ResourceChange: &tt.change}}}})
			switch {
			case tt.want == "" && len(reasons) > 0:
				t.Errorf("reasons %v; want none", reasons)
			case tt.want != "" && (len(reasons) != 1 || reasons[0].Resource != "Thing" || !strings.Contains(reasons[0].Why, tt.want)):
				t.Errorf("reasons %v; want one about Thing with %q", reasons, tt.want)
			}
		})
	}
	if reasons := losses([]*cloudformation.DescribeChangeSetOutput{{Changes: []types.Change{{Type: "Hook"}}}}); len(reasons) != 1 {
		t.Errorf("reasons %v for a change of unknown kind; want one", reasons)
	}
}
