package snapshot

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/snapshot/templatediff"
)

// UpdateVariable is the environment variable that makes [Match] write snapshots
// instead of comparing. Its values are those of strconv.ParseBool, such as 1
// and 0; anything else fails the test.
const UpdateVariable = "SNAPSHOT_UPDATE"

// Options are the options of [Match]. The zero value, and nil, are fine.
type Options struct {
	// File is the path of the snapshot, relative to the folder of the test.
	//
	// Default: testdata/TEST-NAME/STACK-NAME.json.
	File string

	// Verbatim writes the template in the CDK's own order and with nothing
	// masked, so that the file can be deployed. The snapshot of a stack with
	// assets then differs with every change of an asset.
	//
	// Default: false, the text of [templatediff.Canonical].
	Verbatim bool

	// Acknowledged accepts changes that replace or delete resources which hold
	// data or receive traffic. An entry accepts exactly one change, so that old
	// entries do no harm.
	//
	// Default: none.
	Acknowledged []Acknowledgement
}

// Match compares the template of a stack with its snapshot. It marks the test
// as failed (t.Errorf) when they differ, when there is no snapshot, and when
// the stack cannot be synthesized. With [UpdateVariable] it writes the snapshot
// instead.
func Match(t testing.TB, stack awscdk.Stack, options *Options) {
	t.Helper()
	if options == nil {
		options = &Options{}
	}
	read := Template
	if options.Verbatim {
		read = verbatim
	}
	got, err := read(stack)
	if err != nil {
		t.Errorf("snapshot: %v", err)
		return
	}
	file := options.File
	if file == "" {
		file = filepath.Join("testdata", filepath.FromSlash(t.Name()), *stack.StackName()+".json")
	}
	update, err := updating()
	if err == nil {
		err = match(file, got, update, options.Acknowledged)
	}
	if err != nil {
		t.Errorf("snapshot: %v", err)
	}
}

// updating tells whether snapshots are to be written.
func updating() (bool, error) {
	if value := os.Getenv(UpdateVariable); value != "" {
		update, err := strconv.ParseBool(value)
		if err != nil {
			return false, fmt.Errorf("%s is %q, allowed are 1, 0, true and false", UpdateVariable, value)
		}
		return update, nil
	}
	// The flag of the test package itself, if it has one.
	if f := flag.Lookup("update"); f != nil {
		if getter, ok := f.Value.(flag.Getter); ok {
			update, _ := getter.Get().(bool)
			return update, nil
		}
	}
	return false, nil
}

// match compares or writes a snapshot. The error is all that a test has to say.
func match(file, got string, update bool, acknowledged []Acknowledgement) error {
	raw, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && update:
		return write(file, got)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no %s: run the test with %s=1 to write it, and commit it", file, UpdateVariable)
	case err != nil:
		return err
	}
	want := string(raw)
	if want == got {
		return nil
	}

	diff, err := templatediff.Compare(want, got)
	if err != nil {
		// Nobody could say what would be replaced, so it is not overwritten either.
		return fmt.Errorf("%s cannot be compared: %w\nTo begin anew, delete it and run the test with %s=1", file, err, UpdateVariable)
	}
	refused := diff.Refused(acknowledged)
	if update && len(refused) == 0 {
		return write(file, got)
	}
	return fmt.Errorf("the stack is not what %s says (- snapshot, + stack)\n\n%s\n%s",
		file, report(diff, want, got), advice(refused))
}

func report(diff templatediff.Diff, want, got string) string {
	if text := diff.String(); text != "" {
		return text
	}
	return "The templates mean the same and are written differently:\n" + cmp.Diff(want, got)
}

// advice says what to do next.
func advice(refused []templatediff.Change) string {
	if len(refused) == 0 {
		return fmt.Sprintf("If that is meant, run the test with %s=1.", UpdateVariable)
	}
	var b strings.Builder
	b.WriteString("These hold data or bear traffic. If losing them is meant, add to Options.Acknowledged, with the reason,\n")
	for _, c := range refused {
		fmt.Fprintf(&b, "\t{Resource: %q, Change: %s, Reason: \"\"},\n", c.Name, literal(c.Cause()))
	}
	fmt.Fprintf(&b, "and run the test with %s=1.", UpdateVariable)
	return b.String()
}

// literal is text as a Go literal, with as few backslashes as can be.
func literal(text string) string {
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

func write(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
