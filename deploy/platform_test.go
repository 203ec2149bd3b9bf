package deploy

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
)

func TestPlatformOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		runtime *types.RuntimePlatform
		want    string
	}{
		{nil, "linux/amd64"},
		{&types.RuntimePlatform{}, "linux/amd64"},
		{&types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureX8664, OperatingSystemFamily: types.OSFamilyLinux}, "linux/amd64"},
		{&types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64}, "linux/arm64"},
		{&types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureX8664, OperatingSystemFamily: types.OSFamilyWindowsServer2022Core}, "windows/amd64"},
	}
	for _, tt := range tests {
		if got := platformOf(&types.TaskDefinition{RuntimePlatform: tt.runtime}).String(); got != tt.want {
			t.Errorf("%+v is %s, want %s", tt.runtime, got, tt.want)
		}
	}
	if got := platformOf(nil).String(); got != "linux/amd64" {
		t.Errorf("no task definition is %s", got)
	}
}

// What to do about an image that cannot be resolved.
func TestResolveAdvice(t *testing.T) {
	t.Parallel()
	const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1"
	tests := []struct {
		image, endpoint string
		err             error
		want            string
	}{
		{"acme/shop:v1", "", &imageref.NotFoundError{Missing: "tag"}, "check the reference, or push the image first"},
		{"acme/shop:v1", "http://127.0.0.1:4566", &imageref.NotFoundError{}, "check the reference, or push the image first; for an embedded AWS, whose images need be in no registry, add --no-resolve"},
		{"acme/shop:v1", "", &imageref.DeniedError{}, "check the reference, and sign in with: docker login docker.io"},
		{ecr, "", &imageref.DeniedError{}, "let these AWS credentials read it (ecr:BatchGetImage, ecr:GetDownloadUrlForLayer)"},
		{ecr, "", &imageref.CredentialsError{}, "let these AWS credentials log in to ECR (ecr:GetAuthorizationToken), or sign in with docker login"},
		{"acme/shop:v1", "", &imageref.CredentialsError{}, "put Docker's configuration right (~/.docker/config.json), or do without the registry (--no-resolve)"},
		{"acme/shop:v1", "", &imageref.UnavailableError{}, "try again, or do without the registry (--no-resolve)"},
		{"acme/shop:v1", "", &imageref.NotImageError{}, "give a reference to a container image"},
		{"acme/shop:v1", "", &imageref.PlatformError{Want: imageref.Platform{OS: "linux", Architecture: "arm64"}}, "build the image for linux/arm64 (docker build --platform linux/arm64)"},
		{"acme/shop:v1", "", errors.New("strange"), "do without the registry (--no-resolve)"},
	}
	for _, tt := range tests {
		image, err := imageref.Parse(tt.image)
		if err != nil {
			t.Fatal(err)
		}
		r := &run{d: &Deployer{url: tt.endpoint}, image: image}
		if got := r.resolveAdvice(fmt.Errorf("asking: %w", tt.err)); got != tt.want {
			t.Errorf("%T of %s: %q, want %q", tt.err, tt.image, got, tt.want)
		}
	}
}
