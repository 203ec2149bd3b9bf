package test

import (
	"strings"
	"testing"

	"github.com/slipway-go/slipway/templates"
)

// TestTemplatesAreDeployable: by anyone, in the request itself, with
// CAPABILITY_IAM alone and without `cdk bootstrap`.
func TestTemplatesAreDeployable(t *testing.T) {
	for name, text := range map[string]string{
		"network.json": templates.Network(),
		"service.json": templates.Service(),
	} {
		t.Run(name, func(t *testing.T) {
			// The limit for a template in the request is 51,200 bytes.
			if len(text) > 51_200 {
				t.Errorf("%d bytes: it would have to be uploaded to a bucket", len(text))
			}
			for _, word := range []string{"BootstrapVersion", "CheckBootstrapVersion", "AssetParameters", "cdk-hnb659fds", "aws:cdk:path", "AWS::CDK::Metadata"} {
				if strings.Contains(text, word) {
					t.Errorf("it mentions %s", word)
				}
			}
			for id, r := range parse(t, text).Resources {
				if !strings.HasPrefix(r.Type, "AWS::IAM::") {
					continue
				}
				for _, property := range []string{"RoleName", "PolicyName", "ManagedPolicyName"} {
					if r.Properties[property] != nil {
						t.Errorf("%s has a %s: it would need CAPABILITY_NAMED_IAM", id, property)
					}
				}
			}
		})
	}
}

// TestTakesOverInPlace keeps away the properties that an L2 construct adds and
// that can be set on creation only: with them, updating a stack that was made
// from a hand-written template would replace the resource under its users.
func TestTakesOverInPlace(t *testing.T) {
	network, service := parse(t, templates.Network()), parse(t, templates.Service())
	for _, tt := range []struct {
		in                 template
		resource, property string
		want               any
	}{
		{network, "VPC", "InstanceTenancy", nil},
		{network, "VPC", "CidrBlock", "10.0.0.0/16"},
		{network, "PublicSubnetOne", "CidrBlock", "10.0.1.0/24"},
		{network, "PublicSubnetTwo", "CidrBlock", "10.0.2.0/24"},
		{network, "PublicLoadBalancer", "Type", nil},
		{network, "PublicLoadBalancer", "Name", nil},
		{network, "PublicLoadBalancer", "Scheme", "internet-facing"},
		{network, "PublicLoadBalancerSecurityGroup", "GroupDescription", "Access to the public facing load balancer"},
		{network, "PublicLoadBalancerSecurityGroup", "GroupName", nil},
		{network, "ECSCluster", "ClusterName", nil},
		{service, "Service", "DeploymentController", nil},
		{service, "Service", "LaunchType", "FARGATE"},
		{service, "Service", "SchedulingStrategy", nil},
		{service, "TargetGroup", "TargetType", "ip"},
		{service, "TargetGroup", "Protocol", "HTTP"},
		{service, "TargetGroup", "ProtocolVersion", nil},
	} {
		r, ok := tt.in.Resources[tt.resource]
		if !ok {
			t.Errorf("there is no %s", tt.resource)
		}
		if got := r.Properties[tt.property]; got != tt.want {
			t.Errorf("%s.%s is %v, want %v", tt.resource, tt.property, got, tt.want)
		}
	}
}
