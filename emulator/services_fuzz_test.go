package emulator

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// mostRequests keeps one input of FuzzServices short.
const mostRequests = 8

// fuzzRequest is a request of a line: service, method, the target of a JSON API or the
// path of any other, and the body.
func fuzzRequest(line string) *http.Request {
	parts := append(strings.SplitN(line, " ", 4), "", "", "", "")
	service, method, where, body := parts[0], parts[1], parts[2], parts[3]
	path := &url.URL{Path: "/"}
	if strings.HasPrefix(where, "/") {
		var err error
		if path, err = url.ParseRequestURI(where); err != nil {
			return nil
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Method, r.URL = method, path
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !strings.HasPrefix(where, "/") {
		r.Header.Set("X-Amz-Target", where)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	return r
}

// FuzzServices sends requests of all services, one a line, to a server of their own, and
// holds that none is answered with a fault of ours or with what no client can read, makes
// the server panic, or keeps it from closing.
func FuzzServices(f *testing.F) {
	const (
		elb   = "elasticloadbalancing POST / Version=2015-12-01&Action="
		group = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/g/1"
		logs  = "logs POST Logs_20140328."
		ssm   = "ssm POST AmazonSSM."
		ecs   = "ecs POST AmazonEC2ContainerServiceV20141113."
		ecr   = "ecr POST AmazonEC2ContainerRegistry_V20150921."
	)
	for _, seed := range [][]string{
		{elb + "CreateTargetGroup&Name=g&Port=80&Protocol=HTTP&TargetType=ip&VpcId=v", elb + "DescribeTargetGroups&Names.member.1=g", elb + "DescribeTargetGroups&PageSize=1&Marker=x"},
		{elb + "CreateLoadBalancer&Name=b&Subnets.member.1=a&Subnets.member.2=b", elb + "DescribeLoadBalancers", elb + "DeleteLoadBalancer&LoadBalancerArn=x"},
		{
			elb + "RegisterTargets&TargetGroupArn=" + group + "&Targets.member.1.Id=10.0.0.1&Targets.member.1.Port=80", elb + "DescribeTargetHealth&TargetGroupArn=" + group,
			elb + "ModifyTargetGroupAttributes&TargetGroupArn=" + group + "&Attributes.member.1.Key=deregistration_delay.timeout_seconds&Attributes.member.1.Value=5",
		},
		{
			elb + "CreateRule&ListenerArn=l&Priority=1&Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/a*&Actions.member.1.Type=fixed-response&Actions.member.1.FixedResponseConfig.StatusCode=200",
			elb + "SetRulePriorities&RulePriorities.member.1.RuleArn=r&RulePriorities.member.1.Priority=2", elb + "DescribeTags&ResourceArns.member.1=x",
		},
		{
			logs + `CreateLogGroup {"logGroupName":"/g","tags":{"a":"b"}}`, logs + `CreateLogStream {"logGroupName":"/g","logStreamName":"s"}`,
			logs + `PutLogEvents {"logGroupName":"/g","logStreamName":"s","logEvents":[{"timestamp":1700000000000,"message":"hello"}]}`,
			logs + `FilterLogEvents {"logGroupName":"/g","filterPattern":"?hello \"a b\" -x","limit":1}`, logs + `GetLogEvents {"logGroupName":"/g","logStreamName":"s","startFromHead":true,"nextToken":"f/1"}`,
			logs + `DescribeLogGroups {"logGroupNamePrefix":"/","limit":1,"nextToken":"x"}`, logs + `PutRetentionPolicy {"logGroupName":"/g","retentionInDays":7}`,
		},
		{
			ssm + `PutParameter {"Name":"/a","Value":"1","Type":"String","AllowedPattern":"[0-9]+"}`, ssm + `GetParameters {"Names":["/a:1","/b"]}`,
			ssm + `GetParameter {"Name":"/a:latest"}`, ssm + `DeleteParameter {"Name":"/a"}`,
		},
		{
			"s3 PUT /bucket", "s3 PUT /bucket/key body", "s3 GET /bucket?list-type=2&prefix=k&delimiter=/&max-keys=1&start-after=a", "s3 GET /bucket/key",
			"s3 HEAD /bucket/key", "s3 GET /bucket?encryption", "s3 DELETE /bucket/key", "s3 DELETE /bucket",
		},
		{"s3 PUT /bucket <CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>", "s3 GET /bucket?location", "s3 POST /bucket?delete <Delete/>"},
		{
			ecs + `CreateCluster {}`, ecs + `RegisterTaskDefinition {"family":"f","cpu":"256","memory":"512","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"containerDefinitions":[{"name":"a","image":"i"}]}`,
			ecs + `CreateService {"serviceName":"s","taskDefinition":"f","desiredCount":1,"launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"subnets":["a"]}}}`,
			ecs + `UpdateService {"service":"s","forceNewDeployment":true,"deploymentConfiguration":{"minimumHealthyPercent":0,"maximumPercent":100}}`,
			ecs + `RunTask {"taskDefinition":"f:1","count":2,"launchType":"FARGATE","clientToken":"t","networkConfiguration":{"awsvpcConfiguration":{"subnets":["a"]}}}`,
			ecs + `ListTasks {"serviceName":"s","maxResults":1}`, ecs + `DescribeServices {"services":["s"],"include":["TAGS"]}`, ecs + `DeleteService {"service":"s","force":true}`,
		},
		{ecr + `DescribeRepositories {}`, ecr + `BatchGetImage {"repositoryName":"a","imageIds":[{"imageTag":"b"}]}`, ecr + `GetAuthorizationToken {}`},
		{
			"sts POST / Version=2011-06-15&Action=GetCallerIdentity", "sts POST / Version=2011-06-15&Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=s",
			"cloudformation POST / Version=2010-05-15&Action=DescribeStacks", "other POST / Action=X",
		},
	} {
		f.Add(strings.Join(seed, "\n"))
	}
	f.Fuzz(func(t *testing.T, requests string) {
		srv, err := Start(t.Context(), Options{Speed: 100_000})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.SplitN(requests, "\n", mostRequests) {
			r := fuzzRequest(line)
			if r == nil {
				continue
			}
			call, form, err := wire.Identify(r)
			if err != nil {
				continue
			}
			region := srv.enter(call.Region)
			if api, ok := region.apis[call.Service]; ok { // or else the server refuses it
				w := httptest.NewRecorder()
				api.Serve(w, r, call, form)
				if w.Code >= http.StatusInternalServerError && w.Code != http.StatusNotImplemented {
					t.Errorf("%q is answered with %d: %s", line, w.Code, w.Body)
				}
				if err := readable(w); err != nil {
					t.Errorf("the answer to %q cannot be read: %v: %s", line, err, w.Body)
				}
			}
			srv.requests.Done()
		}
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
}

// readable says why an answer is not of the type that it bears.
func readable(w *httptest.ResponseRecorder) error {
	switch contentType := w.Header().Get("Content-Type"); {
	case strings.Contains(contentType, "json"):
		if !json.Valid(w.Body.Bytes()) {
			return errors.New("no JSON")
		}
	case strings.HasSuffix(contentType, "xml"):
		for decoder := xml.NewDecoder(strings.NewReader(w.Body.String())); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}
