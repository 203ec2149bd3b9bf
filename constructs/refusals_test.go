package constructs

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// secretOf is a secret of which its ARN alone is asked.
type secretOf struct {
	awsecs.Secret
	arn string
}

func (s secretOf) Arn() *string { return &s.arn }

// As the CDK encodes values that are known at deployment only.
var (
	textToken = "${Token[TOKEN.3]}"
	listToken = "#{Token[TOKEN.4]}"
)

func numberToken() *float64 { return ptr(math.Float64frombits(numberTokenMark<<48 | 7)) }

// TestServicePropsRefuseWhatECSWould: what ELB, ECS or the log driver would refuse in
// the middle of a deployment.
func TestServicePropsRefuseWhatECSWould(t *testing.T) {
	long := strings.Repeat("a", 128)
	for _, tt := range []struct {
		name   string
		change func(*FargateServiceProps)
		want   []string // what the error names; none when there is no error
	}{
		{"part of a task", func(p *FargateServiceProps) { p.DesiredCount = ptr(1.5) }, []string{"DesiredCount is 1.5", "whole number from 0"}},
		{"no number", func(p *FargateServiceProps) { p.DesiredCount = ptr(math.NaN()) }, []string{"DesiredCount is NaN"}},
		{"endless", func(p *FargateServiceProps) { p.HealthCheckGracePeriodSeconds = ptr(math.Inf(1)) }, []string{"HealthCheckGracePeriodSeconds is +Inf"}},
		{"endlessly little", func(p *FargateServiceProps) { p.DeregistrationDelaySeconds = ptr(math.Inf(-1)) }, []string{"DeregistrationDelaySeconds is -Inf"}},
		{"negative zero is zero", func(p *FargateServiceProps) { p.DesiredCount = ptr(math.Copysign(0, -1)) }, nil},
		{"memory for no CPU", func(p *FargateServiceProps) { p.ContainerCpu, p.ContainerMemory = numberToken(), ptr(768.0) },
			[]string{"ContainerMemory is 768", "one of ContainerCpu [256 512"}},
		{"memory for some CPU", func(p *FargateServiceProps) { p.ContainerCpu, p.ContainerMemory = numberToken(), ptr(122880.0) }, nil},
		{"CPU that is no number", func(p *FargateServiceProps) { p.ContainerCpu = ptr(math.NaN()) }, []string{"ContainerCpu is NaN"}},

		{"empty name", func(p *FargateServiceProps) { p.ServiceName = ptr("") }, []string{`ServiceName is ""`}},
		{"empty image", func(p *FargateServiceProps) { p.ImageUrl = ptr("") }, []string{`ImageUrl is ""`, "it is empty"}},
		{"image in upper case", func(p *FargateServiceProps) { p.ImageUrl = ptr("registry.example.com/Orders:1") }, []string{"ImageUrl is", "allowed is an image reference"}},
		{"image with a scheme", func(p *FargateServiceProps) { p.ImageUrl = ptr("https://registry.example.com/orders") }, []string{"ImageUrl is", "scheme"}},
		{"image with a tag from a parameter", func(p *FargateServiceProps) { p.ImageUrl = ptr("registry.example.com/orders:" + textToken) }, nil},
		{"long health check", func(p *FargateServiceProps) { p.HealthCheckPath = ptr("/" + strings.Repeat("a", 1024)) },
			[]string{"HealthCheckPath is", "1024 characters"}},
		{"health check as long as it may be", func(p *FargateServiceProps) { p.HealthCheckPath = ptr("/" + strings.Repeat("a", 1023)) }, nil},

		{"long path", func(p *FargateServiceProps) { p.Path = ptr("/" + long) }, []string{"Path is", "128 characters"}},
		{"nil among paths", func(p *FargateServiceProps) { p.Paths = &[]*string{nil} }, []string{"Paths[0] is nil"}},
		{"paths from a parameter", func(p *FargateServiceProps) { p.Paths = ranges(listToken) }, nil},
		{"nil among hosts", func(p *FargateServiceProps) { p.Hosts = &[]*string{ptr("a.example.com"), nil} }, []string{"Hosts[1] is nil"}},
		{"hosts from a parameter", func(p *FargateServiceProps) { p.Hosts = ranges(listToken) }, nil},
		{"a host from a parameter", func(p *FargateServiceProps) { p.Hosts = ranges(textToken) }, nil},
		{"host without a dot", func(p *FargateServiceProps) { p.Hosts = ranges("localhost") }, []string{`Hosts[0] is "localhost"`, "letters alone after the last ."}},
		{"host that ends in any", func(p *FargateServiceProps) { p.Hosts = ranges("api.*") }, []string{`Hosts[0] is "api.*"`}},
		{"long host", func(p *FargateServiceProps) { p.Hosts = ranges(long + ".com") }, []string{"Hosts[0] is", "128 characters"}},

		{"health check of nil", func(p *FargateServiceProps) {
			p.ContainerHealthCheck = &ContainerHealthCheck{Command: &[]*string{nil, nil}}
		}, []string{"ContainerHealthCheck.Command[0] is nil"}},
		{"health check with nil in it", func(p *FargateServiceProps) {
			p.ContainerHealthCheck = &ContainerHealthCheck{Command: &[]*string{ptr("CMD"), nil}}
		}, []string{"ContainerHealthCheck.Command[1] is nil"}},
		{"shell with several lines", func(p *FargateServiceProps) {
			p.ContainerHealthCheck = &ContainerHealthCheck{Command: ranges("CMD-SHELL", "curl", "-f", "http://localhost/")}
		}, []string{"has 3 texts after CMD-SHELL", "one line, or CMD"}},
		{"statement of nothing", func(p *FargateServiceProps) { p.TaskPolicyStatements = []awsiam.PolicyStatement{nil} }, []string{"TaskPolicyStatements[0] is nil"}},
		{"variable without a name", func(p *FargateServiceProps) { p.Environment = &map[string]*string{"": ptr("a")} }, []string{`the name in Environment is ""`}},
		{"too many variables", func(p *FargateServiceProps) {
			p.Environment = &map[string]*string{"CONFIGURATION": ptr(strings.Repeat("a", 64<<10))}
		}, []string{"Environment is 65549 bytes, allowed are 65536"}},

		{"retention", func(p *FargateServiceProps) { p.LogRetention = "A_WHILE" }, []string{`LogRetention is "A_WHILE"`, `"ONE_MONTH"`}},
		{"retention that is one", func(p *FargateServiceProps) { p.LogRetention = awslogs.RetentionDays_EIGHTEEN_MONTHS }, nil},
		{"date format that opens a class", func(p *FargateServiceProps) { p.LogDatetimeFormat = ptr("[%Y-%m-%d") },
			[]string{`LogDatetimeFormat is "[%Y-%m-%d"`, `\[%Y-%m-%d`}},
		{"date format in a class", func(p *FargateServiceProps) { p.LogDatetimeFormat = ptr("[%b %d]") }, []string{`LogDatetimeFormat is "[%b %d]"`}},
		{"date format, escaped", func(p *FargateServiceProps) { p.LogDatetimeFormat = ptr(`\[%Y-%m-%d %H:%M:%S\]`) }, nil},
		{"empty date format", func(p *FargateServiceProps) { p.LogDatetimeFormat = ptr("") }, []string{"LogDatetimeFormat is empty"}},
		{"pattern that is none", func(p *FargateServiceProps) { p.LogMultilinePattern = ptr("(INFO") }, []string{`LogMultilinePattern is "(INFO"`, "regular expression"}},
		{"pattern with lookahead", func(p *FargateServiceProps) { p.LogMultilinePattern = ptr(`^(?!\s)`) }, []string{"LogMultilinePattern is"}},

		{"what the CDK compares, from parameters", func(p *FargateServiceProps) {
			p.StickinessSeconds = numberToken()
			p.ServiceConnect = &ServiceConnect{Namespace: &textToken, DnsName: ptr("orders"), Port: numberToken()}
			p.ContainerHealthCheck = &ContainerHealthCheck{
				Command: ranges("CMD", "/healthy"), IntervalSeconds: numberToken(), TimeoutSeconds: numberToken(),
				Retries: numberToken(), StartPeriodSeconds: numberToken(),
			}
		}, []string{
			"StickinessSeconds is known at deployment only, allowed is a number that is known at synthesis",
			"ServiceConnect.Port is known", "IntervalSeconds is known", "TimeoutSeconds is known",
		}},
		{"connected to no namespace", func(p *FargateServiceProps) { p.ServiceConnect = &ServiceConnect{Namespace: ptr("")} },
			[]string{`ServiceConnect.Namespace is ""`}},
		{"linear for days", func(p *FargateServiceProps) {
			p.TrafficShift = &TrafficShift{Strategy: awsecs.DeploymentStrategy_LINEAR, StepMinutes: ptr(240.0)}
		}, []string{"TrafficShift is 2165 minutes long", "allowed are 1980"}},
		{"linear for a day and 9 hours", func(p *FargateServiceProps) {
			p.TrafficShift = &TrafficShift{Strategy: awsecs.DeploymentStrategy_LINEAR, StepMinutes: ptr(220.0), BakeMinutes: ptr(0.0)}
		}, nil},
		{"canary for days", func(p *FargateServiceProps) {
			p.TrafficShift = &TrafficShift{Strategy: awsecs.DeploymentStrategy_CANARY, StepMinutes: ptr(1440.0), BakeMinutes: ptr(1440.0)}
		}, []string{"TrafficShift is 2880 minutes long"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			props := &FargateServiceProps{
				Network: &importedNetwork{}, ServiceName: ptr("orders"), ImageUrl: ptr("registry.example.com/orders:1"),
			}
			tt.change(props)
			check(t, props.Validate(), tt.want)
		})
	}
}

