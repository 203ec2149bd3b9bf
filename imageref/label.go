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
