package ecs

import (
	"io"

	"github.com/slipway-go/slipway/emulator/internal/container"
)

// Logs takes the output of containers whose log driver is awslogs.
type Logs interface {
	// OpenStream opens a stream of a group in a region, which is made where it does not
	// exist. The group is made only where create says so, and is an error elsewhere.
	OpenStream(region, group, stream string, create bool) (io.WriteCloser, error)
}

// dropped is the output of a container that nobody takes.
type dropped struct{ io.Writer }

func (dropped) Close() error { return nil }

// openLog opens what takes the output of a container. Other log drivers than awslogs
// drop it. The failures are worded as Fargate words them (as in airbnb/ottr issue 7, and
// in TechToSpeech/terraform-aws-serverless-static-wordpress issue 74).
func (s *Service) openLog(t *task, c ContainerDefinition) (io.WriteCloser, error) {
	log := c.LogConfiguration
	if s.options.Logs == nil || log == nil || log.LogDriver != "awslogs" {
		return dropped{io.Discard}, nil
	}
	const cannot = "ResourceInitializationError: failed to validate logger args: "
	for _, option := range []string{"awslogs-group", "awslogs-region"} {
		if log.Options[option] == "" {
			return nil, &startFailure{stopFailedToStart, cannot + "unable to get awslogs driver arguments: " + option + " is required"}
		}
	}
	stream := t.id
	if prefix := log.Options["awslogs-stream-prefix"]; prefix != "" {
		stream = prefix + "/" + c.Name + "/" + t.id
	}
	out, err := s.options.Logs.OpenStream(log.Options["awslogs-region"], log.Options["awslogs-group"], stream, log.Options["awslogs-create-group"] == "true")
	if err != nil {
		return nil, &startFailure{stopFailedToStart, cannot + "create stream has been retried 1 times: failed to create Cloudwatch log stream: " + err.Error() + " : exit status 1"}
	}
	return out, nil
}

// spec is what a container of a task is to run, with overrides of RunTask.
func (t *task) spec(c *taskContainer, output io.Writer) container.Spec {
	spec := container.Spec{
		TaskARN:    t.arn,
		Name:       c.definition.Name,
		Image:      c.definition.Image,
		Digest:     c.digest,
		EntryPoint: c.definition.EntryPoint,
		Command:    c.definition.Command,
		Env:        t.environment(c.definition),
		Secrets:    map[string]string{},
		Port:       t.servedPort(c.definition),
		Output:     output,
	}
	for _, secret := range c.definition.Secrets {
		spec.Secrets[secret.Name] = secret.ValueFrom
	}
	if t.overrides != nil {
		for _, o := range t.overrides.ContainerOverrides {
			if o.Name == spec.Name && len(o.Command) > 0 {
				spec.Command = o.Command
			}
		}
	}
	return spec
}
