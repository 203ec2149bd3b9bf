package constructs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// ContainerHealthCheck is a command that ECS runs inside the container. Ranges
// are those of
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
type ContainerHealthCheck struct {
	// Command is "CMD" followed by a program and its arguments, or "CMD-SHELL"
	// followed by one line for the container's shell. Exit code 0 means
	// healthy. Required.
	Command *[]*string

	// IntervalSeconds is the time between two checks, 5 to 300 seconds.
	//
	// Default: 30.
	IntervalSeconds *float64

	// TimeoutSeconds is how long the command may take, 2 to 60 seconds and less
	// than IntervalSeconds. A command that takes longer has failed.
	//
	// Default: 5; 4 when IntervalSeconds is 5.
	TimeoutSeconds *float64

	// Retries is the number of failures in a row that make the container
	// unhealthy, 1 to 10. ECS replaces its task then.
	//
	// Default: 3.
	Retries *float64

	// StartPeriodSeconds is the time after the start of the container in which
	// failures do not count, 0 to 300 seconds. It should cover the start-up of
	// the application.
	//
	// Default: 0.
	StartPeriodSeconds *float64
}

const (
	defaultCheckInterval = 30.0
	defaultCheckTimeout  = 5.0

	secretReference = "{{resolve:"
)

var environmentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func (c *ContainerHealthCheck) validate() error {
	if c == nil {
		return nil
	}
	errs := []error{
		checkKnownNumber("ContainerHealthCheck.IntervalSeconds", c.IntervalSeconds, 5, 300),
		checkKnownNumber("ContainerHealthCheck.TimeoutSeconds", c.TimeoutSeconds, 2, 60),
		checkNumber("ContainerHealthCheck.Retries", c.Retries, 1, 10),
		checkNumber("ContainerHealthCheck.StartPeriodSeconds", c.StartPeriodSeconds, 0, 300),
	}
	errs = append(errs, c.checkCommand())
	interval, timeout := *orDefault(c.IntervalSeconds, defaultCheckInterval), *c.timeout()
	if !isNumberToken(interval) && !isNumberToken(timeout) && timeout >= interval {
		errs = append(errs, fmt.Errorf("ContainerHealthCheck.TimeoutSeconds is %v, allowed is less than IntervalSeconds, %v", timeout, interval))
	}
	return errors.Join(errs...)
}

func (c *ContainerHealthCheck) checkCommand() error {
	command := *orDefault(c.Command, nil)
	for i, word := range command {
		if word == nil {
			return fmt.Errorf("ContainerHealthCheck.Command[%d] is nil, allowed is a text", i)
		}
	}
	if len(command) < 2 || (*command[0] != "CMD" && *command[0] != "CMD-SHELL") {
		return errors.New("ContainerHealthCheck.Command is no command, allowed is CMD or CMD-SHELL and what to run")
	}
	if *command[0] == "CMD-SHELL" && len(command) > 2 {
		return fmt.Errorf("ContainerHealthCheck.Command has %d texts after CMD-SHELL, of which the shell runs the first; allowed is one line, or CMD", len(command)-1)
	}
	return nil
}

func (c *ContainerHealthCheck) timeout() *float64 {
	if c.TimeoutSeconds == nil && c.IntervalSeconds != nil && *c.IntervalSeconds == defaultCheckTimeout {
		return jsii.Number(defaultCheckTimeout - 1)
	}
	return orDefault(c.TimeoutSeconds, defaultCheckTimeout)
}

func (c *ContainerHealthCheck) render() *awsecs.HealthCheck {
	if c == nil {
		return nil
	}
	check := &awsecs.HealthCheck{
		Command:  c.Command,
		Interval: awscdk.Duration_Seconds(orDefault(c.IntervalSeconds, defaultCheckInterval)),
		Timeout:  awscdk.Duration_Seconds(c.timeout()),
		Retries:  orDefault(c.Retries, 3),
	}
	if c.StartPeriodSeconds != nil {
		check.StartPeriod = awscdk.Duration_Seconds(c.StartPeriodSeconds)
	}
	return check
}

