// Package snapshot tests CDK stacks against templates that are committed beside
// the test:
//
//	func TestShop(t *testing.T) {
//		app := awscdk.NewApp(nil)
//		snapshot.Match(t, NewShopStack(app, jsii.String("shop"), nil), nil)
//	}
//
// Where a stack differs from its snapshot, the failure tells resource by resource
// and property by property what a deployment would do, and what it would replace.
//
//	SNAPSHOT_UPDATE=1 go test ./...
//
// writes the snapshots, new ones too. It refuses a snapshot by which something
// that holds data or bears traffic would be replaced or deleted, until
// [Options.Acknowledged] accepts that very change.
//
// # Why a variable, and not a flag -update
//
// Flags of a test binary are one namespace for all packages in it. A library that
// registers -update panics beside a test, or another library, that has one
// ("flag redefined"); and `go test ./... -update` fails in every package whose
// test does not link the library. A variable has neither fault. Where a test
// package defines a boolean -update of its own, that is heeded, too.
//
// # What it stands on
//
// The comparison is [templatediff], which needs no CDK, and knows from the
// registry's schemas what the general snapshot libraries for Go cannot tell: what
// a change does on deploy.
//
// Tests with the CDK are not parallel: jsii takes one call at a time. Its template
// validator takes seconds for each synthesis; CDK_VALIDATION=false in the
// environment of the test turns it off.
package snapshot

import "github.com/slipway-go/slipway/snapshot/templatediff"

// Acknowledgement accepts one change by which something that holds data or bears
// traffic is replaced or deleted. A failure prints it ready to be copied, but for
// the reason.
type Acknowledgement = templatediff.Acknowledgement
