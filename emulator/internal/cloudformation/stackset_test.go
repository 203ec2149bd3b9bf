package cloudformation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

const here = "123456789012"

func (h harness) stackSet(name, body string, parameters ...types.Parameter) {
	h.Helper()
	_, err := h.CreateStackSet(h.Context(), &cfn.CreateStackSetInput{StackSetName: &name, TemplateBody: &body, Parameters: parameters})
	h.must(err)
}

// instances creates instances of a set and returns how the operation ended.
func (h harness) instances(set string, preferences *types.StackSetOperationPreferences, regions ...string) *types.StackSetOperation {
	h.Helper()
	out, err := h.CreateStackInstances(h.Context(), &cfn.CreateStackInstancesInput{
		StackSetName: &set, Accounts: []string{here}, Regions: regions, OperationPreferences: preferences,
	})
	h.must(err)
	return h.operationEnd(set, *out.OperationId)
}

// operationEnd waits for the end of an operation; go test's timeout bounds it.
func (h harness) operationEnd(set, id string) *types.StackSetOperation {
	h.Helper()
	for {
		out, err := h.DescribeStackSetOperation(h.Context(), &cfn.DescribeStackSetOperationInput{StackSetName: &set, OperationId: &id})
		h.must(err)
		if out.StackSetOperation.EndTimestamp != nil {
			return out.StackSetOperation
		}
		time.Sleep(time.Millisecond)
	}
}

// results are the statuses of an operation's results, in its order of regions.
func (h harness) results(set, id string) string {
	h.Helper()
	out, err := h.ListStackSetOperationResults(h.Context(), &cfn.ListStackSetOperationResultsInput{StackSetName: &set, OperationId: &id})
	h.must(err)
	var lines []string
	for _, r := range out.Summaries {
		lines = append(lines, *r.Region+" "+string(r.Status))
	}
	return strings.Join(lines, ", ")
}

// TestWhatStackSetsCannotDoIsRefused: by name, and with nothing made.
func TestWhatStackSetsCannotDoIsRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.stackSet("bikes", pair)
	create := func(change func(*cfn.CreateStackSetInput)) error {
		in := &cfn.CreateStackSetInput{StackSetName: aws.String("other"), TemplateBody: aws.String(pair)}
		change(in)
		_, err := h.CreateStackSet(t.Context(), in)
		return err
	}
	instances := func(change func(*cfn.CreateStackInstancesInput)) error {
		in := &cfn.CreateStackInstancesInput{StackSetName: aws.String("bikes"), Accounts: []string{here}, Regions: []string{"eu-central-1"}}
		change(in)
		_, err := h.CreateStackInstances(t.Context(), in)
		return err
	}
	const unsupported = "The embedded AWS does not support "
	for text, err := range map[string]error{
		unsupported + "PermissionModel SERVICE_MANAGED of CreateStackSet": create(func(in *cfn.CreateStackSetInput) { in.PermissionModel = types.PermissionModelsServiceManaged }),
		unsupported + "CallAs DELEGATED_ADMIN of CreateStackSet":          create(func(in *cfn.CreateStackSetInput) { in.CallAs = types.CallAsDelegatedAdmin }),
		unsupported + "AutoDeployment of CreateStackSet": create(func(in *cfn.CreateStackSetInput) {
			in.AutoDeployment = &types.AutoDeployment{Enabled: aws.Bool(true)}
		}),
		unsupported + "StackId of CreateStackSet": create(func(in *cfn.CreateStackSetInput) { in.StackId = aws.String("arn:aws:cloudformation:x") }),
		"Either Template URL or Template Body":    create(func(in *cfn.CreateStackSetInput) { in.TemplateBody = nil }),
		"Parameters: [Saddle] do not exist in":    create(func(in *cfn.CreateStackSetInput) { in.Parameters = []types.Parameter{set("Saddle", "1")} }),
		"Value 'a_b' at 'stackSetName'":           create(func(in *cfn.CreateStackSetInput) { in.StackSetName = aws.String("a_b") }),
		unsupported + "DeploymentTargets of CreateStackInstances": instances(func(in *cfn.CreateStackInstancesInput) {
			in.DeploymentTargets = &types.DeploymentTargets{Accounts: []string{here}}
		}),
		unsupported + "Accounts of CreateStackInstances other than its own": instances(func(in *cfn.CreateStackInstancesInput) { in.Accounts = []string{"210987654321"} }),
		"Accounts must be specified":                                        instances(func(in *cfn.CreateStackInstancesInput) { in.Accounts = nil }),
		"Only one of FailureToleranceCount and FailureTolerancePercentage": instances(func(in *cfn.CreateStackInstancesInput) {
			in.OperationPreferences = &types.StackSetOperationPreferences{FailureToleranceCount: aws.Int32(0), FailureTolerancePercentage: aws.Int32(0)}
		}),
		"Only one of MaxConcurrentCount and MaxConcurrentPercentage": instances(func(in *cfn.CreateStackInstancesInput) {
			in.OperationPreferences = &types.StackSetOperationPreferences{MaxConcurrentCount: aws.Int32(1), MaxConcurrentPercentage: aws.Int32(1)}
		}),
	} {
		h.refused(err, "ValidationError", text)
	}
	h.refused(create(func(in *cfn.CreateStackSetInput) {
		in.TemplateBody = aws.String("Resources: {Role: {Type: AWS::IAM::Role, Properties: {RoleName: r}}}")
	}), "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
	sets, err := h.ListStackSets(t.Context(), &cfn.ListStackSetsInput{})
	h.must(err)
	left, err := h.ListStackInstances(t.Context(), &cfn.ListStackInstancesInput{StackSetName: aws.String("bikes")})
	h.must(err)
	if len(sets.Summaries) != 1 || len(left.Summaries) != 0 {
		t.Errorf("there are %d sets and %d instances", len(sets.Summaries), len(left.Summaries))
	}
}

