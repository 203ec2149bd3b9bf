package cfntemplate

import (
	"slices"
	"strings"
)

// RequiredCapabilities returns the capabilities that a caller must acknowledge
// before CloudFormation creates or updates a stack with this template, and
// CloudFormation's reason: CAPABILITY_NAMED_IAM when an IAM resource has a name
// of its own, otherwise CAPABILITY_IAM when there is an IAM resource, and
// CAPABILITY_AUTO_EXPAND for transforms. CAPABILITY_NAMED_IAM includes
// CAPABILITY_IAM: a caller who gives the former need not give the latter.
func (t *Template) RequiredCapabilities() (capabilities []string, reason string) {
	var needing []string
	var iam, named, expand bool
	for _, resource := range t.Resources {
		nameProperty, isIAM := iamNameProperty(resource.Type)
		if isIAM {
			iam = true
			needing = append(needing, resource.Type)
		}
		if _, hasName := resource.Properties[nameProperty]; hasName {
			named = true
		}
		// The visitor never fails, so neither does the walk.
		_ = walk(resource.Attributes(), nil, func(_ []string, name string, _ any) error {
			if name == "Fn::Transform" {
				expand = true
				needing = append(needing, resource.Type)
			}
			return nil
		})
	}
	if len(t.Transforms) > 0 {
		expand = true
		needing = append(needing, t.Transforms...)
	}
	switch {
	case named:
		capabilities = append(capabilities, "CAPABILITY_NAMED_IAM")
	case iam:
		capabilities = append(capabilities, "CAPABILITY_IAM")
	}
	if expand {
		capabilities = append(capabilities, "CAPABILITY_AUTO_EXPAND")
	}
	if len(capabilities) == 0 {
		return nil, ""
	}
	slices.Sort(needing)
	return capabilities, "The following resource(s) require capabilities: [" + strings.Join(slices.Compact(needing), ", ") + "]"
}

// iamNameProperty tells whether creating a resource of this type needs
// CAPABILITY_IAM, by the list in the API reference of CreateStack, and which
// property gives it a name of its own; "" where a name is no choice.
func iamNameProperty(resourceType string) (property string, isIAM bool) {
	switch resourceType {
	case "AWS::IAM::Group":
		return "GroupName", true
	case "AWS::IAM::InstanceProfile":
		return "InstanceProfileName", true
	case "AWS::IAM::ManagedPolicy":
		return "ManagedPolicyName", true
	case "AWS::IAM::Role":
		return "RoleName", true
	case "AWS::IAM::User":
		return "UserName", true
	case "AWS::IAM::AccessKey", "AWS::IAM::Policy", "AWS::IAM::UserToGroupAddition":
		return "", true
	}
	return "", false
}
