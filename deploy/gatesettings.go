package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// settings checks that the stack keeps what it has beside its template and parameters. A
// change set tells what the stack is to have once it is executed, and none of it shows as
// the change of a resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html
func (g *gate) settings(p *cloudformation.DescribeChangeSetOutput) {
	keeps := func(setting, before, after, why string) {
		if before != after {
			g.refuse(Reason{Resource: "Stack/" + setting, Before: before, After: after, Why: why})
		}
	}
	keeps("RollbackConfiguration", alarmsIn(g.stack.RollbackConfiguration), alarmsIn(p.RollbackConfiguration),
		"the alarms that roll an update of the stack back would change")
	keeps("NotificationARNs", listed(g.stack.NotificationARNs), listed(p.NotificationARNs),
		"whom CloudFormation tells of the stack's events would change")
	// A description without any tags may not tell them, rather than take them away: that
	// would be a change of every resource, in its scope.
	if after := tagsIn(p.Tags); after != "" {
		keeps("Tags", tagsIn(g.stack.Tags), after, "the tags of the stack would change")
	}
}

// alarmsIn writes a rollback configuration the same way whatever order it is told in.
func alarmsIn(c *types.RollbackConfiguration) string {
	if c == nil {
		return ""
	}
	var all []string
	for _, t := range c.RollbackTriggers {
		all = append(all, aws.ToString(t.Type)+" "+aws.ToString(t.Arn))
	}
	text := listed(all)
	if minutes := aws.ToInt32(c.MonitoringTimeInMinutes); minutes != 0 {
		text = strings.TrimPrefix(fmt.Sprintf("%s, for %d min", text, minutes), ", ")
	}
	return text
}

// tagsIn writes the tags that people give.
func tagsIn(tags []types.Tag) string {
	var all []string
	for _, t := range tags {
		if !strings.HasPrefix(aws.ToString(t.Key), awsTagPrefix) {
			all = append(all, fmt.Sprintf("%q=%q", aws.ToString(t.Key), aws.ToString(t.Value)))
		}
	}
	return listed(all)
}

func listed(texts []string) string { return strings.Join(slices.Sorted(slices.Values(texts)), ", ") }
