package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/internal/permissions"
)

// DeployRole lets a GitHub Actions workflow deploy images to named stacks, and
// do nothing else. No secret is stored at GitHub: AWS accepts the OpenID
// Connect token that GitHub issues to the workflow, and gives it the role for
// [DeployRoleProps.MaxSessionMinutes] at most.
//
// There are two roles. Role() is for the workflow. It may create, read and
// execute change sets of the named stacks, cancel an update of theirs, read the
// state of their services and the logs of their tasks, and read images of the
// account's ECR repositories in the region, which is what slipway deploy and
// slipway status do. ServiceRole() is for CloudFormation, which works with it
// when it executes those change sets. It may register task definitions and
// update the services.
// Whoever holds Role() can therefore make the services run other images, or run
// them with other settings, with the task roles that they have. The two roles
// can neither create or delete any other resource nor give anybody permissions.
//
// # Give ServiceRole() to the stacks
//
// CloudFormation keeps the service role of the last update that named one, and
// uses it for every later update, whoever starts it. Until ServiceRole() has
// been named in an update of a stack, this happens:
//
//   - If no update has named a role, CloudFormation works with the permissions
//     of the caller. Role() has none to change ECS, so that a deployment fails
//     with AccessDenied and is rolled back.
//   - If the last role was another one, such as that of cdk bootstrap,
//     CloudFormation works with that one. Whoever holds Role() can then do
//     through the stack all that the other role may do. Do not leave a stack in
//     this state.
//
// To name it, give it to each deployment:
//
//	slipway deploy STACK IMAGE --role-arn ARN
//
// where ARN is that of ServiceRole(). Role() may pass it.
//
// From then on, an update that creates or deletes anything but task definitions
// fails and is rolled back. To change the template, name a role with more
// permissions (cdk deploy --role-arn), and name ServiceRole() again in the
// update after it.
type DeployRole interface {
	awsconstructs.Construct
	// Role is the role that the workflow assumes. Its ARN is the input
	// role-to-assume of the action aws-actions/configure-aws-credentials.
	Role() awsiam.Role
	// ServiceRole is the role that CloudFormation assumes.
	ServiceRole() awsiam.Role
	// Provider is the account's IAM identity provider for GitHub. An account
	// has one for all repositories: give its ARN to the next DeployRole as
	// ProviderArn.
	Provider() awsiam.IOidcProvider
}

type deployRole struct {
	awsconstructs.Construct
	role, serviceRole awsiam.Role
	provider          awsiam.IOidcProvider
}

func (d *deployRole) Role() awsiam.Role              { return d.role }
func (d *deployRole) ServiceRole() awsiam.Role       { return d.serviceRole }
func (d *deployRole) Provider() awsiam.IOidcProvider { return d.provider }

const (
	gitHubIssuer = "token.actions.githubusercontent.com"
	// gitHubAudience is what aws-actions/configure-aws-credentials asks GitHub for.
	gitHubAudience = "sts.amazonaws.com"
)

