package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
)

// DefaultHistory is how many deployments [Deployer.History] reads when
// [HistoryRequest.Limit] is zero.
const DefaultHistory = 10

// HistoryRequest says whose history to read.
type HistoryRequest struct {
	Stack          string // name or id
	ImageParameter string // as in [Request]

	// Limit is how many deployments of each service to read, the newest. Default:
	// [DefaultHistory]. ECS keeps no more than the last 100, of 90 days.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
	Limit int
}

// History is what ran in a stack, by the record of ECS.
type History struct {
	Stack     string `json:"stack"`
	Parameter string `json:"parameter"`
	Image     string `json:"image"` // that the stack says

	// Deployments are those of all services that the image parameter feeds, the newest
	// first.
	Deployments []PastDeployment `json:"deployments"`
}

// Origin is by whom a deployment was begun.
type Origin string

// The origins.
const (
	OriginSlipway        Origin = "slipway"        // a deploy that changes the stack
	OriginCloudFormation Origin = "cloudformation" // another update of the stack
	OriginECS            Origin = "ecs"            // the ECS API, without the stack
)

// PastDeployment is one service deployment.
type PastDeployment struct {
	Resource   string `json:"resource"` // logical id of the service
	Cluster    string `json:"cluster"`
	Service    string `json:"service"`
	Deployment string `json:"deployment"` // id of the service deployment
	Revision   string `json:"revision"`   // task definition, "web:7"

	// Image is that of the container which the parameter feeds, as the task definition
	// names it, and Digest what it was when ECS started the first task of it; empty when
	// none was started.
	Image  string `json:"image"`
	Digest string `json:"digest"`

	Origin Origin    `json:"origin"`
	Began  time.Time `json:"began"`
	Ended  time.Time `json:"ended,omitzero"` // zero while it runs

	Status types.ServiceDeploymentStatus `json:"status"` // SUCCESSFUL, ROLLBACK_SUCCESSFUL, ...
	Reason string                        `json:"reason,omitempty"`

	// Current tells that it is what the service runs: the newest that was successful.
	Current bool `json:"current"`
}

// Duration is how long the deployment took; zero while it runs.
func (p PastDeployment) Duration() time.Duration {
	if p.Ended.IsZero() {
		return 0
	}
	return p.Ended.Sub(p.Began)
}

// Succeeded tells whether the deployment's version came to run, and stayed.
func (p PastDeployment) Succeeded() bool {
	return p.Status == types.ServiceDeploymentStatusSuccessful
}

// Reference is the image pinned to what ran, by which it can be deployed again; Image as
// it is where no digest is known.
func (p PastDeployment) Reference() string {
	ref, err := imageref.Parse(p.Image)
	if err != nil || ref.Pinned() || p.Digest == "" {
		return p.Image
	}
	return p.Image + "@" + p.Digest
}

// History reads the deployments of a stack's services. The change sets that were executed
// are gone; what ran is told by ECS's service deployments and revisions, and by whom it
// was begun by the stack's events.
//
// Its errors are *InputError, *InterruptedError and *StackStateError; anything else is
// unexpected.
func (d *Deployer) History(ctx context.Context, req HistoryRequest) (*History, error) {
	if req.Limit < 0 {
		return nil, &InputError{Problem: fmt.Sprintf("a history of %d deployments: the number is negative", req.Limit)}
	}
	ctx, cancel := d.reading(ctx)
	defer cancel()
	t, err := d.readTarget(ctx, req.Stack, req.ImageParameter)
	if err != nil {
		return nil, err
	}
	past, _, err := d.pastDeployments(ctx, t, firstNonZero(req.Limit, DefaultHistory))
	if err != nil {
		return nil, err
	}
	return &History{Stack: t.stack.name(), Parameter: t.reach.parameter, Image: t.image, Deployments: past}, nil
}

