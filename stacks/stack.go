package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// stackProps fills in what makes a template deployable anywhere: no bootstrap,
// no assets, no metadata resource.
func stackProps(props awscdk.StackProps, description string) *awscdk.StackProps {
	if props.Synthesizer == nil {
		// Not the bootstrapless one: it still tells the cdk command to deploy
		// with the roles that a bootstrap would have made.
		props.Synthesizer = awscdk.NewLegacyStackSynthesizer()
	}
	if props.Description == nil {
		props.Description = jsii.String(description)
	}
	if props.AnalyticsReporting == nil {
		props.AnalyticsReporting = jsii.Bool(false)
	}
	return &props
}

func output(stack awscdk.Stack, name, description string, value *string) {
	declareOutput(stack, name, &awscdk.CfnOutputProps{
		Description: jsii.String(description),
		Value:       value,
	})
}

// declareOutput adds an output to the stack. Its construct ID has a suffix because
// a parameter may bear the same name (ServiceName does); CloudFormation keeps
// the two apart, the construct tree does not.
func declareOutput(stack awscdk.Stack, name string, props *awscdk.CfnOutputProps) {
	awscdk.NewCfnOutput(stack, jsii.String(name+"Output"), props).OverrideLogicalId(jsii.String(name))
}

// pinLogicalIDs names each resource after the child of the construct that it
// is, or that it belongs to: a TargetGroup in a service is "TargetGroup" in the
// template, without the path and the hash that the CDK adds. Stacks that run,
// also those made from hand-written templates, are updated in place because
// these names are theirs. Used twice in one stack it would give names twice.
func pinLogicalIDs(construct awsconstructs.Construct) {
	for _, child := range *construct.Node().Children() {
		node := child.Node()
		resource, ok := child.(awscdk.CfnResource)
		if !ok {
			// An L2 construct; imported ones have no resource.
			resource, ok = node.DefaultChild().(awscdk.CfnResource)
		}
		if ok {
			resource.OverrideLogicalId(node.Id())
		}
	}
}
