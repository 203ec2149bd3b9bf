package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/internal/permissions"
)

func newPolicy() *cobra.Command {
	var strategy strategyValue
	var recovers, serviceRole bool
	var services, taskRoles, trafficRoles, families, repositories, logGroups, parameters []string
	s := permissions.Scope{}
	cmd := &cobra.Command{
		Use:   "policy STACK...",
		Short: "Print the least IAM policy for deploying to stacks",
		Long: `Policy prints, as JSON, the IAM policy of somebody who deploys to the stacks by
a strategy, looks on, cancels, goes back and reconciles, and does nothing else.
It asks AWS nothing. Names that it is not told are patterns that match what
CloudFormation generates for stacks of this project: STACK-Service-*,
STACK-TaskRole-*, ...

With --role-arn, CloudFormation works with that service role, which the policy
lets the caller pass, and nobody needs the right to change ECS but that role;
its own policy is printed with --service-role. Without it, the caller's own
rights count, and are in the policy. What --strategy recreate creates and
deletes is up to the template, and is not in it.`,
		Example: `  slipway policy slipway-service --role-arn arn:aws:iam::123456789012:role/cfn
  slipway policy slipway-service --service-role
  slipway policy shop mail --strategy ecs --account 123456789012`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(cmd, errNoStack)
			}
			for _, name := range args {
				if !isStackName(name) {
					return usage(cmd, fmt.Errorf("%q is not the name of a stack", name))
				}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.VarP(&strategy, "strategy", "s", "how to deploy: "+strategies())
	f.BoolVar(&recovers, "recover", false, "let slipway recover be used, too, which may delete the stacks")
	f.BoolVar(&serviceRole, "service-role", false, "print the policy of the role that CloudFormation works with")
	f.StringVar(&s.ServiceRole, "role-arn", "", "the `ROLE` that CloudFormation works with (default: the caller's own rights)")
	f.StringVar(&s.Account, "account", "*", "the `ACCOUNT` of the stacks")
	f.StringVar(&s.Region, "region", "", "the `REGION` of the stacks (default: AWS_REGION, or else any)")
	f.StringVar(&s.Partition, "partition", "aws", "the `PARTITION`: aws, aws-cn or aws-us-gov")
	f.StringVar(&s.Cluster, "cluster", "*", "the `CLUSTER` that the services run in")
	f.StringSliceVar(&services, "service", nil, "the `SERVICE`s of the stacks (default: STACK-Service-*)")
	f.StringSliceVar(&families, "family", nil, "the task definition `FAMILY`s (default: any)")
	f.StringSliceVar(&taskRoles, "task-role", nil, "the `ROLE`s of the tasks (default: STACK-TaskRole-* and STACK-ExecutionRole-*)")
	f.StringSliceVar(&trafficRoles, "traffic-role", nil, "the `ROLE`s that move traffic (default: none)")
	f.StringSliceVar(&repositories, "repository", nil, "the ECR `REPOSITORY`s of the images (default: any of the account)")
	f.StringSliceVar(&logGroups, "log-group", nil, "the log `GROUP`s of the tasks (default: STACK-LogGroup-*)")
	f.StringSliceVar(&parameters, "parameter", nil, "the Systems Manager `PARAMETER`s that the templates read (default: none)")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if s.ServiceRole != "" && serviceRole {
			return usage(cmd, errors.New("--role-arn is for the policy of who deploys, --service-role for that of the role"))
		}
		of := func(given []string, suffixes ...string) []string {
			if given != nil {
				return given
			}
			var patterns []string
			for _, stack := range args {
				for _, suffix := range suffixes {
					patterns = append(patterns, stack+"-"+suffix+"-*")
				}
			}
			return patterns
		}
		s.Stacks = slices.Compact(slices.Sorted(slices.Values(args)))
		s.Services = of(services, "Service")
		s.TaskRoles = of(taskRoles, "TaskRole", "ExecutionRole")
		s.LogGroups = of(logGroups, "LogGroup")
		s.TrafficRoles, s.Parameters = trafficRoles, parameters
		s.Families, s.Repositories = orAny(families), orAny(repositories)
		if s.Region == "" {
			s.Region = orAny([]string{os.Getenv("AWS_REGION")})[0]
		}
		statements := permissions.ForStrategy(s, strategy.String())
		if serviceRole {
			statements = permissions.ServiceRole(s)
		}
		if recovers && !serviceRole {
			statements = append(statements, permissions.Recover(s))
		}
		return printJSON(cmd.OutOrStdout(), policyDocument(statements))
	}
	return cmd
}

// orAny is any name, where none is given.
func orAny(given []string) []string {
	if strings.Join(given, "") == "" {
		return []string{permissions.Any}
	}
	return given
}

// iamPolicy is a policy as IAM takes it.
type iamPolicy struct {
	Version   string
	Statement []iamStatement
}

type iamStatement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

func policyDocument(statements []permissions.Statement) iamPolicy {
	p := iamPolicy{Version: "2012-10-17"}
	for _, s := range statements {
		p.Statement = append(p.Statement, iamStatement{Sid: s.Sid, Effect: "Allow", Action: s.Actions, Resource: s.Resources, Condition: s.Conditions})
	}
	return p
}
