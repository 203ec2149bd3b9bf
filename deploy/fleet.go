package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// DefaultConcurrency is how many stacks are worked on at the same time when
// [Fleet.Concurrency] is zero. Each needs about one call a second.
const DefaultConcurrency = 4

// Fleet is several deploys that belong together.
type Fleet struct {
	// Requests are what to deploy, each to another stack, by change sets.
	Requests []Request

	// Concurrency is how many stacks are worked on at the same time. Default:
	// [DefaultConcurrency].
	Concurrency int
}

// FleetResult is how one deploy of a fleet ended.
type FleetResult struct {
	Request Request
	Result  *Result // nil when there is an error
	Err     error   // as of [Deployer.Deploy], or a *NotBegunError
}

// FleetError is a fleet of which not all deploys succeeded. It unwraps to their errors.
type FleetError struct {
	Results []FleetResult // of all, in the order of the requests
	Begun   bool          // whether any stack was changed
}

func (e *FleetError) Error() string {
	var failed, held []string
	other := ""
	for _, r := range e.Results {
		var not *NotBegunError
		if left := (*InterruptedError)(nil); errors.As(r.Err, &left) && left.Left {
			other = "other "
		}
		switch {
		case errors.As(r.Err, &not):
			held = append(held, r.Request.Stack)
		case r.Err != nil:
			failed = append(failed, fmt.Sprintf("%s: %v", r.Request.Stack, r.Err))
		}
	}
	text := fmt.Sprintf("%d of %d deploys did not succeed:\n  %s", len(failed), len(e.Results), strings.Join(failed, "\n  "))
	switch {
	case !e.Begun:
		return text + "\nno " + other + "deploy was begun"
	case len(held) > 0:
		return text + "\nnot begun: " + strings.Join(held, ", ")
	}
	return text
}

// Unwrap are the errors of the deploys that failed.
func (e *FleetError) Unwrap() []error {
	var errs []error
	for _, r := range e.Results {
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
	}
	return errs
}

// NotBegunError is a deploy that was not begun since another one of its fleet failed.
// Its stack is as it was.
type NotBegunError struct {
	Stack string
	After string // the stack whose deploy failed
}

func (e *NotBegunError) Error() string {
	return fmt.Sprintf("stack %s is as it was, since the deploy of stack %s did not succeed", e.Stack, e.After)
}

// DeployAll deploys a fleet: it makes all change sets, has the gate judge all of them, and
// only when it accepts every one are they executed. A rollout that fails stops what has
// not begun; what is under way is seen to its end.
//
// The results are in the order of the requests. The error is nil when all succeeded, an
// *InputError when the fleet makes no sense, and else a *FleetError.
func (d *Deployer) DeployAll(ctx context.Context, f Fleet) ([]FleetResult, error) {
	c, err := d.newConvoy(f)
	if err != nil {
		return nil, err
	}
	c.each(ctx, func(ctx context.Context, s *ship) error { return s.run.patiently(ctx, s.prepare) })
	if c.failed() != nil {
		c.discard(ctx)
		return c.results(), &FleetError{Results: c.results()}
	}
	c.each(ctx, func(ctx context.Context, s *ship) error {
		if s.cs != nil { // else there is nothing to begin
			if err := c.mayBegin(ctx, s); err != nil {
				return withCleanup(err, s.discard(ctx))
			}
		}
		return s.run.finish(ctx, s.execute)
	})
	if c.failed() != nil {
		return c.results(), &FleetError{Results: c.results(), Begun: true}
	}
	return c.results(), nil
}

// convoy is a fleet on its way.
type convoy struct {
	ships       []*ship
	concurrency int

	mu    sync.Mutex
	first *ship // whose deploy failed first
}

// ship is one deploy of a convoy.
type ship struct {
	run *run
	cs  *changeSet // that is prepared; nil when there is none to execute
	err error
}

