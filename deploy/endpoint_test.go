package deploy_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

func configFor(endpoint, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}
}

// What answers in place of AWS is told in one plain line.
func TestStrangeEndpoints(t *testing.T) {
	t.Parallel()
	page := func(status int) string {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html><body>Welcome</body></html>"))
		}))
		t.Cleanup(srv.Close)
		return srv.URL
	}
	elsewhere := configFor("", "bad region!")
	elsewhere.BaseEndpoint = nil
	tests := map[string]struct {
		cfg   aws.Config
		input bool // whether an *InputError is wanted
		want  string
	}{
		"a web page":    {configFor(page(200), "eu-west-1"), true, "does not answer as AWS does"},
		"no such page":  {configFor(page(404), "eu-west-1"), true, "does not answer as AWS does"},
		"out of order":  {configFor(page(500), "eu-west-1"), false, "answers 500 Internal Server Error; try again later"},
		"no scheme":     {configFor("127.0.0.1:33013", "eu-west-1"), true, `"127.0.0.1:33013", is no URL; write AWS_ENDPOINT_URL with its scheme`},
		"no such place": {elsewhere, true, `there is no address of AWS for region "bad region!"; check AWS_REGION`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := deploy.New(tt.cfg, deploy.Options{}).Status(ctxOf(t), "web", "")
			var input *deploy.InputError
			if err == nil || errors.As(err, &input) != tt.input || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v; want one with %q, an *InputError: %v", err, tt.want, tt.input)
			}
			for _, chain := range []string{"operation error", "RequestID", "deserialization", "\n"} {
				if strings.Contains(err.Error(), chain) {
					t.Errorf("error %q has %q of the SDK's words", err, chain)
				}
			}
		})
	}
}

// Who accepts a connection and never answers holds nobody up for longer than Timeout.
func TestSilentEndpoint(t *testing.T) {
	t.Parallel()
	silent := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-silent:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(silent) })
	d := deploy.New(configFor(srv.URL, "eu-west-1"), deploy.Options{Timeout: 50 * time.Millisecond})
	calls := map[string]func(context.Context) error{
		"Status": func(ctx context.Context) error { _, err := d.Status(ctx, "web", ""); return err },
		"Deploy": func(ctx context.Context) error {
			_, err := d.Deploy(ctx, deploy.Request{Stack: "web", Image: v2})
			return err
		},
		"Up": func(ctx context.Context) error {
			_, err := d.Up(ctx, deploy.StackSpec{Name: "web", TemplateBody: templates.Network()})
			return err
		},
		"Down":      func(ctx context.Context) error { return d.Down(ctx, "web") },
		"CheckDown": func(ctx context.Context) error { return d.CheckDown(ctx, "web") },
		"History": func(ctx context.Context) error {
			_, err := d.History(ctx, deploy.HistoryRequest{Stack: "web"})
			return err
		},
		"Rollback": func(ctx context.Context) error { _, err := d.Rollback(ctx, deploy.Request{Stack: "web"}); return err },
		"Reconcile": func(ctx context.Context) error {
			_, err := d.Reconcile(ctx, deploy.ReconcileRequest{Stack: "web"})
			return err
		},
		"Recover": func(ctx context.Context) error {
			_, err := d.Recover(ctx, deploy.RecoverRequest{Stack: "web"})
			return err
		},
		"Plan": func(ctx context.Context) error {
			_, err := d.Plan(ctx, deploy.Request{Stack: "web", Image: v2})
			return err
		},
		"Continue": func(ctx context.Context) error { _, err := d.Continue(ctx, "web", false); return err },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := call(ctxOf(t))
			var input *deploy.InputError
			if !errors.As(err, &input) || !strings.Contains(err.Error(), "cannot be reached: no answer within 50ms;") {
				t.Errorf("error %v; want an *InputError that nobody answers", err)
			}
		})
	}
}

// A service that is to run no task is deployed to without waiting for one.
func TestDeployToIdleService(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	if _, err := w.Up(ctx, deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		t.Fatal(err)
	}
	_, err := w.Up(ctx, deploy.StackSpec{
		Name: service, TemplateBody: templates.Service(), Capabilities: []string{"CAPABILITY_IAM"},
		Parameters: map[string]string{
			contract.ParameterStackName: network, contract.ParameterServiceName: "web",
			contract.ParameterImageURL: v1, contract.ParameterDesiredCount: "0",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		result, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
		if err != nil {
			t.Fatal(err)
		}
		if result.AlreadyCurrent != (i == 1) || len(result.Services) != 1 || result.Services[0].Running != 0 || result.Services[0].Desired != 0 {
			t.Errorf("deploy %d: %+v", i+1, result)
		}
	}
}
