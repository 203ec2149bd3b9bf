package resources

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
)

type bound struct {
	Name    string
	Port    int
	Ratio   float64
	On      bool
	Maybe   *bool
	Nested  *nested
	List    []nested
	Options map[string]string
	inner
}

type nested struct{ Key, Value string }

type inner struct{ Outer string }

func TestBind(t *testing.T) {
	t.Parallel()
	on := true
	for _, tc := range []struct {
		name       string
		properties map[string]any
		want       bound
		wantErr    string
	}{
		{name: "text as number", properties: map[string]any{"Port": "80"}, want: bound{Port: 80}},
		{name: "number as text", properties: map[string]any{"Name": int64(256)}, want: bound{Name: "256"}},
		{name: "booleans", properties: map[string]any{"On": "true", "Maybe": true}, want: bound{On: true, Maybe: &on}},
		{name: "fraction", properties: map[string]any{"Ratio": 0.5}, want: bound{Ratio: 0.5}},
		{name: "nested", properties: map[string]any{"Nested": map[string]any{"Key": "k"}}, want: bound{Nested: &nested{Key: "k"}}},
		{name: "list", properties: map[string]any{"List": []any{map[string]any{"Key": "a"}, map[string]any{"Key": "b"}}}, want: bound{List: []nested{{Key: "a"}, {Key: "b"}}}},
		{name: "one for a list", properties: map[string]any{"List": map[string]any{"Key": "a"}}, want: bound{List: []nested{{Key: "a"}}}},
		{name: "map", properties: map[string]any{"Options": map[string]any{"awslogs-group": "g"}}, want: bound{Options: map[string]string{"awslogs-group": "g"}}},
		{name: "other capitals", properties: map[string]any{"nAME": "n"}, want: bound{Name: "n"}},
		{name: "embedded", properties: map[string]any{"Outer": "o"}, want: bound{inner: inner{Outer: "o"}}},
		{name: "unknown", properties: map[string]any{"Nested": map[string]any{"Kye": "k"}}, wantErr: "#/Nested: extraneous key [Kye] is not permitted"},
		{name: "not a number", properties: map[string]any{"Port": "eighty"}, wantErr: "#/Port: expected type: integer"},
		{name: "not an object", properties: map[string]any{"Nested": "k"}, wantErr: "#/Nested: expected type: object"},
		{name: "list for text", properties: map[string]any{"Name": []any{"a"}}, wantErr: "#/Name: expected type: string"},
	} {
		var got bound
		err := bind(tc.properties, &got)
		if tc.wantErr != "" {
			if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("%s: error %v, want %q", tc.name, err, tc.wantErr)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(bound{})); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
}

func TestGeneratedNamesFit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{32, 64, 255} {
		name := generated(cloudformation.Request{StackName: strings.Repeat("stack-", 20), LogicalID: strings.Repeat("Logical", 20)}, limit)
		if len(name) > limit || strings.Contains(name, "--") || strings.HasPrefix(name, "-") {
			t.Errorf("%q has %d characters, limit %d", name, len(name), limit)
		}
	}
	if name := generated(cloudformation.Request{StackName: "web", LogicalID: "TargetGroup"}, 32); !strings.HasPrefix(name, "web-TargetGroup-") {
		t.Errorf("%q does not begin with stack and logical id", name)
	}
}

func TestRecreationComesFromTheRegistry(t *testing.T) {
	t.Parallel()
	spec := loadSpecification()
	for _, tc := range []struct {
		resourceType, property string
		want                   cloudformation.Recreation
	}{
		{"AWS::ECS::TaskDefinition", "ContainerDefinitions", cloudformation.Always},
		{"AWS::ECS::TaskDefinition", "Tags", cloudformation.Never},
		{"AWS::ECS::Service", "TaskDefinition", cloudformation.Never},
		{"AWS::ECS::Service", "ServiceName", cloudformation.Always},
		{"AWS::EC2::VPC", "CidrBlock", cloudformation.Always},
		{"AWS::EC2::VPC", "InstanceTenancy", cloudformation.Conditionally},
		{"Custom::Unknown", "Anything", cloudformation.Never},
	} {
		if got := spec.recreation(tc.resourceType, []string{tc.property, "0"}); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.resourceType, tc.property, got, tc.want)
		}
	}
}

