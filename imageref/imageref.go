// Package imageref reads container image references as Docker does, and keeps the
// text that the user typed.
package imageref

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// defaultTag is the tag of a reference that names neither a tag nor a digest.
const defaultTag = "latest"

// The grammar of a reference as Docker and registries hold it. pkg/name is laxer: it
// lets "a//b" and ":-tag" through, which ECS finds out only when it pulls.
var (
	pathPattern   = regexp.MustCompile(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$`)
	tagPattern    = regexp.MustCompile(`^\w[\w.-]{0,127}$`)
	domainPattern = regexp.MustCompile(`^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$`)
)

// Ref is an image reference: a repository and a tag, a digest or both. Refs are
// comparable with ==, which is true for the same text only; see [Ref.Same]. The zero
// value names no image.
type Ref struct {
	text       string
	registry   string
	repository string
	tag        string
	digest     string
}

// SyntaxError is text that is no image reference.
type SyntaxError struct {
	Text string
	Err  error // what is wrong with it
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("parsing image reference %q: %v", e.Text, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Parse reads an image reference: "nginx", "repo/app:v1", "host:5000/app@sha256:...".
// Its error is a *SyntaxError.
func Parse(text string) (Ref, error) {
	ref, err := parse(text)
	if err != nil {
		return Ref{}, &SyntaxError{Text: text, Err: err}
	}
	return ref, nil
}

func parse(text string) (Ref, error) {
	switch {
	case text == "":
		return Ref{}, errors.New("it is empty; expected REPOSITORY[:TAG][@DIGEST]")
	case strings.TrimSpace(text) != text || strings.ContainsAny(text, " \t\r\n"):
		return Ref{}, errors.New("it contains white space")
	case strings.Contains(text, "://"):
		return Ref{}, fmt.Errorf("it must not have a scheme; leave %q out", text[:strings.Index(text, "://")+3])
	}

	base, digest, hasDigest := strings.Cut(text, "@")
	path, tag, hasTag := cutTag(base)
	if hasTag && !tagPattern.MatchString(tag) {
		return Ref{}, fmt.Errorf("tag %q is not of 1 to 128 letters, digits, '_', '.' and '-', beginning with none of the last two", tag)
	}
	// The path goes first to name.NewRepository, which knows where the host ends.
	repo, err := name.NewRepository(path)
	if err != nil {
		return Ref{}, err
	}
	if !domainPattern.MatchString(repo.RegistryStr()) {
		return Ref{}, fmt.Errorf("%q is no host name of a registry", repo.RegistryStr())
	}
	if !pathPattern.MatchString(repo.RepositoryStr()) {
		return Ref{}, fmt.Errorf("%q is no repository; a repository is of lower-case letters and digits, parted by single '/', '.', '_' or '-'", repo.RepositoryStr())
	}
	if hasDigest {
		if _, err := name.NewDigest(path + "@" + digest); err != nil {
			return Ref{}, fmt.Errorf("digest %q is not \"sha256:\" and 64 lower-case hexadecimal digits: %w", digest, err)
		}
	} else if !hasTag {
		tag = defaultTag
	}
	return Ref{
		text:       text,
		registry:   repo.RegistryStr(),
		repository: repo.Name(),
		tag:        tag,
		digest:     digest,
	}, nil
}

// cutTag parts "path:tag". A colon before the last slash belongs to a host's port.
func cutTag(base string) (path, tag string, found bool) {
	i := strings.LastIndex(base, ":")
	if i < 0 || strings.Contains(base[i:], "/") {
		return base, "", false
	}
	return base[:i], base[i+1:], true
}

// String is the reference as it was typed.
func (r Ref) String() string { return r.text }

// Registry is the host that serves the image: "index.docker.io" where none was typed.
func (r Ref) Registry() string { return r.registry }

// Repository is the full name of the repository, registry included:
// "index.docker.io/library/nginx" for "nginx".
func (r Ref) Repository() string { return r.repository }

// Tag is the tag: "latest" where neither tag nor digest was typed, empty where only a
// digest was.
func (r Ref) Tag() string { return r.tag }

// Digest is the digest, "sha256:...", or empty.
func (r Ref) Digest() string { return r.digest }

// Pinned tells whether the reference has a digest, so that it always means the same
// bytes.
func (r Ref) Pinned() bool { return r.digest != "" }

// Same tells whether two references are known to name the same image, however they
// are written. A digest decides over a tag, as it does when an image is pulled. Two
// references of which only one is pinned are not known to be the same.
func (r Ref) Same(other Ref) bool {
	if r.repository != other.repository || r.Pinned() != other.Pinned() {
		return false
	}
	if r.Pinned() {
		return r.digest == other.digest
	}
	return r.tag == other.tag
}
