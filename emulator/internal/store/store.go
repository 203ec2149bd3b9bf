// Package store keeps the state of the embedded AWS in a folder, so that it outlives
// the process, however that ends.
//
// The folder holds one file with the whole state. A new state is written beside it,
// synced, and takes its place by a rename: whoever reads finds the old state or the new
// one, and never a part. One goroutine writes; all who ask for a write while another one
// is going on share the next.
package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
)

const (
	stateFile = "state.json"
	nextFile  = "state.json.next" // what a write that was cut short leaves
	lockFile  = "lock"
)

// errClosed is why nothing is written any more.
var errClosed = errors.New("the embedded AWS is closing")

// Store is a folder that this process alone uses. It is safe for concurrent use.
type Store struct {
	dir  string
	lock *os.File
	kick chan struct{} // there is something to write
	stop chan struct{}
	done chan struct{} // closed when the writer has ended; nil before Begin

	mu      sync.Mutex
	changed uint64        // how many changes there were
	written uint64        // how many of them the file has
	tried   uint64        // how many of them the last write was for
	err     error         // of the last write
	wrote   chan struct{} // closed after each write, then replaced
	closed  bool
}

// Open makes the folder where it does not exist, and locks it against other processes.
// Close the store after use.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("making the folder for the state: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the state: %w", err)
	}
	if err := exclusive(lock); err != nil {
		return nil, errors.Join(fmt.Errorf("locking the state in %s: %w", dir, err), lock.Close())
	}
	return &Store{
		dir: dir, lock: lock,
		kick: make(chan struct{}, 1), stop: make(chan struct{}), wrote: make(chan struct{}),
	}, nil
}

// Path is the file with the state.
func (s *Store) Path() string { return filepath.Join(s.dir, stateFile) }

// Read returns the state that was written last, nil where there is none.
func (s *Store) Read() ([]byte, error) {
	data, err := os.ReadFile(s.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	return data, nil
}

// Begin starts to write what encode returns whenever something has changed. It is called
// once.
func (s *Store) Begin(encode func() ([]byte, error)) {
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		for {
			select {
			case <-s.kick:
				s.commit(encode)
			case <-s.stop:
				s.commit(encode) // what changed last
				return
			}
		}
	}()
}

// Changed says that the state is another one now. It returns at once.
func (s *Store) Changed() {
	s.mu.Lock()
	s.changed++
	s.mu.Unlock()
	s.wake()
}

// wake lets the writer look.
func (s *Store) wake() {
	select {
	case s.kick <- struct{}{}:
	default: // the next write has not begun, and will have this change too
	}
}

// Settle waits until the file has all changes up to now, and returns why it could not be
// written, or the error of ctx. It returns at once where nothing has changed.
func (s *Store) Settle(ctx context.Context) error {
	s.mu.Lock()
	wanted := s.changed
	for s.written < wanted {
		if s.tried >= wanted {
			err := s.err
			s.mu.Unlock()
			s.wake() // the next to ask may be luckier
			return err
		}
		if s.closed {
			s.mu.Unlock()
			return errClosed
		}
		wrote := s.wrote
		s.mu.Unlock()
		select {
		case <-wrote:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.mu.Lock()
	}
	s.mu.Unlock()
	return nil
}

// End writes what has changed and ends the writer. The folder stays locked. Ending again
// does nothing.
func (s *Store) End() error {
	s.mu.Lock()
	ended := s.closed
	s.closed = true
	s.mu.Unlock()
	if ended || s.done == nil {
		return nil
	}
	close(s.stop)
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the writer and sets the folder free.
func (s *Store) Close() error {
	return errors.Join(s.End(), s.lock.Close()) // which unlocks it
}

// commit writes the state, if it has changed, for all changes that came before.
func (s *Store) commit(encode func() ([]byte, error)) {
	s.mu.Lock()
	tried := s.changed
	current := s.written == tried
	s.mu.Unlock()
	if current {
		return
	}
	data, err := encode()
	if err == nil {
		err = s.write(data)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried, s.err = tried, err
	if err == nil {
		s.written = tried
	}
	close(s.wrote)
	s.wrote = make(chan struct{})
}

// write puts data into the place of the state. Only its owner can read it: it has the
// values of parameters with NoEcho.
func (s *Store) write(data []byte) error {
	if err := s.replace(data); err != nil {
		return fmt.Errorf("writing the state to %s: %w", s.Path(), err)
	}
	return nil
}

func (s *Store) replace(data []byte) error {
	next := filepath.Join(s.dir, nextFile)
	f, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, s.Path()); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

// syncFolder makes a rename last. Windows has no such call, and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
