package templatediff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// effects is what Compare says of each resource, "name: effect, because of ...".
func effects(t *testing.T, before, after string) []string {
	t.Helper()
	diff, err := Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range diff.Changes {
		if c.Section == "Resources" {
			got = append(got, c.Name+": "+c.Cause())
		}
	}
	return got
}

func TestEffects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, before, after string
		want                []string
	}{
		{
			name:   "nothing",
			before: `Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}`,
			after:  `{"Resources": {"VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}`,
		},
		{
			name:   "a property that changes in place",
			before: `Resources: {Service: {Type: AWS::ECS::Service, Properties: {DesiredCount: 2}}}`,
			after:  `Resources: {Service: {Type: AWS::ECS::Service, Properties: {DesiredCount: 3}}}`,
			want:   []string{"Service: updated in place"},
		},
		{
			name:   "one that is set on creation only",
			before: `Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}`,
			after:  `Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}}`,
			want:   []string{`VPC: Properties.CidrBlock: "10.0.0.0/16" -> "10.1.0.0/16"`},
		},
		{
			name:   "one that is added with its default",
			before: `Resources: {LB: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}}`,
			after:  `Resources: {LB: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: application}}}`,
			want:   []string{`LB: Properties.Type: nothing -> "application"`},
		},
		{
			name:   "one that depends",
			before: `Resources: {VPC: {Type: AWS::EC2::VPC}}`,
			after:  `Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {InstanceTenancy: default}}}`,
			want:   []string{`VPC: Properties.InstanceTenancy: nothing -> "default"`},
		},
		{
			name:   "a parameter in the place of a literal",
			before: `Resources: {Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}}`,
			after:  `Resources: {Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: {Ref: Name}}}}`,
			want:   []string{`Table: Properties.TableName: "orders" -> {"Ref":"Name"}`},
		},
		{
			name:   "a custom resource",
			before: `Resources: {Seed: {Type: "Custom::Seed", Properties: {Rows: 1}}}`,
			after:  `Resources: {Seed: {Type: "Custom::Seed", Properties: {Rows: 2}}}`,
			want:   []string{`Seed: Properties.Rows: 1 -> 2`},
		},
		{
			name:   "another type",
			before: `Resources: {Queue: {Type: AWS::SQS::Queue}}`,
			after:  `Resources: {Queue: {Type: AWS::SNS::Topic}}`,
			want:   []string{`Queue: Type: "AWS::SQS::Queue" -> "AWS::SNS::Topic"`},
		},
		{
			name:   "attributes that are no properties",
			before: `Resources: {A: {Type: AWS::SQS::Queue}, B: {Type: AWS::SQS::Queue}}`,
			after:  `Resources: {A: {Type: AWS::SQS::Queue, DependsOn: B}, B: {Type: AWS::SQS::Queue, Condition: IsProd}}`,
			want:   []string{"A: ", `B: Condition: nothing -> "IsProd"`},
		},
		{
			name:   "created, deleted and left behind",
			before: `Resources: {A: {Type: AWS::SQS::Queue}, B: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}}`,
			after:  `Resources: {C: {Type: AWS::SNS::Topic}}`,
			want:   []string{"A: deleted", "B: left behind", "C: created"},
		},
		{
			name:   "replacements spread",
			before: network("10.0.0.0/16"),
			after:  network("10.1.0.0/16"),
			want: []string{
				"Rule: Properties.SourceSecurityGroupId: Group is replaced",
				"Group: Properties.VpcId: VPC is replaced",
				"Balancer: updated in place",
				`VPC: Properties.CidrBlock: "10.0.0.0/16" -> "10.1.0.0/16"`,
			},
		},
		{
			name:   "uncertainty spreads as uncertainty",
			before: `Resources: {VPC: {Type: AWS::EC2::VPC}, Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: {Ref: VPC}}}}`,
			after:  `Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {InstanceTenancy: dedicated}}, Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: {Ref: VPC}}}}`,
			want:   []string{"Table: Properties.VpcId: VPC is perhaps replaced", `VPC: Properties.InstanceTenancy: nothing -> "dedicated"`},
		},
		{
			name:   "a condition behind the value",
			before: conditional("prod"),
			after:  conditional("live"),
			want:   []string{"Table: Properties.TableName: condition Named changes"},
		},
		{
			name:   "a mapping behind the value",
			before: mapped("orders"),
			after:  mapped("items"),
			want:   []string{"Table: Properties.TableName: a mapping changes"},
		},
		{
			name:   "a mapping with a key that only the deployment knows",
			before: strings.Replace(mapped("orders"), "All, Table", "All, !Ref Kind", 1),
			after:  strings.Replace(mapped("items"), "All, Table", "All, !Ref Kind", 1),
			want:   []string{"Table: Properties.TableName: a mapping changes"},
		},
		{
			name:   "a mapping that nothing uses",
			before: mapped("orders"),
			after:  strings.Replace(mapped("orders"), "Mappings: {", "Mappings: {More: {A: {B: c}}, ", 1),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := effects(t, tt.before, tt.after)
			if diff := cmp.Diff(sortedCopy(tt.want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func network(cidr string) string {
	return `
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: ` + cidr + `}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref VPC}}
  Rule: {Type: AWS::EC2::SecurityGroupIngress, Properties: {SourceSecurityGroupId: !GetAtt Group.GroupId}}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {SecurityGroups: [!Ref Group]}}
`
}

func conditional(environment string) string {
	return `
Parameters: {Environment: {Type: String}}
Conditions:
  IsProd: !Equals [!Ref Environment, ` + environment + `]
  Named: !Not [{Condition: IsProd}]
Resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !If [Named, orders, !Ref AWS::NoValue]}}
`
}

func mapped(table string) string {
	return `
Mappings: {Names: {All: {Table: ` + table + `}}}
Resources:
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !FindInMap [Names, All, Table]}}
`
}

// TestSpellings: what CloudFormation sees as the same replaces nothing, whatever
// the property.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ one, other string }{
		{`80`, `"80"`},
		{`true`, `"true"`},
		{`!Sub "${A}:b"`, `!Join [":", [!Ref A, b]]`},
		{`!Sub ["${x}:b", {x: !Ref A}]`, `!Join [":", [!Ref A, b]]`},
		{`!Sub "${A.Arn}/b"`, `!Join ["", [!GetAtt [A, Arn], "/", b]]`},
		{`!Sub "plain"`, `plain`},
		{`!Join ["-", [a, b]]`, `a-b`},
		{`!Join ["", [a, !Join ["-", [b, !Ref A]]]]`, `!Join ["", ["ab-", !Ref A]]`},
		{`{"Fn::GetAtt": A.Arn}`, `!GetAtt [A, Arn]`},
		{`!Select [0, !GetAZs ""]`, `!Select ["0", !GetAZs {Ref: "AWS::Region"}]`},
		{`!Select [1, [a, b]]`, `b`},
		{`!FindInMap [Config, One, Cidr]`, `10.0.0.0/16`},
		{`[a, !Ref "AWS::NoValue"]`, `[a]`},
	} {
		template := func(value string) string {
			return "Mappings: {Config: {One: {Cidr: 10.0.0.0/16}}}\n" +
				"Resources: {VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: " + value + "}}}"
		}
		diff, err := Compare(template(tt.one), template(tt.other))
		if err != nil {
			t.Errorf("%s: %v", tt.one, err)
			continue
		}
		if len(diff.Changes) != 1 || diff.Changes[0].Effect != None {
			t.Errorf("%s and %s: %s", tt.one, tt.other, diff)
		}
	}
}

func TestCompareSaysWhichTemplateIsBad(t *testing.T) {
	t.Parallel()
	const good = `{"Resources": {}}`
	for _, tt := range []struct{ before, after, want string }{
		{"{", good, "reading the template before the change: Template format error"},
		{good, "[]", "reading the template after the change: Template format error"},
	} {
		if _, err := Compare(tt.before, tt.after); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("got %v, want %s...", err, tt.want)
		}
	}
}
