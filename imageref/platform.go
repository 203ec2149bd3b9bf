package imageref

import (
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Platform is an operating system and a CPU architecture, as Go and OCI name them:
// "linux" and "arm64". The zero value is a platform that is not known.
type Platform struct {
	OS           string
	Architecture string
}

func (p Platform) String() string {
	if p == (Platform{}) {
		return "an unknown platform"
	}
	return p.OS + "/" + p.Architecture
}

// platformOf reads what a manifest or a configuration says. The variant of an architecture
// (the v8 of arm64/v8) does not count: a task asks for none. What names no operating
// system is of the days when there was only one.
func platformOf(os, architecture string) Platform {
	if architecture == "" {
		return Platform{}
	}
	if os == "" {
		os = "linux"
	}
	return Platform{OS: os, Architecture: architecture}
}

// fits tells whether an image for the platforms can run where want is asked for. One of an
// unknown platform may.
func fits(have []Platform, want Platform) bool {
	return want == Platform{} || slices.Contains(have, want) || slices.Contains(have, Platform{})
}

// listed names platforms, each once.
func listed(platforms []Platform) string {
	var names []string
	for _, p := range platforms {
		if name := p.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// isAttestation tells whether an entry of an index is no image to run but what BuildKit
// says of one: its provenance or what is in it.
// https://docs.docker.com/build/metadata/attestations/attestation-storage/
func isAttestation(d v1.Descriptor) bool {
	return d.Annotations["vnd.docker.reference.type"] == "attestation-manifest" ||
		d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown"
}
