package imageref

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// explained turns what became of a request into what a caller can decide on.
func (q *question) explained(err error) error {
	var known interface {
		error
		resolverError()
	}
	var answer *transport.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &answer):
		return q.explainedAnswer(answer, err)
	}
	// Where two ways were tried, the first error is that of HTTPS, which tells more.
	var unsent *url.Error
	if errors.As(err, &unsent) {
		return &UnavailableError{Registry: q.ref.Registry(), Reason: "cannot be reached: " + innermost(unsent).Error(), Err: err}
	}
	return fmt.Errorf("resolving image %s: %w", q.ref, err)
}

// explainedAnswer explains an answer that is no success.
func (q *question) explainedAnswer(answer *transport.Error, err error) error {
	has := func(codes ...transport.ErrorCode) bool {
		for _, d := range answer.Errors {
			for _, code := range codes {
				if d.Code == code {
					return true
				}
			}
		}
		return false
	}
	unavailable := func(reason string) error {
		return &UnavailableError{Registry: q.ref.Registry(), Reason: reason, Err: err}
	}
	status := fmt.Sprintf("%d %s", answer.StatusCode, http.StatusText(answer.StatusCode))
	switch {
	case has(transport.NameUnknownErrorCode):
		return &NotFoundError{Ref: q.ref, Missing: "repository", Err: err}
	case has(transport.ManifestUnknownErrorCode), answer.StatusCode == http.StatusNotFound && asksManifest(answer.Request):
		missing := "tag"
		if q.ref.Pinned() {
			missing = "digest"
		}
		return &NotFoundError{Ref: q.ref, Missing: missing, Err: err}
	case has(transport.UnauthorizedErrorCode, transport.DeniedErrorCode),
		answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return &DeniedError{Ref: q.ref, Anonymous: q.keys.anonymous.Load(), Reason: words(answer), Err: err}
	case answer.StatusCode == http.StatusTooManyRequests, has(transport.TooManyRequestsErrorCode):
		return unavailable("asks for fewer requests: " + cmp.Or(words(answer), status))
	case answer.StatusCode >= http.StatusInternalServerError:
		return unavailable("answers " + status)
	case len(answer.Errors) == 0:
		return unavailable("does not answer as a registry does: " + status)
	}
	return unavailable("answers " + status + ": " + words(answer))
}

func asksManifest(req *http.Request) bool {
	return req != nil && strings.Contains(req.URL.Path, "/manifests/")
}

// maxWords is how much of a registry's words a message repeats.
const maxWords = 300

// words are what a registry says of an error, in one line.
func words(answer *transport.Error) string {
	var all []string
	for _, d := range answer.Errors {
		if text := strings.Join(strings.Fields(d.Message), " "); text != "" {
			all = append(all, text)
		}
	}
	text := []rune(strings.Join(all, "; "))
	if len(text) > maxWords {
		return string(text[:maxWords]) + "..."
	}
	return string(text)
}

// innermost is the last error of a chain: the cause, without the story of how it came to
// be met.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func (e *NotFoundError) resolverError()    {}
func (e *DeniedError) resolverError()      {}
func (e *CredentialsError) resolverError() {}
func (e *UnavailableError) resolverError() {}
func (e *PlatformError) resolverError()    {}
func (e *NotImageError) resolverError()    {}

// guardedTransport keeps plain HTTP, and the credentials that would go over it, within
// this machine. go-containerregistry falls back to it for all private addresses, where
// Docker does so for loopback only.
type guardedTransport struct{ next http.RoundTripper }

// insecureError is a request that was not sent.
type insecureError struct{ host string }

func (e *insecureError) Error() string {
	return fmt.Sprintf("plain HTTP is for registries on this machine, not for %s", e.host)
}

// RoundTrip implements [http.RoundTripper].
func (t guardedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if host := req.URL.Hostname(); req.URL.Scheme == "http" && !isLoopback(host) {
		return nil, &insecureError{host}
	}
	return t.next.RoundTrip(req)
}

func isLoopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
