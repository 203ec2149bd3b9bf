package stacks

import (
	"errors"
	"os"
	"os/exec"

	"github.com/aws/jsii-runtime-go"
)

// ErrNoNode is the error of [PrepareNode] where Node.js cannot be found.
var ErrNoNode = errors.New("synthesis needs Node.js 20 or newer, and there is no node on PATH")

// PrepareNode prepares the Node.js process that the CDK runs in. Call it before
// the first construct. It returns [ErrNoNode] where neither PATH nor the
// variable JSII_NODE leads to Node.js: without this check, the first construct
// panics.
//
// It also sets JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION, unless it is set,
// so that jsii does not print a banner with each run on a version of Node.js
// that is past its end of life.
func PrepareNode() error {
	if os.Getenv("JSII_RUNTIME") == "" {
		node := os.Getenv("JSII_NODE")
		if node == "" {
			node = "node"
		}
		if _, err := exec.LookPath(node); err != nil {
			return ErrNoNode
		}
	}
	const silence = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
	if _, set := os.LookupEnv(silence); !set {
		// The variable lists major versions; other values count for nothing.
		if err := os.Setenv(silence, "18,19,20,21,22,23,24"); err != nil {
			return err
		}
		// The process took its environment when this program began; the next
		// use of the CDK makes a new one.
		jsii.Close()
	}
	return nil
}
