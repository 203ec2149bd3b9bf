package resources

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// inertTime is what creating, changing or deleting an inert resource takes.
const inertTime = 2 * time.Second

// inert is a resource that takes part in everything and does nothing: it has a
// physical id and attributes, and a place in the order of operations.
type inert struct {
	clock  *clock.Clock
	region string
	spec   specification
}

func (p inert) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	made := p.describe(r, p.physicalID(r))
	r.Initiated(made.PhysicalID)
	return made, p.wait(ctx, r)
}

func (p inert) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	return p.describe(r, r.PhysicalID), p.wait(ctx, r)
}

func (p inert) Delete(ctx context.Context, r cloudformation.Request) error {
	return p.wait(ctx, r)
}

// wait takes the time that the resource needs to settle, which is none in EXPRESS mode.
func (p inert) wait(ctx context.Context, r cloudformation.Request) error {
	if r.Express {
		return ctx.Err()
	}
	return p.clock.Sleep(ctx, inertTime)
}

// ec2Prefix is the prefix of a type's ids in EC2, which end in 17 hexadecimal digits;
// empty for all other types.
func ec2Prefix(resourceType string) string {
	switch resourceType {
	case "AWS::EC2::VPC":
		return "vpc"
	case "AWS::EC2::Subnet":
		return "subnet"
	case "AWS::EC2::InternetGateway":
		return "igw"
	case "AWS::EC2::RouteTable":
		return "rtb"
	case "AWS::EC2::SubnetRouteTableAssociation":
		return "rtbassoc"
	case "AWS::EC2::SecurityGroup":
		return "sg"
	case "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress":
		return "sgr"
	case "AWS::EC2::NatGateway":
		return "nat"
	case "AWS::EC2::EIP":
		return "eipalloc"
	case "AWS::EC2::VPCEndpoint":
		return "vpce"
	case "AWS::EC2::FlowLog":
		return "fl"
	}
	return ""
}

// name is what gives a resource its physical id, where a template says it: the registry's
// primary identifier (RoleName of AWS::IAM::Role), or else what is called a name.
func (p inert) name(r cloudformation.Request) (string, bool) {
	kind := r.Type[strings.LastIndex(r.Type, ":")+1:]
	properties := []string{kind + "Name", "Name"}
	if identity := p.spec[r.Type].Identity; len(identity) == 1 {
		properties = append(identity[:1:1], properties...)
	}
	for _, property := range properties {
		if name, ok := r.Properties[property].(string); ok && name != "" {
			return name, true
		}
	}
	return "", false
}

func (p inert) physicalID(r cloudformation.Request) string {
	if prefix := ec2Prefix(r.Type); prefix != "" {
		return prefix + "-0" + wire.RandomHex(16)
	}
	if name, ok := p.name(r); ok {
		return name
	}
	return generated(r, 64)
}

func (p inert) describe(r cloudformation.Request, physicalID string) cloudformation.Resource {
	attributes := map[string]any{}
	for _, name := range p.spec[r.Type].Attributes {
		attributes[name] = p.attribute(r, physicalID, name)
	}
	if _, known := p.spec[r.Type]; !known {
		attributes["Arn"] = p.arn(r, physicalID)
	}
	return cloudformation.Resource{PhysicalID: physicalID, Attributes: attributes}
}

// attribute makes a value up that has the form of the real one: a property of that
// name, an ARN, or the physical id.
func (p inert) attribute(r cloudformation.Request, physicalID, name string) any {
	if v, ok := r.Properties[name]; ok {
		return v
	}
	switch {
	case strings.HasSuffix(name, "Arn") || strings.HasSuffix(name, "ARN"):
		return p.arn(r, physicalID)
	case strings.HasSuffix(name, "Address") || strings.HasSuffix(name, "Endpoint"):
		return strings.ToLower(physicalID) + "." + p.region + ".amazonaws.com"
	case strings.HasSuffix(name, "Port"):
		return "5432"
	}
	return physicalID
}

// arn is an ARN of the usual form. The resource's own service words it in its own
// way; three types that appear in every stack of this kind are right.
func (p inert) arn(r cloudformation.Request, physicalID string) string {
	parts := strings.Split(r.Type, "::") // AWS::IAM::Role
	service, kind := strings.ToLower(parts[min(1, len(parts)-1)]), strings.ToLower(parts[len(parts)-1])
	switch r.Type {
	case "AWS::IAM::Role":
		return fmt.Sprintf("arn:aws:iam::%s:role/%s", wire.AccountID, physicalID)
	case "AWS::Logs::LogGroup":
		return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s:*", p.region, wire.AccountID, physicalID)
	case "AWS::ECR::Repository":
		return fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", p.region, wire.AccountID, physicalID)
	}
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s/%s", service, p.region, wire.AccountID, kind, physicalID)
}
