package elb

import (
	"crypto/rand"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// newID is the random last part of an ARN: 16 hexadecimal digits.
func newID() string {
	var id [8]byte
	_, _ = rand.Read(id[:]) // crypto/rand never fails
	return hex.EncodeToString(id[:])
}

func (s *Service) arn(resource string) string {
	return "arn:aws:elasticloadbalancing:" + s.region + ":" + wire.AccountID + ":" + resource
}

// childARN is the ARN of what belongs to parent: a listener's from its load
// balancer's, a rule's from its listener's.
func childARN(parent, parentKind, kind string) string {
	return strings.Replace(parent, ":"+parentKind+"/", ":"+kind+"/", 1) + "/" + newID()
}

var nameCharacters = regexp.MustCompile(`^[A-Za-z0-9-]*$`)

// validateName applies the rules for the names of load balancers and target groups
// (API reference, CreateLoadBalancer and CreateTargetGroup, Name).
func validateName(what, name string) error {
	switch {
	case name == "":
		return wire.Errorf("ValidationError", "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null")
	case len(name) > 32:
		return wire.Errorf("ValidationError", "%s name '%s' cannot be longer than '32' characters", what, name)
	case !nameCharacters.MatchString(name):
		return wire.Errorf("ValidationError", "%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)", what, name)
	case strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-"):
		return wire.Errorf("ValidationError", "%s name '%s' cannot begin or end with a hyphen", what, name)
	case what == "Load balancer" && strings.HasPrefix(name, "internal-"):
		return wire.Errorf("ValidationError", "%s name '%s' cannot begin with 'internal-'", what, name)
	}
	return nil
}

// maxPage is the most that one page of a Describe operation has (API reference,
// PageSize), and its size unless the request says otherwise.
const maxPage = 400

// page cuts one page out of a list. A marker is the index at which the page begins.
func page[T any](all []T, marker string, size int) (items []T, next string, err error) {
	if size < 0 || size > maxPage {
		return nil, "", wire.Errorf("ValidationError", "Page size must be between 1 and %d", maxPage)
	}
	if size == 0 {
		size = maxPage
	}
	start := 0
	if marker != "" {
		start, err = strconv.Atoi(marker)
		if err != nil || start < 0 || start > len(all) {
			return nil, "", wire.Errorf("ValidationError", "Invalid marker '%s'", marker)
		}
	}
	end := min(start+size, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return append([]T{}, all[start:end]...), next, nil
}
