package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator"
)

// imageCommands is the value of the repeatable --run PATTERN=COMMAND.
type imageCommands map[string]emulator.Command

// String, Set and Type make a flag of it.
func (c imageCommands) String() string {
	return strings.Join(slices.Sorted(maps.Keys(c)), " ")
}

func (c imageCommands) Type() string { return "IMAGE=COMMAND" }

func (c imageCommands) Set(value string) error {
	pattern, line, _ := strings.Cut(value, "=")
	words, err := splitWords(line)
	if err != nil {
		return err
	}
	if pattern == "" || len(words) == 0 {
		return fmt.Errorf("want IMAGE=COMMAND, such as :v2=./server")
	}
	c[pattern] = emulator.Command{Args: words}
	return nil
}

// splitWords splits a command as a shell does, with quotes and backslashes and nothing
// else: no variables, no patterns, no redirections.
func splitWords(line string) ([]string, error) {
	var (
		words         []string
		word          strings.Builder
		quote         rune // the one that is open, or 0
		begun, escape bool
	)
	for _, r := range line {
		switch {
		case escape:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\') // means itself there
			}
			word.WriteRune(r)
			escape = false
		case r == '\\' && quote != '\'':
			begun, escape = true, true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			begun, quote = true, r
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 || escape {
		return nil, fmt.Errorf("the command %q ends within quotes or after a backslash", line)
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
