package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// awsTagPrefix begins the keys of tags that AWS sets itself and that nobody else may:
// CloudFormation marks with them what it made.
const awsTagPrefix = "aws:"

// readTaskDefinition reads a revision, or the latest active one of a family, with its
// tags.
func (d *Deployer) readTaskDefinition(ctx context.Context, name string) (*types.TaskDefinition, []types.Tag, error) {
	out, err := d.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &name, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("reading task definition %s: %w", lastPart(name), err)
	case out.TaskDefinition == nil:
		return nil, nil, fmt.Errorf("reading task definition %s: ECS tells nothing of it", lastPart(name))
	}
	return out.TaskDefinition, out.Tags, nil
}

// registration is the request that registers a revision like td. What ECS finds out by
// itself (the revision, the status, compatibilities) and the tags of AWS cannot be asked
// for.
func registration(td *types.TaskDefinition, tags []types.Tag) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family:                  td.Family,
		ContainerDefinitions:    slices.Clone(td.ContainerDefinitions),
		Cpu:                     td.Cpu,
		EnableFaultInjection:    td.EnableFaultInjection,
		EphemeralStorage:        td.EphemeralStorage,
		ExecutionRoleArn:        td.ExecutionRoleArn,
		InferenceAccelerators:   td.InferenceAccelerators, //nolint:staticcheck // deprecated, but a revision may have them
		IpcMode:                 td.IpcMode,
		Memory:                  td.Memory,
		NetworkMode:             td.NetworkMode,
		PidMode:                 td.PidMode,
		PlacementConstraints:    td.PlacementConstraints,
		ProxyConfiguration:      td.ProxyConfiguration,
		RequiresCompatibilities: td.RequiresCompatibilities,
		RuntimePlatform:         td.RuntimePlatform,
		TaskRoleArn:             td.TaskRoleArn,
		Volumes:                 td.Volumes,
		Tags: slices.DeleteFunc(slices.Clone(tags), func(t types.Tag) bool {
			return strings.HasPrefix(aws.ToString(t.Key), awsTagPrefix)
		}),
	}
}

// withImage is registration with another image in the containers at some indexes.
func withImage(td *types.TaskDefinition, tags []types.Tag, containers []int, image string) (*ecs.RegisterTaskDefinitionInput, error) {
	in := registration(td, tags)
	for _, i := range containers {
		if i >= len(in.ContainerDefinitions) {
			return nil, fmt.Errorf("task definition %s has %d containers, and the template feeds the image of number %d",
				lastPart(aws.ToString(td.TaskDefinitionArn)), len(in.ContainerDefinitions), i+1)
		}
		in.ContainerDefinitions[i].Image = &image
	}
	return in, nil
}

// imagePointer is where registrationDifferences finds the image of a container.
func imagePointer(container int) string {
	return "/ContainerDefinitions/" + strconv.Itoa(container) + "/Image"
}

// registrationDifferences are the places in which two revisions differ, but for their
// tags, which do nothing to what runs.
func registrationDifferences(before, after *types.TaskDefinition) ([]difference, error) {
	b, err := decodedRegistration(before)
	if err != nil {
		return nil, err
	}
	a, err := decodedRegistration(after)
	if err != nil {
		return nil, err
	}
	return differences("", b, a), nil
}

func decodedRegistration(td *types.TaskDefinition) (map[string]any, error) {
	text, err := json.Marshal(registration(td, nil))
	if err != nil {
		return nil, err
	}
	return decodeContext(string(text))
}

// imageOnly sorts the differences of two revisions: other are those that are not the
// image of one of the containers.
func imageOnly(before, after *types.TaskDefinition, containers []int) (other []difference, err error) {
	all, err := registrationDifferences(before, after)
	for _, d := range all {
		if !slices.ContainsFunc(containers, func(i int) bool { return d.path == imagePointer(i) }) {
			other = append(other, d)
		}
	}
	return other, err
}

// imageOf is the image of the first of some containers; empty when there is none.
func imageOf(td *types.TaskDefinition, containers []int) string {
	if len(containers) == 0 || containers[0] >= len(td.ContainerDefinitions) {
		return ""
	}
	return aws.ToString(td.ContainerDefinitions[containers[0]].Image)
}
