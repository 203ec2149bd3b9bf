package permissions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/imageref/ecrauth"
	"github.com/slipway-go/slipway/internal/permissions"
	"github.com/slipway-go/slipway/templates"
)

const (
	region = "eu-west-1"
	web    = "web"
	odd    = "odd"    // a stack that the deployer refuses
	fresh  = "fresh"  // a stack that is never deployed to
	moving = "moving" // a stack whose service moves traffic, and waits for somebody
)

// neverCalled are actions that are no call of the deployer's.
var neverCalled = map[string]string{
	"iam:PassRole":               "CloudFormation asks for it when a change set names the service role",
	"ecr:BatchGetImage":          "ECR asks for it when a manifest is read from its registry",
	"ecr:GetDownloadUrlForLayer": "ECR asks for it when a configuration is read from its registry",
}

// scope is for the stacks of this test, with the names that CloudFormation
// generates for their services.
func scope() permissions.Scope {
	return permissions.Scope{
		Partition: "aws", Region: region, Account: "*",
		Stacks:       []string{web, odd, fresh, moving},
		Cluster:      "network-*",
		Services:     []string{web + "-Service-*", odd + "-Service-*", fresh + "-Service-*", moving + "-Service-*"},
		Families:     []string{"*"},
		TaskRoles:    []string{web + "-TaskRole-*"},
		TrafficRoles: []string{moving + "-TrafficShiftRole-*"},
		Repositories: []string{"acme/*"},
		LogGroups:    []string{web + "-LogGroup-*", odd + "-LogGroup-*", moving + "-LogGroup-*"},
		Parameters:   []string{"/network/*"},
		ServiceRole:  "arn:aws:iam::123456789012:role/service",
	}
}

