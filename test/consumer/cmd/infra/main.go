// The infra command is what the cdk command runs.
package main

import (
	"github.com/aws/jsii-runtime-go"

	"example.com/bookshop/bookshop"
)

func main() {
	defer jsii.Close()
	bookshop.NewApp().Synth(nil)
}