// TestServicePropsRefuseWhatTasksCannotReach by the endpoints of the network alone.
func TestServicePropsRefuseWhatTasksCannotReach(t *testing.T) {
	const inECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders:1"
	only := func(further ...InterfaceEndpoint) NetworkProps {
		return NetworkProps{PrivateSubnets: ptr(true), InterfaceEndpoints: append([]InterfaceEndpoint{EndpointECR, EndpointLogs}, further...)}
	}
	nat := only()
	nat.NatGateways = NatOne
	public := only()
	public.TaskPlacement = TasksPublic
	secret := secretOf{arn: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key"}
	parameter := secretOf{arn: "arn:" + textToken + ":ssm:eu-central-1:123456789012:parameter/key"}
	everything := func(p *FargateServiceProps) {
		p.ImageUrl, p.ExecuteCommand = ptr("ghcr.io/acme/orders:1"), ptr(true)
		p.Secrets = &map[string]awsecs.Secret{"KEY": secret, "PARAMETER": parameter}
	}
	for _, tt := range []struct {
		name    string
		network INetwork
		change  func(*FargateServiceProps)
		want    []string
	}{
		{"everything with NAT", somewhere(nat), everything, nil},
		{"everything in public subnets", somewhere(public), everything, nil},
		{"everything in a network of another stack", &importedNetwork{placement: TasksPrivate}, everything, nil},
		{"GitHub", somewhere(only()), func(p *FargateServiceProps) { p.ImageUrl = ptr("ghcr.io/acme/orders:1") }, []string{`ImageUrl is "ghcr.io/acme/orders:1"`, "allowed is an image in ECR"}},
		{"Docker Hub", somewhere(only()), func(p *FargateServiceProps) { p.ImageUrl = ptr("nginx") }, []string{`ImageUrl is "nginx"`, "allowed is an image in ECR"}},
		{"public ECR", somewhere(only()), func(p *FargateServiceProps) { p.ImageUrl = ptr("public.ecr.aws/nginx/nginx:1") }, []string{"ImageUrl is", "allowed is an image in ECR"}},
		{"an image from a parameter", somewhere(only()), func(p *FargateServiceProps) { p.ImageUrl = &textToken }, nil},
		{"shell", somewhere(only()), func(p *FargateServiceProps) { p.ExecuteCommand = ptr(true) }, []string{"ExecuteCommand is true", `"ssmmessages" in InterfaceEndpoints`}},
		{"shell by the endpoint", somewhere(only(EndpointSSMMessages)), func(p *FargateServiceProps) { p.ExecuteCommand = ptr(true) }, nil},
		{"secret", somewhere(only()), func(p *FargateServiceProps) { p.Secrets = &map[string]awsecs.Secret{"KEY": secret} },
			[]string{`Secrets["KEY"] is in Secrets Manager`, `"secretsmanager" in InterfaceEndpoints`}},
		{"secret by the endpoint", somewhere(only(EndpointSecretsManager)), func(p *FargateServiceProps) { p.Secrets = &map[string]awsecs.Secret{"KEY": secret} }, nil},
		{"parameter", somewhere(only(EndpointSecretsManager)), func(p *FargateServiceProps) { p.Secrets = &map[string]awsecs.Secret{"KEY": parameter} },
			[]string{`Secrets["KEY"] is a parameter`, `"ssm" in InterfaceEndpoints`}},
		{"parameter by the endpoint", somewhere(only(EndpointSSM)), func(p *FargateServiceProps) { p.Secrets = &map[string]awsecs.Secret{"KEY": parameter} }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			props := &FargateServiceProps{Network: tt.network, ServiceName: ptr("orders"), ImageUrl: ptr(inECR)}
			tt.change(props)
			check(t, props.Validate(), tt.want)
		})
	}
}

