package cloudformation

import "fmt"

// savedRun is a [run].
type savedRun struct {
	Conduct     savedConduct
	Old, Next   savedRevision
	OldImports  map[string]bool
	Touched     map[string]savedTouch
	Retired     map[string]savedRetiree
	RollingBack bool
	Stuck       []string
}

type savedConduct struct {
	Token, OnFailure     string
	RetainExceptOnCreate bool
	Policy, DuringUpdate *string
	Deployment           *DeploymentConfig
	RetainResources      []string
	ForceDelete          bool
	Former               Status
}

type savedTouch struct {
	Before   *savedResource
	Replaced bool
}

type savedRetiree struct {
	Resource       *savedResource
	Retain, Leaves bool
}

func (r *run) save() *savedRun {
	if r == nil {
		return nil
	}
	c := r.conduct
	saved := &savedRun{
		Conduct: savedConduct{
			Token: c.token, OnFailure: c.onFailure, RetainExceptOnCreate: c.retainExceptOnCreate,
			Policy: c.policy.save(), DuringUpdate: c.policyDuringUpdate.save(), Deployment: c.deployment,
			RetainResources: c.retainResources, ForceDelete: c.forceDelete, Former: c.former,
		},
		Old: r.old.save(), Next: r.next.save(), OldImports: r.oldImports,
		Touched: map[string]savedTouch{}, Retired: map[string]savedRetiree{},
		RollingBack: r.rollingBack, Stuck: sortedKeys(r.stuck),
	}
	for id, t := range r.touched {
		saved.Touched[id] = savedTouch{Before: t.before.save(), Replaced: t.replaced}
	}
	for id, old := range r.retired {
		saved.Retired[id] = savedRetiree{Resource: old.resource.save(), Retain: old.retain, Leaves: old.leaves}
	}
	return saved
}

func (s *Service) restoreRun(st *stack, k *savedRun) (*run, error) {
	if k == nil {
		return nil, nil
	}
	c := k.Conduct
	r := &run{
		s: s, st: st, oldImports: k.OldImports,
		conduct: conduct{
			token: c.Token, onFailure: c.OnFailure, retainExceptOnCreate: c.RetainExceptOnCreate, deployment: c.Deployment,
			retainResources: c.RetainResources, forceDelete: c.ForceDelete, former: c.Former,
		},
		touched: map[string]touch{}, retired: map[string]retiree{}, stuck: map[string]bool{}, rollingBack: k.RollingBack,
	}
	var err error
	if r.old, err = k.Old.restore(); err != nil {
		return nil, fmt.Errorf("its former template: %w", err)
	}
	if r.next, err = k.Next.restore(); err != nil {
		return nil, fmt.Errorf("its next template: %w", err)
	}
	if r.conduct.policy, err = restorePolicy(c.Policy); err != nil {
		return nil, err
	}
	if r.conduct.policyDuringUpdate, err = restorePolicy(c.DuringUpdate); err != nil {
		return nil, err
	}
	for id, t := range k.Touched {
		r.touched[id] = touch{before: t.Before.restore(), replaced: t.Replaced}
	}
	for id, old := range k.Retired {
		r.retired[id] = retiree{resource: old.Resource.restore(), retain: old.Retain, leaves: old.Leaves}
	}
	for _, id := range k.Stuck {
		r.stuck[id] = true
	}
	return r, nil
}
