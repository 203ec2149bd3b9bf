package constructs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
)

// checkRegion refuses what a load balancer takes from its own region only; a
// certificate for CloudFront, say, is in us-east-1. It is no part of Validate, which
// does not know where the network will be.
func (p *NetworkProps) checkRegion(scope awsconstructs.Construct) error {
	if p == nil || (p.CertificateArn == nil && p.WebAclArn == nil) {
		return nil
	}
	region := regionOf(scope)
	if region == "" {
		return nil
	}
	check := func(prop string, arn *string) error {
		if arn == nil || isStringToken(*arn) {
			return nil
		}
		// arn:partition:service:region:...; certificates of IAM have no region.
		parts := strings.SplitN(*arn, ":", 5)
		if len(parts) < 5 || parts[3] == "" || parts[3] == region {
			return nil
		}
		return fmt.Errorf("%s is %q, allowed is one in %s, the region of the stack", prop, *arn, region)
	}
	return errors.Join(
		check("CertificateArn", p.CertificateArn),
		check("WebAclArn", p.WebAclArn),
	)
}

// regionOf is that of the stack around, "" where the stack can be deployed to any.
func regionOf(scope awsconstructs.Construct) string {
	region := *awscdk.Stack_Of(scope).Region()
	if isStringToken(region) {
		return ""
	}
	return region
}
