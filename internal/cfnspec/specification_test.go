package cfnspec

import "testing"

func TestReplacement(t *testing.T) {
	t.Parallel()
	spec := Load()
	for _, tt := range []struct {
		resourceType, property string
		want                   Replacement
	}{
		{"AWS::ECS::TaskDefinition", "ContainerDefinitions", Always},
		{"AWS::ECS::TaskDefinition", "Tags", Never},
		{"AWS::ECS::Service", "TaskDefinition", Never},
		{"AWS::ECS::Service", "DeploymentController", Always},
		{"AWS::ElasticLoadBalancingV2::LoadBalancer", "Type", Always},
		{"AWS::EC2::VPC", "CidrBlock", Always},
		{"AWS::EC2::VPC", "InstanceTenancy", Conditionally},
		{"AWS::MSK::Cluster", "BrokerNodeGroupInfo", Conditionally}, // some of its members
		{"AWS::EC2::VPC", "NoSuchProperty", Never},
		{"Custom::Unknown", "Anything", Never},
	} {
		if got := spec.Replacement(tt.resourceType, tt.property); got != tt.want {
			t.Errorf("%s.%s: %s, want %s", tt.resourceType, tt.property, got, tt.want)
		}
	}
}

func TestStateful(t *testing.T) {
	t.Parallel()
	spec := Load()
	for resourceType, want := range map[string]bool{
		"AWS::RDS::DBInstance": true,
		"AWS::Logs::LogGroup":  true,
		"AWS::S3::Bucket":      true,
		"AWS::EC2::VPC":        false,
		"Custom::Unknown":      false,
	} {
		if got := spec[resourceType].Stateful; got != want {
			t.Errorf("%s is stateful: %t, want %t", resourceType, got, want)
		}
	}
}
