package deploy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// storeTemplate is a service without a load balancer, which is there in no time. Its marks
// are replaced by variants of it.
const storeTemplate = `
Parameters:
  Image: {Type: String}
  Greeting: {Type: String, Default: hello}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Ref AWS::StackName}}
  Task:
    Type: AWS::ECS::TaskDefinition
    UpdateReplacePolicy: Retain
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      Tags: [{Key: team, Value: shop}]
      ContainerDefinitions:
        - Name: shop
          Image: !Ref Image
          Environment: [{Name: GREETING, Value: !Ref Greeting}] # environment
        - {Name: sidecar, Image: acme/sidecar:v1, Essential: false}
  Service:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: !Ref AWS::StackName
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      LaunchType: FARGATE
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}} # breaker
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
  # more
`

const (
	shop = "shop"
)

// variant is the shop's template with one of its marked lines replaced, or with more
// resources.
func variant(mark, replacement string) string {
	lines := strings.Split(storeTemplate, "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, mark) })
	lines[i] = replacement
	return strings.Join(lines, "\n")
}

func (w *world) upShop(t *testing.T, template, image string) {
	t.Helper()
	_, err := w.Up(ctxOf(t), deploy.StackSpec{
		Name: shop, TemplateBody: template, Capabilities: []string{"CAPABILITY_IAM"},
		Parameters: map[string]string{"Image": image, "Greeting": "good day"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// calls are the calls of some operations since the last ForgetCalls, by operation.
func (w *world) calls() map[string]int {
	counts := map[string]int{}
	for _, c := range w.srv.Calls() {
		counts[c.Operation]++
	}
	return counts
}

// requireShop compares what the shop's stack says and its service runs.
func (w *world) requireShop(t *testing.T, says, runs string, drift bool) *deploy.Status {
	t.Helper()
	status, err := w.Status(ctxOf(t), shop, "")
	if err != nil {
		t.Fatal(err)
	}
	if status.Image != says || len(status.Drift) > 0 != drift {
		t.Errorf("the stack says %s, drift %q; want %s and drift: %t", status.Image, status.Drift, says, drift)
	}
	if i := slices.IndexFunc(status.Services[0].Images, func(i deploy.RunningImage) bool { return i.Container == shop }); i < 0 ||
		status.Services[0].Images[i].Image != runs || status.Services[0].Images[i].Tasks != 2 {
		t.Errorf("the service runs %+v; want %s in two tasks", status.Services[0].Images, runs)
	}
	return status
}

// revisions counts the revisions of the shop's family.
func (w *world) revisions(t *testing.T) int {
	t.Helper()
	n := 0
	for _, status := range []types.TaskDefinitionStatus{types.TaskDefinitionStatusActive, types.TaskDefinitionStatusInactive} {
		out, err := ecs.NewFromConfig(w.cfg).ListTaskDefinitions(ctxOf(t), &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String(shop), Status: status})
		if err != nil {
			t.Fatal(err)
		}
		n += len(out.TaskDefinitionArns)
	}
	return n
}

func deployShop(t *testing.T, w *world, strategy deploy.Strategy, image string) (*deploy.Result, error) {
	t.Helper()
	return w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: image, Strategy: strategy})
}

// The ways that go through the stack leave it saying the truth, and change nothing but
// the image.
func TestDeployByUpdate(t *testing.T) {
	t.Parallel()
	for _, strategy := range []deploy.Strategy{deploy.StrategyUpdate, deploy.StrategyExpress} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, storeTemplate, v1)
			w.srv.ForgetCalls()
			result, err := deployShop(t, w, strategy, v2)
			if err != nil {
				t.Fatal(err)
			}
			if result.Image != v2 || result.PreviousImage != v1 || len(result.Services) != 1 || result.Services[0].Running != 2 || result.AlreadyCurrent {
				t.Errorf("result %+v", result)
			}
			calls := w.calls()
			if calls["UpdateStack"] != 1 || calls["CreateChangeSet"] != 0 || calls["UpdateService"] != 0 {
				t.Errorf("calls %v", calls)
			}
			w.requireShop(t, v2, v2, false)
			if n := w.revisions(t); n != 2 {
				t.Errorf("%d revisions, want 2", n)
			}
			out, err := cloudformation.NewFromConfig(w.cfg).GetStackPolicy(ctxOf(t), &cloudformation.GetStackPolicyInput{StackName: aws.String(shop)})
			if err != nil || out.StackPolicyBody != nil {
				t.Errorf("the stack has a policy afterwards: %v, %v", aws.ToString(out.StackPolicyBody), err)
			}
			again, err := deployShop(t, w, strategy, v2)
			if err != nil || !again.AlreadyCurrent {
				t.Errorf("again: %+v, %v", again, err)
			}
			// Back and forth is a new rollout each time.
			if _, err := deployShop(t, w, strategy, v1); err != nil {
				t.Error(err)
			}
			w.requireShop(t, v1, v1, false)
		})
	}
}

