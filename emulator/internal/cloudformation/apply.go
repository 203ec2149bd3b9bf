package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
)

// apply brings one resource to what the next revision says: creates it, updates it
// in place, replaces it, or leaves it alone.
func (r *run) apply(ctx context.Context, env *intrinsic.Env, id string) error {
	definition := env.Template.Resources[id]
	properties, shown, err := r.s.evalProperties(env, definition)
	var existing *resource
	r.locked(func() { existing = r.st.resources[id] })
	if existing.made() && existing.status == "CREATE"+failed {
		// A former operation left it so; what remains of it would be in the way.
		if !r.deletePhysical(ctx, *existing, false, true) {
			return fmt.Errorf("deleting what was left of %s", id)
		}
		existing = nil
	}
	if !existing.made() {
		wanted := resource{logicalID: id, definition: definition, properties: properties, shown: shown, tags: r.next.tags}
		return r.createResource(ctx, wanted, "CREATE", "", err)
	}
	wanted := *existing
	wanted.definition, wanted.properties, wanted.shown, wanted.tags = definition, properties, shown, r.next.tags
	wanted.skipped = false
	if err != nil {
		r.touch(id, touch{before: existing})
		r.fail(ctx, wanted, "UPDATE", err)
		return err
	}
	changes := compare(existing.properties, properties)
	switch {
	case len(changes) == 0 && existing.status != "UPDATE"+failed && !r.s.retags(existing, wanted.tags):
		r.adopt(existing, wanted)
		return nil
	case r.s.recreation(definition.Type, changes) == Always:
		if err := r.mayUpdate(existing, updateReplace); err != nil {
			return err
		}
		if err := r.mayReplace(existing, properties); err != nil {
			return err
		}
		r.touch(id, touch{before: existing, replaced: true})
		wanted.Resource = Resource{}
		if err := r.createResource(ctx, wanted, "UPDATE", "Requested update requires the creation of a new physical resource; hence creating one.", nil); err != nil {
			return err
		}
		r.retire(id, retiree{resource: existing, retain: definition.UpdateReplacePolicy == "Retain"})
		return nil
	default:
		if err := r.mayUpdate(existing, updateModify); err != nil {
			return err
		}
		r.touch(id, touch{before: existing})
		return r.updateResource(ctx, wanted, existing)
	}
}

// mayUpdate says why an update may not do that to a resource, which has then failed as it
// was: by the stack's policy, or because a replacement could not be taken back.
func (r *run) mayUpdate(existing *resource, action string) error {
	var err error
	r.locked(func() {
		err = r.st.policyNow().check(action, existing.logicalID, existing.definition.Type)
		if err == nil && action == updateReplace && r.conduct.onFailure == "DO_NOTHING" {
			err = errors.New("Replacement type updates not supported on stack with disable-rollback.")
		}
	})
	if err != nil {
		r.keep(existing, err)
	}
	return err
}

// mayReplace says why a resource cannot be replaced by another one that bears its name
// while it is there itself. It has then failed as it was.
func (r *run) mayReplace(existing *resource, properties map[string]any) error {
	name := customName(r.s.Types.Identity(existing.definition.Type), existing.properties)
	if name == "" || name != customName(r.s.Types.Identity(existing.definition.Type), properties) {
		return nil
	}
	err := fmt.Errorf("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack again.", name)
	r.keep(existing, err)
	return err
}

// customName is the name that properties give a resource, behind those of what it is in:
// "cluster|service". It is empty where CloudFormation or the service makes one up.
func customName(identity []string, properties map[string]any) string {
	var parts []string
	for i, property := range identity {
		if value, given := properties[property]; given {
			parts = append(parts, scalarText(value))
		} else if i == len(identity)-1 {
			return ""
		}
	}
	return strings.Join(parts, "|")
}

// keep fails a resource as it was.
func (r *run) keep(existing *resource, why error) {
	r.locked(func() {
		r.remember(existing.logicalID, touch{before: existing})
		r.s.setResource(r.st, *existing, "UPDATE"+failed, why.Error())
	})
}

// refuseRemovals fails the resources that an update leaves out although the stack's
// policy keeps them from being deleted, and returns their logical ids.
func (r *run) refuseRemovals(active map[string][]string) []string {
	var refused []string
	var resources map[string]*resource
	r.locked(func() { resources = r.st.snapshot() })
	for _, id := range sortedKeys(resources) {
		if _, kept := active[id]; kept || !resources[id].made() {
			continue
		}
		if r.mayUpdate(resources[id], updateDelete) != nil {
			refused = append(refused, id)
		}
	}
	return refused
}

