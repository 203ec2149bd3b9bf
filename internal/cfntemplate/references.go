package cfntemplate

// Reference is one mention of a parameter, pseudo parameter or resource in a
// value.
type Reference struct {
	// Path leads from the value that was searched to the function that refers:
	// keys of objects, and indexes of lists in decimal.
	Path []string
	// Target is the logical ID, parameter name or pseudo parameter.
	Target string
	// Attribute is set for Fn::GetAtt and for ${Target.Attribute} in Fn::Sub; ""
	// means the Ref of the target. When Fn::GetAtt computes its attribute by a
	// function, Attribute is "*".
	Attribute string
	// Function is Ref, Fn::GetAtt, Fn::Sub, or one of the functions of rules that
	// name a parameter, Fn::ValueOf.
	Function string
}

// References reports every reference in v, in a stable order: objects by sorted
// key, lists by index, the text of an Fn::Sub from left to right. Variables that
// an Fn::Sub defines itself are none.
func References(v any) []Reference { return nil }
