package constructs

import (
	"math"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

func TestFargateServicePropsValidate(t *testing.T) {
	valid := func() *FargateServiceProps {
		return &FargateServiceProps{
			Network:     &importedNetwork{},
			ServiceName: ptr("orders"),
			ImageUrl:    ptr("registry.example.com/orders:1"),
		}
	}
	// As the CDK encodes the value of a number parameter.
	token := math.Float64frombits(numberTokenMark<<48 | 7)

	for _, tt := range []struct {
		name   string
		change func(*FargateServiceProps)
		want   []string // what the error names; none when there is no error
	}{
		{"defaults", func(*FargateServiceProps) {}, nil},
		{"tokens", func(p *FargateServiceProps) {
			p.Priority = &token
			p.Path = ptr("${Token[TOKEN.3]}")
		}, nil},
		{"nothing given", func(p *FargateServiceProps) { *p = FargateServiceProps{} },
			[]string{"Network is nil", "ServiceName is nil", "ImageUrl is nil"}},
		{"priority", func(p *FargateServiceProps) { p.Priority = ptr(50001.0) },
			[]string{"Priority is 50001", "from 1 to 50000"}},
		{"interval within timeout", func(p *FargateServiceProps) { p.HealthCheckIntervalSeconds = ptr(5.0) },
			[]string{"HealthCheckIntervalSeconds is 5", "from 6 to 300"}},
		{"half a port", func(p *FargateServiceProps) { p.ContainerPort = ptr(80.5) },
			[]string{"ContainerPort is 80.5", "whole number"}},
		{"path", func(p *FargateServiceProps) { p.Path = ptr("api") },
			[]string{`Path is "api"`, "starts with /"}},
		{"a size between sizes", func(p *FargateServiceProps) { p.ContainerCpu = ptr(300.0) },
			[]string{"ContainerCpu is 300", "256 512 1024"}},
		{"too little memory for the CPU", func(p *FargateServiceProps) { p.ContainerCpu = ptr(512.0) },
			[]string{"ContainerMemory is 512 with ContainerCpu 512", "1024 2048 3072 4096"}},
		{"memory in the wrong step", func(p *FargateServiceProps) {
			p.ContainerCpu, p.ContainerMemory = ptr(8192.0), ptr(17408.0)
		}, []string{"ContainerMemory is 17408"}},
		{"the largest", func(p *FargateServiceProps) {
			p.ContainerCpu, p.ContainerMemory = ptr(16384.0), ptr(122880.0)
		}, nil},
		{"several at once", func(p *FargateServiceProps) {
			p.StopTimeoutSeconds = ptr(121.0)
			p.DeregistrationDelaySeconds = ptr(-1.0)
		}, []string{"StopTimeoutSeconds is 121", "from 2 to 120", "DeregistrationDelaySeconds is -1"}},
		{"name too long for a target group", func(p *FargateServiceProps) {
			p.FixedNames = ptr(true)
			p.ServiceName = ptr(strings.Repeat("a", 33))
		}, []string{"ServiceName is", "1 to 32 letters"}},
		{"the same name, generated names", func(p *FargateServiceProps) {
			p.ServiceName = ptr(strings.Repeat("a", 33))
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			props := valid()
			tt.change(props)
			check(t, props.Validate(), tt.want)
		})
	}
	t.Run("nil", func(t *testing.T) {
		check(t, (*FargateServiceProps)(nil).Validate(), []string{"props is nil"})
	})
}

func TestNetworkPropsValidate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		props *NetworkProps
		want  []string
	}{
		{"nil", nil, nil},
		{"zero", &NetworkProps{}, nil},
		{"idle timeout", &NetworkProps{IdleTimeoutSeconds: ptr(0.0)}, []string{"IdleTimeoutSeconds is 0", "from 1 to 4000"}},
		{"certificate", &NetworkProps{CertificateArn: ptr("my-certificate")}, []string{`CertificateArn is "my-certificate"`, "ARN"}},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.props.Validate(), tt.want) })
	}
}

func check(t *testing.T, err error, want []string) {
	t.Helper()
	switch {
	case err == nil && len(want) > 0:
		t.Errorf("no error, want one with %q", want)
	case err != nil && len(want) == 0:
		t.Errorf("error %q, want none", err)
	case err != nil:
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q lacks %q", err, part)
			}
		}
	}
}
