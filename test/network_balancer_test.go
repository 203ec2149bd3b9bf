package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/templates"
)

// attribute is a load balancer's, nil when the template does not set it.
func attribute(of template, key string) any {
	list, _ := of.Resources["PublicLoadBalancer"].Properties["LoadBalancerAttributes"].([]any)
	for _, entry := range list {
		if at(entry, "Key") == key {
			return at(entry, "Value")
		}
	}
	return nil
}

func TestBalancerAttributes(t *testing.T) {
	defaults := parse(t, templates.Network())
	changed := networkTemplate(t, &constructs.NetworkProps{
		DropInvalidHeaderFields: jsii.Bool(false),
		DeletionProtection:      jsii.Bool(true),
		IdleTimeoutSeconds:      jsii.Number(120),
	})
	for _, tt := range []struct{ key, byDefault, changed string }{
		{"routing.http.drop_invalid_header_fields.enabled", "true", "false"},
		{"deletion_protection.enabled", "false", "true"},
		{"idle_timeout.timeout_seconds", "60", "120"},
	} {
		if got := attribute(defaults, tt.key); got != tt.byDefault {
			t.Errorf("by default %s is %v, want %s", tt.key, got, tt.byDefault)
		}
		if got := attribute(changed, tt.key); got != tt.changed {
			t.Errorf("%s is %v, want %s", tt.key, got, tt.changed)
		}
	}
}

func TestInternalBalancer(t *testing.T) {
	fromVPC := getAtt("VPC", "CidrBlock")
	for _, tt := range []struct {
		name    string
		props   constructs.NetworkProps
		subnets []any
		from    []any
	}{
		{"in public subnets", constructs.NetworkProps{},
			[]any{ref("PublicSubnetOne"), ref("PublicSubnetTwo")}, []any{fromVPC}},
		{"in private subnets", constructs.NetworkProps{PrivateSubnets: jsii.Bool(true), NatGateways: constructs.NatOne},
			[]any{ref("PrivateSubnetOne"), ref("PrivateSubnetTwo")}, []any{fromVPC}},
		{"for the offices", constructs.NetworkProps{IngressCidrs: jsii.Strings("192.168.0.0/24", "192.168.7.0/24")},
			[]any{ref("PublicSubnetOne"), ref("PublicSubnetTwo")}, []any{"192.168.0.0/24", "192.168.7.0/24"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.props.Internal = jsii.Bool(true)
			got := networkTemplate(t, &tt.props)
			balancer := got.Resources["PublicLoadBalancer"].Properties
			if balancer["Scheme"] != "internal" {
				t.Errorf("its scheme is %v", balancer["Scheme"])
			}
			if diff := cmp.Diff(tt.subnets, balancer["Subnets"]); diff != "" {
				t.Errorf("subnets (-want +got):\n%s", diff)
			}
			var from []any
			for _, rule := range got.Resources["PublicLoadBalancerSecurityGroup"].Properties["SecurityGroupIngress"].([]any) {
				from = append(from, at(rule, "CidrIp"))
			}
			if diff := cmp.Diff(tt.from, from); diff != "" {
				t.Errorf("who may send requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWebACL(t *testing.T) {
	if n := countOf(parse(t, templates.Network()), "AWS::WAFv2::WebACLAssociation"); n != 0 {
		t.Error("the default network has a web ACL")
	}
	const acl = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/0b1f0b1f-0000-4000-8000-0123456789ab"
	got := networkTemplate(t, &constructs.NetworkProps{WebAclArn: jsii.String(acl)})
	want := map[string]any{"ResourceArn": ref("PublicLoadBalancer"), "WebACLArn": acl}
	if diff := cmp.Diff(want, got.Resources["WebAclAssociation"].Properties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAccessLogs(t *testing.T) {
	if got := attribute(parse(t, templates.Network()), "access_logs.s3.enabled"); got != nil {
		t.Errorf("by default access logs are %v", got)
	}

	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{
		AccessLogsBucket: bucket,
		AccessLogsPrefix: jsii.String("alb"),
	})
	got := parse(t, synthesize(t, app, "shop"))
	ids := map[string]string{}
	for id, r := range got.Resources {
		ids[r.Type] = id
	}
	got.Resources["PublicLoadBalancer"] = got.Resources[ids["AWS::ElasticLoadBalancingV2::LoadBalancer"]]
	for key, want := range map[string]any{
		"access_logs.s3.enabled": "true",
		"access_logs.s3.bucket":  ref(ids["AWS::S3::Bucket"]),
		"access_logs.s3.prefix":  "alb",
	} {
		if diff := cmp.Diff(want, attribute(got, key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	policy := ids["AWS::S3::BucketPolicy"]
	statement := at(got.Resources[policy].Properties, "PolicyDocument.Statement.0")
	want := map[string]any{
		"Effect": "Allow", "Action": "s3:PutObject",
		"Principal": map[string]any{"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
		"Resource": map[string]any{"Fn::Join": []any{"", []any{
			getAtt(ids["AWS::S3::Bucket"], "Arn"), "/alb/AWSLogs/", ref("AWS::AccountId"), "/*",
		}}},
	}
	if diff := cmp.Diff(want, statement); diff != "" {
		t.Errorf("what the bucket lets the load balancer do (-want +got):\n%s", diff)
	}
	if !slices.Contains(got.Resources["PublicLoadBalancer"].DependsOn, policy) {
		t.Errorf("the load balancer would write before it may: it depends on %q", got.Resources["PublicLoadBalancer"].DependsOn)
	}

	// A bucket that is there already has its policy from elsewhere.
	app = newApp(t)
	imported := awss3.Bucket_FromBucketName(awscdk.NewStack(app, jsii.String("around"), nil), jsii.String("Bucket"), jsii.String("logs"))
	got = networkStackTemplate(t, app, &constructs.NetworkProps{AccessLogsBucket: imported})
	if name := attribute(got, "access_logs.s3.bucket"); name != "logs" {
		t.Errorf("access logs go to %v", name)
	}

	vault := awscdk.NewStack(app, jsii.String("vault"), nil)
	encrypted := awss3.NewBucket(vault, jsii.String("Bucket"), &awss3.BucketProps{
		EncryptionKey: awskms.Key_FromKeyArn(vault, jsii.String("Key"), jsii.String("arn:aws:kms:eu-central-1:123456789012:key/0b1f")),
	})
	refused(t, &constructs.NetworkProps{AccessLogsBucket: encrypted}, "KMS")
}

func TestCluster(t *testing.T) {
	if got := parse(t, templates.Network()).Resources["ECSCluster"].Properties; got != nil {
		t.Errorf("the default cluster has %v", got)
	}
	got := networkTemplate(t, &constructs.NetworkProps{
		ContainerInsights: "ENHANCED",
		FargateSpot:       jsii.Bool(true),
	})
	want := map[string]any{
		"ClusterSettings":   []any{map[string]any{"Name": "containerInsights", "Value": "enhanced"}},
		"CapacityProviders": []any{"FARGATE", "FARGATE_SPOT"},
	}
	if diff := cmp.Diff(want, got.Resources["ECSCluster"].Properties); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A resource of its own could come after the first service that needs it.
	for id, r := range got.Resources {
		if strings.Contains(r.Type, "CapacityProviderAssociations") {
			t.Errorf("%s is a %s", id, r.Type)
		}
	}
}
