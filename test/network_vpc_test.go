package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/templates"
)

func TestZonesAndRanges(t *testing.T) {
	got := networkTemplate(t, &constructs.NetworkProps{Cidr: jsii.String("10.7.0.0/16"), Zones: jsii.Number(3)})
	if cidr := got.Resources["VPC"].Properties["CidrBlock"]; cidr != "10.7.0.0/16" {
		t.Errorf("the VPC has %v", cidr)
	}
	for id, want := range map[string]string{
		"PublicSubnetOne": "10.7.1.0/24", "PublicSubnetTwo": "10.7.2.0/24", "PublicSubnetThree": "10.7.3.0/24",
	} {
		if cidr := got.Resources[id].Properties["CidrBlock"]; cidr != want {
			t.Errorf("%s has %v, want %s", id, cidr, want)
		}
		if table := at(got.Resources[id+"RouteTableAssociation"].Properties, "RouteTableId"); !cmp.Equal(table, ref("PublicRouteTable")) {
			t.Errorf("%s uses the route table %v", id, table)
		}
	}
	if zone := at(got.Resources["PublicSubnetThree"].Properties, "AvailabilityZone.Fn::Select.0"); zone != 2.0 {
		t.Errorf("the third subnet is in zone %v", zone)
	}
	subnets := got.Resources["PublicLoadBalancer"].Properties["Subnets"]
	if diff := cmp.Diff([]any{ref("PublicSubnetOne"), ref("PublicSubnetTwo"), ref("PublicSubnetThree")}, subnets); diff != "" {
		t.Errorf("subnets of the load balancer (-want +got):\n%s", diff)
	}
	equalSets(t, "outputs", append(slices.Clone(networkOutputs), contract.OutputPublicSubnetThree), keys(got.Outputs))
}

// TestRangesOfEachKind are those that are given.
func TestRangesOfEachKind(t *testing.T) {
	got := networkTemplate(t, &constructs.NetworkProps{
		Cidr:                jsii.String("10.7.0.0/16"),
		PrivateSubnets:      jsii.Bool(true),
		DatabaseSubnets:     jsii.Bool(true),
		NatGateways:         constructs.NatOne,
		PublicSubnetCidrs:   jsii.Strings("10.7.0.0/26", "10.7.0.64/26"),
		PrivateSubnetCidrs:  jsii.Strings("10.7.64.0/18", "10.7.128.0/18"),
		DatabaseSubnetCidrs: jsii.Strings("10.7.1.0/28", "10.7.1.16/28"),
	})
	for id, want := range map[string]string{
		"PublicSubnetOne": "10.7.0.0/26", "PublicSubnetTwo": "10.7.0.64/26",
		"PrivateSubnetOne": "10.7.64.0/18", "PrivateSubnetTwo": "10.7.128.0/18",
		"DatabaseSubnetOne": "10.7.1.0/28", "DatabaseSubnetTwo": "10.7.1.16/28",
	} {
		got.has(t, expectation{id, "CidrBlock", want})
	}
}

