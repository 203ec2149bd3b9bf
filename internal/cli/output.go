package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// outputFormat is the value of --output.
type outputFormat string

const (
	outputText  outputFormat = "text"
	outputJSON  outputFormat = "json"
	outputJSONL outputFormat = "jsonl"
)

// outputFlag adds --output to a command.
func outputFlag(cmd *cobra.Command) *outputFormat {
	format := outputText
	cmd.Flags().VarP(&format, "output", "o", "what goes to stdout: text, json or jsonl")
	return &format
}

// resultRead is the result of a command that has read what it was asked for.
const resultRead = "read"

// failure is what a command prints as JSON when it comes to nothing else.
type failure struct {
	Result   string   `json:"result"` // see resultOf
	Error    string   `json:"error"`
	ExitCode exitCode `json:"exitCode"`
}

// failed prints err as JSON, where JSON was asked for, and returns it.
func (f *outputFormat) failed(cmd *cobra.Command, err error) error {
	var reported *reportedError
	var bad *usageError
	if err == nil || !f.machine() || errors.As(err, &reported) || errors.As(err, &bad) {
		return err // told already, or by Run
	}
	return errors.Join(err, f.print(cmd.OutOrStdout(), failureOf(err)))
}

func failureOf(err error) failure {
	return failure{Result: resultOf(err), Error: withoutLongWords(err.Error()), ExitCode: exitCodeOf(err)}
}

// machine tells whether a program reads stdout.
func (f outputFormat) machine() bool { return f == outputJSON || f == outputJSONL }

// print writes what a command has come to, for a program to read.
func (f outputFormat) print(w io.Writer, v any) error {
	if f == outputJSONL {
		return printLine(w, "result", v)
	}
	return printJSON(w, v)
}

// String, Set and Type make a flag of it.
func (f *outputFormat) String() string { return string(*f) }

func (f *outputFormat) Type() string { return "FORMAT" }

func (f *outputFormat) Set(value string) error {
	switch v := outputFormat(value); v {
	case outputText, outputJSON, outputJSONL:
		*f = v
		return nil
	default:
		return fmt.Errorf("want %s, %s or %s", outputText, outputJSON, outputJSONL)
	}
}

// printJSON writes one value, for a program to read.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// coloured says whether to colour what goes to w: a terminal whose user has not
// asked for none (https://no-color.org).
func coloured(w io.Writer) bool {
	return terminalOutput(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// widthOf is the width to wrap lines at: that of the terminal, up to what reads well, or
// none.
func widthOf(w io.Writer) int {
	if !terminalOutput(w) {
		return 0
	}
	const readable, least = 80, 20
	if width, _, err := term.GetSize(file(w).Fd()); err == nil && width > 0 {
		return max(min(width, readable), least)
	}
	return readable
}

// reflowed breaks lines that are longer than width, at spaces, and indents what comes after
// as they are; nothing is broken where width is zero.
func reflowed(text string, width int) string {
	if width == 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		for len(line) > width {
			at := strings.LastIndexByte(line[:width+1], ' ')
			if at <= len(indent) { // one long word
				rest := strings.IndexByte(line[width:], ' ')
				if rest < 0 {
					break
				}
				at = width + rest
			}
			fmt.Fprintln(&b, strings.TrimRight(line[:at], " "))
			line = indent + line[at+1:]
		}
		fmt.Fprintln(&b, line)
	}
	return b.String()
}

// drawable says whether w is a terminal on which what goes on may be drawn anew. In the
// log of a build, and for who wants no colours, lines are better.
func drawable(w io.Writer) bool { return coloured(w) && os.Getenv("CI") == "" }

func terminalOutput(w io.Writer) bool {
	f := file(w)
	return f != nil && isatty.IsTerminal(f.Fd())
}

// file is the file behind what a command prints to; nil where there is none.
func file(w io.Writer) *os.File {
	if o, ok := w.(output); ok {
		w = o.Writer
	}
	f, _ := w.(*os.File)
	return f
}