// A version that crashes leaves everything as it was, and its tasks' reasons told.
func TestStrategiesRollBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		strategy deploy.Strategy
		template string
	}{
		"update": {deploy.StrategyUpdate, storeTemplate}, "update without breaker": {deploy.StrategyUpdate, variant("# breaker", "")},
		"express": {deploy.StrategyExpress, storeTemplate}, "express without breaker": {deploy.StrategyExpress, variant("# breaker", "")},
		"ecs": {deploy.StrategyECS, storeTemplate}, "ecs without breaker": {deploy.StrategyECS, variant("# breaker", "")},
		"ecs with a breaker that only stops": {deploy.StrategyECS, variant("# breaker", "      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: false}}")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":bad", emulator.Conduct{Crash: true, CrashAfter: -1, ExitCode: 3})
			w.upShop(t, tt.template, v1)
			_, err := deployShop(t, w, tt.strategy, "acme/web:bad")
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) {
				t.Fatalf("error %v; want a *RolledBackError", err)
			}
			if len(rolledBack.Tasks) == 0 || rolledBack.Tasks[0].ExitCode == nil || *rolledBack.Tasks[0].ExitCode != 3 || rolledBack.Service != shop {
				t.Errorf("error %+v; want it to tell the service and its stopped tasks", rolledBack)
			}
			w.requireShop(t, v1, v1, false)
			// A finished rollback is no obstacle to the next attempt.
			if _, err := deployShop(t, w, tt.strategy, v2); err != nil {
				t.Errorf("the next deploy: %v", err)
			}
		})
	}
}

// What the image does not reach keeps the update from beginning, or the guard ends it.
func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	allowAll := `{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},`
	tests := map[string]struct {
		template, policy string
		want             string
	}{
		"a stray use": {
			template: variant("# more", "  Label: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Image}}"),
			want:     "Resources/Label/Properties/Value/Ref: parameter Image feeds this, too",
		},
		"a follower": {
			template: variant("# more", "  Label: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Task}}"),
			want:     "Resources/Label/Properties/Value/Ref: this AWS::SSM::Parameter refers to task definition Task and would follow it",
		},
		"the stack's own policy": {
			template: storeTemplate,
			policy:   allowAll + `{"Effect": "Deny", "Action": "Update:Replace", "Principal": "*", "Resource": "LogicalResourceId/T*"}]}`,
			want:     "Task: the stack's own policy does not allow Update:Replace of this AWS::ECS::TaskDefinition",
		},
		"the stack's own policy by type": {
			template: storeTemplate,
			policy: allowAll + `{"Effect": "Deny", "NotAction": "Update:Delete", "Principal": "*", "Resource": "*",
				"Condition": {"StringEquals": {"ResourceType": ["AWS::ECS::Service"]}}}]}`,
			want: "Service: the stack's own policy does not allow Update:Modify of this AWS::ECS::Service",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, tt.template, v1)
			if tt.policy != "" {
				_, err := cloudformation.NewFromConfig(w.cfg).SetStackPolicy(ctxOf(t), &cloudformation.SetStackPolicyInput{StackName: aws.String(shop), StackPolicyBody: &tt.policy})
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, strategy := range []deploy.Strategy{deploy.StrategyUpdate, deploy.StrategyExpress} {
				_, err := deployShop(t, w, strategy, v2)
				var refused *deploy.RefusedError
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("by %s: error %v; want a *RefusedError with %q", strategy, err, tt.want)
				}
			}
			if n := w.calls()["UpdateStack"]; n != 0 {
				t.Errorf("the stack was updated %d times", n)
			}
			w.requireShop(t, v1, v1, false)
		})
	}
}

