package ecs

// Shapes are the members of ECS requests and answers. Go names are the names of the
// API in PascalCase, which are also the property names of CloudFormation. What the
// emulator does not act on is kept and shown again.

// Tag is a key and a value on a resource.
type Tag struct {
	Key   string `json:"key,omitempty"`
	Value string `json:"value,omitempty"`
}

// Failure says why one of the asked-for resources is not in the answer.
type Failure struct {
	Arn    string `json:"arn,omitempty"`
	Detail string `json:"detail,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// KeyValuePair is a named value, such as an environment variable.
type KeyValuePair struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// NetworkConfiguration is where the network interfaces of tasks are.
type NetworkConfiguration struct {
	AwsvpcConfiguration *AwsVpcConfiguration `json:"awsvpcConfiguration,omitempty"`
}

// AwsVpcConfiguration names subnets and security groups. The emulator has one flat
// network and keeps them for the answer only.
type AwsVpcConfiguration struct {
	Subnets        []string `json:"subnets,omitempty"`
	AssignPublicIp string   `json:"assignPublicIp,omitempty"`
	SecurityGroups []string `json:"securityGroups,omitempty"`
}

// CapacityProviderStrategyItem is a share of a service's tasks: FARGATE or FARGATE_SPOT
// here.
type CapacityProviderStrategyItem struct {
	CapacityProvider string `json:"capacityProvider,omitempty"`
	Base             int    `json:"base"`
	Weight           int    `json:"weight"`
}

// TagResourceInput is the request of TagResource.
type TagResourceInput struct {
	ResourceArn string `json:"resourceArn,omitempty"`
	Tags        []Tag  `json:"tags,omitempty"`
}

// TagResourceOutput is the answer of TagResource.
type TagResourceOutput struct{}

// UntagResourceInput is the request of UntagResource.
type UntagResourceInput struct {
	ResourceArn string   `json:"resourceArn,omitempty"`
	TagKeys     []string `json:"tagKeys,omitempty"`
}

// UntagResourceOutput is the answer of UntagResource.
type UntagResourceOutput struct{}

// ListTagsForResourceInput is the request of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceArn string `json:"resourceArn,omitempty"`
}

// ListTagsForResourceOutput is the answer of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags []Tag `json:"tags,omitempty"`
}

// ListAccountSettingsInput is the request of ListAccountSettings.
type ListAccountSettingsInput struct {
	EffectiveSettings bool   `json:"effectiveSettings,omitempty"`
	MaxResults        *int   `json:"maxResults,omitempty"`
	Name              string `json:"name,omitempty"`
	NextToken         string `json:"nextToken,omitempty"`
	PrincipalArn      string `json:"principalArn,omitempty"`
	Value             string `json:"value,omitempty"`
}

// ListAccountSettingsOutput is the answer of ListAccountSettings.
type ListAccountSettingsOutput struct {
	NextToken string    `json:"nextToken,omitempty"`
	Settings  []Setting `json:"settings"`
}

// Setting is kept and shown again: see the Amazon ECS API reference.
type Setting struct {
	Name         string `json:"name,omitempty"`
	PrincipalArn string `json:"principalArn,omitempty"`
	Type         string `json:"type,omitempty"`
	Value        string `json:"value,omitempty"`
}
