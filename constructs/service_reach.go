package constructs

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ownNetwork is the network where it is defined in the same app, and so known.
func (p *FargateServiceProps) ownNetwork() *network {
	n, _ := p.Network.(*network)
	return n
}

// endpointsOnly says that tasks reach nothing outside of the VPC but by endpoints.
// Where the routes of an existing VPC lead is not known.
func (n *network) endpointsOnly() bool {
	return n.props.Vpc == nil && n.props.taskPlacement() == TasksPrivate && !n.props.hasNAT()
}

// checkReach refuses what tasks could not reach: their deployment would hang until
// the circuit breaker ends it. That they can pull from ECR and log is the network's own
// check. Of an imported network nothing is known, so all is let through.
func (p *FargateServiceProps) checkReach() error {
	n := p.ownNetwork()
	if n == nil || !n.endpointsOnly() {
		return nil
	}
	errs := []error{p.checkRegistry(n)}
	needs := func(what string, endpoint InterfaceEndpoint) {
		if !slices.Contains(n.props.InterfaceEndpoints, endpoint) {
			errs = append(errs, fmt.Errorf("%s, which tasks in private subnets without NAT gateways cannot reach; allowed is that in a network with NatGateways, or with %q in InterfaceEndpoints", what, endpoint))
		}
	}
	if *orDefault(p.ExecuteCommand, false) {
		needs("ExecuteCommand is true and needs Systems Manager", EndpointSSMMessages)
	}
	secrets := *orDefault(p.Secrets, nil)
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		secret := secrets[name]
		switch {
		case secret == nil: // refused elsewhere
		case strings.Contains(*orDefault(secret.Arn(), ""), ":ssm:"):
			needs(fmt.Sprintf("Secrets[%q] is a parameter of Systems Manager", name), EndpointSSM)
		default:
			needs(fmt.Sprintf("Secrets[%q] is in Secrets Manager", name), EndpointSecretsManager)
		}
	}
	return errors.Join(errs...)
}

// An image in ECR, also by the name that IPv6 hosts use, and its region.
var ecrImage = regexp.MustCompile(`^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.`)

func (p *FargateServiceProps) checkRegistry(n *network) error {
	if p.ImageUrl == nil || isStringToken(*p.ImageUrl) {
		return nil
	}
	match := ecrImage.FindStringSubmatch(*p.ImageUrl)
	if match == nil {
		return fmt.Errorf("ImageUrl is %q, which tasks in private subnets without NAT gateways cannot reach; allowed is an image in ECR", *p.ImageUrl)
	}
	if region := n.region(); region != "" && region != match[1] {
		return fmt.Errorf("ImageUrl is %q, which tasks in private subnets without NAT gateways cannot reach: an endpoint leads to its own region; allowed is an image in %s", *p.ImageUrl, region)
	}
	return nil
}

// region is that of the network's stack, "" where it is not known.
func (n *network) region() string {
	if n.Construct == nil {
		return ""
	}
	return regionOf(n)
}
