package cli

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// policyFiles are the files with the policies of callers, as --policy gives them. It is
// a [pflag.Value].
type policyFiles map[string]string

// String implements [pflag.Value].
func (policyFiles) String() string { return "" }

// Type implements [pflag.Value].
func (policyFiles) Type() string { return "CALLER=FILE" }

// Set implements [pflag.Value].
func (p policyFiles) Set(text string) error {
	caller, file, ok := strings.Cut(text, "=")
	if !ok || caller == "" || file == "" {
		return errors.New("want CALLER=FILE, with an access key ID or the ARN of a role as caller")
	}
	p[caller] = file
	return nil
}

// bind holds the callers to the policies in the files.
func (p policyFiles) bind(server *emulator.Server) error {
	for _, caller := range slices.Sorted(maps.Keys(p)) {
		document, err := os.ReadFile(p[caller])
		if err == nil {
			err = server.BindPolicy(caller, string(document))
		}
		if err != nil {
			return &deploy.InputError{
				Problem: "the policy of " + caller + ": " + err.Error(),
				Advice:  "give --policy the file of an identity-based policy in JSON",
				Err:     err,
			}
		}
	}
	return nil
}
