package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
)

// proofTimeout is how long after the stack has settled the facts may take to show: AWS's
// answers trail what they tell of by seconds.
const proofTimeout = time.Minute

// claim is what a service is said to run.
type claim struct {
	service        serviceRef
	taskDefinition string // ARN
	image          imageref.Ref
}

// findings are what ECS says about a service, read for a proof.
type findings struct {
	service  types.Service
	brief    *types.ServiceDeploymentBrief // the newest deployment of the claimed task definition; nil when ECS has none on record
	revision *types.ServiceRevision        // its service revision; nil likewise
	running  []types.Task
}

// idle tells whether the service is to run no task, and runs none.
func (f *findings) idle() bool { return f.service.DesiredCount == 0 && len(f.running) == 0 }

// verify compares what the services run with the claims, until all are proven or
// proofTimeout has passed, or Options.Timeout if that is shorter.
func (d *Deployer) verify(ctx context.Context, stack string, claims []claim) ([]ServiceResult, error) {
	p := newPoller(d.clock, min(proofTimeout, d.timeout))
	p.nearEnd(true)
	for {
		results, unproven, err := d.checkClaims(ctx, stack, claims, true)
		if err != nil && !passing(err) || err == nil && unproven == nil {
			return results, err
		}
		inTime, sleepErr := p.wait(ctx)
		switch {
		case sleepErr != nil:
			return nil, sleepErr
		case !inTime && err != nil:
			return nil, err
		case !inTime:
			return nil, unproven
		}
	}
}

// checkClaims reads the services once. unproven is the first claim that does not hold.
func (d *Deployer) checkClaims(ctx context.Context, stack string, claims []claim, fresh bool) (results []ServiceResult, unproven *NotProvenError, err error) {
	results = []ServiceResult{}
	refs := make([]serviceRef, len(claims))
	for i, c := range claims {
		refs[i] = c.service
	}
	services, err := d.describeServices(ctx, refs)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range claims {
		s, ok := services[c.service.arn]
		if !ok {
			return nil, &NotProvenError{Stack: stack, Service: c.service.name, Fact: "ECS does not know the service"}, nil
		}
		f, err := d.findings(ctx, c, s)
		if err != nil {
			return nil, nil, err
		}
		result, fact := prove(c, f, fresh)
		if fact != "" {
			return nil, &NotProvenError{Stack: stack, Service: c.service.name, Fact: fact}, nil
		}
		results = append(results, result)
	}
	return results, nil, nil
}

// findings reads the claimed deployment, its revision and the running tasks.
func (d *Deployer) findings(ctx context.Context, c claim, s types.Service) (*findings, error) {
	f := &findings{service: s}
	// The newest deployments come first; ours is among the last few.
	listed, err := d.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String(c.service.cluster),
		Service: aws.String(c.service.arn),
	})
	if err != nil {
		return nil, fmt.Errorf("listing the deployments of service %s: %w", c.service.name, err)
	}
	arns := revisionARNs(s, listed.ServiceDeployments)
	if len(arns) > 0 {
		out, err := d.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
		if err != nil {
			return nil, fmt.Errorf("reading the revisions of service %s: %w", c.service.name, err)
		}
		f.brief, f.revision = matchRevision(c.taskDefinition, listed.ServiceDeployments, out.ServiceRevisions)
	}
	f.running, err = d.tasks(ctx, c.service, types.DesiredStatusRunning, nil)
	return f, err
}

// maxRevisionsPerCall is what DescribeServiceRevisions takes.
const maxRevisionsPerCall = 20

// revisionARNs are the revisions to look at: those in use, and the targets of the
// newest deployments. ECS forgets deployments after 90 days, while a revision in use
// stays.
func revisionARNs(s types.Service, deployments []types.ServiceDeploymentBrief) []string {
	var arns []string
	add := func(arn *string) {
		if a := aws.ToString(arn); a != "" && !slices.Contains(arns, a) && len(arns) < maxRevisionsPerCall {
			arns = append(arns, a)
		}
	}
	for _, r := range s.CurrentServiceRevisions {
		add(r.Arn)
	}
	newest := slices.Clone(deployments)
	slices.SortStableFunc(newest, func(a, b types.ServiceDeploymentBrief) int {
		return aws.ToTime(b.CreatedAt).Compare(aws.ToTime(a.CreatedAt))
	})
	for _, dep := range newest {
		add(dep.TargetServiceRevisionArn)
	}
	return arns
}

// matchRevision finds the newest deployment of a task definition, and its revision.
func matchRevision(taskDefinition string, deployments []types.ServiceDeploymentBrief, revisions []types.ServiceRevision) (*types.ServiceDeploymentBrief, *types.ServiceRevision) {
	var brief *types.ServiceDeploymentBrief
	var revision *types.ServiceRevision
	for i := range revisions {
		r := &revisions[i]
		if aws.ToString(r.TaskDefinition) != taskDefinition {
			continue
		}
		if revision == nil {
			revision = r
		}
		for j := range deployments {
			dep := &deployments[j]
			if aws.ToString(dep.TargetServiceRevisionArn) != aws.ToString(r.ServiceRevisionArn) {
				continue
			}
			if brief == nil || aws.ToTime(dep.CreatedAt).After(aws.ToTime(brief.CreatedAt)) {
				brief, revision = dep, r
			}
		}
	}
	return brief, revision
}

