package wire

import (
	"fmt"
	"net/http"
)

// Error is an error as AWS answers it: a code that clients match, a message that
// people read.
type Error struct {
	Code    string
	Message string
	Status  int            // HTTP status; 400 where it is zero
	Members map[string]any // what else the error tells, in JSON APIs
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

// Errorf returns an Error with status 400, the caller's fault.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
