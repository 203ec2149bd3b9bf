package test

import (
	"strings"
	"testing"

	"github.com/slipway-go/slipway/templates"
)

// TestTemplatesAreDeployable: by anyone, in the request itself, with
// CAPABILITY_IAM alone and without `cdk bootstrap`.
func TestTemplatesAreDeployable(t *testing.T) {
	for name, text := range map[string]string{
		"network.json": templates.Network(),
		"service.json": templates.Service(),
		"task.json":    templates.Task(),
	} {
		t.Run(name, func(t *testing.T) {
			// The limit for a template in the request is 51,200 bytes.
			if len(text) > 51_200 {
				t.Errorf("%d bytes: it would have to be uploaded to a bucket", len(text))
			}
			for _, word := range []string{"BootstrapVersion", "CheckBootstrapVersion", "AssetParameters", "cdk-hnb659fds", "aws:cdk:path", "AWS::CDK::Metadata"} {
				if strings.Contains(text, word) {
					t.Errorf("it mentions %s", word)
				}
			}
			for id, r := range parse(t, text).Resources {
				if !strings.HasPrefix(r.Type, "AWS::IAM::") {
					continue
				}
				for _, property := range []string{"RoleName", "PolicyName", "ManagedPolicyName"} {
					if r.Properties[property] != nil {
						t.Errorf("%s has a %s: it would need CAPABILITY_NAMED_IAM", id, property)
					}
				}
			}
		})
	}
}
