package stacks

import (
	"errors"
	"testing"
)

func TestPrepareNodeWithoutNode(t *testing.T) {
	for _, tt := range []struct{ name, path, node string }{
		{"not on PATH", "", ""},
		{"JSII_NODE names nothing", "", "/nonexistent/node"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", tt.path)
			t.Setenv("JSII_NODE", tt.node)
			t.Setenv("JSII_RUNTIME", "")
			if err := PrepareNode(); !errors.Is(err, ErrNoNode) {
				t.Errorf("got %v, want %v", err, ErrNoNode)
			}
		})
	}
}
