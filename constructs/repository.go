package constructs

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Repository is an ECR repository for the images of one service. Tags cannot be
// overwritten, images are scanned when they are pushed, and the repository
// stays when its stack is deleted.
//
// It has no policy of its own: IAM permissions suffice to push and pull within
// the account. Another account needs one; see Repository().AddToResourcePolicy.
//
// Define it in another stack than the service: the first image has to be in the
// repository before the service can be created.
type Repository interface {
	awsconstructs.Construct
	// Repository is the ECR repository, for grants and for
	// [FargateServiceProps.Repository].
	Repository() awsecr.Repository
}

// RepositoryProps configures a [Repository]. The zero value, and nil, are fine.
type RepositoryProps struct {
	// RepositoryName is the name of the repository: 2 to 256 lower case letters
	// and digits, with single . _ - and / between them.
	//
	// Default: CloudFormation generates a name.
	RepositoryName *string

	// KeepImages is how many images are kept, 1 to 10000. When there are more,
	// the oldest are deleted, even if a service still runs one of them: keep as
	// many as you push between two deployments, and those that you want to go
	// back to.
	//
	// Default: 10.
	KeepImages *float64

	// MutableTags lets a tag be overwritten. slipway deploy resolves a tag to
	// its digest and deploys the digest; anything else that pulls by tag, such
	// as ECS when it starts another task, may get another image than before.
	//
	// Default: false.
	MutableTags *bool

	// ScanOnPush makes ECR scan each image for known vulnerabilities when it is
	// pushed (basic scanning, which is free).
	//
	// Default: true.
	ScanOnPush *bool

	// RemovalPolicy is what happens to the repository when it is removed from
	// the stack: awscdk.RemovalPolicy_RETAIN, RETAIN_ON_UPDATE_OR_DELETE, or
	// DESTROY, which deletes the images too.
	//
	// Default: awscdk.RemovalPolicy_RETAIN.
	RemovalPolicy awscdk.RemovalPolicy
}

// repositoryName is ECR's own pattern, but for the length:
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
var repositoryName = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)

// Validate reports every prop that cannot work, joined into one error.
func (p *RepositoryProps) Validate() error {
	if p == nil {
		return nil
	}
	return errors.Join(
		p.checkName(),
		checkNumber("KeepImages", p.KeepImages, 1, 10000),
		// A repository has no snapshots.
		checkChoice("RemovalPolicy", p.RemovalPolicy, awscdk.RemovalPolicy_RETAIN,
			awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, awscdk.RemovalPolicy_DESTROY),
	)
}

func (p *RepositoryProps) checkName() error {
	const meaning = "2 to 256 lower case letters, digits and single . _ - / between them"
	if name := p.RepositoryName; name != nil && !isStringToken(*name) && (len(*name) < 2 || len(*name) > 256) {
		return fmt.Errorf("RepositoryName is %q, allowed is %s", *name, meaning)
	}
	return checkString("RepositoryName", p.RepositoryName, repositoryName, meaning)
}

type repository struct {
	awsconstructs.Construct
	repository awsecr.Repository
}

func (r *repository) Repository() awsecr.Repository { return r.repository }

// NewRepository defines a repository. It panics when [RepositoryProps.Validate]
// returns an error.
func NewRepository(scope awsconstructs.Construct, id *string, props *RepositoryProps) Repository {
	mustBeValid(scope, id, props.Validate())
	if props == nil {
		props = &RepositoryProps{}
	}
	r := &repository{}
	awsconstructs.NewConstruct_Override(r, scope, id)

	mutability := awsecr.TagMutability_IMMUTABLE
	if *orDefault(props.MutableTags, false) {
		mutability = awsecr.TagMutability_MUTABLE
	}
	removal := props.RemovalPolicy
	if removal == "" {
		removal = awscdk.RemovalPolicy_RETAIN
	}
	r.repository = awsecr.NewRepository(r, jsii.String("Repository"), &awsecr.RepositoryProps{
		RepositoryName:     props.RepositoryName,
		ImageTagMutability: mutability,
		ImageScanOnPush:    orDefault(props.ScanOnPush, true),
		RemovalPolicy:      removal,
		// A repository with images in it cannot be deleted, nor could the stack.
		EmptyOnDelete: emptyOnDelete(removal),
		LifecycleRules: &[]*awsecr.LifecycleRule{{
			Description:   jsii.String("Keep the newest images"),
			MaxImageCount: orDefault(props.KeepImages, 10),
		}},
	})
	return r
}

// emptyOnDelete is nil unless the images are to go.
func emptyOnDelete(removal awscdk.RemovalPolicy) *bool {
	if removal != awscdk.RemovalPolicy_DESTROY {
		return nil
	}
	return jsii.Bool(true)
}