// newConvoy checks what needs no AWS to be seen as wrong.
func (d *Deployer) newConvoy(f Fleet) (*convoy, error) {
	if len(f.Requests) == 0 {
		return nil, &InputError{Problem: "there is nothing to deploy"}
	}
	if f.Concurrency < 0 {
		return nil, &InputError{Problem: fmt.Sprintf("the concurrency of %d is negative", f.Concurrency)}
	}
	c := &convoy{concurrency: f.Concurrency}
	if c.concurrency == 0 {
		c.concurrency = DefaultConcurrency
	}
	one := *d
	var telling sync.Mutex
	one.observe = func(e Event) {
		telling.Lock()
		defer telling.Unlock()
		d.observe(e)
	}
	if d.onInterrupt != nil {
		one.onInterrupt = askOnce(d.onInterrupt, f.Requests)
	}
	var problems []error
	seen := make(map[string]bool, len(f.Requests))
	for _, req := range f.Requests {
		r, err := one.newRun(req)
		switch {
		case err != nil:
			problems = append(problems, err)
		case seen[req.Stack]:
			problems = append(problems, &InputError{
				Problem: fmt.Sprintf("stack %s is there twice", req.Stack),
				Advice:  "deploy one image to it, and the other one after that",
			})
		case req.Strategy != "" && req.Strategy != StrategyChangeSet:
			problems = append(problems, &InputError{
				Problem: fmt.Sprintf("strategy %s for stack %s: several stacks are deployed by change sets only, so that all can be judged before one is changed", req.Strategy, req.Stack),
			})
		}
		seen[req.Stack] = true
		c.ships = append(c.ships, &ship{run: r})
	}
	return c, errors.Join(problems...)
}

// askOnce asks one question about all stacks, of which several may be rolling out.
func askOnce(ask func(string) Interrupt, requests []Request) func(string) Interrupt {
	var once sync.Once
	var answer Interrupt
	return func(string) Interrupt {
		once.Do(func() {
			names := make([]string, len(requests))
			for i, r := range requests {
				names[i] = r.Stack
			}
			answer = ask(strings.Join(names, ", "))
		})
		return answer
	}
}

// each does something for all ships, so many at a time, and keeps their errors.
func (c *convoy) each(ctx context.Context, do func(context.Context, *ship) error) {
	slots := make(chan struct{}, c.concurrency)
	var all sync.WaitGroup
	for _, s := range c.ships {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if s.err = do(ctx, s); s.err == nil {
				return
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.first == nil {
				c.first = s
			}
		})
	}
	all.Wait()
}

// failed is the ship whose deploy failed first; nil when none has.
func (c *convoy) failed() *ship {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first
}

// mayBegin tells why a deploy is not to be begun any more.
func (c *convoy) mayBegin(ctx context.Context, s *ship) error {
	if ctx.Err() != nil {
		return &InterruptedError{Stack: s.run.req.Stack, Err: context.Cause(ctx)}
	}
	if first := c.failed(); first != nil {
		return &NotBegunError{Stack: s.run.req.Stack, After: first.run.req.Stack}
	}
	return nil
}

func (c *convoy) results() []FleetResult {
	list := make([]FleetResult, len(c.ships))
	for i, s := range c.ships {
		list[i] = FleetResult{Request: s.run.req, Err: s.err}
		if s.err == nil {
			s.run.result.Phases = s.run.phases.done()
			list[i].Result = s.run.result
		}
	}
	return list
}

// discard takes back what was prepared, and says of each deploy that there was something
// to do for that it was not begun.
func (c *convoy) discard(ctx context.Context) {
	first := c.failed().run.req.Stack
	c.each(ctx, func(ctx context.Context, s *ship) error {
		if s.err != nil || s.run.result.AlreadyCurrent {
			return s.err
		}
		if s.run.running != nil {
			name := s.run.req.Stack
			return &InterruptedError{Stack: name, Left: true, Err: fmt.Errorf("an earlier run had begun it, and the deploy of stack %s did not succeed", first),
				Advice: "see how it goes on with: slipway status " + name}
		}
		return withCleanup(&NotBegunError{Stack: s.run.req.Stack, After: first}, s.discard(ctx))
	})
}

// prepare reads the stack and makes its change set, where there is something to change.
func (s *ship) prepare(ctx context.Context) (err error) {
	s.run.phases.enter(PhaseRead)
	if err := s.run.read(ctx); err != nil {
		return err
	}
	if s.run.result.AlreadyCurrent || s.run.running != nil {
		return nil
	}
	s.cs, err = s.run.prepareChangeSet(ctx)
	return err
}

func (s *ship) execute(ctx context.Context) ([]claim, error) {
	return s.run.executeChangeSet(ctx, s.cs)
}

func (s *ship) discard(ctx context.Context) error {
	if s.cs == nil {
		return nil
	}
	return s.run.d.discard(ctx, s.cs)
}
