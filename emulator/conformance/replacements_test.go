package conformance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// TestReplacements changes single properties, and looks whether that replaces the
// resource, in the change set and in what comes of it.
func TestReplacements(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	const group = "Resources:\n  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 80, Protocol: HTTP, TargetType: ip, VpcId: vpc-1, HealthCheckPath: /one}}\n"
	c.create(t, "group", group)
	c.create(t, "service", serviceStack, parameter("Image", "app:v1"))
	for _, fact := range []struct {
		name, stack, before, after, resource, property string
		replaced                                       bool
	}{
		{"CFN-303 the port of a target group", "group", "Port: 80", "Port: 81", "Group", "Port", true},
		{"CFN-304 the path of its health checks", "group", "HealthCheckPath: /one", "HealthCheckPath: /two", "Group", "HealthCheckPath", false},
		{"CFN-305 the scheduling strategy of a service", "service", "      Cluster: !Ref Cluster\n", "      Cluster: !Ref Cluster\n      SchedulingStrategy: REPLICA\n", "Service", "SchedulingStrategy", true},
		{"CFN-306 its desired count", "service", "      Cluster: !Ref Cluster\n", "      Cluster: !Ref Cluster\n      DesiredCount: 2\n", "Service", "DesiredCount", false},
	} {
		t.Run(fact.name, func(t *testing.T) {
			template := map[string]string{"group": group, "service": serviceStack}[fact.stack]
			changed := strings.Replace(template, fact.before, fact.after, 1)
			var given []cfntypes.Parameter
			if fact.stack == "service" {
				given = []cfntypes.Parameter{previous("Image")}
			}
			physical := c.physical(t, fact.stack, fact.resource)
			cs := changes(c.changeSet(t, fact.stack, "change", changed, given...))
			replacement, recreation := cfntypes.ReplacementFalse, cfntypes.RequiresRecreationNever
			if fact.replaced {
				replacement, recreation = cfntypes.ReplacementTrue, cfntypes.RequiresRecreationAlways
			}
			same(t, "replacement", cs[fact.resource].Replacement, replacement)
			same(t, "property", aws.ToString(cs[fact.resource].Details[0].Target.Name), fact.property)
			same(t, "recreation", cs[fact.resource].Details[0].Target.RequiresRecreation, recreation)
			c.execute(t, fact.stack, "change")
			c.settled(t, fact.stack, cfntypes.StackStatusUpdateComplete)
			same(t, "replaced", c.physical(t, fact.stack, fact.resource) != physical, fact.replaced)
			c.update(t, fact.stack, template, given...)
		})
	}
	t.Run("CFN-307 a property of which it depends on the values", func(t *testing.T) {
		network := func(tenancy string) string {
			return resources("Network: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, InstanceTenancy: " + tenancy + "}}")
		}
		c.create(t, "network", network("dedicated"))
		cs := changes(c.changeSet(t, "network", "change", network("default")))
		same(t, "replacement", cs["Network"].Replacement, cfntypes.ReplacementConditional)
		same(t, "recreation", cs["Network"].Details[0].Target.RequiresRecreation, cfntypes.RequiresRecreationConditionally)
	})
	named := func(name, path string) *cloudformation.UpdateStackInput {
		in := updateInput("named", resources("Role: {Type: AWS::IAM::Role, Properties: {RoleName: "+name+", Path: "+path+", AssumeRolePolicyDocument: {}}}"))
		in.Capabilities = []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam}
		return in
	}
	created := createInput("named", *named("mine", "/a/").TemplateBody)
	created.Capabilities = named("mine", "/a/").Capabilities
	must(t, c.cfn.CreateStack, created)
	c.settled(t, "named", cfntypes.StackStatusCreateComplete)
	t.Run("CFN-308 a resource with a custom name is not replaced", func(t *testing.T) {
		must(t, c.cfn.UpdateStack, named("mine", "/b/"))
		c.settled(t, "named", cfntypes.StackStatusUpdateRollbackComplete)
		tells(t, c.story(t, "named"), "Role UPDATE_FAILED: CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename mine and update the stack again.",
			"named UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to update: [Role].")
		for _, line := range c.story(t, "named") {
			if strings.HasPrefix(line, "Role DELETE") {
				t.Error(line)
			}
		}
	})
	t.Run("CFN-309 with another name it is", func(t *testing.T) {
		must(t, c.cfn.UpdateStack, named("yours", "/b/"))
		c.settled(t, "named", cfntypes.StackStatusUpdateComplete)
		same(t, "role", c.physical(t, "named", "Role"), "yours")
		tells(t, c.story(t, "named"), "named UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Role DELETE_COMPLETE", "named UPDATE_COMPLETE")
	})
}
