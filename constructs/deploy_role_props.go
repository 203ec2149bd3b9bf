package constructs

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
)

// DeployRoleProps configures a [DeployRole]. Where a list takes patterns, * is
// any text and ? any character.
type DeployRoleProps struct {
	// Repository is the GitHub repository whose workflows deploy: owner/name,
	// spelled as GitHub spells it. One that was made, renamed or moved since June
	// 18, 2026, or that has opted in, is known to AWS with its IDs: give owner and
	// name as the repository's OIDC settings show them, such as
	// octo-org-123456/octo-repo-456789. Required.
	Repository *string

	// Branches are the branches from which a workflow may deploy. Patterns have to
	// begin with a letter or a digit: release/* is one, * is none.
	//
	// Default: main, when neither Tags nor Environments are given.
	Branches *[]*string

	// Tags are the git tags from which a workflow may deploy, patterns as in
	// Branches: v*.
	//
	// Default: none.
	Tags *[]*string

	// Environments are the GitHub environments for which a workflow may deploy,
	// by their exact names. A job with an environment is known to AWS by that
	// alone, whatever its branch: say in the environment's rules which may use it.
	//
	// Default: none.
	Environments *[]*string

	// StackNames are the stacks that may be deployed to, by their exact names, 8
	// at most. They have to be in the account and region of this one. Required.
	StackNames *[]*string

	// Cluster is the ECS cluster that the stacks' services run in.
	//
	// Default: every cluster of the account and region.
	Cluster awsecs.ICluster

	// ServiceNames are the names of the stacks' ECS services, or patterns of them.
	//
	// Default: STACK-Service-* for each stack, which is what CloudFormation calls
	// the service of a service stack of this library.
	ServiceNames *[]*string

	// TaskFamilies are the families of the stacks' task definitions, or patterns
	// of them. In a service stack it is the parameter ServiceName.
	//
	// Default: every family. What a task may do is up to TaskRoleNames.
	TaskFamilies *[]*string

	// TaskRoleNames are the names of the roles that the stacks' tasks run and are
	// started with, with their path if any, or patterns of them. An image can do
	// all that those may.
	//
	// Default: STACK-TaskRole-* and STACK-ExecutionRole-* for each stack, as
	// CloudFormation calls those of a service stack of this library.
	TaskRoleNames *[]*string

	// TrafficRoleNames are the names of the roles with which ECS shifts traffic,
	// or patterns of them. An empty list is for stacks that shift none.
	//
	// Default: STACK-TrafficShiftRole-* for each stack, as CloudFormation calls
	// that of a service stack of this library with TrafficShift.
	TrafficRoleNames *[]*string

	// ParameterNames are the names of the parameters of Systems Manager that the
	// stacks' templates read, or patterns of them: /NETWORK/* for service stacks
	// that know their network from there.
	//
	// Default: none.
	ParameterNames *[]*string

	// ProviderArn is the account's identity provider for GitHub Actions. There can
	// be one only: give it where another stack or a person has made it.
	//
	// Default: it is made, and goes with the stack.
	ProviderArn *string

	// RoleName is the name of the workflow's role: letters, digits and _ + = , . @ -,
	// 64 together. The stack then has to be deployed with CAPABILITY_NAMED_IAM.
	//
	// Default: CloudFormation generates it.
	RoleName *string

	// MaxSessionMinutes is how long the workflow may keep the role without asking
	// again, 60 to 720 minutes: at least its longest rollout.
	//
	// Default: 60.
	MaxSessionMinutes *float64
}

const (
	minSessionMinutes = 60.0
	// maxDeployStacks keeps the policies below the 10,240 characters that a role's
	// inline policies may have together.
	maxDeployStacks = 8
	// longestLogicalID is the longest of those that role names are generated from.
	// Together with the stack's name, two hyphens and 13 random characters it has
	// to fit into the 64 that a role's name may have: otherwise CloudFormation
	// shortens the stack's name.
	longestLogicalID  = "TrafficShiftRole"
	maxGeneratedStack = 64 - len(longestLogicalID) - 2 - 13
)

