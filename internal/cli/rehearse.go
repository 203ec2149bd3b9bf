package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/rehearse"
	"github.com/slipway-go/slipway/report"
)

func newRehearse() *cobra.Command {
	var o rehearse.Options
	var own ownTemplates
	var compare bool
	var page reportFile
	cmd := &cobra.Command{
		Use:   "rehearse [IMAGE]",
		Short: "Rehearse a rollout on the embedded AWS, under load",
		Long: `Rehearse brings up an embedded AWS in this process, creates the network and the
service in it, puts load on the load balancer, rolls the image out with the real
deployer and reports what users would have noticed. It needs no account, no
Docker and no network: the image is only a name, and a built-in server answers
for it.

Time runs faster there: at --speed 30, two minutes of AWS take four seconds.

Your own templates are rehearsed with --template, --network-template and
--parameter. The service template takes the image by parameter ImageUrl, and has
an output Url to put the load on.

With --compare, the same rollout is rehearsed with the settings of the article
that Slipway grew from, of the CDK's ecs-patterns, of Slipway, and of your own
template if there is one: what each takes in time, capacity and lost requests.

It exits with 0 when the image was deployed and no request was lost, with 7 when
it was deployed and some were, and with 4 when it was rolled back.`,
		Example: `  slipway rehearse
  slipway rehearse registry.example.com/shop:1.4.2 --rate 500
  slipway rehearse --bad unhealthy
  slipway rehearse --strategy recreate
  slipway rehearse --report rollout.html
  slipway rehearse --compare
  slipway rehearse --template service.yaml --parameter DesiredCount=4
  slipway rehearse --output json | jq .failed`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(cmd, fmt.Errorf("rehearse takes one IMAGE, got %s", count(len(args), "argument")))
			}
			return nil
		},
	}
	format := outputFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.PreviousImage, "previous", rehearse.DefaultPreviousImage, "the `IMAGE` that runs before")
	flags.StringVar((*string)(&o.Bad), "bad", "", "break the new version in a `WAY`: crash, unhealthy or missing")
	flags.VarP((*strategyValue)(&o.Strategy), "strategy", "s", "how to roll it out: "+strategies())
	o.Rate, o.MinRequests, o.Speed = load.DefaultRate, rehearse.DefaultMinRequests, rehearse.DefaultSpeed
	flags.Var(boundedInt{&o.Rate, rehearse.MaxRate}, "rate", "requests per second")
	flags.Var(boundedInt{&o.MinRequests, rehearse.MaxRequests}, "requests", "the least number of requests")
	flags.Var(speedValue{&o.Speed, rehearse.MaxSpeed}, "speed", "seconds of AWS time in a second")
	earlySIGTERMFlag(cmd, &o.EarlySIGTERM)
	flags.Var(&page, "report", "write a report to `FILE`, too: a page by its ending .html, or .json")
	own.flags(cmd)
	flags.BoolVar(&compare, "compare", false, "rehearse with several settings, and compare")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			o.Image = args[0]
		}
		if err := own.into(&o); err != nil {
			return format.failed(cmd, err)
		}
		if compare {
			return compareSettings(cmd, o, *format)
		}
		o.Observe = narrateRehearsal(cmd, *format)
		if err := page.check(); err != nil {
			return format.failed(cmd, err)
		}
		r, err := rehearse.Run(cmd.Context(), o)
		if err != nil {
			return format.failed(cmd, err)
		}
		if err := page.write(r); err != nil {
			return format.failed(cmd, err)
		}
		fault, code := verdict(r)
		if format.machine() {
			err = format.print(cmd.OutOrStdout(), rehearsalOutcome{Report: r, Error: fault, ExitCode: code})
		} else {
			err = report.Text(cmd.OutOrStdout(), r, coloured(cmd.OutOrStdout()))
		}
		if err != nil || code == exitDone {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "slipway: %s\n", fault)
		return &reportedError{code}
	}
	return cmd
}

// rehearsalOutcome is what rehearse prints as JSON.
type rehearsalOutcome struct {
	*rehearse.Report          // with its result
	Error            string   `json:"error,omitempty"`
	ExitCode         exitCode `json:"exitCode"`
}

// narrateRehearsal tells the rehearsal in AWS time. Of the stacks' creation it tells
// only what fails: the rollout is what one watches.
func narrateRehearsal(cmd *cobra.Command, format outputFormat) func(rehearse.Event) {
	var elapsed time.Duration
	n := &narrator{
		w:            cmd.ErrOrStderr(),
		width:        widthOf(cmd.ErrOrStderr()),
		since:        func() time.Duration { return elapsed },
		failuresOnly: true,
	}
	if format == outputJSONL {
		n.events = cmd.OutOrStdout()
	}
	return func(e rehearse.Event) {
		elapsed = e.Elapsed
		if e.Phase == "" {
			n.tell(e.Deploy)
			return
		}
		if n.events != nil {
			_ = printLine(n.events, "rehearsal-phase", rehearsalPhase{e.Phase, e.Elapsed.Seconds()}) // see tell
		}
		n.failuresOnly = n.failuresOnly && e.Phase != rehearse.PhaseLoadBefore
		n.say("%s", e.Phase)
	}
}

// rehearsalPhase is the event of a phase of a rehearsal.
type rehearsalPhase struct {
	Phase   string  `json:"phase"`
	Elapsed float64 `json:"elapsedSeconds"` // of AWS time
}

// verdict turns a report into one line and the exit code. The reasons have been told
// already, by the narration and in the report.
func verdict(r *rehearse.Report) (string, exitCode) {
	switch {
	case r.Result == rehearse.RolledBack:
		reason := r.Reason
		if causes := deploy.Causes(r.StoppedTasks); len(causes) > 0 {
			reason = mainCause(causes).String()
		}
		return fmt.Sprintf("%s was rolled back: %s", r.Image, reason), exitRolledBack
	case r.Failed > 0:
		return fmt.Sprintf("%s was deployed, but %d of %d requests were lost", r.Image, r.Failed, r.Requests), exitLost
	}
	return "", exitDone
}
