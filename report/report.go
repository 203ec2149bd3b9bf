// Package report writes the report of a rehearsal, for people and for programs.
package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/slipway-go/slipway/rehearse"
)

// JSON writes the report as one object.
func JSON(w io.Writer, r *rehearse.Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
