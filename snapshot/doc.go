// Package snapshot tests CDK stacks against templates that are committed beside
// the test:
//
//	func TestShop(t *testing.T) {
//		app := awscdk.NewApp(nil)
//		snapshot.Match(t, NewShopStack(app, jsii.String("shop"), nil), nil)
//	}
//
// When the stack differs from its snapshot, the test fails. The failure lists,
// by resource and property, what a deployment would change and which resources
// it would replace or delete.
//
//	SNAPSHOT_UPDATE=1 go test ./...
//
// writes snapshots that are missing or differ. A snapshot is not written when
// the deployment would replace or delete a resource that holds data or receives
// traffic, unless [Options.Acknowledged] has an entry for this change.
//
// # Why an environment variable, and not the flag -update
//
// All packages in a test binary share its flags. A library that registers
// -update panics ("flag redefined") where a test or another library registers
// it, too, and go test ./... -update fails in every package whose test does not
// link the library. If a test package defines a boolean flag -update itself,
// the flag works like the variable.
//
// # How changes are judged
//
// Package [templatediff] compares the templates. It needs no CDK, and takes
// from the schemas in the CloudFormation registry which changes of a property
// replace a resource.
//
// Do not run tests that synthesize in parallel: jsii takes one call at a time.
// The CDK validates templates at each synthesis, which takes seconds;
// CDK_VALIDATION=false in the environment of the test turns this off.
package snapshot

import "github.com/slipway-go/slipway/snapshot/templatediff"

// Acknowledgement accepts one change that replaces or deletes a resource which
// holds data or receives traffic. The failure of a test prints the entry in Go,
// to be copied and given a Reason.
type Acknowledgement = templatediff.Acknowledgement
