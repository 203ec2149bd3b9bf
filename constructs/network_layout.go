package constructs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/slipway-go/slipway/contract"
)

const (
	defaultCIDR  = "10.0.0.0/16"
	defaultZones = 2
	maxZones     = contract.MaxZones
)

// layout is how a VPC's addresses are shared out: a list per kind of subnet
// with an entry per zone, empty for a kind that the network does not have.
type layout struct {
	vpc                       netip.Prefix
	public, private, database []netip.Prefix
}

// subnetKind is one of the three, and where its blocks begin by default: in a
// /16, whose blocks have 256 addresses, or else among sixteen equal ones.
type subnetKind struct {
	prop          string
	given         *[]*string
	in16, smaller int
}

// newLayout is pure arithmetic, so that a range that cannot work is refused
// without asking the CDK, and long before a deployment would fail half way.
func newLayout(p *NetworkProps) (layout, error) {
	var l layout
	if err := checkZones(p.Zones); err != nil {
		return l, err
	}
	zones := int(*orDefault(p.Zones, defaultZones))
	vpc, err := parseRange("Cidr is", *orDefault(p.Cidr, defaultCIDR))
	if err != nil {
		return l, err
	}
	if vpc.Bits() < 16 || vpc.Bits() > 28 {
		return l, fmt.Errorf("Cidr is %q, allowed is a range from a /16 to a /28", vpc)
	}
	if first := vpc.Addr(); first.IsLoopback() || first.IsLinkLocalUnicast() || first.IsMulticast() || first.As4()[0] == 0 {
		return l, fmt.Errorf("Cidr is %q, allowed is a range that EC2 takes, not one of 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 and 224.0.0.0/4", vpc)
	}
	l.vpc = vpc

	public := subnetKind{"PublicSubnetCidrs", p.PublicSubnetCidrs, 1, 0}
	private := subnetKind{"PrivateSubnetCidrs", p.PrivateSubnetCidrs, 11, 4}
	database := subnetKind{"DatabaseSubnetCidrs", p.DatabaseSubnetCidrs, 101, 8}
	errs := make([]error, 3)
	l.public, errs[0] = public.ranges(vpc, zones)
	if *orDefault(p.PrivateSubnets, false) {
		l.private, errs[1] = private.ranges(vpc, zones)
	}
	if *orDefault(p.DatabaseSubnets, false) {
		l.database, errs[2] = database.ranges(vpc, zones)
	}
	if err := errors.Join(errs...); err != nil {
		return l, err
	}

	balancer, kind := l.public, public
	if *orDefault(p.Internal, false) && l.private != nil {
		balancer, kind = l.private, private
	}
	return l, errors.Join(
		l.checkOverlap(public, private, database),
		checkRoomForBalancer(balancer, kind),
	)
}

func checkZones(zones *float64) error {
	return checkKnownNumber("Zones", zones, 2, maxZones)
}

func (k subnetKind) ranges(vpc netip.Prefix, zones int) ([]netip.Prefix, error) {
	if k.given == nil {
		return k.defaults(vpc, zones)
	}
	if len(*k.given) != zones {
		return nil, fmt.Errorf("%s has %d ranges, allowed is one for each of the %d zones", k.prop, len(*k.given), zones)
	}
	var ranges []netip.Prefix
	var errs []error
	for i, text := range *k.given {
		if text == nil {
			errs = append(errs, fmt.Errorf("%s[%d] is nil, allowed is a range", k.prop, i))
			continue
		}
		subnet, err := parseRange(k.prop+" has", *text)
		switch {
		case err != nil:
			errs = append(errs, err)
		case subnet.Bits() < 16 || subnet.Bits() > 28:
			errs = append(errs, fmt.Errorf("%s has %q, allowed is a range from a /16 to a /28", k.prop, subnet))
		case subnet.Bits() < vpc.Bits() || !vpc.Contains(subnet.Addr()):
			errs = append(errs, fmt.Errorf("%s has %q, allowed is a range within %s, the VPC's", k.prop, subnet, vpc))
		}
		ranges = append(ranges, subnet)
	}
	return ranges, errors.Join(errs...)
}

func (k subnetKind) defaults(vpc netip.Prefix, zones int) ([]netip.Prefix, error) {
	bits, first := vpc.Bits()+4, k.smaller
	if vpc.Bits() == 16 {
		bits, first = 24, k.in16
	}
	if bits > 28 {
		return nil, fmt.Errorf("%s is nil and Cidr %q is too small to share out by default, allowed is a /24 or larger, or ranges for all subnets", k.prop, vpc)
	}
	ranges := make([]netip.Prefix, zones)
	base := binary.BigEndian.Uint32(vpc.Addr().AsSlice())
	for i := range ranges {
		var address [4]byte
		binary.BigEndian.PutUint32(address[:], base+uint32(first+i)<<(32-bits))
		ranges[i] = netip.PrefixFrom(netip.AddrFrom4(address), bits)
	}
	return ranges, nil
}

func (l layout) checkOverlap(public, private, database subnetKind) error {
	type owned struct {
		prefix netip.Prefix
		kind   subnetKind
	}
	var seen []owned
	var errs []error
	for _, group := range []struct {
		ranges []netip.Prefix
		kind   subnetKind
	}{{l.public, public}, {l.private, private}, {l.database, database}} {
		for _, prefix := range group.ranges {
			for _, other := range seen {
				if prefix.Overlaps(other.prefix) {
					errs = append(errs, fmt.Errorf("%s has %q, which overlaps %q of %s; allowed are ranges apart from each other",
						group.kind.prop, prefix, other.prefix, other.kind.prop))
				}
			}
			seen = append(seen, owned{prefix, group.kind})
		}
	}
	return errors.Join(errs...)
}

// checkRoomForBalancer: ELB takes no subnet smaller than a /27.
func checkRoomForBalancer(ranges []netip.Prefix, kind subnetKind) error {
	for _, prefix := range ranges {
		if prefix.Bits() > 27 {
			return fmt.Errorf("%s has %q, where the load balancer stands; allowed is a /27 or larger", kind.prop, prefix)
		}
	}
	return nil
}

func checkRanges(prop string, ranges *[]*string) error {
	if ranges != nil && hasListToken(*ranges) {
		return fmt.Errorf("%s is known at deployment only, allowed is a list that is known at synthesis: each range gets a rule", prop)
	}
	seen := map[string]bool{}
	return checkList(prop, ranges, func(element string, text *string) error {
		if isStringToken(*text) {
			return nil
		}
		if seen[*text] {
			return fmt.Errorf("%s is %q a second time, allowed is each range once", element, *text)
		}
		seen[*text] = true
		_, err := parseRange(prop+" has", *text)
		return err
	})
}

// parseRange takes IPv4 ranges that begin where they say: AWS takes 10.0.0.1/24
// for 10.0.0.0/24, which then shows as a difference for ever.
func parseRange(subject, text string) (netip.Prefix, error) {
	if isStringToken(text) || isListToken(text) {
		return netip.Prefix{}, fmt.Errorf("%s a value that is known at deployment only, allowed is a range that is known at synthesis", subject)
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil || !prefix.Addr().Is4() {
		return netip.Prefix{}, fmt.Errorf("%s %q, allowed is an IPv4 range such as %q", subject, text, defaultCIDR)
	}
	if prefix != prefix.Masked() {
		return netip.Prefix{}, fmt.Errorf("%s %q, allowed is the range by its first address, %q", subject, text, prefix.Masked())
	}
	return prefix, nil
}
