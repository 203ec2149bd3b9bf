package conformance_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// response is what a client gets from a load balancer.
type response struct {
	status int
	body   string
	header http.Header
	err    error
}

// fetch sends a request over a connection of its own. Redirects are not followed.
func fetch(address string, change func(*http.Request)) response {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return response{err: err}
	}
	if change != nil {
		change(r)
	}
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return response{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, string(body), resp.Header, err}
}

func get(t *testing.T, address string, change func(*http.Request)) response {
	t.Helper()
	r := fetch(address, change)
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r
}

// rule adds a rule to a listener that answers with its own name.
func (c *cloud) rule(t *testing.T, listener, name string, priority int32, conditions ...elbtypes.RuleCondition) string {
	t.Helper()
	out := must(t, c.elb.CreateRule, &elb.CreateRuleInput{ListenerArn: &listener, Priority: &priority, Conditions: conditions, Actions: fixed(name)})
	return *out.Rules[0].RuleArn
}

func paths(patterns ...string) elbtypes.RuleCondition {
	return elbtypes.RuleCondition{Field: aws.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: patterns}}
}

func hosts(patterns ...string) elbtypes.RuleCondition {
	return elbtypes.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: patterns}}
}

func TestRuleConditions(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	arn, address := c.balancer(t, "rules")
	listener := c.listen(t, arn, fixed("default"))
	c.rule(t, listener, "path", 10, paths("/img/*"))
	c.rule(t, listener, "one", 20, paths("/v?/x"))
	c.rule(t, listener, "host", 30, hosts("*.example.com"))
	c.rule(t, listener, "header", 40, elbtypes.RuleCondition{Field: aws.String("http-header"), HttpHeaderConfig: &elbtypes.HttpHeaderConditionConfig{HttpHeaderName: aws.String("X-Tier"), Values: []string{"beta*"}}})
	c.rule(t, listener, "method", 50, elbtypes.RuleCondition{Field: aws.String("http-request-method"), HttpRequestMethodConfig: &elbtypes.HttpRequestMethodConditionConfig{Values: []string{"DELETE", "PUT"}}})
	c.rule(t, listener, "query", 60, elbtypes.RuleCondition{Field: aws.String("query-string"), QueryStringConfig: &elbtypes.QueryStringConditionConfig{Values: []elbtypes.QueryStringKeyValuePair{{Key: aws.String("version"), Value: aws.String("v1")}}}})
	c.rule(t, listener, "all", 70, paths("/all"), elbtypes.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &elbtypes.SourceIpConditionConfig{Values: []string{"127.0.0.0/8"}}})
	c.rule(t, listener, "elsewhere", 80, paths("/far"), elbtypes.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &elbtypes.SourceIpConditionConfig{Values: []string{"192.0.2.0/24"}}})
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Tier", value) }
	}
	method := func(name string) func(*http.Request) { return func(r *http.Request) { r.Method = name } }
	for _, fact := range []struct {
		name, path string
		change     func(*http.Request)
		want       string
	}{
		{"ELB-035 no rule matches: the default action", "/", nil, "default"},
		{"ELB-036 a star stands for any characters, slashes too", "/img/a/b.png", nil, "path"},
		{"ELB-037 a path pattern is case-sensitive", "/IMG/a.png", nil, "default"},
		{"ELB-038 a path pattern is not applied to the query", "/?x=/img/a", nil, "default"},
		{"ELB-039 a question mark stands for one character", "/v2/x", nil, "one"},
		{"ELB-040 not for none and not for two", "/v12/x", nil, "default"},
		{"ELB-041 a host pattern, in any case", "/", host("API.Example.COM"), "host"},
		{"ELB-042 a host pattern has to match the whole name", "/", host("example.com"), "default"},
		{"ELB-043 a header, its value in any case", "/", header("BETA-2"), "header"},
		{"ELB-044 one of several values", "/", method("PUT"), "method"},
		{"ELB-045 a method is case-sensitive", "/", method("put"), "default"},
		{"ELB-046 a query parameter, in any case", "/?VERSION=V1", nil, "query"},
		{"ELB-047 all conditions of a rule", "/all", nil, "all"},
		{"ELB-048 one condition of a rule is not enough", "/far", nil, "default"},
		{"ELB-049 the rule with the lowest number wins", "/img/x?version=v1", nil, "path"},
	} {
		t.Run(fact.name, func(t *testing.T) {
			same(t, "the rule", get(t, address+fact.path, fact.change).body, fact.want)
		})
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	arn, address := c.balancer(t, "rules")
	listener := c.listen(t, arn, fixed("default"))
	first, second := c.rule(t, listener, "first", 1, paths("/*")), c.rule(t, listener, "second", 2, paths("/*"))

	t.Run("ELB-050 a priority can be used once", func(t *testing.T) {
		in := &elb.CreateRuleInput{ListenerArn: &listener, Priority: aws.Int32(1), Conditions: []elbtypes.RuleCondition{paths("/x")}, Actions: fixed("x")}
		says(t, refusal(t, c.elb.CreateRule, in), "PriorityInUse", "Priority '1' is currently in use")
	})
	t.Run("ELB-051 priorities are between 1 and 50000", func(t *testing.T) {
		for _, priority := range []int32{0, 50001} {
			in := &elb.CreateRuleInput{ListenerArn: &listener, Priority: &priority, Conditions: []elbtypes.RuleCondition{paths("/x")}, Actions: fixed("x")}
			says(t, refusal(t, c.elb.CreateRule, in), "ValidationError", "at 'priority' failed to satisfy constraint: Member must have value ")
		}
		last := c.rule(t, listener, "last", 50000, paths("/x")) // as the first one has priority 1
		must(t, c.elb.DeleteRule, &elb.DeleteRuleInput{RuleArn: &last})
	})
	t.Run("ELB-052 SetRulePriorities swaps two", func(t *testing.T) {
		must(t, c.elb.SetRulePriorities, &elb.SetRulePrioritiesInput{RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: &first, Priority: aws.Int32(2)}, {RuleArn: &second, Priority: aws.Int32(1)}}})
		same(t, "the rule", get(t, address, nil).body, "second")
	})
	t.Run("ELB-053 DescribeRules lists by priority, the default rule last", func(t *testing.T) {
		var priorities []string
		rules := must(t, c.elb.DescribeRules, &elb.DescribeRulesInput{ListenerArn: &listener}).Rules
		for _, r := range rules {
			priorities = append(priorities, *r.Priority)
		}
		same(t, "priorities", strings.Join(priorities, " "), "1 2 default")
		same(t, "IsDefault", *rules[2].IsDefault, true)
	})
	t.Run("ELB-054 the default rule cannot be deleted", func(t *testing.T) {
		rules := must(t, c.elb.DescribeRules, &elb.DescribeRulesInput{ListenerArn: &listener}).Rules
		says(t, refusal(t, c.elb.DeleteRule, &elb.DeleteRuleInput{RuleArn: rules[2].RuleArn}), "OperationNotPermitted", "cannot be deleted")
	})
	t.Run("ELB-055 a rule can have five values", func(t *testing.T) {
		in := &elb.CreateRuleInput{ListenerArn: &listener, Priority: aws.Int32(9), Conditions: []elbtypes.RuleCondition{paths("/1", "/2", "/3", "/4", "/5", "/6")}, Actions: fixed("x")}
		says(t, refusal(t, c.elb.CreateRule, in), "ValidationError", "A rule can only have '5' condition values")
	})
	t.Run("ELB-056 a rule that does not exist", func(t *testing.T) {
		must(t, c.elb.DeleteRule, &elb.DeleteRuleInput{RuleArn: &first})
		says(t, refusal(t, c.elb.DescribeRules, &elb.DescribeRulesInput{RuleArns: []string{first}}), "RuleNotFound", "One or more rules not found")
	})
	t.Run("ELB-057 ModifyRule acts on the next request", func(t *testing.T) {
		must(t, c.elb.ModifyRule, &elb.ModifyRuleInput{RuleArn: &second, Actions: fixed("changed")})
		same(t, "the rule", get(t, address, nil).body, "changed")
	})
}