func TestPrivateSubnetsAndNAT(t *testing.T) {
	for _, tt := range []struct {
		name  string
		props constructs.NetworkProps
		ways  []any // the gateway that each zone's route leads to
	}{
		{"none", constructs.NetworkProps{TaskPlacement: constructs.TasksPublic}, nil},
		{"one", constructs.NetworkProps{NatGateways: constructs.NatOne}, []any{ref("NatGatewayOne"), ref("NatGatewayOne")}},
		{"per zone", constructs.NetworkProps{NatGateways: constructs.NatPerZone}, []any{ref("NatGatewayOne"), ref("NatGatewayTwo")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.props.PrivateSubnets = jsii.Bool(true)
			got := networkTemplate(t, &tt.props)
			// Each has its own table, whatever the number of gateways: a change of
			// that number moves no subnet.
			for _, zone := range []string{"One", "Two"} {
				association := got.Resources["PrivateSubnet"+zone+"RouteTableAssociation"].Properties
				if diff := cmp.Diff(map[string]any{"SubnetId": ref("PrivateSubnet" + zone), "RouteTableId": ref("PrivateRouteTable" + zone)}, association); diff != "" {
					t.Errorf("route table of subnet %s (-want +got):\n%s", zone, diff)
				}
				if public := got.Resources["PrivateSubnet"+zone].Properties["MapPublicIpOnLaunch"]; public != nil {
					t.Errorf("PrivateSubnet%s gives public addresses", zone)
				}
			}
			var ways []any
			for _, id := range []string{"PrivateRouteOne", "PrivateRouteTwo"} {
				if route, ok := got.Resources[id]; ok {
					ways = append(ways, route.Properties["NatGatewayId"])
				}
			}
			if diff := cmp.Diff(tt.ways, ways); diff != "" {
				t.Errorf("routes (-want +got):\n%s", diff)
			}
			gateways := slices.CompactFunc(slices.Clone(tt.ways), func(a, b any) bool { return cmp.Equal(a, b) })
			if n := countOf(got, "AWS::EC2::NatGateway"); n != len(gateways) {
				t.Errorf("%d NAT gateways, want %d", n, len(gateways))
			}
			if n := countOf(got, "AWS::EC2::EIP"); n != countOf(got, "AWS::EC2::NatGateway") {
				t.Errorf("%d addresses for %d gateways", n, countOf(got, "AWS::EC2::NatGateway"))
			}
			for id, r := range got.Resources {
				if r.Type == "AWS::EC2::NatGateway" && !slices.Contains(r.DependsOn, "PublicRoute") {
					t.Errorf("%s does not wait for its way out: %q", id, r.DependsOn)
				}
			}
			if len(tt.ways) > 0 && !slices.Contains(got.Resources["ECSCluster"].DependsOn, "PrivateRouteTwo") {
				t.Errorf("tasks could be started before they have a way out: the cluster depends on %q", got.Resources["ECSCluster"].DependsOn)
			}
			for _, output := range []string{contract.OutputPrivateSubnetOne, contract.OutputPrivateSubnetTwo} {
				if diff := cmp.Diff(ref(output), got.Outputs[output].Value); diff != "" {
					t.Errorf("output %s (-want +got):\n%s", output, diff)
				}
			}
		})
	}
}

func TestDatabaseSubnets(t *testing.T) {
	got := networkTemplate(t, &constructs.NetworkProps{DatabaseSubnets: jsii.Bool(true), S3Endpoint: jsii.Bool(true)})
	for id, cidr := range map[string]string{"DatabaseSubnetOne": "10.0.101.0/24", "DatabaseSubnetTwo": "10.0.102.0/24"} {
		if got := got.Resources[id].Properties["CidrBlock"]; got != cidr {
			t.Errorf("%s has %v, want %s", id, got, cidr)
		}
		if table := got.Resources[id+"RouteTableAssociation"].Properties["RouteTableId"]; !cmp.Equal(table, ref("DatabaseRouteTable")) {
			t.Errorf("%s uses the route table %v", id, table)
		}
		if diff := cmp.Diff(ref(id), got.Outputs[id].Value); diff != "" {
			t.Errorf("output %s (-want +got):\n%s", id, diff)
		}
	}
	for id, r := range got.Resources {
		if r.Type == "AWS::EC2::Route" && cmp.Equal(r.Properties["RouteTableId"], ref("DatabaseRouteTable")) {
			t.Errorf("%s leads out of the database subnets", id)
		}
	}
	if tables := got.Resources["S3Endpoint"].Properties["RouteTableIds"]; !cmp.Equal(tables, []any{ref("PublicRouteTable")}) {
		t.Errorf("the S3 endpoint is a route of %v", tables)
	}

	// They are the isolated subnets of the VPC, which is where databases look.
	network := constructs.NewNetwork(awscdk.NewStack(newApp(t), jsii.String("shop"), nil), jsii.String("Network"),
		&constructs.NetworkProps{DatabaseSubnets: jsii.Bool(true)})
	if n := len(*network.Vpc().IsolatedSubnets()); n != 2 {
		t.Errorf("the VPC has %d isolated subnets", n)
	}
}

