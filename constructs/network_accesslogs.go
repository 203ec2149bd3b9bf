package constructs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

func (p *NetworkProps) checkAccessLogs() error {
	var errs []error
	if p.AccessLogsPrefix != nil && p.AccessLogsBucket == nil {
		errs = append(errs, errors.New("AccessLogsPrefix is given and AccessLogsBucket is nil, allowed is both or neither"))
	}
	if p.AccessLogsBucket != nil && p.AccessLogsBucket.EncryptionKey() != nil {
		errs = append(errs, errors.New("AccessLogsBucket is encrypted with a KMS key, with which a load balancer cannot write; allowed is a bucket with S3's own keys"))
	}
	if p.AccessLogsPrefix != nil && strings.Contains(*p.AccessLogsPrefix, "AWSLogs") {
		errs = append(errs, fmt.Errorf("AccessLogsPrefix is %q, allowed is one without AWSLogs, which follows it", *p.AccessLogsPrefix))
	}
	return errors.Join(append(errs,
		checkString("AccessLogsPrefix", p.AccessLogsPrefix, logPrefix, "a prefix that neither begins nor ends with /"))...)
}

// logAccess sends the access logs to the bucket. The L2's LogAccessLogs wants
// to know the region at synthesis, to find the account that delivers logs in
// it; the service principal, which it uses where there is no such account, is
// good in every region.
func logAccess(balancer elb.ApplicationLoadBalancer, p *NetworkProps) {
	bucket := p.AccessLogsBucket
	if bucket == nil {
		return
	}
	balancer.SetAttribute(jsii.String("access_logs.s3.enabled"), jsii.String("true"))
	balancer.SetAttribute(jsii.String("access_logs.s3.bucket"), bucket.BucketName())
	objects := "AWSLogs/" + *awscdk.Aws_ACCOUNT_ID() + "/*"
	if p.AccessLogsPrefix != nil {
		balancer.SetAttribute(jsii.String("access_logs.s3.prefix"), p.AccessLogsPrefix)
		objects = *p.AccessLogsPrefix + "/" + objects
	}
	result := bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("s3:PutObject"),
		Principals: &[]awsiam.IPrincipal{
			awsiam.NewServicePrincipal(jsii.String("logdelivery.elasticloadbalancing.amazonaws.com"), nil),
		},
		Resources: &[]*string{bucket.ArnForObjects(jsii.String(objects))},
	}))
	// ELB tries to write as soon as it is told to.
	if result.PolicyDependable != nil {
		balancer.Node().AddDependency(result.PolicyDependable)
	}
}
