package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/slipway-go/slipway/report"
	"github.com/slipway-go/slipway/templates"
)

// Setting is a way to configure how a service is replaced: what decides how long a rollout
// takes, and how much capacity is left meanwhile.
type Setting struct {
	Name string `json:"name"`

	HealthCheckSeconds int `json:"healthCheckSeconds"` // between two health checks of a target
	HealthyChecks      int `json:"healthyChecks"`      // passed ones after which it gets requests
	DrainSeconds       int `json:"drainSeconds"`       // deregistration delay
	MinimumHealthy     int `json:"minimumHealthy"`     // percent of the desired count
	Maximum            int `json:"maximum"`            // percent of the desired count

	// Template is a service template to rehearse as it is, instead of ours with the values
	// above.
	Template string `json:"-"`
}

// Settings are those that are known well enough to be compared with.
func Settings() []Setting {
	return []Setting{
		// What the templates of the article say, and leave to defaults.
		{Name: "the article", HealthCheckSeconds: 90, HealthyChecks: 2, DrainSeconds: 300, MinimumHealthy: 50, Maximum: 200},
		// Defaults of ApplicationLoadBalancedFargateService, which are those of Elastic Load
		// Balancing and of the CDK.
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
		{Name: "ecs-patterns", HealthCheckSeconds: 30, HealthyChecks: 5, DrainSeconds: 300, MinimumHealthy: 50, Maximum: 200},
		{Name: "slipway", HealthCheckSeconds: 10, HealthyChecks: 2, DrainSeconds: 30, MinimumHealthy: 100, Maximum: 200},
	}
}

// Comparison is what a rehearsal with a setting has shown.
type Comparison struct {
	Setting Setting        `json:"setting"`
	Report  *report.Report `json:"report"`
}

// Compare rehearses the same rollout with one setting after the other. A template of o's
// is rehearsed, too, as "yours". done is told of each; nil is nobody.
//
// Its errors are those of Run.
func Compare(ctx context.Context, o Options, settings []Setting, done func(Comparison)) ([]Comparison, error) {
	if o.ServiceTemplate != "" {
		settings = append(settings[:len(settings):len(settings)], Setting{Name: "yours", Template: o.ServiceTemplate})
	}
	compared := make([]Comparison, 0, len(settings))
	for _, s := range settings {
		with := o
		var err error
		if with.ServiceTemplate, err = s.template(); err != nil {
			return compared, err
		}
		if s.Template == "" {
			with.NetworkTemplate = "" // that of ours goes with it
			with.Parameters = nil
		}
		shown, err := Run(ctx, with)
		if err != nil {
			return compared, fmt.Errorf("rehearsing with the settings of %s: %w", s.Name, err)
		}
		compared = append(compared, Comparison{Setting: s, Report: shown})
		if done != nil {
			done(compared[len(compared)-1])
		}
	}
	return compared, nil
}

// template is our service template with the values of a setting, or its own.
func (s Setting) template() (string, error) {
	if s.Template != "" {
		return s.Template, nil
	}
	var whole map[string]any
	if err := json.Unmarshal([]byte(templates.Service()), &whole); err != nil {
		return "", fmt.Errorf("reading the service template: %w", err)
	}
	resources, _ := whole["Resources"].(map[string]any)
	for _, r := range resources {
		resource, _ := r.(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		switch resource["Type"] {
		case "AWS::ElasticLoadBalancingV2::TargetGroup":
			properties["HealthCheckIntervalSeconds"] = s.HealthCheckSeconds
			properties["HealthyThresholdCount"] = s.HealthyChecks
			properties["TargetGroupAttributes"] = []any{map[string]any{
				"Key": "deregistration_delay.timeout_seconds", "Value": strconv.Itoa(s.DrainSeconds),
			}}
		case "AWS::ECS::Service":
			deployment, _ := properties["DeploymentConfiguration"].(map[string]any)
			deployment["MinimumHealthyPercent"], deployment["MaximumPercent"] = s.MinimumHealthy, s.Maximum
		}
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return "", fmt.Errorf("writing the service template: %w", err)
	}
	return string(text), nil
}
