package cli

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/internal/live"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/rehearse"
	"github.com/slipway-go/slipway/report"
)

func newRehearse() *cobra.Command {
	var o rehearse.Options
	var own ownTemplates
	var scenario string
	commands, conducts := imageCommands{}, imageConducts{}
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
an output Url to put the load on; or the network template has ExternalUrl.

With --run, your own server runs as a real process in place of an image, at the
speed of real time: it has to listen on 127.0.0.1 at the port in PORT, and a
rehearsal takes minutes. Where requests are lost, the report says which setting
or conduct they were lost for.

A --scenario is a file such as

  load:                      # in real time
    - {rate: 50, for: 2s}
    - {rate: 400}
  images:                    # as in --image
    ":v2": start=20s,latency=300ms
  faults:                    # AWS time after the rollout has begun
    - {after: 15s, kind: task, task: 1}
    - {after: 5s, kind: throttle, operation: DescribeServices, times: 3}

The kinds of faults and their members are in docs/emulator.md.

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
  slipway rehearse --early-sigterm --image :v1=abrupt,latency=2s
  slipway rehearse --run :v1=./server-1 --run :v2=./server-2
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
	flags.Var(speedValue{&o.Speed, rehearse.MaxSpeed}, "speed", "seconds of AWS time in a second; 1 with --run")
	earlySIGTERMFlag(cmd, &o.EarlySIGTERM)
	flags.Var(conducts, "image", "how an image behaves, as in slipway emulate; repeatable")
	flags.Var(commands, "run", "a command that runs in place of an image; repeatable")
	flags.StringVar(&o.Path, "path", "", "what the load asks for (default: /)")
	flags.StringVar(&scenario, "scenario", "", "a `FILE` with faults and the shape of the load")
	flags.Var(&page, "report", "write a report to `FILE`, too: a page by its ending .html, or .json")
	own.flags(cmd)
	flags.BoolVar(&compare, "compare", false, "rehearse with several settings, and compare")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			o.Image = args[0]
		}
		o.Conducts, o.Run = conducts, commands
		if len(commands) > 0 && !cmd.Flags().Changed("speed") {
			o.Speed = 1
		}
		if err := errors.Join(own.into(&o), readScenario(scenario, &o)); err != nil {
			return format.failed(cmd, err)
		}
		if err := page.check(); err != nil {
			return format.failed(cmd, err)
		}
		if compare {
			return compareSettings(cmd, o, page, *format)
		}
		n := newRehearsalNarrator(cmd, *format, o)
		o.Observe = n.rehearsal
		r, err := rehearse.Run(cmd.Context(), o)
		n.end()
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
	*report.Report          // with its result
	Error          string   `json:"error,omitempty"`
	ExitCode       exitCode `json:"exitCode"`
}

// rehearsalNarrator tells a rehearsal in AWS time. Of the stacks' creation it tells only
// what fails: the rollout is what one watches.
type rehearsalNarrator struct {
	*narrator
	elapsed elapsed
}

func newRehearsalNarrator(cmd *cobra.Command, format outputFormat, o rehearse.Options) *rehearsalNarrator {
	n := &rehearsalNarrator{narrator: newNarrator(cmd, format)}
	n.failuresOnly = true
	n.since = n.elapsed.last
	v := &live.View{}
	v.Old, v.New = imageref.Labels(o.PreviousImage, cmp.Or(o.Image, rehearse.DefaultImage))
	v.Elapsed = func() time.Duration { return n.elapsed.now(o.Speed) }
	n.show(cmd.Context(), v)
	return n
}

func (n *rehearsalNarrator) rehearsal(e rehearse.Event) {
	n.elapsed.set(e.Elapsed)
	switch {
	case e.Load != nil:
		n.screen.Watch(e.Load)
	case e.Deploy != nil:
		n.tell(e.Deploy)
	default:
		if n.events != nil {
			_ = printLine(n.events, "rehearsal-phase", rehearsalPhase{e.Phase, e.Elapsed.Seconds()}) // see tell
		}
		n.failuresOnly = n.failuresOnly && e.Phase != rehearse.PhaseLoadBefore
		n.screen.Enter(e.Phase)
		if !n.screen.Shown() {
			n.say("%s", e.Phase)
		}
	}
}

// elapsed is the AWS time of a rehearsal. Between two events it goes on at the speed of the
// rehearsal.
type elapsed struct {
	mu   sync.Mutex
	told time.Duration
	at   time.Time // when it was told
}

func (e *elapsed) set(told time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told, e.at = told, time.Now()
}

// last is the time of the last event.
func (e *elapsed) last() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.told
}

func (e *elapsed) now(speed float64) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at.IsZero() {
		return 0
	}
	return e.told + time.Duration(float64(time.Since(e.at))*speed)
}

// rehearsalPhase is the event of a phase of a rehearsal.
type rehearsalPhase struct {
	Phase   string  `json:"phase"`
	Elapsed float64 `json:"elapsedSeconds"` // of AWS time
}

// verdict turns a report into one line and the exit code. The reasons have been told
// already, by the narration and in the report.
func verdict(r *report.Report) (string, exitCode) {
	switch {
	case r.Result == report.RolledBack:
		reason := r.Reason
		if causes := deploy.Causes(r.StoppedTasks); len(causes) > 0 {
			reason = mainCause(causes).String()
		}
		return fmt.Sprintf("%s was rolled back: %s", r.Image, reason), exitRolledBack
	case r.Result == report.Failed:
		return r.Reason, exitUnexpected
	case r.Failed > 0:
		return fmt.Sprintf("%s was deployed, but %d of %d requests were lost", r.Image, r.Failed, r.Requests), exitLost
	}
	return "", exitDone
}
