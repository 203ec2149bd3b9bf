package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
)

// reportFile is the value of --report: a file whose ending tells the form.
type reportFile string

// String, Set and Type make a flag of it.
func (f *reportFile) String() string { return string(*f) }

func (f *reportFile) Type() string { return "FILE" }

func (f *reportFile) Set(value string) error {
	switch filepath.Ext(value) {
	case ".html", ".json":
		*f = reportFile(value)
		return nil
	}
	return errors.New("want a file that ends in .html or .json")
}

// check finds out before anything else that the file's folder is there.
func (f reportFile) check() error {
	if f == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Dir(string(f))); err != nil {
		return &deploy.InputError{Problem: fmt.Sprintf("writing the report: %v", err), Advice: "name a folder that is there", Err: err}
	}
	return nil
}

// checkFor is check for a command that may work on several stacks.
func (f reportFile) checkFor(stacks int) error {
	if f != "" && stacks > 1 {
		return &deploy.InputError{Problem: "a report is of one stack", Advice: "leave out --report, or deploy to one"}
	}
	return f.check()
}

// write writes the report, if it was asked for.
func (f reportFile) write(r *report.Report) error {
	if filepath.Ext(string(f)) == ".json" {
		return f.to(func(w io.Writer) error { return report.JSON(w, r) })
	}
	return f.to(func(w io.Writer) error { return report.HTML(w, r) })
}

// writeComparison writes a comparison, if a report was asked for.
func (f reportFile) writeComparison(all []report.Compared) error {
	if filepath.Ext(string(f)) == ".json" {
		return f.to(func(w io.Writer) error { return report.CompareJSON(w, all) })
	}
	return f.to(func(w io.Writer) error { return report.CompareHTML(w, all) })
}

// to has the file written, if there is to be one.
func (f reportFile) to(write func(io.Writer) error) error {
	if f == "" {
		return nil
	}
	file, err := os.Create(string(f))
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return errors.Join(write(file), file.Close())
}
