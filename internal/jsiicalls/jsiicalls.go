// Package jsiicalls counts what a Go program asks of the CDK. The CDK runs in a
// process of its own, and each constructor, method and property is a message to
// it: a tenth of a millisecond or more that a JavaScript app does not pay. Unlike
// the time, the number is the same on every run.
package jsiicalls

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Calls are numbers of messages by their kind, in jsii's words: load (of a
// package), create, invoke and sinvoke (of methods, the latter static), get, set,
// sget and sset (of properties), complete (of what the CDK has called in Go).
type Calls map[string]int

// Total is the number of all messages.
func (c Calls) Total() int {
	total := 0
	for _, count := range c {
		total += count
	}
	return total
}

// String tells the total and then the kinds, the most frequent first.
func (c Calls) String() string {
	kinds := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		if c[a] != c[b] {
			return c[b] - c[a]
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(kinds))
	for i, kind := range kinds {
		parts[i] = fmt.Sprintf("%d %s", c[kind], kind)
	}
	return fmt.Sprintf("%d (%s)", c.Total(), strings.Join(parts, ", "))
}

// Run runs a program that uses the CDK and counts its calls. The command must
// not have been started, and its Stderr is taken: jsii logs there. An error is
// the program's own, with the end of what it logged, or that it made no call.
func Run(cmd *exec.Cmd) (Calls, error) {
	var log bytes.Buffer
	cmd.Stderr = &log
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "JSII_DEBUG=1")
	if err := cmd.Run(); err != nil {
		const end = 2000
		return nil, fmt.Errorf("running %s: %w\n%s", cmd.Path, err, log.Bytes()[max(0, log.Len()-end):])
	}
	calls, err := Count(&log)
	if err != nil {
		return nil, fmt.Errorf("reading the log of %s: %w", cmd.Path, err)
	}
	return calls, nil
}

// requestMark begins the lines in the log that are messages to the CDK's process.
const requestMark = "> {"

// Count counts the calls in the log of a program that ran with JSII_DEBUG=1.
func Count(log io.Reader) (Calls, error) {
	calls := Calls{}
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, requestMark) {
			kind, err := kindOf(line[len(requestMark)-1:])
			if err != nil {
				return nil, err
			}
			if kind != "" {
				calls[kind]++
			}
		}
		switch {
		case err == nil:
		case !errors.Is(err, io.EOF):
			return nil, err
		case len(calls) == 0:
			return nil, errors.New("there is no message to the CDK in it; JSII_DEBUG=1 has them logged")
		default:
			return calls, nil
		}
	}
}

// kindOf is "" for the farewell, which is no call.
func kindOf(message string) (string, error) {
	var request struct {
		API      string `json:"api"`
		Complete any    `json:"complete"`
	}
	if err := json.Unmarshal([]byte(message), &request); err != nil {
		return "", fmt.Errorf("parsing message %.200q: %w", message, err)
	}
	if request.API == "" && request.Complete != nil {
		return "complete", nil
	}
	return request.API, nil
}
