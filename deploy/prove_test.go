package deploy

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/imageref"
)

const (
	newTaskDef  = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2"
	newRevision = "arn:aws:ecs:eu-west-1:123456789012:service-revision/main/web/2"
	newDigest   = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	oldDigest   = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
)

// provable is a service of which all three facts hold.
func provable() (claim, *findings) {
	task := func(id string) types.Task {
		return types.Task{
			TaskArn: aws.String("arn:aws:ecs:eu-west-1:123456789012:task/main/" + id), LastStatus: aws.String("RUNNING"), TaskDefinitionArn: aws.String(newTaskDef),
			Containers: []types.Container{
				{Name: aws.String("proxy"), Image: aws.String("envoy:1"), ImageDigest: aws.String("sha256:proxy")},
				{Name: aws.String("web"), Image: aws.String(newImage), ImageDigest: aws.String(newDigest)},
			},
		}
	}
	created := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	f := &findings{
		service: types.Service{
			DesiredCount: 2,
			Deployments: []types.Deployment{
				{Id: aws.String("ecs-svc/1"), Status: aws.String("ACTIVE"), TaskDefinition: aws.String(oldTaskDef)},
				{Id: aws.String("ecs-svc/2"), Status: aws.String("PRIMARY"), TaskDefinition: aws.String(newTaskDef), RolloutState: types.DeploymentRolloutStateCompleted},
			},
		},
		brief: &types.ServiceDeploymentBrief{Status: types.ServiceDeploymentStatusSuccessful, TargetServiceRevisionArn: aws.String(newRevision), CreatedAt: &created},
		revision: &types.ServiceRevision{
			ServiceRevisionArn: aws.String(newRevision), TaskDefinition: aws.String(newTaskDef),
			ContainerImages: []types.ContainerImage{
				{ContainerName: aws.String("proxy"), Image: aws.String("envoy:1"), ImageDigest: aws.String("sha256:proxy")},
				{ContainerName: aws.String("web"), Image: aws.String(newImage), ImageDigest: aws.String(newDigest)},
			},
		},
		running: []types.Task{task("a"), task("b")},
	}
	return claim{
		service:        serviceRef{resource: "Service", arn: serviceARN, cluster: "main", name: "web"},
		taskDefinition: newTaskDef,
		image:          ref(newImage),
	}, f
}

// ref parses a reference that is known to be good.
func ref(text string) imageref.Ref {
	r, err := imageref.Parse(text)
	if err != nil {
		panic(err)
	}
	return r
}

func TestProve(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*claim, *findings){
		"as it is":                     func(*claim, *findings) {},
		"the image is written in full": func(c *claim, _ *findings) { c.image = ref("docker.io/" + newImage) },
		"a task is about to run": func(_ *claim, f *findings) {
			f.running = append(f.running, types.Task{LastStatus: aws.String("PENDING")})
		},
		"the image is pinned": func(c *claim, f *findings) {
			c.image = ref(newImage + "@" + newDigest)
			f.revision.ContainerImages[1].Image = aws.String(c.image.String())
		},
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, f := provable()
			edit(&c, f)
			got, fact := prove(c, f, true)
			if fact != "" {
				t.Fatalf("not proven: %s", fact)
			}
			if got.Digest != newDigest || got.Running != 2 || got.Deployment != "ecs-svc/2" || got.TaskDefinition != newTaskDef || got.Cluster != "main" || got.Service != "web" {
				t.Errorf("result %+v", got)
			}
		})
	}
}

func TestProveRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*claim, *findings)
		want string
	}{
		"no primary deployment": {func(_ *claim, f *findings) { f.service.Deployments = f.service.Deployments[:1] }, "no primary deployment"},
		"rolled back by ECS":    {func(_ *claim, f *findings) { f.service.Deployments[1].TaskDefinition = aws.String(oldTaskDef) }, "is of task definition web:1, not of the stack's web:2"},
		"still under way": {func(_ *claim, f *findings) {
			f.service.Deployments[1].RolloutState = types.DeploymentRolloutStateInProgress
		}, "ecs-svc/2 is IN_PROGRESS"},
		"no rollout state":          {func(_ *claim, f *findings) { f.service.Deployments[1].RolloutState = "" }, "primary deployment ecs-svc/2 is"},
		"no record":                 {func(_ *claim, f *findings) { f.brief = nil }, "no record of the deployment of web:2"},
		"deployment stopped":        {func(_ *claim, f *findings) { f.brief.Status = types.ServiceDeploymentStatusStopped }, "its deployment is STOPPED"},
		"another image":             {func(_ *claim, f *findings) { f.revision.ContainerImages[1].Image = aws.String(oldImage) }, "no container of it has the image acme/web:v2"},
		"another digest":            {func(_ *claim, f *findings) { f.running[1].Containers[1].ImageDigest = aws.String(oldDigest) }, "task b runs digest"},
		"a task without digest":     {func(_ *claim, f *findings) { f.running[0].Containers[1].ImageDigest = nil }, "task a runs digest"},
		"a task of an old revision": {func(_ *claim, f *findings) { f.running[0].TaskDefinitionArn = aws.String(oldTaskDef) }, "task a runs web:1, not web:2"},
		"a task without container":  {func(_ *claim, f *findings) { f.running[0].Containers = f.running[0].Containers[:1] }, "task a has no container web"},
		"too few tasks":             {func(_ *claim, f *findings) { f.running = f.running[:1] }, "1 of 2 tasks run"},
		"another digest than asked for": {func(c *claim, f *findings) {
			c.image = ref(newImage + "@" + oldDigest)
			f.revision.ContainerImages[1].Image = aws.String(c.image.String())
		}, "asked for was " + oldDigest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, f := provable()
			tt.edit(&c, f)
			if _, fact := prove(c, f, true); !strings.Contains(fact, tt.want) {
				t.Errorf("fact %q; want %q", fact, tt.want)
			}
		})
	}
}

// ECS forgets a deployment after 90 days; what runs is no less current for that.
func TestProveWithoutRecord(t *testing.T) {
	t.Parallel()
	c, f := provable()
	f.brief = nil
	if _, fact := prove(c, f, false); fact != "" {
		t.Errorf("not proven: %s", fact)
	}
}

// The newest deployment of the task definition counts, however ECS orders its answers.
func TestMatchRevision(t *testing.T) {
	t.Parallel()
	day := func(n int) *time.Time { return aws.Time(time.Date(2026, 11, n, 0, 0, 0, 0, time.UTC)) }
	deployments := []types.ServiceDeploymentBrief{
		{TargetServiceRevisionArn: aws.String("r1"), CreatedAt: day(1), Status: types.ServiceDeploymentStatusStopped},
		{TargetServiceRevisionArn: aws.String("r3"), CreatedAt: day(3), Status: types.ServiceDeploymentStatusSuccessful},
		{TargetServiceRevisionArn: aws.String("r2"), CreatedAt: day(2), Status: types.ServiceDeploymentStatusSuccessful},
	}
	revisions := []types.ServiceRevision{
		{ServiceRevisionArn: aws.String("r1"), TaskDefinition: aws.String(newTaskDef)},
		{ServiceRevisionArn: aws.String("r2"), TaskDefinition: aws.String(newTaskDef)},
		{ServiceRevisionArn: aws.String("r3"), TaskDefinition: aws.String(oldTaskDef)},
	}
	brief, revision := matchRevision(newTaskDef, deployments, revisions)
	if brief == nil || *brief.TargetServiceRevisionArn != "r2" || *revision.ServiceRevisionArn != "r2" {
		t.Errorf("matched %+v, %+v; want r2", brief, revision)
	}
	brief, revision = matchRevision(newTaskDef, nil, revisions[:1])
	if brief != nil || revision == nil {
		t.Errorf("without a record matched %+v, %+v; want the revision alone", brief, revision)
	}

	service := types.Service{CurrentServiceRevisions: []types.ServiceCurrentRevisionSummary{{Arn: aws.String("r2")}}}
	if diff := cmp.Diff([]string{"r2", "r3", "r1"}, revisionARNs(service, deployments)); diff != "" {
		t.Errorf("revisions to look at (-want +got):\n%s", diff)
	}
}
