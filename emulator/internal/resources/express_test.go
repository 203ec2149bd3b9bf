package resources_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// service is an ECS service as it is now.
func (h harness) service(st types.Stack) ecstypes.Service {
	h.Helper()
	cluster := h.output(st, "Cluster")
	out, err := h.ecs.DescribeServices(h.Context(), &awsecs.DescribeServicesInput{Cluster: &cluster, Services: []string{h.output(st, "Service")}})
	h.must(err)
	return out.Services[0]
}

// TestExpressLeavesServicesToThemselves: the stack is done while ECS still rolls out, and
// gone while its tasks still stop.
func TestExpressLeavesServicesToThemselves(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(&cfn.CreateStackInput{StackName: aws.String("web"), TemplateBody: aws.String(web)})
	st := h.update(&cfn.UpdateStackInput{
		StackName: aws.String("web"), UsePreviousTemplate: aws.Bool(true), Parameters: []types.Parameter{set("Image", "acme/web:v2")},
		DeploymentConfig: &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress, DisableRollback: aws.Bool(false)},
	})
	if got := h.service(st).Deployments[0].RolloutState; got != ecstypes.DeploymentRolloutStateInProgress {
		t.Errorf("when the stack is done, the rollout is %s", got)
	}
	for h.service(st).Deployments[0].RolloutState != ecstypes.DeploymentRolloutStateCompleted {
		time.Sleep(time.Millisecond)
	}
	_, err := h.cfn.DeleteStack(t.Context(), &cfn.DeleteStackInput{
		StackName: st.StackId, DeploymentConfig: &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress},
	})
	h.must(err)
	h.wantStatus(h.settled(*st.StackId), types.StackStatusDeleteComplete)
}
