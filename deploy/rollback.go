package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/imageref"
)

// rollbackKind marks the operations of rollbacks.
const rollbackKind = "rollback-"

// rollbackHistory is how many deployments are looked at for one to go back to: all that
// ECS keeps.
const rollbackHistory = 100

// Rollback puts a version back that ran well before, by the same ways and past the same
// gate as Deploy: what was typed then, with the digest that ran then, wherever its tag
// points by now.
//
// With an empty req.Image, it is the version that ran before the present one first came.
// Where the present one came by a rollback itself, it is that one: Rollback cannot know
// whether it is started again after it was killed, or meant to go further back, and the
// former must change nothing. Otherwise req.Image has to name a version of the history: by
// its whole reference, its tag, or its digest or the beginning of that.
//
// Started again, it goes on as Deploy does. Its errors are those of Deploy.
func (d *Deployer) Rollback(ctx context.Context, req Request) (*Result, error) {
	if err := req.validate(); err != nil {
		return nil, err
	}
	wanted := req.Image
	r := &run{d: d, req: req, kind: rollbackKind, phases: &phases{d: d, stack: req.Stack}}
	err := r.patiently(ctx, func(ctx context.Context) error {
		r.phases.enter(PhaseRead)
		version, err := r.formerVersion(ctx, wanted)
		if err != nil {
			return err
		}
		if r.image, err = imageref.Parse(version); err != nil {
			return &InputError{Problem: fmt.Sprintf("the version to go back to: %v", err), Advice: "nothing was changed", Err: err}
		}
		r.req.Image = version
		return r.attempt(ctx)
	})
	if err != nil {
		return nil, err
	}
	r.result.Phases = r.phases.done()
	return r.result, nil
}

// formerVersion is the image to go back to.
func (r *run) formerVersion(ctx context.Context, wanted string) (string, error) {
	ctx, cancel := r.d.reading(ctx)
	defer cancel()
	t, err := r.d.readTarget(ctx, r.req.Stack, r.req.ImageParameter)
	if err != nil {
		return "", err
	}
	name := t.stack.name()
	past, operations, err := r.d.pastDeployments(ctx, t, rollbackHistory)
	if err != nil {
		return "", err
	}
	if t.stack.updating() && len(operations) > 0 && operations[0].to.IsZero() {
		// It may be a rollback that an earlier run has begun: where it started from counts.
		past = slices.DeleteFunc(past, func(p PastDeployment) bool { return !p.Began.Before(operations[0].from) })
	}
	version := ""
	for _, ref := range t.services {
		of := slices.DeleteFunc(slices.Clone(past), func(p PastDeployment) bool { return p.Resource != ref.resource || !p.Succeeded() })
		former, ok := versionBefore(of)
		came, returned := arrival(of)
		by := during(operations, came.Began)
		switch {
		case wanted != "":
			former, ok = versionNamed(of, wanted)
		case by != nil && by.updated && strings.HasPrefix(by.token, operationPrefix+rollbackKind):
			former, ok = of[0], true // it was rolled back already
		case by == nil && returned:
			return "", &InputError{
				Problem: fmt.Sprintf("service %s runs a version again that it had left before, and ECS does not tell whether by a rollback", ref.name),
				Advice:  fmt.Sprintf("name the version to go to (--to; see slipway history %s); nothing was changed", name),
			}
		}
		switch {
		case !ok && wanted != "":
			return "", &InputError{
				Problem: fmt.Sprintf("service %s has run no %s", ref.name, wanted),
				Advice:  "choose one that it has run (slipway history " + name + "), or deploy it; nothing was changed",
			}
		case !ok:
			return "", &InputError{
				Problem: fmt.Sprintf("service %s has run nothing before what it runs", ref.name),
				Advice:  fmt.Sprintf("name the version to go to (--to; see slipway history %s), or deploy it; nothing was changed", name),
			}
		case version != "" && version != former.Reference():
			return "", &InputError{
				Problem: fmt.Sprintf("the services of stack %s have run different versions before: %s and %s", name, version, former.Reference()),
				Advice:  "name the version to go to (--to); nothing was changed",
			}
		}
		version = former.Reference()
	}
	if version == "" {
		return "", &InputError{
			Problem: fmt.Sprintf("no service of stack %s runs the image, so that nothing is known of former versions", name),
			Advice:  "deploy the version to go back to; nothing was changed",
		}
	}
	return version, nil
}

// versionBefore is the version that ran before the present one first came, among
// successful deployments, the newest first.
func versionBefore(past []PastDeployment) (PastDeployment, bool) {
	if len(past) == 0 {
		return PastDeployment{}, false
	}
	first := 0
	for i, p := range past {
		if sameVersion(p, past[0]) {
			first = i
		}
	}
	if first+1 == len(past) {
		return PastDeployment{}, false
	}
	return past[first+1], true
}

// arrival is the deployment by which the present version came, among successful ones, the
// newest first, and whether it had been there before and was left in between.
func arrival(past []PastDeployment) (came PastDeployment, returned bool) {
	left := false
	for _, p := range past {
		switch same := sameVersion(p, past[0]); {
		case !same:
			left = true
		case left:
			return came, true
		default:
			came = p
		}
	}
	return came, false
}

// sameVersion tells whether two deployments were of the same bytes, where that is known,
// and else of the same reference.
func sameVersion(a, b PastDeployment) bool {
	if a.Digest != "" && b.Digest != "" {
		return a.Digest == b.Digest
	}
	return a.Image == b.Image
}

// minDigestPrefix is how much of a digest is enough to name it.
const minDigestPrefix = 7

// versionNamed is the newest of the deployments that name means.
func versionNamed(past []PastDeployment, name string) (PastDeployment, bool) {
	hex := strings.TrimPrefix(name, "sha256:")
	for _, p := range past {
		ref, err := imageref.Parse(p.Image)
		untagged, _, _ := strings.Cut(p.Image, "@")
		switch {
		case name == p.Image || name == untagged || name == p.Reference():
		case err == nil && name == ref.Tag():
		case len(hex) >= minDigestPrefix && strings.HasPrefix(strings.TrimPrefix(p.Digest, "sha256:"), hex):
		default:
			continue
		}
		return p, true
	}
	return PastDeployment{}, false
}
