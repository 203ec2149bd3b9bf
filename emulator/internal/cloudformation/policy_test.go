package cloudformation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// policy wraps statements that lack what all of them have.
func policy(statements ...string) string {
	for i, s := range statements {
		statements[i] = `{"Principal":"*",` + s + `}`
	}
	return `{"Statement":[` + strings.Join(statements, ",") + `]}`
}

const allowAll = `"Effect":"Allow","Action":"Update:*","Resource":"*"`

// TestStackPolicy: what updates of the pair do under a policy. The words of a denial are
// those of stack events in the field; that a denial outweighs a permission whatever the
// order is in the user guide, "Prevent updates to stack resources".
func TestStackPolicy(t *testing.T) {
	t.Parallel()
	square := set("Name", "square") // replaces Frame, modifies Wheel
	blue := set("Colour", "blue")   // modifies both
	withoutWheel := pair[:strings.Index(pair, "  Wheel")] + pair[strings.Index(pair, "Outputs"):]
	for _, tc := range []struct {
		name, policy, body string
		parameter          types.Parameter
		want               string // the first resource that fails and why, empty for none
	}{
		{"none", `{}`, pair, square, ""},
		{"no statements", `{"Statement":[]}`, pair, square, ""},
		{"all allowed", policy(allowAll), pair, square, ""},
		{"nothing said of it", policy(`"Effect":"Deny","Action":"Update:Delete","Resource":"*"`), pair, blue, "Frame UPDATE_FAILED Action not allowed by stack policy"},
		{
			"denied by id", policy(`"Effect":"Deny","Action":"Update:Replace","Resource":"LogicalResourceId/Frame"`, allowAll), pair, square,
			"Frame UPDATE_FAILED Action denied by stack policy: Statement [#1] does not allow [Update:Replace] for resource [LogicalResourceId/Frame];",
		},
		{
			"denied by pattern, permission first", policy(allowAll, `"Effect":"Deny","Action":["Update:Replace","Update:Delete"],"Resource":"LogicalResourceId/Fr*"`), pair, square,
			"Frame UPDATE_FAILED Action denied by stack policy: Statement [#2] does not allow [Update:Replace, Update:Delete] for resource [LogicalResourceId/Fr*];",
		},
		{"replacement denied, modification not", policy(allowAll, `"Effect":"Deny","Action":"Update:Replace","Resource":"*"`), pair, blue, ""},
		{
			"all but an action", policy(allowAll, `"Effect":"Deny","NotAction":"Update:Modify","Resource":"*"`), pair, square,
			"Frame UPDATE_FAILED Action denied by stack policy: Statement [#2] does not allow [Update:Modify] for resource [*];",
		},
		{"all but a resource", policy(allowAll, `"Effect":"Deny","Action":"Update:*","NotResource":["LogicalResourceId/Frame","LogicalResourceId/Wheel"]`), pair, square, ""},
		{
			"by type", policy(allowAll, `"Effect":"Deny","Action":"Update:*","Resource":"*","Condition":{"StringLike":{"ResourceType":["Test::*"]}}`), pair, blue,
			"Frame UPDATE_FAILED Action denied by stack policy: Statement [#2] does not allow [Update:*] for resource [*];",
		},
		{"by another type", policy(allowAll, `"Effect":"Deny","Action":"Update:*","Resource":"*","Condition":{"StringEquals":{"ResourceType":"Test::*"}}`), pair, blue, ""},
		{"without resource", policy(allowAll, `"Effect":"Deny","Action":"Update:*"`), pair, blue, ""},
		{
			"deletion", policy(allowAll, `"Effect":"Deny","Action":"Update:Delete","Resource":"LogicalResourceId/Wheel"`), withoutWheel, set("Colour", "red"),
			"Wheel UPDATE_FAILED Action denied by stack policy: Statement [#2] does not allow [Update:Delete] for resource [LogicalResourceId/Wheel];",
		},
		{"deletion allowed", policy(allowAll), withoutWheel, set("Colour", "red"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			h.create("bike", pair)
			_, err := h.SetStackPolicy(t.Context(), &cfn.SetStackPolicyInput{StackName: aws.String("bike"), StackPolicyBody: &tc.policy})
			h.must(err)
			st := h.update("bike", tc.body, tc.parameter)
			events := h.events("bike")
			failed := slices.IndexFunc(events, func(e string) bool { return strings.Contains(e, "UPDATE_FAILED") })
			if tc.want == "" {
				h.wantStatus(st, types.StackStatusUpdateComplete)
				return
			}
			h.wantStatus(st, types.StackStatusUpdateRollbackComplete)
			if failed < 0 || events[failed] != tc.want {
				t.Errorf("events %q, want %q", events, tc.want)
			}
			id, _, _ := strings.Cut(tc.want, " ")
			if last := events[failed+1:]; !slices.Contains(last, id+" UPDATE_COMPLETE") {
				t.Errorf("%s does not come back: %q", id, last)
			}
		})
	}
}

