package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// FuzzJudge changes an accepted change set in up to three places: two of its texts, byte
// by byte, any text of any page of both descriptions; and a value within one of the
// contexts, by its path. Whatever comes out is refused, unless it still says the same.
// testdata/fuzz/FuzzJudge has seeds for the change sets in testdata/changesets.
func FuzzJudge(f *testing.F) {
	bases := fuzzBases(f)
	var originals []evidence
	for base, make := range bases {
		e := make()
		originals = append(originals, e)
		texts := fuzzTexts(&e)
		for text := base; text < len(texts); text += len(bases) {
			f.Add(byte(base), text, 1, 1, "x", (text*7+1)%len(texts), 0, 0, "", 0, 0, "")
			f.Add(byte(base), 0, 0, 0, "", 0, 0, 0, "", text%len(fuzzContexts(texts)), text, `"99"`)
		}
	}
	f.Fuzz(func(t *testing.T, base byte, text, at, drop int, insert string, text2, at2, drop2 int, insert2 string, context, place int, value string) {
		n := int(base) % len(bases)
		original, e := &originals[n], bases[n]()
		texts := fuzzTexts(&e)
		contexts := fuzzContexts(texts)
		changePlace(contexts[within(context, len(contexts))].value, place, value)
		changeText(texts, text, at, drop, insert)
		changeText(texts, text2, at2, drop2, insert2)
		if _, reasons := judge(e); len(reasons) > 0 {
			return
		}
		if fault := beyondImage(original, &e); fault != "" {
			t.Fatalf("base %d, accepted: %s", n, fault)
		}
	})
}

// fuzzBases make change sets that are accepted: plain ones, with followers, on several
// pages, and whole recorded ones.
func fuzzBases(t testing.TB) []func() evidence {
	bases := []func() evidence{
		acceptable,
		withRule,
		func() evidence { return paged(acceptable()) },
		func() evidence { return paged(withRule()) },
	}
	for _, name := range recorded {
		text, err := os.ReadFile(recordingFile(name))
		if err != nil {
			t.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		e, err := r.evidence()
		if err != nil {
			t.Fatal(err)
		}
		read := func() evidence {
			anew := e
			anew.detailed, anew.plain = copied(r.Detailed), copied(r.Plain)
			return anew
		}
		bases = append(bases, read, func() evidence { return paged(read()) })
	}
	return bases
}

// copied are pages that can be changed.
func copied(pages []*cloudformation.DescribeChangeSetOutput) []*cloudformation.DescribeChangeSetOutput {
	anew := slices.Clone(pages)
	for i := range anew {
		page := *anew[i]
		anew[i] = &page
		deepen(reflect.ValueOf(&page).Elem())
	}
	return anew
}

// deepen makes a copy share nothing with what it is a copy of.
func deepen(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			anew := reflect.New(v.Type().Elem())
			anew.Elem().Set(v.Elem())
			deepen(anew.Elem())
			v.Set(anew)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() && v.Type() != reflect.TypeFor[time.Time]() {
				deepen(v.Field(i))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			anew := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(anew, v)
			v.Set(anew)
		}
		for i := range v.Len() {
			deepen(v.Index(i))
		}
	}
}

// paged has each change of both descriptions on a page of its own.
func paged(e evidence) evidence {
	split := func(pages []*cloudformation.DescribeChangeSetOutput) []*cloudformation.DescribeChangeSetOutput {
		var parted []*cloudformation.DescribeChangeSetOutput
		for i := range pages[0].Changes {
			page := *pages[0]
			page.Changes = page.Changes[i : i+1]
			if i < len(pages[0].Changes)-1 {
				page.NextToken = aws.String(strconv.Itoa(i + 2))
			}
			parted = append(parted, &page)
		}
		return parted
	}
	e.detailed, e.plain = split(e.detailed), split(e.plain)
	return e
}

// TestFuzzBases holds the fuzz target against what it is for.
func TestFuzzBases(t *testing.T) {
	t.Parallel()
	for i, base := range fuzzBases(t) {
		e, original := base(), base()
		if _, reasons := judge(e); len(reasons) > 0 {
			t.Errorf("base %d is refused: %v", i, reasons)
		}
		if fault := beyondImage(&original, &e); fault != "" {
			t.Errorf("base %d: %s", i, fault)
		}
		// Every value of every context: none can be another one.
		contexts := fuzzContexts(fuzzTexts(&e))
		if len(contexts) < 4 {
			t.Fatalf("base %d has %d contexts", i, len(contexts))
		}
		for n := range contexts {
			for place := 1; ; place++ {
				e := base()
				if !changePlace(fuzzContexts(fuzzTexts(&e))[n].value, place, `"another"`) {
					if place == 1 {
						t.Errorf("base %d: context %d has no places", i, n)
					}
					break
				}
				if _, reasons := judge(e); len(reasons) == 0 {
					t.Errorf("base %d: place %d of context %d is another, and accepted", i, place, n)
				}
			}
		}
	}
}

