// Package examples holds apps of one file each. Its tests synthesize them as the
// cdk command would, and deploy what comes out to an embedded AWS.
package examples

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// example is what a folder beside this file synthesizes.
type example struct {
	folder string
	stacks []stack // in the order in which they are deployed
}

type stack struct {
	name   string
	images map[string]string // by image parameter, the ServiceName that it is the image of

	parameters map[string]string // further ones that have no default
}

func examples() []example {
	return []example{
		{folder: "two-services", stacks: []stack{
			{name: "network"},
			{name: "items", images: map[string]string{"ImageUrl": "items"}},
			{name: "shop", images: map[string]string{"ImageUrl": "shop"}},
		}},
		{folder: "worker", stacks: []stack{
			{name: "jobs", images: map[string]string{"WebImage": "web", "WorkerImage": "worker"}},
		}},
		{folder: "canary", stacks: []stack{
			{name: "shop", images: map[string]string{"ImageUrl": "shop"}},
		}},
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	all := examples()
	if len(folders) != len(all) {
		t.Errorf("there are %v and tests of %d", folders, len(all))
	}
	for _, e := range all {
		t.Run(e.folder, func(t *testing.T) {
			t.Parallel()
			rollOut(t, e, filepath.Join(synthesize(t, e.folder), "%s.template.json"))
		})
	}
}

// TestConsumer does the same with what test/consumer, a module of its own,
// synthesizes: its snapshots, which its own test keeps current.
func TestConsumer(t *testing.T) {
	t.Parallel()
	rollOut(t, example{stacks: []stack{
		{name: "bookshop-prod-base"},
		{name: "bookshop-prod-network"},
		{name: "bookshop-prod-database"},
		{name: "bookshop-prod-catalog", images: map[string]string{"Image": "catalog"}},
		{name: "bookshop-prod-reviews", images: map[string]string{"ImageUrl": "reviews"}, parameters: map[string]string{
			"StackName": "bookshop-prod-network", "ServiceName": "reviews", "Priority": "20",
		}},
		{name: "bookshop-prod-invoices", images: map[string]string{"Image": "invoices"}},
	}}, "../test/consumer/bookshop/testdata/TestStacks/%s.json")
}

// synthesize runs the example as the cdk command does, without the validator: that
// takes seconds and has its own step in CI.
func synthesize(t *testing.T, folder string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("the CDK needs Node, which is not on PATH")
	}
	lookAtSources(t, folder)
	assembly := t.TempDir()
	run := exec.CommandContext(t.Context(), "go", "run", ".")
	run.Dir = folder
	run.Env = append(os.Environ(), "CDK_OUTDIR="+assembly, "CDK_VALIDATION=false")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("go run ./examples/%s: %v\n%s", folder, err, out)
	}
	return assembly
}

// lookAtSources keeps the go command from taking an old result of this test for a
// new one: it remembers what a test itself has looked at, and not what the
// commands do that the test runs.
func lookAtSources(t *testing.T, folder string) {
	t.Helper()
	for _, sources := range []string{folder, "../constructs", "../contract", "../imageref", "../internal/permissions"} {
		if _, err := os.ReadDir(sources); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat("../go.sum"); err != nil {
		t.Fatal(err)
	}
}

// checkImages: each service of the stack is fed by one image parameter of its own,
// which feeds nothing else. That is what `slipway deploy` asks of a stack.
func checkImages(t *testing.T, s stack, body string) {
	t.Helper()
	template, err := cfntemplate.Parse(body)
	if err == nil {
		err = template.Validate()
	}
	if err != nil {
		t.Fatalf("stack %s: %v", s.name, err)
	}
	images := map[string]string{}
	services := 0
	for _, service := range template.Resources {
		if service.Type != "AWS::ECS::Service" {
			continue
		}
		services++
		for _, r := range cfntemplate.References(service.Properties["TaskDefinition"]) {
			task := template.Resources[r.Target].Properties
			for _, r := range cfntemplate.References(task["ContainerDefinitions"]) {
				if _, ok := template.Parameters[r.Target]; ok && slices.Contains(r.Path, "Image") {
					images[r.Target] = s.value(task["Family"])
				}
			}
		}
	}
	if services != len(s.images) || len(s.images) > 0 && !cmp.Equal(s.images, images) {
		t.Errorf("stack %s has %d services with the images %v, want %v", s.name, services, images, s.images)
	}
	for parameter := range s.images {
		uses := template.ParameterUses(parameter)
		if len(uses) != 1 || !slices.Equal(uses[0].Property(), []string{"Properties", "ContainerDefinitions", "0", "Image"}) {
			t.Errorf("parameter %s of stack %s feeds %v, want one container's image", parameter, s.name, uses)
		}
	}
}

// value is a text of the template, or the parameter that stands there.
func (s stack) value(v any) string {
	if ref, ok := v.(map[string]any); ok {
		name, _ := ref["Ref"].(string)
		return s.parameters[name]
	}
	text, _ := v.(string)
	return text
}

// rollOut creates the stacks on an embedded AWS and puts a new version into each
// service, as the comment at the top of each example says. The file of a template
// is the pattern with the stack's name in it.
func rollOut(t *testing.T, e example, pattern string) {
	t.Helper()
	bodies := map[string]string{}
	for _, s := range e.stacks {
		body, err := os.ReadFile(fmt.Sprintf(pattern, s.name))
		if err != nil {
			t.Fatal(err)
		}
		bodies[s.name] = string(body)
		checkImages(t, s, bodies[s.name])
	}
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: 60})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
	})
	deployer := deploy.New(aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(srv.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}, deploy.Options{Clock: srv.Clock()})

	for _, s := range e.stacks {
		spec := deploy.StackSpec{
			Name: s.name, TemplateBody: bodies[s.name],
			Capabilities: []string{"CAPABILITY_IAM"},
			Parameters:   map[string]string{},
		}
		maps.Copy(spec.Parameters, s.parameters)
		for parameter, service := range s.images {
			spec.Parameters[parameter] = "docker.io/acme/" + service + ":v1"
		}
		_, err := deployer.Up(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		for parameter, service := range s.images {
			request := deploy.Request{Stack: s.name, Image: "docker.io/acme/" + service + ":v2"}
			if len(s.images) > 1 {
				request.ImageParameter = parameter
			}
			result, err := deployer.Deploy(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Services) != 1 {
				t.Errorf("deploying to %s changed the services %+v, want one", service, result.Services)
			}
		}
	}
}