func TestEndpoints(t *testing.T) {
	if n := countOf(parse(t, templates.Network()), "AWS::EC2::VPCEndpoint"); n != 0 {
		t.Errorf("the default network has %d endpoints", n)
	}

	got := networkTemplate(t, &constructs.NetworkProps{
		PrivateSubnets: jsii.Bool(true),
		InterfaceEndpoints: []constructs.InterfaceEndpoint{
			constructs.EndpointECR, constructs.EndpointLogs, constructs.EndpointSecretsManager,
			constructs.EndpointSSM, constructs.EndpointSSMMessages,
		},
	})
	s3 := got.Resources["S3Endpoint"]
	if diff := cmp.Diff([]any{ref("PublicRouteTable"), ref("PrivateRouteTableOne"), ref("PrivateRouteTableTwo")}, s3.Properties["RouteTableIds"]); diff != "" {
		t.Errorf("route tables of the S3 endpoint (-want +got):\n%s", diff)
	}
	if s3.Properties["VpcEndpointType"] != "Gateway" {
		t.Errorf("the S3 endpoint is a %v", s3.Properties["VpcEndpointType"])
	}
	for id, service := range map[string]string{
		"EcrApiEndpoint": ".ecr.api", "EcrDkrEndpoint": ".ecr.dkr", "LogsEndpoint": ".logs", "SecretsManagerEndpoint": ".secretsmanager",
		"SsmEndpoint": ".ssm", "SsmMessagesEndpoint": ".ssmmessages",
	} {
		p := got.Resources[id].Properties
		if diff := cmp.Diff([]any{"com.amazonaws.", ref("AWS::Region"), service}, at(p, "ServiceName.Fn::Join.1")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
		if p["PrivateDnsEnabled"] != true || p["VpcEndpointType"] != "Interface" {
			t.Errorf("%s would not be found: %v", id, p)
		}
		if diff := cmp.Diff([]any{ref("PrivateSubnetOne"), ref("PrivateSubnetTwo")}, p["SubnetIds"]); diff != "" {
			t.Errorf("%s stands in (-want +got):\n%s", id, diff)
		}
		if !slices.Contains(got.Resources["ECSCluster"].DependsOn, id) {
			t.Errorf("tasks could be started before %s", id)
		}
	}
	if got.Resources["VPC"].Properties["EnableDnsHostnames"] != true {
		t.Error("without DNS hostnames EC2 refuses private names")
	}
	want := []any{map[string]any{
		"CidrIp": getAtt("VPC", "CidrBlock"), "Description": "HTTPS from the VPC", "IpProtocol": "tcp", "FromPort": 443.0, "ToPort": 443.0,
	}}
	if diff := cmp.Diff(want, got.Resources["EndpointSecurityGroup"].Properties["SecurityGroupIngress"]); diff != "" {
		t.Errorf("who reaches the endpoints (-want +got):\n%s", diff)
	}

	got = networkTemplate(t, &constructs.NetworkProps{PrivateSubnets: jsii.Bool(true), NatGateways: constructs.NatOne, S3Endpoint: jsii.Bool(false)})
	if n := countOf(got, "AWS::EC2::VPCEndpoint"); n != 0 {
		t.Errorf("%d endpoints, and none is asked for", n)
	}
}

func TestFlowLogs(t *testing.T) {
	if n := countOf(parse(t, templates.Network()), "AWS::EC2::FlowLog"); n != 0 {
		t.Error("the default network has flow logs")
	}
	got := networkTemplate(t, &constructs.NetworkProps{FlowLogs: awsec2.FlowLogTrafficType_REJECT})
	log := got.Resources["FlowLog"].Properties
	for property, want := range map[string]any{
		"ResourceId": ref("VPC"), "TrafficType": "REJECT", "LogGroupName": ref("FlowLogGroup"),
		"DeliverLogsPermissionArn": getAtt("FlowLogRole", "Arn"),
	} {
		if diff := cmp.Diff(want, log[property]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", property, diff)
		}
	}
	if group := got.Resources["FlowLogGroup"]; group.Properties["RetentionInDays"] != 30.0 || group.DeletionPolicy != "Retain" {
		t.Errorf("the log group: %+v", group)
	}
	if resource := at(got.Resources["FlowLogRole"].Properties, "Policies.0.PolicyDocument.Statement.0.Resource"); !cmp.Equal(resource, getAtt("FlowLogGroup", "Arn")) {
		t.Errorf("the role may write to %v", resource)
	}
}

func TestExistingVPC(t *testing.T) {
	app := newApp(t)
	around := awscdk.NewStack(app, jsii.String("around"), nil)
	vpc := awsec2.Vpc_FromVpcAttributes(around, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:             jsii.String("vpc-1"),
		VpcCidrBlock:      jsii.String("10.9.0.0/16"),
		AvailabilityZones: jsii.Strings("eu-central-1a", "eu-central-1b"),
		PublicSubnetIds:   jsii.Strings("subnet-a", "subnet-b"),
		PrivateSubnetIds:  jsii.Strings("subnet-c", "subnet-d"),
	})
	got := networkStackTemplate(t, app, &constructs.NetworkProps{Vpc: vpc, TaskPlacement: constructs.TasksPrivate})
	for id, r := range got.Resources {
		if strings.HasPrefix(r.Type, "AWS::EC2::") && r.Type != "AWS::EC2::SecurityGroup" {
			t.Errorf("%s, a %s, is made in a VPC that is there already", id, r.Type)
		}
	}
	if diff := cmp.Diff([]any{"subnet-a", "subnet-b"}, got.Resources["PublicLoadBalancer"].Properties["Subnets"]); diff != "" {
		t.Errorf("subnets of the load balancer (-want +got):\n%s", diff)
	}
	if id := got.Resources["PublicLoadBalancerSecurityGroup"].Properties["VpcId"]; id != "vpc-1" {
		t.Errorf("the load balancer's group is in %v", id)
	}
	for output, want := range map[string]string{
		contract.OutputVPCID: "vpc-1", contract.OutputPublicSubnetTwo: "subnet-b", contract.OutputPrivateSubnetOne: "subnet-c",
	} {
		if got.Outputs[output].Value != want {
			t.Errorf("%s is %v, want %s", output, got.Outputs[output].Value, want)
		}
	}

	// What would have to be made in it, and what it does not have, is refused.
	privateOnly := awsec2.Vpc_FromVpcAttributes(around, jsii.String("PrivateOnly"), &awsec2.VpcAttributes{
		VpcId:             jsii.String("vpc-2"),
		AvailabilityZones: jsii.Strings("eu-central-1a", "eu-central-1b"),
		PrivateSubnetIds:  jsii.Strings("subnet-e", "subnet-f"),
	})
	for _, tt := range []struct {
		props constructs.NetworkProps
		want  string
	}{
		{constructs.NetworkProps{Vpc: vpc, Cidr: jsii.String("10.0.0.0/16")}, "Cidr is given with Vpc"},
		{constructs.NetworkProps{Vpc: vpc, NatGateways: constructs.NatOne}, "NatGateways is given with Vpc"},
		{constructs.NetworkProps{Vpc: vpc, FlowLogs: awsec2.FlowLogTrafficType_ALL}, "FlowLogs is given with Vpc"},
		{constructs.NetworkProps{Vpc: privateOnly, TaskPlacement: constructs.TasksPrivate}, "Vpc has 0 public subnets"},
		{constructs.NetworkProps{Vpc: privateOnly, Internal: jsii.Bool(true)}, `TaskPlacement is "public" and Vpc has no public subnets`},
		{constructs.NetworkProps{Vpc: privateOnly, Internal: jsii.Bool(true), TaskPlacement: constructs.TasksPrivate},
			"Vpc was imported without its range"},
		{constructs.NetworkProps{Vpc: privateOnly, Internal: jsii.Bool(true), TaskPlacement: constructs.TasksPrivate,
			IngressCidrs: jsii.Strings("10.9.0.0/16")}, ""},
	} {
		refused(t, &tt.props, tt.want)
	}
}

