// Package deploy puts an image version into a CloudFormation stack, and proves
// before it acts that nothing but the image changes.
//
// It works on any stack whose template feeds a container image from a parameter. A
// deploy is a change set with the template that is already deployed, one new
// parameter value and every other parameter as it was. The change set is read back
// and accepted only if it changes the image of the task definitions that the
// parameter feeds, and the services that run them (see gate.go). Then it is
// executed and watched until three facts hold: the stack is UPDATE_COMPLETE, our ECS
// deployment succeeded and is primary, and the tasks that run carry the digest of
// that deployment.
//
// [Deployer.Plan] makes the same change set, tells all that it would change and what to
// expect of the rollout, and deletes it.
//
// The package prints nothing: what happens is told to [Options.Observe] as typed
// events, and how it ended is a [Result] or one of the error types in errors.go, one
// for each decision a caller makes. It keeps no state of its own.
package deploy
