package deploy_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slipway-go/slipway/deploy"
)

// emptying stands before an AWS and answers one of the calls with nothing in it: success,
// and not a member.
type emptying struct {
	operation string
	emptied   atomic.Int64
}

func (e *emptying) modify(r *http.Response) error {
	operation := r.Request.Header.Get("X-Amz-Target")
	_, operation, _ = strings.Cut(operation, ".")
	if operation == "" {
		operation, _ = r.Request.Context().Value(operationKey{}).(string)
	}
	if operation != e.operation || r.StatusCode != http.StatusOK {
		return nil
	}
	e.emptied.Add(1)
	body := "{}"
	if r.Request.Header.Get("X-Amz-Target") == "" {
		body = fmt.Sprintf("<%sResponse><%sResult></%sResult></%sResponse>", operation, operation, operation, operation)
	}
	r.Body = io.NopCloser(strings.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	return nil
}

type operationKey struct{}

// proxy sends calls on to an AWS, and empties one.
func (e *emptying) proxy(t *testing.T, aws string) string {
	t.Helper()
	target, err := url.Parse(aws)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.ModifyResponse = e.modify
	action := regexp.MustCompile(`(?:^|&)Action=(\w+)`)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if found := action.FindSubmatch(body); found != nil {
			r = r.WithContext(context.WithValue(r.Context(), operationKey{}, string(found[1])))
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestEmptyAnswers: whatever AWS leaves out of an answer, nothing panics, and what has
// begun is told.
func TestEmptyAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	operations := []string{
		"DescribeStacks", "GetTemplate", "ListStackResources", "CreateChangeSet", "DescribeChangeSet", "DescribeStackEvents",
		"GetStackPolicy", "UpdateStack", "ListStacks",
		"DescribeServices", "DescribeTaskDefinition", "ListServiceDeployments", "DescribeServiceRevisions", "DescribeServiceDeployments",
		"ListTasks", "DescribeTasks", "RegisterTaskDefinition", "UpdateService",
	}
	slots := make(chan struct{}, killsAtOnce)
	var all sync.WaitGroup
	for i, operation := range operations {
		stack := fmt.Sprintf("empty-%d", i)
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ctx := ctxOf(t)
			if _, err := w.Up(ctx, deploy.StackSpec{Name: stack, TemplateBody: storeTemplate, Parameters: map[string]string{"Image": v1}}); err != nil {
				t.Error(err)
				return
			}
			e := &emptying{operation: operation}
			cfg := configFor(e.proxy(t, w.srv.URL()), "eu-west-1")
			d := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock(), Timeout: 3 * time.Minute})
			for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyECS} {
				_, _ = d.Deploy(ctx, deploy.Request{Stack: stack, Image: "acme/web:" + string(strategy), Strategy: strategy, WaitForStack: time.Hour})
			}
			_, _ = d.Status(ctx, stack, "")
			_, _ = d.History(ctx, deploy.HistoryRequest{Stack: stack})
			_, _ = d.Plan(ctx, deploy.Request{Stack: stack, Image: "acme/web:plan"})
			_, _ = d.Rollback(ctx, deploy.Request{Stack: stack, WaitForStack: time.Hour})
			_, _ = d.Reconcile(ctx, deploy.ReconcileRequest{Stack: stack, WaitForStack: time.Hour})
			_, _ = d.Recover(ctx, deploy.RecoverRequest{Stack: stack})
			_, _ = d.Continue(ctx, stack, false)
			_, _ = d.Deploy(ctx, deploy.Request{Stack: stack, Image: "acme/web:recreate", Strategy: deploy.StrategyRecreate, AcceptDowntime: true, WaitForStack: time.Hour})
			if e.emptied.Load() == 0 && operation != "ListStacks" {
				t.Errorf("%s was never called", operation)
			}
		})
	}
	all.Wait()
}
