package permissions_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/emulator/emulatortest"
	"github.com/slipway-go/slipway/internal/permissions"
)

const job = "job" // a stack whose only resources are ECS's

const jobTemplate = `
Parameters:
  Image: {Type: String}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: arn:aws:iam::123456789012:role/job-ExecutionRole-1
      ContainerDefinitions: [{Name: job, Image: !Ref Image}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: job-Service-1
      Cluster: network-1
      TaskDefinition: !Ref Task
      DesiredCount: 1
      LaunchType: FARGATE
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
`

func jobScope(serviceRole string) permissions.Scope {
	return permissions.Scope{
		Partition: "aws", Region: region, Account: "*", Stacks: []string{job}, Cluster: "network-*",
		Services: []string{job + "-Service-*"}, Families: []string{job}, TaskRoles: []string{job + "-ExecutionRole-*"},
		ServiceRole: serviceRole,
	}
}

// TestForStrategy deploys by each strategy, well and badly, and goes back, on an AWS that
// holds the deployer to exactly these permissions: they are enough. What they allow
// beyond what was called has a reason.
func TestForStrategy(t *testing.T) {
	t.Parallel()
	uncalled := map[string]string{
		"iam:PassRole":                   "asked for by ECS and CloudFormation",
		"cloudformation:SetStackPolicy":  "asked for by an update or a creation that brings a stack policy",
		"ecs:TagResource":                "asked for when a revision is registered with tags",
		"ecs:DescribeServiceDeployments": "where a service moves traffic, or CloudFormation does not wait for it",
		"cloudformation:ListImports":     "where the stack exports something",
		"cloudformation:ListStacks":      "where a recreation was interrupted",
	}
	base := map[string]bool{} // what all strategies are allowed, held elsewhere
	for _, s := range permissions.Deployer(jobScope("")) {
		for _, action := range s.Actions {
			base[action] = true
		}
	}
	for _, strategy := range deploy.Strategies() {
		for _, serviceRole := range []string{"arn:aws:iam::123456789012:role/service", ""} {
			if serviceRole == "" && strategy == deploy.StrategyRecreate {
				continue // it takes the rights to create what the template has
			}
			t.Run(string(strategy)+map[bool]string{true: " by the caller's rights"}[serviceRole == ""], func(t *testing.T) {
				t.Parallel()
				srv := emulatortest.Start(t, emulator.Options{Speed: 120})
				// A task of a service without health checks counts as soon as it runs. Where it is
				// waited for by its creation only, one that crashes may have come that far.
				bad := emulator.Conduct{Crash: strategy != deploy.StrategyRecreate, Missing: strategy == deploy.StrategyRecreate, ExitCode: 1}
				srv.SetImage(":bad", bad)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				var r recorder
				as := func(caller string) *deploy.Deployer {
					cfg := aws.Config{
						Region: region, BaseEndpoint: aws.String(srv.URL()),
						Credentials: credentials.NewStaticCredentialsProvider(caller, "SECRET", ""),
					}
					if caller == "exactly" {
						cfg = r.record(cfg)
					}
					return deploy.New(cfg, deploy.Options{Clock: srv.Clock()})
				}
				for _, spec := range []deploy.StackSpec{
					{Name: "network", TemplateBody: `{"Resources": {"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "network-1"}}}}`},
					{Name: job, TemplateBody: jobTemplate, Parameters: map[string]string{"Image": "acme/job:v1"}},
				} {
					if _, err := as("admin").Up(ctx, spec); err != nil {
						t.Fatal(err)
					}
				}
				statements := permissions.ForStrategy(jobScope(serviceRole), string(strategy))
				if err := srv.BindPolicy("exactly", policy(t, statements, "")); err != nil {
					t.Fatal(err)
				}
				if serviceRole != "" {
					role := permissions.ServiceRole(jobScope(serviceRole))
					if strategy == deploy.StrategyRecreate {
						role = append(role, permissions.Statement{Sid: "Create", Actions: []string{"ecs:CreateService", "ecs:DeleteService"}, Resources: []string{"*"}})
					}
					if err := srv.BindPolicy(serviceRole, policy(t, role, "")); err != nil {
						t.Fatal(err)
					}
				}
				d := as("exactly")
				request := deploy.Request{Stack: job, Image: "acme/job:v2", Strategy: strategy, AcceptDowntime: strategy == deploy.StrategyRecreate}
				if strategy != deploy.StrategyECS {
					request.RoleARN = serviceRole
				}
				if _, err := d.Deploy(ctx, request); err != nil {
					t.Fatal(err)
				}
				worse := request
				worse.Image = "acme/job:bad"
				var rolledBack *deploy.RolledBackError
				if _, err := d.Deploy(ctx, worse); !errors.As(err, &rolledBack) {
					t.Errorf("a bad version: %v; want a *RolledBackError", err)
				}
				if _, err := d.History(ctx, deploy.HistoryRequest{Stack: job}); err != nil {
					t.Error(err)
				}
				request.Image = "acme/job:v1"
				if _, err := d.Deploy(ctx, request); err != nil {
					t.Errorf("going back: %v", err)
				}
				called := map[string]bool{}
				for _, c := range r.all() {
					called[c.action] = true
				}
				extra := map[string]bool{}
				for _, s := range statements {
					for _, action := range s.Actions {
						if !called[action] && !base[action] && uncalled[action] == "" {
							extra[action] = true
						}
					}
				}
				if serviceRole != "" && len(extra) > 0 {
					t.Errorf("allowed and never called: %s", strings.Join(slices.Sorted(maps.Keys(extra)), ", "))
				}
			})
		}
	}
}

// TestRecoverStatement: a stack is recovered with these and the deployer's permissions.
func TestRecoverStatement(t *testing.T) {
	t.Parallel()
	srv := emulatortest.Start(t, emulator.Options{Speed: 120})
	srv.SetImage(":gone", emulator.Conduct{Missing: true})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	as := func(caller string) *deploy.Deployer {
		return deploy.New(aws.Config{
			Region: region, BaseEndpoint: aws.String(srv.URL()),
			Credentials: credentials.NewStaticCredentialsProvider(caller, "SECRET", ""),
		}, deploy.Options{Clock: srv.Clock()})
	}
	if _, err := as("admin").Up(ctx, deploy.StackSpec{Name: job, TemplateBody: strings.Replace(jobTemplate, "Cluster: network-1", "Cluster: nowhere", 1),
		Parameters: map[string]string{"Image": "acme/job:v1"}}); err == nil {
		t.Fatal("the stack was created")
	}
	of := jobScope("")
	for _, tt := range []struct {
		statements []permissions.Statement
		allowed    bool
	}{
		{permissions.ForStrategy(of, permissions.StrategyChangeSet), false},
		{append(permissions.ForStrategy(of, permissions.StrategyChangeSet), permissions.Recover(of)), true},
	} {
		if err := srv.BindPolicy("caller", policy(t, tt.statements, "")); err != nil {
			t.Fatal(err)
		}
		if _, err := as("caller").Recover(ctx, deploy.RecoverRequest{Stack: job, Delete: true}); (err == nil) != tt.allowed {
			t.Errorf("allowed: %t, and %v", tt.allowed, err)
		}
	}
}
