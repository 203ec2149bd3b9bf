package emulator_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// setOf makes a stack set in the region eu-west-1, with instances in the given ones.
func setOf(t *testing.T, cfn *cloudformation.Client, regions ...string) {
	t.Helper()
	const template = "Parameters: {Size: {Type: String, Default: '1'}}\nResources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: size, Value: !Ref Size}]}}}"
	_, err := cfn.CreateStackSet(t.Context(), &cloudformation.CreateStackSetInput{StackSetName: aws.String("set"), TemplateBody: aws.String(template)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := cfn.CreateStackInstances(t.Context(), &cloudformation.CreateStackInstancesInput{
		StackSetName: aws.String("set"), Accounts: []string{"123456789012"}, Regions: regions,
	})
	if err != nil {
		t.Fatal(err)
	}
	if op := setOperationEnd(t, cfn, *out.OperationId); op.Status != types.StackSetOperationStatusSucceeded {
		t.Fatalf("making instances has %s: %q", op.Status, setResults(t, cfn, *out.OperationId))
	}
}

func updateSet(t *testing.T, cfn *cloudformation.Client, id, size string) {
	t.Helper()
	_, err := cfn.UpdateStackSet(t.Context(), &cloudformation.UpdateStackSetInput{
		StackSetName: aws.String("set"), UsePreviousTemplate: aws.Bool(true), OperationId: &id, Parameters: []types.Parameter{parameter("Size", size)},
		OperationPreferences: &types.StackSetOperationPreferences{FailureToleranceCount: aws.Int32(1), RegionOrder: []string{"eu-central-1", "eu-west-1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func setOperationEnd(t *testing.T, cfn *cloudformation.Client, id string) *types.StackSetOperation {
	t.Helper()
	var op *types.StackSetOperation
	eventually(t, func() bool {
		out, err := cfn.DescribeStackSetOperation(t.Context(), &cloudformation.DescribeStackSetOperationInput{StackSetName: aws.String("set"), OperationId: &id})
		if err != nil {
			t.Fatal(err)
		}
		op = out.StackSetOperation
		return op.EndTimestamp != nil
	})
	return op
}

// setResults are the results of an operation: "region STATUS reason".
func setResults(t *testing.T, cfn *cloudformation.Client, id string) []string {
	t.Helper()
	out, err := cfn.ListStackSetOperationResults(t.Context(), &cloudformation.ListStackSetOperationResultsInput{StackSetName: aws.String("set"), OperationId: &id})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range out.Summaries {
		lines = append(lines, strings.TrimSpace(*r.Region+" "+string(r.Status)+" "+aws.ToString(r.StatusReason)))
	}
	return lines
}

// TestStackSetsOutliveTheServer: what is asked of them has the answer of before, and what
// was under way goes on: the stack that was being changed is rolled back, which counts as a
// failure, and the next region has its turn.
func TestStackSetsOutliveTheServer(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Speed: 200, StateDir: t.TempDir()}
	srv := start(t, o)
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	setOf(t, cfn, "eu-west-1", "eu-central-1")
	told := func() map[string]string {
		all := map[string]string{}
		for _, form := range []string{
			"DescribeStackSet&StackSetName=set", "ListStackSets", "ListStackInstances&StackSetName=set", "ListStackSetOperations&StackSetName=set",
			"DescribeStackInstance&StackSetName=set&StackInstanceAccount=123456789012&StackInstanceRegion=" + url.QueryEscape("eu-central-1"),
		} {
			all[form] = ask(t, srv, "cloudformation", "Version=2010-05-15&Action="+form)
		}
		return all
	}
	before := told()
	srv = restart(t, srv, o)
	if diff := cmp.Diff(before, told()); diff != "" {
		t.Errorf("after the restart (-before +after):\n%s", diff)
	}

	inject(t, srv, emulator.FaultResource{LogicalID: "Vpc", Action: "UPDATE"}) // which hangs, until the server ends
	cfn = cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	updateSet(t, cfn, "cut-off", "2")
	there := cloudformation.NewFromConfig(config(srv, "eu-central-1"))
	eventually(t, func() bool {
		out, err := there.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
		if err != nil {
			t.Fatal(err)
		}
		return out.Stacks[0].StackStatus == types.StackStatusUpdateInProgress
	})
	call(t, srv, "ssm", "AmazonSSM.PutParameter", `{"Name": "/written", "Type": "String", "Value": "now"}`) // with all that is under way
	srv = crash(t, srv, o)
	cfn = cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	op := setOperationEnd(t, cfn, "cut-off")
	want := []string{"eu-central-1 FAILED The embedded AWS was stopped during the operation.", "eu-west-1 SUCCEEDED"}
	if diff := cmp.Diff(want, setResults(t, cfn, "cut-off")); diff != "" || op.Status != types.StackSetOperationStatusSucceeded {
		t.Errorf("the operation that was cut off has %s (-want +got):\n%s", op.Status, diff)
	}
	updateSet(t, cfn, "again", "2")
	if op := setOperationEnd(t, cfn, "again"); *op.StatusDetails.FailedStackInstancesCount != 0 {
		t.Errorf("the next operation: %q", setResults(t, cfn, "again"))
	}
}

// TestClosingDuringAStackSetOperation waits for nothing that will not end.
func TestClosingDuringAStackSetOperation(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	setOf(t, cfn, "eu-west-1", "eu-central-1")
	inject(t, srv, emulator.FaultResource{LogicalID: "Vpc", Action: "UPDATE"})
	updateSet(t, cfn, "endless", "2")
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
}

// TestPoliciesOfStackSets: callers are held to the ARNs of stack sets, and what CloudFormation
// does with instances to the policy of the execution role.
func TestPoliciesOfStackSets(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	setOf(t, cloudformation.NewFromConfig(config(srv, "eu-west-1")), "eu-west-1")
	bind(t, srv, "jane", `{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "arn:aws:cloudformation:*:*:stackset/set:*"}`)
	jane := cloudformation.NewFromConfig(as(srv, "jane"))
	if _, err := jane.DescribeStackSet(t.Context(), &cloudformation.DescribeStackSetInput{StackSetName: aws.String("set")}); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
	_, err := jane.DeleteStackSet(t.Context(), &cloudformation.DeleteStackSetInput{StackSetName: aws.String("other")})
	const denied = "403 AccessDenied: User: arn:aws:iam::123456789012:user/jane is not authorized to perform: cloudformation:DeleteStackSet on resource: arn:aws:cloudformation:eu-west-1:123456789012:stackset/other:* because no identity-based policy allows the cloudformation:DeleteStackSet action"
	if got := answered(err); got != denied {
		t.Errorf("another set: %q, want %q", got, denied)
	}

	role := "arn:aws:iam::123456789012:role/narrow"
	bind(t, srv, role, `{"Effect": "Deny", "Action": "ecs:CreateCluster", "Resource": "*"}`)
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	_, err = cfn.UpdateStackSet(t.Context(), &cloudformation.UpdateStackSetInput{
		StackSetName: aws.String("set"), TemplateBody: aws.String("Resources: {Cluster: {Type: AWS::ECS::Cluster}}"), ExecutionRoleName: aws.String("narrow"), OperationId: aws.String("denied"),
	})
	if err != nil {
		t.Fatal(err)
	}
	setOperationEnd(t, cfn, "denied")
	if got := setResults(t, cfn, "denied"); len(got) != 1 || !strings.Contains(got[0], "assumed-role/narrow/") || !strings.Contains(got[0], "not authorized to perform: ecs:CreateCluster") {
		t.Errorf("a role that may not: %q", got)
	}
}
