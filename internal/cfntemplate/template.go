// Package cfntemplate reads CloudFormation templates into Go values and answers
// questions about them that need no AWS: what refers to what, what depends on
// what, where a parameter ends up, which capabilities are needed.
//
// A template in JSON and the same template in YAML, short forms (!Ref, !Sub)
// included, give equal values: the long form of the JSON notation. Nothing is
// evaluated here; a {"Ref": "X"} stays one.
//
// Values are map[string]any, []any, string, int64, float64 and bool. A number
// is an int64 or a float64 only if that type writes back the very digits that
// stand in the template; anything else that looks like a number (0123, 1.50,
// an account ID with leading zeros, a version number 1.10) stays the string
// that was written, because CloudFormation turns numbers into strings in most
// places and a digit lost on the way is a bug that no one sees.
package cfntemplate

// Template is a CloudFormation template, read but not evaluated. Its maps are
// never nil after Parse. A Template is not changed by any method, so it may be
// shared by goroutines that do not change it either.
type Template struct {
	// FormatVersion is AWSTemplateFormatVersion: "2010-09-09", or "" when the
	// template does not say.
	FormatVersion string
	Description   string
	// Transforms lists the macros of the Transform section in their order, for
	// example "AWS::LanguageExtensions".
	Transforms []string
	Metadata   map[string]any
	Parameters map[string]Parameter
	// Mappings holds, by mapping name and top-level key, second-level keys and
	// their values.
	Mappings map[string]any
	// Conditions holds the expression of each condition by its name.
	Conditions map[string]any
	// Rules holds each rule (RuleCondition, Assertions) by its name.
	Rules     map[string]any
	Resources map[string]Resource
	Outputs   map[string]Output
	// Hooks holds the section of that name as it stands: CloudFormation runs
	// hooks of its own (CodeDeploy's blue/green among them) from it.
	Hooks map[string]any
}

// Parameter is one member of the Parameters section.
type Parameter struct {
	// Type is String, Number, CommaDelimitedList, List<...>,
	// AWS::SSM::Parameter::... or an AWS-specific type.
	Type        string
	Description string
	// Default is nil when the parameter has no default and must be given.
	Default       *string
	NoEcho        bool
	AllowedValues []string
	// AllowedPattern is a regular expression that the whole value must match.
	AllowedPattern string
	// ConstraintDescription replaces CloudFormation's own words when a value
	// breaks a constraint.
	ConstraintDescription string
	MinLength, MaxLength  *int
	MinValue, MaxValue    *float64
}

// Resource is one member of the Resources section.
type Resource struct {
	Type string
	// Condition names the condition under which the resource exists; "" means
	// always.
	Condition string
	// DeletionPolicy is Delete, Retain, RetainExceptOnCreate or Snapshot; ""
	// means that the template does not say, which is Delete for all but a few
	// database types.
	DeletionPolicy string
	// UpdateReplacePolicy is Delete, Retain or Snapshot; "" means Delete.
	UpdateReplacePolicy string
	// DependsOn lists what the template names explicitly; see
	// Template.Dependencies for all dependencies.
	DependsOn      []string
	Properties     map[string]any
	Metadata       map[string]any
	UpdatePolicy   map[string]any
	CreationPolicy map[string]any
}

// Output is one member of the Outputs section.
type Output struct {
	Value       any
	Description string
	// Condition names the condition under which the output exists; "" means
	// always.
	Condition string
	// ExportName is the value of Export.Name, a string or a function; nil for
	// an output that is not exported.
	ExportName any
}
