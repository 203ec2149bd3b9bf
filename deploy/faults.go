package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// isDenied tells whether an error code means a missing permission. The services
// differ in the names that they give to one and the same fault.
func isDenied(code string) bool {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "OptInRequired":
		return true
	}
	return false
}

// isBadCredentials tells whether an error code means credentials that are expired,
// unknown or wrong.
func isBadCredentials(code string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired",
		"InvalidClientTokenId", "UnrecognizedClientException",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure":
		return true
	}
	return false
}

// apiError is the code and message of an error that AWS answered with; empty for any
// other error.
func apiError(err error) (code, message string) {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode(), api.ErrorMessage()
	}
	return "", ""
}

// beforeChange turns an error of a call made before anything was changed into what
// the caller can decide on: bad input where a person has to put something right, an
// interruption where ctx ended, and the error itself where neither is the case.
func (d *Deployer) beforeChange(ctx context.Context, stack, doing string, err error) error {
	if err == nil {
		return nil
	}
	var late *noAnswerError
	if ctx.Err() != nil && !errors.As(context.Cause(ctx), &late) {
		return &InterruptedError{Stack: stack, Err: context.Cause(ctx)}
	}
	wrapped := fmt.Errorf("%s: %w", doing, err)
	code, message := apiError(err)
	where := "region " + d.region
	if d.region == "" {
		where = "no region"
	}
	var missingRegion *aws.MissingRegionError
	var network net.Error
	var unsent *smithyhttp.RequestSendError
	text := err.Error()
	switch {
	case isDenied(code):
		return &InputError{
			Problem: fmt.Sprintf("%s: AWS denies it: %s", doing, message),
			Advice:  "use credentials that have this permission, or have it granted (" + policyHint(stack) + ")",
			Err:     err,
		}
	case isBadCredentials(code):
		return &InputError{
			Problem: fmt.Sprintf("%s: AWS does not accept the credentials: %s", doing, message),
			Advice:  "sign in again, or renew the credentials (aws sts get-caller-identity tells whose they are)",
			Err:     err,
		}
	case code == "InsufficientCapabilitiesException":
		return &InputError{Problem: doing + ": " + message, Advice: "acknowledge these capabilities", Err: err}
	case code == "ValidationError":
		return &InputError{Problem: fmt.Sprintf("%s: %s", doing, message), Err: err}
	case errors.As(err, &missingRegion), strings.Contains(text, "Missing Region"):
		return &InputError{
			Problem: doing + ": no AWS region is set",
			Advice:  "set AWS_REGION, or a region in the profile",
			Err:     err,
		}
	case strings.Contains(text, "get identity"), strings.Contains(text, "get credentials"),
		strings.Contains(text, "refresh cached credentials"):
		return &InputError{
			Problem: doing + ": no AWS credentials found",
			Advice:  "sign in (aws sso login, aws configure) or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
			Err:     err,
		}
	case strings.Contains(text, "resolve service endpoint"), strings.Contains(text, "bind endpoint params"):
		return d.badEndpoint(doing, err)
	case late != nil, errors.As(err, &late), errors.As(err, &network), errors.As(err, &unsent):
		return &InputError{
			Problem: fmt.Sprintf("%s: AWS (%s) cannot be reached: %v", doing, where, unreached(err, late)),
			Advice:  "check the network, the region and, where it is set, AWS_ENDPOINT_URL",
			Err:     err,
		}
	}
	var answer *smithyhttp.ResponseError
	var strange *smithy.DeserializationError
	unworded := code == "UnknownError" // the SDK's, for an answer in which it finds none of AWS
	switch answered := errors.As(err, &answer); {
	case answered && answer.HTTPStatusCode() >= http.StatusInternalServerError:
		text := fmt.Sprintf("%s: %s answers %d %s", doing, d.where(), answer.HTTPStatusCode(), http.StatusText(answer.HTTPStatusCode()))
		if message != "" && !unworded {
			text += ": " + message
		}
		return &wordedError{text: text + "; try again later", err: err}
	case errors.As(err, &strange), unworded:
		return &InputError{
			Problem: fmt.Sprintf("%s: %s does not answer as AWS does", doing, d.where()),
			Advice:  "check AWS_ENDPOINT_URL, and proxies in between",
			Err:     err,
		}
	case code != "" && message != "":
		return &wordedError{text: fmt.Sprintf("%s: %s (%s)", doing, message, code), err: err}
	}
	return wrapped
}

// where names what was asked.
func (d *Deployer) where() string {
	if d.url != "" {
		return d.url
	}
	return "AWS (region " + d.region + ")"
}

// badEndpoint is an address of AWS that no call can be sent to.
func (d *Deployer) badEndpoint(doing string, err error) error {
	if d.url == "" {
		return &InputError{
			Problem: fmt.Sprintf("%s: there is no address of AWS for region %q", doing, d.region),
			Advice:  "check AWS_REGION; a region is written like eu-west-1",
			Err:     err,
		}
	}
	if u, parseErr := url.Parse(d.url); parseErr != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return &InputError{
			Problem: fmt.Sprintf("%s: the address of AWS, %q, is no URL", doing, d.url),
			Advice:  "write AWS_ENDPOINT_URL with its scheme: http://127.0.0.1:4566",
			Err:     err,
		}
	}
	return &InputError{
		Problem: fmt.Sprintf("%s: no call can be sent to %s in region %q", doing, d.url, d.region),
		Advice:  "check AWS_ENDPOINT_URL and AWS_REGION",
		Err:     err,
	}
}

// unreached is why there was no answer, in the fewest words.
func unreached(err error, late *noAnswerError) error {
	if late != nil {
		return late
	}
	var network net.Error
	if errors.As(err, &network) && network.Timeout() {
		return &noAnswerError{attemptTimeout}
	}
	return innermost(err)
}

// wordedError says in one sentence what an error of the SDK says in many.
type wordedError struct {
	text string
	err  error
}

func (e *wordedError) Error() string { return e.text }
func (e *wordedError) Unwrap() error { return e.err }

// innermost is the last error of a chain: the operating system's words, without the
// SDK's story of how it came to call.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// passing tells whether a call failed in a way that goes away by itself, so that it
// is worth to look again.
func passing(err error) bool {
	if isThrottle(err) {
		return true
	}
	var network net.Error
	var unsent *smithyhttp.RequestSendError
	if errors.As(err, &network) || errors.As(err, &unsent) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var response *smithyhttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() >= 500
}

// isThrottle tells whether AWS asked for fewer calls.
func isThrottle(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}
