package test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

func TestAlarmsAndDashboard(t *testing.T) {
	const topic = "arn:aws:sns:eu-central-1:123456789012:on-call"
	got := serviceTemplate(t, func(beside awscdk.Stack, p *stacks.ServiceStackProps) {
		p.Alarms = &constructs.AlarmsProps{
			Topic:        awssns.Topic_FromTopicArn(beside, jsii.String("Topic"), jsii.String(topic)),
			ServerErrors: jsii.Number(3),
		}
		p.TrafficShift = &constructs.TrafficShift{}
	})
	got.has(t,
		expectation{"ServerErrorsAlarm", "Threshold", 3.0},
		expectation{"ServerErrorsAlarm", "Metrics.0.Expression", "FILL(server_errors_1, 0) + FILL(server_errors_2, 0)"},
		expectation{"ServerErrorsAlarm", "AlarmActions", []any{topic}},
		expectation{"ServerErrorsAlarm", "OKActions", []any{topic}},
		expectation{"UnhealthyHostsAlarm", "EvaluationPeriods", 5.0},
		expectation{"CpuAlarm", "MetricName", "CPUUtilization"},
		expectation{"CpuAlarm", "Threshold", 85.0},
		expectation{"CpuAlarm", "AlarmActions", []any{topic}},
		// They tell people, and roll nothing back.
		expectation{"Service", "DeploymentConfiguration.Alarms", nil},
	)
	body, err := json.Marshal(got.Resources["Dashboard"].Properties["DashboardBody"])
	if err != nil {
		t.Fatal(err)
	}
	for _, metric := range []string{
		"RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime", "UnHealthyHostCount", "HealthyHostCount",
		"CPUUtilization", "MemoryUtilization", "CpuAlarm",
	} {
		if !strings.Contains(string(body), metric) {
			t.Errorf("the dashboard lacks %s", metric)
		}
	}

	without := serviceTemplate(t, func(awscdk.Stack, *stacks.ServiceStackProps) {})
	if id := without.idOf(t, "AWS::CloudWatch::Alarm"); id != "" {
		t.Errorf("nobody asked for %s", id)
	}
}

func TestRepository(t *testing.T) {
	for _, tt := range []struct {
		name  string
		props *constructs.RepositoryProps
		want  map[string]any
		keep  float64
	}{
		{"as it is", nil, map[string]any{
			"ImageTagMutability":         "IMMUTABLE",
			"ImageScanningConfiguration": map[string]any{"ScanOnPush": true},
			"RepositoryName":             nil,
		}, 10},
		{"as one may want it", &constructs.RepositoryProps{
			RepositoryName: jsii.String("shop/orders"), MutableTags: jsii.Bool(true), ScanOnPush: jsii.Bool(false), KeepImages: jsii.Number(3),
		}, map[string]any{
			"ImageTagMutability":         "MUTABLE",
			"ImageScanningConfiguration": map[string]any{"ScanOnPush": false},
			"RepositoryName":             "shop/orders",
		}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp(t)
			stack := awscdk.NewStack(app, jsii.String("images"), nil)
			constructs.NewRepository(stack, jsii.String("Orders"), tt.props)
			got := parse(t, synthesize(t, app, "images"))
			id := got.idOf(t, "AWS::ECR::Repository")
			got.has(t, expectation{id, "EmptyOnDelete", nil})
			for property, want := range tt.want {
				got.has(t, expectation{id, property, want})
			}
			if r := got.Resources[id]; r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" {
				t.Errorf("the images go with the stack: %q, %q", r.DeletionPolicy, r.UpdateReplacePolicy)
			}
			got.has(t, expectation{id, "RepositoryPolicyText", nil}) // IAM of the account suffices
			text, _ := at(got.Resources[id].Properties, "LifecyclePolicy.LifecyclePolicyText").(string)
			var policy struct {
				Rules []struct {
					Selection struct {
						CountType   string
						CountNumber float64
					}
				}
			}
			unmarshal(t, text, &policy)
			if len(policy.Rules) != 1 || policy.Rules[0].Selection.CountType != "imageCountMoreThan" || policy.Rules[0].Selection.CountNumber != tt.keep {
				t.Errorf("images are kept by %s, want %v of them", text, tt.keep)
			}
		})
	}
}

// TestRepositoryGoesWithItsImages: one that has images cannot be deleted without.
func TestRepositoryGoesWithItsImages(t *testing.T) {
	app := newApp(t)
	constructs.NewRepository(awscdk.NewStack(app, jsii.String("images"), nil), jsii.String("Orders"),
		&constructs.RepositoryProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	got := parse(t, synthesize(t, app, "images"))
	id := got.idOf(t, "AWS::ECR::Repository")
	got.has(t, expectation{id, "EmptyOnDelete", true})
	if policy := got.Resources[id].DeletionPolicy; policy != "Delete" {
		t.Errorf("the deletion policy is %q", policy)
	}
}

// TestServiceStackRefusesParameters as props: they would have no effect on a
// stack that runs.
func TestServiceStackRefusesParameters(t *testing.T) {
	err := (&stacks.ServiceStackProps{
		Zones: jsii.Number(5),
		FargateServiceProps: constructs.FargateServiceProps{
			ImageUrl:          jsii.String("registry.example.com/orders:1"),
			Priority:          jsii.Number(3),
			StickinessSeconds: jsii.Number(0),
		},
	}).Validate()
	if err == nil {
		t.Fatal("no error")
	}
	var problems []string
	for _, line := range strings.Split(err.Error(), "\n") {
		name, _, _ := strings.Cut(line, " is ")
		problems = append(problems, name)
	}
	if diff := cmp.Diff([]string{"Zones", "ImageUrl", "Priority", "StickinessSeconds"}, problems); diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := (*stacks.ServiceStackProps)(nil).Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}