// recreation is the strongest of what the changes require.
func (s *Service) recreation(resourceType string, changes []difference) Recreation {
	needs := Never
	for _, c := range changes {
		switch s.Types.Recreation(resourceType, c.path) {
		case Always:
			return Always
		case Conditionally:
			needs = Conditionally
		}
	}
	return needs
}

// adopt takes over what needs no work at a provider: policies and metadata.
func (r *run) adopt(existing *resource, wanted resource) {
	r.locked(func() {
		if reflect.DeepEqual(existing.definition, wanted.definition) {
			return
		}
		r.remember(wanted.logicalID, touch{before: existing})
		if reflect.DeepEqual(existing.definition.Metadata, wanted.definition.Metadata) {
			r.st.resources[wanted.logicalID] = &wanted
			return
		}
		r.s.setResource(r.st, wanted, "UPDATE"+inProgress, "")
		r.s.setResource(r.st, wanted, "UPDATE"+complete, "")
	})
}

// createResource makes a physical resource, for a new logical id (verb CREATE) or in
// place of an old one (verb UPDATE). early is an error found before it began.
func (r *run) createResource(ctx context.Context, wanted resource, verb, reason string, early error) error {
	if verb == "CREATE" {
		r.touch(wanted.logicalID, touch{})
	}
	r.locked(func() { r.s.setResource(r.st, wanted, verb+inProgress, reason) })
	if early != nil {
		r.fail(ctx, wanted, verb, early)
		return early
	}
	request := r.request(wanted)
	request.Initiated = func(physicalID string) {
		wanted.PhysicalID = physicalID
		r.locked(func() { r.s.setResource(r.st, wanted, verb+inProgress, "Resource creation Initiated") })
	}
	made, err := r.s.Types.Provider(wanted.definition.Type).Create(ctx, request)
	if err != nil {
		if wanted.PhysicalID == "" {
			wanted.PhysicalID = made.PhysicalID // half made, so there is something to delete
		}
		r.fail(ctx, wanted, verb, err)
		return err
	}
	if wanted.PhysicalID == "" {
		request.Initiated(made.PhysicalID)
	}
	wanted.Resource = made
	r.locked(func() { r.s.setResource(r.st, wanted, verb+complete, r.conduct.completed()) })
	return nil
}

func (r *run) updateResource(ctx context.Context, wanted resource, previous *resource) error {
	r.locked(func() { r.s.setResource(r.st, wanted, "UPDATE"+inProgress, "") })
	request := r.request(wanted)
	request.Previous, request.PreviousTags = previous.properties, r.st.tagsOf(*previous)
	updated, err := r.s.Types.Provider(wanted.definition.Type).Update(ctx, request)
	if err != nil {
		r.fail(ctx, wanted, "UPDATE", err)
		return err
	}
	wanted.Resource = updated
	r.locked(func() { r.s.setResource(r.st, wanted, "UPDATE"+complete, r.conduct.completed()) })
	return nil
}

func (r *run) request(res resource) Request {
	return Request{
		StackName: r.st.name, StackID: r.st.id,
		LogicalID: res.logicalID, Type: res.definition.Type, PhysicalID: res.PhysicalID,
		Properties: res.properties, Tags: r.st.tagsOf(res),
		Express: r.conduct.deployment.express(), Initiated: func(string) {},
	}
}

// fail records why a resource failed; one that was under way when something else
// failed, or when the user cancelled, was cancelled.
func (r *run) fail(ctx context.Context, res resource, verb string, err error) {
	reason := reasonOf(err)
	if ctx.Err() != nil {
		noun := "creation"
		if verb == "UPDATE" {
			noun = "update"
		}
		reason = "Resource " + noun + " cancelled"
	}
	r.locked(func() { r.s.setResource(r.st, res, verb+failed, reason) })
}

func (r *run) touch(id string, t touch) {
	r.locked(func() { r.remember(id, t) })
}

// remember records a touch. What a resource was before the first of several touches is
// what a rollback goes back to. The caller holds Service.mu.
func (r *run) remember(id string, t touch) {
	if first, again := r.touched[id]; again {
		t = touch{before: first.before, replaced: first.replaced || t.replaced}
	}
	r.touched[id] = t
}

func (r *run) retire(id string, old retiree) {
	r.locked(func() { r.retired[id] = old })
}
