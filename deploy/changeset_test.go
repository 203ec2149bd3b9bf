package deploy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

// CloudFormation deletes no change set while it makes it: an interrupted deploy waits
// for that.
func TestInterruptedWhileChangeSetIsMade(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.up(t, v1)
			ctx, cancel := context.WithCancel(ctxOf(t))
			defer cancel()
			cfg := w.cfg.Copy()
			cfg.APIOptions = append(cfg.APIOptions, before(call, cancel))
			_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctx, deploy.Request{Stack: service, Image: v2})
			var interrupted *deploy.InterruptedError
			if !errors.As(err, &interrupted) || strings.Contains(err.Error(), "left behind") {
				t.Errorf("error %v; want an *InterruptedError", err)
			}
			if call == "ExecuteChangeSet" {
				return // whether it was executed is not known
			}
			if left := w.changeSets(t, service); interrupted.Left || len(left) > 0 {
				t.Errorf("error %v, change sets left behind: %v", err, left)
			}
		})
	}
}

// A change set that cannot be deleted is named together with the command that does it.
func TestChangeSetLeftBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	cfg := w.cfg.Copy()
	cfg.APIOptions = append(cfg.APIOptions, before("DescribeChangeSet", cancel), answerOnly("AccessDenied", "joe may not", "DeleteChangeSet"))
	_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	left := w.changeSets(t, service)
	if len(left) != 1 {
		t.Fatalf("change sets left behind: %v; want one", left)
	}
	command := "aws cloudformation delete-change-set --stack-name web --change-set-name " + left[0]
	if err == nil || !strings.HasSuffix(err.Error(), command) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "(joe may not)") {
		t.Errorf("error %v; want one line that ends with %s", err, command)
	}
}

// Another deploy has changed the stack while ours was about to.
func TestDeployOvertaken(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"CreateChangeSet", "DescribeChangeSet", "ExecuteChangeSet"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.up(t, v1)
			ctx := ctxOf(t)
			var once sync.Once
			cfg := w.cfg.Copy()
			cfg.APIOptions = append(cfg.APIOptions, before(call, func() {
				once.Do(func() {
					if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: "acme/web:v3"}); err != nil {
						t.Errorf("the other deploy: %v", err)
					}
				})
			}))
			_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctx, deploy.Request{Stack: service, Image: v2})
			var state *deploy.StackStateError
			if !errors.As(err, &state) || !strings.Contains(err.Error(), "another operation") || !strings.Contains(err.Error(), "try again") {
				t.Errorf("error %v; want a *StackStateError", err)
			}
			if image := w.image(t); image != "acme/web:v3" {
				t.Errorf("the stack's image is %s", image)
			}
		})
	}
}

// Up takes nothing from a stack that has other things than the template.
func TestUpRefusesForeignStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	_, err := w.Up(ctx, deploy.StackSpec{Name: "foreign", TemplateBody: `{"Resources": {
		"Bucket": {"Type": "AWS::S3::Bucket"}, "Topic": {"Type": "AWS::SNS::Topic"}}}`})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Up(ctx, deploy.StackSpec{Name: "foreign", TemplateBody: templates.Network()})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v; want a *RefusedError", err)
	}
	want := []string{"Bucket", "Topic"}
	if len(refused.Reasons) != len(want) || refused.ChangeSet == "" {
		t.Fatalf("refused %+v; want reasons for %v", refused, want)
	}
	for i, r := range refused.Reasons {
		if r.Resource != want[i] || !strings.Contains(r.Why, "would be deleted") {
			t.Errorf("reason %v; want %s to be deleted", r, want[i])
		}
	}
	if left := w.changeSets(t, "foreign"); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}
	out, err := cloudformation.NewFromConfig(w.cfg).ListStackResources(ctx, &cloudformation.ListStackResourcesInput{StackName: &refused.Stack})
	if err != nil || len(out.StackResourceSummaries) != 2 {
		t.Errorf("resources %+v, %v; want both as before", out.StackResourceSummaries, err)
	}
}

// A new revision of a task definition is no loss; a new target group is.
func TestUpReplaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	spec := deploy.StackSpec{
		Name: service, TemplateBody: templates.Service(), Capabilities: []string{"CAPABILITY_IAM"},
		Parameters: map[string]string{contract.ParameterImageURL: v2},
	}
	result, err := w.Up(ctxOf(t), spec)
	if err != nil || !result.Updated {
		t.Errorf("Up with another image = %+v, %v", result, err)
	}
	spec.Parameters = map[string]string{contract.ParameterContainerPort: "9000"}
	_, err = w.Up(ctxOf(t), spec)
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "replaced by a new one, for its Port changes") {
		t.Errorf("Up with another port: %v; want a *RefusedError", err)
	}
}
