package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// outputMarkdown is a form of a plan for a comment on a pull request.
const outputMarkdown outputFormat = "markdown"

// planFormat is the value of plan's --output.
type planFormat struct{ outputFormat }

// Set makes, with String and Type of outputFormat, a flag of it.
func (f *planFormat) Set(value string) error {
	if outputFormat(value) == outputMarkdown {
		f.outputFormat = outputMarkdown
		return nil
	}
	if f.outputFormat.Set(value) != nil {
		return fmt.Errorf("want %s, %s, %s or %s", outputText, outputJSON, outputJSONL, outputMarkdown)
	}
	return nil
}

func newPlan() *cobra.Command {
	var imageParameter, roleARN string
	format := &planFormat{outputText}
	cmd := &cobra.Command{
		Use:   "plan STACK IMAGE",
		Short: "Show what a deploy would change, and what to expect of it",
		Long: `Plan makes the change set that a deploy would make, shows each attribute that it
changes, with the parameter that causes it, says whether a deploy would be
accepted, and predicts the rollout: how many tasks at a time, how long, and what
to look out for. The change set is deleted again: nothing is changed. A tag is
resolved to a digest as deploy resolves it.

It exits with 0 when a deploy would be accepted, or the image runs already, and
with 3 when a deploy would be refused.`,
		Example: `  slipway plan slipway-service registry.example.com/shop:1.4.2
  slipway plan shop nginx:1.29 --output markdown | gh pr comment --body-file -
  slipway plan shop nginx:1.29 --output json | jq '.changes[].path'`,
		Args: exactly("STACK", "IMAGE"),
	}
	flags := cmd.Flags()
	flags.VarP(format, "output", "o", "what goes to stdout: text, json, jsonl or markdown")
	flags.StringVar(&imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")
	flags.StringVar(&roleARN, "role-arn", "", "the `ROLE` that CloudFormation would work with (default: the stack's last one, or your own rights)")
	noResolve := noResolveFlag(cmd)
	timeout := timeoutFlag(cmd, "the timeout of the deploy that is planned; the planning may take as long")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		d := deploy.New(cfg, deploy.Options{Timeout: *timeout, Resolver: imageResolver(cfg), Observe: eventLines(cmd, format.outputFormat)})
		plan, err := d.Plan(cmd.Context(), deploy.Request{
			Stack: args[0], Image: args[1], ImageParameter: imageParameter, RoleARN: roleARN, NoResolve: *noResolve,
		})
		if plan == nil {
			return format.failed(cmd, err)
		}
		return printPlan(cmd, format.outputFormat, plan, err)
	}
	return cmd
}

// printPlan prints a plan, and returns the error that makes the exit code: that of one
// that is refused, or err, by which the planning left something behind.
func printPlan(cmd *cobra.Command, format outputFormat, p *deploy.Plan, err error) error {
	out := cmd.OutOrStdout()
	var printing error
	switch {
	case format.machine():
		printing = format.print(out, planOutcomeOf(p, err))
	case format == outputMarkdown:
		printing = printPlanMarkdown(out, p)
	default:
		printing = printPlanText(out, p, coloured(out), widthOf(out))
	}
	if err = errors.Join(err, printing); err == nil && p.Refused() {
		return &reportedError{exitRefused}
	}
	return err
}

// planOutcome is what plan prints as JSON.
type planOutcome struct {
	Outcome  string   `json:"result"` // accepted, refused or already-current
	Error    string   `json:"error,omitempty"`
	ExitCode exitCode `json:"exitCode"`
	*deploy.Plan
}

// planOutcomeOf is a plan whose planning ended with err: as a deploy would end that is
// refused, or with what was left behind.
func planOutcomeOf(p *deploy.Plan, err error) planOutcome {
	if err == nil && p.Refused() {
		err = &deploy.RefusedError{Stack: p.Stack, Reasons: p.Reasons, Advice: p.Advice}
	}
	o := planOutcome{Outcome: planVerdictOf(p).code(), ExitCode: exitCodeOf(err), Plan: p}
	if err != nil {
		o.Error = withoutLongWords(err.Error())
	}
	return o
}

// planVerdict is what would become of a deploy, in the words of a headline.
type planVerdict string

const (
	planAccepted planVerdict = "would be accepted"
	planRefused  planVerdict = "would be refused"
	planCurrent  planVerdict = "runs already"
)

func planVerdictOf(p *deploy.Plan) planVerdict {
	switch {
	case p.Refused():
		return planRefused
	case p.AlreadyCurrent:
		return planCurrent
	}
	return planAccepted
}

// code names the verdict for a program to read.
func (v planVerdict) code() string {
	switch v {
	case planRefused:
		return "refused"
	case planCurrent:
		return "already-current"
	}
	return "accepted"
}

// refusedPlace tells whether a plan is refused for a place.
func refusedPlace(p *deploy.Plan, c deploy.Change) bool {
	for _, r := range p.Reasons {
		if r.Resource == c.Resource && (r.Path == c.Path || r.Path == "") {
			return true
		}
	}
	return false
}

// unused tells whether a deploy that would be accepted reaches no service.
func unused(p *deploy.Plan) bool {
	return planVerdictOf(p) == planAccepted && len(p.Predictions) == 0
}

// shortPair shortens two values that differ, unless they would look the same then.
func shortPair(before, after string) (shortBefore, shortAfter string) {
	if short(before) != short(after) {
		before, after = short(before), short(after)
	}
	if after == "{{changeSet:KNOWN_AFTER_APPLY}}" {
		after = "known after it is made"
	}
	return withoutLongWords(before), withoutLongWords(after)
}

// doneTo says what is done to a resource: "replaced", "added"; nothing where it is only
// changed in place.
func doneTo(c deploy.Change) string {
	switch {
	case c.Action == "Add":
		return "added"
	case c.Action == "Remove":
		return "removed"
	case c.Replacement:
		return "replaced"
	case c.Action != "Modify":
		return c.Action
	}
	return ""
}

// paceInWords tells how the tasks of a service are replaced: "2 tasks in 1 batch, 2 to 4
// at a time".
func paceInWords(p deploy.Prediction) string {
	switch {
	case p.Desired == 0:
		return "no task is to run"
	case p.Batches == 0:
		return count(p.Desired, "task") + ", none of which can be replaced"
	}
	batches := "1 batch"
	if p.Batches > 1 {
		batches = fmt.Sprintf("%d batches", p.Batches)
	}
	bounds := fmt.Sprintf("%d to %d at a time", p.LeastHealthy, p.MostTasks)
	if p.LeastHealthy == p.MostTasks {
		bounds = fmt.Sprintf("%d at a time", p.MostTasks)
	}
	text := fmt.Sprintf("%s in %s, %s", count(p.Desired, "task"), batches, bounds)
	if p.Strategy != "ROLLING" {
		text = p.Strategy + ", " + text
	}
	return text
}
