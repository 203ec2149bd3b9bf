package cfntemplate

// ConditionReference is one mention of a condition in a value.
type ConditionReference struct {
	// Path leads from the value that was searched to the function that refers.
	Path []string
	// Condition is the name of the condition.
	Condition string
}

// ConditionReferences reports every condition that v names: the first argument
// of each Fn::If, and {"Condition": "X"} where it stands inside Fn::And, Fn::Or,
// Fn::Not or Fn::If's condition. Order as in References.
func ConditionReferences(v any) []ConditionReference { return nil }
