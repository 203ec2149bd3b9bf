package cfntemplate

// RequiredCapabilities returns the capabilities that a caller must acknowledge
// before CloudFormation creates or updates a stack with this template, and
// CloudFormation's reason: CAPABILITY_NAMED_IAM when an IAM resource has a name
// of its own, otherwise CAPABILITY_IAM when there is an IAM resource, and
// CAPABILITY_AUTO_EXPAND for transforms. CAPABILITY_NAMED_IAM includes
// CAPABILITY_IAM.
func (t *Template) RequiredCapabilities() (capabilities []string, reason string) { return nil, "" }