func TestStackSetRequestsAgain(t *testing.T) {
	t.Parallel()
	h := start(t)
	create := &cfn.CreateStackSetInput{StackSetName: aws.String("bikes"), TemplateBody: aws.String(pair), ClientRequestToken: aws.String("once")}
	first, err := h.CreateStackSet(t.Context(), create)
	h.must(err)
	again, err := h.CreateStackSet(t.Context(), create)
	h.must(err)
	if *again.StackSetId != *first.StackSetId {
		t.Errorf("the same request made %s and %s", *first.StackSetId, *again.StackSetId)
	}
	update := func(id string) error {
		_, err := h.UpdateStackSet(t.Context(), &cfn.UpdateStackSetInput{StackSetName: aws.String("bikes"), UsePreviousTemplate: aws.Bool(true), OperationId: &id})
		if err == nil {
			h.operationEnd("bikes", id)
		}
		return err
	}
	h.must(update("one"))
	h.must(update("one"))
	h.must(update("two"))
	h.refused(update("one"), "StaleRequestException", "since operation one")
	_, err = h.CreateStackSet(t.Context(), create)
	h.refused(err, "CreatedButModifiedException", "bikes")
	_, err = h.DescribeStackSetOperation(t.Context(), &cfn.DescribeStackSetOperationInput{StackSetName: aws.String("bikes"), OperationId: aws.String("three")})
	h.refused(err, "OperationNotFoundException", "three")
}

// TestRegionsOfAStackSet: their order, what a percentage of one account is, and all at once.
func TestRegionsOfAStackSet(t *testing.T) {
	t.Parallel()
	const template = `
Conditions: {Bad: !Equals [!Ref AWS::Region, eu-central-1]}
Resources: {Bike: {Type: Test::Thing, Properties: {Fail: !If [Bad, create, !Ref AWS::NoValue]}}}`
	h := start(t) // whose one region is eu-central-1, whatever it is called
	preferences := func(change func(*types.StackSetOperationPreferences)) *types.StackSetOperationPreferences {
		p := &types.StackSetOperationPreferences{RegionOrder: []string{"eu-west-2", "nowhere-1", "eu-west-2"}}
		change(p)
		return p
	}
	for name, tt := range map[string]struct {
		preferences *types.StackSetOperationPreferences
		status      types.StackSetOperationStatus
		results     string
	}{
		"none": {nil, types.StackSetOperationStatusFailed, "eu-west-1 FAILED, eu-west-2 CANCELLED"},
		"order": {
			preferences(func(*types.StackSetOperationPreferences) {}), types.StackSetOperationStatusFailed, "eu-west-2 FAILED, eu-west-1 CANCELLED",
		},
		"tolerance of 99": {
			preferences(func(p *types.StackSetOperationPreferences) { p.FailureTolerancePercentage = aws.Int32(99) }),
			types.StackSetOperationStatusFailed, "eu-west-2 FAILED, eu-west-1 CANCELLED",
		},
		"tolerance of 100": {
			preferences(func(p *types.StackSetOperationPreferences) { p.FailureTolerancePercentage = aws.Int32(100) }),
			types.StackSetOperationStatusSucceeded, "eu-west-2 FAILED, eu-west-1 FAILED",
		},
		"parallel": {
			preferences(func(p *types.StackSetOperationPreferences) {
				p.RegionConcurrencyType = types.RegionConcurrencyTypeParallel
			}),
			types.StackSetOperationStatusFailed, "eu-west-2 FAILED, eu-west-1 FAILED",
		},
	} {
		setName := strings.ReplaceAll(name, " ", "-")
		h.stackSet(setName, template)
		op := h.instances(setName, tt.preferences, "eu-west-1", "eu-west-2", "eu-west-1")
		if got := h.results(setName, *op.OperationId); op.Status != tt.status || got != tt.results {
			t.Errorf("%s: %s, %s; want %s, %s", name, op.Status, got, tt.status, tt.results)
		}
	}
}