// TestVPCOfTheApp: an internet-facing load balancer in a VPC of the CDK waits for
// the way in, and takes one subnet per zone where there are more.
func TestVPCOfTheApp(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
		MaxAzs:      jsii.Number(2),
		NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{Name: jsii.String("edge"), SubnetType: awsec2.SubnetType_PUBLIC, CidrMask: jsii.Number(24)},
			{Name: jsii.String("more"), SubnetType: awsec2.SubnetType_PUBLIC, CidrMask: jsii.Number(24)},
		},
	})
	constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{Vpc: vpc})
	got := parse(t, synthesize(t, app, "shop"))
	if n := countOf(got, "AWS::EC2::VPC"); n != 1 {
		t.Errorf("%d VPCs", n)
	}
	for _, r := range got.Resources {
		if r.Type != "AWS::ElasticLoadBalancingV2::LoadBalancer" {
			continue
		}
		if n := len(r.Properties["Subnets"].([]any)); n != 2 {
			t.Errorf("the load balancer stands in %d subnets of 2 zones", n)
		}
		if !slices.ContainsFunc(r.DependsOn, func(id string) bool { return got.Resources[id].Type == "AWS::EC2::Route" }) {
			t.Errorf("the load balancer does not wait for the way in: it depends on %q", r.DependsOn)
		}
	}
}

func refused(t *testing.T, props *constructs.NetworkProps, want string) {
	t.Helper()
	err := props.Validate()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got error %v, want %q in it", err, want)
	}
}

func countOf(of template, resourceType string) int {
	n := 0
	for _, r := range of.Resources {
		if r.Type == resourceType {
			n++
		}
	}
	return n
}