func TestActions(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	arn, address := c.balancer(t, "actions")
	response := elbtypes.Action{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("418"), ContentType: aws.String("application/json"), MessageBody: aws.String(`{}`)}}
	listener := c.listen(t, arn, []elbtypes.Action{response})
	redirect := func(priority int32, path string, config elbtypes.RedirectActionConfig) {
		must(t, c.elb.CreateRule, &elb.CreateRuleInput{ListenerArn: &listener, Priority: &priority, Conditions: []elbtypes.RuleCondition{paths(path)},
			Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &config}}})
	}
	redirect(1, "/old/*", elbtypes.RedirectActionConfig{StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp301, Path: aws.String("/new/#{path}")})
	redirect(2, "/secure", elbtypes.RedirectActionConfig{StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp302, Protocol: aws.String("HTTPS"), Port: aws.String("443"), Host: aws.String("www.example.com")})

	t.Run("ELB-058 a fixed response", func(t *testing.T) {
		got := get(t, address, nil)
		same(t, "status", got.status, 418)
		same(t, "body", got.body, "{}")
		same(t, "type", strings.HasPrefix(got.header.Get("Content-Type"), "application/json"), true)
	})
	t.Run("ELB-059 the load balancer's own answers name their server", func(t *testing.T) {
		same(t, "Server", get(t, address, nil).header.Get("Server"), "awselb/2.0")
	})
	t.Run("ELB-060 a fixed response has a status of 2XX, 4XX or 5XX", func(t *testing.T) {
		bad := fixed("x")
		bad[0].FixedResponseConfig.StatusCode = aws.String("301")
		says(t, refusal(t, c.elb.ModifyListener, &elb.ModifyListenerInput{ListenerArn: &listener, DefaultActions: bad}), "ValidationError", "Value '301' at 'defaultActions.1.member.fixedResponseConfig.statusCode' failed to satisfy constraint")
	})
	t.Run("ELB-061 a fixed response has 1024 characters at most", func(t *testing.T) {
		in := &elb.ModifyListenerInput{ListenerArn: &listener, DefaultActions: fixed(strings.Repeat("x", 1025))}
		says(t, refusal(t, c.elb.ModifyListener, in), "ValidationError", "at 'defaultActions.1.member.fixedResponseConfig.messageBody' failed to satisfy constraint: Member must have length less than or equal to 1024")
	})
	t.Run("ELB-062 a redirect keeps what it does not name", func(t *testing.T) {
		got := get(t, address+"/old/a?b=c", nil)
		same(t, "status", got.status, 301)
		location, err := url.Parse(got.header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "path", location.Path, "/new/old/a")
		same(t, "query", location.RawQuery, "b=c")
		same(t, "scheme", location.Scheme, "http")
	})
	t.Run("ELB-063 a redirect to HTTPS", func(t *testing.T) {
		got := get(t, address+"/secure", nil)
		same(t, "status", got.status, 302)
		same(t, "location", got.header.Get("Location"), "https://www.example.com:443/secure")
	})
	t.Run("ELB-064 a redirect to itself is refused", func(t *testing.T) {
		in := &elb.ModifyListenerInput{ListenerArn: &listener, DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &elbtypes.RedirectActionConfig{StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp301}}}}
		says(t, refusal(t, c.elb.ModifyListener, in), "InvalidLoadBalancerAction", "because it creates a loop")
	})
}

