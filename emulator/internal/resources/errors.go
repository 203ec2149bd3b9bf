package resources

import (
	"errors"
	"fmt"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// handlerError words an error of a service as CloudFormation's resource handlers do
// in a status reason.
func handlerError(err error) error {
	if err == nil {
		return nil
	}
	code, message := "GeneralServiceException", err.Error()
	if e := (*wire.Error)(nil); errors.As(err, &e) {
		message, code = e.Message, "InvalidRequest"
		if strings.Contains(e.Code, "NotFound") {
			code = "NotFound"
		}
	}
	return fmt.Errorf("Resource handler returned message: %q (HandlerErrorCode: %s)", message, code)
}

// goneIsFine turns "not found" into success: a resource that is gone is deleted.
func goneIsFine(err error) error {
	if e := (*wire.Error)(nil); errors.As(err, &e) && (strings.Contains(e.Code, "NotFound") || strings.Contains(e.Code, "NotActive")) {
		return nil
	}
	return handlerError(err)
}
