package deploy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

func TestUpAndDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	spec := deploy.StackSpec{Name: network, TemplateBody: templates.Network()}
	created, err := w.Up(ctx, spec)
	if err != nil {
		t.Fatal(err)
	}
	if !created.Created || created.Updated || created.Unchanged || !strings.HasPrefix(created.Outputs["ExternalUrl"], "http://") || created.Status != "CREATE_COMPLETE" {
		t.Errorf("first Up = %+v", created)
	}
	same, err := w.Up(ctx, spec)
	if err != nil || !same.Unchanged || same.Created || same.Outputs["ExternalUrl"] != created.Outputs["ExternalUrl"] {
		t.Errorf("second Up = %+v, %v", same, err)
	}

	w.upService(t, templates.Service(), v1)
	updated, err := w.Up(ctx, deploy.StackSpec{
		Name: service, TemplateBody: templates.Service(), Capabilities: []string{"CAPABILITY_IAM"},
		Parameters: map[string]string{contract.ParameterDesiredCount: "3"},
	})
	if err != nil || !updated.Updated {
		t.Fatalf("Up with another count = %+v, %v", updated, err)
	}
	status, err := w.Status(ctx, service, "")
	if err != nil {
		t.Fatal(err)
	}
	if status.Image != v1 || status.Services[0].Running != 3 {
		t.Errorf("status %+v; want the other parameters kept and three tasks", status)
	}
	bare, err := w.Status(ctx, network, "")
	if err != nil || bare.StackStatus != "CREATE_COMPLETE" || bare.Parameter != "" || len(bare.Services) != 0 {
		t.Errorf("status of the network stack %+v, %v", bare, err)
	}

	var input *deploy.InputError
	for what, err := range map[string]error{
		"deleting what is imported":          w.Down(ctx, network),
		"checking the same":                  w.CheckDown(ctx, network),
		"checking what is imported later on": w.CheckDown(ctx, network, service),
	} {
		if !errors.As(err, &input) || !strings.Contains(err.Error(), "stack web imports network:") || !strings.Contains(err.Error(), "nothing was deleted") {
			t.Errorf("%s: %v; want an *InputError that names the importer", what, err)
		}
	}
	if err := w.CheckDown(ctx, service, network, "not-there"); err != nil {
		t.Errorf("checking the right order: %v", err)
	}
	for _, stack := range []string{service, network, network} {
		if err := w.Down(ctx, stack); err != nil {
			t.Errorf("deleting %s: %v", stack, err)
		}
	}
	_, err = w.Status(ctx, service, "")
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("status of a deleted stack: %v; want an *InputError", err)
	}
}

func TestUpRefusesBadSpec(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	tests := map[string]struct {
		spec deploy.StackSpec
		want string
	}{
		"no name":           {deploy.StackSpec{TemplateBody: templates.Network()}, "no stack is named"},
		"no template":       {deploy.StackSpec{Name: "x", TemplateBody: "["}, "reading the template for stack x"},
		"unknown parameter": {deploy.StackSpec{Name: "x", TemplateBody: templates.Service(), Parameters: map[string]string{"Imge": "y"}}, "has no parameter Imge"},
		"no capability":     {deploy.StackSpec{Name: "x", TemplateBody: templates.Service(), Parameters: map[string]string{"StackName": "n", "ServiceName": "s", "ImageUrl": "i"}}, "acknowledge"},
		"missing parameter": {deploy.StackSpec{Name: "x", TemplateBody: templates.Service(), Capabilities: []string{"CAPABILITY_IAM"}}, "must have values"},
		"large":             {deploy.StackSpec{Name: "x", TemplateBody: templates.Network() + strings.Repeat(" ", 52000)}, "more than the 51200"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := w.Up(ctxOf(t), tt.spec)
			var input *deploy.InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want an *InputError with %q", err, tt.want)
			}
		})
	}
}

func TestUpRollsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	spec := deploy.StackSpec{Name: "broken", TemplateBody: `{"Resources": {
		"First": {"Type": "AWS::SNS::Topic"},
		"Broken": {"Type": "AWS::ECS::Service", "DependsOn": "First", "Properties": {"Cluster": "nope", "TaskDefinition": "nope", "DesiredCount": 1}}}}`}
	_, err := w.Up(ctx, spec)
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || rolledBack.StackStatus != "ROLLBACK_COMPLETE" || !strings.Contains(rolledBack.Reason, "Broken: ") {
		t.Fatalf("error %v; want a *RolledBackError about Broken", err)
	}
	_, err = w.Up(ctx, spec)
	var state *deploy.StackStateError
	if !errors.As(err, &state) || state.Status != "ROLLBACK_COMPLETE" {
		t.Errorf("error %v; want a *StackStateError", err)
	}
	if err := w.Down(ctx, "broken"); err != nil {
		t.Error(err)
	}
}

// A stack that is being updated cannot be deleted, and stays as it is.
func TestDownBusyStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	ctx := ctxOf(t)
	if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"Down": w.Down(ctx, service), "CheckDown": w.CheckDown(ctx, service, network)} {
		var state *deploy.StackStateError
		if !errors.As(err, &state) || !state.Status.InProgress() {
			t.Errorf("%s: %v; want a *StackStateError", what, err)
		}
	}
}
