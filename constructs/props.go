package constructs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	awsconstructs "github.com/aws/constructs-go/constructs/v10"
)

// mustBeValid panics with the path of the construct that is about to be made,
// so that the message leads to the line in the app.
func mustBeValid(scope awsconstructs.Construct, id *string, err error) {
	if err == nil {
		return
	}
	path := *id
	if parent := *scope.Node().Path(); parent != "" {
		path = parent + "/" + path
	}
	panic(fmt.Errorf("%s: %w", path, err))
}

// orDefault is v, or a pointer to the default when v is nil.
func orDefault[T any](v *T, def T) *T {
	if v == nil {
		return &def
	}
	return v
}

func checkNumber(prop string, v *float64, low, high float64) error {
	if v == nil || isNumberToken(*v) {
		return nil
	}
	if *v < low || *v > high || *v != math.Trunc(*v) {
		return fmt.Errorf("%s is %v, allowed is a whole number from %.0f to %.0f", prop, *v, low, high)
	}
	return nil
}

// checkKnownNumber is for what the CDK compares itself, or what settles how many
// resources there are: a token is refused, and not taken for the number that it is
// encoded as.
func checkKnownNumber(prop string, v *float64, low, high float64) error {
	if v != nil && isNumberToken(*v) {
		return fmt.Errorf("%s is known at deployment only, allowed is a number that is known at synthesis", prop)
	}
	return checkNumber(prop, v, low, high)
}

func checkString(prop string, v *string, allowed *regexp.Regexp, meaning string) error {
	if v == nil || isStringToken(*v) || allowed.MatchString(*v) {
		return nil
	}
	return fmt.Errorf("%s is %q, allowed is %s", prop, *v, meaning)
}

// checkList is about a list that may be nil and, where it is not, needs one element
// at least. A list that is known only at deployment has one element, which stands for
// all of them.
func checkList(prop string, list *[]*string, check func(element string, v *string) error) error {
	if list == nil {
		return nil
	}
	if len(*list) == 0 {
		return fmt.Errorf("%s is empty, allowed is one value or more, or nil", prop)
	}
	var errs []error
	for i, v := range *list {
		element := fmt.Sprintf("%s[%d]", prop, i)
		switch {
		case v == nil:
			errs = append(errs, fmt.Errorf("%s is nil, allowed is a text", element))
		case isListToken(*v):
		default:
			errs = append(errs, check(element, v))
		}
	}
	return errors.Join(errs...)
}

func required(prop string, missing bool) error {
	if missing {
		return fmt.Errorf("%s is nil, it has no default", prop)
	}
	return nil
}

// The CDK marks a number that is known only at deployment by these upper bits
// of a float64. Looking at them here, instead of asking the CDK, lets Validate
// work without Node and without a call per prop.
const numberTokenMark = 0xfbff

func isNumberToken(v float64) bool { return math.Float64bits(v)>>48 == numberTokenMark }

func isStringToken(v string) bool { return strings.Contains(v, "${Token[") }

// isListToken is about an element of a list: the only one where the list as a whole
// is a token, such as the value of a parameter that is a list.
func isListToken(v string) bool { return strings.HasPrefix(v, "#{Token[") }

func hasListToken(list []*string) bool {
	return len(list) == 1 && list[0] != nil && isListToken(*list[0])
}
