package container

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// What a pull and a start take where a conduct says nothing: a small image from a
// registry in the same region, and a process that listens soon after its start.
const (
	DefaultPullTime  = 5 * time.Second
	DefaultStartTime = 3 * time.Second
)

// Conduct is how containers of an image behave in the built-in runtime. The zero
// Conduct is a healthy server. All durations are AWS time, so that they keep their
// proportion to health check intervals, draining and stop timeouts at every speed.
//
// Unhealthy, HealthPath, HealthStatus, Latency, IgnoreSIGTERM and Abrupt act on running containers at
// once; the rest from the next pull or start on.
type Conduct struct {
	PullTime  time.Duration // until the image is there. Default: DefaultPullTime; negative means none
	StartTime time.Duration // from the start of the process until it serves. Default: DefaultStartTime; negative means none

	// Missing makes every pull fail, as that of an image which its registry does not have.
	Missing bool

	// Crash makes the process exit with ExitCode after CrashAfter, without ever having
	// served unless Serves says so. Default of CrashAfter: DefaultStartTime. Default of
	// ExitCode: 1.
	Crash      bool
	CrashAfter time.Duration
	ExitCode   int
	// Serves makes a process that crashes serve from StartTime until then.
	Serves bool

	// Unhealthy accepts health checks and never answers them, so that they time out;
	// other requests are answered. A health check is a request from an
	// ELB-HealthChecker, and one for HealthPath where that is set. The health check of
	// the container definition fails.
	Unhealthy  bool
	HealthPath string
	// HealthStatus is the HTTP status that health checks of a load balancer are answered
	// with. Default: 200.
	HealthStatus int

	// Latency passes before a request other than a health check is answered.
	Latency time.Duration

	// IgnoreSIGTERM keeps the process serving until SIGKILL.
	IgnoreSIGTERM bool
	// Abrupt ends the process at SIGTERM, with whatever it is answering: what a program
	// does that does nothing about the signal.
	Abrupt bool
}

func (c Conduct) pullTime() time.Duration  { return orDefault(c.PullTime, DefaultPullTime) }
func (c Conduct) startTime() time.Duration { return orDefault(c.StartTime, DefaultStartTime) }

func (c Conduct) crashAfter() time.Duration { return orDefault(c.CrashAfter, DefaultStartTime) }

func (c Conduct) crashCode() int {
	if c.ExitCode == 0 {
		return 1
	}
	return c.ExitCode
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return max(d, 0)
}

// Images is the conduct of images by pattern. A pattern is a digest ("sha256:..."),
// the tag of any repository (":v2"), or else one exact reference. For one image the
// exact reference goes before the digest, and the digest before the tag.
//
// A reference by digest ("acme/app@sha256:...") has the conduct of the tag that it
// was resolved from, as long as the digest is the one that Resolve gave.
type Images map[string]Conduct

// conduct finds what the patterns say of an image; the zero Conduct where nothing.
func (images Images) conduct(image string) Conduct {
	c, _ := match(images, image)
	return c
}

// Digest is the digest that the built-in runtime resolves a reference to: the one
// that it names, or a stable one made from its text.
func Digest(image string) string {
	if _, digest, ok := strings.Cut(image, "@"); ok {
		return digest
	}
	sum := sha256.Sum256([]byte(image))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// match finds the value of an image among those of patterns as in [Images].
func match[V any](patterns map[string]V, image string) (V, bool) {
	if v, ok := patterns[image]; ok {
		return v, true
	}
	digest := Digest(image)
	if v, ok := patterns[digest]; ok {
		return v, true
	}
	if name, _, both := strings.Cut(image, "@"); both {
		if v, ok := patterns[name]; ok {
			return v, true // the tag that stands beside the digest
		}
	}
	repository, tag := split(image)
	if v, ok := patterns[":"+tag]; ok && tag != "" {
		return v, true
	}
	// The digest does not say which tag it came from: try those that are known.
	for pattern, v := range patterns {
		if strings.HasPrefix(pattern, ":") {
			pattern = repository + pattern
		}
		if !strings.HasPrefix(pattern, "sha256:") && Digest(pattern) == digest {
			return v, true
		}
	}
	var none V
	return none, false
}

// split cuts "host:5000/repository:tag@digest" into repository and tag.
func split(image string) (repository, tag string) {
	name, _, _ := strings.Cut(image, "@")
	slash := strings.LastIndex(name, "/")
	if colon := strings.LastIndex(name, ":"); colon > slash {
		return name[:colon], name[colon+1:]
	}
	return name, ""
}
