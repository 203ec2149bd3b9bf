package imageref

import (
	"path"
	"strings"
)

// labelDigits is how much of a digest tells images apart for people.
const labelDigits = 7

// Label is a short name for an image where there is little place: its tag, the beginning
// of its digest where it has none, or the last part of its repository. It reads any text,
// a reference or not; that of none is none.
func Label(image string) string {
	base, digest, _ := strings.Cut(image, "@")
	base, tag, tagged := cutTag(base)
	_, hex, pinned := strings.Cut(digest, ":")
	switch {
	case image == "":
		return ""
	case tagged:
		return tag
	case pinned:
		return hex[:min(len(hex), labelDigits)]
	default:
		return path.Base(base)
	}
}

// Labels are short names for two images that tell them apart: their labels, with the
// beginning of their digests where those are the same, or the whole text.
func Labels(before, after string) (string, string) {
	b, a := Label(before), Label(after)
	if b != a {
		return b, a
	}
	if bd, ad := shortDigest(before), shortDigest(after); bd != ad {
		return b + bd, a + ad
	}
	return before, after
}

// shortDigest is the beginning of an image's digest: "@0123456"; empty where it has none.
func shortDigest(image string) string {
	_, digest, _ := strings.Cut(image, "@")
	_, hex, ok := strings.Cut(digest, ":")
	if !ok {
		return ""
	}
	return "@" + hex[:min(len(hex), labelDigits)]
}
