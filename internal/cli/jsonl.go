package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// eventLines writes events as lines of JSON where those were asked for; nil where not.
func eventLines(cmd *cobra.Command, format outputFormat) func(deploy.Event) {
	if format != outputJSONL {
		return nil
	}
	return func(e deploy.Event) {
		_ = printLine(cmd.OutOrStdout(), eventName(e), e) // who has closed stdout hears no more
	}
}

// printLine writes one event as a line of JSON: an object that begins with the name of
// the event. docs/machine.md lists them.
func printLine(w io.Writer, name string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing event %s: %w", name, err)
	}
	members := strings.TrimPrefix(b.String(), "{")
	comma := ","
	if strings.HasPrefix(members, "}") {
		comma = ""
	}
	if _, err := fmt.Fprintf(w, "{\"event\":%q%s%s", name, comma, members); err != nil {
		return fmt.Errorf("writing event %s: %w", name, err)
	}
	return nil
}

// eventName is the name of an event of the deployer for programs: "phase-started" of a
// deploy.PhaseStarted.
func eventName(e deploy.Event) string {
	var b strings.Builder
	for i, letter := range reflect.TypeOf(e).Name() {
		if unicode.IsUpper(letter) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(letter))
	}
	return b.String()
}
