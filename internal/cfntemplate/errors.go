package cfntemplate

import "fmt"

// ValidationError says why CloudFormation would refuse a template or the values
// of its parameters. Message is worded as CloudFormation words it and belongs
// into an answer with the error code ValidationError as it stands.
type ValidationError struct {
	Message string
}

func (e *ValidationError) Error() string { return e.Message }

func invalid(format string, args ...any) *ValidationError {
	return &ValidationError{Message: fmt.Sprintf(format, args...)}
}
