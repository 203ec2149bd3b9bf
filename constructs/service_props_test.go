package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
)

// somewhere is a network of this app, as far as checks look into it.
func somewhere(props NetworkProps) *network { return &network{props: &props} }

// TestServiceFeaturesValidate: what cannot work is refused by name, value and
// what is allowed, without Node.
func TestServiceFeaturesValidate(t *testing.T) {
	list := func(values ...string) *[]*string {
		pointers := make([]*string, len(values))
		for i := range values {
			pointers[i] = &values[i]
		}
		return &pointers
	}
	for _, tt := range []struct {
		name   string
		change func(*FargateServiceProps)
		want   []string // what the error names; none when there is no error
	}{
		{"architecture", func(p *FargateServiceProps) { p.Architecture = "arm" }, []string{`Architecture is "arm"`, "ARM64"}},
		{"secret in the environment", func(p *FargateServiceProps) {
			p.Environment = &map[string]*string{"PASSWORD": ptr("{{resolve:secretsmanager:db:SecretString:password}}")}
		}, []string{`Environment["PASSWORD"]`, "put it into Secrets"}},
		{"name of a variable", func(p *FargateServiceProps) {
			p.Environment = &map[string]*string{"A=B": ptr("c")}
		}, []string{`"A=B"`}},
		{"variable without a value", func(p *FargateServiceProps) {
			p.Environment = &map[string]*string{"A": nil}
		}, []string{`Environment["A"] is nil`}},
		{"variable twice", func(p *FargateServiceProps) {
			p.Environment = &map[string]*string{"A": ptr("b")}
			p.Secrets = &map[string]awsecs.Secret{"A": nil}
		}, []string{`"A" is in Environment and in Secrets`, `Secrets["A"] is nil`}},
		{"shell in a read-only container", func(p *FargateServiceProps) {
			p.ExecuteCommand, p.ReadonlyRootFilesystem = ptr(true), ptr(true)
		}, []string{"ExecuteCommand and ReadonlyRootFilesystem"}},
		{"two beginnings of an event", func(p *FargateServiceProps) {
			p.LogDatetimeFormat, p.LogMultilinePattern = ptr("%Y"), ptr("^INFO")
		}, []string{"LogDatetimeFormat and LogMultilinePattern"}},

		{"container check", func(p *FargateServiceProps) {
			p.ContainerHealthCheck = &ContainerHealthCheck{Command: list("CMD", "/healthy"), IntervalSeconds: ptr(5.0)}
		}, nil},
		{"container check without a command", func(p *FargateServiceProps) {
			p.ContainerHealthCheck = &ContainerHealthCheck{Command: list("/healthy")}
		}, []string{"ContainerHealthCheck.Command", "CMD-SHELL"}},
		{"container check longer than its interval", func(p *FargateServiceProps) {
			p.ContainerHealthCheck = &ContainerHealthCheck{
				Command: list("CMD", "/healthy"), IntervalSeconds: ptr(10.0), TimeoutSeconds: ptr(10.0), Retries: ptr(11.0),
			}
		}, []string{"TimeoutSeconds is 10, allowed is less than IntervalSeconds, 10", "Retries is 11", "from 1 to 10"}},

		{"path and paths", func(p *FargateServiceProps) { p.Path, p.Paths = ptr("/a"), list("/b") }, []string{"Path and Paths"}},
		{"no paths", func(p *FargateServiceProps) { p.Paths = list() }, []string{"Paths is empty"}},
		{"no hosts", func(p *FargateServiceProps) { p.Hosts = list() }, []string{"Hosts is empty"}},
		{"what is no path or host", func(p *FargateServiceProps) {
			p.Paths, p.Hosts = list("/a", "b"), list("https://example.com")
		}, []string{`Paths[1] is "b"`, `Hosts[0] is "https://example.com"`}},
		{"five hosts", func(p *FargateServiceProps) { p.Hosts = list("a.b", "b.b", "c.b", "d.b", "*.e") }, nil},
		{"six values", func(p *FargateServiceProps) {
			p.Paths, p.Hosts = list("/a", "/b"), list("a.b", "b.b", "c.b", "d.b")
		}, []string{"6 together", "allowed are 5"}},
		{"stickiness", func(p *FargateServiceProps) { p.StickinessSeconds = ptr(604801.0) }, []string{"StickinessSeconds is 604801"}},

		{"spot without weight", func(p *FargateServiceProps) { p.Spot = &Spot{SpotWeight: ptr(0.0)} },
			[]string{"Spot.SpotWeight is 0", "from 1 to 1000"}},
		{"spot in a network without", func(p *FargateServiceProps) {
			p.Network, p.Spot = somewhere(NetworkProps{}), &Spot{}
		}, []string{"the network's FargateSpot"}},
		{"spot in a network with it", func(p *FargateServiceProps) {
			p.Network, p.Spot = somewhere(NetworkProps{FargateSpot: ptr(true)}), &Spot{}
		}, nil},
		{"public image without a way out", func(p *FargateServiceProps) {
			p.Network = somewhere(NetworkProps{PrivateSubnets: ptr(true), TaskPlacement: TasksPrivate})
		}, []string{`ImageUrl is "registry.example.com/orders:1"`, "allowed is an image in ECR"}},
		{"public image by a NAT gateway", func(p *FargateServiceProps) {
			p.Network = somewhere(NetworkProps{PrivateSubnets: ptr(true), NatGateways: NatOne})
		}, nil},
		{"ECR without a way out", func(p *FargateServiceProps) {
			p.Network = somewhere(NetworkProps{PrivateSubnets: ptr(true)})
			p.ImageUrl = ptr("123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders:1")
		}, nil},

		{"scaling", func(p *FargateServiceProps) { p.Autoscaling = &Autoscaling{} }, nil},
		{"scaling and a count", func(p *FargateServiceProps) {
			p.Autoscaling, p.DesiredCount = &Autoscaling{}, ptr(3.0)
		}, []string{"DesiredCount and Autoscaling"}},
		{"scaling from more to less", func(p *FargateServiceProps) {
			p.Autoscaling = &Autoscaling{MinCount: ptr(11.0), CpuPercent: ptr(101.0)}
		}, []string{"MinCount is 11, allowed is MaxCount at most, 10", "CpuPercent is 101"}},
		{"scaling by CPU and not", func(p *FargateServiceProps) {
			p.Autoscaling = &Autoscaling{CpuPercent: ptr(50.0), IgnoreCpu: ptr(true)}
		}, []string{"CpuPercent and IgnoreCpu"}},
		{"scaling by requests that move", func(p *FargateServiceProps) {
			p.Autoscaling, p.TrafficShift = &Autoscaling{RequestsPerTarget: ptr(100.0)}, &TrafficShift{}
		}, []string{"RequestsPerTarget and TrafficShift"}},

		{"connect", func(p *FargateServiceProps) {
			p.ServiceConnect = &ServiceConnect{DnsName: ptr("Orders"), Port: ptr(0.0)}
		}, []string{"ServiceConnect.Namespace is nil", `DnsName is "Orders"`, "Port is 0"}},
		{"connect by port without a name", func(p *FargateServiceProps) {
			p.ServiceConnect = &ServiceConnect{Namespace: ptr("shop"), Port: ptr(80.0)}
		}, []string{"ServiceConnect.Port is set and DnsName is not"}},
		{"access to nothing", func(p *FargateServiceProps) { p.AccessTo = []Access{{Port: ptr(5432.0)}} }, []string{"AccessTo[0].To is nil"}},

		{"strategy", func(p *FargateServiceProps) { p.TrafficShift = &TrafficShift{Strategy: "ROLLING"} },
			[]string{`TrafficShift.Strategy is "ROLLING"`, "BLUE_GREEN"}},
		{"blue/green in steps", func(p *FargateServiceProps) { p.TrafficShift = &TrafficShift{StepPercent: ptr(10.0)} },
			[]string{"steps with Strategy BLUE_GREEN"}},
		{"linear in small steps", func(p *FargateServiceProps) {
			p.TrafficShift = &TrafficShift{Strategy: awsecs.DeploymentStrategy_LINEAR, StepPercent: ptr(2.0)}
		}, []string{"StepPercent is 2", "from 3 to 100"}},
		{"canary in small steps", func(p *FargateServiceProps) {
			p.TrafficShift = &TrafficShift{Strategy: awsecs.DeploymentStrategy_CANARY, StepPercent: ptr(2.0)}
		}, nil},
		{"baking for days", func(p *FargateServiceProps) { p.TrafficShift = &TrafficShift{BakeMinutes: ptr(2880.0)} },
			[]string{"BakeMinutes is 2880"}},
		{"rollback", func(p *FargateServiceProps) { p.RollbackAlarms = &RollbackAlarms{UnhealthyMinutes: ptr(0.0)} },
			[]string{"RollbackAlarms.UnhealthyMinutes is 0"}},
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

func TestWorkerAlarmsAndRepositoryValidate(t *testing.T) {
	worker := &FargateWorkerProps{Network: &importedNetwork{}, ServiceName: ptr("mailer"), ImageUrl: ptr("mailer:1")}
	check(t, worker.Validate(), nil)
	worker.Autoscaling = &Autoscaling{RequestsPerTarget: ptr(10.0)}
	worker.ServiceConnect = &ServiceConnect{Namespace: ptr("shop"), DnsName: ptr("mailer")}
	worker.StopTimeoutSeconds = ptr(1.0)
	check(t, worker.Validate(), []string{"a worker has no requests", "a worker has no port", "StopTimeoutSeconds is 1"})
	check(t, (*FargateWorkerProps)(nil).Validate(), []string{"props is nil"})

	check(t, (&AlarmsProps{CpuPercent: ptr(0.0)}).Validate(), []string{"Service is nil", "CpuPercent is 0"})
	check(t, (*AlarmsProps)(nil).Validate(), []string{"props is nil"})

	check(t, (*RepositoryProps)(nil).Validate(), nil)
	check(t, (&RepositoryProps{RepositoryName: ptr("shop/orders")}).Validate(), nil)
	check(t, (&RepositoryProps{RepositoryName: ptr("Orders"), KeepImages: ptr(0.0)}).Validate(),
		[]string{`RepositoryName is "Orders"`, "KeepImages is 0"})
}
