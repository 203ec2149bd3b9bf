package deploy

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What people read of an accepted change set is what the gate has accepted.
func TestChangesOfAccepted(t *testing.T) {
	t.Parallel()
	e := acceptable()
	accepted, reasons := judge(e)
	if len(reasons) > 0 {
		t.Fatal(reasons)
	}
	got := changesOf(e.detailed, e.plain)
	if diff := cmp.Diff(accepted, got, cmpopts.IgnoreFields(Change{}, "Action", "Cause")); diff != "" {
		t.Errorf("(-accepted +told):\n%s", diff)
	}
	for i, cause := range []string{"TaskDefinition", "ImageUrl"} {
		if got[i].Cause != cause || got[i].Action != "Modify" {
			t.Errorf("%s: action %q, cause %q; want Modify, %q", got[i].Resource, got[i].Action, got[i].Cause, cause)
		}
	}
}

func TestChangesOfRefused(t *testing.T) {
	t.Parallel()
	const image = "/Properties/ContainerDefinitions/1/Image"
	service := Change{Resource: "Service", ResourceType: typeService, Action: "Modify", Path: "/Properties/TaskDefinition", Before: oldTaskDef, After: knownAfterApply, Cause: "TaskDefinition"}
	taskDefinition := Change{Resource: "TaskDefinition", ResourceType: typeTaskDefinition, Action: "Modify", Path: image, Before: oldImage, After: newImage, Replacement: true, Cause: "ImageUrl"}
	add := types.Change{Type: types.ChangeTypeResource, ResourceChange: &types.ResourceChange{
		Action: types.ChangeActionAdd, LogicalResourceId: aws.String("Bucket"), ResourceType: aws.String("AWS::S3::Bucket"),
		AfterContext: aws.String(`{"Properties":{"BucketName":"b"}}`),
	}}
	bucket := Change{Resource: "Bucket", ResourceType: "AWS::S3::Bucket", Action: "Add"}
	tests := map[string]struct {
		edit func(*evidence)
		want []Change
	}{
		"another attribute": {
			func(e *evidence) { after(e, "TaskDefinition", `"Cpu":"256"`, `"Cpu":"512"`) },
			[]Change{service, taskDefinition, {Resource: "TaskDefinition", ResourceType: typeTaskDefinition, Action: "Modify", Path: "/Properties/Cpu", Before: "256", After: "512", Replacement: true}},
		},
		"a new resource, told in one description only": {
			func(e *evidence) { e.plain[0].Changes = append(e.plain[0].Changes, add) },
			[]Change{bucket, service, taskDefinition},
		},
		"a context that cannot be read": { // the details are left
			func(e *evidence) { change(e.detailed, "TaskDefinition").AfterContext = aws.String(`{"Properties":{`) },
			[]Change{service, taskDefinition},
		},
		"no values at all": {
			func(e *evidence) {
				c := change(e.detailed, "TaskDefinition")
				c.AfterContext, c.Details = nil, nil
			},
			[]Change{service, {Resource: "TaskDefinition", ResourceType: typeTaskDefinition, Action: "Modify", Replacement: true}},
		},
		"a replacement that may be": {
			func(e *evidence) { change(e.detailed, "Service").Replacement = types.ReplacementConditional },
			[]Change{func() Change { c := service; c.Replacement = true; return c }(), taskDefinition},
		},
		"two causes": {
			func(e *evidence) {
				c := change(e.detailed, "TaskDefinition")
				c.Details[1].CausingEntity = aws.String("Tag")
			},
			[]Change{service, func() Change { c := taskDefinition; c.Cause = "ImageUrl, Tag"; return c }()},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := acceptable()
			tt.edit(&e)
			if diff := cmp.Diff(tt.want, changesOf(e.detailed, e.plain)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
