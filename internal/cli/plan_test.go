package cli

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

var (
	digestA = "sha256:" + strings.Repeat("a", 64)
	digestB = "sha256:" + strings.Repeat("b", 64)
)

// examplePlan is one of an accepted deploy with all that a prediction can have.
func examplePlan() *deploy.Plan {
	return &deploy.Plan{
		Stack: "shop", Parameter: "ImageUrl", Image: "acme/shop@" + digestB, PreviousImage: "acme/shop@" + digestA,
		Changes: []deploy.Change{{
			Resource: "Task", ResourceType: "AWS::ECS::TaskDefinition", Action: "Modify", Replacement: true,
			Path: "/Properties/ContainerDefinitions/0/Image", Before: "acme/shop@" + digestA, After: "acme/shop@" + digestB, Cause: "ImageUrl",
		}},
		Predictions: []deploy.Prediction{{
			Resource: "Service", Service: "web-Service-Ne8cU9KN0A3p", Strategy: "CANARY",
			Desired: 3, Batches: 2, LeastHealthy: 2, MostTasks: 4, Shortest: 55 * time.Second, Longest: 70 * time.Second,
			Basis:    []string{"its last 3 rollouts took 1 min 1 s to 1 min 4 s"},
			Warnings: []string{"it can take longer than the timeout of 30 min, after which the update is cancelled"},
			Unread:   []string{"the health checks of the target groups: not authorized"},
		}},
	}
}

