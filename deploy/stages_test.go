package deploy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

// canary is the service template with a canary deployment, which waits after the shift
// if it is to pause.
func canary(t *testing.T, pause bool) string {
	t.Helper()
	template, err := os.ReadFile("../test/testdata/variants/service-canary.json")
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

// A deployment that moves traffic is told stage by stage. Where it waits for somebody,
// Continue lets it go on or takes it back.
func TestDeployInStages(t *testing.T) {
	t.Parallel()
	for name, rollBack := range map[string]bool{"continued": false, "rolled back": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
				t.Fatal(err)
			}
			w.upService(t, canary(t, false), v1)
			if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: service, TemplateBody: canary(t, true), Capabilities: []string{"CAPABILITY_IAM"}}); err != nil {
				t.Fatal(err)
			}
			if idle, err := w.Continue(ctxOf(t), service, rollBack); err != nil || len(idle) > 0 {
				t.Fatalf("continued %+v, %v; want nothing to wait", idle, err)
			}
			w.srv.SetImage(":v2", slowStart) // no stage is over between two looks
			paused := make(chan deploy.Paused, 1)
			w.onEvent(func(e deploy.Event) {
				if p, ok := e.(deploy.Paused); ok {
					paused <- p
				}
			})
			ended := make(chan error, 1)
			go func() {
				_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
				ended <- err
			}()
			select {
			case p := <-paused:
				if p.Stage != "POST_PRODUCTION_TRAFFIC_SHIFT" || p.Then != "ROLLBACK" || !p.Until.After(p.When()) {
					t.Errorf("paused %+v", p)
				}
			case err := <-ended:
				t.Fatalf("the deploy ended without a pause: %v", err)
			}
			done, err := w.Continue(ctxOf(t), service, rollBack)
			if err != nil || len(done) != 1 || done[0].Stage != "POST_PRODUCTION_TRAFFIC_SHIFT" || done[0].RolledBack != rollBack {
				t.Errorf("continued %+v, %v", done, err)
			}
			err = <-ended
			var rolledBack *deploy.RolledBackError
			if rollBack != errors.As(err, &rolledBack) || !rollBack && err != nil {
				t.Errorf("error %v; want a rollback: %t", err, rollBack)
			}
			for _, stage := range []string{"SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT"} {
				if !has(w, func(e deploy.DeploymentProgress) bool { return e.Stage == stage }) {
					t.Errorf("stage %s was not told", stage)
				}
			}
		})
	}
}
