// Package wire is how AWS clients speak: it tells the services on one port apart,
// decodes requests into Go structs, and encodes results and errors as AWS does, in
// the protocols that the emulator's services use: Query with XML, JSON 1.1, and S3's REST.
package wire

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// AccountID is the account that every caller belongs to. It is the one that AWS
// uses in its documentation.
const AccountID = "123456789012"

// DefaultRegion is the region of a request that names none.
const DefaultRegion = "us-east-1"

// Call is who asks what: the facts of a request outside its body.
type Call struct {
	Service     string // signing name: cloudformation, ecr, ecs, elasticloadbalancing, logs, s3, ...
	Region      string
	Operation   string
	AccessKeyID string
	RequestID   string
}

type callKey struct{}

// WithCall returns a context that carries c.
func WithCall(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallFrom is the call that ctx belongs to; the zero Call outside of a request.
func CallFrom(ctx context.Context) Call {
	c, _ := ctx.Value(callKey{}).(Call)
	return c
}

// Identify reads a request's signature scope, target header and form, without
// verifying the signature: any credentials are good enough for the emulator. The
// form is nil for a JSON or REST request.
func Identify(r *http.Request) (Call, url.Values, error) {
	c := Call{Region: DefaultRegion}
	c.AccessKeyID, c.Region, c.Service = scope(r, c.Region)
	if c.Service == "s3" { // the body is an object, not a form
		c.Operation = restOperation(r)
		return c, nil, nil
	}

	if target := r.Header.Get("X-Amz-Target"); target != "" {
		prefix, op, _ := strings.Cut(target, ".")
		c.Operation = op
		if c.Service == "" {
			c.Service = serviceOfTarget(prefix)
		}
		return c, nil, nil
	}
	if err := r.ParseForm(); err != nil {
		return c, nil, Errorf("MalformedQueryString", "The query string is malformed: %v", err)
	}
	c.Operation = r.Form.Get("Action")
	if c.Service == "" {
		c.Service = serviceOfVersion(r.Form.Get("Version"))
	}
	return c, r.Form, nil
}

// scope takes access key, region and service out of the credential scope of a
// Signature Version 4 header or presigned query ("AKID/20260101/us-east-1/ecs/aws4_request").
func scope(r *http.Request, fallback string) (key, region, service string) {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if _, after, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		credential, _, _ = strings.Cut(after, ",")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) != 5 {
		return "", fallback, ""
	}
	return parts[0], parts[2], parts[3]
}

// An unsigned request is told by what only one service sends: the prefix of its
// target, or the version of its API.
func serviceOfTarget(prefix string) string {
	switch {
	case strings.HasPrefix(prefix, "AmazonEC2ContainerService"):
		return "ecs"
	case strings.HasPrefix(prefix, "AmazonEC2ContainerRegistry"):
		return "ecr"
	case prefix == "AmazonSSM":
		return "ssm"
	case strings.HasPrefix(prefix, "Logs_"):
		return "logs"
	}
	return ""
}

func serviceOfVersion(version string) string {
	switch version {
	case "2010-05-15":
		return "cloudformation"
	case "2015-12-01":
		return "elasticloadbalancing"
	case "2011-06-15":
		return "sts"
	}
	return ""
}
