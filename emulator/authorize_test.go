package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/slipway-go/slipway/emulator"
)

func bind(t *testing.T, srv *emulator.Server, caller, statements string) {
	t.Helper()
	if err := srv.BindPolicy(caller, `{"Version": "2012-10-17", "Statement": [`+statements+`]}`); err != nil {
		t.Fatal(err)
	}
}

func as(srv *emulator.Server, accessKeyID string) aws.Config {
	cfg := once(srv)
	cfg.Credentials = credentials.NewStaticCredentialsProvider(accessKeyID, "SECRET", "")
	return cfg
}

// TestAccessDenied: the words are those of "Access denied error message examples" in
// the IAM user guide.
func TestAccessDenied(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	bind(t, srv, "jane", `{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"},
		{"Effect": "Deny", "Action": "cloudformation:CreateStack", "Resource": "arn:aws:cloudformation:*:*:stack/prod*"}`)
	if err := describeStacks(t, as(srv, "jane")); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
	if err := listClusters(t, as(srv, "joe")); err != nil {
		t.Errorf("a caller without a policy: %v", err)
	}
	if got, want := answered(listClusters(t, as(srv, "jane"))), "400 AccessDeniedException: User: arn:aws:iam::123456789012:user/jane is not authorized to perform: ecs:ListClusters on resource: * because no identity-based policy allows the ecs:ListClusters action"; got != want {
		t.Errorf("ECS answers %q, want %q", got, want)
	}
	if got, want := answered(createTopic(t.Context(), as(srv, "jane"), "prod")), "403 AccessDenied: User: arn:aws:iam::123456789012:user/jane is not authorized to perform: cloudformation:CreateStack on resource: arn:aws:cloudformation:eu-west-1:123456789012:stack/prod/* with an explicit deny in an identity-based policy"; got != want {
		t.Errorf("CloudFormation answers %q, want %q", got, want)
	}
	if err := srv.BindPolicy("jane", `{}`); err == nil {
		t.Error("a policy without a version is bound")
	}
}

func TestAssumedRoleActsUnderItsPolicy(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	role := "arn:aws:iam::123456789012:role/deploy"
	bind(t, srv, "jane", `{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "`+role+`"}`)
	bind(t, srv, role, `{"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}`)
	assume := func(arn string) (*sts.AssumeRoleOutput, error) {
		return sts.NewFromConfig(as(srv, "jane")).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("ci")})
	}
	if _, err := assume(role + "-other"); !strings.HasPrefix(answered(err), "403 AccessDenied: ") {
		t.Errorf("another role: %v", err)
	}
	out, err := assume(role)
	if err != nil {
		t.Fatal(err)
	}
	cfg := as(srv, *out.Credentials.AccessKeyId)
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *who.Arn != "arn:aws:sts::123456789012:assumed-role/deploy/ci" {
		t.Errorf("the caller is %+v, %v", who, err)
	}
	if err := describeStacks(t, cfg); err != nil {
		t.Errorf("what the role may: %v", err)
	}
	if got := answered(listClusters(t, cfg)); !strings.Contains(got, "assumed-role/deploy/ci is not authorized to perform: ecs:ListClusters") {
		t.Errorf("what the role may not: %q", got)
	}
}

// TestCloudFormationActsAsTheCaller, where the stack has no service role.
func TestCloudFormationActsAsTheCaller(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	bind(t, srv, "jane", `{"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}`)
	cfn := cloudformation.NewFromConfig(as(srv, "jane"))
	_, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("cluster"), TemplateBody: aws.String(`{"Resources": {"Cluster": {"Type": "AWS::ECS::Cluster"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	settled(t, cfn, "cluster")
	events, err := cfn.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("cluster")})
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, e := range events.StackEvents {
		reasons = append(reasons, aws.ToString(e.ResourceStatusReason))
	}
	if want := "user/jane is not authorized to perform: ecs:CreateCluster on resource: arn:aws:ecs:eu-west-1:123456789012:cluster/cluster-Cluster-*"; !strings.Contains(strings.Join(reasons, "\n"), want) {
		t.Errorf("no event says %q: %q", want, reasons)
	}
}