var (
	gitHubRepository  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@-]*/[A-Za-z0-9_.@-]+$`)
	gitRefPattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_./@#+=,*?-]*$`)
	gitHubEnvironment = regexp.MustCompile(`^[^\s*?:$][^*?:$]{0,254}$`)
	exactStackName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	namePattern       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_+=,.@/*?-]*$`)
	parameterPattern  = regexp.MustCompile(`^/?[A-Za-z0-9][A-Za-z0-9_./*?-]*$`)
	roleName          = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)
	gitHubProviderARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:oidc-provider/` + regexp.QuoteMeta(gitHubIssuer) + `$`)
)

// Validate reports every prop that cannot work, joined into one error.
func (p *DeployRoleProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	const gitRef = "a name, or a pattern that begins with a letter or a digit"
	const resource = "names, or patterns that begin with a letter or a digit"
	return errors.Join(
		required("Repository", p.Repository == nil),
		checkString("Repository", p.Repository, gitHubRepository, `owner/name, such as "octo-org/octo-repo"`),
		checkNames("Branches", p.Branches, gitRefPattern, gitRef),
		checkNames("Tags", p.Tags, gitRefPattern, gitRef),
		checkNames("Environments", p.Environments, gitHubEnvironment, "the exact name of an environment"),
		required("StackNames", p.StackNames == nil),
		checkNames("StackNames", p.StackNames, exactStackName, "the exact name of a stack"),
		p.checkStackNames(),
		checkNames("ServiceNames", p.ServiceNames, namePattern, resource),
		checkNames("TaskFamilies", p.TaskFamilies, namePattern, resource),
		checkNames("TaskRoleNames", p.TaskRoleNames, namePattern, resource),
		p.checkTrafficRoles(resource),
		checkNames("ParameterNames", p.ParameterNames, parameterPattern, "names, or patterns that begin with a letter or a digit, perhaps after a /"),
		checkString("ProviderArn", p.ProviderArn, gitHubProviderARN, "arn:aws:iam::ACCOUNT:oidc-provider/"+gitHubIssuer),
		checkString("RoleName", p.RoleName, roleName, "1 to 64 letters, digits and _ + = , . @ -"),
		checkNumber("MaxSessionMinutes", p.MaxSessionMinutes, minSessionMinutes, 720),
	)
}

func (p *DeployRoleProps) checkTrafficRoles(meaning string) error {
	if p.TrafficRoleNames != nil && len(*p.TrafficRoleNames) == 0 {
		return nil
	}
	return checkNames("TrafficRoleNames", p.TrafficRoleNames, namePattern, meaning)
}

func (p *DeployRoleProps) checkStackNames() error {
	names := *orDefault(p.StackNames, nil)
	if len(names) > maxDeployStacks {
		return fmt.Errorf("StackNames has %d names, allowed are %d: for more, a policy grows too long; make a second DeployRole", len(names), maxDeployStacks)
	}
	if p.TaskRoleNames != nil && p.TrafficRoleNames != nil {
		return nil
	}
	var errs []error
	for i, name := range names {
		if name != nil && !isStringToken(*name) && len(*name) > maxGeneratedStack {
			errs = append(errs, fmt.Errorf("StackNames[%d] is %q of %d characters, which CloudFormation shortens in the names of roles; allowed are %d, or more with TaskRoleNames and TrafficRoleNames",
				i, *name, len(*name), maxGeneratedStack))
		}
	}
	return errors.Join(errs...)
}

// checkNames is for lists; nil is the default, an empty one would allow nothing.
func checkNames(prop string, names *[]*string, allowed *regexp.Regexp, meaning string) error {
	if names == nil {
		return nil
	}
	if len(*names) == 0 {
		return fmt.Errorf("%s is empty, allowed is one name or more", prop)
	}
	var errs []error
	for i, name := range *names {
		element := fmt.Sprintf("%s[%d]", prop, i)
		errs = append(errs, required(element, name == nil), checkString(element, name, allowed, meaning))
	}
	return errors.Join(errs...)
}

func (p *DeployRoleProps) branches() []string {
	if p.Branches == nil && p.Tags == nil && p.Environments == nil {
		return []string{"main"}
	}
	return texts(p.Branches)
}
