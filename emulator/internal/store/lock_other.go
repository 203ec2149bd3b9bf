//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import (
	"errors"
	"os"
)

// exclusive refuses: without a lock that ends with its process, two servers could write
// to one folder, or a killed one keep the next from starting.
func exclusive(*os.File) error {
	return errors.New("the embedded AWS cannot keep its state on this operating system")
}
