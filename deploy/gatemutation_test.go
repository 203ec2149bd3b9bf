package deploy

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// neutral are the members of a description that a rollout does not depend on. Any change
// of any other member has to be refused.
var neutral = map[string]string{
	`ChangeSetName`: "another name of ChangeSetId",
	`StackName`:     "another name of StackId",
	`Description`:   "a text for people",
	`CreationTime`:  "",
	`Capabilities`:  "what the caller acknowledges; what is done with it shows as a change of a resource",
	`StatusReason`:  "but for a warning, which is refused",

	`Parameters.ResolvedValue`:    "compared with the stack's, of which it has none here",
	`Parameters.UsePreviousValue`: "beside the previous value; the image parameter is refused with it, see TestJudgeRefuses",
	`Changes.HookInvocationCount`: "hooks judge the change set themselves",

	`Changes.ResourceChange.ModuleInfo`:                        "where the template's author has the resource from",
	`Changes.ResourceChange.Details.Evaluation`:                "when the value is known; what it is, is in the contexts",
	`Changes.ResourceChange.Details.Target.RequiresRecreation`: "told of the whole resource by Replacement",
	`Changes.ResourceChange.Details.Target.BeforeValue`:        "AWS may cut it off; the contexts have it",
}

// neutralWithoutValues are members that only a description with property values has.
var neutralWithoutValues = map[string]bool{
	`Changes.ResourceChange.BeforeContext`: true,
	`Changes.ResourceChange.AfterContext`:  true,
	// Told by some descriptions only, where it has to agree.
	`Changes.ResourceChange.PolicyAction`: true,
}

// mayBeLeftOut are members that a description may be without, though no other value is
// accepted. The details repeat what the contexts say.
var mayBeLeftOut = map[string]bool{
	`IncludeNestedStacks`:                                       true,
	`Changes.ResourceChange.Details`:                            true, // one of several
	`Changes.ResourceChange.Details.ChangeSource`:               true, // its cause is held to the same
	`Changes.ResourceChange.Details.Target.Path`:                true,
	`Changes.ResourceChange.Details.Target.AfterValue`:          true,
	`Changes.ResourceChange.Details.Target.AttributeChangeType`: true,
}

// mayBeThereTwice are lists that say the same when an entry is there twice.
var mayBeThereTwice = map[string]bool{`Changes.ResourceChange.Details`: true}

// TestJudgeRefusesEveryMutation changes an acceptable change set in one place after the
// other, every place that the SDK's types have: values, members that are absent, entries
// of lists. None of it is accepted but what is listed above, with its reason.
func TestJudgeRefusesEveryMutation(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, kind := range []string{"detailed", "plain"} {
		pages := func(e *evidence) []*cloudformation.DescribeChangeSetOutput {
			if kind == "plain" {
				return e.plain
			}
			return e.detailed
		}
		template := acceptable()
		for n := range mutations(reflect.ValueOf(pages(&template)[0]).Elem()) {
			e := acceptable()
			m := mutations(reflect.ValueOf(pages(&e)[0]).Elem())[n]
			m.apply()
			_, reasons := judge(e)
			member := regexp.MustCompile(`\[\d+\]`).ReplaceAllString(m.path, "")
			tried[member] = true
			_, isNeutral := neutral[member]
			if !isNeutral {
				for prefix := range neutral {
					isNeutral = isNeutral || strings.HasPrefix(member, prefix+".")
				}
			}
			allowed := isNeutral || kind == "plain" && neutralWithoutValues[member] || m.absent && mayBeLeftOut[member] ||
				m.twice && mayBeThereTwice[member]
			if len(reasons) == 0 && !allowed {
				t.Errorf("%s description, %s: accepted", kind, m)
			}
		}
	}
	for member := range neutral {
		if !tried[member] {
			t.Errorf("%s is said to be neutral, and is no member that was changed", member)
		}
	}
}

// mutation is a change in one place.
type mutation struct {
	path   string
	what   string
	absent bool // whether it takes something away
	twice  bool // whether it repeats something
	apply  func()
}

func (m mutation) String() string { return m.path + " " + m.what }

// mutations lists what can be changed within a value that can be set. It is always the
// same list for the same value.
func mutations(v reflect.Value) []mutation {
	var list []mutation
	walk("", v, func(m mutation) { list = append(list, m) })
	return list
}

func walk(path string, v reflect.Value, found func(mutation)) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			found(mutation{path, "is set", false, false, func() { v.Set(other(v.Type().Elem())) }})
			return
		}
		found(mutation{path, "is taken away", true, false, func() { v.SetZero() }})
		walk(path, v.Elem(), found)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() {
				walk(strings.TrimPrefix(path+"."+field.Name, "."), v.Field(i), found)
			}
		}
	case reflect.Slice:
		found(mutation{path, "gets an entry", false, false, func() { v.Set(reflect.Append(v, other(v.Type().Elem()).Elem())) }})
		for i := range v.Len() {
			found(mutation{path, fmt.Sprintf("loses entry %d", i), true, false, func() {
				v.Set(reflect.AppendSlice(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v.Slice(0, i)), v.Slice(i+1, v.Len())))
			}})
			found(mutation{path, fmt.Sprintf("has entry %d twice", i), false, true, func() { v.Set(reflect.Append(v, v.Index(i))) }})
			walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i), found)
		}
	case reflect.String:
		if v.String() != "" {
			found(mutation{path, "is emptied", true, false, func() { v.SetString("") }})
		}
		found(mutation{path, "is another text", false, false, func() { v.SetString(v.String() + "x") }})
	case reflect.Bool:
		found(mutation{path, "is turned over", false, false, func() { v.SetBool(!v.Bool()) }})
	case reflect.Int32, reflect.Int64:
		found(mutation{path, "is another number", false, false, func() { v.SetInt(v.Int() + 1) }})
	}
}

// other makes a value of a type with something in it, and returns the pointer to it.
func other(kind reflect.Type) reflect.Value {
	p := reflect.New(kind)
	fillIn(p.Elem())
	return p
}

func fillIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(other(v.Type().Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Field(i).Kind() != reflect.Slice && v.Field(i).Kind() != reflect.Map {
				fillIn(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(1)
	}
}

// TestMutationsReachEverything holds the test above against what it is for.
func TestMutationsReachEverything(t *testing.T) {
	t.Parallel()
	page := &cloudformation.DescribeChangeSetOutput{
		StackId: aws.String("x"),
		Changes: []types.Change{{ResourceChange: &types.ResourceChange{Details: []types.ResourceChangeDetail{{}}}}},
	}
	var paths []string
	for _, m := range mutations(reflect.ValueOf(page).Elem()) {
		paths = append(paths, m.String())
	}
	all := strings.Join(paths, "\n")
	for _, want := range []string{
		"StackId is taken away", "StackId is another text", "StatusReason is set", "Changes gets an entry", "Changes loses entry 0",
		"Changes has entry 0 twice", "Changes[0].ResourceChange is taken away", "Changes[0].ResourceChange.Action is another text",
		"Changes[0].ResourceChange.Details[0].Target is set", "Changes[0].ResourceChange.Details[0].Evaluation is another text",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing there for %q", want)
		}
	}
}
