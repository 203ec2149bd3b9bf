package cloudformation

import (
	"context"
	"fmt"
	"reflect"
	"strings"
)

// rollback undoes what the forward part of an update did, in the order of the old
// revision, and leaves to the clean-up what the update created.
func (r *run) rollback(ctx context.Context) (stuck []string) {
	env := r.s.env(r.st.name, r.st.id, r.old, r.current)
	dependencies, err := env.Dependencies()
	if err != nil {
		return []string{r.st.name} // the old revision was valid when it was applied
	}
	undo := map[string][]string{}
	r.locked(func() {
		if r.rollingBack { // and could not wholly be undone
			for id, t := range r.touched {
				if t.left(r.st.resources[id]) {
					undo[id] = dependencies[id]
				}
			}
			r.stuck = map[string]bool{}
			return
		}
		r.rollingBack = true
		r.retired = map[string]retiree{} // what was to go stays
		for id, t := range r.touched {
			if t.before != nil {
				undo[id] = dependencies[id]
				continue
			}
			made := r.st.resources[id]
			r.retired[id] = retiree{resource: made, retain: r.retainsCreated(made), leaves: true}
		}
	})
	return walk(ctx, undo, r.undo)
}

// left tells whether a rollback that came to no end may have left the touch as it was.
// What was skipped is as its owner wants it.
func (t touch) left(now *resource) bool {
	switch {
	case t.before == nil || now == nil || now.skipped:
		return false
	case t.replaced:
		return now.PhysicalID != t.before.PhysicalID
	}
	return now != t.before
}

func (r *run) undo(ctx context.Context, id string) error {
	var (
		t   touch
		now *resource
	)
	r.locked(func() { t, now = r.touched[id], r.st.resources[id] })
	if t.replaced {
		r.locked(func() {
			if now.PhysicalID != "" && now.PhysicalID != t.before.PhysicalID {
				r.retired[id] = retiree{resource: now}
			}
			r.s.setResource(r.st, *t.before, "UPDATE"+inProgress, "")
			r.s.setResource(r.st, *t.before, "UPDATE"+complete, "")
		})
		return nil
	}
	same := len(compare(now.properties, t.before.properties)) == 0 && !r.s.retags(now, t.before.tags)
	if same && now.status != "UPDATE"+inProgress { // or else the rollback was interrupted just there
		r.locked(func() {
			switch {
			case now.status == "UPDATE"+failed: // it had been kept from changing
				r.s.setResource(r.st, *t.before, "UPDATE"+complete, "")
			case !reflect.DeepEqual(now.definition, t.before.definition): // or else it was undone before
				r.st.resources[id] = t.before
			}
		})
		return nil
	}
	err := r.updateResource(ctx, *t.before, now)
	if err != nil {
		r.locked(func() {
			// It still has what the update gave it, for the next attempt to undo.
			left := *r.st.resources[id]
			left.definition, left.properties, left.shown, left.tags = now.definition, now.properties, now.shown, now.tags
			r.st.resources[id] = &left
			if ctx.Err() == nil {
				r.stuck[id] = true
			}
		})
	}
	return err
}

// retireRemoved leaves to the clean-up what the next revision no longer has.
func (r *run) retireRemoved() {
	active, err := r.s.env(r.st.name, r.st.id, r.next, r.current).Dependencies()
	if err != nil {
		return // the revision has just been applied, so it is valid
	}
	r.locked(func() {
		for id, res := range r.st.resources {
			if _, kept := active[id]; !kept {
				r.retired[id] = retiree{resource: res, retain: retains(res), leaves: true}
			}
		}
	})
}

// retains tells whether a resource outlives its stack, or its place in the template.
func retains(res *resource) bool {
	return res.definition.DeletionPolicy == "Retain" || res.definition.DeletionPolicy == "RetainExceptOnCreate"
}

// retainsCreated tells whether a resource outlives the rollback of its own creation.
func (r *run) retainsCreated(res *resource) bool {
	return res.definition.DeletionPolicy == "Retain" && !r.conduct.retainExceptOnCreate
}

// cleanUp deletes what was retired, dependents first. A resource that cannot be
// deleted stays behind: it fails no update, as in CloudFormation.
func (r *run) cleanUp(ctx context.Context, order revision) {
	dependencies := order.template.Dependencies()
	queue := map[string][]string{}
	var retired map[string]retiree
	r.locked(func() { retired = r.retired })
	for id := range retired {
		queue[id] = dependencies[id]
	}
	walk(ctx, reversed(queue), func(ctx context.Context, id string) error {
		old := retired[id]
		r.deletePhysical(ctx, *old.resource, old.retain, old.leaves)
		return nil
	})
}

// deletePhysical deletes one physical resource, or skips it, and says whether the
// resource is gone or left behind on purpose.
func (r *run) deletePhysical(ctx context.Context, res resource, retain, leaves bool) bool {
	record := func(status, reason string) {
		r.locked(func() {
			if leaves {
				r.s.setResource(r.st, res, status, reason)
			} else {
				r.s.recordResource(r.st, res, status, reason)
			}
		})
	}
	forget := func() {
		if leaves {
			r.locked(func() { delete(r.st.resources, res.logicalID) })
		}
	}
	if res.PhysicalID == "" {
		record("DELETE"+complete, "")
		forget()
		return true
	}
	if retain {
		record("DELETE"+skipped, "")
		forget()
		return true
	}
	record("DELETE"+inProgress, "")
	if err := r.delete(ctx, res); err != nil {
		record("DELETE"+failed, reasonOf(err))
		return false
	}
	record("DELETE"+complete, r.conduct.completed())
	forget()
	return true
}

// removal is how all resources of a stack are deleted.
type removal struct {
	retains      func(*resource) bool
	force        bool   // leave behind what cannot be deleted
	done, broken Status // how the stack ends
}

// remove deletes all resources of the stack, dependents first. One that cannot be
// deleted keeps only what it depends on from being deleted.
func (r *run) remove(ctx context.Context, how removal) {
	dependencies := map[string][]string{}
	resources := map[string]*resource{}
	r.locked(func() {
		resources = r.st.snapshot()
		all := map[string][]string{}
		if r.st.revision.template != nil {
			all = r.st.revision.template.Dependencies()
		}
		for id := range resources {
			dependencies[id] = all[id]
		}
	})
	failed := walkOn(ctx, reversed(dependencies), func(ctx context.Context, id string) error {
		res := resources[id]
		if r.deletePhysical(ctx, *res, how.retains(res), true) {
			return nil
		}
		if how.force && ctx.Err() == nil {
			r.deletePhysical(ctx, *res, true, true)
			return nil
		}
		return fmt.Errorf("deleting %s", id)
	})
	if ctx.Err() != nil {
		return // the emulator closes
	}
	r.locked(func() {
		if len(failed) > 0 {
			r.s.setStatus(r.st, how.broken, fmt.Sprintf("The following resource(s) failed to delete: [%s]. ", strings.Join(failed, ", ")))
			return
		}
		r.s.unpublish(r.st)
		r.s.setImports(r.st, nil)
		if how.done == DeleteComplete {
			r.st.remember(resources, how.retains)
			r.s.bury(r.st)
		}
		r.s.setStatus(r.st, how.done, "")
	})
}
