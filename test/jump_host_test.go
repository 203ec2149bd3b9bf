package test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
)

// TestJumpHost: the host reaches what it is given access to, nobody reaches the
// host but by Systems Manager, and what it is tricked into requesting does not get
// its credentials.
func TestJumpHost(t *testing.T) {
	for _, tt := range []struct {
		name    string
		network constructs.NetworkProps
		public  bool
	}{
		{"public tasks", constructs.NetworkProps{}, true},
		{"private tasks", constructs.NetworkProps{PrivateSubnets: jsii.Bool(true), NatGateways: constructs.NatOne}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp(t)
			stack := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(stack, jsii.String("Network"), &tt.network)
			database := awsec2.NewSecurityGroup(stack, jsii.String("Database"), &awsec2.SecurityGroupProps{Vpc: network.Vpc()})
			constructs.NewJumpHost(stack, jsii.String("Jump"), &constructs.JumpHostProps{
				Network:  network,
				AccessTo: []constructs.Access{{To: database, Port: jsii.Number(5432)}},
			})

			got := parse(t, synthesize(t, app, "shop"))
			id := got.idOf(t, "AWS::EC2::Instance")
			host := got.Resources[id].Properties
			if public := at(host, "NetworkInterfaces.0.AssociatePublicIpAddress"); (public == true) != tt.public {
				t.Errorf("AssociatePublicIpAddress is %v", public)
			}
			got.has(t,
				expectation{id, "MetadataOptions.HttpTokens", "required"},
				expectation{id, "BlockDeviceMappings.0.Ebs.Encrypted", true},
				expectation{id, "InstanceType", "t4g.nano"},
				expectation{id, "KeyName", nil},
				expectation{id, "IamInstanceProfile", ref(got.idOf(t, "AWS::IAM::InstanceProfile"))},
			)
			role := plain(at(got.Resources[got.idOf(t, "AWS::IAM::InstanceProfile")].Properties, "Roles.0"))
			policies := got.Resources[strings.Trim(role, "${}")].Properties["ManagedPolicyArns"]
			if diff := cmp.Diff([]string{"arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"}, list(policies)); diff != "" {
				t.Errorf("policies of the host (-want +got):\n%s", diff)
			}

			rules := map[any]any{}
			for _, r := range got.Resources {
				if r.Type == "AWS::EC2::SecurityGroupIngress" {
					rules[r.Properties["FromPort"]] = r.Properties["SourceSecurityGroupId"]
				}
				if r.Properties["GroupDescription"] == "Access to the jump host" && r.Properties["SecurityGroupIngress"] != nil {
					t.Errorf("the host lets in %v", r.Properties["SecurityGroupIngress"])
				}
			}
			group := at(host, "NetworkInterfaces.0.GroupSet.0")
			if group == nil {
				group = at(host, "SecurityGroupIds.0")
			}
			if diff := cmp.Diff(map[any]any{5432.0: group}, rules); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTwoJumpHosts: nothing of a host has a name that a second one would want, too.
func TestTwoJumpHosts(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := constructs.NewNetwork(stack, jsii.String("Network"), nil)
	constructs.NewJumpHost(stack, jsii.String("One"), &constructs.JumpHostProps{Network: network})
	constructs.NewJumpHost(stack, jsii.String("Two"), &constructs.JumpHostProps{Network: network, InstanceType: jsii.String("t4g.small")})

	got := parse(t, synthesize(t, app, "shop"))
	types := map[any]int{}
	for id, r := range got.Resources {
		switch r.Type {
		case "AWS::EC2::Instance":
			types[r.Properties["InstanceType"]]++
		case "AWS::EC2::LaunchTemplate":
			t.Errorf("%s is a launch template called %v", id, r.Properties["LaunchTemplateName"])
		}
		for _, name := range []string{"RoleName", "InstanceProfileName", "GroupName"} {
			if r.Properties[name] != nil {
				t.Errorf("%s has the %s %v", id, name, r.Properties[name])
			}
		}
	}
	if diff := cmp.Diff(map[any]int{"t4g.nano": 1, "t4g.small": 1}, types); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
}
