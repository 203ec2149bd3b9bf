package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
)

// Resolver finds out which image a reference names. *[imageref.Resolver] is one.
type Resolver interface {
	// Resolve returns ref pinned to the digest of what it names at the moment, which has
	// to be for the platform. A ref that is pinned already is looked for.
	Resolve(ctx context.Context, ref imageref.Ref, platform imageref.Platform) (imageref.Resolved, error)
}

// resolve pins the run's image to what it names at the moment, and finds out beforehand
// what ECS would find out when it starts the first task: that the image is there, and for
// the platform of the tasks. Once pinned, the image stays the same however long the run
// has to wait for the stack.
func (r *run) resolve(ctx context.Context) error {
	if r.d.resolver == nil || r.req.NoResolve {
		return nil
	}
	platforms, err := r.platforms(ctx)
	if err != nil {
		return err
	}
	for _, platform := range platforms {
		found, err := r.d.resolver.Resolve(ctx, r.image, platform)
		if r.ranBefore(err) {
			r.d.observe(Retrying{at: at{r.d.clock.Now()}, Stack: r.t.stack.name(), Err: fmt.Errorf("%w; going back without it", err)})
			return nil
		}
		if err != nil {
			return r.unresolved(ctx, err)
		}
		r.image = found.Ref
		r.d.observe(ImageResolved{
			at: at{r.d.clock.Now()}, Stack: r.t.stack.name(), Requested: r.req.Image, Image: r.image.String(),
			Platform: platform.String(), PlatformUntold: slices.Contains(found.Platforms, imageref.Platform{}),
		})
	}
	return nil
}

// ranBefore tells whether a registry that cannot be asked need not be: a version of the
// history has run with this very digest, and going back to it must not wait for a registry.
func (r *run) ranBefore(err error) bool {
	var unavailable *imageref.UnavailableError
	return r.kind == rollbackKind && r.image.Pinned() && errors.As(err, &unavailable)
}

// platforms are what the stack's task definitions that the image is for ask of it, each
// once. They are read as deployed: in the template, conditions and other parameters may
// decide.
func (r *run) platforms(ctx context.Context) ([]imageref.Platform, error) {
	var platforms []imageref.Platform
	r.t.definitions = make(map[string]*types.TaskDefinition)
	for _, id := range sortedKeys(r.t.reach.containers) {
		arn := r.t.physical[id]
		if arn == "" {
			continue // a condition keeps the stack from having it
		}
		out, err := r.d.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
		if err != nil {
			return nil, r.d.beforeChange(ctx, r.t.stack.name(), "reading task definition "+lastPart(arn), err)
		}
		r.t.definitions[arn] = out.TaskDefinition
		if p := platformOf(out.TaskDefinition); !slices.Contains(platforms, p) {
			platforms = append(platforms, p)
		}
	}
	if len(platforms) == 0 {
		platforms = append(platforms, platformOf(nil))
	}
	return platforms, nil
}

// platformOf is what a task definition asks of its images. Without a word it is Linux on
// X86_64.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
func platformOf(td *types.TaskDefinition) imageref.Platform {
	p := imageref.Platform{OS: "linux", Architecture: "amd64"}
	if td == nil || td.RuntimePlatform == nil {
		return p
	}
	if td.RuntimePlatform.CpuArchitecture == types.CPUArchitectureArm64 {
		p.Architecture = "arm64"
	}
	if strings.HasPrefix(string(td.RuntimePlatform.OperatingSystemFamily), "WINDOWS") {
		p.OS = "windows"
	}
	return p
}

// unresolved says of a failed resolution what to do about it. Nothing was changed.
func (r *run) unresolved(ctx context.Context, err error) error {
	var late *noAnswerError
	if ctx.Err() != nil && !errors.As(context.Cause(ctx), &late) {
		return &InterruptedError{Stack: r.t.stack.name(), Err: context.Cause(ctx)}
	}
	return &InputError{
		Problem: fmt.Sprintf("resolving image %s: %v", r.req.Image, err),
		Advice:  r.resolveAdvice(err),
		Err:     err,
	}
}

func (r *run) resolveAdvice(err error) string {
	var (
		missing     *imageref.NotFoundError
		denied      *imageref.DeniedError
		credentials *imageref.CredentialsError
		unavailable *imageref.UnavailableError
		platform    *imageref.PlatformError
		other       *imageref.NotImageError
	)
	host := imageref.Host(r.image.Registry())
	advice := ""
	switch {
	case errors.As(err, &platform):
		return fmt.Sprintf("build the image for %s (docker build --platform %s)", platform.Want, platform.Want)
	case errors.As(err, &other):
		return "give a reference to a container image"
	case errors.As(err, &missing):
		advice = "check the reference, or push the image first"
	case errors.As(err, &denied) && isECR(host):
		advice = "let these AWS credentials read it (ecr:BatchGetImage, ecr:GetDownloadUrlForLayer)"
	case errors.As(err, &denied):
		advice = fmt.Sprintf("check the reference, and sign in with: docker login %s", host)
	case errors.As(err, &credentials) && isECR(host):
		advice = "let these AWS credentials log in to ECR (ecr:GetAuthorizationToken), or sign in with docker login"
	case errors.As(err, &credentials):
		return "put Docker's configuration right (~/.docker/config.json), or do without the registry (--no-resolve)"
	case errors.As(err, &unavailable):
		return "try again, or do without the registry (--no-resolve)"
	default:
		return "do without the registry (--no-resolve)"
	}
	if r.d.url != "" {
		advice += "; for an embedded AWS, whose images need be in no registry, add --no-resolve"
	}
	return advice
}

// isECR tells whether a host is a private registry of Amazon ECR.
func isECR(host string) bool {
	return strings.Contains(host, ".dkr.ecr") || strings.Contains(host, ".dkr-ecr")
}

// current tells whether the stack's parameter has the image already. References by the
// same digest are the same image, whatever tag stands beside it: a rollout would put the
// very same bytes in the place of those that run.
func (r *run) current() (bool, error) {
	if r.t.image == r.image.String() {
		if r.req.NoResolve && !r.image.Pinned() && !r.imageDriftAccepted {
			return false, r.sameTag("CloudFormation would see no change")
		}
		return true, nil
	}
	return r.image.Pinned() && sameImage(r.image, r.t.image), nil
}

// sameTag is the refusal to deploy a tag that is deployed already, of which who would roll
// it out sees nothing new.
func (r *run) sameTag(unseen string) error {
	return &RefusedError{Stack: r.t.stack.name(), Advice: "deploy it without --no-resolve, or by digest", Reasons: []Reason{{
		Resource: "Parameters/" + r.t.reach.parameter, Before: firstNonEmpty(r.result.PreviousImage, r.t.image), After: r.image.String(),
		Why: unseen + ", though another image may be behind the tag by now",
	}}}
}

// maxImageName is how long an image may be, but for a digest.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const maxImageName = 255

// checkLength refuses what no task definition takes.
func checkLength(image imageref.Ref) error {
	before, _, _ := strings.Cut(image.String(), "@")
	if len(before) <= maxImageName {
		return nil
	}
	return &InputError{
		Problem: fmt.Sprintf("image %.60s... has %d characters without its digest; ECS takes %d at most", before, len(before), maxImageName),
		Advice:  "nothing was changed",
	}
}
