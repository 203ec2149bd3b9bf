package deploy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

// predictionLine is how a service's tasks are replaced, in short.
func predictionLine(p deploy.Prediction) string {
	return fmt.Sprintf("%s: %d in %d, %d to %d", p.Resource, p.Desired, p.Batches, p.LeastHealthy, p.MostTasks)
}

// withPercents is the service template with other percentages.
func withPercents(t *testing.T, minimumHealthy, maximum int) string {
	t.Helper()
	template := templates.Service()
	for old, replacement := range map[string]string{
		`"MinimumHealthyPercent": 100`: fmt.Sprintf(`"MinimumHealthyPercent": %d`, minimumHealthy),
		`"MaximumPercent": 200`:        fmt.Sprintf(`"MaximumPercent": %d`, maximum),
	} {
		if !strings.Contains(template, old) {
			t.Fatalf("the template has no %s", old)
		}
		template = strings.Replace(template, old, replacement, 1)
	}
	return template
}

// lastRollout is what the newest deployment of a predicted service took, in AWS time.
func (w *world) lastRollout(t *testing.T, p deploy.Prediction) time.Duration {
	t.Helper()
	out, err := ecs.NewFromConfig(w.cfg).ListServiceDeployments(ctxOf(t), &ecs.ListServiceDeploymentsInput{Cluster: &p.Cluster, Service: &p.Service})
	if err != nil {
		t.Fatal(err)
	}
	newest := out.ServiceDeployments[0]
	return aws.ToTime(newest.FinishedAt).Sub(aws.ToTime(newest.CreatedAt))
}

// What a prediction cannot read it does without, and the deploy goes on.
func TestPredictionDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	ctx := ctxOf(t)
	reads := []string{"DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTaskDefinition"}
	limited := func(operations ...string) aws.Config {
		cfg := w.cfg.Copy()
		cfg.APIOptions = append(cfg.APIOptions, answerOnly("AccessDenied", "not authorized", operations...))
		return cfg
	}
	plan, err := deploy.New(limited(append(reads, "ListServiceDeployments", "ListTasks")...), deploy.Options{Clock: w.srv.Clock()}).Plan(ctx, deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Predictions[0]
	if len(p.Unread) != 5 || !strings.Contains(strings.Join(p.Unread, "\n"), "deregistration delay of target group ") || predictionLine(p) != "Service: 2 in 1, 2 to 4" || p.Longest == 0 {
		t.Errorf("prediction %+v", p)
	}
	var told []deploy.Prediction
	d := deploy.New(limited(reads...), deploy.Options{Clock: w.srv.Clock(), Observe: func(e deploy.Event) {
		if accepted, ok := e.(deploy.ChangesAccepted); ok {
			told = accepted.Predictions
		}
	}})
	if _, err := d.Deploy(ctx, deploy.Request{Stack: service, Image: v2}); err != nil {
		t.Fatal(err)
	}
	if len(told) != 1 || len(told[0].Unread) != 3 {
		t.Errorf("told at the head of the deploy: %+v", told)
	}
}

// A prediction costs a deploy two calls, for the target group: the earlier rollouts are read
// once, with the tasks, to see that they may be read. Only a service that has none on record
// costs one more, for its task definition.
func TestPredictionCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	var calls []string
	cfg := w.cfg.Copy()
	for _, operation := range []string{
		"DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTaskDefinition", "ListServiceDeployments", "ListTasks", "DescribeTasks",
	} {
		cfg.APIOptions = append(cfg.APIOptions, before(operation, func() { calls = append(calls, operation) }))
	}
	var atHead []string
	d := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock(), Observe: func(e deploy.Event) {
		if _, ok := e.(deploy.ChangesAccepted); ok {
			atHead = slices.Clone(calls)
		}
	}})
	want := []string{"ListServiceDeployments", "ListTasks", "DescribeTasks", "DescribeTargetGroups", "DescribeTargetGroupAttributes", "DescribeTaskDefinition"}
	for i, image := range []string{v2, v1} {
		calls = nil
		if _, err := d.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: image}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[:6-i], atHead); diff != "" {
			t.Errorf("deploy %d (-want +got):\n%s", i+1, diff)
		}
	}
}

// TestPredictionHolds holds predictions against what ECS then does, for some ways to
// replace tasks.
//
// The emulator's times are AWS's, but a machine that is busy for a second adds half a
// minute to what ECS seems to take: to the first tasks, which lifts the prediction, as
// well as to the rollout. The upper end has more than a minute in reserve, for a task may
// use its stopTimeout of 60 s, which none does here; at the lower end as much is allowed
// for. A drain of two minutes is more than that, so that it shows whether it is counted.
func TestPredictionHolds(t *testing.T) {
	t.Parallel()
	const busy = time.Minute
	for _, tt := range []struct {
		name                      string
		desired, minimum, maximum int
		want                      string
	}{
		{"100/200", 2, 100, 200, "Service: 2 in 1, 2 to 4"},
		{"50/150", 3, 50, 150, "Service: 3 in 2, 2 to 4"},
		{"0/100", 2, 0, 100, "Service: 2 in 1, 0 to 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldAt(t, 30, deploy.Options{})
			ctx := ctxOf(t)
			if _, err := w.Up(ctx, deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
				t.Fatal(err)
			}
			w.upServiceWith(t, withPercents(t, tt.minimum, tt.maximum), map[string]string{
				contract.ParameterImageURL: v1, contract.ParameterDesiredCount: fmt.Sprint(tt.desired),
				contract.ParameterDeregistrationDelaySeconds: "120",
			})
			plan, err := w.Plan(ctx, deploy.Request{Stack: service, Image: v2})
			if err != nil {
				t.Fatal(err)
			}
			p := plan.Predictions[0]
			if got := predictionLine(p); got != tt.want {
				t.Errorf("prediction %q, want %q", got, tt.want)
			}
			if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2}); err != nil {
				t.Fatal(err)
			}
			took := w.lastRollout(t, p)
			t.Logf("predicted %s by %q, took %s", p.Duration(), p.Basis, took)
			if took+busy < p.Shortest || took > p.Longest {
				t.Errorf("ECS took %s, predicted were %s by %q", took, p.Duration(), p.Basis)
			}

			// From now on, this rollout tells what to expect.
			plan, err = w.Plan(ctx, deploy.Request{Stack: service, Image: v1})
			if err != nil {
				t.Fatal(err)
			}
			next := plan.Predictions[0]
			if len(next.Basis) != 1 || !strings.HasPrefix(next.Basis[0], "its last rollout took ") || took < next.Shortest || took > next.Longest {
				t.Errorf("after a rollout of %s, %s is predicted by %q", took, next.Duration(), next.Basis)
			}
		})
	}
}
