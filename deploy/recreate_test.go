package deploy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/imageref"
)

func (w *world) describe(t *testing.T, stack string) types.Stack {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).DescribeStacks(ctxOf(t), &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	return out.Stacks[0]
}

// All that a stack is given at its creation, it has after it is recreated.
func TestRecreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx, client := ctxOf(t), cloudformation.NewFromConfig(w.cfg)
	_, err := client.CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: aws.String(shop), TemplateBody: aws.String(storeTemplate),
		Parameters: []types.Parameter{
			{ParameterKey: aws.String("Image"), ParameterValue: aws.String(v1)}, {ParameterKey: aws.String("Greeting"), ParameterValue: aws.String("good day")},
		},
		Capabilities:     []types.Capability{types.CapabilityCapabilityIam},
		Tags:             []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
		RoleARN:          aws.String("arn:aws:iam::123456789012:role/deployer"),
		NotificationARNs: []string{"arn:aws:sns:eu-west-1:123456789012:deploys"},
		TimeoutInMinutes: aws.Int32(20),
		StackPolicyBody:  aws.String(`{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.awaitIdle(t, shop)
	before := w.describe(t, shop)
	w.srv.ForgetCalls()
	result, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: v2, Strategy: deploy.StrategyRecreate, AcceptDowntime: true})
	if err != nil {
		t.Fatal(err)
	}
	if result.PreviousImage != v1 || result.Image != v2 || len(result.Services) != 1 || result.Services[0].Running != 2 || result.Resumed {
		t.Errorf("result %+v", result)
	}
	if o := result.Outage; o == nil || o.Duration() < 10*time.Second || o.Duration() > 20*time.Minute {
		t.Errorf("outage %+v", o)
	}
	if calls := w.calls(); calls["DeleteStack"] != 1 || calls["CreateStack"] != 1 || calls["UpdateStack"] != 0 {
		t.Errorf("calls %v", calls)
	}
	w.requireShop(t, v2, v2, false)
	after := w.describe(t, shop)
	for i, p := range before.Parameters {
		if aws.ToString(p.ParameterKey) == "Image" {
			before.Parameters[i].ParameterValue = aws.String(v2)
		}
	}
	same := cmpopts.IgnoreFields(types.Stack{}, "StackId", "CreationTime", "LastOperations")
	if diff := cmp.Diff(before, after, same, cmpopts.IgnoreUnexported(types.Stack{}, types.Parameter{}, types.Tag{}, types.StackDriftInformation{}, types.RollbackConfiguration{})); diff != "" {
		t.Errorf("stack (-before +after):\n%s", diff)
	}
	if *before.StackId == *after.StackId {
		t.Error("it is the same stack")
	}
	policy, err := client.GetStackPolicy(ctx, &cloudformation.GetStackPolicyInput{StackName: aws.String(shop)})
	if err != nil || !strings.Contains(aws.ToString(policy.StackPolicyBody), "Update:*") {
		t.Errorf("stack policy %s, %v", aws.ToString(policy.StackPolicyBody), err)
	}
	again, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: v2, Strategy: deploy.StrategyRecreate, AcceptDowntime: true})
	if err != nil || !again.AlreadyCurrent {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// awaitIdle waits until CloudFormation is done with a stack.
func (w *world) awaitIdle(t *testing.T, stack string) {
	t.Helper()
	for strings.HasSuffix(string(w.describe(t, stack).StackStatus), "_IN_PROGRESS") {
		if err := w.srv.Clock().Sleep(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
	}
}

// A stack of tasks that no service runs is recreated without being asked twice.
func TestRecreateTasks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	template := strings.Split(storeTemplate, "  Service:\n")[0]
	if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: shop, TemplateBody: template, Parameters: map[string]string{"Image": v1}}); err != nil {
		t.Fatal(err)
	}
	result, err := deployShop(t, w, deploy.StrategyRecreate, v2)
	if err != nil || result.Outage != nil || len(result.Services) != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	if image := aws.ToString(w.describe(t, shop).Parameters[1].ParameterValue); image != v2 {
		t.Errorf("the stack's image is %s", image)
	}
}

func TestRecreateRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	template := strings.Replace(variant("# more", `
  Kept: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {LogGroupName: kept}}
  Nameless: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: a, KeyType: HASH}], AttributeDefinitions: [{AttributeName: a, AttributeType: S}], BillingMode: PAY_PER_REQUEST}}
  Label: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Image}}
