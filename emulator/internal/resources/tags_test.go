package resources_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"
)

// tags are the tags of everything in the stack that takes some, by logical id.
func (h harness) tags(st types.Stack) map[string]map[string]string {
	h.Helper()
	all := map[string]map[string]string{}
	clusters, err := h.ecs.DescribeClusters(h.Context(), &awsecs.DescribeClustersInput{Clusters: []string{h.output(st, "Cluster")}})
	h.must(err)
	for id, arn := range map[string]string{"Cluster": *clusters.Clusters[0].ClusterArn, "Task": h.output(st, "Task"), "Service": h.output(st, "Service")} {
		out, err := h.ecs.ListTagsForResource(h.Context(), &awsecs.ListTagsForResourceInput{ResourceArn: &arn})
		h.must(err)
		all[id] = map[string]string{}
		for _, t := range out.Tags {
			all[id][*t.Key] = *t.Value
		}
	}
	for _, id := range []string{"Balancer", "Group"} {
		out, err := h.elb.DescribeTags(h.Context(), &elbv2.DescribeTagsInput{ResourceArns: []string{h.output(st, id)}})
		h.must(err)
		all[id] = map[string]string{}
		for _, t := range out.TagDescriptions[0].Tags {
			all[id][*t.Key] = *t.Value
		}
	}
	return all
}

// TestStackTagsReachResources: CloudFormation's own beside them; those of a resource win
// over those of its stack, and what others have added stays.
func TestStackTagsReachResources(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(web, "Cluster: {Type: AWS::ECS::Cluster}", "Cluster: {Type: AWS::ECS::Cluster, Properties: {Tags: [{Key: team, Value: platform}]}}", 1)
	body = strings.Replace(body, "DesiredCount: 1", "DesiredCount: 0", 1)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	st := h.create(&cfn.CreateStackInput{
		StackName: aws.String("web"), TemplateBody: &body, Tags: []types.Tag{tag("team", "shop"), tag("cost", "1")},
	})
	want := func(id string, others map[string]string) map[string]string {
		tags := map[string]string{
			"aws:cloudformation:stack-name": "web", "aws:cloudformation:stack-id": *st.StackId, "aws:cloudformation:logical-id": id,
		}
		maps.Copy(tags, others)
		return tags
	}
	got := h.tags(st)
	for id := range got {
		others := map[string]string{"team": "shop", "cost": "1"}
		if id == "Cluster" {
			others["team"] = "platform"
		}
		if diff := cmp.Diff(want(id, others), got[id]); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}

	service := h.output(st, "Service")
	_, err := h.ecs.TagResource(t.Context(), &awsecs.TagResourceInput{
		ResourceArn: &service, Tags: []ecstypes.Tag{{Key: aws.String("pager"), Value: aws.String("alice")}},
	})
	h.must(err)
	st = h.update(&cfn.UpdateStackInput{
		StackName: aws.String("web"), UsePreviousTemplate: aws.Bool(true), Tags: []types.Tag{tag("team", "store")},
	})
	got = h.tags(st)
	for id := range got {
		others := map[string]string{"team": "store"}
		if id == "Cluster" {
			others["team"] = "platform"
		}
		if id == "Service" {
			others["pager"] = "alice"
		}
		if diff := cmp.Diff(want(id, others), got[id]); diff != "" {
			t.Errorf("after the update of the tags, %s: %s", id, diff)
		}
	}
}
