package resources_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

// detect detects the drift of a stack and waits for the outcome.
func (h harness) detect(st types.Stack) *cfn.DescribeStackDriftDetectionStatusOutput {
	h.Helper()
	begun, err := h.cfn.DetectStackDrift(h.Context(), &cfn.DetectStackDriftInput{StackName: st.StackName})
	h.must(err)
	for {
		out, err := h.cfn.DescribeStackDriftDetectionStatus(h.Context(), &cfn.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: begun.StackDriftDetectionId})
		h.must(err)
		if out.DetectionStatus != types.StackDriftDetectionStatusDetectionInProgress {
			return out
		}
		time.Sleep(time.Millisecond)
	}
}

// drifts are the resources that have drifted and where, as "logical id STATUS path KIND
// expected -> actual".
func (h harness) drifts(st types.Stack) []string {
	h.Helper()
	out, err := h.cfn.DescribeStackResourceDrifts(h.Context(), &cfn.DescribeStackResourceDriftsInput{
		StackName:                       st.StackName,
		StackResourceDriftStatusFilters: []types.StackResourceDriftStatus{types.StackResourceDriftStatusModified, types.StackResourceDriftStatusDeleted},
	})
	h.must(err)
	var lines []string
	for _, d := range out.StackResourceDrifts {
		head := *d.LogicalResourceId + " " + string(d.StackResourceDriftStatus)
		if len(d.PropertyDifferences) == 0 {
			lines = append(lines, head)
		}
		for _, p := range d.PropertyDifferences {
			lines = append(lines, strings.Join([]string{head, *p.PropertyPath, string(p.DifferenceType), *p.ExpectedValue, "->", *p.ActualValue}, " "))
		}
	}
	return lines
}

func TestDriftBehindCloudFormationsBack(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(web, "DesiredCount: 1", "DesiredCount: 0", 1) + "  Topic: {Value: !Ref Topic}\n"
	body = strings.Replace(body, "Resources:\n", "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n", 1)
	st := h.create(&cfn.CreateStackInput{StackName: aws.String("web"), TemplateBody: &body})
	if got := st.DriftInformation.StackDriftStatus; got != types.StackDriftStatusNotChecked {
		t.Errorf("before a detection, the stack's drift is %s", got)
	}
	out := h.detect(st)
	if out.StackDriftStatus != types.StackDriftStatusInSync || *out.DriftedStackResourceCount != 0 {
		t.Errorf("nothing has changed: %s, %d resources: %q", out.StackDriftStatus, *out.DriftedStackResourceCount, h.drifts(st))
	}

	cluster, service, task, group := h.output(st, "Cluster"), h.output(st, "Service"), h.output(st, "Task"), h.output(st, "Group")
	described, err := h.ecs.DescribeTaskDefinition(t.Context(), &awsecs.DescribeTaskDefinitionInput{TaskDefinition: &task})
	h.must(err)
	td := described.TaskDefinition
	registered, err := h.ecs.RegisterTaskDefinition(t.Context(), &awsecs.RegisterTaskDefinitionInput{
		Family: td.Family, Cpu: td.Cpu, Memory: td.Memory, NetworkMode: td.NetworkMode,
		RequiresCompatibilities: td.RequiresCompatibilities, ContainerDefinitions: td.ContainerDefinitions,
	})
	h.must(err)
	other := registered.TaskDefinition.TaskDefinitionArn
	_, err = h.ecs.UpdateService(t.Context(), &awsecs.UpdateServiceInput{Cluster: &cluster, Service: &service, TaskDefinition: other, DesiredCount: aws.Int32(1)})
	h.must(err)
	_, err = h.elb.ModifyTargetGroupAttributes(t.Context(), &elbv2.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &group, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("60")}},
	})
	h.must(err)
	_, err = h.ecs.DeregisterTaskDefinition(t.Context(), &awsecs.DeregisterTaskDefinitionInput{TaskDefinition: &task})
	h.must(err)

	out = h.detect(st)
	if out.StackDriftStatus != types.StackDriftStatusDrifted || *out.DriftedStackResourceCount != 3 {
		t.Errorf("the stack is %s, with %d resources", out.StackDriftStatus, *out.DriftedStackResourceCount)
	}
	want := []string{
		"Group MODIFIED /TargetGroupAttributes/0/Value NOT_EQUAL 5 -> 60",
		"Service MODIFIED /DesiredCount NOT_EQUAL 0 -> 1",
		"Service MODIFIED /TaskDefinition NOT_EQUAL " + task + " -> " + *other,
		"Task DELETED",
	}
	if diff := cmp.Diff(want, h.drifts(st)); diff != "" {
		t.Error(diff)
	}
	one, err := h.cfn.DetectStackResourceDrift(t.Context(), &cfn.DetectStackResourceDriftInput{StackName: st.StackName, LogicalResourceId: aws.String("Service")})
	h.must(err)
	if d := one.StackResourceDrift; d.StackResourceDriftStatus != types.StackResourceDriftStatusModified ||
		!strings.Contains(*d.ActualProperties, *other) || !strings.Contains(*d.ExpectedProperties, task) {
		t.Errorf("the service alone: %s, %s and not %s", d.StackResourceDriftStatus, *d.ActualProperties, *d.ExpectedProperties)
	}
	listed, err := h.cfn.ListStackResources(t.Context(), &cfn.ListStackResourcesInput{StackName: st.StackName})
	h.must(err)
	known := map[string]types.StackResourceDriftStatus{}
	for _, r := range listed.StackResourceSummaries {
		known[*r.LogicalResourceId] = r.DriftInformation.StackResourceDriftStatus
	}
	if known["Service"] != types.StackResourceDriftStatusModified || known["Cluster"] != types.StackResourceDriftStatusInSync || known["Topic"] != types.StackResourceDriftStatusNotChecked {
		t.Errorf("ListStackResources says %v", known)
	}
	if got := h.settled("web").DriftInformation.StackDriftStatus; got != types.StackDriftStatusDrifted {
		t.Errorf("DescribeStacks says %s", got)
	}
}

func TestDriftOfWhatIsNot(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, err := h.cfn.DetectStackDrift(t.Context(), &cfn.DetectStackDriftInput{StackName: aws.String("web")})
	h.refused(err, "ValidationError", "does not exist")
	_, err = h.cfn.DescribeStackDriftDetectionStatus(t.Context(), &cfn.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: aws.String("b78ac9b0-dec1-11e7-a451-503a3example")})
	h.refused(err, "ValidationError", "does not exist")
	h.create(&cfn.CreateStackInput{StackName: aws.String("shop"), TemplateBody: aws.String(publisher)})
	_, err = h.cfn.DetectStackDrift(t.Context(), &cfn.DetectStackDriftInput{StackName: aws.String("shop"), LogicalResourceIds: []string{"Nothing"}})
	h.refused(err, "ValidationError", "Resource Nothing does not exist")
	if status, _ := h.ssm("PutParameter", `{"Name":"/shop/image","Value":"other","Overwrite":true}`); status != 200 {
		t.Fatal(status)
	}
	st := h.settled("shop")
	h.detect(st)
	if diff := cmp.Diff([]string{"ImageParameter MODIFIED /Value NOT_EQUAL acme/web:v1 -> other"}, h.drifts(st)); diff != "" {
		t.Error(diff)
	}
}
