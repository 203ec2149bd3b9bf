package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, s *Store) string {
	t.Helper()
	data, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestSettledMeansWritten: a change is in the file when its Settle returns, and changes
// that come together share writes.
func TestSettledMeansWritten(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "new", "folder"))
	if data, err := s.Read(); data != nil || err != nil {
		t.Errorf("a new folder has the state %q, %v", data, err)
	}
	var state, writes atomic.Int64
	s.Begin(func() ([]byte, error) {
		writes.Add(1)
		return strconv.AppendInt(nil, state.Load(), 10), nil
	})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			mine := state.Add(1)
			s.Changed()
			if err := s.Settle(t.Context()); err != nil {
				t.Error(err)
			}
			data, err := s.Read()
			if err != nil {
				t.Error(err)
			}
			if n, err := strconv.ParseInt(string(data), 10, 64); err != nil || n < mine {
				t.Errorf("change %d has settled, and the file has %q", mine, data)
			}
		})
	}
	all.Wait()
	before := writes.Load()
	if err := s.Settle(t.Context()); err != nil || writes.Load() != before {
		t.Errorf("without a change there was a write: %v", err)
	}
	state.Add(1)
	s.Changed()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := read(t, s); got != "51" {
		t.Errorf("after Close the file has %s", got)
	}
}

func TestFailedWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	var failing atomic.Bool
	full := errors.New("disk full")
	s.Begin(func() ([]byte, error) {
		if failing.Load() {
			return nil, full
		}
		return []byte("good"), nil
	})
	s.Changed()
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	failing.Store(true)
	s.Changed()
	if err := s.Settle(t.Context()); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
	if got := read(t, s); got != "good" {
		t.Errorf("a failed write leaves %q", got)
	}
	failing.Store(false)
	s.Changed()
	if err := s.Settle(t.Context()); err != nil {
		t.Errorf("the write after a failed one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSettleEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	held := make(chan struct{})
	s.Begin(func() ([]byte, error) { <-held; return nil, nil })
	s.Changed()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Settle(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	close(held)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOneProcessAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	if second, err := Open(dir); err == nil {
		t.Errorf("a second store %v opens", second)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if err := open(t, dir).Close(); err != nil {
		t.Errorf("after the first has closed: %v", err)
	}
}

// TestLeftovers: what a write that was cut short leaves is no state.
func TestLeftovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, nextFile), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if got := read(t, s); got != "" {
		t.Errorf("the state is %q", got)
	}
	s.Begin(func() ([]byte, error) { return fmt.Append(nil, "x"), nil })
	s.Changed()
	if err := s.Close(); err != nil || read(t, s) != "x" {
		t.Errorf("%v, %q", err, read(t, s))
	}
}
