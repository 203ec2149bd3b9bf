package constructs

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// ContainerProps configures how the container of a [FargateService] or a
// [FargateTask] runs. The zero value is fine.
type ContainerProps struct {
	// Environment are variables in clear text: everyone who may read the task
	// definition sees them.
	//
	// Default: none.
	Environment map[string]*string

	// Secrets are variables whose values ECS reads when a task starts, by reference
	// to AWS Secrets Manager or the Systems Manager Parameter Store:
	// [awsecs.Secret_FromSecretsManager], [awsecs.Secret_FromSsmParameter]. The
	// values are never in a template. The execution role may read these and no others.
	//
	// Default: none.
	Secrets map[string]awsecs.Secret

	// Arm64 runs the task on ARM64 (AWS Graviton). The image has to be built for it.
	//
	// Default: false, x86-64.
	Arm64 *bool

	// ReadonlyRootFilesystem lets the container write to its volumes only.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// HealthCheckCommand is what ECS runs in the container to ask for its health,
	// beside the load balancer: "CMD-SHELL" and a command line, or "CMD" and its
	// words. Exit code 0 is healthy.
	//
	// Default: none.
	HealthCheckCommand []string
}

// variableName is what POSIX allows, which is what shells can read.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate reports every prop that cannot work, joined into one error.
func (p *ContainerProps) Validate() error {
	var problems []error
	for _, props := range []struct {
		name  string
		names []string
	}{
		{"Environment", slices.Sorted(maps.Keys(p.Environment))},
		{"Secrets", slices.Sorted(maps.Keys(p.Secrets))},
	} {
		for _, name := range props.names {
			problems = append(problems, checkString("a name in "+props.name, &name, variableName, "letters, digits and _, no digit first"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		if _, both := p.Secrets[name]; both {
			problems = append(problems, fmt.Errorf("%q is in Environment and in Secrets, allowed is one of them", name))
		}
		problems = append(problems, required(fmt.Sprintf("Environment[%q]", name), p.Environment[name] == nil))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		problems = append(problems, required(fmt.Sprintf("Secrets[%q]", name), p.Secrets[name] == nil))
	}
	if command := p.HealthCheckCommand; len(command) > 0 && (len(command) < 2 || command[0] != "CMD" && command[0] != "CMD-SHELL") {
		problems = append(problems, fmt.Errorf(`HealthCheckCommand is %q, allowed is "CMD" or "CMD-SHELL" and a command`, command))
	}
	return errors.Join(problems...)
}

// platform is nil for the default, which task definitions do not mention.
func (p *ContainerProps) platform() *awsecs.RuntimePlatform {
	if !*orDefault(p.Arm64, false) {
		return nil
	}
	return &awsecs.RuntimePlatform{
		CpuArchitecture:       awsecs.CpuArchitecture_ARM64(),
		OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
	}
}

// apply sets what differs from the defaults.
func (p *ContainerProps) apply(o *awsecs.ContainerDefinitionOptions) {
	if len(p.Environment) > 0 {
		o.Environment = &p.Environment
	}
	if len(p.Secrets) > 0 {
		o.Secrets = &p.Secrets
	}
	if *orDefault(p.ReadonlyRootFilesystem, false) {
		o.ReadonlyRootFilesystem = jsii.Bool(true)
	}
	if len(p.HealthCheckCommand) > 0 {
		o.HealthCheck = &awsecs.HealthCheck{Command: jsii.Strings(p.HealthCheckCommand...)}
	}
}
