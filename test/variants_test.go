package test

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

func networkTemplate(t *testing.T, props *constructs.NetworkProps) template {
	t.Helper()
	return networkStackTemplate(t, newApp(t), props)
}

// networkStackTemplate is for props that need constructs of the app around.
func networkStackTemplate(t *testing.T, app awscdk.App, props *constructs.NetworkProps) template {
	t.Helper()
	stacks.NewNetworkStack(app, jsii.String("network"), &stacks.NetworkStackProps{NetworkProps: *props})
	return parse(t, synthesize(t, app, "network"))
}

func TestHTTPS(t *testing.T) {
	const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0b1f0b1f-0000-4000-8000-0123456789ab"
	got := networkTemplate(t, &constructs.NetworkProps{CertificateArn: jsii.String(certificate)})

	// Services keep their listener when a certificate is added: CloudFormation
	// would refuse to change an export that they import.
	if diff := cmp.Diff(parse(t, templates.Network()).Outputs, got.Outputs); diff != "" {
		t.Errorf("the outputs change with a certificate (-without +with):\n%s", diff)
	}

	listener := got.Resources["PublicLoadBalancerListener"].Properties
	redirect := got.Resources["PublicLoadBalancerRedirectListener"]
	for _, tt := range []struct {
		of   any
		path string
		want any
	}{
		{listener, "Port", 443.0},
		{listener, "Protocol", "HTTPS"},
		{listener, "SslPolicy", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"},
		{listener, "Certificates.0.CertificateArn", certificate},
		{listener, "DefaultActions.0.FixedResponseConfig.StatusCode", "404"},
		{redirect.Properties, "Port", 80.0},
		{redirect.Properties, "Protocol", "HTTP"},
		{redirect.Properties, "DefaultActions.0.RedirectConfig", map[string]any{
			"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301",
		}},
	} {
		if diff := cmp.Diff(tt.want, at(tt.of, tt.path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
	}
	if !slices.Contains(redirect.DependsOn, "PublicLoadBalancerListener") {
		t.Errorf("the redirect depends on %q: it would claim port 80 before the listener has left it", redirect.DependsOn)
	}

	var open []any
	for _, rule := range got.Resources["PublicLoadBalancerSecurityGroup"].Properties["SecurityGroupIngress"].([]any) {
		open = append(open, at(rule, "IpProtocol"), at(rule, "FromPort"), at(rule, "ToPort"))
	}
	if diff := cmp.Diff([]any{"tcp", 80.0, 80.0, "tcp", 443.0, 443.0}, open); diff != "" {
		t.Errorf("open ports (-want +got):\n%s", diff)
	}
}

// TestCompatibility: every logical ID and export of the hand-written network
// template is there, but for the target group that its listener needed.
func TestCompatibility(t *testing.T) {
	got := networkTemplate(t, &constructs.NetworkProps{Compatibility: jsii.Bool(true)})

	equalSets(t, "outputs", slices.Concat(networkOutputs, compatibilityOutputs), keys(got.Outputs))
	equalSets(t, "resources", []string{
		"VPC", "PublicSubnetOne", "PublicSubnetTwo", "InternetGateway", "GatewayAttachement",
		"PublicRouteTable", "PublicSubnetOneRouteTableAssociation", "PublicSubnetTwoRouteTableAssociation", "PublicRoute",
		"PublicLoadBalancerSecurityGroup", "PublicLoadBalancer", "PublicLoadBalancerListener",
		"ECSCluster", "ECSRole", "ECSTaskExecutionRole",
		"ECSSecurityGroup", "ECSSecurityGroupIngressFromPublicALB", "ECSSecurityGroupIngressFromSelf",
	}, keys(got.Resources))

	// It only adds.
	without := parse(t, templates.Network()).Resources
	common := maps.Clone(got.Resources)
	maps.DeleteFunc(common, func(id string, _ resource) bool { _, ok := without[id]; return !ok })
	if diff := cmp.Diff(without, common); diff != "" {
		t.Errorf("resources of both (-without +with):\n%s", diff)
	}

	// These descriptions can be changed only by replacing the group.
	for id, want := range map[string]string{
		"ECSSecurityGroup":                     "Access to the ECS containers",
		"PublicLoadBalancerSecurityGroup":      "Access to the public facing load balancer",
		"ECSSecurityGroupIngressFromPublicALB": "Ingress from the public ALB",
		"ECSSecurityGroupIngressFromSelf":      "Ingress from other containers in the same security group",
	} {
		p := got.Resources[id].Properties
		if p["GroupDescription"] != want && p["Description"] != want {
			t.Errorf("%s is not described as %q: %v", id, want, p)
		}
	}
}

func TestFixedNames(t *testing.T) {
	app := newApp(t)
	stacks.NewServiceStack(app, jsii.String("service"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{FixedNames: jsii.Bool(true)},
	})
	got := parse(t, synthesize(t, app, "service"))
	for id, property := range map[string]string{"TargetGroup": "Name", "LogGroup": "LogGroupName", "Service": "ServiceName"} {
		if diff := cmp.Diff(ref("ServiceName"), got.Resources[id].Properties[property]); diff != "" {
			t.Errorf("%s.%s (-want +got):\n%s", id, property, diff)
		}
	}
}
