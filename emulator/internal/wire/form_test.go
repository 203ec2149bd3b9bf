package wire

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type formTag struct{ Key, Value string }

type formConfig struct {
	Values []string
	Weight *int
}

type formInput struct {
	Name    string
	Count   int
	Small   int32
	Enabled bool
	Maybe   *bool
	Start   time.Time
	Names   []string
	Tags    []formTag
	Config  *formConfig
	Options map[string]string
}

func TestDecodeForm(t *testing.T) {
	for _, tc := range []struct {
		name, form string
		want       formInput
	}{
		{"nothing", "Action=Do&Version=2015-12-01", formInput{}},
		{"scalars", "Name=a&Count=-3&Enabled=true", formInput{Name: "a", Count: -3, Enabled: true}},
		{"a value behind a pointer may be zero", "Maybe=false", formInput{Maybe: new(false)}},
		{"timestamp", "Start=2026-01-02T03:04:05Z", formInput{Start: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}},
		{"list", "Names.member.1=a&Names.member.2=b", formInput{Names: []string{"a", "b"}}},
		{"list in the order of its numbers", "Names.member.10=c&Names.member.2=b&Names.member.1=a", formInput{Names: []string{"a", "b", "c"}}},
		{"empty list", "Tags=", formInput{Tags: []formTag{}}},
		{"structures in a list", "Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l", formInput{Tags: []formTag{{"k", "v"}, {Key: "l"}}}},
		{"list in a structure", "Config.Values.member.1=%2Fa%2F%2A&Config.Weight=0", formInput{Config: &formConfig{Values: []string{"/a/*"}, Weight: new(0)}}},
		{"map", "Options.entry.1.key=a&Options.entry.1.value=1&Options.entry.2.key=b&Options.entry.2.value=2", formInput{Options: map[string]string{"a": "1", "b": "2"}}},
		{"presigned", "X-Amz-Signature=abc&Name=a", formInput{Name: "a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got formInput
			if err := decodeForm("Do", mustParse(t, tc.form), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeFormRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, form string
		want       Error
	}{
		{"unknown member", "Nmae=a", Error{Code: "ValidationError", Message: `Unknown parameter "Nmae" for operation Do`}},
		{"unknown member of an element", "Tags.member.1.Kye=k", Error{Code: "ValidationError", Message: `Unknown parameter "Tags.member.1.Kye" for operation Do`}},
		{"no number", "Count=many", Error{Code: "MalformedInput", Message: `Parameter Count: "many" is not a valid integer`}},
		{"number out of range", "Small=3000000000", Error{Code: "MalformedInput", Message: `Parameter Small: "3000000000" is not a valid integer`}},
		{"no boolean", "Enabled=yes", Error{Code: "MalformedInput", Message: `Parameter Enabled: "yes" is not a valid boolean`}},
		{"no timestamp", "Start=today", Error{Code: "MalformedInput", Message: `Parameter Start: "today" is not a valid timestamp`}},
		{"no list index", "Names.member.first=a", Error{Code: "MalformedInput", Message: `Parameter Names: "first" is not a valid list index`}},
		{"a value for a list", "Names=a", Error{Code: "MalformedInput", Message: `Parameter Names: "a" is not a valid list`}},
		{"a list without member", "Names.1=a", Error{Code: "MalformedInput", Message: `Parameter Names.1: "a" is not a valid part of a list`}},
		{"a value for a structure", "Config=a", Error{Code: "MalformedInput", Message: `Parameter Config: "a" is not a valid structure`}},
		{"a list for a value", "Name.member.1=a", Error{Code: "MalformedInput", Message: `Parameter Name.member: "" is not a valid member of a simple value`}},
		{"a list for a map", "Options.member.1=a", Error{Code: "MalformedInput", Message: `Parameter Options.member: "" is not a valid part of a map`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := decodeForm("Do", mustParse(t, tc.form), new(formInput))
			got := new(Error)
			if !errors.As(err, &got) {
				t.Fatalf("error = %v, want an Error", err)
			}
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func mustParse(t *testing.T, form string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