// greet sets the parameter /greeting of Systems Manager.
func (w *world) greet(t *testing.T, value string) {
	t.Helper()
	_, err := w.Up(ctxOf(t), deploy.StackSpec{
		Name: "greeting", Parameters: map[string]string{"Value": value},
		TemplateBody: `{"Parameters": {"Value": {"Type": "String"}}, "Resources": {"Greeting": {
			"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/greeting", "Type": "String", "Value": {"Ref": "Value"}}}}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A value that CloudFormation resolves anew with every update has changed since.
func TestUpdateGuard(t *testing.T) {
	t.Parallel()
	const resolved = "{{resolve:ssm:/greeting}}"
	w := newWorld(t, deploy.Options{})
	w.greet(t, "hello")
	w.upShop(t, variant("# more", "  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: '"+resolved+"'}}"), v1)
	w.greet(t, "good day")
	_, err := deployShop(t, w, deploy.StrategyUpdate, v2)
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || !strings.Contains(err.Error(), "the guard of the update held: CloudFormation would have changed Topic (AWS::SNS::Topic)") ||
		!strings.Contains(err.Error(), "slipway plan shop "+v2) || rolledBack.Service != "" {
		t.Errorf("error %v; want a *RolledBackError that tells that the guard held", err)
	}
	w.requireShop(t, v1, v1, false)
}

// What no policy can hold, since it is a part of the task definition, is told.
func TestUpdateTellsOverreach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.greet(t, "hello")
	w.upShop(t, variant("# environment", "          Environment: [{Name: GREETING, Value: '{{resolve:ssm:/greeting}}'}]"), v1)
	w.greet(t, "good day")
	_, err := deployShop(t, w, deploy.StrategyUpdate, v2)
	var over *deploy.OverreachError
	if !errors.As(err, &over) {
		t.Fatalf("error %v; want an *OverreachError", err)
	}
	want := []deploy.Reason{{
		Resource: "Task", Path: "/Properties/ContainerDefinitions/0/Environment/0/Value", Before: "hello", After: "good day",
		Why: "it is not the image of a container that the parameter feeds",
	}}
	if diff := cmp.Diff(want, over.Changed); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	w.requireShop(t, v2, v2, false)
}

// Behind CloudFormation's back: the service runs what the stack does not say, which
// status tells, and which keeps every other strategy from deploying.
func TestDeployByECS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	w.srv.ForgetCalls()
	result, err := deployShop(t, w, deploy.StrategyECS, v2)
	if err != nil {
		t.Fatal(err)
	}
	if result.PreviousImage != v1 || len(result.Services) != 1 || result.Services[0].Running != 2 || result.AlreadyCurrent ||
		len(result.Drift) != 1 || !strings.Contains(result.Drift[0], v2) || !strings.Contains(result.Drift[0], v1) {
		t.Errorf("result %+v", result)
	}
	if calls := w.calls(); calls["RegisterTaskDefinition"] != 1 || calls["UpdateService"] != 1 || calls["UpdateStack"] != 0 {
		t.Errorf("calls %v", calls)
	}
	status := w.requireShop(t, v1, v2, true)
	if !slices.ContainsFunc(status.Drift, func(s string) bool { return strings.Contains(s, v2) }) {
		t.Errorf("drift %q does not name the image that runs", status.Drift)
	}
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress} {
		_, err := deployShop(t, w, strategy, "acme/web:v3")
		var refused *deploy.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "drift") {
			t.Errorf("by %s: error %v; want a *RefusedError about drift", strategy, err)
		}
	}
	// The same again does nothing; another image goes over our own drift, and the stack's
	// own image back to the stack's own revision.
	again, err := deployShop(t, w, deploy.StrategyECS, v2)
	if err != nil || !again.AlreadyCurrent || w.revisions(t) != 2 {
		t.Errorf("again: %+v, %v, with %d revisions", again, err, w.revisions(t))
	}
	if _, err := deployShop(t, w, deploy.StrategyECS, "acme/web:v3"); err != nil {
		t.Error(err)
	}
	w.requireShop(t, v1, "acme/web:v3", true)
	back, err := deployShop(t, w, deploy.StrategyECS, v1)
	if err != nil || len(back.Drift) > 0 || back.PreviousImage != "acme/web:v3" {
		t.Errorf("back: %+v, %v", back, err)
	}
	if w.requireShop(t, v1, v1, false); w.revisions(t) != 3 {
		t.Errorf("%d revisions, want 3", w.revisions(t))
	}
}

// The new revision differs in the image of the fed container, and in nothing else.
func TestDeployByECSKeepsEverythingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	before := w.requireShop(t, v1, v1, false).Services[0].TaskDefinition
	result, err := deployShop(t, w, deploy.StrategyECS, v2)
	if err != nil {
		t.Fatal(err)
	}
	read := func(arn string) *ecs.DescribeTaskDefinitionOutput {
		t.Helper()
		out, err := ecs.NewFromConfig(w.cfg).DescribeTaskDefinition(ctxOf(t), &ecs.DescribeTaskDefinitionInput{
			TaskDefinition: &arn, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := read(before), read(result.Services[0].TaskDefinition)
	if got := aws.ToString(b.TaskDefinition.ContainerDefinitions[0].Image); got != v2 {
		t.Errorf("image %s", got)
	}
	b.TaskDefinition.ContainerDefinitions[0].Image = aws.String(v1)
	b.TaskDefinition.Revision, b.TaskDefinition.TaskDefinitionArn, b.TaskDefinition.RegisteredAt = a.TaskDefinition.Revision, a.TaskDefinition.TaskDefinitionArn, a.TaskDefinition.RegisteredAt
	if diff := cmp.Diff(a.TaskDefinition, b.TaskDefinition, unexportedSDK); diff != "" {
		t.Errorf("task definition (-before +after):\n%s", diff)
	}
	if !slices.ContainsFunc(b.Tags, func(t types.Tag) bool { return aws.ToString(t.Key) == "team" }) {
		t.Errorf("tags %v; want the stack's own", b.Tags)
	}
}

// unexportedSDK leaves out what the SDK's types keep to themselves, which is nothing.
var unexportedSDK = cmpopts.IgnoreUnexported(types.TaskDefinition{}, types.ContainerDefinition{}, types.KeyValuePair{}, types.Attribute{})

func TestDeployByECSRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	ctx, client := ctxOf(t), ecs.NewFromConfig(w.cfg)
	out, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(shop)})
	if err != nil {
		t.Fatal(err)
	}
	td := out.TaskDefinition
	td.ContainerDefinitions[1].Image = aws.String("evil/sidecar")
	made, err := client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: td.Family, ContainerDefinitions: td.ContainerDefinitions, Cpu: td.Cpu, Memory: aws.String("1024"),
		NetworkMode: td.NetworkMode, RequiresCompatibilities: td.RequiresCompatibilities,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(shop), Service: aws.String(shop), TaskDefinition: made.TaskDefinition.TaskDefinitionArn})
	if err != nil {
		t.Fatal(err)
	}
	_, err = deployShop(t, w, deploy.StrategyECS, v2)
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v; want a *RefusedError", err)
	}
	for _, want := range []string{"Task/Properties/ContainerDefinitions/1/Image", "Task/Properties/Memory", `("512" -> "1024")`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q in it", err, want)
		}
	}

	_, err = w.Up(ctx, deploy.StackSpec{Name: "tasks", TemplateBody: strings.Split(storeTemplate, "  Service:\n")[0], Parameters: map[string]string{"Image": v1}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Deploy(ctx, deploy.Request{Stack: "tasks", Image: v2, Strategy: deploy.StrategyECS})
	var input *deploy.InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "no service of stack tasks runs the image") {
		t.Errorf("error %v; want an *InputError", err)
	}
}

// A rule that starts tasks of the image follows by every strategy that changes the stack.
func TestRuleFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, variant("# more", `
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{Id: run, Arn: !GetAtt Cluster.Arn, RoleArn: "arn:aws:iam::123456789012:role/events", EcsParameters: {TaskDefinitionArn: !Ref Task, TaskCount: 1}}]`), v1)
	for i, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress} {
		result, err := deployShop(t, w, strategy, []string{v2, v1, v2}[i])
		if err != nil {
			t.Fatalf("%s: %v", strategy, err)
		}
		if strategy == deploy.StrategyChangeSet && (len(result.Changes) != 3 || result.Changes[0].Resource != "Nightly") {
			t.Errorf("changes %+v; want the rule among them", result.Changes)
		}
	}
}

// What was put back cannot stay: the stack says what does not run, and needs a hand.
func TestExpressNotPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":bad", emulator.Conduct{Missing: true})
	w.upShop(t, storeTemplate, v1)
	_, err := w.srv.Inject(emulator.FaultResource{FaultWhen: emulator.FaultWhen{Nth: 2, Times: 1}, LogicalID: "Service", Action: "UPDATE", Reason: "no luck"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = deployShop(t, w, deploy.StrategyExpress, "acme/web:bad")
	var rolledBack *deploy.RolledBackError
	var state *deploy.StackStateError
	if errors.As(err, &rolledBack) || !errors.As(err, &state) || state.Status != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("error %v; want a *StackStateError and no *RolledBackError", err)
	}
	for _, want := range []string{"the stack says that acme/web:bad runs", "putting acme/web:v1 back: ", "no luck", "slipway reconcile shop --to running"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q in it", err, want)
		}
	}
}

// Interrupted while the former image is put back, that goes on.
func TestExpressPutsBackThoughInterrupted(t *testing.T) {
	t.Parallel()
	for _, policy := range []deploy.Interrupt{deploy.Cancel, deploy.Leave} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{OnInterrupt: func(string) deploy.Interrupt { return policy }})
			w.srv.SetImage(":bad", emulator.Conduct{Missing: true})
			w.upShop(t, storeTemplate, v1)
			ctx, cancel := context.WithCancel(ctxOf(t))
			defer cancel()
			w.onEvent(func(e deploy.Event) {
				if _, reverting := e.(deploy.Reverting); reverting {
					w.onEvent(func(e deploy.Event) {
						if _, begun := e.(deploy.StackEvent); begun {
							cancel()
						}
					})
				}
			})
			_, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: "acme/web:bad", Strategy: deploy.StrategyExpress})
			var left *deploy.InterruptedError
			if !errors.As(err, &left) || !left.Left {
				t.Errorf("error %v; want an *InterruptedError", err)
			}
			w.awaitIdle(t, shop)
			w.awaitStable(t)
			w.requireShop(t, v1, v1, false)
			if n := w.calls()["CancelUpdateStack"]; n > 0 {
				t.Error("what was to be put back was cancelled")
			}
		})
	}
}

// A revision that an earlier attempt has left is taken again. The tasks that stopped then
// say nothing of this one.
func TestDeployByECSAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":bad", emulator.Conduct{Missing: true})
	w.upShop(t, variant("# breaker", ""), v1)
	const bad = "acme/web:bad"
	_, err := deployShop(t, w, deploy.StrategyECS, bad)
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || len(rolledBack.Tasks) == 0 {
		t.Fatalf("error %v; want a *RolledBackError", err)
	}
	w.srv.SetImage(":bad", emulator.Conduct{PullTime: 2 * time.Minute}) // what it depends on works again
	if _, err := deployShop(t, w, deploy.StrategyECS, bad); err != nil {
		t.Errorf("again: %v", err)
	}
	w.requireShop(t, v1, bad, true)
	if n := w.revisions(t); n != 2 {
		t.Errorf("%d revisions, want 2", n)
	}
}

// A tag that the services run already would be rolled out without anything new, whatever
// it names by now.
func TestDeployByECSRefusesTheSameTag(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	for _, image := range []string{v1, v2} { // the stack's own, and one that it does not say
		request := deploy.Request{Stack: shop, Image: image, Strategy: deploy.StrategyECS, NoResolve: true}
		if image == v2 {
			if _, err := w.Deploy(ctxOf(t), request); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.Deploy(ctxOf(t), request)
		var refused *deploy.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "ECS would see no change") || !strings.Contains(err.Error(), "without --no-resolve") {
			t.Errorf("%s again: error %v; want a *RefusedError", image, err)
		}
	}
}
