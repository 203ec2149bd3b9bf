package deploy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// severalTemplate has two images, and three services: two that run both images, by one
// task definition, and one that runs only the first.
const severalTemplate = `
Parameters:
  Web: {Type: String}
  Proxy: {Type: String}
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Both:
    Type: AWS::ECS::TaskDefinition
    Properties: &task
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: proxy, Image: !Ref Proxy}, {Name: web, Image: !Ref Web}]
  Alone:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: web, Image: !Ref Web}]
  Blue: {Type: AWS::ECS::Service, Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Both, DesiredCount: 1, LaunchType: FARGATE, NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}}}
  Green: {Type: AWS::ECS::Service, Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Both, DesiredCount: 2, LaunchType: FARGATE, NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}}}
  Red: {Type: AWS::ECS::Service, Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Alone, DesiredCount: 1, LaunchType: FARGATE, NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}}}
`

// All services that an image parameter feeds are watched and proven, by every strategy,
// and no other is touched.
func TestDeploySeveralServices(t *testing.T) {
	t.Parallel()
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyECS} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":bad", emulator.Conduct{Crash: true, CrashAfter: -1, ExitCode: 1})
			ctx := ctxOf(t)
			spec := deploy.StackSpec{Name: shop, TemplateBody: strings.Replace(severalTemplate, "&task", "", 1), Parameters: map[string]string{"Web": v1, "Proxy": "envoy:1"}}
			if _, err := w.Up(ctx, spec); err != nil {
				t.Fatal(err)
			}
			var input *deploy.InputError
			if _, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: v2, Strategy: strategy}); !errors.As(err, &input) || !strings.Contains(err.Error(), "Proxy, Web") {
				t.Errorf("error %v; want an *InputError that names both parameters", err)
			}
			for _, tt := range []struct {
				parameter, image string
				want             []string
			}{{"Web", v2, []string{"Blue", "Green", "Red"}}, {"Proxy", "envoy:2", []string{"Blue", "Green"}}} {
				request := deploy.Request{Stack: shop, Image: tt.image, ImageParameter: tt.parameter, Strategy: strategy}
				result, err := w.Deploy(ctx, request)
				if strategy == deploy.StrategyECS && tt.parameter == "Proxy" {
					// The stack has to say first what the other image is.
					var refused *deploy.RefusedError
					if !errors.As(err, &refused) || !strings.Contains(err.Error(), "drift") || !strings.Contains(err.Error(), "slipway reconcile shop") {
						t.Fatalf("%s: error %v; want a *RefusedError for the drift of the other image", tt.parameter, err)
					}
					w.letStackSay(t, "Web")
					result, err = w.Deploy(ctx, request)
				}
				if err != nil {
					t.Fatalf("%s: %v", tt.parameter, err)
				}
				var services []string
				for _, s := range result.Services {
					if s.Running != s.Desired {
						t.Errorf("%s: %+v", tt.parameter, s)
					}
					services = append(services, strings.Split(s.Service, "-")[1])
				}
				slices.Sort(services)
				if !slices.Equal(services, tt.want) {
					t.Errorf("%s: services %v; want %v", tt.parameter, services, tt.want)
				}
			}
			if strategy == deploy.StrategyECS {
				w.letStackSay(t, "Proxy")
			}
			// One that fails takes the others back, too.
			_, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: "acme/web:bad", ImageParameter: "Web", Strategy: strategy})
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) {
				t.Fatalf("error %v; want a *RolledBackError", err)
			}
			status, err := w.Status(ctx, shop, "Web")
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range status.Services {
				if !slices.ContainsFunc(s.Images, func(i deploy.RunningImage) bool { return i.Container == "web" && i.Image == v2 }) || len(status.Drift) > 0 {
					t.Errorf("after the rollback, %+v with drift %v", s, status.Drift)
				}
			}
		})
	}
}

// letStackSay puts what runs into one of the shop's image parameters.
func (w *world) letStackSay(t *testing.T, parameter string) {
	t.Helper()
	if _, err := w.Reconcile(ctxOf(t), deploy.ReconcileRequest{Stack: shop, ImageParameter: parameter, To: deploy.SideRunning}); err != nil {
		t.Fatalf("reconciling %s: %v", parameter, err)
	}
}
