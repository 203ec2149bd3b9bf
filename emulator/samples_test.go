package emulator_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/slipway-go/slipway/emulator"
)

// sample is a template by AWS, and what is seen of it.
type sample struct {
	stackOf
	scheme   string // of its listener
	paths    []string
	retained []string // the types that deleting the stack leaves
}

// TestAWSSamples creates, updates and deletes stacks of templates that AWS publishes: see
// testdata/templates/aws.
func TestAWSSamples(t *testing.T) {
	t.Parallel()
	const integration = "public.ecr.aws/m7z7i5e4/integration-test-image:latest"
	for name, s := range map[string]sample{
		"two-targets": {
			stackOf: stackOf{file: "testdata/templates/aws/alb-fargate-two-targets.json", written: integration},
			scheme:  "http", paths: []string{"/", "/admin"}, retained: []string{"AWS::Logs::LogGroup"},
		},
		"private": {
			stackOf: stackOf{file: "testdata/templates/aws/alb-fargate-internal.json", written: integration},
			scheme:  "http", paths: []string{"/"}, retained: []string{"AWS::Logs::LogGroup"},
		},
		"rain": {
			stackOf: stackOf{file: "testdata/templates/aws/rain-ecs-cluster.yaml", image: "ImageURL", parameters: map[string]string{
				"AppName": "shop", "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
			}},
			scheme: "https", paths: []string{"/"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t, emulator.Options{Speed: 120})
			call(t, srv, "ssm", "AmazonSSM.PutParameter", `{"Name": "/cdk-bootstrap/hnb659fds/version", "Type": "String", "Value": "30"}`)
			cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
			id := *createOf(t, cfn, name, s.stackOf).StackId
			s.answersFrom(t, srv, firstImage)
			before := physicalIDs(t, cfn, id)
			updateOf(t, cfn, id, s.stackOf)
			s.answersFrom(t, srv, secondImage)
			for logical, physical := range physicalIDs(t, cfn, id) {
				if isTask := strings.Contains(before[logical], ":task-definition/"); (physical != before[logical]) != isTask {
					t.Errorf("a new image makes %s of %s", physical, before[logical])
				}
			}
			if left := deleteOf(t, cfn, id); !slices.Equal(left, s.retained) {
				t.Errorf("deleting leaves %q, want %q", left, s.retained)
			}
			nothingRuns(t, srv)
		})
	}
}

// answersFrom checks that image answers at each of the paths of the one load balancer.
func (s sample) answersFrom(t *testing.T, srv *emulator.Server, image string) {
	t.Helper()
	balancers := elbv2.NewFromConfig(config(srv, "eu-west-1"))
	found, err := balancers.DescribeLoadBalancers(t.Context(), &elbv2.DescribeLoadBalancersInput{})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for _, path := range s.paths {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.scheme+"://"+*found.LoadBalancers[0].DNSName+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(text), image) {
			t.Errorf("%s answers %s %q, %v, want it from %s", req.URL, resp.Status, text, err, image)
		}
	}
}
