package cloudformation

import "context"

// Provider makes, changes and removes the resources of one type. A call returns when
// the resource has settled, or when ctx ends; the text of an error becomes the reason
// of the resource's failure. A Create that fails after something was made gives its
// physical id beside the error. Implementations are safe for concurrent use.
type Provider interface {
	Create(ctx context.Context, r Request) (Resource, error)
	Update(ctx context.Context, r Request) (Resource, error)
	Delete(ctx context.Context, r Request) error
}

// Request is what a provider is asked to do.
type Request struct {
	StackName, StackID   string
	LogicalID, Type      string
	PhysicalID           string // empty before creation
	Properties, Previous map[string]any
	Tags                 []Tag // of the stack, CloudFormation's own included
	PreviousTags         []Tag // what Tags were before an update

	// Express asks for a return once the resource is configured, ready or not.
	Express bool

	// Initiated tells the physical id as soon as it is known, before the resource has
	// settled. Only Create has it; calling it is optional.
	Initiated func(physicalID string)
}

// Resource is what Ref and Fn::GetAtt say of a resource.
type Resource struct {
	PhysicalID string
	// Ref is the value of Ref where it is not the physical id.
	Ref        string
	Attributes map[string]any
}

// Types finds the provider of a resource type and the rules for changing it.
type Types interface {
	Provider(resourceType string) Provider
	// Recreation says whether changing the property at path ("ContainerDefinitions",
	// "0", "Image") needs a new physical resource.
	Recreation(resourceType string, path []string) Recreation
	// Identity lists the properties that name a resource of the type among all others, as
	// the registry's schemas say it; none where a service makes its names up.
	Identity(resourceType string) []string
	// Reader finds what can tell the actual properties of a type's resources, nil where
	// nothing can.
	Reader(resourceType string) Reader
	// Inert tells whether resources of the type do nothing.
	Inert(resourceType string) bool
	// TakesTags tells whether resources of the type get the tags of their stack.
	TakesTags(resourceType string) bool
	// Refusal says why a resource cannot be had, as far as its properties tell as they
	// stand in the template, functions unevaluated. It is nil where there is no reason,
	// or where only making the resource will tell.
	Refusal(resourceType string, properties map[string]any) error
	// Exists tells whether there is something already that has the name which the
	// properties give a new resource.
	Exists(resourceType string, properties map[string]any) bool
}

// Recreation is AWS's RequiresRecreation.
type Recreation string

// Whether a change needs a new physical resource.
const (
	Never         Recreation = "Never"
	Conditionally Recreation = "Conditionally"
	Always        Recreation = "Always"
)
