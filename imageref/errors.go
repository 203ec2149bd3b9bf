package imageref

import (
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// NotFoundError is a reference to what its registry does not have.
type NotFoundError struct {
	Ref     Ref
	Missing string // what is not there: "repository", "tag" or "digest"
	Err     error
}

func (e *NotFoundError) Error() string {
	switch e.Missing {
	case "repository":
		return fmt.Sprintf("%s has no repository %s", Host(e.Ref.Registry()), e.Ref.Name())
	case "digest":
		return fmt.Sprintf("repository %s has no image %s", e.Ref.Name(), e.Ref.Digest())
	}
	return fmt.Sprintf("repository %s has no tag %s", e.Ref.Name(), e.Ref.Tag())
}

func (e *NotFoundError) Unwrap() error { return e.Err }

// DeniedError is a registry that does not let the image be read. Some, Docker Hub among
// them, say so of a repository that does not exist, too.
type DeniedError struct {
	Ref       Ref
	Anonymous bool   // whether there were no credentials for the registry
	Reason    string // the registry's words; may be empty
	Err       error
}

func (e *DeniedError) Error() string {
	text := fmt.Sprintf("%s does not let %s be read", Host(e.Ref.Registry()), e.Ref.Name())
	if e.Anonymous {
		text += " without credentials"
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

func (e *DeniedError) Unwrap() error { return e.Err }

// CredentialsError is a keychain that could not tell the credentials for a registry.
type CredentialsError struct {
	Registry string
	Err      error
}

func (e *CredentialsError) Error() string {
	return fmt.Sprintf("getting credentials for %s: %v", Host(e.Registry), e.Err)
}

func (e *CredentialsError) Unwrap() error { return e.Err }

// UnavailableError is a registry that could not be asked: it is not reached, is out of
// order, asks for fewer calls, or is none.
type UnavailableError struct {
	Registry string
	Reason   string // in words that follow the registry's name: "cannot be reached: connection refused"
	Err      error
}

func (e *UnavailableError) Error() string { return Host(e.Registry) + " " + e.Reason }
func (e *UnavailableError) Unwrap() error { return e.Err }

// PlatformError is an image that cannot run where it is to run.
type PlatformError struct {
	Ref  Ref
	Want Platform
	Have []Platform // what the image is for; empty for an index without any image
}

func (e *PlatformError) Error() string {
	if len(e.Have) == 0 {
		return fmt.Sprintf("%s is an index without any image; needed is one for %s", e.Ref, e.Want)
	}
	return fmt.Sprintf("%s is for %s; needed is %s", e.Ref, listed(e.Have), e.Want)
}

// NotImageError is a reference to something in a registry that is no container image.
type NotImageError struct {
	Ref       Ref
	MediaType string // what it is
}

func (e *NotImageError) Error() string {
	return fmt.Sprintf("%s is no container image but %s", e.Ref, quote(e.MediaType))
}

// Host is a registry's host as people write it: Docker Hub is docker.io.
func Host(registry string) string {
	return strings.Replace(registry, name.DefaultRegistry, "docker.io", 1)
}
