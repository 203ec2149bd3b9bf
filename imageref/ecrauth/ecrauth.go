// Package ecrauth logs in to Amazon ECR with the AWS credentials that are at hand anyway,
// for package imageref, which knows nothing of AWS.
//
// AWS's own credential helper (amazon-ecr-credential-helper) is not used: it finds
// credentials, region and endpoint by itself, so that neither the caller's role nor an
// endpoint of the caller's counts; it takes no context; it keeps tokens in files; and all
// that can go wrong it turns into "credentials not found". Where it is set up for Docker,
// [Keychain] asks it as Docker does.
package ecrauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/smithy-go"
	"github.com/google/go-containerregistry/pkg/authn"
)

// Keychain has the credentials for the private registries of ECR by an AWS configuration,
// and those for all other registries by another keychain. For ECR it asks the other one,
// too, when AWS gives no token.
type Keychain struct {
	cfg   aws.Config
	other authn.Keychain
}

// New returns a keychain for the credentials and the endpoint of cfg. Its region does not
// count: a registry names its own. other is for all registries but ECR's; nil is
// [authn.DefaultKeychain], which has what docker login left.
func New(cfg aws.Config, other authn.Keychain) *Keychain {
	if other == nil {
		other = authn.DefaultKeychain
	}
	return &Keychain{cfg: cfg, other: other}
}

// Resolve implements [authn.Keychain].
func (k *Keychain) Resolve(target authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), target)
}

// ResolveContext implements [authn.ContextKeychain].
func (k *Keychain) ResolveContext(ctx context.Context, target authn.Resource) (authn.Authenticator, error) {
	at, ok := parseHost(target.RegistryStr())
	if !ok {
		return authn.Resolve(ctx, k.other, target)
	}
	auth, err := k.token(ctx, at)
	if err == nil {
		return auth, nil
	}
	if other, otherErr := authn.Resolve(ctx, k.other, target); otherErr == nil && other != authn.Anonymous {
		return other, nil
	}
	return nil, err
}

// token asks ECR for credentials. They are good for every registry that the caller may
// read, those of other accounts included.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
func (k *Keychain) token(ctx context.Context, at host) (authn.Authenticator, error) {
	client := ecr.NewFromConfig(k.cfg, func(o *ecr.Options) {
		o.Region = at.region
		if at.fips {
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
		}
	})
	out, err := client.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return nil, &TokenError{Region: at.region, Err: err}
	}
	if len(out.AuthorizationData) == 0 {
		return nil, &TokenError{Region: at.region, Err: errors.New("the answer has none")}
	}
	data, err := base64.StdEncoding.DecodeString(aws.ToString(out.AuthorizationData[0].AuthorizationToken))
	user, password, ok := strings.Cut(string(data), ":")
	if err != nil || !ok {
		return nil, &TokenError{Region: at.region, Err: errors.New("it cannot be read")}
	}
	return authn.FromConfig(authn.AuthConfig{Username: user, Password: password}), nil
}

// TokenError is a token for ECR that could not be had.
type TokenError struct {
	Region string
	Err    error
}

func (e *TokenError) Error() string {
	text := innermost(e.Err).Error()
	var answer smithy.APIError
	if errors.As(e.Err, &answer) {
		text = fmt.Sprintf("%s (%s)", answer.ErrorMessage(), answer.ErrorCode())
	}
	return fmt.Sprintf("asking ECR in %s for an authorization token: %s", e.Region, text)
}

func (e *TokenError) Unwrap() error { return e.Err }

// innermost is the last error of a chain, without the SDK's story of how it came to call.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// host is what the host name of an ECR registry tells.
type host struct {
	region string
	fips   bool
}

// hostPattern is the form of these host names in all partitions of AWS, with the dual-stack
// ones, as AWS's credential helper knows them:
// https://github.com/awslabs/amazon-ecr-credential-helper/blob/v0.12.0/ecr-login/api/client.go
var hostPattern = regexp.MustCompile(`^\d{12}\.dkr[.-]ecr(-fips)?\.([a-zA-Z0-9][a-zA-Z0-9_-]*)\.` +
	`(?:amazonaws\.(?:com|com\.cn|eu)|on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$`)

func parseHost(registry string) (host, bool) {
	parts := hostPattern.FindStringSubmatch(registry)
	if parts == nil {
		return host{}, false
	}
	return host{region: parts[2], fips: parts[1] != ""}, true
}