func TestFiltersOfStackSets(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.stackSet("bikes", pair)
	op := h.instances("bikes", nil, "eu-west-1", "eu-west-2")
	count := func(in *cfn.ListStackInstancesInput) int {
		in.StackSetName = aws.String("bikes")
		out, err := h.ListStackInstances(t.Context(), in)
		h.must(err)
		return len(out.Summaries)
	}
	filter := func(name types.StackInstanceFilterName, value string) *cfn.ListStackInstancesInput {
		return &cfn.ListStackInstancesInput{Filters: []types.StackInstanceFilter{{Name: name, Values: &value}}}
	}
	for i, tt := range []struct {
		in   *cfn.ListStackInstancesInput
		want int
	}{
		{&cfn.ListStackInstancesInput{}, 2},
		{&cfn.ListStackInstancesInput{StackInstanceRegion: aws.String("eu-west-2")}, 1},
		{&cfn.ListStackInstancesInput{StackInstanceAccount: aws.String("210987654321")}, 0},
		{filter(types.StackInstanceFilterNameDetailedStatus, "SUCCEEDED"), 2},
		{filter(types.StackInstanceFilterNameDetailedStatus, "FAILED"), 0},
		{filter(types.StackInstanceFilterNameLastOperationId, *op.OperationId), 2},
		{filter(types.StackInstanceFilterNameDriftStatus, "DRIFTED"), 0},
	} {
		if got := count(tt.in); got != tt.want {
			t.Errorf("filter %d finds %d instances, want %d", i, got, tt.want)
		}
	}
	out, err := h.ListStackSetOperationResults(t.Context(), &cfn.ListStackSetOperationResultsInput{
		StackSetName: aws.String("bikes"), OperationId: op.OperationId,
		Filters: []types.OperationResultFilter{{Name: types.OperationResultFilterNameOperationResultStatus, Values: aws.String("FAILED")}},
	})
	h.must(err)
	if len(out.Summaries) != 0 {
		t.Errorf("%d results have failed", len(out.Summaries))
	}
}

func TestSecretsOfAStackSet(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.stackSet("bikes", "Parameters: {Lock: {Type: String, NoEcho: true}}\nResources: {Bike: {Type: Test::Thing, Properties: {Colour: !Ref Lock}}}", set("Lock", "1234"))
	_, err := h.CreateStackInstances(t.Context(), &cfn.CreateStackInstancesInput{
		StackSetName: aws.String("bikes"), Accounts: []string{here}, Regions: []string{"eu-west-1"}, ParameterOverrides: []types.Parameter{set("Lock", "5678")},
	})
	h.must(err)
	described, err := h.DescribeStackSet(t.Context(), &cfn.DescribeStackSetInput{StackSetName: aws.String("bikes")})
	h.must(err)
	instance, err := h.DescribeStackInstance(t.Context(), &cfn.DescribeStackInstanceInput{
		StackSetName: aws.String("bikes"), StackInstanceAccount: aws.String(here), StackInstanceRegion: aws.String("eu-west-1"),
	})
	h.must(err)
	for _, p := range append(described.StackSet.Parameters, instance.StackInstance.ParameterOverrides...) {
		if *p.ParameterValue != "****" {
			t.Errorf("%s is shown as %s", *p.ParameterKey, *p.ParameterValue)
		}
	}
}

// TestStackOfAnInstanceIsDeleted while it is being made, by hand.
func TestStackOfAnInstanceIsDeleted(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.stackSet("bikes", "Resources: {Bike: {Type: Test::Thing, Properties: {Hold: true}}}")
	out, err := h.CreateStackInstances(t.Context(), &cfn.CreateStackInstancesInput{StackSetName: aws.String("bikes"), Accounts: []string{here}, Regions: []string{"eu-central-1"}})
	h.must(err)
	var stack *string
	for stack == nil {
		found, err := h.DescribeStackInstance(t.Context(), &cfn.DescribeStackInstanceInput{
			StackSetName: aws.String("bikes"), StackInstanceAccount: aws.String(here), StackInstanceRegion: aws.String("eu-central-1"),
		})
		h.must(err)
		stack = found.StackInstance.StackId
	}
	_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: stack})
	h.must(err)
	if op := h.operationEnd("bikes", *out.OperationId); op.Status != types.StackSetOperationStatusFailed {
		t.Errorf("the operation has %s", op.Status)
	}
	h.wantStatus(h.settled(*stack), types.StackStatusDeleteComplete)
}
