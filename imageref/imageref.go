// Package imageref reads container image references as Docker does, keeps the text that
// the user typed, and asks registries which image a reference names at the moment.
package imageref

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// defaultTag is the tag of a reference that names neither a tag nor a digest.
const defaultTag = "latest"

// The grammar of a reference as Docker and registries hold it. pkg/name is laxer: it
// lets "a//b" and ":-tag" through, which ECS finds out only when it pulls.
var (
	pathPattern   = regexp.MustCompile(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$`)
	digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`) // the only one that ECS takes
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
	return fmt.Sprintf("parsing image reference %s: %v", quote(e.Text), e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// maxHost is how long a registry's host can be: a domain name (RFC 1035) and a port.
const maxHost = 253 + len(":65535")

// maxRepository is how long a repository's name can be, without its registry.
const maxRepository = 255

// maxQuoted is how many characters of bad input a message repeats.
const maxQuoted = 60

// quote shows a piece of bad input, of which the beginning is enough to find it.
func quote(text string) string {
	short := []rune(text[:min(len(text), 4*maxQuoted)])
	if len(short) <= maxQuoted {
		return strconv.Quote(text)
	}
	return fmt.Sprintf("%q... (%d bytes)", string(short[:maxQuoted]), len(text))
}

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
		return Ref{}, fmt.Errorf("it must not have a scheme; leave %s out", quote(text[:strings.Index(text, "://")+3]))
	}

	base, digest, hasDigest := strings.Cut(text, "@")
	path, tag, hasTag := cutTag(base)
	if hasTag && !tagPattern.MatchString(tag) {
		return Ref{}, fmt.Errorf("its tag %s is not of 1 to 128 letters, digits, '_', '.' and '-', beginning with a letter, a digit or '_'", quote(tag))
	}
	if _, _, twice := cutTag(path); hasTag && twice {
		return Ref{}, errors.New("it has more than one tag; expected REPOSITORY[:TAG][@DIGEST]")
	}
	// The path goes first to name.NewRepository, which knows where the host ends.
	repo, err := name.NewRepository(path)
	if err != nil {
		return Ref{}, badRepository(path)
	}
	if !domainPattern.MatchString(repo.RegistryStr()) || len(repo.RegistryStr()) > maxHost {
		return Ref{}, badRegistry(repo.RegistryStr())
	}
	// The length of Docker Hub's own images counts with the "library/" before them.
	if !pathPattern.MatchString(repo.RepositoryStr()) || len(repo.RepositoryStr()) > maxRepository {
		return Ref{}, badRepository(repo.RepositoryStr())
	}
	if hasDigest {
		if !digestPattern.MatchString(digest) {
			return Ref{}, fmt.Errorf("its digest %s is not \"sha256:\" and 64 lower-case hexadecimal digits", quote(digest))
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

// badRepository says what keeps a path from being a repository, with or without the host
// of a registry before it.
func badRepository(path string) error {
	host, rest, hasHost := strings.Cut(path, "/")
	if hasHost && strings.ContainsAny(host, ".:") {
		if !domainPattern.MatchString(host) || len(host) > maxHost {
			return badRegistry(host)
		}
		path = rest
	}
	if len(path) > maxRepository {
		return fmt.Errorf("its repository %s has more than %d characters", quote(path), maxRepository)
	}
	return fmt.Errorf("its repository %s is not of lower-case letters and digits, parted by single '/', '.', '_' or '-'", quote(path))
}

func badRegistry(host string) error {
	return fmt.Errorf("%s is no host name of a registry, which is written like registry.example.com:5000", quote(host))
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

// Name is the repository as it was typed: "nginx" for "nginx:1.29".
func (r Ref) Name() string {
	base, _, _ := strings.Cut(r.text, "@")
	path, _, _ := cutTag(base)
	return path
}

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

// Pin returns the reference with the digest that it was found to have: "nginx:1.29"
// becomes "nginx:1.29@sha256:...", and "nginx" becomes "nginx@sha256:...". The tag that
// was typed stays for people to see; what is pulled is decided by the digest. ECS takes
// both forms: aws/amazon-ecs-agent issue 4226 shows DescribeTasks of a task whose image is
// "mvanholsteijn/paas-monitor:3.1.0@sha256:c0717...". A reference that is pinned already
// can only be pinned to its own digest.
func (r Ref) Pin(digest string) (Ref, error) {
	if r.Pinned() {
		if r.digest != digest {
			return Ref{}, fmt.Errorf("pinning image %s to %s: it has another digest", r, quote(digest))
		}
		return r, nil
	}
	return Parse(r.text + "@" + digest)
}

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
