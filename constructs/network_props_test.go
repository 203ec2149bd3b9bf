package constructs

import (
	"math"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/google/go-cmp/cmp"
)

func ranges(texts ...string) *[]*string {
	var list []*string
	for _, text := range texts {
		list = append(list, &text)
	}
	return &list
}

func TestLayout(t *testing.T) {
	all := func(p NetworkProps) NetworkProps {
		p.PrivateSubnets, p.DatabaseSubnets, p.NatGateways = ptr(true), ptr(true), NatOne
		return p
	}
	for _, tt := range []struct {
		name                      string
		props                     NetworkProps
		public, private, database []string
	}{
		{"default", NetworkProps{}, []string{"10.0.1.0/24", "10.0.2.0/24"}, nil, nil},
		{"all kinds", all(NetworkProps{}),
			[]string{"10.0.1.0/24", "10.0.2.0/24"},
			[]string{"10.0.11.0/24", "10.0.12.0/24"},
			[]string{"10.0.101.0/24", "10.0.102.0/24"}},
		{"four zones", all(NetworkProps{Zones: ptr(4.0), Cidr: ptr("172.16.0.0/16")}),
			[]string{"172.16.1.0/24", "172.16.2.0/24", "172.16.3.0/24", "172.16.4.0/24"},
			[]string{"172.16.11.0/24", "172.16.12.0/24", "172.16.13.0/24", "172.16.14.0/24"},
			[]string{"172.16.101.0/24", "172.16.102.0/24", "172.16.103.0/24", "172.16.104.0/24"}},
		{"a smaller VPC", all(NetworkProps{Cidr: ptr("10.7.48.0/20")}),
			[]string{"10.7.48.0/24", "10.7.49.0/24"},
			[]string{"10.7.52.0/24", "10.7.53.0/24"},
			[]string{"10.7.56.0/24", "10.7.57.0/24"}},
		{"given", NetworkProps{Cidr: ptr("10.0.0.0/24"), PublicSubnetCidrs: ranges("10.0.0.0/27", "10.0.0.128/25")},
			[]string{"10.0.0.0/27", "10.0.0.128/25"}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.props.Validate(); err != nil {
				t.Fatal(err)
			}
			l, err := newLayout(&tt.props)
			if err != nil {
				t.Fatal(err)
			}
			var got [3][]string
			for _, prefix := range l.public {
				got[0] = append(got[0], prefix.String())
			}
			for _, prefix := range l.private {
				got[1] = append(got[1], prefix.String())
			}
			for _, prefix := range l.database {
				got[2] = append(got[2], prefix.String())
			}
			if diff := cmp.Diff([3][]string{tt.public, tt.private, tt.database}, got); diff != "" {
				t.Errorf("public, private, database (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNetworkPropsRefuseWhatCannotWork(t *testing.T) {
	const certificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0b1f0b1f"
	token := math.Float64frombits(numberTokenMark<<48 | 7)
	for _, tt := range []struct {
		name  string
		props NetworkProps
		want  []string // what the error names; none when there is no error
	}{
		{"one zone", NetworkProps{Zones: ptr(1.0)}, []string{"Zones is 1", "from 2 to 4"}},
		{"zones that nobody knows yet", NetworkProps{Zones: &token}, []string{"Zones is known at deployment only"}},
		{"no range", NetworkProps{Cidr: ptr("10.0.0.0")}, []string{`Cidr is "10.0.0.0"`, "IPv4 range"}},
		{"IPv6", NetworkProps{Cidr: ptr("fd00::/56")}, []string{`Cidr is "fd00::/56"`, "IPv4 range"}},
		{"an address within", NetworkProps{Cidr: ptr("10.0.1.0/16")}, []string{`Cidr is "10.0.1.0/16"`, `"10.0.0.0/16"`}},
		{"too large a VPC", NetworkProps{Cidr: ptr("10.0.0.0/8")}, []string{`Cidr is "10.0.0.0/8"`, "from a /16 to a /28"}},
		{"too small to share out", NetworkProps{Cidr: ptr("10.0.0.0/25")}, []string{"PublicSubnetCidrs is nil", `"10.0.0.0/25"`, "too small"}},
		{"too small for a load balancer", NetworkProps{Cidr: ptr("10.0.0.0/24")}, []string{`"10.0.0.0/28"`, "a /27 or larger"}},
		{"a range too few", NetworkProps{PublicSubnetCidrs: ranges("10.0.1.0/24")}, []string{"PublicSubnetCidrs has 1 ranges", "2 zones"}},
		{"outside the VPC", NetworkProps{PublicSubnetCidrs: ranges("10.0.1.0/24", "10.1.2.0/24")}, []string{`"10.1.2.0/24"`, "within 10.0.0.0/16"}},
		{"larger than the VPC", NetworkProps{Cidr: ptr("10.0.0.0/20"), PublicSubnetCidrs: ranges("10.0.0.0/16", "10.0.2.0/24")},
			[]string{`"10.0.0.0/16"`, "within 10.0.0.0/20"}},
		{"twice the same", NetworkProps{PublicSubnetCidrs: ranges("10.0.1.0/24", "10.0.1.128/25")}, []string{`"10.0.1.128/25", which overlaps "10.0.1.0/24"`}},
		{"kinds that overlap", NetworkProps{DatabaseSubnets: ptr(true), DatabaseSubnetCidrs: ranges("10.0.2.0/24", "10.0.3.0/24")},
			[]string{`DatabaseSubnetCidrs has "10.0.2.0/24", which overlaps "10.0.2.0/24" of PublicSubnetCidrs`}},
		{"ranges without subnets", NetworkProps{PrivateSubnetCidrs: ranges("10.0.3.0/24", "10.0.4.0/24")},
			[]string{"PrivateSubnetCidrs is given and PrivateSubnets is not true"}},
		{"NAT for nobody", NetworkProps{NatGateways: NatOne}, []string{"NatGateways is given and PrivateSubnets is not true"}},
		{"NAT of a kind unknown", NetworkProps{NatGateways: "two"}, []string{`NatGateways is "two"`, `"none" "one" "per-zone"`}},
		{"private tasks, no subnets", NetworkProps{TaskPlacement: TasksPrivate}, []string{`TaskPlacement is "private" and PrivateSubnets is not true`}},
		{"private tasks, no way out", NetworkProps{PrivateSubnets: ptr(true)},
			[]string{`TaskPlacement is "private" and NatGateways is "none"`, `"one" or "per-zone"`, `InterfaceEndpoints with "ecr" and InterfaceEndpoints with "logs"`, `TaskPlacement "public"`}},
		{"private tasks, half the endpoints", NetworkProps{PrivateSubnets: ptr(true), S3Endpoint: ptr(false), InterfaceEndpoints: []InterfaceEndpoint{EndpointECR}},
			[]string{`InterfaceEndpoints with "logs" and S3Endpoint`}},
		{"private tasks, the endpoints", NetworkProps{PrivateSubnets: ptr(true), InterfaceEndpoints: []InterfaceEndpoint{EndpointECR, EndpointLogs}}, nil},
		{"private subnets for other things", NetworkProps{PrivateSubnets: ptr(true), TaskPlacement: TasksPublic}, nil},
		{"placement unknown", NetworkProps{TaskPlacement: "isolated"}, []string{`TaskPlacement is "isolated"`, `"public" "private"`}},
		{"endpoint unknown", NetworkProps{InterfaceEndpoints: []InterfaceEndpoint{"sqs"}}, []string{`InterfaceEndpoints is "sqs"`, `"ecr" "logs" "secretsmanager"`}},
		{"endpoint twice", NetworkProps{InterfaceEndpoints: []InterfaceEndpoint{EndpointLogs, EndpointLogs}}, []string{`InterfaceEndpoints has "logs" twice`}},
		{"flow logs", NetworkProps{FlowLogs: awsec2.FlowLogTrafficType("SOME")}, []string{`FlowLogs is "SOME"`}},
		{"insights", NetworkProps{ContainerInsights: awsecs.ContainerInsights("ON")}, []string{`ContainerInsights is "ON"`, "ENHANCED"}},
		{"nobody may come in", NetworkProps{IngressCidrs: ranges()}, []string{"IngressCidrs is empty"}},
		{"ingress", NetworkProps{IngressCidrs: ranges("office")}, []string{`IngressCidrs has "office"`}},
		{"two certificates", NetworkProps{CertificateArn: ptr(certificate), DomainName: ptr("shop.example.com")},
			[]string{"CertificateArn and DomainName are given", "HostedZone is nil"}},
		{"names without a zone", NetworkProps{AliasNames: ranges("shop.example.com")}, []string{"HostedZone is nil"}},
		{"no domain name", NetworkProps{DomainName: ptr("Shop!")}, []string{`DomainName is "Shop!"`, "lower case"}},
		{"name twice", NetworkProps{AliasNames: ranges("a.example.com", "a.example.com")}, []string{`AliasNames is "a.example.com" a second time`}},
		{"prefix without a bucket", NetworkProps{AccessLogsPrefix: ptr("alb")}, []string{"AccessLogsBucket is nil"}},
		{"prefix", NetworkProps{AccessLogsPrefix: ptr("/alb")}, []string{`AccessLogsPrefix is "/alb"`}},
		{"a web ACL of CloudFront", NetworkProps{WebAclArn: ptr("arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1")}, []string{"WebAclArn is", "regional"}},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.props.Validate(), tt.want) })
	}
}

func TestNetworkAttributesValidate(t *testing.T) {
	check(t, (*NetworkAttributes)(nil).Validate(), []string{"attributes is nil"})
	check(t, (&NetworkAttributes{Zones: ptr(5.0), TaskPlacement: "here"}).Validate(),
		[]string{"StackName is nil", "Zones is 5", `TaskPlacement is "here"`})
	check(t, (&NetworkAttributes{StackName: ptr("${Token[TOKEN.3]}"), TaskPlacement: TasksPrivate}).Validate(), nil)
}

func TestIDOfName(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"shop.example.com", "api-v2.example.com", "api.v2.example.com", "*.example.com", "_x.example.com"} {
		id := idOfName(name)
		if other, taken := seen[id]; taken {
			t.Errorf("%s and %s have one ID, %s", name, other, id)
		}
		seen[id] = name
	}
	if got := idOfName("api-v2.example.com"); got != "ApiDashv2ExampleCom" {
		t.Errorf("the ID of a record has moved: %s", got)
	}
}
