package constructs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
)

// checkVPC is about the props that shape a new VPC.
func (p *NetworkProps) checkVPC() error {
	errs := []error{
		checkChoice("NatGateways", p.NatGateways, NatNone, NatOne, NatPerZone),
		checkChoice("FlowLogs", p.FlowLogs,
			awsec2.FlowLogTrafficType_ACCEPT, awsec2.FlowLogTrafficType_REJECT, awsec2.FlowLogTrafficType_ALL),
		checkRanges("IngressCidrs", p.IngressCidrs),
	}
	endpoints := []InterfaceEndpoint{EndpointECR, EndpointLogs, EndpointSecretsManager, EndpointSSM, EndpointSSMMessages}
	for i, endpoint := range p.InterfaceEndpoints {
		if !slices.Contains(endpoints, endpoint) {
			errs = append(errs, fmt.Errorf("InterfaceEndpoints is %q, allowed is one of %q", endpoint, endpoints))
		}
		if slices.Contains(p.InterfaceEndpoints[:i], endpoint) {
			errs = append(errs, fmt.Errorf("InterfaceEndpoints has %q twice, allowed is each once", endpoint))
		}
	}
	if p.Vpc != nil {
		return errors.Join(append(errs, p.checkExistingVPC())...)
	}
	_, err := newLayout(p)
	errs = append(errs, err)
	needs := func(prop string, given bool, of string, has *bool) {
		if given && !*orDefault(has, false) {
			errs = append(errs, fmt.Errorf("%s is given and %s is not true, allowed is both or neither", prop, of))
		}
	}
	needs("NatGateways", p.hasNAT(), "PrivateSubnets", p.PrivateSubnets)
	needs("PrivateSubnetCidrs", p.PrivateSubnetCidrs != nil, "PrivateSubnets", p.PrivateSubnets)
	needs("DatabaseSubnetCidrs", p.DatabaseSubnetCidrs != nil, "DatabaseSubnets", p.DatabaseSubnets)
	return errors.Join(errs...)
}

// checkExistingVPC refuses what would have to be made in a VPC that is there.
func (p *NetworkProps) checkExistingVPC() error {
	var errs []error
	for _, prop := range []struct {
		name  string
		given bool
	}{
		{"Cidr", p.Cidr != nil},
		{"Zones", p.Zones != nil},
		{"PublicSubnetCidrs", p.PublicSubnetCidrs != nil},
		{"PrivateSubnets", p.PrivateSubnets != nil},
		{"PrivateSubnetCidrs", p.PrivateSubnetCidrs != nil},
		{"DatabaseSubnets", p.DatabaseSubnets != nil},
		{"DatabaseSubnetCidrs", p.DatabaseSubnetCidrs != nil},
		{"NatGateways", p.NatGateways != ""},
		{"S3Endpoint", p.S3Endpoint != nil},
		{"InterfaceEndpoints", p.InterfaceEndpoints != nil},
		{"FlowLogs", p.FlowLogs != ""},
	} {
		if prop.given {
			errs = append(errs, fmt.Errorf("%s is given with Vpc, in which nothing is made; allowed is one of the two", prop.name))
		}
	}
	public, private := len(*p.Vpc.PublicSubnets()), len(*p.Vpc.PrivateSubnets())
	if !*orDefault(p.Internal, false) && public < 2 {
		errs = append(errs, fmt.Errorf("Vpc has %d public subnets, a load balancer that faces the internet needs two in different zones; allowed is such a VPC or Internal", public))
	}
	if *orDefault(p.Internal, false) && public < 2 && private < 2 {
		errs = append(errs, fmt.Errorf("Vpc has %d private and %d public subnets, a load balancer needs two of a kind in different zones", private, public))
	}
	if *orDefault(p.Internal, false) && p.IngressCidrs == nil && rangeOfVPC(p.Vpc) == nil {
		errs = append(errs, errors.New("Vpc was imported without its range, which Internal lets in; allowed is with VpcCidrBlock, or IngressCidrs"))
	}
	if p.TaskPlacement == TasksPrivate && private == 0 {
		errs = append(errs, fmt.Errorf("TaskPlacement is %q and Vpc has no private subnets, allowed is %q", TasksPrivate, TasksPublic))
	}
	if p.TaskPlacement != TasksPrivate && public == 0 {
		errs = append(errs, fmt.Errorf("TaskPlacement is %q and Vpc has no public subnets, allowed is %q", TasksPublic, TasksPrivate))
	}
	return errors.Join(errs...)
}

// rangeOfVPC is nil when it is not known: of a VPC that was imported without it
// the CDK throws instead of telling it.
func rangeOfVPC(vpc awsec2.IVpc) (cidr *string) {
	defer func() {
		if recover() != nil {
			cidr = nil
		}
	}()
	return vpc.VpcCidrBlock()
}

// checkTasks refuses to place tasks where none could pull its image. Where the routes
// of a VPC that is brought along lead is not known here, so that is let through.
func (p *NetworkProps) checkTasks() error {
	if err := checkChoice("TaskPlacement", p.TaskPlacement, TasksPublic, TasksPrivate); err != nil {
		return err
	}
	if p.Vpc != nil || p.taskPlacement() == TasksPublic {
		return nil
	}
	if !*orDefault(p.PrivateSubnets, false) {
		return fmt.Errorf("TaskPlacement is %q and PrivateSubnets is not true, allowed is both or %q", TasksPrivate, TasksPublic)
	}
	if p.hasNAT() {
		return nil
	}
	var missing []string
	for _, endpoint := range []InterfaceEndpoint{EndpointECR, EndpointLogs} {
		if !slices.Contains(p.InterfaceEndpoints, endpoint) {
			missing = append(missing, fmt.Sprintf("InterfaceEndpoints with %q", endpoint))
		}
	}
	if !*p.s3Endpoint() {
		missing = append(missing, "S3Endpoint")
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("TaskPlacement is %q and NatGateways is %q: a task could neither pull its image nor log; allowed is with NatGateways %q or %q, with %s, or TaskPlacement %q",
		TasksPrivate, NatNone, NatOne, NatPerZone, strings.Join(missing, " and "), TasksPublic)
}

func (p *NetworkProps) hasNAT() bool { return p.NatGateways == NatOne || p.NatGateways == NatPerZone }

func (p *NetworkProps) s3Endpoint() *bool {
	return orDefault(p.S3Endpoint, *orDefault(p.PrivateSubnets, false))
}

func (p *NetworkProps) taskPlacement() TaskPlacement {
	switch {
	case p.TaskPlacement != "":
		return p.TaskPlacement
	case *orDefault(p.PrivateSubnets, false):
		return TasksPrivate
	default:
		return TasksPublic
	}
}

// checkChoice is for props of a string type with few values; "" is the default.
func checkChoice[T ~string](prop string, v T, allowed ...T) error {
	if v == "" || slices.Contains(allowed, v) {
		return nil
	}
	return fmt.Errorf("%s is %q, allowed is one of %q", prop, v, allowed)
}
