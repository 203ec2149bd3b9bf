package templatediff

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sortedCopy(lines []string) []string { return slices.Sorted(slices.Values(lines)) }

func TestReport(t *testing.T) {
	t.Parallel()
	const before = `
Description: A shop
Parameters: {Count: {Type: Number, Default: 2}}
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: !Sub "10.0.1.0/24"}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: the shop
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80}, {IpProtocol: tcp, FromPort: 443}]
      Tags: [{Key: env, Value: test}, {Key: team, Value: shop}]
Outputs: {Url: {Value: http://example.com}}
`
	const after = `
Description: The shop
Parameters: {Count: {Type: Number, Default: 3}}
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: the shop
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80}, {IpProtocol: tcp, FromPort: 8080}, {IpProtocol: tcp, FromPort: 443}]
      Tags: [{Key: team, Value: shop}, {Key: env, Value: prod}]
Outputs: {Url: {Value: http://example.com}, Name: {Value: shop}}
`
	const want = `On deploy, deleted: Table
On deploy, replaced: Subnet, VPC
Resources.Group (AWS::EC2::SecurityGroup): updated in place
    Properties.SecurityGroupIngress[1]
        + {"FromPort":8080,"IpProtocol":"tcp"}
    Properties.Tags[env].Value
        - "test"
        + "prod"
Resources.Orders (AWS::DynamoDB::Table): created
Resources.Subnet (AWS::EC2::Subnet): replaced
    Properties.CidrBlock (another spelling of the same value)
        - {"Fn::Sub":"10.0.1.0/24"}
        + "10.0.1.0/24"
    Properties.VpcId (VPC is replaced; set on creation only)
Resources.Table (AWS::DynamoDB::Table): deleted, and Orders created like it: logical IDs must not change
Resources.VPC (AWS::EC2::VPC): replaced
    Properties.CidrBlock (set on creation only)
        - "10.0.0.0/16"
        + "10.1.0.0/16"
Description
    - "A shop"
    + "The shop"
Outputs.Name
    + {"Value":"shop"}
Parameters.Count
    Default (stacks that run keep their value)
        - 2
        + 3
`
	diff, err := Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(want, diff.String()); difference != "" {
		t.Errorf("(-want +got):\n%s", difference)
	}
}

func TestReportShortensLongValues(t *testing.T) {
	t.Parallel()
	diff, err := Compare(
		`Resources: {Role: {Type: AWS::IAM::Role}}`,
		`Resources: {Role: {Type: AWS::IAM::Role, Properties: {Description: `+strings.Repeat("é", 400)+`}}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := `        + "` + strings.Repeat("é", maxValue-1) + "... (402 characters)\n"
	if !strings.HasSuffix(diff.String(), want) {
		t.Errorf("got %s", diff)
	}
}

func TestCompareLists(t *testing.T) {
	t.Parallel()
	named := func(names ...string) (list []any) {
		for _, name := range names {
			list = append(list, map[string]any{"Name": name})
		}
		return list
	}
	for _, tt := range []struct {
		name          string
		before, after []any
		want          []PropertyChange
	}{
		{"put in front", []any{"b", "c"}, []any{"a", "b", "c"}, []PropertyChange{{Path: "L[0]", After: "a"}}},
		{"taken from the middle", []any{"a", "b", "c"}, []any{"a", "c"}, []PropertyChange{{Path: "L[1]", Before: "b"}}},
		{"changed", []any{"a", "b"}, []any{"a", "c"}, []PropertyChange{{Path: "L[1]", Before: "b", After: "c"}}},
		{"by name", named("a", "b"), named("c", "b"), []PropertyChange{
			{Path: "L[a]", Before: named("a")[0]}, {Path: "L[c]", After: named("c")[0]},
		}},
		{"another order", named("a", "b"), named("b", "a"), []PropertyChange{{Path: "L", Before: named("a", "b"), After: named("b", "a")}}},
		{"a name twice", named("a", "a"), named("a", "b"), []PropertyChange{{Path: "L[1].Name", Before: "a", After: "b"}}},
	} {
		if diff := cmp.Diff(tt.want, compareValues("L", tt.before, tt.after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
