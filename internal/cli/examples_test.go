package cli

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// parses checks that a line of a script which calls the command is one that it takes:
// the command is there, its flags are, and it has as many arguments as it wants.
func parses(line string) error {
	line = regexp.MustCompile(`\s*(>>?|\||2>|&&|#).*`).ReplaceAllString(line, "")
	args := strings.Fields(strings.NewReplacer(`"`, "", `'`, "").Replace(line))[1:]
	root := newRoot()
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if cmd == root {
		return fmt.Errorf("there is no command in %s", line)
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

func TestParses(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		`slipway deploy "$STACK" "$IMAGE" --timeout 20m`: true,
		"slipway plan a b --output markdown >> summary":  true,
		"slipway deploy a": false, "slipway deploy a b --nonsense": false, "slipway nonsense": false, "slipway plan a b -o yaml": false,
	} {
		if err := parses(line); (err == nil) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestGitHubActionsExample: the workflow is YAML with the parts that it needs, every
// command in it is one that the command takes, and the role is for nothing but what has
// been reviewed.
func TestGitHubActionsExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/github-actions/deploy.yml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		On          map[string]any
		Permissions map[string]string
		Jobs        map[string]struct {
			Steps []struct {
				Uses, Run string
				With      map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	if workflow.Permissions["id-token"] != "write" {
		t.Error("the workflow may not ask for a token")
	}
	if _, ok := workflow.On["pull_request"]; ok {
		t.Error("a pull request would be given a role that can deploy")
	}
	commands := 0
	for name, job := range workflow.Jobs {
		assumes := false
		for _, step := range job.Steps {
			assumes = assumes || strings.HasPrefix(step.Uses, "aws-actions/configure-aws-credentials@") && step.With["role-to-assume"] != ""
			if !strings.HasPrefix(step.Run, "slipway ") {
				continue
			}
			commands++
			if !assumes {
				t.Errorf("job %s: %s runs before the role is assumed", name, step.Run)
			}
			if err := parses(step.Run); err != nil {
				t.Errorf("job %s: %s: %v", name, step.Run, err)
			}
		}
	}
	if commands != 3 {
		t.Errorf("%d commands; want plan, deploy and history", commands)
	}
}

// TestExamplesOfHelp: every example in the help of a command is one that it takes.
func TestExamplesOfHelp(t *testing.T) {
	t.Parallel()
	examples := 0
	for _, cmd := range newRoot().Commands() {
		for _, line := range strings.Split(strings.ReplaceAll(cmd.Example, "\\\n", " "), "\n") {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "slipway ") {
				continue
			}
			examples++
			if err := parses(line); err != nil && !strings.Contains(line, "--file") {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
	if examples < 20 {
		t.Errorf("%d examples were found", examples)
	}
}
