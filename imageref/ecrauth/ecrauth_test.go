package ecrauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/emulator/emulatortest"
	"github.com/slipway-go/slipway/imageref/ecrauth"
)

const shop = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"

func config(endpoint string) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(endpoint), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}
}

// others is a keychain that notes what it is asked for.
type others struct {
	auth  authn.Authenticator
	asked []string
}

func (o *others) Resolve(target authn.Resource) (authn.Authenticator, error) {
	o.asked = append(o.asked, target.RegistryStr())
	return o.auth, nil
}

func resolve(t *testing.T, k *ecrauth.Keychain, repository string) (*authn.AuthConfig, error) {
	t.Helper()
	repo, err := name.NewRepository(repository)
	if err != nil {
		t.Fatal(err)
	}
	auth, err := authn.Resolve(t.Context(), k, repo)
	if err != nil {
		return nil, err
	}
	found, err := authn.Authorization(t.Context(), auth)
	if err != nil {
		t.Fatal(err)
	}
	return found, nil
}

func TestECR(t *testing.T) {
	t.Parallel()
	srv := emulatortest.Start(t, emulator.Options{})
	other := &others{auth: authn.Anonymous}
	got, err := resolve(t, ecrauth.New(config(srv.URL()), other), shop)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&authn.AuthConfig{Username: "AWS", Password: "emulator"}, got); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
	if other.asked != nil {
		t.Errorf("the other keychain was asked for %v", other.asked)
	}
}

// A registry is asked in its own region, and by FIPS endpoints where its name says so.
func TestRegistryNamesItsRegion(t *testing.T) {
	t.Parallel()
	stop := errors.New("seen")
	for host, want := range map[string]string{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com":       "api.ecr.eu-central-1.amazonaws.com",
		"123456789012.dkr-ecr.ap-south-1.on.aws":                "api.ecr.ap-south-1.amazonaws.com",
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn":      "api.ecr.cn-north-1.amazonaws.com.cn",
		"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com": "api.ecr-fips.us-gov-west-1.amazonaws.com",
		"public.ecr.aws":       "",
		"registry.example.com": "",
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.com": "",
		"evil-123456789012.dkr.ecr.eu-west-1.amazonaws.com":     "",
		"123456789012.dkr.ecr.eu-west-1.amazonaws.com:443":      "",
		"index.docker.io":                                             "",
		"123456789012.dkr.ecr.eu-west-1.evil.com":                     "",
		"1234567890123.dkr.ecr.eu-west-1.amazonaws.com":               "",
		"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu":            "api.ecr.eusc-de-east-1.amazonaws.eu",
		"123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn": "api.ecr.cn-north-1.amazonaws.com.cn",
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			asked := ""
			cfg := config("")
			cfg.BaseEndpoint = nil
			cfg.HTTPClient = doer(func(req *http.Request) (*http.Response, error) {
				asked = req.URL.Host
				return nil, stop
			})
			other := &others{auth: authn.Anonymous}
			_, err := resolve(t, ecrauth.New(cfg, other), host+"/shop")
			if asked != want || (err != nil) != (want != "") {
				t.Errorf("asked %q, error %v; want %q", asked, err, want)
			}
		})
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(req *http.Request) (*http.Response, error) { return d(req) }

// Without a token of AWS's, what docker login left is taken; without that, AWS's reason
// counts.
func TestECRDenies(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"__type":"AccessDeniedException","message":"ada may not"}`))
	}))
	t.Cleanup(srv.Close)
	login := &authn.Basic{Username: "AWS", Password: "of docker login"}
	got, err := resolve(t, ecrauth.New(config(srv.URL), &others{auth: login}), shop)
	if err != nil || got.Password != login.Password {
		t.Errorf("credentials %+v, %v; want those of docker login", got, err)
	}
	_, err = resolve(t, ecrauth.New(config(srv.URL), &others{auth: authn.Anonymous}), shop)
	var refused *ecrauth.TokenError
	const want = "asking ECR in eu-central-1 for an authorization token: ada may not (AccessDeniedException)"
	if !errors.As(err, &refused) || err.Error() != want {
		t.Errorf("error %v; want %q", err, want)
	}
}

// The keychain asks nobody after its context has ended.
func TestContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	repo, err := name.NewRepository(shop)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ecrauth.New(config("http://127.0.0.1:1"), &others{auth: authn.Anonymous}).ResolveContext(ctx, repo)
	if err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("error %v", err)
	}
}