func TestNetworkPropsRefuseWhatEC2Would(t *testing.T) {
	for _, tt := range []struct {
		name  string
		props NetworkProps
		want  []string
	}{
		{"addresses of one's own", NetworkProps{Cidr: ptr("127.0.0.0/16")}, []string{`Cidr is "127.0.0.0/16"`, "a range that EC2 takes"}},
		{"a range from a parameter", NetworkProps{Cidr: &textToken}, []string{"Cidr is a value that is known at deployment only"}},
		{"nil among ranges", NetworkProps{PublicSubnetCidrs: &[]*string{nil, ptr("10.0.1.0/24")}}, []string{"PublicSubnetCidrs[0] is nil"}},
		{"nil among sources", NetworkProps{IngressCidrs: &[]*string{nil}}, []string{"IngressCidrs[0] is nil"}},
		{"a source twice", NetworkProps{IngressCidrs: ranges("10.1.0.0/16", "10.1.0.0/16")}, []string{`IngressCidrs[1] is "10.1.0.0/16" a second time`}},
		{"sources from a parameter", NetworkProps{IngressCidrs: &[]*string{&listToken}}, []string{"IngressCidrs is known at deployment only"}},
		{"a source from a parameter", NetworkProps{IngressCidrs: &[]*string{&textToken}}, nil},
		{"nil among names", NetworkProps{AliasNames: &[]*string{nil}}, []string{"AliasNames[0] is nil"}},
		{"a long name", NetworkProps{DomainName: ptr(strings.Repeat("a", 60) + ".example.com")}, []string{"DomainName is", "64 characters"}},
		{"an endpoint for nothing", NetworkProps{InterfaceEndpoints: []InterfaceEndpoint{""}}, []string{`InterfaceEndpoints is ""`, `"ssmmessages"`}},
		{"logs within logs", NetworkProps{AccessLogsPrefix: ptr("shop/AWSLogs")}, []string{`AccessLogsPrefix is "shop/AWSLogs"`, "without AWSLogs"}},
		{"an empty prefix", NetworkProps{AccessLogsPrefix: ptr("")}, []string{`AccessLogsPrefix is ""`}},
		{"an empty certificate", NetworkProps{CertificateArn: ptr("")}, []string{`CertificateArn is ""`}},
		{"a zone that is no number", NetworkProps{Zones: ptr(math.NaN())}, []string{"Zones is NaN"}},
		{"two and a half zones", NetworkProps{Zones: ptr(2.5)}, []string{"Zones is 2.5"}},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.props.Validate(), tt.want) })
	}
}

func TestRepositoryPropsValidate(t *testing.T) {
	for _, name := range []string{"", "a", "shop//orders", "shop/", "-shop", "shop..orders", strings.Repeat("a", 257)} {
		check(t, (&RepositoryProps{RepositoryName: &name}).Validate(), []string{fmt.Sprintf("RepositoryName is %q", name), "2 to 256"})
	}
	check(t, (&RepositoryProps{RepositoryName: &textToken, KeepImages: numberToken(), RemovalPolicy: awscdk.RemovalPolicy_DESTROY}).Validate(), nil)
	check(t, (&RepositoryProps{RemovalPolicy: awscdk.RemovalPolicy_SNAPSHOT}).Validate(), []string{`RemovalPolicy is "SNAPSHOT"`, `"DESTROY"`})
}
