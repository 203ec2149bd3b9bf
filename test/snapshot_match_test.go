package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/snapshot"
)

// recorder is a test that only notes its failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// matched is what Match has to say of a stack.
func matched(t *testing.T, stack awscdk.Stack, options *snapshot.Options) string {
	t.Helper()
	r := &recorder{TB: t}
	snapshot.Match(r, stack, options)
	return strings.Join(r.failures, "\n")
}

func vpcStack(t *testing.T, cidr string) awscdk.Stack {
	t.Helper()
	stack := awscdk.NewStack(newApp(t), jsii.String("shop"), nil)
	awsec2.NewCfnVPC(stack, jsii.String("VPC"), &awsec2.CfnVPCProps{CidrBlock: jsii.String(cidr)})
	return stack
}

func TestSnapshotOfAStack(t *testing.T) {
	options := &snapshot.Options{File: filepath.Join(t.TempDir(), "shop.json")}
	t.Setenv(snapshot.UpdateVariable, "1")
	if got := matched(t, vpcStack(t, "10.0.0.0/16"), options); got != "" {
		t.Fatalf("writing: %s", got)
	}
	t.Setenv(snapshot.UpdateVariable, "0")
	if got := matched(t, vpcStack(t, "10.0.0.0/16"), options); got != "" {
		t.Errorf("the same stack: %s", got)
	}
	got := matched(t, vpcStack(t, "10.1.0.0/16"), options)
	for _, part := range []string{"snapshot: the stack is not what", "On deploy, replaced: VPC", `- "10.0.0.0/16"`, `+ "10.1.0.0/16"`} {
		if !strings.Contains(got, part) {
			t.Errorf("the failure does not say %q:\n%s", part, got)
		}
	}
}

func TestSnapshotHasADefaultPlace(t *testing.T) {
	t.Setenv(snapshot.UpdateVariable, "0")
	want := "there is no " + filepath.Join("testdata", "TestSnapshotHasADefaultPlace", "shop.json") + ": run the test with SNAPSHOT_UPDATE=1"
	if got := matched(t, vpcStack(t, "10.0.0.0/16"), nil); !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSnapshotSeesEveryKindOfStack: a nested one, which has an asset in its
// parent, and one in a stage.
func TestSnapshotSeesEveryKindOfStack(t *testing.T) {
	app := newApp(t)
	parent := awscdk.NewStack(app, jsii.String("shop"), nil)
	nested := awscdk.NewNestedStack(parent, jsii.String("Orders"), nil)
	staged := awscdk.NewStack(awscdk.NewStage(app, jsii.String("test"), nil), jsii.String("shop"), nil)
	for _, stack := range []awscdk.Stack{nested, staged} {
		awssqs.NewCfnQueue(stack, jsii.String("Queue"), nil)
	}
	for name, tt := range map[string]struct {
		stack awscdk.Stack
		want  []string
	}{
		"parent": {parent, []string{"AWS::CloudFormation::Stack", "<asset>.json"}},
		"nested": {nested, []string{`"Type": "AWS::SQS::Queue"`}},
		"staged": {staged, []string{`"Type": "AWS::SQS::Queue"`}},
	} {
		got := canonical(t, tt.stack)
		for _, part := range tt.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s has no %s:\n%s", name, part, got)
			}
		}
	}
}

// refusal is a validation that fails.
type refusal struct{}

func (*refusal) Validate() *[]*string { return jsii.Strings("two services have priority 1") }

// TestSnapshotSurvivesAPanic: what the CDK finds wrong fails the one test, and
// does not end all the others.
func TestSnapshotSurvivesAPanic(t *testing.T) {
	stack := vpcStack(t, "10.0.0.0/16")
	stack.Node().AddValidation(&refusal{})
	file := filepath.Join(t.TempDir(), "shop.json")
	t.Setenv(snapshot.UpdateVariable, "1")
	got := matched(t, stack, &snapshot.Options{File: file})
	for _, part := range []string{"snapshot: synthesizing the stack: ", "[shop] two services have priority 1"} {
		if !strings.Contains(got, part) {
			t.Errorf("the failure does not say %q:\n%s", part, got)
		}
	}
	if strings.Contains(got, ".js:") {
		t.Errorf("the failure shows the inside of the CDK:\n%s", got)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("it wrote a snapshot")
	}
}