// TestPlanTextFits: on a terminal no line is longer than it, and what is good or bad has
// a colour.
func TestPlanTextFits(t *testing.T) {
	t.Parallel()
	const want = `<32>a deploy to stack shop would be accepted</>
  ImageUrl
    <31>- acme/shop (sha256:aaaaaaaaaaaa)</>
    <32>+ acme/shop (sha256:bbbbbbbbbbbb)</>

<1>Task (AWS::ECS::TaskDefinition, replaced)</>
  /Properties/ContainerDefinitions/0/Image because of ImageUrl
    <31>- acme/shop (sha256:aaaaaaaaaaaa)</>
    <32>+ acme/shop (sha256:bbbbbbbbbbbb)</>

<1>rollout of service web-Service</>
  CANARY, 3 tasks in 2 batches, 2 to 4 at a time
  takes 55 s to 1 min 10 s in ECS:
    its last 3 rollouts took 1 min 1 s to 1 min 4 s
  <33>warning: it can take longer than the timeout of 30 min, after which the</>
  <33>  update is cancelled</>
  <33>not read, a default stands for it: the health checks of the target groups:</>
  <33>  not authorized</>
`
	var b strings.Builder
	if err := printPlanText(&b, examplePlan(), true, 80); err != nil {
		t.Fatal(err)
	}
	readable := strings.NewReplacer("\x1b[0m", "</>", "\x1b[1m", "<1>", "\x1b[31m", "<31>", "\x1b[32m", "<32>", "\x1b[33m", "<33>")
	if diff := cmp.Diff(want, readable.Replace(b.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.Reset()
	if err := printPlanText(&b, examplePlan(), false, 80); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if length := len(strings.TrimRight(line, "\n")); length > 80 {
			t.Errorf("a line of %d characters: %q", length, line)
		}
	}
	b.Reset()
	if err := printPlanText(&b, examplePlan(), false, 0); err != nil || strings.Contains(b.String(), "\x1b") {
		t.Errorf("without colour: %q, %v", b.String(), err)
	}
}

// TestPlanOutcome: a program is told why a plan ended otherwise than well.
func TestPlanOutcome(t *testing.T) {
	t.Parallel()
	refused := examplePlan()
	refused.Reasons = []deploy.Reason{{Resource: "Topic", Why: "no part of a rollout"}}
	left := errors.New("change set slipway-plan-x is left behind")
	for name, tt := range map[string]struct {
		plan *deploy.Plan
		err  error
		want planOutcome
	}{
		"accepted":    {examplePlan(), nil, planOutcome{Outcome: "accepted"}},
		"refused":     {refused, nil, planOutcome{Outcome: "refused", Error: "refused to update stack shop:\n  Topic: no part of a rollout", ExitCode: exitRefused}},
		"left behind": {examplePlan(), left, planOutcome{Outcome: "accepted", Error: left.Error(), ExitCode: exitUnexpected}},
	} {
		tt.want.Plan = tt.plan
		if diff := cmp.Diff(tt.want, planOutcomeOf(tt.plan, tt.err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		var out bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&out)
		if code := exitCodeOf(printPlan(cmd, outputJSONL, tt.plan, tt.err)); code != tt.want.ExitCode {
			t.Errorf("%s: exit code %d", name, code)
		}
		if line := out.String(); !strings.HasPrefix(line, `{"event":"result","result":"`+tt.want.Outcome+`"`) || strings.Count(line, "\n") != 1 {
			t.Errorf("%s: it says %s", name, line)
		}
	}
}

// TestPlanTextOfTask: of a stack without services there is no rollout to be predicted.
func TestPlanTextOfTask(t *testing.T) {
	t.Parallel()
	p := examplePlan()
	p.Predictions = nil
	for form, print := range map[string]func(io.Writer) error{
		"text":     func(w io.Writer) error { return printPlanText(w, p, false, 0) },
		"markdown": func(w io.Writer) error { return printPlanMarkdown(w, p) },
	} {
		var b strings.Builder
		if err := print(&b); err != nil || !strings.Contains(b.String(), "no service of this stack uses it; the stack has it only as a task definition") {
			t.Errorf("%s: %q, %v", form, b.String(), err)
		}
	}
}

// TestPlanTextOfDrift: what is refused before a change set is made has values and
// another next step.
func TestPlanTextOfDrift(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := printPlanText(&b, &deploy.Plan{
		Stack: "shop", Parameter: "ImageUrl", Image: "acme/shop:v2", PreviousImage: "acme/shop:v1",
		Reasons: []deploy.Reason{{Resource: "Service", Path: "/Properties/TaskDefinition", Before: "shop:1", After: "shop:2", Why: "drift"}},
	}, false, 0)
	if err != nil {
		t.Fatal(err)
	}
	const want = `a deploy to stack shop would be refused
  ImageUrl
    - acme/shop:v1
    + acme/shop:v2

refused because
  Service/Properties/TaskDefinition: drift
    - shop:1
    + shop:2
Nothing was changed. See what the stack has with:
slipway status shop
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlanMarkdown(t *testing.T) {
	t.Parallel()
	p := examplePlan()
	p.Changes = append(p.Changes, deploy.Change{
		Resource: "Topic", ResourceType: "AWS::SNS::Topic", Action: "Add",
	}, deploy.Change{
		Resource: "Web", ResourceType: "AWS::SSM::Parameter", Action: "Modify", Path: "/Properties/Value", Before: "a|b`c`\nd", After: "<b>``x",
	})
	p.Predictions[0].Warnings = []string{"a *bold* <b>@user</b> [link](x)"}
	const want = "### Slipway: a deploy to `shop` would be accepted\n" + `
` + "`ImageUrl`: `acme/shop (sha256:aaaaaaaaaaaa)` → `acme/shop (sha256:bbbbbbbbbbbb)`" + `

| Resource | Attribute | Before | After | Because of |
|---|---|---|---|---|
` + "| `Task` AWS::ECS::TaskDefinition, replaced | `/Properties/ContainerDefinitions/0/Image` | `acme/shop (sha256:aaaaaaaaaaaa)` | `acme/shop (sha256:bbbbbbbbbbbb)` | `ImageUrl` |\n" +
		"| `Topic` AWS::SNS::Topic, added |  |  |  |  |\n" +
		"| `Web` AWS::SSM::Parameter | `/Properties/Value` | ``a\\|b`c` d`` | ```<b>``x``` |  |\n" + `
**Rollout of service ` + "`web-Service`" + `**

- CANARY, 3 tasks in 2 batches, 2 to 4 at a time
- takes 55 s to 1 min 10 s in ECS: its last 3 rollouts took 1 min 1 s to 1 min 4 s
- ⚠️ a \*bold\* \<b\>\@user\</b\> \[link\](x)
- not read, a default stands for it: the health checks of the target groups: not authorized
`
	var b strings.Builder
	if err := printPlanMarkdown(&b, p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarkdownCode(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":           "",
		"plain":      "`plain`",
		"`quoted`":   "`` `quoted` ``",
		"a```b":      "````a```b````",
		"two\nlines": "`two lines`",
	} {
		if got := markdownCode(value); got != want {
			t.Errorf("markdownCode(%q) = %s, want %s", value, got, want)
		}
	}
}

func TestShortPair(t *testing.T) {
	t.Parallel()
	like := "sha256:" + strings.Repeat("a", 63) + "b"
	for _, tt := range []struct{ before, after, wantBefore, wantAfter string }{
		{digestA, digestB, "sha256:aaaaaaaaaaaa", "sha256:bbbbbbbbbbbb"},
		{digestA, like, digestA, like}, // or they would look the same
		{"", "{{changeSet:KNOWN_AFTER_APPLY}}", "", "known after it is made"},
	} {
		before, after := shortPair(tt.before, tt.after)
		if before != tt.wantBefore || after != tt.wantAfter {
			t.Errorf("shortPair(%q, %q) = %q, %q", tt.before, tt.after, before, after)
		}
	}
}

func TestPaceInWords(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]deploy.Prediction{
		"no task is to run":                                {Strategy: "ROLLING"},
		"2 tasks, none of which can be replaced":           {Strategy: "ROLLING", Desired: 2, LeastHealthy: 2, MostTasks: 2},
		"1 task in 1 batch, 0 to 1 at a time":              {Strategy: "ROLLING", Desired: 1, Batches: 1, MostTasks: 1},
		"BLUE_GREEN, 2 tasks in 1 batch, 2 to 4 at a time": {Strategy: "BLUE_GREEN", Desired: 2, Batches: 1, LeastHealthy: 2, MostTasks: 4},
	} {
		if got := paceInWords(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
