package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

// TestTemplatesAreCurrent compares templates/ with what the stacks synthesize.
// With -update it writes them.
func TestTemplatesAreCurrent(t *testing.T) {
	needsNode(t)
	app := stacks.NewApp(jsii.String(t.TempDir()))
	for _, tt := range []struct{ stack, file, committed string }{
		{contract.NetworkStackName, "network.json", templates.Network()},
		{contract.ServiceStackName, "service.json", templates.Service()},
	} {
		t.Run(tt.file, func(t *testing.T) {
			got := synthesize(t, app, tt.stack)
			if *update {
				path := filepath.Join("..", "templates", tt.file)
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(tt.committed, got); diff != "" {
				t.Errorf("templates/%s is not what the stack synthesizes. If the change is meant, run `make templates`.\n-committed +synthesized\n%s", tt.file, diff)
			}
		})
	}
}
