package rehearse

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
	"github.com/slipway-go/slipway/templates"
)

// TestCompare: what the settings are known for shows, in one run.
func TestCompare(t *testing.T) {
	t.Parallel()
	o := quick()
	o.ServiceTemplate = templates.Service()
	o.Parameters = map[string]string{"DeregistrationDelaySeconds": "300"}
	told := 0
	compared, err := Compare(t.Context(), o, Settings(), func(Comparison) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*report.Report{}
	for _, c := range compared {
		by[c.Setting.Name] = c.Report
		if c.Report.Result != report.Deployed || c.Report.Requests < o.MinRequests {
			t.Errorf("%s: %s after %d requests", c.Setting.Name, c.Report.Result, c.Report.Requests)
		}
		t.Logf("%-12s %4.0f s, capacity at least %3d %%, %d of %d lost", c.Setting.Name, c.Report.Seconds, c.Report.MinHealthyPercent, c.Report.Failed, c.Report.Requests)
	}
	if len(by) != 4 || told != 4 {
		t.Fatalf("%d settings were compared, %d told; want 4", len(by), told)
	}
	ours := by["slipway"]
	if ours.Failed != 0 || ours.MinHealthyPercent < 100 {
		t.Errorf("ours lost %d requests, at %d %% capacity", ours.Failed, ours.MinHealthyPercent)
	}
	for _, slower := range []string{"the article", "ecs-patterns"} {
		if by[slower].Seconds < 2*ours.Seconds {
			t.Errorf("%s took %.0f s, ours %.0f s; want at least twice as long", slower, by[slower].Seconds, ours.Seconds)
		}
	}
	if by["yours"].Seconds < ours.Seconds+100 {
		t.Errorf("with a drain of 300 s it took %.0f s, with 30 s %.0f s", by["yours"].Seconds, ours.Seconds)
	}
}

// A setting changes what it names, and nothing else.
func TestSettingTemplate(t *testing.T) {
	t.Parallel()
	text, err := Setting{HealthCheckSeconds: 77, HealthyChecks: 9, DrainSeconds: 88, MinimumHealthy: 33, Maximum: 166}.template()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"HealthCheckIntervalSeconds":77`, `"HealthyThresholdCount":9`, `"Value":"88"`, `"MinimumHealthyPercent":33`, `"MaximumPercent":166`} {
		if !strings.Contains(text, want) {
			t.Errorf("the template has no %s", want)
		}
	}
	var got, before map[string]any
	if json.Unmarshal([]byte(text), &got) != nil || json.Unmarshal([]byte(templates.Service()), &before) != nil {
		t.Fatal("the template is no JSON")
	}
	if len(got["Resources"].(map[string]any)) != len(before["Resources"].(map[string]any)) {
		t.Error("it has other resources")
	}
	if own, err := (Setting{Template: "own"}).template(); own != "own" || err != nil {
		t.Errorf("%q, %v", own, err)
	}
}

// A template that cannot be rehearsed is refused with what it lacks.
func TestRunRefusesTemplates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ template, want string }{
		"no image":  {`{"Parameters": {"Image": {"Type": "String"}}, "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`, "has no parameter ImageUrl, which takes the image"},
		"no syntax": {"Resources: [", "reading the service template"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := quick()
			o.ServiceTemplate = tt.template
			var input *deploy.InputError
			if _, err := Run(t.Context(), o); !errors.As(err, &input) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v; want an *InputError with %q", err, tt.want)
			}
		})
	}
}