func TestForwarding(t *testing.T) {
	t.Parallel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/reset":
			panic(http.ErrAbortHandler)
		case "/slow":
			<-r.Context().Done()
		}
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id"} {
			w.Header().Set("Seen-"+name, r.Header.Get(name))
		}
		_, _ = io.WriteString(w, r.Host)
	})
	c := startPrograms(t, programs{"echo": echo, "blue": answers("blue"), "green": answers("green")})
	arn, address := c.balancer(t, "web")
	echoes, blue, green := c.group(t, "echo"), c.group(t, "blue"), c.group(t, "green")
	listener := c.listen(t, arn, forward(echoes))
	weights := func(b, g int32, sticky *elbtypes.TargetGroupStickinessConfig) []elbtypes.Action {
		return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{TargetGroupStickinessConfig: sticky, TargetGroups: []elbtypes.TargetGroupTuple{
			{TargetGroupArn: &blue, Weight: &b}, {TargetGroupArn: &green, Weight: &g}}}}}
	}
	weighted := must(t, c.elb.CreateRule, &elb.CreateRuleInput{ListenerArn: &listener, Priority: aws.Int32(1), Conditions: []elbtypes.RuleCondition{paths("/w")}, Actions: weights(1, 1, nil)}).Rules[0].RuleArn
	for group, image := range map[string]string{echoes: "echo", blue: "blue", green: "green"} {
		a := c.address(t, image)
		c.enlist(t, group, a)
		c.becomes(t, group, a, elbtypes.TargetHealthStateEnumHealthy)
	}
	counts := func(n int, change func(*http.Request)) map[string]int {
		seen := map[string]int{}
		for range n {
			seen[get(t, address+"/w", change).body]++
		}
		return seen
	}

	t.Run("ELB-065 the target learns the client's address", func(t *testing.T) {
		same(t, "X-Forwarded-For", get(t, address, nil).header.Get("Seen-X-Forwarded-For"), "127.0.0.1")
	})
	t.Run("ELB-066 a client's own X-Forwarded-For stays in front", func(t *testing.T) {
		got := get(t, address, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") })
		same(t, "X-Forwarded-For", got.header.Get("Seen-X-Forwarded-For"), "192.0.2.7, 127.0.0.1")
	})
	t.Run("ELB-067 the target learns protocol and port of the listener", func(t *testing.T) {
		got := get(t, address, nil)
		same(t, "X-Forwarded-Proto", got.header.Get("Seen-X-Forwarded-Proto"), "http")
		same(t, "X-Forwarded-Port", got.header.Get("Seen-X-Forwarded-Port"), "80")
	})
	t.Run("ELB-068 every request gets a trace id", func(t *testing.T) {
		same(t, "X-Amzn-Trace-Id", strings.HasPrefix(get(t, address, nil).header.Get("Seen-X-Amzn-Trace-Id"), "Root=1-"), true)
	})
	t.Run("ELB-069 the Host header stays", func(t *testing.T) {
		same(t, "Host", get(t, address, func(r *http.Request) { r.Host = "www.example.com" }).body, "www.example.com")
	})
	t.Run("ELB-070 a target that closes the connection is a 502", func(t *testing.T) {
		got := get(t, address+"/reset", nil)
		same(t, "status", got.status, 502)
		same(t, "page", strings.Contains(got.body, "<h1>502 Bad Gateway</h1>"), true)
	})
	t.Run("ELB-071 a target that is silent for the idle timeout is a 504", func(t *testing.T) {
		idle := func(seconds string) {
			must(t, c.elb.ModifyLoadBalancerAttributes, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("idle_timeout.timeout_seconds"), Value: &seconds}}})
		}
		idle("1") // which is a real second: see Differences
		defer idle("60")
		began := time.Now()
		got := get(t, address+"/slow", nil)
		if took := time.Since(began); took < time.Second {
			t.Errorf("given up after %v", took)
		}
		same(t, "status", got.status, 504)
		same(t, "page", strings.Contains(got.body, "<h1>504 Gateway Time-out</h1>"), true)
	})
	t.Run("ELB-072 the default of the idle timeout is 60 seconds", func(t *testing.T) {
		other, _ := c.balancer(t, "other")
		same(t, "timeout", c.balancerAttribute(t, other, "idle_timeout.timeout_seconds"), "60")
	})
	t.Run("ELB-073 weights share out the requests", func(t *testing.T) {
		seen := counts(100, nil)
		if seen["blue"] < 20 || seen["green"] < 20 { // less than one chance in a thousand million
			t.Errorf("of 100 requests, %v", seen)
		}
	})
	t.Run("ELB-074 a weight of 0 gets nothing", func(t *testing.T) {
		must(t, c.elb.ModifyRule, &elb.ModifyRuleInput{RuleArn: weighted, Actions: weights(0, 1, nil)})
		same(t, "green", counts(20, nil)["green"], 20)
	})
	t.Run("ELB-075 stickiness of target groups", func(t *testing.T) {
		must(t, c.elb.ModifyRule, &elb.ModifyRuleInput{RuleArn: weighted, Actions: weights(1, 1, &elbtypes.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(3600)})})
		first := get(t, address+"/w", nil)
		cookie := setCookie(first.header, "AWSALBTG")
		if cookie == "" {
			t.Fatalf("no AWSALBTG in %v", first.header)
		}
		same(t, first.body, counts(20, func(r *http.Request) { r.Header.Set("Cookie", cookie) })[first.body], 20)
	})
	t.Run("ELB-076 stickiness of targets", func(t *testing.T) {
		second := c.address(t, "green")
		c.enlist(t, blue, second)
		c.becomes(t, blue, second, elbtypes.TargetHealthStateEnumHealthy)
		must(t, c.elb.ModifyRule, &elb.ModifyRuleInput{RuleArn: weighted, Actions: forward(blue)})
		c.setGroupAttribute(t, blue, "stickiness.enabled", "true")
		first := get(t, address+"/w", nil)
		cookie := setCookie(first.header, "AWSALB")
		if cookie == "" {
			t.Fatalf("no AWSALB in %v", first.header)
		}
		same(t, first.body, counts(20, func(r *http.Request) { r.Header.Set("Cookie", cookie) })[first.body], 20)
	})
	t.Run("ELB-077 targets take turns", func(t *testing.T) {
		c.setGroupAttribute(t, blue, "stickiness.enabled", "false")
		seen := counts(20, nil)
		same(t, "blue", seen["blue"], 10)
		same(t, "green", seen["green"], 10)
	})
	t.Run("ELB-078 the load balancer itself can be the one listener of a group", func(t *testing.T) {
		other, _ := c.balancer(t, "third")
		in := &elb.CreateListenerInput{LoadBalancerArn: &other, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: forward(echoes)}
		says(t, refusal(t, c.elb.CreateListener, in), "TargetGroupAssociationLimit", "cannot be associated with more than one load balancer")
	})
	t.Run("ELB-079 a group in use cannot be deleted", func(t *testing.T) {
		says(t, refusal(t, c.elb.DeleteTargetGroup, &elb.DeleteTargetGroupInput{TargetGroupArn: &echoes}), "ResourceInUse", "is currently in use by a listener or a rule")
	})
}

// setCookie is the "name=value" of a cookie that an answer sets, "" where it does not.
func setCookie(header http.Header, name string) string {
	for _, c := range (&http.Response{Header: header}).Cookies() {
		if c.Name == name {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}
