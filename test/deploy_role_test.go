package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/internal/permissions"
	"github.com/slipway-go/slipway/stacks"
)

// deployRoleTemplate is a stack with the role; a repository and a stack are
// there when the props name none.
func deployRoleTemplate(t *testing.T, change func(awscdk.Stack, *constructs.DeployRoleProps)) (got template, text string) {
	t.Helper()
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("access"), nil)
	props := &constructs.DeployRoleProps{
		Repository: jsii.String("octo-org/octo-repo"),
		StackNames: jsii.Strings("web", "api"),
	}
	if change != nil {
		change(stack, props)
	}
	constructs.NewDeployRole(stack, jsii.String("Deploy"), props)
	text = synthesize(t, app, "access")
	return parse(t, text), text
}

// roles are the logical IDs of the workflow's role and of CloudFormation's.
func roles(t *testing.T, got template) (role, serviceRole string) {
	t.Helper()
	for id, r := range got.Resources {
		switch {
		case r.Type != "AWS::IAM::Role":
		case strings.HasPrefix(id, "DeployServiceRole"):
			serviceRole = id
		default:
			role = id
		}
	}
	if role == "" || serviceRole == "" {
		t.Fatalf("roles are %q and %q", role, serviceRole)
	}
	return role, serviceRole
}

// statements are those of the role's one inline policy, by Sid.
func statements(t *testing.T, got template, role string) map[string]map[string]any {
	t.Helper()
	if second := at(got.Resources[role].Properties, "Policies.1"); second != nil {
		t.Fatalf("%s has a second policy: %v", role, second)
	}
	if managed := got.Resources[role].Properties["ManagedPolicyArns"]; managed != nil {
		t.Fatalf("%s has managed policies: %v", role, managed)
	}
	bySid := map[string]map[string]any{}
	for _, s := range at(got.Resources[role].Properties, "Policies.0.PolicyDocument.Statement").([]any) {
		statement := s.(map[string]any)
		bySid[statement["Sid"].(string)] = statement
	}
	return bySid
}

// plain writes a value with references as ${name}, so that it can be compared.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if name, ok := v["Ref"].(string); ok {
			return "${" + name + "}"
		}
		if parts, ok := at(v, "Fn::Join.1").([]any); ok {
			var all string
			for _, part := range parts {
				all += plain(part)
			}
			return all
		}
		if of, ok := v["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("${%s.%s}", of[0], of[1])
		}
	}
	return fmt.Sprint(v)
}

func list(v any) []string {
	values, many := v.([]any)
	if !many {
		values = []any{v}
	}
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = plain(value)
	}
	return all
}

