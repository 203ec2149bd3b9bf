package constructs

import "testing"

func TestJumpHostValidate(t *testing.T) {
	check(t, (*JumpHostProps)(nil).Validate(), []string{"props is nil"})
	check(t, (&JumpHostProps{}).Validate(), []string{"Network is nil"})
	check(t, (&JumpHostProps{Network: &importedNetwork{}}).Validate(), nil)
	check(t, (&JumpHostProps{Network: &importedNetwork{}, InstanceType: ptr("t3.nano")}).Validate(),
		[]string{`InstanceType is "t3.nano"`})

	enclosed := &network{props: &NetworkProps{PrivateSubnets: ptr(true), NatGateways: NatNone}}
	check(t, (&JumpHostProps{Network: enclosed}).Validate(), []string{"without NAT gateways"})
	open := &network{props: &NetworkProps{PrivateSubnets: ptr(true), NatGateways: NatOne}}
	check(t, (&JumpHostProps{Network: open}).Validate(), nil)
}
