package elb

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

func TestRoundRobin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	url, _ := w.behind(w.target(says("a")), w.target(says("b")), w.target(says("c")))
	counts := map[string]int{}
	for range 12 {
		counts[w.get(url).body]++
	}
	if diff := cmp.Diff(map[string]int{"a": 4, "b": 4, "c": 4}, counts); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// User guide, "Target group health": with no healthy target, all registered ones
// get requests ("fail open"), but never one that drains.
func TestFailOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	sick := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/health" {
				w.WriteHeader(500)
			}
			_, _ = io.WriteString(w, name)
		}
	}
	a, b, c := w.target(sick("a")), w.target(sick("b")), w.target(says("c"))
	url, tg := w.behind()
	w.register(tg, a, b)
	w.await(a, Unhealthy, 1)
	w.await(b, Unhealthy, 1)
	counts := map[string]int{}
	for range 4 {
		counts[w.get(url).body]++
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 2}, counts); diff != "" {
		t.Errorf("with none healthy (-want +got):\n%s", diff)
	}
	w.deregister(tg, b)
	if got := w.get(url).body; got != "a" {
		t.Errorf("got %q while b drains, want a", got)
	}
	w.register(tg, c)
	w.await(c, Healthy, 1)
	for range 3 {
		if got := w.get(url).body; got != "c" {
			t.Errorf("got %q with c healthy, want c", got)
		}
	}
}

func TestLeastOutstandingRequests(t *testing.T) {
	tg := &targetGroup{attributes: newAttributes("Target group", targetGroupSettings())}
	tg.attributes.values[loadBalancing] = "least_outstanding_requests"
	busy, idle := &registration{inFlight: 2}, &registration{inFlight: 1}
	if got := tg.byAlgorithm([]*registration{busy, idle}); got != idle {
		t.Error("chose the target with more requests in flight")
	}
}

