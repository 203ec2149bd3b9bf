// Package stacks makes CloudFormation stacks of package constructs: it owns
// their parameters, outputs and exports, and nothing else.
//
// The stacks need no `cdk bootstrap`: they have no assets and no bootstrap
// parameter, and their templates are small enough to travel in the request.
// Logical IDs are part of the contract; see pinLogicalIDs.
package stacks
