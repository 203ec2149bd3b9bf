//go:build !unix

package container

import (
	"os"
	"syscall"
)

// Without signals and process groups, a process is only ever killed, and what it has
// started goes on.

func ownGroup() *syscall.SysProcAttr { return nil }

func terminate(p *os.Process) error { return p.Kill() }

func killGroup(p *os.Process) { _ = p.Kill() }

func exitCode(state *os.ProcessState) int { return state.ExitCode() }
