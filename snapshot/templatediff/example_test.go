package templatediff_test

import (
	"fmt"
	"strings"

	"github.com/slipway-go/slipway/snapshot/templatediff"
	"github.com/slipway-go/slipway/templates"
)

// Two changes of the service that Slipway deploys: one that CloudFormation makes
// in place, and one by which the target group goes, with every task in it.
func ExampleCompare() {
	before := templates.Service()
	after := strings.NewReplacer(
		`"UnhealthyThresholdCount": 3`, `"UnhealthyThresholdCount": 5`,
		`"TargetType": "ip"`, `"TargetType": "instance"`,
	).Replace(before)

	diff, err := templatediff.Compare(before, after)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(diff)
	fmt.Println("would be lost:")
	for _, change := range diff.Refused(nil) {
		fmt.Println(change.Name)
	}
	// Output:
	// On deploy, replaced: TargetGroup
	// Resources.LoadBalancerRule (AWS::ElasticLoadBalancingV2::ListenerRule): updated in place
	//     Properties.Actions (TargetGroup is replaced)
	// Resources.Service (AWS::ECS::Service): updated in place
	//     Properties.LoadBalancers (TargetGroup is replaced)
	// Resources.TargetGroup (AWS::ElasticLoadBalancingV2::TargetGroup): replaced
	//     Properties.TargetType (set on creation only)
	//         - "ip"
	//         + "instance"
	//     Properties.UnhealthyThresholdCount
	//         - 3
	//         + 5
	//
	// would be lost:
	// TargetGroup
}
