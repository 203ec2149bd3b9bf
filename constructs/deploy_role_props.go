package constructs

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
)

// DeployRoleProps configures a [DeployRole]. In a list that takes patterns, *
// matches any text and ? any single character. A pattern has to begin with a
// letter or a digit: release/* is one, * alone is refused.
type DeployRoleProps struct {
	// Repository is the GitHub repository whose workflows deploy: owner/name,
	// in the spelling that GitHub shows.
	//
	// For repositories created, renamed or transferred since July 15, 2026, or
	// that have opted in, GitHub's tokens have numeric IDs behind owner and
	// name. Copy the form that the repository's OIDC settings show, such as
	// octo-org@123456/octo-repo@456789. See
	// https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
	//
	// Required.
	Repository *string

	// Branches are the git branches, or patterns of them, from which a workflow
	// may deploy. A workflow that a pull request starts is on none of them, and
	// no prop admits it as such: it is the pull request's own version of the
	// workflow, which nobody has reviewed.
	//
	// Default: main when neither Tags nor Environments are given, none
	// otherwise.
	Branches *[]*string

	// Tags are the git tags, or patterns of them, such as v*, from which a
	// workflow may deploy.
	//
	// Default: none.
	Tags *[]*string

	// Environments are the names of the GitHub environments, no patterns, for
	// which a workflow may deploy. The token of a job with an environment names
	// the environment and not the branch: restrict the branches in the settings
	// of the environment, or a workflow on any branch of the repository, that of
	// a pull request included, can deploy by naming it.
	//
	// Default: none.
	Environments *[]*string

	// StackNames are the names of the stacks that may be deployed to, no
	// patterns. They have to be in the account and region of the stack of this
	// construct. There can be 6, so that the policies stay below the 10,240
	// characters that IAM allows; for more, define another DeployRole.
	// Required.
	StackNames *[]*string

	// Cluster is the ECS cluster that the services of the stacks run in.
	//
	// Default: any cluster of the account and region.
	Cluster awsecs.ICluster

	// ServiceNames are the names of the ECS services of the stacks, or patterns
	// of them.
	//
	// Default: STACK-Service-* for each stack, which matches the names that
	// CloudFormation generates for services of stacks.NewServiceStack.
	ServiceNames *[]*string

	// TaskFamilies are the task definition families of the stacks, or patterns
	// of them. The family in a stack of stacks.NewServiceStack is its parameter
	// ServiceName.
	//
	// Default: any family. TaskRoleNames still limit the roles that its tasks
	// can have.
	TaskFamilies *[]*string

	// TaskRoleNames are the names of the task roles and execution roles of the
	// stacks, with the path if they have one, or patterns of them. A deployed
	// image can do all that these roles may do.
	//
	// Default: STACK-TaskRole-* and STACK-ExecutionRole-* for each stack, which
	// match the names that CloudFormation generates in stacks of
	// stacks.NewServiceStack. It cuts them short for stack names of more than
	// 33 characters, which are refused here for that reason.
	TaskRoleNames *[]*string

	// TrafficRoleNames are the names of the roles with which ECS shifts traffic
	// between target groups, or patterns of them. An empty list is for stacks
	// without [TrafficShift].
	//
	// Default: STACK-TrafficShiftRole-* for each stack, which matches the names
	// that CloudFormation generates in stacks of stacks.NewServiceStack.
	TrafficRoleNames *[]*string

	// LogGroupNames are the names of the log groups that the tasks of the stacks
	// write to, or patterns of them: slipway deploy shows the last lines of a task
	// that failed. An empty list is for logs that Role() is not to read.
	//
	// Default: STACK-LogGroup-* for each stack, which matches the names that
	// CloudFormation generates in stacks of stacks.NewServiceStack.
	LogGroupNames *[]*string

	// ParameterNames are the names of the Systems Manager parameters that the
	// templates of the stacks read, or patterns of them: /NETWORK/* for
	// services with stacks.ServiceStackProps.SSMParameters on a network stack
	// called NETWORK.
	//
	// Default: none.
	ParameterNames *[]*string

	// ProviderArn is the ARN of the account's IAM identity provider for GitHub
	// Actions. An account can have only one: set this when it has it already.
	//
	// Default: the provider is created, and deleted with the stack.
	ProviderArn *string

	// RoleName is the name of Role(): 1 to 64 letters, digits and _ + = , . @
	// -. With it, the stack has to be deployed with CAPABILITY_NAMED_IAM.
	//
	// Default: CloudFormation generates a name.
	RoleName *string

	// MaxSessionMinutes is the longest session that the workflow can ask for,
	// 60 to 720 minutes. It should be longer than the longest deployment.
	//
	// Default: 60.
	MaxSessionMinutes *float64
}

const (
	minSessionMinutes = 60.0
	// maxDeployStacks keeps the policies below the 10,240 characters that a role's
	// inline policies may have together.
	maxDeployStacks = 6
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
		checkNamesOrNone("TrafficRoleNames", p.TrafficRoleNames, namePattern, resource),
		checkNamesOrNone("LogGroupNames", p.LogGroupNames, parameterPattern, "names, or patterns that begin with a letter or a digit, perhaps after a /"),
		checkNames("ParameterNames", p.ParameterNames, parameterPattern, "names, or patterns that begin with a letter or a digit, perhaps after a /"),
		checkString("ProviderArn", p.ProviderArn, gitHubProviderARN, "arn:aws:iam::ACCOUNT:oidc-provider/"+gitHubIssuer),
		checkString("RoleName", p.RoleName, roleName, "1 to 64 letters, digits and _ + = , . @ -"),
		checkNumber("MaxSessionMinutes", p.MaxSessionMinutes, minSessionMinutes, 720),
	)
}

// checkNamesOrNone allows an empty list, too, by which something is not done.
func checkNamesOrNone(prop string, names *[]*string, pattern *regexp.Regexp, meaning string) error {
	if names != nil && len(*names) == 0 {
		return nil
	}
	return checkNames(prop, names, pattern, meaning)
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
