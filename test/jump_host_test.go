package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
)

// TestJumpHost: the host reaches what it is given access to, nobody reaches the
// host, and what it is tricked into requesting does not get its credentials.
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
			host := got.Resources[got.idOf(t, "AWS::EC2::Instance")].Properties
			if public := at(host, "NetworkInterfaces.0.AssociatePublicIpAddress"); (public == true) != tt.public {
				t.Errorf("AssociatePublicIpAddress is %v", public)
			}
			template := got.Resources[got.idOf(t, "AWS::EC2::LaunchTemplate")].Properties
			if tokens := at(template, "LaunchTemplateData.MetadataOptions.HttpTokens"); tokens != "required" {
				t.Errorf("HttpTokens is %v", tokens)
			}
			if encrypted := at(host, "BlockDeviceMappings.0.Ebs.Encrypted"); encrypted != true {
				t.Errorf("the disk's Encrypted is %v", encrypted)
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
