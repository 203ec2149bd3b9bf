package snapshot

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	vpc   = `{"Resources": {"VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}`
	other = `{"Resources": {"VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}}}`
	open  = `{"Resources": {"VPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsSupport": true}}}}`
	same  = `{"Resources": {"VPC": {"Properties": {"CidrBlock": "10.0.0.0/16"}, "Type": "AWS::EC2::VPC"}}}`
)

func TestMatchFile(t *testing.T) {
	t.Parallel()
	acknowledged := []Acknowledgement{{
		Resource: "VPC", Change: `Properties.CidrBlock: "10.0.0.0/16" -> "10.1.0.0/16"`, Reason: "nothing runs in it",
	}}
	for _, tt := range []struct {
		name, snapshot, got string
		update              bool
		acknowledged        []Acknowledgement
		want                []string // parts of the failure
		written             string
	}{
		{name: "equal", snapshot: vpc, got: vpc, written: vpc},
		{name: "none yet", got: vpc, want: []string{"there is no", "SNAPSHOT_UPDATE=1"}},
		{name: "the first", got: vpc, update: true, written: vpc},
		{
			name: "a harmless change", snapshot: vpc, got: open, written: vpc,
			want: []string{"VPC (AWS::EC2::VPC): updated in place", "+ true", "If that is meant, run the test with SNAPSHOT_UPDATE=1."},
		},
		{name: "a harmless change, update", snapshot: vpc, got: open, update: true, written: open},
		{
			name: "a harmful change", snapshot: vpc, got: other, written: vpc,
			want: []string{
				"On deploy, replaced: VPC",
				"\t{Resource: \"VPC\", Change: `Properties.CidrBlock: \"10.0.0.0/16\" -> \"10.1.0.0/16\"`, Reason: \"\"},",
			},
		},
		{name: "a harmful change, update", snapshot: vpc, got: other, update: true, written: vpc, want: []string{"These hold data or bear traffic"}},
		{name: "a harmful change, acknowledged", snapshot: vpc, got: other, update: true, acknowledged: acknowledged, written: other},
		{
			name: "an acknowledged change is still a difference", snapshot: vpc, got: other, acknowledged: acknowledged, written: vpc,
			want: []string{"If that is meant"},
		},
		{name: "another order", snapshot: vpc, got: same, written: vpc, want: []string{"mean the same and are written differently"}},
		{name: "another order, update", snapshot: vpc, got: same, update: true, written: same},
		{name: "damaged", snapshot: "<<<<<<< HEAD", got: vpc, update: true, written: "<<<<<<< HEAD", want: []string{"cannot be compared", "delete it"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "folder", "shop.json")
			if tt.snapshot != "" {
				if err := write(file, tt.snapshot); err != nil {
					t.Fatal(err)
				}
			}
			err := match(file, tt.got, tt.update, tt.acknowledged)
			if (err == nil) != (len(tt.want) == 0) {
				t.Errorf("got %v", err)
			}
			for _, part := range tt.want {
				if err != nil && !strings.Contains(err.Error(), part) {
					t.Errorf("the failure does not say %q:\n%v", part, err)
				}
			}
			raw, err := os.ReadFile(file)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if string(raw) != tt.written {
				t.Errorf("the file holds %s, want %s", raw, tt.written)
			}
		})
	}
}

// TestUpdating is also the proof that the package leaves -update to others: it
// defines one here, as a user would.
func TestUpdating(t *testing.T) {
	if flag.Lookup("update") == nil { // with -count, this runs again
		flag.Bool("update", false, "")
	}
	for _, tt := range []struct {
		variable, flag string
		want           bool
		wantErr        string
	}{
		{"", "false", false, ""},
		{"", "true", true, ""},
		{"1", "false", true, ""},
		{"true", "false", true, ""},
		{"0", "true", false, ""},
		{"yes", "false", false, `SNAPSHOT_UPDATE is "yes", allowed are 1, 0, true and false`},
	} {
		t.Setenv(UpdateVariable, tt.variable)
		if err := flag.Set("update", tt.flag); err != nil {
			t.Fatal(err)
		}
		got, err := updating()
		if got != tt.want || (err == nil) != (tt.wantErr == "") || err != nil && err.Error() != tt.wantErr {
			t.Errorf("variable %q, flag %s: got %t, %v", tt.variable, tt.flag, got, err)
		}
	}
}

func TestTemplateOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := Template(nil); err == nil || err.Error() != "synthesizing the stack: it is nil" {
		t.Errorf("got %v", err)
	}
}

func TestAsError(t *testing.T) {
	t.Parallel()
	cause := errors.New("Validation failed")
	if err := asError(cause); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if err := asError("No Object Found"); err.Error() != "No Object Found" {
		t.Errorf("got %v", err)
	}
	defer func() {
		if err := asError(recover()); !strings.Contains(err.Error(), "match_test.go") {
			t.Errorf("the error does not lead to the mistake: %v", err)
		}
	}()
	none := map[string][]int{}
	_ = none["x"][0]
}