Outputs:
  Cluster: {Value: !Ref Cluster, Export: {Name: shop-cluster}}`), "Parameters:\n", "Parameters:\n  Secret: {Type: String, NoEcho: true, Default: s3cret}\n", 1)
	w.upShop(t, template, v1)
	_, err := w.Up(ctx, deploy.StackSpec{Name: "importer", TemplateBody: `{"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::ImportValue": "shop-cluster"}}}}}`})
	if err != nil {
		t.Fatal(err)
	}
	_, err = cloudformation.NewFromConfig(w.cfg).UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String(shop), EnableTerminationProtection: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = deployShop(t, w, deploy.StrategyRecreate, v2)
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v; want a *RefusedError", err)
	}
	for _, want := range []string{
		"Service: service shop would be down until it is created anew (--accept-downtime)",
		"termination protection",
		"Parameters/Secret: its value cannot be read (NoEcho)",
		"Outputs/Cluster: its export shop-cluster is imported by importer",
		"Kept: this AWS::Logs::LogGroup would stay (DeletionPolicy Retain), and no second one can have its LogGroupName",
		"Table: this AWS::DynamoDB::Table would be deleted",
		"Resources/Label/Properties/Value/Ref: parameter Image feeds this, too",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "Nameless") || len(refused.Reasons) != 7 {
		t.Errorf("error %v; want seven reasons", err)
	}
	if calls := w.calls(); calls["DeleteStack"] != 0 {
		t.Errorf("calls %v", calls)
	}
	w.requireShop(t, v1, v1, false)
	for _, request := range []deploy.Request{
		{Stack: shop, Image: v2, AcceptDowntime: true},
		{Stack: shop, Image: v2, Strategy: deploy.StrategyRecreate, NoWait: true},
	} {
		var input *deploy.InputError
		if _, err := w.Deploy(ctx, request); !errors.As(err, &input) {
			t.Errorf("%+v: %v; want an *InputError", request, err)
		}
	}
}

// A version that does not run costs an outage, and not the service.
func TestRecreateGoesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":bad", emulator.Conduct{Missing: true})
	w.upShop(t, storeTemplate, v1)
	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: "acme/web:bad", Strategy: deploy.StrategyRecreate, AcceptDowntime: true})
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || !strings.Contains(err.Error(), "created anew with "+v1) {
		t.Fatalf("error %v; want a *RolledBackError", err)
	}
	w.requireShop(t, v1, v1, false)
}

// A recreation that has come no further than the deletion goes on by the tag that it was
// begun with, whatever that names by now, for the platform that the tasks had.
func TestRecreateGoesOnByTag(t *testing.T) {
	t.Parallel()
	w, repository := newShop(t, deploy.Options{})
	w.upShop(t, variant("# more", ""), v1)
	arm := strings.Replace(storeTemplate, "NetworkMode: awsvpc", "NetworkMode: awsvpc\n      RuntimePlatform: {CpuArchitecture: ARM64, OperatingSystemFamily: LINUX}", 1)
	if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: shop, TemplateBody: arm}); err != nil {
		t.Fatal(err)
	}
	forARM := func(content string) emulator.Image {
		return emulator.Image{Content: content, Architectures: []string{"arm64"}}
	}
	w.push(t, repository+":v2", forARM("1"))
	denied := w.cfg.Copy()
	denied.APIOptions = append(denied.APIOptions, answerOnly("AccessDenied", "no", "CreateStack"))
	request := deploy.Request{Stack: shop, Image: repository + ":v2", Strategy: deploy.StrategyRecreate, AcceptDowntime: true}
	_, err := deploy.New(denied, deploy.Options{Clock: w.srv.Clock(), Resolver: &imageref.Resolver{Keychain: noKeys{}}}).Deploy(ctxOf(t), request)
	var state *deploy.StackStateError
	if !errors.As(err, &state) || !strings.Contains(err.Error(), "run the same deploy again") {
		t.Fatalf("error %v; want a *StackStateError that says how to go on", err)
	}
	digest := w.push(t, repository+":v2", forARM("2"))
	result, err := w.Deploy(ctxOf(t), request)
	if err != nil {
		t.Fatal(err)
	}
	if want := repository + ":v2@" + digest; result.Image != want || result.Services[0].Digest != digest || !result.Resumed {
		t.Errorf("result %+v; want %s, resumed", result, want)
	}
}
