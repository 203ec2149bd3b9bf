package deploy

// phases measures the phases of an operation on a stack, and tells when each begins.
type phases struct {
	d     *Deployer
	stack string
	list  []Phase
}

// enter ends the phase before and begins the next.
func (p *phases) enter(name PhaseName) {
	if n := len(p.list); n > 0 && p.list[n-1].Name == name {
		return // it goes on
	}
	now := p.d.clock.Now()
	p.end()
	p.list = append(p.list, Phase{Name: name, Start: now})
	p.d.observe(PhaseStarted{at: at{now}, Stack: p.stack, Phase: name})
}

func (p *phases) end() {
	if n := len(p.list); n > 0 && p.list[n-1].Duration == 0 {
		p.list[n-1].Duration = p.d.clock.Now().Sub(p.list[n-1].Start)
	}
}

// done ends the last phase and returns them all.
func (p *phases) done() []Phase {
	p.end()
	return p.list
}
