package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type greetInput struct {
	Name string `json:"name"`
}

type greetOutput struct {
	Greeting string `json:"greeting"`
}

func greet(ctx context.Context, in *greetInput) (*greetOutput, error) {
	switch in.Name {
	case "":
		return nil, Errorf("ValidationError", "name & more: %d", 1)
	case "bug":
		return nil, errors.New("out of greetings")
	}
	return &greetOutput{Greeting: "hello " + in.Name + " in " + CallFrom(ctx).Region}, nil
}

// serve sends a request as AWS clients do, to an API that knows Greet.
func serve(t *testing.T, api *API, header http.Header, body string) (int, string) {
	t.Helper()
	Handle(api, "Greet", greet)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header = header
	call, form, err := Identify(r)
	if err != nil {
		t.Fatal(err)
	}
	call.RequestID = "id"
	w := httptest.NewRecorder()
	api.Serve(w, r, call, form)
	answer, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, strings.TrimSpace(string(answer))
}

func TestQueryAPI(t *testing.T) {
	header := http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded; charset=utf-8"},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/greeter/aws4_request, SignedHeaders=host, Signature=0"},
	}
	for _, tc := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"result", "Action=Greet&Version=1&Name=Ann", 200, `<GreetResponse xmlns="urn:n"><GreetResult><Greeting>hello Ann in eu-west-1</Greeting></GreetResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GreetResponse>`},
		{"error", "Action=Greet&Version=1", 400, `<ErrorResponse xmlns="urn:n"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>name &amp; more: 1</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
		{"fault", "Action=Greet&Version=1&Name=bug", 500, `<ErrorResponse xmlns="urn:n"><Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>out of greetings</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
		{"unknown operation", "Action=Part&Version=1", 400, `<ErrorResponse xmlns="urn:n"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>Could not find operation Part for version 1</Message></Error><RequestId>id</RequestId></ErrorResponse>`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, got := serve(t, &API{Protocol: Query, Version: "1", Namespace: "urn:n"}, header, tc.body)
			if status != tc.status || got != tc.want {
				t.Errorf("answer %d\n%s\nwant %d\n%s", status, got, tc.status, tc.want)
			}
		})
	}
}

func TestJSONAPI(t *testing.T) {
	for _, tc := range []struct {
		name, target, body string
		status             int
		want               string
	}{
		{"result", "Greeter_1.Greet", `{"name":"Ann"}`, 200, `{"greeting":"hello Ann in us-east-1"}`},
		{"no body is no member", "Greeter_1.Greet", "", 400, `{"__type":"ValidationError","message":"name \u0026 more: 1"}`},
		{"unknown member", "Greeter_1.Greet", `{"nmae":"Ann"}`, 400, `{"__type":"SerializationException","message":"Greet: json: unknown field \"nmae\""}`},
		{"fault", "Greeter_1.Greet", `{"name":"bug"}`, 500, `{"__type":"InternalFailure","message":"out of greetings"}`},
		{"unknown operation", "Greeter_1.Part", `{}`, 400, `{"__type":"UnknownOperationException"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, got := serve(t, &API{Protocol: JSON}, http.Header{"X-Amz-Target": {tc.target}}, tc.body)
			if status != tc.status || got != tc.want {
				t.Errorf("answer %d %s, want %d %s", status, got, tc.status, tc.want)
			}
		})
	}
}

func TestIdentify(t *testing.T) {
	signed := "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0"
	for _, tc := range []struct {
		name   string
		url    string
		header http.Header
		body   string
		want   Call
	}{
		{
			"signed JSON", "/",
			http.Header{"Authorization": {signed}, "X-Amz-Target": {"AmazonEC2ContainerServiceV20141113.ListTasks"}},
			"{}", Call{Service: "ecs", Region: "eu-west-1", Operation: "ListTasks", AccessKeyID: "AKID"},
		},
		{
			"unsigned JSON", "/", http.Header{"X-Amz-Target": {"AmazonEC2ContainerServiceV20141113.ListTasks"}},
			"{}", Call{Service: "ecs", Region: DefaultRegion, Operation: "ListTasks"},
		},
		{
			"unsigned form", "/", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			"Action=DescribeStacks&Version=2010-05-15", Call{Service: "cloudformation", Region: DefaultRegion, Operation: "DescribeStacks"},
		},
		{
			"presigned", "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fsts%2Faws4_request", http.Header{},
			"", Call{Service: "sts", Region: "eu-west-1", Operation: "GetCallerIdentity", AccessKeyID: "AKID"},
		},
		{"nothing", "/", http.Header{}, "", Call{Region: DefaultRegion}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, tc.url, strings.NewReader(tc.body))
			r.Header = tc.header
			got, _, err := Identify(r)
			if err != nil {
				t.Fatal(err)
			}
			if got != tc.want {
				t.Errorf("Identify = %+v, want %+v", got, tc.want)
			}
		})
	}
}
