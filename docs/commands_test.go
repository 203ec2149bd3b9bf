package docs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/internal/cli"
)

// pages are all pages that people read.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"../*.md", "*.md", "../benchmarks/*/README.md", "../emulator/*/README.md", "../examples/*/*.yml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("there is no page %s: %v", pattern, err)
		}
		all = append(all, found...)
	}
	return all
}

// TestCommandsAreMarked: what is to be typed stands in blocks marked sh, which the tests in
// test/clients run.
func TestCommandsAreMarked(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`^\s*(slipway|go run|go test|go install|cdk|aws|npm|make|curl|apt-get) `)
	for _, page := range pages(t) {
		if filepath.Ext(page) != ".md" {
			continue
		}
		language := ""
		for i, line := range strings.Split(read(t, page), "\n") {
			switch {
			case strings.HasPrefix(line, "```") && language == "":
				if language = strings.TrimPrefix(line, "```"); language == "" {
					t.Errorf("%s:%d: a block says not what is in it: sh, text, ...", page, i+1)
					language = "text"
				}
			case strings.HasPrefix(line, "```"):
				language = ""
			case language != "sh" && (language != "" || strings.HasPrefix(line, "    ")) && command.MatchString(line) && !strings.Contains(strings.TrimSpace(line), "   "): // a row of a table
				t.Errorf("%s:%d: %q is a command, and stands in no block of sh", page, i+1, strings.TrimSpace(line))
			}
		}
	}
}

// TestCommandsAreUnderstood: every slipway command that a page mentions, within a sentence
// too, is one that there is, with flags that there are.
func TestCommandsAreUnderstood(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile("`(slipway [^`]+)`")
	line := regexp.MustCompile(`(?m)^(?:.* )?(slipway (?:deploy|plan|status|history|rollback|reconcile|recover|cancel|continue|policy|rehearse|emulate|up|down) (?:[^\\\n]|\\\n)*)$`)
	found := 0
	for _, page := range pages(t) {
		text := read(t, page)
		for _, match := range append(inline.FindAllStringSubmatch(text, -1), line.FindAllStringSubmatch(text, -1)...) {
			words := strings.Fields(strings.ReplaceAll(match[1], "\\\n", " "))
			if strings.ContainsAny(match[1], "`|") && filepath.Ext(page) == ".md" {
				continue // of a table or a sentence
			}
			found++
			if err := understood(words[1:]); err != nil {
				t.Errorf("%s: %q: %v", page, match[1], err)
			}
		}
	}
	if found < 30 {
		t.Errorf("%d commands were found; want all of them", found)
	}
}

// understood parses a command line as far as that goes without running it.
func understood(words []string) error {
	for i, word := range words {
		if strings.HasPrefix(word, "#") || word == ">>" || word == ">" || word == "|" || word == "&&" {
			words = words[:i]
			break
		}
		words[i] = strings.Trim(word, `"'.,;:)`)
	}
	root := cli.Command()
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if cmd == root {
		return &unknownCommand{words}
	}
	// Places for values are words in capitals, whatever the flag takes.
	var flags []string
	for _, word := range rest {
		if name, _, _ := strings.Cut(word, "="); strings.HasPrefix(name, "-") {
			flags = append(flags, name)
		}
	}
	return known(cmd, flags)
}

func known(cmd *cobra.Command, flags []string) error {
	for _, flag := range flags {
		name := strings.TrimLeft(flag, "-")
		if cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil && (len(name) != 1 || cmd.Flags().ShorthandLookup(name) == nil) && name != "help" && name != "version" {
			return &unknownCommand{[]string{cmd.Name(), flag}}
		}
	}
	return nil
}

type unknownCommand struct{ words []string }

func (e *unknownCommand) Error() string { return "there is no " + strings.Join(e.words, " ") }