func TestInertAttributes(t *testing.T) {
	t.Parallel()
	p := inert{clock: clock.New(1), region: "eu-west-1", spec: loadSpecification()}
	for _, tc := range []struct {
		resourceType, physicalID, attribute string
		properties                          map[string]any
		want                                any
	}{
		{"AWS::IAM::Role", "web-Role-1", "Arn", nil, "arn:aws:iam::123456789012:role/web-Role-1"},
		{"AWS::Logs::LogGroup", "web", "Arn", nil, "arn:aws:logs:eu-west-1:123456789012:log-group:web:*"},
		{"AWS::EC2::SecurityGroup", "sg-1", "GroupId", nil, "sg-1"},
		{"AWS::EC2::VPC", "vpc-1", "CidrBlock", map[string]any{"CidrBlock": "10.0.0.0/16"}, "10.0.0.0/16"},
		{"AWS::RDS::DBInstance", "Database", "Endpoint.Address", nil, "database.eu-west-1.amazonaws.com"},
		{"Custom::Thing", "thing", "Arn", nil, "arn:aws:thing:eu-west-1:123456789012:thing/thing"},
	} {
		made := p.describe(cloudformation.Request{Type: tc.resourceType, Properties: tc.properties}, tc.physicalID)
		if got := made.Attributes[tc.attribute]; got != tc.want {
			t.Errorf("%s %s = %v, want %v", tc.resourceType, tc.attribute, got, tc.want)
		}
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	r := New(clock.New(1), "eu-west-1", nil, nil, nil, nil, nil)
	deployment := func(members map[string]any) map[string]any {
		return map[string]any{"DeploymentConfiguration": members, "LaunchType": "FARGATE"}
	}
	ref := map[string]any{"Ref": "Parameter"}
	for _, tc := range []struct {
		name, resourceType string
		properties         map[string]any
		want               string // empty: none
	}{
		{"inert", "AWS::SNS::Topic", map[string]any{"Strategy": "BLUE_GREEN"}, ""},
		{"nested stack", "AWS::CloudFormation::Stack", nil, "nested stacks"},
		{"task set", "AWS::ECS::TaskSet", nil, "task sets"},
		{"rolling", "AWS::ECS::Service", deployment(map[string]any{"Strategy": "ROLLING"}), ""},
		{"launch type", "AWS::ECS::Service", map[string]any{"LaunchType": "EC2"}, "EC2"},
		{"strategy by parameter", "AWS::ECS::Service", deployment(map[string]any{"Strategy": ref}), ""},
		{"beside functions", "AWS::ECS::Service", map[string]any{
			"DesiredCount": ref, "NetworkConfiguration": map[string]any{"Fn::If": []any{"A", "b", "c"}},
			"DeploymentController": map[string]any{"Type": "CODE_DEPLOY"},
		}, "CODE_DEPLOY"},
		{"within a list", "AWS::ECS::Service", map[string]any{"CapacityProviderStrategy": []any{
			ref, map[string]any{"Weight": ref, "CapacityProvider": "machines"},
		}}, "machines"},
		{"wrong otherwise", "AWS::ECS::Service", map[string]any{"DesiredCount": "two", "LaunchType": "EC2"}, ""},
		{"percentages", "AWS::ECS::Service", deployment(map[string]any{"MaximumPercent": 100.0, "MinimumHealthyPercent": ref}), ""},
	} {
		err := r.Refusal(tc.resourceType, tc.properties)
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: refusal %v, want %q", tc.name, err, tc.want)
		}
	}
}