// prove judges a claim by what was found. fact is what does not hold; empty when all
// does. fresh asks for the record of the deployment, which ECS keeps for 90 days only.
func prove(c claim, f *findings, fresh bool) (result ServiceResult, fact string) {
	p := primary(f.service)
	switch {
	case p == nil:
		return result, "it has no primary deployment"
	case aws.ToString(p.TaskDefinition) != c.taskDefinition:
		return result, fmt.Sprintf("its primary deployment is of task definition %s, not of the stack's %s",
			lastPart(aws.ToString(p.TaskDefinition)), lastPart(c.taskDefinition))
	case p.RolloutState != types.DeploymentRolloutStateCompleted:
		return result, strings.TrimRight(fmt.Sprintf("its primary deployment %s is %s: %s",
			aws.ToString(p.Id), p.RolloutState, aws.ToString(p.RolloutStateReason)), ": ")
	case f.brief == nil && fresh:
		return result, "ECS has no record of the deployment of " + lastPart(c.taskDefinition)
	case f.brief != nil && f.brief.Status != types.ServiceDeploymentStatusSuccessful:
		return result, strings.TrimRight(fmt.Sprintf("its deployment is %s: %s", f.brief.Status, aws.ToString(f.brief.StatusReason)), ": ")
	}
	digests, fact := promisedDigests(c, f)
	if fact != "" {
		return result, fact
	}
	running, fact := runningAsPromised(c, f, digests)
	if fact != "" {
		return result, fact
	}
	return ServiceResult{
		Cluster:        c.service.cluster,
		Service:        c.service.name,
		TaskDefinition: c.taskDefinition,
		Deployment:     aws.ToString(p.Id),
		Digest:         digests[sortedKeys(digests)[0]],
		Desired:        int(f.service.DesiredCount),
		Running:        running,
	}, ""
}

// promisedDigests are the digests of the containers that have the image, by name: the
// revision's, as ECS resolved them once for the deployment.
func promisedDigests(c claim, f *findings) (map[string]string, string) {
	digests := make(map[string]string)
	if f.revision != nil {
		for _, image := range f.revision.ContainerImages {
			if sameImage(c.image, aws.ToString(image.Image)) {
				digests[aws.ToString(image.ContainerName)] = aws.ToString(image.ImageDigest)
			}
		}
	} else {
		for _, t := range f.running {
			for _, k := range t.Containers {
				if sameImage(c.image, aws.ToString(k.Image)) {
					digests[aws.ToString(k.Name)] = aws.ToString(k.ImageDigest)
				}
			}
		}
	}
	if len(digests) == 0 && f.idle() && f.revision == nil {
		digests[""] = c.image.Digest() // no task and no record: the task definition alone tells
		return digests, ""
	}
	if len(digests) == 0 {
		return nil, fmt.Sprintf("no container of it has the image %s", c.image)
	}
	for _, name := range sortedKeys(digests) {
		digest := digests[name]
		if digest == "" { // version consistency is off: the tag may mean something else at each start
			if c.image.Pinned() {
				digests[name] = c.image.Digest()
				continue
			}
			if f.idle() { // ECS resolves a tag when it starts the first task
				continue
			}
			return nil, fmt.Sprintf("ECS does not tell the digest of container %s", name)
		}
		if c.image.Pinned() && digest != c.image.Digest() {
			return nil, fmt.Sprintf("container %s has digest %s, asked for was %s", name, digest, c.image.Digest())
		}
	}
	return digests, ""
}

// runningAsPromised counts the running tasks, each of which has to carry the digests.
func runningAsPromised(c claim, f *findings, digests map[string]string) (int, string) {
	running := 0
	for _, t := range f.running {
		if aws.ToString(t.LastStatus) != string(types.DesiredStatusRunning) {
			continue
		}
		running++
		id := lastPart(aws.ToString(t.TaskArn))
		if td := aws.ToString(t.TaskDefinitionArn); td != c.taskDefinition {
			return 0, fmt.Sprintf("task %s runs %s, not %s", id, lastPart(td), lastPart(c.taskDefinition))
		}
		for _, name := range sortedKeys(digests) {
			i := slices.IndexFunc(t.Containers, func(k types.Container) bool { return aws.ToString(k.Name) == name })
			if i < 0 {
				return 0, fmt.Sprintf("task %s has no container %s", id, name)
			}
			if got := aws.ToString(t.Containers[i].ImageDigest); got != digests[name] {
				return 0, fmt.Sprintf("task %s runs digest %q in container %s, the deployment's is %s", id, got, name, digests[name])
			}
		}
	}
	if desired := int(f.service.DesiredCount); running < desired {
		return 0, fmt.Sprintf("%d of %d tasks run", running, desired)
	}
	return running, ""
}

// sameImage tells whether text names the same image as ref, however it is written.
func sameImage(ref imageref.Ref, text string) bool {
	if text == ref.String() {
		return true
	}
	other, err := imageref.Parse(text)
	return err == nil && ref.Same(other)
}
