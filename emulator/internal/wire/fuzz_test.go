package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequests: no request of either protocol is answered with a fault of ours, and
// what the model accepts is decoded.
func FuzzRequests(f *testing.F) {
	const form = "Action=CreateStack&Version=2010-05-15&StackName=a"
	for _, seed := range []string{
		form, form + "&Tags.member.1.Key=k&Tags.member.1.Value=v", form + "&Tags=&Capabilities.member.2=CAPABILITY_IAM",
		form + "&Parameters.member.1=x", form + "&TimeoutInMinutes=9223372036854775808", form + "&Tags.member.01.Key=k&..=&Tags.=",
	} {
		f.Add(true, seed)
	}
	for _, seed := range []string{
		"", "{}", `{"taskDefinition":"a","count":2}`, `{"taskDefinition":"a","count":1e9,"tags":[null,{"key":"k"}]}`,
		`{"taskDefinition":"a","overrides":{"containerOverrides":[{"name":"c"}]}}`, `{"count":99999999999999999999}`, `[[[`,
	} {
		f.Add(false, seed)
	}
	ecs := &API{Service: "ecs", Protocol: JSON}
	Handle(ecs, "RunTask", accept[runTaskInput])
	cloudformation := &API{Service: "cloudformation", Protocol: Query, Version: "2010-05-15"}
	Handle(cloudformation, "CreateStack", accept[createStackInput])
	f.Fuzz(func(t *testing.T, query bool, body string) {
		api := ecs
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		if query {
			api = cloudformation
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		} else {
			r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.RunTask")
		}
		call, values, err := Identify(r)
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		api.Serve(w, r, call, values)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("%q is answered with %d: %s", body, w.Code, w.Body)
		}
	})
}