func TestDeployRoleDefaults(t *testing.T) {
	got, _ := deployRoleTemplate(t, nil)
	role, serviceRole := roles(t, got)
	provider := got.idOf(t, "AWS::IAM::OIDCProvider")
	got.has(t,
		expectation{provider, "Url", "https://token.actions.githubusercontent.com"},
		expectation{provider, "ClientIdList", []any{"sts.amazonaws.com"}},
		expectation{role, "MaxSessionDuration", 3600.0},
		expectation{role, "RoleName", nil},
		expectation{role, "AssumeRolePolicyDocument.Statement", []any{map[string]any{
			"Effect":    "Allow",
			"Action":    "sts:AssumeRoleWithWebIdentity",
			"Principal": map[string]any{"Federated": ref(provider)},
			"Condition": map[string]any{"StringEquals": map[string]any{
				"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
				"token.actions.githubusercontent.com:sub": []any{"repo:octo-org/octo-repo:ref:refs/heads/main"},
			}},
		}}},
		expectation{serviceRole, "AssumeRolePolicyDocument.Statement", []any{map[string]any{
			"Effect":    "Allow",
			"Action":    "sts:AssumeRole",
			"Principal": map[string]any{"Service": "cloudformation.amazonaws.com"},
		}}},
	)
	// Nothing that runs, and nothing that needs a bootstrapped account.
	var types []string
	for _, r := range got.Resources {
		types = append(types, r.Type)
	}
	slices.Sort(types)
	if diff := cmp.Diff([]string{"AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::IAM::Role"}, types); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

func TestDeployRoleMay(t *testing.T) {
	got, _ := deployRoleTemplate(t, nil)
	role, serviceRole := roles(t, got)
	may, serviceMay := statements(t, got, role), statements(t, got, serviceRole)

	// What the package says that is held against the deployer, all of it.
	for _, tt := range []struct {
		name string
		want []permissions.Statement
		got  map[string]map[string]any
	}{
		{"role", permissions.Deployer(permissions.Scope{TrafficRoles: []string{""}, LogGroups: []string{""}, Repositories: []string{""}}), may},
		{"service role", permissions.ServiceRole(permissions.Scope{TrafficRoles: []string{""}}), serviceMay},
	} {
		want := map[string][]string{}
		for _, s := range tt.want {
			want[s.Sid] = slices.Sorted(slices.Values(s.Actions))
		}
		actions := map[string][]string{}
		for sid, statement := range tt.got {
			actions[sid] = slices.Sorted(slices.Values(list(statement["Action"])))
			if statement["Effect"] != "Allow" {
				t.Errorf("%s: %s is %v", tt.name, sid, statement["Effect"])
			}
		}
		if diff := cmp.Diff(want, actions); diff != "" {
			t.Errorf("actions of the %s (-want +got):\n%s", tt.name, diff)
		}
	}

	const (
		cloudFormation = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:"
		ecs            = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:"
		ecr            = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:"
		logs           = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
		iam            = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
	)
	service := "${" + serviceRole + ".Arn}"
	stackARNs := []string{cloudFormation + "stack/web/*", cloudFormation + "stack/api/*"}
	taskRoles := []string{iam + "web-TaskRole-*", iam + "web-ExecutionRole-*", iam + "api-TaskRole-*", iam + "api-ExecutionRole-*"}
	for _, tt := range []struct {
		of        map[string]map[string]any
		sid       string
		resources []string
		condition any
	}{
		{may, "ReadStacks", stackARNs, nil},
		{may, "MakeChangeSets", stackARNs, map[string]any{"ArnEqualsIfExists": map[string]any{"cloudformation:RoleArn": []any{getAtt(serviceRole, "Arn")}}}},
		{may, "RollOut", stackARNs, nil},
		{may, "PassServiceRole", []string{service}, passedTo("cloudformation.amazonaws.com")},
		{may, "ReadServices", []string{
			ecs + "service/*/web-Service-*", ecs + "service/*/api-Service-*",
			ecs + "service-revision/*/web-Service-*/*", ecs + "service-revision/*/api-Service-*/*",
		}, nil},
		{may, "ReadTasks", []string{ecs + "task/*/*"}, nil},
		{may, "FollowTraffic", []string{ecs + "service-deployment/*/web-Service-*/*", ecs + "service-deployment/*/api-Service-*/*"}, nil},
		{may, "ReadLogs", []string{
			logs + "log-group:web-LogGroup-*:log-stream:*", logs + "log-group:api-LogGroup-*:log-stream:*",
		}, nil},
		{may, "ReadImages", []string{ecr + "repository/*"}, nil},
		{serviceMay, "RegisterTaskDefinitions", []string{ecs + "task-definition/*:*"}, nil},
		{serviceMay, "UpdateServices", []string{
			ecs + "service/*/web-Service-*", ecs + "service/*/api-Service-*",
			ecs + "service-deployment/*/web-Service-*/*", ecs + "service-deployment/*/api-Service-*/*",
		}, nil},
		{serviceMay, "ReadTaskRoles", taskRoles, nil},
		{serviceMay, "PassTaskRoles", taskRoles, passedTo("ecs-tasks.amazonaws.com")},
		{serviceMay, "PassTrafficRoles", []string{iam + "web-TrafficShiftRole-*", iam + "api-TrafficShiftRole-*"}, passedTo("ecs.amazonaws.com")},
	} {
		equalSets(t, tt.sid, tt.resources, list(tt.of[tt.sid]["Resource"]))
		if diff := cmp.Diff(tt.condition, tt.of[tt.sid]["Condition"]); diff != "" {
			t.Errorf("condition of %s (-want +got):\n%s", tt.sid, diff)
		}
	}
}

func passedTo(service string) any {
	return map[string]any{"StringEquals": map[string]any{"iam:PassedToService": []any{service}}}
}

func TestDeployRoleProps(t *testing.T) {
	const provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	var cluster any
	got, _ := deployRoleTemplate(t, func(stack awscdk.Stack, p *constructs.DeployRoleProps) {
		network := constructs.NewNetwork(stack, jsii.String("Network"), nil)
		cluster = stack.Resolve(network.Cluster().ClusterName())
		p.StackNames = jsii.Strings("web")
		p.Branches = jsii.Strings("main", "release/*")
		p.Environments = jsii.Strings("production")
		p.Cluster = network.Cluster()
		p.ServiceNames = jsii.Strings("orders")
		p.TaskFamilies = jsii.Strings("orders")
		p.TaskRoleNames = jsii.Strings("orders-task", "team/orders-start")
		p.TrafficRoleNames = &[]*string{}
		p.LogGroupNames = &[]*string{}
		p.ParameterNames = jsii.Strings("/network/*", "mode")
		p.ProviderArn = jsii.String(provider)
		p.RoleName = jsii.String("deployer")
		p.MaxSessionMinutes = jsii.Number(120)
	})
	role, serviceRole := roles(t, got)
	if id := got.idOf(t, "AWS::IAM::OIDCProvider"); id != "" {
		t.Errorf("a provider is made: %s", id)
	}
	got.has(t,
		expectation{role, "RoleName", "deployer"},
		expectation{role, "MaxSessionDuration", 7200.0},
		expectation{role, "AssumeRolePolicyDocument.Statement.0.Principal.Federated", provider},
		expectation{role, "AssumeRolePolicyDocument.Statement.0.Condition", map[string]any{
			"StringEquals": map[string]any{"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
			"StringLike": map[string]any{"token.actions.githubusercontent.com:sub": []any{
				"repo:octo-org/octo-repo:ref:refs/heads/main",
				"repo:octo-org/octo-repo:ref:refs/heads/release/*",
				"repo:octo-org/octo-repo:environment:production",
			}},
		}},
	)
	may, serviceMay := statements(t, got, role), statements(t, got, serviceRole)
	name := plain(cluster)
	const ecs = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:"
	equalSets(t, "tasks", []string{ecs + "task/" + name + "/*"}, list(may["ReadTasks"]["Resource"]))
	equalSets(t, "cluster", []string{ecs + "cluster/" + name}, list(at(may["ListTasks"], "Condition.ArnLike.ecs:cluster")))
	equalSets(t, "services", []string{ecs + "service/" + name + "/orders", ecs + "service-deployment/" + name + "/orders/*"},
		list(serviceMay["UpdateServices"]["Resource"]))
	equalSets(t, "families", []string{ecs + "task-definition/orders:*"}, list(serviceMay["RegisterTaskDefinitions"]["Resource"]))
	equalSets(t, "roles", []string{
		"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/orders-task",
		"arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team/orders-start",
	}, list(serviceMay["PassTaskRoles"]["Resource"]))
	const ssm = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/"
	equalSets(t, "parameters", []string{ssm + "network/*", ssm + "mode"}, list(serviceMay["ReadParameters"]["Resource"]))
	if serviceMay["PassTrafficRoles"] != nil || may["FollowTraffic"] != nil {
		t.Error("a permission for a traffic shift that nobody does")
	}
	if may["ReadLogs"] != nil {
		t.Error("logs may be read, but none are named")
	}
}

// TestDeployRoleKnowsServiceStacks: the names it goes by are made from logical
// IDs of service stacks, which are these.
func TestDeployRoleKnowsServiceStacks(t *testing.T) {
	app := newApp(t)
	stacks.NewServiceStack(app, jsii.String("web"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{TrafficShift: &constructs.TrafficShift{}},
	})
	service := parse(t, synthesize(t, app, "web"))
	ids := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(service.Resources)) {
		ids[service.Resources[id].Type] = append(ids[service.Resources[id].Type], id)
	}
	want := map[string][]string{
		"AWS::ECS::Service":   {"Service"},
		"AWS::Logs::LogGroup": {"LogGroup"},
		"AWS::IAM::Role":      {"ExecutionRole", "TaskRole", "TrafficShiftRole"},
	}
	for resourceType := range want {
		if diff := cmp.Diff(want[resourceType], ids[resourceType]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", resourceType, diff)
		}
	}

	got, _ := deployRoleTemplate(t, func(_ awscdk.Stack, p *constructs.DeployRoleProps) { p.StackNames = jsii.Strings("web") })
	role, serviceRole := roles(t, got)
	if read := list(statements(t, got, role)["ReadLogs"]["Resource"]); len(read) != 1 || !strings.Contains(read[0], ":web-LogGroup-*:") {
		t.Errorf("logs are read of %q", read)
	}
	may := statements(t, got, serviceRole)
	passed := slices.Concat(list(may["PassTaskRoles"]["Resource"]), list(may["PassTrafficRoles"]["Resource"]))
	for _, id := range want["AWS::IAM::Role"] {
		if !slices.ContainsFunc(passed, func(arn string) bool { return strings.HasSuffix(arn, ":role/web-"+id+"-*") }) {
			t.Errorf("%s is not passed, but %q", id, passed)
		}
	}
}

// resolved has a text as long as any in place of each reference.
func resolved(v any) any {
	long := strings.NewReplacer(
		"${AWS::Partition}", "aws-us-gov", "${AWS::Region}", "ap-southeast-1", "${AWS::AccountId}", "123456789012",
		"${", strings.Repeat("x", 128), // a cluster, a role
	)
	switch v := v.(type) {
	case map[string]any:
		if text := plain(v); strings.Contains(text, "${") {
			return long.Replace(text)
		}
		all := map[string]any{}
		for key, value := range v {
			all[key] = resolved(value)
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, value := range v {
			all[i] = resolved(value)
		}
		return all
	}
	return v
}

// TestDeployRoleFits: IAM takes 10,240 characters, without white space.
func TestDeployRoleFits(t *testing.T) {
	got, _ := deployRoleTemplate(t, func(stack awscdk.Stack, p *constructs.DeployRoleProps) {
		names := make([]string, 6)
		for i := range names {
			names[i] = fmt.Sprintf("%s%d", strings.Repeat("a", 32), i)
		}
		p.StackNames = jsii.Strings(names...)
		p.Cluster = constructs.NewNetwork(stack, jsii.String("Network"), nil).Cluster()
	})
	role, serviceRole := roles(t, got)
	for _, id := range []string{role, serviceRole} {
		text, err := json.Marshal(resolved(at(got.Resources[id].Properties, "Policies.0.PolicyDocument")))
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 10240 {
			t.Errorf("the policy of %s has %d characters", id, len(text))
		}
	}
}

// TestDeployRoleDependsOnNoFlag: flags of the app around change no right.
func TestDeployRoleDependsOnNoFlag(t *testing.T) {
	role := func(context *map[string]any) string {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: context})
		stack := awscdk.NewStack(app, jsii.String("access"), nil)
		constructs.NewDeployRole(stack, jsii.String("Deploy"), &constructs.DeployRoleProps{
			Repository: jsii.String("octo-org/octo-repo"), StackNames: jsii.Strings("web", "api"),
		})
		return synthesize(t, app, "access")
	}
	flags := recommendedFlags(t)
	if diff := cmp.Diff(role(nil), role(&flags)); diff != "" {
		t.Errorf("without flags, with them (-without +with):\n%s", diff)
	}
}
