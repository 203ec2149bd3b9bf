package cfntemplate

// Use is one place of a template whose meaning hangs on a parameter.
type Use struct {
	// Section is Resources, Conditions, Outputs or Rules.
	Section string
	// ID is the name of the section's member: a logical ID, a condition, ...
	ID string
	// ResourceType is set in section Resources.
	ResourceType string
	// Path leads from the member to the function that refers, for example
	// Properties, ContainerDefinitions, 0, Image, Fn::Sub.
	Path []string
	// Condition is "" when the place refers to the parameter itself; otherwise
	// the place names this condition, which hangs on the parameter directly or
	// through other conditions.
	Condition string
}

// Property returns Path without the functions in it: the place of the value that
// they compute. Path
//
//	Properties, ContainerDefinitions, Fn::If, 1, 0, Image, Fn::Join, 1, 2
//
// gives Properties, ContainerDefinitions, 0, Image. An Fn::If chooses between
// values of the same place; every other function ends the path.
func (u Use) Property() []string { return nil }

// ParameterUses reports every place that hangs on the named parameter: in
// resources (properties and all other attributes), outputs, rules and
// conditions, and wherever a condition that hangs on it decides something. The
// order is that of the section (Conditions, Rules, Resources, Outputs), then by
// name, then as in References.
func (t *Template) ParameterUses(name string) []Use { return nil }
