package stacks

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/contract"
)

// rulePriorities is what the service stacks of an app (of each stage, where an app
// has stages) would be deployed with if nobody gave the parameters StackName and
// Priority. Package constructs looks at the rules themselves, in which both are known
// to nobody before deployment; but their defaults are known here, and AWS refuses
// the second rule with a priority only when its stack is deployed.
type rulePriorities struct {
	awsconstructs.Construct
	taken []rulePriority
}

// rulePriority is a rule of the listener of a network stack.
type rulePriority struct {
	stack    awscdk.Stack
	network  string // "" when it is known at deployment only
	priority float64
}

// guardRulePriority makes synthesis fail when another service stack has the same
// priority on the same network by the defaults of the parameters. Where the network
// is known at deployment only, it warns of the same priority.
func guardRulePriority(stack awscdk.Stack, defaults map[string]string) {
	const id = "SlipwayServiceStacks"
	stage := awscdk.Stage_Of(stack)
	if stage == nil {
		return
	}
	guard, ok := stage.Node().TryFindChild(jsii.String(id)).(*rulePriorities)
	if !ok {
		guard = &rulePriorities{}
		awsconstructs.NewConstruct_Override(guard, stage, jsii.String(id))
	}
	guard.Take(stack, defaults)
}

// Take is exported because a construct of the CDK in Go has to have such a method.
func (g *rulePriorities) Take(stack awscdk.Stack, defaults map[string]string) {
	rule := rulePriority{stack: stack, network: defaults[contract.ParameterStackName], priority: defaultPriority}
	if given, err := strconv.ParseFloat(defaults[contract.ParameterPriority], 64); err == nil {
		rule.priority = given
	}
	var same, maybe awscdk.Stack
	for _, other := range g.taken {
		// Account and region, as far as they are known: a network is in one of each.
		if other.priority != rule.priority || *other.stack.Environment() != *stack.Environment() {
			continue
		}
		switch {
		case other.network == "" || rule.network == "":
			maybe = other.stack
		case other.network == rule.network:
			same = other.stack
		}
	}
	const allowed = `allowed is one from 1 to 50000 that no other rule has: set ParameterDefaults["Priority"]`
	switch {
	case same != nil:
		stack.Node().AddValidation(&refusal{fmt.Sprintf("Priority is %v, which %s has on the same network stack, %s; %s",
			rule.priority, *same.Node().Path(), rule.network, allowed)})
	case maybe != nil:
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String("slipway:rulePriority"), jsii.String(fmt.Sprintf(
			`Priority is %v, which %s has, too, and both can be given the same StackName. On one network, %s. For two networks, set ParameterDefaults["StackName"] in both`,
			rule.priority, *maybe.Node().Path(), allowed)))
	}
	g.taken = append(g.taken, rule)
}

// refusal is a validation that fails.
type refusal struct{ problem string }

// Validate is called by the CDK before it writes templates.
func (r *refusal) Validate() *[]*string { return &[]*string{&r.problem} }
