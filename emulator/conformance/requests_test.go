package conformance_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/slipway-go/slipway/emulator"
)

// post sends a request as it goes over the wire, signed only in form.
func (c *cloud) post(t *testing.T, service, contentType, target, body string) response {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, c.URL()+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, string(text), resp.Header, nil}
}

// query sends a request of the Query protocol.
func (c *cloud) query(t *testing.T, service string, form url.Values) response {
	t.Helper()
	return c.post(t, service, "application/x-www-form-urlencoded", "", form.Encode())
}

// queryError is an error of the Query protocol.
type queryError struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Error   struct {
		Type, Code, Message string
	}
	RequestID string `xml:"RequestId"`
}

func TestRequests(t *testing.T) {
	t.Parallel()
	c := start(t, 600).cluster(t)
	decode := func(t *testing.T, got response) queryError {
		t.Helper()
		var e queryError
		if err := xml.Unmarshal([]byte(got.body), &e); err != nil {
			t.Fatalf("%s: %v", got.body, err)
		}
		return e
	}
	t.Run("CFN-267 the form of an error", func(t *testing.T) {
		got := c.query(t, "cloudformation", url.Values{"Action": {"DescribeStacks"}, "Version": {"2010-05-15"}, "StackName": {"nowhere"}})
		e := decode(t, got)
		same(t, "status", got.status, 400)
		same(t, "type", e.Error.Type, "Sender")
		same(t, "code", e.Error.Code, "ValidationError")
		same(t, "request id", e.RequestID != "", true)
	})
	t.Run("CFN-268 an operation that does not exist", func(t *testing.T) {
		got := c.query(t, "cloudformation", url.Values{"Action": {"DescribeNothing"}, "Version": {"2010-05-15"}})
		same(t, "status", got.status, 400)
		same(t, "code", decode(t, got).Error.Code, "InvalidAction")
	})
	t.Run("CFN-269 lists are members with numbers", func(t *testing.T) {
		form := url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {"wire"}, "TemplateBody": {declaring("{Type: String}")},
			"Parameters.member.1.ParameterKey": {"P"}, "Parameters.member.1.ParameterValue": {"x"}}
		got := c.query(t, "cloudformation", form)
		same(t, "status", got.status, 200)
		same(t, "answer", strings.Contains(got.body, "<CreateStackResult>"), true)
		c.settled(t, "wire", cfntypes.StackStatusCreateComplete)
	})
	t.Run("ECS-156 the form of an error", func(t *testing.T) {
		got := c.post(t, "ecs", "application/x-amz-json-1.1", "AmazonEC2ContainerServiceV20141113.ListServices", `{"cluster": "nowhere"}`)
		var e struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		if err := json.Unmarshal([]byte(got.body), &e); err != nil {
			t.Fatal(err)
		}
		same(t, "status", got.status, 400)
		same(t, "type", e.Type[strings.LastIndex(e.Type, "#")+1:], "ClusterNotFoundException")
		same(t, "message", e.Message, "Cluster not found.")
	})
	t.Run("ECS-157 members that are null count as not given", func(t *testing.T) {
		got := c.post(t, "ecs", "application/x-amz-json-1.1", "AmazonEC2ContainerServiceV20141113.ListClusters", `{"nextToken": null}`)
		same(t, "status", got.status, 200)
	})
	t.Run("ELB-092 the form of an error", func(t *testing.T) {
		got := c.query(t, "elasticloadbalancing", url.Values{"Action": {"DescribeLoadBalancers"}, "Version": {"2015-12-01"}, "Names.member.1": {"nowhere"}})
		e := decode(t, got)
		same(t, "status", got.status, 400)
		same(t, "code", e.Error.Code, "LoadBalancerNotFound")
		same(t, "type", e.Error.Type, "Sender")
	})
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	c := start(t, 600).cluster(t)
	c.create(t, "stack", resources(topic))
	throttle := func(t *testing.T, service string) {
		t.Helper()
		id, err := c.Inject(emulator.FaultThrottle{FaultCalls: emulator.FaultCalls{Service: service}, FaultWhen: emulator.FaultWhen{Times: 1}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.ClearFault(id) }) // it has struck, or the server is closed
	}
	t.Run("CFN-270 a throttled call has no effect", func(t *testing.T) {
		throttle(t, "cloudformation")
		says(t, refusal(t, c.cfn.UpdateStack, updateInput("stack", resources(topicNamed("two")))), "Throttling", "Rate exceeded")
		same(t, "status", c.stack(t, "stack").StackStatus, cfntypes.StackStatusCreateComplete)
	})
	t.Run("CFN-271 an SDK tries a throttled call again", func(t *testing.T) {
		throttle(t, "cloudformation")
		_, err := c.cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{}, func(o *cloudformation.Options) { o.Retryer = retry.NewStandard() })
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("ECS-158 ECS throttles with ThrottlingException", func(t *testing.T) {
		throttle(t, "ecs")
		says(t, refusal(t, c.ecs.ListClusters, &ecs.ListClustersInput{}), "ThrottlingException", "Rate exceeded")
	})
	t.Run("ELB-093 Elastic Load Balancing throttles with Throttling", func(t *testing.T) {
		throttle(t, "elasticloadbalancing")
		says(t, refusal(t, c.elb.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{}), "Throttling", "Rate exceeded")
	})
}

// TestRequiredMembers sends what an SDK would not: requests without a required member.
func TestRequiredMembers(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	t.Run("CFN-272 a required member that is missing", func(t *testing.T) {
		got := c.query(t, "cloudformation", url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "TemplateBody": {resources(topic)}})
		same(t, "status", got.status, 400)
		same(t, "code", strings.Contains(got.body, "<Code>ValidationError</Code>"), true)
		same(t, "member", strings.Contains(got.body, "stackName"), true)
	})
	t.Run("CFN-273 a value that an enumeration does not have", func(t *testing.T) {
		in := createInput("refused", resources(topic))
		in.OnFailure = "RETRY"
		says(t, refusal(t, c.cfn.CreateStack, in), "ValidationError", "failed to satisfy constraint: Member must satisfy enum value set")
	})
	t.Run("CFN-274 a template URL that cannot be read", func(t *testing.T) {
		in := &cloudformation.CreateStackInput{StackName: aws.String("url"), TemplateURL: aws.String("https://s3.amazonaws.com/nowhere/template")}
		says(t, refusal(t, c.cfn.CreateStack, in), "ValidationError", "TemplateURL must reference a valid S3 object to which you have access.")
	})
}
