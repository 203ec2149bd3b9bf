package templatediff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	const before = `
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: one}}
  Kept: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain}
  Old: {Type: AWS::IAM::Role}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: one}}
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
`
	const after = `
Resources:
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: two}}
  New: {Type: AWS::S3::Bucket}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {Family: two}}
  Service: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
`
	const renamed = `Properties.BucketName: "one" -> "two"`
	diff, err := Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name         string
		acknowledged []Acknowledgement
		want         []string
	}{
		{"nothing acknowledged", nil, []string{"Bucket", "Kept"}},
		{"one", []Acknowledgement{{"Bucket", renamed, "it is empty"}}, []string{"Kept"}},
		{"all", []Acknowledgement{{"Bucket", renamed, "it is empty"}, {"Kept", "left behind", "it stays"}}, nil},
		{"without a reason", []Acknowledgement{{"Bucket", renamed, " "}}, []string{"Bucket", "Kept"}},
		{"of another change", []Acknowledgement{{"Bucket", `Properties.BucketName: "zero" -> "one"`, "it was empty"}}, []string{"Bucket", "Kept"}},
		{"of another resource", []Acknowledgement{{"New", renamed, "it is empty"}}, []string{"Bucket", "Kept"}},
	} {
		var got []string
		for _, c := range diff.Refused(tt.acknowledged) {
			got = append(got, c.Name)
		}
		if difference := cmp.Diff(tt.want, got); difference != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, difference)
		}
	}
}
