package intrinsic

import (
	"math/big"
	"net/netip"
	"strconv"
)

// maxSubnets is the highest count of Fn::Cidr; from its page in the
// CloudFormation reference.
const maxSubnets = 256

// cidr evaluates Fn::Cidr: [block, count, subnet bits]. The bits are those that
// are left for hosts; 8 make a /24, and are the default for IPv4, 64 for IPv6.
func (ev *evaluator) cidr(list []any) (any, error) {
	block, _, err := ev.text(list[0])
	if err != nil {
		return nil, err
	}
	countText, _, err := ev.text(list[1])
	if err != nil {
		return nil, err
	}
	bitsText := ""
	if len(list) == 3 {
		if bitsText, _, err = ev.text(list[2]); err != nil {
			return nil, err
		}
	}
	if isUnknown(block) || isUnknown(countText) || isUnknown(bitsText) {
		return KnownAfterApply, nil
	}
	prefix, err := netip.ParsePrefix(block)
	if err != nil {
		return nil, invalid("Template error: Fn::Cidr requires an IP address block, and %q is none", block)
	}
	count, err := strconv.Atoi(countText)
	if err != nil || count < 1 || count > maxSubnets {
		return nil, invalid("Template error: Fn::Cidr requires a count between 1 and %d", maxSubnets)
	}
	hostBits := 8
	if prefix.Addr().Is6() {
		hostBits = 64
	}
	if bitsText != "" {
		if hostBits, err = strconv.Atoi(bitsText); err != nil {
			return nil, invalid("Template error: Fn::Cidr requires a number of subnet bits, and %q is none", bitsText)
		}
	}
	return subnets(prefix.Masked(), count, hostBits)
}

func subnets(block netip.Prefix, count, hostBits int) ([]any, error) {
	width := block.Addr().BitLen()
	subnetLength := width - hostBits
	if hostBits < 1 || subnetLength < block.Bits() || subnetLength-block.Bits() < bitsFor(count) {
		return nil, invalid("Template error: Fn::Cidr cannot make %d blocks of %d bits from %s", count, hostBits, block)
	}
	address := new(big.Int).SetBytes(block.Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(hostBits))
	result := make([]any, 0, count)
	for range count {
		bytes := address.FillBytes(make([]byte, width/8))
		start, ok := netip.AddrFromSlice(bytes)
		if !ok {
			return nil, invalid("Template error: Fn::Cidr cannot divide %s", block)
		}
		result = append(result, netip.PrefixFrom(start, subnetLength).String())
		address.Add(address, step)
	}
	return result, nil
}

// bitsFor returns how many bits it takes to count up to n things.
func bitsFor(n int) int {
	bits := 0
	for 1<<bits < n {
		bits++
	}
	return bits
}
