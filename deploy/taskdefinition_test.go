package deploy

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
)

// fill gives every exported field a value, so that one that is forgotten shows.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth > 6 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		if depth > 6 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), depth)
			}
		}
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(7)
	}
}

// Everything that can be asked of a task definition is carried over to its next revision:
// a field that the SDK learns of makes this test fail until registration has it.
func TestRegistrationForgetsNothing(t *testing.T) {
	t.Parallel()
	var td types.TaskDefinition
	fill(reflect.ValueOf(&td).Elem(), 0)
	in := reflect.ValueOf(*registration(&td, []types.Tag{{Key: aws.String("team")}, {Key: aws.String("aws:cloudformation:stack-id")}}))
	shown := reflect.ValueOf(td)
	for i := range in.NumField() {
		field := in.Type().Field(i)
		switch {
		case !field.IsExported():
		case in.Field(i).IsZero():
			t.Errorf("the registration has no %s", field.Name)
		case field.Name == "Tags":
			if n := in.Field(i).Len(); n != 1 {
				t.Errorf("the registration has %d tags; want all but those of AWS", n)
			}
		case !reflect.DeepEqual(in.Field(i).Interface(), shown.FieldByName(field.Name).Interface()):
			t.Errorf("%s is not what the task definition has", field.Name)
		}
	}
	// What a task definition has that cannot be asked for.
	found := map[string]bool{
		"Compatibilities": true, "DeleteRequestedAt": true, "DeregisteredAt": true, "RegisteredAt": true, "RegisteredBy": true,
		"RequiresAttributes": true, "Revision": true, "Status": true, "TaskDefinitionArn": true,
	}
	for i := range shown.NumField() {
		field := shown.Type().Field(i)
		if _, asked := in.Type().FieldByName(field.Name); field.IsExported() && !asked && !found[field.Name] {
			t.Errorf("%s of a task definition is neither carried over nor known to be ECS's own", field.Name)
		}
	}
}

func TestWithImage(t *testing.T) {
	t.Parallel()
	td := &types.TaskDefinition{
		TaskDefinitionArn: aws.String("arn:aws:ecs:eu-west-1:1:task-definition/web:3"),
		ContainerDefinitions: []types.ContainerDefinition{
			{Name: aws.String("a"), Image: aws.String(oldImage)}, {Name: aws.String("b"), Image: aws.String("other")}, {Name: aws.String("c"), Image: aws.String(oldImage)},
		},
	}
	in, err := withImage(td, nil, []int{0, 2}, newImage)
	if err != nil {
		t.Fatal(err)
	}
	var images []string
	for _, c := range in.ContainerDefinitions {
		images = append(images, *c.Image)
	}
	if diff := cmp.Diff([]string{newImage, "other", newImage}, images); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	if got := *td.ContainerDefinitions[0].Image; got != oldImage {
		t.Errorf("the task definition itself has image %s now", got)
	}
	next := *td
	next.ContainerDefinitions = in.ContainerDefinitions
	if other, err := imageOnly(td, &next, []int{0, 2}); err != nil || len(other) > 0 {
		t.Errorf("differences %v, %v; want none but the images", other, err)
	}
	if other, err := imageOnly(td, &next, []int{0}); err != nil || len(other) != 1 || other[0].path != "/ContainerDefinitions/2/Image" {
		t.Errorf("differences %v, %v; want the image of the third container", other, err)
	}
	if _, err := withImage(td, nil, []int{3}, newImage); err == nil {
		t.Error("no error for a container that is not there")
	}
}

func TestSameRegistration(t *testing.T) {
	t.Parallel()
	base := func() *ecs.RegisterTaskDefinitionInput {
		return &ecs.RegisterTaskDefinitionInput{Family: aws.String("web"), Cpu: aws.String("256"), Tags: []types.Tag{
			{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")},
		}}
	}
	other := base()
	other.Tags[0], other.Tags[1] = other.Tags[1], other.Tags[0]
	if !sameRegistration(base(), other) {
		t.Error("the order of tags makes a difference")
	}
	other.Tags[0].Value = aws.String("3")
	if sameRegistration(base(), other) {
		t.Error("the value of a tag makes no difference")
	}
	other = base()
	other.Cpu = aws.String("512")
	if sameRegistration(base(), other) {
		t.Error("cpu makes no difference")
	}
}
