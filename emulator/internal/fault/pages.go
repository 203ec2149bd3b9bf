package fault

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// pageToken marks the tokens of pages that were cut. What follows is the place in a
// page of the service, and the service's own token of that page.
const pageToken = "page:"

// Page answers a list page by page of size items. It stands around an operation, whose
// own pages it cuts: in points to the request, do runs the operation. What has no pages
// is answered whole.
func Page(in any, size int, do func() (any, error)) (any, error) {
	token := text(in, "NextToken", "Marker")
	if !token.IsValid() {
		return do()
	}
	from, err := takeToken(token)
	if err != nil {
		return do() // the service refuses a token that nobody gave
	}
	own := token.String()
	out, err := do()
	if err != nil {
		return nil, err
	}
	next, list := text(out, "NextToken", "NextMarker"), listOf(out)
	if !next.IsValid() || !list.IsValid() || from > list.Len() {
		return out, nil
	}
	to := min(from+size, list.Len())
	switch {
	case to < list.Len():
		next.SetString(pageToken + strconv.Itoa(to) + ":" + own)
	case next.String() != "":
		next.SetString(pageToken + "0:" + next.String())
	}
	list.Set(list.Slice(from, to))
	return out, nil
}

// takeToken leaves the service its own token and returns the place in its page.
func takeToken(token reflect.Value) (int, error) {
	cut, ok := strings.CutPrefix(token.String(), pageToken)
	if !ok {
		return 0, nil
	}
	place, own, _ := strings.Cut(cut, ":")
	from, err := strconv.Atoi(place)
	if err != nil || from < 0 {
		return 0, fmt.Errorf("reading token %q: no place in it", token.String())
	}
	token.SetString(own)
	return from, nil
}

// text is the first of the fields that the struct has; invalid where it has none.
func text(pointer any, names ...string) reflect.Value {
	v := reflect.Indirect(reflect.ValueOf(pointer))
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	for _, name := range names {
		if field := v.FieldByName(name); field.IsValid() && field.Kind() == reflect.String {
			return field
		}
	}
	return reflect.Value{}
}

// listOf is the list that the answer is about; invalid where there is not just one.
func listOf(pointer any) reflect.Value {
	v := reflect.Indirect(reflect.ValueOf(pointer))
	if v.Type().Name() == "DescribeChangeSetOutput" { // the only one with other lists
		return v.FieldByName("Changes")
	}
	var list reflect.Value
	for i := range v.NumField() {
		if field := v.Field(i); field.Kind() == reflect.Slice {
			if list.IsValid() {
				return reflect.Value{}
			}
			list = field
		}
	}
	return list
}
