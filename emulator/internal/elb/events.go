package elb

import "sync"

// eventQueue hands health events to one function, in order, from one goroutine, so
// that the function may call back into the service that emits them.
type eventQueue struct {
	deliver func(HealthEvent)
	done    chan struct{} // closed when the last event is delivered

	mu      sync.Mutex
	changed sync.Cond
	pending []HealthEvent
	closed  bool
}

// newEventQueue returns a queue that feeds deliver; nil drops all events.
func newEventQueue(deliver func(HealthEvent)) *eventQueue {
	q := &eventQueue{deliver: deliver, done: make(chan struct{})}
	q.changed.L = &q.mu
	if deliver == nil {
		close(q.done)
		return q
	}
	go q.run()
	return q
}

func (q *eventQueue) push(e HealthEvent) {
	if q.deliver == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pending = append(q.pending, e)
	q.changed.Signal()
}

func (q *eventQueue) run() {
	defer close(q.done)
	for {
		batch := q.next()
		if len(batch) == 0 {
			return
		}
		for _, e := range batch {
			q.deliver(e)
		}
	}
}

// next waits for events; none means that the queue is closed and empty.
func (q *eventQueue) next() []HealthEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.pending) == 0 && !q.closed {
		q.changed.Wait()
	}
	batch := q.pending
	q.pending = nil
	return batch
}

// close delivers what is pending and waits for it.
func (q *eventQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.changed.Signal()
	q.mu.Unlock()
	<-q.done
}
