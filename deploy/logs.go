package deploy

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	// logLines is how many lines of a failed task are told: enough for the end of a
	// stack trace.
	logLines = 10
	// maxLogs is of how many tasks of a rollout the log is read; the others fail alike.
	maxLogs = 3
	// maxLogLine is how many bytes of a line are told.
	maxLogLine = 500
)

// logSource is where the containers of a rollout's task definition write their logs.
type logSource struct {
	read       int // of how many tasks the log was asked for
	containers map[string]types.LogConfiguration
}

// readLog adds to a failed task the end of its log. The rollback does not erase it, but
// nobody finds it so easily again. A log is a help: where it cannot be read, for lack of
// a permission, say, the task is told without one.
func (d *Deployer) readLog(ctx context.Context, r *rollout, task *StoppedTask) {
	if task.ExitCode == nil || r.logs.read >= maxLogs {
		return // it never ran
	}
	r.logs.read++
	if r.logs.containers == nil {
		r.logs.containers = d.logConfigurations(ctx, r.next)
	}
	c, ok := r.logs.containers[task.Container]
	if !ok {
		return
	}
	// The driver names a stream PREFIX/CONTAINER/TASK.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html
	group, prefix := c.Options["awslogs-group"], c.Options["awslogs-stream-prefix"]
	out, err := d.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
		LogGroupName:  &group,
		LogStreamName: aws.String(prefix + "/" + task.Container + "/" + task.ID),
		Limit:         aws.Int32(logLines),
		StartFromHead: aws.Bool(false),
	}, func(o *cloudwatchlogs.Options) {
		if region := c.Options["awslogs-region"]; region != "" {
			o.Region = region
		}
	})
	if err != nil {
		return
	}
	for _, e := range out.Events {
		line := strings.TrimRight(aws.ToString(e.Message), "\r\n")
		if len(line) > maxLogLine {
			line = strings.ToValidUTF8(line[:maxLogLine], "") + "..."
		}
		task.Log = append(task.Log, line)
	}
}

// logConfigurations are those of a task definition's containers that write to CloudWatch
// Logs, by name. It is empty, and not nil, when they cannot be read.
func (d *Deployer) logConfigurations(ctx context.Context, taskDefinition string) map[string]types.LogConfiguration {
	found := make(map[string]types.LogConfiguration)
	out, err := d.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &taskDefinition})
	if err != nil || out.TaskDefinition == nil {
		return found
	}
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		if l := c.LogConfiguration; l != nil && l.LogDriver == types.LogDriverAwslogs {
			found[aws.ToString(c.Name)] = *l
		}
	}
	return found
}
