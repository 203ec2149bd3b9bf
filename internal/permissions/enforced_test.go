package permissions_test

import (
	"context"
	"encoding/json"
	"fmt"
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

// policy is the statements as a document of IAM, without one of their actions.
func policy(t *testing.T, statements []permissions.Statement, without string) string {
	t.Helper()
	var list []map[string]any
	for _, s := range statements {
		actions := slices.DeleteFunc(slices.Clone(s.Actions), func(action string) bool { return action == without })
		if len(actions) == 0 {
			continue
		}
		statement := map[string]any{"Sid": s.Sid, "Effect": "Allow", "Action": actions, "Resource": s.Resources}
		if s.Conditions != nil {
			statement["Condition"] = s.Conditions
		}
		list = append(list, statement)
	}
	data, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": list})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// unmissed are actions without which a deploy works.
var unmissed = map[string]string{
	"ecr:BatchGetImage":          "the embedded registry lets everybody read",
	"ecr:GetDownloadUrlForLayer": "the embedded registry lets everybody read",
	"logs:GetLogEvents":          "a failed task is then told without the end of its log",

	"elasticloadbalancing:DescribeTargetHealth": "a rollout is then watched without it, which is told; status takes it",
}

// TestEnforced deploys under exactly these permissions, on an AWS that holds the
// deployer and CloudFormation's service role to them, and then without one action after
// the other: each is missed.
func TestEnforced(t *testing.T) {
	t.Parallel()
	srv := emulatortest.Start(t, emulator.Options{Speed: 200})
	srv.SetImage(":slow", emulator.Conduct{PullTime: 6 * time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var rolling func()
	config := func(accessKeyID string) aws.Config {
		return aws.Config{
			Region: region, BaseEndpoint: aws.String(srv.URL()),
			Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, "SECRET", ""),
		}
	}
	as := func(accessKeyID string) *deploy.Deployer {
		cfg := config(accessKeyID)
		return deploy.New(cfg, deploy.Options{
			Clock:       srv.Clock(),
			Resolver:    resolver(srv, cfg),
			OnInterrupt: func(string) deploy.Interrupt { return deploy.Cancel },
			Observe: func(e deploy.Event) {
				if _, ok := e.(deploy.DeploymentProgress); ok && rolling != nil {
					rolling()
				}
			},
		})
	}
	bind := func(caller, document string) {
		t.Helper()
		if err := srv.BindPolicy(caller, document); err != nil {
			t.Fatal(err)
		}
	}
	push(t, srv, "v1", "v2", "slow")
	create(ctx, t, as("admin"))
	of := scope()
	of.TaskRoles = append(of.TaskRoles, web+"-ExecutionRole-*", moving+"-TaskRole-*", moving+"-ExecutionRole-*")
	deployer, role := permissions.Deployer(of), permissions.ServiceRole(of)
	bind(scope().ServiceRole, policy(t, role, ""))
	bind("exactly", policy(t, deployer, ""))
	version := 1
	run := func(d *deploy.Deployer) error {
		version++
		tag := fmt.Sprintf(":v%d", version)
		push(t, srv, tag[1:])
		_, err := d.Deploy(ctx, deploy.Request{Stack: web, Image: images + tag, RoleARN: scope().ServiceRole})
		if err != nil {
			return err
		}
		_, err = d.Status(ctx, web, "")
		return err
	}
	if err := run(as("exactly")); err != nil {
		t.Fatalf("with exactly the permissions: %v", err)
	}
	for _, s := range deployer {
		for _, action := range s.Actions {
			if unmissed[action] != "" {
				continue
			}
			settled(t, srv)
			bind("without", policy(t, deployer, action))
			d := as("without")
			if forPredictions[action] {
				missedInPlan(ctx, t, d, action)
				continue
			}
			err := run(d)
			switch action {
			case "cloudformation:DeleteChangeSet": // of a change set that was refused
				_, err = d.Deploy(ctx, deploy.Request{Stack: odd, Image: images + ":v2"})
			case "ecs:ContinueServiceDeployment", "ecs:DescribeServiceDeployments":
				err = move(ctx, srv, fmt.Sprintf(":v%d", version), config("exactly"), config("without"), config("exactly"))
			case "cloudformation:CancelUpdateStack":
				interruptible, interrupt := context.WithCancel(ctx)
				rolling = interrupt
				_, err = d.Deploy(interruptible, deploy.Request{Stack: web, Image: images + ":slow", RoleARN: scope().ServiceRole})
				rolling = nil
				interrupt()
			}
			want := "is not authorized to perform: " + action + " on resource: "
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("without %s: %v", action, err)
			}
		}
	}
}

// forPredictions are the actions that only tell people what to expect of a rollout.
var forPredictions = map[string]bool{
	"elasticloadbalancing:DescribeTargetGroupAttributes": true,
	"elasticloadbalancing:DescribeTargetGroups":          true,
}

// missedInPlan makes a plan without an action: it predicts what it can, and says what it
// could not read.
func missedInPlan(ctx context.Context, t *testing.T, d *deploy.Deployer, action string) {
	t.Helper()
	plan, err := d.Plan(ctx, deploy.Request{Stack: fresh, Image: images + ":v2"})
	if err != nil || len(plan.Predictions) != 1 {
		t.Errorf("a plan without %s: %+v, %v", action, plan, err)
		return
	}
	p := plan.Predictions[0]
	if len(p.Unread) != 1 || !strings.Contains(p.Unread[0], "is not authorized to perform: "+action) || p.Longest == 0 {
		t.Errorf("the prediction without %s is %+v", action, p)
	}
}

// settled waits until CloudFormation works on no stack: a deployer that may not look on
// leaves its rollout running.
func settled(t *testing.T, srv *emulator.Server) {
	t.Helper()
	for slices.ContainsFunc(emulatortest.State(t, srv, region).Stacks, func(s emulator.StackState) bool {
		return strings.HasSuffix(s.Status, "_IN_PROGRESS")
	}) {
		time.Sleep(5 * time.Millisecond)
	}
}
