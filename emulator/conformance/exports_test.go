package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// exporting is a template that exports a value under a name.
func exporting(name, value string) string {
	return resources(topic) + fmt.Sprintf("Outputs: {O: {Value: %s, Export: {Name: %s}}}\n", value, name)
}

// importing is a template that uses an exported value.
func importing(name string) string {
	return resources("Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue " + name + "}}")
}

func TestExports(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	c.create(t, "network", exporting("net", "one"))
	c.create(t, "service", importing("net"))

	t.Run("CFN-136 ListExports", func(t *testing.T) {
		export := must(t, c.cfn.ListExports, &cloudformation.ListExportsInput{}).Exports[0]
		same(t, "name", *export.Name, "net")
		same(t, "value", *export.Value, "one")
		same(t, "stack", *export.ExportingStackId, *c.stack(t, "network").StackId)
	})
	t.Run("CFN-137 ListImports", func(t *testing.T) {
		out := must(t, c.cfn.ListImports, &cloudformation.ListImportsInput{ExportName: aws.String("net")})
		same(t, "imports", strings.Join(out.Imports, " "), "service")
	})
	t.Run("CFN-138 ListImports of an export that nobody uses", func(t *testing.T) {
		says(t, refusal(t, c.cfn.ListImports, &cloudformation.ListImportsInput{ExportName: aws.String("unused")}), "ValidationError", "Export 'unused' is not imported by any stack.")
	})
	t.Run("CFN-139 DescribeStacks names the export of an output", func(t *testing.T) {
		same(t, "export name", aws.ToString(c.stack(t, "network").Outputs[0].ExportName), "net")
	})
	t.Run("CFN-140 an export in use cannot be deleted with its stack", func(t *testing.T) {
		must(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("network")})
		stack := c.settled(t, "network", cfntypes.StackStatusCreateComplete)
		same(t, "reason", aws.ToString(stack.StackStatusReason), "Delete canceled. Cannot delete export net as it is in use by service.")
	})
	t.Run("CFN-141 an export in use cannot be changed", func(t *testing.T) {
		must(t, c.cfn.UpdateStack, updateInput("network", exporting("net", "two")))
		c.settled(t, "network", cfntypes.StackStatusUpdateRollbackComplete)
		tells(t, c.story(t, "network"), "network UPDATE_ROLLBACK_IN_PROGRESS: Cannot update export net as it is in use by service.")
	})
	t.Run("CFN-142 an export in use cannot be left out", func(t *testing.T) {
		must(t, c.cfn.UpdateStack, updateInput("network", resources("Topic: {Type: AWS::SNS::Topic}")))
		c.settled(t, "network", cfntypes.StackStatusUpdateRollbackComplete)
		tells(t, c.story(t, "network"), "network UPDATE_ROLLBACK_IN_PROGRESS: Cannot delete export net as it is in use by service.")
	})
	t.Run("CFN-143 export names are unique in a region", func(t *testing.T) {
		must(t, c.cfn.CreateStack, createInput("twice", exporting("net", "x")))
		c.settled(t, "twice", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "twice"), "twice ROLLBACK_IN_PROGRESS: Export with name net is already exported by stack network.")
	})
	t.Run("CFN-144 an import that does not exist", func(t *testing.T) {
		must(t, c.cfn.CreateStack, createInput("lost", importing("nothing")))
		c.settled(t, "lost", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "lost"), "lost ROLLBACK_IN_PROGRESS: No export named nothing found.")
	})
	t.Run("CFN-145 Fn::ImportValue cannot depend on a resource", func(t *testing.T) {
		body := resources("A: {Type: AWS::SNS::Topic}", "B: {Type: AWS::SNS::Topic, Properties: {DisplayName: {'Fn::ImportValue': !GetAtt A.TopicName}}}")
		says(t, refusal(t, c.cfn.CreateStack, createInput("dependent", body)), "ValidationError", "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs")
	})
	t.Run("CFN-146 the end of the importing stack sets the export free", func(t *testing.T) {
		c.delete(t, "service")
		c.update(t, "network", exporting("net", "three"))
		c.delete(t, "network")
		same(t, "exports", len(must(t, c.cfn.ListExports, &cloudformation.ListExportsInput{}).Exports), 0)
	})
	t.Run("CFN-147 ListExports gives a hundred a page", func(t *testing.T) {
		body := resources(topic) + "Outputs:\n"
		for i := range 101 {
			body += fmt.Sprintf("  O%d: {Value: x, Export: {Name: 'many-%d'}}\n", i, i)
		}
		c.create(t, "many", body)
		first := must(t, c.cfn.ListExports, &cloudformation.ListExportsInput{})
		same(t, "first page", len(first.Exports), 100)
		second := must(t, c.cfn.ListExports, &cloudformation.ListExportsInput{NextToken: first.NextToken})
		same(t, "second page", len(second.Exports), 1)
		same(t, "next token", aws.ToString(second.NextToken), "")
	})
}