// fuzzText is a text of a description, with the name of the member that it is.
type fuzzText struct {
	member string
	value  reflect.Value
	target *types.ResourceTargetDefinition // that it is of; nil when of none
	change *types.ResourceChange           // likewise
}

// fuzzTexts are all texts of all pages of both descriptions.
func fuzzTexts(e *evidence) []fuzzText {
	var texts []fuzzText
	var walk func(member string, v reflect.Value, of fuzzText)
	walk = func(member string, v reflect.Value, of fuzzText) {
		switch v.Kind() {
		case reflect.Pointer:
			if v.IsNil() {
				return
			}
			switch p := v.Interface().(type) {
			case *types.ResourceTargetDefinition:
				of.target = p
			case *types.ResourceChange:
				of.change = p
			}
			walk(member, v.Elem(), of)
		case reflect.Struct:
			for i := range v.NumField() {
				if field := v.Type().Field(i); field.IsExported() {
					walk(strings.TrimPrefix(member+"."+field.Name, "."), v.Field(i), of)
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(member, v.Index(i), of)
			}
		case reflect.String:
			texts = append(texts, fuzzText{member, v, of.target, of.change})
		}
	}
	for _, page := range slices.Concat(e.detailed, e.plain) {
		walk("", reflect.ValueOf(page), fuzzText{})
	}
	return texts
}

func (f fuzzText) isContext() bool { return strings.HasSuffix(f.member, "Context") }

// fuzzContexts are those of the texts that are contexts.
func fuzzContexts(texts []fuzzText) []fuzzText {
	return slices.DeleteFunc(slices.Clone(texts), func(f fuzzText) bool { return !f.isContext() })
}

// changeText drops some bytes of a text and inserts others.
func changeText(texts []fuzzText, text, at, drop int, insert string) {
	v := texts[within(text, len(texts))].value
	old := v.String()
	at = within(at, len(old)+1)
	drop = within(drop, len(old)-at+1)
	v.SetString(old[:at] + insert + old[at+drop:])
}

// within makes any number one of 0 to n-1.
func within(number, n int) int { return int(uint(number) % uint(n)) }

// changePlace gives a place in a context, counted from 1, another value, in JSON or as
// text; none takes it away. It tells whether there is such a place.
func changePlace(v reflect.Value, place int, value string) bool {
	var root any
	if place < 1 || json.Unmarshal([]byte(v.String()), &root) != nil {
		return false
	}
	var next any = value
	if parsed := any(nil); json.Unmarshal([]byte(value), &parsed) == nil {
		next = parsed
	}
	var edits []func()
	var walk func(v any, set func(any), remove func())
	walk = func(v any, set func(any), remove func()) {
		edits = append(edits, func() {
			if value == "" {
				remove()
				return
			}
			set(next)
		})
		switch v := v.(type) {
		case map[string]any:
			for _, k := range sortedKeys(v) {
				walk(v[k], func(n any) { v[k] = n }, func() { delete(v, k) })
			}
		case []any:
			for i := range v {
				walk(v[i], func(n any) { v[i] = n }, func() { set(slices.Delete(slices.Clone(v), i, i+1)) })
			}
		}
	}
	walk(root, func(n any) { root = n }, func() { root = nil })
	if place > len(edits) {
		return false
	}
	edits[place-1]()
	text, err := json.Marshal(root)
	if err != nil {
		return false
	}
	v.SetString(string(text))
	return true
}

// beyondImage tells in what an accepted change set does more than its original does; empty
// when it does the same. It goes by encoding/json, and so not by what it checks.
func beyondImage(original, e *evidence) string {
	before, now := fuzzTexts(original), fuzzTexts(e)
	for i, text := range now {
		is, was := text.value.String(), before[i].value.String()
		if is != was && !sayTheSame(text, was, is, e) {
			return fmt.Sprintf("%s is %q instead of %q", text.member, is, was)
		}
	}
	for _, page := range e.detailed {
		for _, c := range page.Changes {
			if fault := imageAlone(e, c.ResourceChange); fault != "" {
				return fmt.Sprintf("%s: %s:\n%s\n%s", aws.ToString(c.ResourceChange.LogicalResourceId), fault,
					aws.ToString(c.ResourceChange.BeforeContext), aws.ToString(c.ResourceChange.AfterContext))
			}
		}
	}
	return ""
}

// sayTheSame tells whether a text other than a context may be another one, which changes
// nothing of what the change set does.
func sayTheSame(text fuzzText, was, is string, e *evidence) bool {
	member := text.member
	if _, ok := neutral[member]; ok || text.isContext() {
		return true // contexts are looked at as a whole
	}
	switch member {
	case "NextToken":
		return is != "" // it leads to the next page, whatever it is
	case "ChangeSetId": // of which it is told on every page
		return !slices.ContainsFunc(slices.Concat(e.detailed, e.plain), func(p *cloudformation.DescribeChangeSetOutput) bool {
			return aws.ToString(p.ChangeSetId) != is
		})
	case "Changes.ResourceChange.PolicyAction": // of what is replaced; a plain description may not tell it
		return was == string(types.PolicyActionReplaceAndDelete) || was == string(types.PolicyActionReplaceAndRetain) || is == ""
	case "Changes.ResourceChange.Details.ChangeSource", "Changes.ResourceChange.Details.CausingEntity":
		id, _, _ := strings.Cut(is, ".")
		_, fed := e.reach.containers[id]
		_, source := sources[types.ChangeSource(is)]
		return is == "" || fed || is == e.reach.parameter || source
	case "Changes.ResourceChange.Details.Target.Path": // to a place around it
		return is == "" || strings.HasPrefix(was, is+"/") || slices.Contains(imagePlaces(e, text.change), is)
	case "Changes.ResourceChange.Details.Target.AfterValue": // told for such a place, it is of no account
		return !slices.Contains(placesOf(e, text.change), aws.ToString(text.target.Path))
	case "Changes.ResourceChange.Details.Target.AttributeChangeType":
		return is == ""
	case "Tags.Key", "Tags.Value": // of which AWS has some of its own
		return tagsIn(e.detailed[0].Tags) == tagsIn(e.stack.Tags)
	case "DeploymentConfig.Mode", "OnStackFailure":
		return is == ""
	}
	return false
}

var sources = map[types.ChangeSource]struct{}{
	types.ChangeSourceDirectModification: {}, types.ChangeSourceParameterReference: {},
	types.ChangeSourceResourceReference: {}, types.ChangeSourceResourceAttribute: {},
}

// imagePlaces are the places of the images of a fed task definition.
func imagePlaces(e *evidence, c *types.ResourceChange) []string {
	var paths []string
	for _, i := range e.reach.containers[aws.ToString(c.LogicalResourceId)] {
		paths = append(paths, fmt.Sprintf("/Properties/ContainerDefinitions/%d/Image", i))
	}
	return paths
}

// placesOf are the places at which a resource may change.
func placesOf(e *evidence, c *types.ResourceChange) []string {
	id := aws.ToString(c.LogicalResourceId)
	if _, fed := e.reach.containers[id]; fed {
		return imagePlaces(e, c)
	}
	if f, ok := e.reach.followers[id]; ok {
		return sortedKeys(f.places)
	}
	return []string{"/Properties/TaskDefinition"}
}

var anyReference = regexp.MustCompile(`\{\{resolve:[^}]*`)

// imageAlone tells what a resource's contexts differ in but for the image, or the task
// definition that has it.
func imageAlone(e *evidence, c *types.ResourceChange) string {
	before, err := strictly(aws.ToString(c.BeforeContext))
	if err != nil {
		return err.Error()
	}
	after, err := strictly(aws.ToString(c.AfterContext))
	if err != nil {
		return err.Error()
	}
	_, fed := e.reach.containers[aws.ToString(c.LogicalResourceId)]
	if fed && strings.Contains(fmt.Sprint(after), "{{resolve:") {
		for _, reference := range anyReference.FindAllString(fmt.Sprint(after), -1) {
			if parts := strings.Split(reference, ":"); len(parts) < 4 || parts[len(parts)-1] == "" {
				return "it has " + reference
			}
		}
	}
	moved := 0
	for _, path := range placesOf(e, c) {
		was, is := []any{e.before}, e.after
		if !fed {
			is = knownAfterApply
			was = nil
			for id := range e.reach.containers {
				was = append(was, e.physical[id])
			}
		}
		if slices.Contains(was, valueAt(before, path)) && valueAt(after, path) == is {
			setAt(before, path, is)
			moved++
		}
	}
	if moved == 0 {
		return "nothing is where it should be"
	}
	return cmp.Diff(before, after)
}

// strictly decodes JSON that has nothing in it that cannot be told apart.
func strictly(text string) (any, error) {
	var v any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if strings.ContainsRune(fmt.Sprint(v), '\ufffd') {
		return nil, fmt.Errorf("it has a character that cannot be read")
	}
	return v, nil
}

// holderOf goes to the container of the last part of a path.
func holderOf(v any, path string) (holder any, last string) {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for _, part := range parts[:len(parts)-1] {
		switch t := v.(type) {
		case map[string]any:
			v = t[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(t) {
				return nil, ""
			}
			v = t[i]
		}
	}
	return v, parts[len(parts)-1]
}

func valueAt(v any, path string) any {
	holder, last := holderOf(v, path)
	if object, ok := holder.(map[string]any); ok {
		return object[last]
	}
	return nil
}

func setAt(v any, path string, value any) {
	holder, last := holderOf(v, path)
	holder.(map[string]any)[last] = value
}
