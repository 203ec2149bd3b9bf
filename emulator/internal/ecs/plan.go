package ecs

// group counts the tasks of one or several deployments that are not being stopped.
type group struct {
	Healthy  int // running, and passing their health checks if there are any
	Starting int // not yet healthy
	Ailing   int // were healthy once and fail their health checks now
}

func (g group) total() int { return g.Healthy + g.Starting + g.Ailing }

// census is what the scheduler sees of a service.
type census struct {
	Desired               int
	MinimumHealthyPercent int
	MaximumPercent        int

	Primary group // the PRIMARY deployment's tasks
	Old     group // those of all other deployments
}

// plan is what the scheduler does about it in one step.
type plan struct {
	Start int // tasks of the PRIMARY deployment to start

	StopOld      group // tasks of other deployments to stop
	StopSurplus  group // tasks of the PRIMARY deployment beyond the desired count
	StopReplaced int   // ailing tasks of the PRIMARY deployment to stop

	// Blocked: the percentages allow neither a start nor a stop, ever.
	Blocked bool
}

// lowerBound is how many tasks must stay healthy: the percentage, rounded up.
func (c census) lowerBound() int {
	return min(ceilPercent(c.Desired, c.MinimumHealthyPercent), c.Desired)
}

// upperBound is how many tasks may run or be about to: the percentage, rounded down.
func (c census) upperBound() int { return c.Desired * c.MaximumPercent / 100 }

func ceilPercent(n, percent int) int { return (n*percent + 99) / 100 }

// next decides the next step. What is stopped in it makes room for what is started.
func (c census) next() plan {
	var p plan
	healthy := c.Primary.Healthy + c.Old.Healthy
	spare := max(healthy-c.lowerBound(), 0)

	// Scale in: first what serves nobody yet, then as far as health allows.
	surplus := max(c.Primary.Healthy+c.Primary.Starting-c.Desired, 0)
	p.StopSurplus.Starting = min(surplus, c.Primary.Starting)
	p.StopSurplus.Healthy = min(surplus-p.StopSurplus.Starting, spare)
	spare -= p.StopSurplus.Healthy

	// Old tasks that never became healthy have nothing to lose.
	p.StopOld.Starting = c.Old.Starting
	p.StopOld.Healthy = min(c.Old.Healthy, spare)

	// Ailing tasks stay until others do their work: a load balancer without any
	// healthy target still uses them.
	if healthy >= c.Desired {
		p.StopReplaced, p.StopOld.Ailing = c.Primary.Ailing, c.Old.Ailing
	}

	wanted := max(c.Desired-c.Primary.Healthy-c.Primary.Starting, 0)
	room := c.upperBound() - (c.Primary.total() + c.Old.total() - p.stops())
	if wanted > 0 && room <= 0 { // ... unless they stand in the way of those
		switch {
		case c.Old.Ailing > p.StopOld.Ailing:
			p.StopOld.Ailing++
			room++
		case c.Primary.Ailing > p.StopReplaced:
			p.StopReplaced++
			room++
		}
	}
	p.Start = min(wanted, max(room, 0))
	p.Blocked = wanted > 0 && p.Start == 0 && p.stops() == 0 && c.Primary.Starting == 0
	return p
}

func (p plan) stops() int { return p.StopOld.total() + p.StopSurplus.total() + p.StopReplaced }

// stalled is the step of a deployment that has failed: it starts nothing, and stops
// nothing that serves but for what is not desired any more.
func (c census) stalled() plan {
	if c.Desired == 0 {
		return c.next()
	}
	return plan{StopSurplus: c.next().StopSurplus}
}
