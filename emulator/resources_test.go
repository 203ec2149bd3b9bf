package emulator_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/slipway-go/slipway/emulator"
)

func TestTargetsFollowTheTemplate(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	template := func(targets string) *string {
		return aws.String(`
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      {Port: 80, Protocol: HTTP, VpcId: vpc-1, TargetType: ip, Targets: [` + targets + `]}
Outputs: {Group: {Value: !Ref Group}}
`)
	}
	_, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("targets"), TemplateBody: template("{Id: 10.0.0.1}, {Id: 10.0.0.2}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, cfn, "targets")
	_, err = cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("targets"), TemplateBody: template("{Id: 10.0.0.2}, {Id: 10.0.0.3}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	st := settled(t, cfn, "targets")
	if st.StackStatus != types.StackStatusUpdateComplete {
		t.Fatalf("%s: %s", st.StackStatus, aws.ToString(st.StackStatusReason))
	}
	health, err := elbv2.NewFromConfig(config(srv, "eu-west-1")).DescribeTargetHealth(t.Context(), &elbv2.DescribeTargetHealthInput{
		TargetGroupArn: st.Outputs[0].OutputValue,
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, d := range health.TargetHealthDescriptions {
		if d.TargetHealth.State != elbtypes.TargetHealthStateEnumDraining {
			ids = append(ids, *d.Target.Id)
		}
	}
	slices.Sort(ids)
	if !slices.Equal(ids, []string{"10.0.0.2", "10.0.0.3"}) {
		t.Errorf("targets %v, want those of the template", ids)
	}
}
