package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// Operations that fail half way, and what comes after them.

func TestHalfMadeResourceIsDeleted(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.wantStatus(h.create("bike", strings.Replace(pair, "{Name: !Ref Name,", "{Fail: half,", 1)), types.StackStatusRollbackComplete)
	if diff := cmp.Diff([]string{"create Frame", "delete Frame frame-1"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
}

func TestEventsHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := startAt(t, 1) // so slow that events fall into one millisecond
	h.create("bike", pair)
	out, err := h.DescribeStackEvents(t.Context(), &cfn.DescribeStackEventsInput{StackName: aws.String("bike")})
	h.must(err)
	seen := map[string]bool{}
	for _, e := range out.StackEvents {
		if seen[*e.EventId] {
			t.Errorf("two events are %s", *e.EventId)
		}
		seen[*e.EventId] = true
	}
}
