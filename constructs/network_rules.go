package constructs

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// guardRulePriorities makes synthesis fail when two listener rules of the app
// have one priority on one listener. AWS would refuse the second of them, but
// only at its deployment, maybe the first of a service that was long in review.
//
// There is one guard for all networks of the app (of each stage, where an app
// has stages). It looks at the rules themselves, so that nobody has to report
// theirs: those which an app adds to the listener by hand are seen too.
// Priorities that are parameters are known to nobody before deployment. A listener
// that is imported by name counts as another one than itself in the same app, as no
// name of a stack is certain before deployment.
func guardRulePriorities(scope awsconstructs.Construct) {
	const id = "SlipwayRulePriorities"
	stage := awscdk.Stage_Of(scope)
	if stage == nil || stage.Node().TryFindChild(jsii.String(id)) != nil {
		return
	}
	guard := awsconstructs.NewConstruct(stage, jsii.String(id))
	guard.Node().AddValidation(&rulePriorities{stage})
}

// guardNetwork sets the guard where the network has not: it may be of another kind.
func guardNetwork(scope awsconstructs.Construct, in INetwork) {
	switch in.(type) {
	case *network, *importedNetwork:
	default:
		guardRulePriorities(scope)
	}
}

type rulePriorities struct{ stage awscdk.Stage }

// Validate is called by the CDK before it writes templates.
func (v *rulePriorities) Validate() *[]*string {
	type slot struct {
		listener string
		priority float64
	}
	holders := map[slot]string{}
	problems := []*string{}
	for _, construct := range *v.stage.Node().FindAll(awsconstructs.ConstructOrder_PREORDER) {
		rule, ok := construct.(elb.CfnListenerRule)
		if !ok || isNumberToken(*rule.Priority()) {
			continue
		}
		path := strings.TrimSuffix(*rule.Node().Path(), "/Resource")
		at := slot{listenerOf(rule), *rule.Priority()}
		holder, taken := holders[at]
		if !taken {
			holders[at] = path
			continue
		}
		problems = append(problems, jsii.String(fmt.Sprintf(
			"%s: Priority is %v, which %s has on the same listener; allowed is one from 1 to 50000 that no other rule has",
			path, at.priority, holder)))
	}
	return &problems
}

// listenerOf tells listeners apart: one that is defined in the app by its path,
// whichever stack refers to it, an imported one by what is imported where.
func listenerOf(rule elb.CfnListenerRule) string {
	stack, arn := awscdk.Stack_Of(rule), rule.ListenerArn()
	if isStringToken(*arn) {
		first := awscdk.Tokenization_ReverseString(arn).FirstToken()
		if reference, ok := first.(awscdk.Reference); ok {
			return *reference.Target().Node().Path()
		}
	}
	resolved, err := json.Marshal(stack.Resolve(arn))
	if err != nil {
		panic(fmt.Errorf("%s: reading the listener's ARN: %w", *rule.Node().Path(), err))
	}
	return *stack.Environment() + string(resolved)
}
