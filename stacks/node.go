package stacks

import (
	"errors"
	"os"
	"os/exec"

	"github.com/aws/jsii-runtime-go"
)

// ErrNoNode says that there is no Node.js to run the CDK in.
var ErrNoNode = errors.New("synthesis needs Node.js 20 or newer, and there is no node on PATH")

// PrepareNode gets ready the Node process that the CDK runs in. Call it before
// the first construct: without Node, that would panic.
//
// It also silences the banner by which jsii tells on every run that a Node
// version is past its end of life, unless the user has set the variable for it.
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
