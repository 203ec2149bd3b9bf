package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestPassing(t *testing.T) {
	t.Parallel()
	answered := func(status int) error {
		return fmt.Errorf("calling: %w", &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: errors.New("no luck"),
		})
	}
	tests := map[string]struct {
		err                error
		passing, throttled bool
	}{
		"throttled":           {&smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}, true, true},
		"throttled by ECS":    {&smithy.GenericAPIError{Code: "ThrottlingException"}, true, true},
		"a broken service":    {answered(503), true, false},
		"a broken connection": {&net.OpError{Op: "read", Err: errors.New("connection reset")}, true, false},
		"a call too slow":     {fmt.Errorf("calling: %w", context.DeadlineExceeded), true, false},
		"not sent":            {&smithyhttp.RequestSendError{Err: errors.New("EOF")}, true, false},
		"bad request":         {answered(400), false, false},
		"denied":              {&smithy.GenericAPIError{Code: "AccessDenied"}, false, false},
		"expired":             {&smithy.GenericAPIError{Code: "ExpiredToken"}, false, false},
		"cancelled":           {context.Canceled, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := passing(tt.err); got != tt.passing {
				t.Errorf("passing = %v", got)
			}
			if got := isThrottle(tt.err); got != tt.throttled {
				t.Errorf("isThrottle = %v", got)
			}
		})
	}
}

// An error that nobody can put right stays what it is.
func TestBeforeChangeKeepsTheUnexpected(t *testing.T) {
	t.Parallel()
	d := &Deployer{region: "eu-west-1"}
	cause := errors.New("the sky fell")
	err := d.beforeChange(t.Context(), "web", "reading stack web", cause)
	var input *InputError
	if errors.As(err, &input) || !errors.Is(err, cause) || err.Error() != "reading stack web: the sky fell" {
		t.Errorf("error %v (%T)", err, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var interrupted *InterruptedError
	if err := d.beforeChange(ctx, "web", "reading stack web", cause); !errors.As(err, &interrupted) || interrupted.Left {
		t.Errorf("error %v after the context has ended; want an *InterruptedError", err)
	}
}