func TestInvalidStackPolicies(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	for _, body := range []string{
		"red", "[]", `{"Statements":[]}`, `{"Statement":"red"}`,
		`{"Statement":[{"Effect":"Deny","Action":"Update:*","Resource":"*"}]}`,                     // no principal
		`{"Statement":[{"Effect":"Deny","Action":"Update:*","Resource":"*","Principal":"alice"}]}`, // not everybody
		policy(`"Effect":"Deny","Action":"Delete:*","Resource":"*"`),
		policy(`"Effect":"Refuse","Action":"Update:*","Resource":"*"`),
		policy(`"Effect":"Deny","Resource":"*"`),
		policy(`"Effect":"Deny","Action":"Update:*","NotAction":"Update:*","Resource":"*"`),
		policy(`"Effect":"Deny","Action":"Update:*","Resource":"*","Condition":{"StringNotEquals":{"ResourceType":"a"}}`),
		policy(`"Effect":"Deny","Action":"Update:*","Resource":"*","Condition":{"StringEquals":{"Colour":"a"}}`),
	} {
		_, err := h.SetStackPolicy(t.Context(), &cfn.SetStackPolicyInput{StackName: aws.String("bike"), StackPolicyBody: &body})
		h.refused(err, "ValidationError", "Error validating stack policy: Invalid stack policy")
	}
	_, err := h.SetStackPolicy(t.Context(), &cfn.SetStackPolicyInput{StackName: aws.String("bike"), StackPolicyBody: aws.String("{}"), StackPolicyURL: aws.String("https://s3")})
	h.refused(err, "ValidationError", "You cannot specify both StackPolicyURL and StackPolicyBody")
	_, err = h.SetStackPolicy(t.Context(), &cfn.SetStackPolicyInput{StackName: aws.String("bike"), StackPolicyURL: aws.String("https://s3")})
	h.refused(err, "ValidationError", "StackPolicyURL must reference a valid S3 object")
}

// TestPolicyDuringAnUpdate: it holds in place of the stack's for that update alone, and
// may be the stricter one. That GetStackPolicy shows it meanwhile was recorded on AWS
// (LocalStack's snapshot test_policy_during_update).
func TestPolicyDuringAnUpdate(t *testing.T) {
	t.Parallel()
	h := start(t)
	deny := policy(`"Effect":"Deny","Action":"Update:*","Resource":"*"`)
	allow := policy(allowAll)
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(pair), StackPolicyBody: &allow})
	h.must(err)
	h.settled("bike")
	held := func() string {
		out, err := h.GetStackPolicy(t.Context(), &cfn.GetStackPolicyInput{StackName: aws.String("bike")})
		h.must(err)
		return aws.ToString(out.StackPolicyBody)
	}
	in := &cfn.UpdateStackInput{
		StackName: aws.String("bike"), TemplateBody: aws.String(pair), Parameters: []types.Parameter{set("Colour", "blue")},
		StackPolicyDuringUpdateBody: &deny, StackPolicyBody: &deny,
	}
	_, err = h.UpdateStack(t.Context(), in)
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
	if got := held(); got != allow {
		t.Errorf("after an update that failed, the policy is %s", got)
	}

	in.TemplateBody = aws.String(strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: now,", 1))
	in.StackPolicyDuringUpdateBody, in.StackPolicyBody = aws.String(`{"Statement":[]}`), nil
	_, err = h.UpdateStack(t.Context(), in)
	h.must(err)
	if got := held(); got != `{"Statement":[]}` {
		t.Errorf("during the update, the policy is %s", got)
	}
	for !slices.Contains(h.events("bike"), "Wheel UPDATE_IN_PROGRESS") {
		time.Sleep(time.Millisecond)
	}
	_, err = h.CancelUpdateStack(t.Context(), &cfn.CancelUpdateStackInput{StackName: aws.String("bike")})
	h.must(err)
	h.settled("bike")
	if got := held(); got != allow {
		t.Errorf("after the update, the policy is %s", got)
	}

	// A new policy holds once the update that brings it has succeeded.
	in.TemplateBody, in.StackPolicyDuringUpdateBody, in.StackPolicyBody = aws.String(pair), nil, &deny
	_, err = h.UpdateStack(t.Context(), in)
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateComplete)
	if diff := cmp.Diff(deny, held()); diff != "" {
		t.Error(diff)
	}
	h.wantStatus(h.update("bike", pair, set("Colour", "grey")), types.StackStatusUpdateRollbackComplete)
}
