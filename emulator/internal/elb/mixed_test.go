package elb

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// TestDNSNameAnswersHTTPAndHTTPS: one port, for clients of either kind and for those that
// say nothing.
func TestDNSNameAnswersHTTPAndHTTPS(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	address := strings.TrimPrefix(url, "http://")
	secure := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	get := func() (protocol, body string, err error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := secure.Do(req)
		if err != nil {
			return "", "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return resp.Proto, string(text), err
	}
	w.listener(lb, 80, fixed("200", "plain"))
	if _, body, err := get(); err == nil {
		t.Errorf("there is no HTTPS listener, and %q answers", body)
	}
	_, err := w.client.CreateListener(t.Context(), &elbv2.CreateListenerInput{
		LoadBalancerArn: &lb, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps,
		Certificates:   []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/1")}},
		DefaultActions: []types.Action{fixed("200", "secure")},
	})
	if err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", address) // until the load balancer is closed
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if protocol, body, err := get(); err != nil || protocol != "HTTP/2.0" || body != "secure" {
		t.Errorf("https: %s %q, %v", protocol, body, err)
	}
	if a := w.get(url); a.body != "plain" {
		t.Errorf("http: %q", a.body)
	}
	if _, err := w.client.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &lb}); err != nil {
		t.Fatal(err)
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives its load balancer")
	}
}