func firstNonZero(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

// pastDeployments reads up to limit deployments of each of the target's services, the
// newest first, and the operations on the stack since then, likewise.
func (d *Deployer) pastDeployments(ctx context.Context, t *target, limit int) ([]PastDeployment, []pastOperation, error) {
	fault := func(doing string, err error) error {
		return d.beforeChange(ctx, t.stack.name(), doing, err)
	}
	services, err := d.describeServices(ctx, t.services)
	if err != nil {
		return nil, nil, fault("reading the services of stack "+t.stack.name(), err)
	}
	past := []PastDeployment{}
	for _, ref := range t.services {
		if _, there := services[ref.arn]; !there {
			continue // deleted behind CloudFormation's back
		}
		of, err := d.pastOf(ctx, t, ref, limit)
		if err != nil {
			return nil, nil, fault("reading the history of service "+ref.name, err)
		}
		past = append(past, of...)
	}
	slices.SortStableFunc(past, func(a, b PastDeployment) int { return b.Began.Compare(a.Began) })
	if len(past) == 0 {
		return past, nil, nil
	}
	operations, err := d.operationsSince(ctx, t.stack, past[len(past)-1].Began)
	if err != nil {
		return nil, nil, fault("reading the events of stack "+t.stack.name(), err)
	}
	for i := range past {
		past[i].Origin = originOf(operations, past[i].Began)
	}
	return past, operations, nil
}

// pastOf reads the newest deployments of a service, with what they deployed.
func (d *Deployer) pastOf(ctx context.Context, t *target, ref serviceRef, limit int) ([]PastDeployment, error) {
	var briefs []types.ServiceDeploymentBrief
	in := &ecs.ListServiceDeploymentsInput{Cluster: &ref.cluster, Service: &ref.arn}
	for {
		page, err := d.ecs.ListServiceDeployments(ctx, in)
		if err != nil {
			return nil, err
		}
		briefs = append(briefs, page.ServiceDeployments...)
		if in.NextToken = page.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	slices.SortStableFunc(briefs, func(a, b types.ServiceDeploymentBrief) int {
		return aws.ToTime(b.CreatedAt).Compare(aws.ToTime(a.CreatedAt))
	})
	briefs = briefs[:min(len(briefs), limit)]
	revisions, err := d.revisions(ctx, briefs)
	if err != nil {
		return nil, err
	}
	names, err := d.fedContainers(ctx, t, ref, revisions)
	if err != nil {
		return nil, err
	}
	past := make([]PastDeployment, len(briefs))
	found := false
	for i, b := range briefs {
		p := PastDeployment{
			Resource: ref.resource, Cluster: ref.cluster, Service: ref.name,
			Deployment: lastPart(aws.ToString(b.ServiceDeploymentArn)),
			Began:      aws.ToTime(b.CreatedAt), Ended: aws.ToTime(b.FinishedAt),
			Status: b.Status, Reason: aws.ToString(b.StatusReason),
		}
		p.Current = !found && p.Succeeded()
		found = found || p.Current
		if revision, ok := revisions[aws.ToString(b.TargetServiceRevisionArn)]; ok {
			p.Revision = lastPart(aws.ToString(revision.TaskDefinition))
			for _, c := range revision.ContainerImages {
				if slices.Contains(names, aws.ToString(c.ContainerName)) {
					p.Image, p.Digest = aws.ToString(c.Image), aws.ToString(c.ImageDigest)
					break
				}
			}
		}
		past[i] = p
	}
	return past, nil
}

// revisions reads what the deployments deployed, by ARN.
func (d *Deployer) revisions(ctx context.Context, briefs []types.ServiceDeploymentBrief) (map[string]types.ServiceRevision, error) {
	var arns []string
	for _, b := range briefs {
		if arn := aws.ToString(b.TargetServiceRevisionArn); arn != "" && !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	found := make(map[string]types.ServiceRevision, len(arns))
	for some := range slices.Chunk(arns, maxRevisionsPerCall) {
		out, err := d.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: some})
		if err != nil {
			return nil, err
		}
		for _, r := range out.ServiceRevisions {
			found[aws.ToString(r.ServiceRevisionArn)] = r
		}
	}
	return found, nil
}

// fedContainers are the names of the containers that the parameter feeds, by the task
// definition that the stack has: a deploy changes no names.
func (d *Deployer) fedContainers(ctx context.Context, t *target, ref serviceRef, revisions map[string]types.ServiceRevision) ([]string, error) {
	if len(revisions) == 0 {
		return nil, nil
	}
	var names []string
	for _, id := range t.reach.services[ref.resource] {
		arn := t.physical[id]
		if arn == "" {
			continue
		}
		td, err := d.taskDefinition(ctx, t, arn)
		switch {
		case err != nil:
			return nil, err
		case td == nil:
			return nil, fmt.Errorf("reading task definition %s: ECS tells nothing of it", lastPart(arn))
		}
		for _, i := range t.reach.containers[id] {
			if i < len(td.ContainerDefinitions) {
				names = append(names, aws.ToString(td.ContainerDefinitions[i].Name))
			}
		}
	}
	return names, nil
}

// pastOperation is a time in which CloudFormation worked on a stack.
type pastOperation struct {
	from, to time.Time // to is zero while it runs
	token    string
	updated  bool // whether it was an update that went well
}

// maxEventPages bounds how far back the events of a stack are read. An update has some
// ten events, and a page has a hundred.
const maxEventPages = 10

// operationsSince reads when CloudFormation worked on a stack, newest first, back to a
// time.
func (d *Deployer) operationsSince(ctx context.Context, s *stack, since time.Time) ([]pastOperation, error) {
	var operations []pastOperation
	var end time.Time
	updated := false
	own := &operation{stackID: s.id()}
	pages := cloudformation.NewDescribeStackEventsPaginator(d.cfn, &cloudformation.DescribeStackEventsInput{StackName: s.StackId})
	for n := 0; pages.HasMorePages() && n < maxEventPages; n++ {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.StackEvents {
			e := &page.StackEvents[i]
			if !own.isOwn(e) {
				continue
			}
			own.token = aws.ToString(e.ClientRequestToken)
			switch {
			case own.isFirst(e):
				operations = append(operations, pastOperation{from: aws.ToTime(e.Timestamp), to: end, token: own.token, updated: updated})
				end, updated = time.Time{}, false
				if e.Timestamp.Before(since) {
					return operations, nil
				}
			case !strings.HasSuffix(string(e.ResourceStatus), "_IN_PROGRESS"):
				end, updated = aws.ToTime(e.Timestamp), e.ResourceStatus == cfn.ResourceStatusUpdateComplete
			}
		}
	}
	return operations, nil
}

// during is the operation in which something happened at a time; nil when there was none.
func during(operations []pastOperation, at time.Time) *pastOperation {
	for i := range operations {
		if o := &operations[i]; !at.Before(o.from) && (o.to.IsZero() || !at.After(o.to)) {
			return o
		}
	}
	return nil
}

// originOf tells by whom a deployment was begun that was created at a time.
func originOf(operations []pastOperation, created time.Time) Origin {
	switch o := during(operations, created); {
	case o == nil:
		return OriginECS
	case strings.HasPrefix(o.token, operationPrefix):
		return OriginSlipway
	default:
		return OriginCloudFormation
	}
}