// NewDeployRole defines the two roles and, without ProviderArn, the identity
// provider. It panics when [DeployRoleProps.Validate] returns an error.
func NewDeployRole(scope awsconstructs.Construct, id *string, props *DeployRoleProps) DeployRole {
	mustBeValid(scope, id, props.Validate())
	d := &deployRole{}
	awsconstructs.NewConstruct_Override(d, scope, id)

	d.provider = gitHub(d, props.ProviderArn)
	may := props.permissions()
	d.serviceRole = awsiam.NewRole(d, jsii.String("ServiceRole"), &awsiam.RoleProps{
		Description: jsii.String("What CloudFormation may do when an image is deployed"),
		// No aws:SourceAccount: that CloudFormation says it when it assumes the role
		// of a stack is not documented. There is nobody to be confused by either,
		// since a role is passed to it from within its own account only.
		AssumedBy:      awsiam.NewServicePrincipal(jsii.String("cloudformation.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{"roll-out": allow(permissions.ServiceRole(may))},
	})
	may.ServiceRole = *d.serviceRole.RoleArn()
	d.role = awsiam.NewRole(d, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:           props.RoleName,
		Description:        jsii.String("What a workflow may do to deploy an image"),
		AssumedBy:          awsiam.NewWebIdentityPrincipal(d.provider.OidcProviderArn(), props.trust()),
		MaxSessionDuration: awscdk.Duration_Minutes(orDefault(props.MaxSessionMinutes, minSessionMinutes)),
		InlinePolicies:     &map[string]awsiam.PolicyDocument{"deploy": allow(permissions.Deployer(may))},
	})
	return d
}

// gitHub is the account's identity provider for GitHub Actions. Made here, it is
// the resource of CloudFormation's own; the CDK's older construct would run a
// function for it, which needs a bootstrapped account.
func gitHub(scope awsconstructs.Construct, arn *string) awsiam.IOidcProvider {
	if arn != nil {
		return awsiam.OidcProviderNative_FromOidcProviderArn(scope, jsii.String("GitHub"), arn)
	}
	return awsiam.NewOidcProviderNative(scope, jsii.String("GitHub"), &awsiam.OidcProviderNativeProps{
		Url:       jsii.String("https://" + gitHubIssuer),
		ClientIds: jsii.Strings(gitHubAudience),
	})
}

// trust is for tokens that GitHub made for AWS, for a workflow on the named
// branches, tags and environments of the repository.
func (p *DeployRoleProps) trust() *map[string]any {
	subjects := p.subjects()
	exact := map[string]any{gitHubIssuer + ":aud": gitHubAudience}
	if !strings.ContainsAny(strings.Join(subjects, ""), "*?") {
		exact[gitHubIssuer+":sub"] = subjects
		return &map[string]any{"StringEquals": exact}
	}
	return &map[string]any{
		"StringEquals": exact,
		"StringLike":   map[string]any{gitHubIssuer + ":sub": subjects},
	}
}

// subjects are whom GitHub says that a token is for.
func (p *DeployRoleProps) subjects() []string {
	var subjects []string
	add := func(kind string, names []string) {
		for _, name := range names {
			subjects = append(subjects, fmt.Sprintf("repo:%s:%s%s", *p.Repository, kind, name))
		}
	}
	add("ref:refs/heads/", p.branches())
	add("ref:refs/tags/", texts(p.Tags))
	add("environment:", texts(p.Environments))
	return subjects
}

// permissions are what the props describe, but for the service role. Where they
// name nothing, it is what a service stack of this library consists of: its
// logical IDs, as CloudFormation makes names from them.
func (p *DeployRoleProps) permissions() permissions.Scope {
	stackNames := texts(p.StackNames)
	generated := func(names *[]*string, logicalIDs ...string) []string {
		if names != nil {
			return texts(names)
		}
		var patterns []string
		for _, stack := range stackNames {
			for _, id := range logicalIDs {
				patterns = append(patterns, stack+"-"+id+"-*")
			}
		}
		return patterns
	}
	s := permissions.Scope{
		Partition:    *awscdk.Aws_PARTITION(),
		Region:       *awscdk.Aws_REGION(),
		Account:      *awscdk.Aws_ACCOUNT_ID(),
		Stacks:       stackNames,
		Cluster:      "*",
		Services:     generated(p.ServiceNames, "Service"),
		Families:     []string{"*"},
		TaskRoles:    generated(p.TaskRoleNames, "TaskRole", "ExecutionRole"),
		TrafficRoles: generated(p.TrafficRoleNames, longestLogicalID),
		Repositories: []string{"*"},
		LogGroups:    generated(p.LogGroupNames, "LogGroup"),
		Parameters:   texts(p.ParameterNames),
	}
	if p.Cluster != nil {
		s.Cluster = *p.Cluster.ClusterName()
	}
	if p.TaskFamilies != nil {
		s.Families = texts(p.TaskFamilies)
	}
	return s
}

func allow(statements []permissions.Statement) awsiam.PolicyDocument {
	rendered := make([]awsiam.PolicyStatement, len(statements))
	for i, s := range statements {
		props := &awsiam.PolicyStatementProps{
			Sid:       jsii.String(s.Sid),
			Actions:   jsii.Strings(s.Actions...),
			Resources: jsii.Strings(s.Resources...),
		}
		if s.Conditions != nil {
			conditions := map[string]any{}
			for operator, keys := range s.Conditions {
				conditions[operator] = keys
			}
			props.Conditions = &conditions
		}
		rendered[i] = awsiam.NewPolicyStatement(props)
	}
	return policyDocument(rendered...)
}

func texts(values *[]*string) []string {
	if values == nil {
		return nil
	}
	all := make([]string, len(*values))
	for i, v := range *values {
		all[i] = *v
	}
	return all
}