// TestDeployer holds the list against the deployer: it may do all that it calls,
// on what it calls it on, and nothing that it never calls.
func TestDeployer(t *testing.T) {
	t.Parallel()
	calls := exercise(t)
	statements := permissions.Deployer(scope())

	called := map[string]bool{}
	for _, c := range calls {
		if !called[c.action] && !slices.ContainsFunc(statements, c.allowedBy) {
			t.Errorf("the deployer calls %s on %q, which no statement allows", c.action, c.resources)
			continue
		}
		called[c.action] = true
	}
	allowed := map[string]bool{}
	for _, s := range statements {
		for _, action := range s.Actions {
			if neverCalled[action] == "" {
				allowed[action] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(called)), slices.Sorted(maps.Keys(allowed))); diff != "" {
		t.Errorf("actions (-called +allowed):\n%s", diff)
	}
}

// exercise takes a deployer through all that the role is for: a plan, a rollout, the
// same again, a look, a refusal, a rollback and a cancelled rollout.
func exercise(t *testing.T) []call {
	t.Helper()
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: 120})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
	})
	srv.SetImage(":bad", emulator.Conduct{Crash: true, ExitCode: 1})
	srv.SetImage(":slow", emulator.Conduct{PullTime: 4 * time.Minute})
	cfg := aws.Config{
		Region: region, BaseEndpoint: aws.String(srv.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	push(t, srv, "v1", "v2", "bad", "slow")
	create(ctx, t, deploy.New(cfg, deploy.Options{Clock: srv.Clock()}))

	var r recorder
	var rolling func()
	recorded := r.record(cfg)
	d := deploy.New(recorded, deploy.Options{
		Clock:       srv.Clock(),
		Resolver:    resolver(srv, recorded),
		OnInterrupt: func(string) deploy.Interrupt { return deploy.Cancel },
		Observe: func(e deploy.Event) {
			if _, ok := e.(deploy.DeploymentProgress); ok && rolling != nil {
				rolling()
			}
		},
	})
	if _, err := d.Plan(ctx, deploy.Request{Stack: fresh, Image: images + ":v2"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := d.Deploy(ctx, deploy.Request{Stack: web, Image: images + ":v2"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Status(ctx, web, ""); err != nil {
		t.Fatal(err)
	}
	var refused *deploy.RefusedError
	if _, err := d.Deploy(ctx, deploy.Request{Stack: odd, Image: images + ":v2"}); !errors.As(err, &refused) {
		t.Fatalf("error %v; want a *RefusedError", err)
	}
	var rolledBack *deploy.RolledBackError
	if _, err := d.Deploy(ctx, deploy.Request{Stack: web, Image: images + ":bad"}); !errors.As(err, &rolledBack) {
		t.Fatalf("error %v; want a *RolledBackError", err)
	}
	interrupted, interrupt := context.WithCancel(ctx)
	defer interrupt()
	rolling = interrupt
	if _, err := d.Deploy(interrupted, deploy.Request{Stack: web, Image: images + ":slow"}); !errors.As(err, &rolledBack) {
		t.Fatalf("error %v; want a *RolledBackError by cancellation", err)
	}
	if err := move(ctx, srv, ":v2", recorded, recorded); err != nil {
		t.Fatal(err)
	}
	return r.all()
}

// move deploys to the stack that moves traffic. When the deployment waits, one deployer
// after the other lets it go on.
func move(ctx context.Context, srv *emulator.Server, tag string, cfg aws.Config, continuing ...aws.Config) error {
	waits := make(chan struct{}, 1)
	d := deploy.New(cfg, deploy.Options{
		Clock:       srv.Clock(),
		Resolver:    resolver(srv, cfg),
		OnInterrupt: func(string) deploy.Interrupt { return deploy.Cancel },
		Observe: func(e deploy.Event) {
			if _, ok := e.(deploy.Paused); ok {
				waits <- struct{}{}
			}
		},
	})
	ended := make(chan error, 1)
	go func() {
		_, err := d.Deploy(ctx, deploy.Request{Stack: moving, Image: images + tag, NoResolve: true, RoleARN: scope().ServiceRole})
		ended <- err
	}()
	select {
	case err := <-ended:
		return fmt.Errorf("the deploy ended without a pause: %w", err)
	case <-waits:
	}
	var errs []error
	for _, cfg := range continuing {
		_, err := deploy.New(cfg, deploy.Options{Clock: srv.Clock()}).Continue(ctx, moving, false)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, <-ended)...)
}

// canary is a template whose service is deployed as a canary, and waits for somebody
// once all requests have moved if it is to pause.
func canary(t *testing.T, pause bool) string {
	t.Helper()
	template, err := os.ReadFile("../../test/testdata/variants/service-canary.json")
	if err != nil {
		t.Fatal(err)
	}
	with := `"BakeTimeInMinutes": 1,`
	if pause {
		with += `"LifecycleHooks": [{"TargetType": "PAUSE", "LifecycleStages": ["POST_PRODUCTION_TRAFFIC_SHIFT"],
			"TimeoutConfiguration": {"TimeoutInMinutes": 600, "Action": "ROLLBACK"}}],`
	}
	changed := strings.Replace(string(template), `"BakeTimeInMinutes": 5,`, with, 1)
	if changed == string(template) {
		t.Fatal("the template has no bake time of 5 minutes any more")
	}
	var compact bytes.Buffer // it is larger than CloudFormation takes, indented
	if err := json.Compact(&compact, []byte(changed)); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

// images is the ECR repository that images are deployed from.
const images = "123456789012.dkr.ecr." + region + ".amazonaws.com/acme/web"

// push puts images into the repository.
func push(t *testing.T, srv *emulator.Server, tags ...string) {
	t.Helper()
	for _, tag := range tags {
		if _, err := srv.PushImage(images+":"+tag, emulator.Image{Content: tag}); err != nil {
			t.Fatal(err)
		}
	}
}

// resolver asks the embedded AWS's registry in place of ECR's, by the credentials of cfg.
func resolver(srv *emulator.Server, cfg aws.Config) *imageref.Resolver {
	return &imageref.Resolver{Keychain: ecrauth.New(cfg, nobody{}), Transport: registryOf{srv}}
}

// nobody is a keychain without keys.
type nobody struct{}

func (nobody) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// registryOf sends every request to the registry of an embedded AWS.
type registryOf struct{ srv *emulator.Server }

func (r registryOf) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := req.Clone(req.Context())
	sent.URL.Scheme, sent.URL.Host = "http", r.srv.Registry()
	answer, err := http.DefaultTransport.RoundTrip(sent)
	if err == nil {
		answer.Request = req // by which the client sees that it spoke HTTPS
	}
	return answer, err
}

// create makes the stacks, which is not the role's to do.
func create(ctx context.Context, t *testing.T, d *deploy.Deployer) {
	t.Helper()
	refusable := strings.Replace(templates.Service(), `"Essential": true,`,
		`"Essential": true, "Environment": [{"Name": "VERSION", "Value": {"Ref": "ImageUrl"}}],`, 1)
	specs := []deploy.StackSpec{{Name: "network", TemplateBody: templates.Network()}}
	for i, name := range []string{web, odd, fresh, moving} {
		specs = append(specs, deploy.StackSpec{
			Name: name, Capabilities: []string{"CAPABILITY_IAM"},
			TemplateBody: []string{templates.Service(), refusable, templates.Service(), canary(t, false)}[i],
			Parameters: map[string]string{
				contract.ParameterStackName:   "network",
				contract.ParameterServiceName: name,
				contract.ParameterImageURL:    images + ":v1",
				contract.ParameterPath:        "/" + name + "*",
				contract.ParameterPriority:    strconv.Itoa(i + 1),
				// Long enough that no machine is too busy for a good version to pass.
				contract.ParameterHealthCheckGracePeriodSeconds: "300",
			},
		})
	}
	specs = append(specs, deploy.StackSpec{Name: moving, TemplateBody: canary(t, true), Capabilities: []string{"CAPABILITY_IAM"}})
	for _, spec := range specs {
		if _, err := d.Up(ctx, spec); err != nil {
			t.Fatalf("creating stack %s: %v", spec.Name, err)
		}
	}
}

// call is one call, as IAM sees it.
type call struct {
	action    string
	resources []string // none, where the action takes none
}

func (c call) allowedBy(s permissions.Statement) bool {
	if !slices.Contains(s.Actions, c.action) {
		return false
	}
	for _, resource := range c.resources {
		if !slices.ContainsFunc(s.Resources, func(pattern string) bool { return matches(pattern, resource) }) {
			return false
		}
	}
	return true
}

// matches is how IAM compares a resource: * is any text, also with slashes.
func matches(pattern, resource string) bool {
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	return regexp.MustCompile("^" + expression + "$").MatchString(resource)
}

// recorder notes what a client calls.
type recorder struct {
	mu    sync.Mutex
	calls []call
}

func (r *recorder) all() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

func (r *recorder) record(cfg aws.Config) aws.Config {
	prefixes := map[string]string{"CloudFormation": "cloudformation", "CloudWatch Logs": "logs", "ECR": "ecr", "ECS": "ecs", "Elastic Load Balancing v2": "elasticloadbalancing"}
	cfg = cfg.Copy()
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("record",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				service := awsmiddleware.GetServiceID(ctx)
				prefix, known := prefixes[service]
				if !known {
					prefix = service
				}
				r.mu.Lock()
				r.calls = append(r.calls, call{
					action:    prefix + ":" + awsmiddleware.GetOperationName(ctx),
					resources: resourcesOf(in.Parameters),
				})
				r.mu.Unlock()
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
	})
	return cfg
}

// resourcesOf are the ARNs that a request is about, by the fields that name
// them: a stack, a service or tasks in a cluster, revisions, deployments, a log.
func resourcesOf(request any) []string {
	field := func(name string) []string {
		v := reflect.ValueOf(request).Elem().FieldByName(name)
		switch {
		case !v.IsValid():
			return nil
		case v.Kind() == reflect.Slice:
			return v.Interface().([]string)
		case v.IsNil():
			return nil
		}
		return []string{v.Elem().String()}
	}
	arn := func(service, resource string) string {
		return strings.Join([]string{"arn:aws", service, region, "123456789012", resource}, ":")
	}
	var found []string
	for _, stack := range field("StackName") {
		if !strings.HasPrefix(stack, "arn:") {
			stack = arn("cloudformation", "stack/"+stack+"/id")
		}
		found = append(found, stack)
	}
	cluster := strings.Join(field("Cluster"), "")
	cluster = cluster[strings.LastIndex(cluster, "/")+1:]
	inCluster := func(kind string, names []string) {
		for _, name := range names {
			found = append(found, arn("ecs", kind+"/"+cluster+"/"+name[strings.LastIndex(name, "/")+1:]))
		}
	}
	inCluster("service", slices.Concat(field("Service"), field("Services")))
	inCluster("task", field("Tasks"))
	for _, group := range field("LogGroupName") {
		for _, stream := range field("LogStreamName") {
			found = append(found, arn("logs", "log-group:"+group+":log-stream:"+stream))
		}
	}
	return slices.Concat(found, field("ServiceRevisionArns"), field("ServiceDeploymentArns"), field("ServiceDeploymentArn"))
}

// TestStatements: what is allowed on everything has a reason, and no role is
// passed to just anybody.
func TestStatements(t *testing.T) {
	t.Parallel()
	for name, statements := range map[string][]permissions.Statement{
		"deployer": permissions.Deployer(scope()), "service role": permissions.ServiceRole(scope()),
	} {
		seen := map[string]bool{}
		for _, s := range statements {
			if seen[s.Sid] {
				t.Errorf("%s: %s is there twice", name, s.Sid)
			}
			seen[s.Sid] = true
			if !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(s.Sid) {
				t.Errorf("%s: IAM takes no Sid %q", name, s.Sid)
			}
			if len(s.Actions) == 0 || len(s.Resources) == 0 {
				t.Errorf("%s: %s allows nothing", name, s.Sid)
			}
			if slices.Contains(s.Resources, permissions.Any) != (s.Why != "") {
				t.Errorf("%s: %s is about %q and its reason is %q", name, s.Sid, s.Resources, s.Why)
			}
			for _, action := range s.Actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s: %s allows the pattern %s", name, s.Sid, action)
				}
			}
			if slices.Contains(s.Actions, "iam:PassRole") && len(s.Conditions["StringEquals"]["iam:PassedToService"]) != 1 {
				t.Errorf("%s: %s passes a role to anybody", name, s.Sid)
			}
		}
	}
}

// TestStacksAreExact: a stack is not reached by the beginning of its name.
func TestStacksAreExact(t *testing.T) {
	t.Parallel()
	other := call{"cloudformation:CreateChangeSet", []string{"arn:aws:cloudformation:eu-west-1:123456789012:stack/web-admin/id"}}
	if slices.ContainsFunc(permissions.Deployer(scope()), other.allowedBy) {
		t.Errorf("%s is allowed on %s", other.action, other.resources)
	}
	service := call{"ecs:UpdateService", []string{"arn:aws:ecs:eu-west-1:123456789012:service/network-ECSCluster-1/web-admin-Service-1"}}
	if slices.ContainsFunc(permissions.ServiceRole(scope()), service.allowedBy) {
		t.Errorf("%s is allowed on %s", service.action, service.resources)
	}
}
