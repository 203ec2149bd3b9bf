package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/slipway-go/slipway/emulator"
)

const (
	oneCluster = `{"Resources": {"Cluster": {"Type": "AWS::ECS::Cluster"}}}`
	mayStacks  = `{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}`
	denyAll    = `{"Effect": "Deny", "Action": "*", "Resource": "*"}`
	limited    = "arn:aws:iam::123456789012:role/limited"
)

// TestPoliciesAreForCallers: a policy that can never count is refused, not kept.
func TestPoliciesAreForCallers(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	for _, caller := range []string{"", "arn:aws:iam::123456789012:user/jane", "arn:aws:sts::123456789012:assumed-role/deploy/ci"} {
		if err := srv.BindPolicy(caller, `{"Version": "2012-10-17", "Statement": [`+mayStacks+`]}`); err == nil {
			t.Errorf("a policy is bound to %q", caller)
		}
	}
}

// TestPrincipalARNOfARole: "For IAM roles, the request context returns the ARN of the
// role, not the ARN of the user that assumed the role" (IAM user guide, aws:PrincipalArn).
func TestPrincipalARNOfARole(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	role := "arn:aws:iam::123456789012:role/deploy"
	bind(t, srv, role, `{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*",
		"Condition": {"ArnEquals": {"aws:PrincipalArn": "`+role+`"}}}`)
	out, err := sts.NewFromConfig(once(srv)).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("ci")})
	if err != nil {
		t.Fatal(err)
	}
	if err := describeStacks(t, as(srv, *out.Credentials.AccessKeyId)); err != nil {
		t.Errorf("the role may not what it may by its own ARN: %v", err)
	}
}

// TestChangeSetOfAnotherStack: the ARN of a change set says which stack is changed,
// whatever stack the request names beside it.
func TestChangeSetOfAnotherStack(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(once(srv))
	made, err := cfn.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("prod"), ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate,
		TemplateBody: aws.String(oneCluster),
	})
	if err != nil {
		t.Fatal(err)
	}
	waiter := cloudformation.NewChangeSetCreateCompleteWaiter(cfn, func(o *cloudformation.ChangeSetCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
	})
	if err := waiter.Wait(t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id}, time.Minute); err != nil {
		t.Fatal(err)
	}
	bind(t, srv, "jane", `{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "arn:aws:cloudformation:*:*:stack/shop/*"}`)
	_, err = cloudformation.NewFromConfig(as(srv, "jane")).ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{
		StackName: aws.String("shop"), ChangeSetName: made.Id,
	})
	if got := answered(err); !strings.HasPrefix(got, "403 AccessDenied: ") || !strings.Contains(got, *made.StackId) {
		t.Errorf("executing the change set of prod as one of shop: %q", got)
	}
}

// TestRefusedOperationLendsNothing: CloudFormation works for the caller of the stack's
// last operation, and one that it has refused was none.
func TestRefusedOperationLendsNothing(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	bind(t, srv, "jane", mayStacks)
	id := inject(t, srv, emulator.FaultResource{LogicalID: "Cluster"})
	cfn := cloudformation.NewFromConfig(once(srv))
	create := &cloudformation.CreateStackInput{StackName: aws.String("shop"), TemplateBody: aws.String(strings.Replace(oneCluster,
		`"Cluster":`, `"Second": {"Type": "AWS::ECS::Cluster", "DependsOn": "Cluster"}, "Cluster":`, 1))}
	if _, err := cfn.CreateStack(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	if _, err := cloudformation.NewFromConfig(as(srv, "jane")).CreateStack(t.Context(), create); err == nil {
		t.Fatal("the stack is created twice")
	}
	if err := srv.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	if st := settled(t, cfn, "shop"); st.StackStatus != types.StackStatusCreateComplete {
		t.Errorf("the stack is %s: %s", st.StackStatus, aws.ToString(st.StackStatusReason))
	}
}

// TestRoleOfADeletion: every operation that takes a role works with it.
func TestRoleOfADeletion(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	bind(t, srv, limited, denyAll)
	cfn := cloudformation.NewFromConfig(once(srv))
	made, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("shop"), TemplateBody: aws.String(oneCluster)})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, cfn, "shop")
	if _, err := cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("shop"), RoleARN: aws.String(limited)}); err != nil {
		t.Fatal(err)
	}
	if st := settled(t, cfn, *made.StackId); st.StackStatus != types.StackStatusDeleteFailed || aws.ToString(st.RoleARN) != limited {
		t.Errorf("the stack is %s with the role %q, want DELETE_FAILED by %s", st.StackStatus, aws.ToString(st.RoleARN), limited)
	}
}

// TestRoleOfAFailedUpdate: the role stays the stack's when its first update fails.
func TestRoleOfAFailedUpdate(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	bind(t, srv, limited, denyAll)
	cfn := cloudformation.NewFromConfig(once(srv))
	if _, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("shop"), TemplateBody: aws.String(oneCluster)}); err != nil {
		t.Fatal(err)
	}
	settled(t, cfn, "shop")
	_, err := cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("shop"), RoleARN: aws.String(limited),
		TemplateBody: aws.String(strings.Replace(oneCluster, `"Cluster":`, `"Second": {"Type": "AWS::ECS::Cluster"}, "Cluster":`, 1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if st := settled(t, cfn, "shop"); st.StackStatus != types.StackStatusUpdateRollbackComplete || aws.ToString(st.RoleARN) != limited {
		t.Errorf("the stack is %s with the role %q, want UPDATE_ROLLBACK_COMPLETE with %s", st.StackStatus, aws.ToString(st.RoleARN), limited)
	}
}