func TestRulesByPriority(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	listener := w.listener(lb, 80, fixed("404", "default"))
	rule := func(priority int32, path string, action types.Action) string {
		out, err := w.client.CreateRule(t.Context(), &elbv2.CreateRuleInput{
			ListenerArn: &listener, Priority: &priority, Actions: []types.Action{action},
			Conditions: []types.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{path}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Rules[0].RuleArn
	}
	all := rule(20, "*", fixed("200", "all"))
	api := rule(10, "/api/*", fixed("201", "api"))
	for path, want := range map[string]string{"/api/x": "201 api", "/other": "200 all"} {
		if a := w.get(url + path); fmt.Sprint(a.status, " ", a.body) != want {
			t.Errorf("%s: got %d %q, want %s", path, a.status, a.body, want)
		}
	}
	_, err := w.client.SetRulePriorities(t.Context(), &elbv2.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{
		{RuleArn: &all, Priority: aws.Int32(10)}, {RuleArn: &api, Priority: aws.Int32(20)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.get(url + "/api/x"); a.body != "all" {
		t.Errorf("after swapping priorities: got %q, want all", a.body)
	}
	for _, arn := range []string{all, api} {
		if _, err := w.client.DeleteRule(t.Context(), &elbv2.DeleteRuleInput{RuleArn: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	a := w.get(url)
	if a.status != 404 || a.body != "default" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("default action: got %d %q %q", a.status, a.body, a.header.Get("Content-Type"))
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	host := strings.TrimPrefix(url, "http://")
	listener := w.listener(lb, 80, types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
		StatusCode: types.RedirectActionStatusCodeEnumHttp301, Protocol: aws.String("HTTPS"), Port: aws.String("443"),
	}})
	redirectsTo := func(want string) {
		t.Helper()
		a := w.get(url + "/a%20b?x=1&y=2")
		if got := a.header.Get("Location"); got != want || a.status != 301 {
			t.Errorf("got %d %s, want 301 %s", a.status, got, want)
		}
	}
	redirectsTo("https://127.0.0.1:443/a%20b?x=1&y=2")

	out, err := w.client.CreateListener(t.Context(), &elbv2.CreateListenerInput{
		LoadBalancerArn: &lb, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps,
		Certificates:   []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/1")}},
		DefaultActions: []types.Action{fixed("200", "secure")},
	})
	if err != nil {
		t.Fatal(err)
	}
	secure, ok := w.service.ListenerAddr(*out.Listeners[0].ListenerArn)
	if !ok {
		t.Fatal("the HTTPS listener has no address")
	}
	redirectsTo("https://" + secure + "/a%20b?x=1&y=2")
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if string(body) != "secure" {
		t.Errorf("followed to %q, want secure", body)
	}

	_, err = w.client.ModifyListener(t.Context(), &elbv2.ModifyListenerInput{ListenerArn: &listener, DefaultActions: []types.Action{{
		Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
			StatusCode: types.RedirectActionStatusCodeEnumHttp301, Host: aws.String("www.#{host}"), Path: aws.String("/new/#{path}"), Query: aws.String("from=#{port}"),
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	redirectsTo("http://www." + hostname(host) + ":80/new/a%20b?from=80")
}

func TestWeightedForward(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	blue, green := w.targetGroup("blue"), w.targetGroup("green")
	weights := func(b, g int32) types.Action {
		return types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{
			{TargetGroupArn: &blue, Weight: &b}, {TargetGroupArn: &green, Weight: &g},
		}}}
	}
	listener := w.listener(lb, 80, weights(1, 1))
	b, g := w.target(says("blue")), w.target(says("green"))
	w.register(blue, b)
	w.register(green, g)
	w.await(b, Healthy, 1)
	w.await(g, Healthy, 1)
	seen := map[string]bool{}
	for range 100 { // both are missed with a probability of 2^-99
		seen[w.get(url).body] = true
	}
	if diff := cmp.Diff(map[string]bool{"blue": true, "green": true}, seen); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if _, err := w.client.ModifyListener(t.Context(), &elbv2.ModifyListenerInput{ListenerArn: &listener, DefaultActions: []types.Action{weights(0, 10)}}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if got := w.get(url).body; got != "green" {
			t.Fatalf("got %q from a target group of weight 0", got)
		}
	}
}

func TestStickySession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1) // cookies expire in real time
	url, tg := w.behind(w.target(says("a")), w.target(says("b")))
	w.setAttribute(tg, stickiness, "true")
	first := w.get(url)
	cookie, _, _ := strings.Cut(first.header.Get("Set-Cookie"), ";")
	if !strings.HasPrefix(cookie, "AWSALB=") {
		t.Fatalf("Set-Cookie = %q", first.header.Get("Set-Cookie"))
	}
	for range 4 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", cookie)
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if string(body) != first.body {
			t.Fatalf("got %q, want the first target, %q", body, first.body)
		}
	}
}

func TestOwnPortsOfListeners(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	if a, err := fetch(t.Context(), url); err == nil {
		t.Errorf("a load balancer without a listener answered %d", a.status)
	}
	second := w.listener(lb, 8080, fixed("200", "8080"))
	if got := w.get(url).body; got != "8080" {
		t.Errorf("the only listener answered %q", got)
	}
	first := w.listener(lb, 80, fixed("200", "80"))
	if got := w.get(url).body; got != "80" {
		t.Errorf("DNSName leads to listener %q, want 80", got)
	}
	for arn, want := range map[string]string{first: "80", second: "8080"} {
		addr, _ := w.service.ListenerAddr(arn)
		if got := w.get("http://" + addr).body; got != want {
			t.Errorf("listener %s answered %q", want, got)
		}
	}
	if _, err := w.client.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &lb}); err != nil {
		t.Fatal(err)
	}
	if a, err := fetch(t.Context(), url); err == nil {
		t.Errorf("a deleted load balancer answered %d", a.status)
	}
}
