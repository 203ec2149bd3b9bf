package elb

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "/any/thing", true},
		{"/img/*", "/img/a/b.png", true},
		{"/img/*", "/img", false},
		{"/img/*/pics", "/img/a/b/pics", true},
		{"/img/*/pics", "/img/pics", false},
		{"/a?c", "/abc", true},
		{"/a?c", "/ac", false},
		{"*.example.com", "www.example.com", true},
		{"*.example.com", "example.com", false},
		{"*a*b*", "xaxbx", true},
		{"*a*b*", "xbxax", false},
		{`a\*`, "a*", true},
		{`a\*`, "ab", false},
		{`a\?`, "a?", true},
		{`a\`, `a\`, true},
	} {
		if got := glob(tc.pattern, tc.s); got != tc.want {
			t.Errorf("glob(%q, %q) = %v, want %v", tc.pattern, tc.s, got, tc.want)
		}
	}
}

func TestGlobTakesNoExponentialTime(t *testing.T) {
	start := time.Now()
	if glob(strings.Repeat("*a", 60)+"b", strings.Repeat("a", 10000)) {
		t.Error("matched")
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

// The rules are those of the user guide, "Condition types for listener rules".
func TestMatch(t *testing.T) {
	values := func(v ...string) *ValuesConfig { return &ValuesConfig{Values: v} }
	path := func(v ...string) RuleCondition { return RuleCondition{Field: fieldPath, Values: v} }
	host := func(v ...string) RuleCondition {
		return RuleCondition{Field: fieldHost, HostHeaderConfig: values(v...)}
	}
	header := func(name string, v ...string) RuleCondition {
		return RuleCondition{Field: fieldHeader, HttpHeaderConfig: &HttpHeaderConfig{HttpHeaderName: name, Values: v}}
	}
	query := func(kv ...QueryStringKeyValue) RuleCondition {
		return RuleCondition{Field: fieldQuery, QueryStringConfig: &QueryStringConfig{Values: kv}}
	}
	method := func(v ...string) RuleCondition {
		return RuleCondition{Field: fieldMethod, HttpRequestMethodConfig: values(v...)}
	}
	source := func(v ...string) RuleCondition {
		return RuleCondition{Field: fieldSource, SourceIpConfig: values(v...)}
	}
	all := func(c ...RuleCondition) []RuleCondition { return c }

	for _, tc := range []struct {
		name       string
		conditions []RuleCondition
		method     string
		url        string
		header     http.Header
		want       bool
	}{
		{name: "path", conditions: all(path("/api/*")), url: "http://h/api/users", want: true},
		{name: "path ignores the query", conditions: all(path("/api")), url: "http://h/api?x=/other", want: true},
		{name: "path is case-sensitive", conditions: all(path("/api")), url: "http://h/API"},
		{name: "one of several paths", conditions: all(path("/a", "/b")), url: "http://h/b", want: true},
		{name: "catch-all", conditions: all(path("*")), url: "http://h/", want: true},
		{name: "host ignores case and port", conditions: all(host("*.Example.com")), url: "http://WWW.example.COM:8080/", want: true},
		{name: "other host", conditions: all(host("example.com")), url: "http://example.org/"},
		{name: "header ignores case", conditions: all(header("X-Version", "BETA*")), url: "http://h/", header: http.Header{"X-Version": {"stable", "beta2"}}, want: true},
		{name: "header missing", conditions: all(header("X-Version", "*")), url: "http://h/"},
		{name: "method", conditions: all(method("GET", "HEAD")), method: "HEAD", url: "http://h/", want: true},
		{name: "other method", conditions: all(method("GET")), method: "POST", url: "http://h/"},
		{name: "query key and value", conditions: all(query(QueryStringKeyValue{Key: "version", Value: "v?"})), url: "http://h/?a=b&Version=V1", want: true},
		{name: "query value of any key", conditions: all(query(QueryStringKeyValue{Value: "*x*"})), url: "http://h/?a=axb", want: true},
		{name: "query value of another key", conditions: all(query(QueryStringKeyValue{Key: "b", Value: "x"})), url: "http://h/?a=x"},
		{name: "source", conditions: all(source("10.0.0.0/8", "192.0.2.0/24")), url: "http://h/", want: true},
		{name: "source does not trust headers", conditions: all(source("10.0.0.0/8")), url: "http://h/", header: http.Header{"X-Forwarded-For": {"10.0.0.1"}}},
		{name: "all conditions", conditions: all(path("/api/*"), method("GET")), url: "http://h/api/x", want: true},
		{name: "not all conditions", conditions: all(path("/api/*"), method("POST")), url: "http://h/api/x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conditions, err := normalizeConditions(tc.conditions)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(tc.method, tc.url, nil) // from 192.0.2.1
			if tc.header != nil {
				r.Header = tc.header
			}
			if got := match(conditions, r); got != tc.want {
				t.Errorf("match = %v, want %v", got, tc.want)
			}
		})
	}
}
