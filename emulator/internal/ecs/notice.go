package ecs

import "context"

// notice tells those who wait that they should look again. The Service's mutex guards
// it; it costs nothing while nobody waits.
type notice struct{ waited chan struct{} }

// wait returns a channel that is closed at the next tell.
func (n *notice) wait() <-chan struct{} {
	if n.waited == nil {
		n.waited = make(chan struct{})
	}
	return n.waited
}

func (n *notice) tell() {
	if n.waited != nil {
		close(n.waited)
		n.waited = nil
	}
}

// announce lets everyone who waits for anything look again. The mutex is held.
func (s *Service) announce() {
	s.changed.tell()
	for _, c := range s.clusters {
		for _, svc := range c.services {
			svc.changed.tell()
		}
	}
}

// announce lets those look again who wait for the service or one of its tasks, and not
// those who wait for one of thousands of others. The mutex is held.
func (svc *service) announce() {
	svc.changed.tell()
	svc.ecs.changed.tell()
}

// announce lets those look again who wait for the task or its service. The mutex is held.
func (t *task) announce(s *Service) {
	if t.service != nil {
		t.service.announce()
		return
	}
	s.changed.tell()
}

// await waits until done says so. It is asked with the mutex held, after every change.
func (s *Service) await(ctx context.Context, done func() (bool, error)) error {
	return s.awaitOn(ctx, func() *notice { return &s.changed }, done)
}

// awaitIn is await for what changes only with one service.
func (s *Service) awaitIn(ctx context.Context, find func() *service, done func() (bool, error)) error {
	return s.awaitOn(ctx, func() *notice {
		if svc := find(); svc != nil {
			return &svc.changed
		}
		return &s.changed
	}, done)
}

func (s *Service) awaitOn(ctx context.Context, of func() *notice, done func() (bool, error)) error {
	for {
		s.mu.Lock()
		ok, err := done()
		if ok || err != nil {
			s.mu.Unlock()
			return err
		}
		changed := of().wait()
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.life.Done():
			return context.Cause(s.life)
		}
	}
}
