package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzIdentify: whatever stands in the places that say who asks what, there is a region
// and an answer, and a refusal is one that clients can read.
func FuzzIdentify(f *testing.F) {
	const signed = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0"
	f.Add(signed, "AmazonEC2ContainerServiceV20141113.RunTask", "", "application/x-amz-json-1.1", "{}")
	f.Add(signed, "", "", "application/x-www-form-urlencoded; charset=utf-8", "Action=DescribeStacks&Version=2010-05-15")
	f.Add("", "", "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fsts%2Faws4_request", "", "")
	f.Add("Credential=////", ".", "%zz", "multipart/form-data; boundary=x", "--x\r\n")
	f.Add("Credential=a/b/c/d/e", "AmazonSSM", "a=;&Action=%", "application/x-www-form-urlencoded", "=&%41ction=x&Version")
	f.Fuzz(func(t *testing.T, authorization, target, query, contentType, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.URL = &url.URL{Path: "/", RawQuery: query}
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", contentType)
		call, form, err := Identify(r)
		if err != nil {
			var refusal *Error
			if !errors.As(err, &refusal) || refusal.Code != "MalformedQueryString" {
				t.Errorf("refused with %v (%T), want MalformedQueryString", err, err)
			}
			return
		}
		if (form == nil) != (target != "") {
			t.Errorf("target %q, and the form is %v", target, form)
		}
		for _, api := range []*API{{Service: "cloudformation", Protocol: Query}, {Service: "ecs", Protocol: JSON}} {
			w := httptest.NewRecorder()
			api.Serve(w, r, call, form) // it has no operation
			if w.Code < 400 || w.Code > 499 {
				t.Errorf("an unknown operation is answered with %d: %s", w.Code, w.Body)
			}
		}
	})
}
