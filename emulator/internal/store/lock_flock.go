//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"
	"syscall"
)

// exclusive locks a file until it is closed, or its process ends.
func exclusive(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a descriptor is an int
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errors.New("another embedded AWS uses this folder; end it, or give each its own")
	}
	return err
}