func (p *FargateServiceProps) checkContainer() error {
	errs := []error{
		p.ContainerHealthCheck.validate(),
		checkChoice("Architecture", p.Architecture, ArchitectureX86, ArchitectureARM64),
	}
	environment, secrets := *orDefault(p.Environment, nil), *orDefault(p.Secrets, nil)
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		value := environment[name]
		errs = append(errs, checkString("the name in Environment", &name, environmentName, "letters, digits, _, . and -, no digit first"))
		switch {
		case value == nil:
			errs = append(errs, fmt.Errorf("Environment[%q] is nil, allowed is a text", name))
		case strings.Contains(*value, secretReference):
			errs = append(errs, secretInEnvironment(name))
		}
		if _, twice := secrets[name]; twice {
			errs = append(errs, fmt.Errorf("%q is in Environment and in Secrets, allowed is one of them", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		errs = append(errs,
			checkString("the name in Secrets", &name, environmentName, "letters, digits, _, . and -, no digit first"),
			required(fmt.Sprintf("Secrets[%q]", name), secrets[name] == nil))
	}
	if *orDefault(p.ExecuteCommand, false) && *orDefault(p.ReadonlyRootFilesystem, false) {
		errs = append(errs, errors.New("ExecuteCommand and ReadonlyRootFilesystem are set, allowed is one of them: the agent of ECS Exec has to write"))
	}
	errs = append(errs, checkEnvironmentSize(environment))
	for i, statement := range p.TaskPolicyStatements {
		errs = append(errs, required(fmt.Sprintf("TaskPolicyStatements[%d]", i), statement == nil))
	}
	return errors.Join(append(errs, p.checkLogs())...)
}

// checkEnvironmentSize refuses what alone is more than a task definition may have in all:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
func checkEnvironmentSize(environment map[string]*string) error {
	const limit = 64 << 10
	size := 0
	for name, value := range environment {
		if value != nil && !isStringToken(*value) {
			size += len(name) + len(*value)
		}
	}
	if size > limit {
		return fmt.Errorf("Environment is %d bytes, allowed are %d in the whole task definition", size, limit)
	}
	return nil
}

func secretInEnvironment(name string) error {
	return fmt.Errorf("Environment[%q] resolves to a secret, which everybody who may describe the task could read; put it into Secrets", name)
}

// addEnvironment goes by name, so that no synthesis differs from the last.
func addEnvironment(container awsecs.ContainerDefinition, p *FargateServiceProps) {
	environment, secrets := *orDefault(p.Environment, nil), *orDefault(p.Secrets, nil)
	stack := awscdk.Stack_Of(container)
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		value := environment[name]
		// A secret's value as a token shows what it is only when it is resolved.
		if isStringToken(*value) {
			resolved, err := json.Marshal(stack.Resolve(value))
			if err == nil && strings.Contains(string(resolved), secretReference) {
				err = secretInEnvironment(name)
			}
			if err != nil {
				panic(fmt.Errorf("%s: %w", *container.Node().Path(), err))
			}
		}
		container.AddEnvironment(jsii.String(name), value)
	}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		container.AddSecret(jsii.String(name), secrets[name])
	}
}

// portMappings is nothing for a container that listens to nobody. The port has
// a name where other services may ask for it.
func portMappings(p *FargateServiceProps) *[]*awsecs.PortMapping {
	if p.ContainerPort == nil {
		return nil
	}
	mapping := &awsecs.PortMapping{ContainerPort: p.ContainerPort}
	if p.ServiceConnect != nil && p.ServiceConnect.DnsName != nil {
		mapping.Name = p.ServiceConnect.DnsName
		mapping.AppProtocol = awsecs.AppProtocol_Http()
	}
	return &[]*awsecs.PortMapping{mapping}
}
