package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
)

// Limits of a probe: it shows what users would feel and must not be what they feel.
const (
	defaultProbeRate = 10
	maxProbeRate     = 200
	maxProbeTime     = 2 * time.Hour
	// probeAround is how long the probe is on before the rollout, and after it.
	probeAround = 5 * time.Second
	// probeTimeout is for one request. A load balancer gives up on a target after 60 s.
	probeTimeout = 10 * time.Second
)

// ofStack stands for the address in the stack's own output.
const ofStack = "stack"

// probe is the load of deploy --probe.
type probe struct {
	url         string // where it goes; ofStack, or empty for none
	rate        int
	maxFailures int // negative is any number
	header      string
}

// flags adds those of the probe to a command.
func (p *probe) flags(cmd *cobra.Command) {
	p.rate, p.maxFailures = defaultProbeRate, -1
	f := cmd.Flags()
	f.StringVar(&p.url, "probe", "", "ask a `URL` all the while, and tell what users would have noticed; without one, the stack's output Url")
	f.Lookup("probe").NoOptDefVal = ofStack
	f.Var(boundedInt{&p.rate, maxProbeRate}, "probe-rate", "requests per second of the probe")
	f.StringVar(&p.header, "probe-version", "", "the `HEADER` of answers that tells which version gave them (default: X-Version or X-Image)")
	f.Var(failureLimit{&p.maxFailures}, "max-failures", "how many requests of the probe may fail; with more, the exit code is 7")
}

// takeURL takes an address from the arguments: after a flag whose value may be left out,
// it would be one.
func (p *probe) takeURL(args []string) []string {
	if p.url != ofStack {
		return args
	}
	i := slices.IndexFunc(args, isURL)
	if i < 0 {
		return args
	}
	p.url = args[i]
	return slices.Delete(slices.Clone(args), i, i+1)
}

func isURL(arg string) bool {
	return strings.HasPrefix(arg, "http://") || strings.HasPrefix(arg, "https://")
}

// on tells whether there is to be a probe.
func (p *probe) on() bool { return p.url != "" }

// check refuses what makes no sense before anything is asked.
func (p *probe) check(deploys int, noWait bool) error {
	switch {
	case p.on() && noWait:
		return errors.New("a deploy that is not waited for has nothing to probe: leave out --probe or --no-wait")
	case !p.on() && (p.maxFailures >= 0 || p.header != ""):
		return errors.New("--max-failures and --probe-version are for a deploy with --probe")
	case p.on() && deploys > 1:
		return errors.New("--probe is for a deploy to one stack")
	case p.on() && p.url != ofStack && !isURL(p.url):
		return fmt.Errorf("--probe %s: want an address that begins with http:// or https://", p.url)
	}
	return nil
}

// start puts the load on, and makes sure that it is answered now: a probe that fails
// before the rollout says nothing of it.
func (p *probe) start(ctx context.Context, d *deploy.Deployer, stack string, told func(*load.Load)) (*load.Load, error) {
	url := p.url
	if url == ofStack {
		outputs, err := d.Outputs(ctx, stack)
		if err != nil {
			return nil, err
		}
		if url = outputs[contract.OutputURL]; url == "" {
			return nil, &deploy.InputError{
				Problem: fmt.Sprintf("stack %s has no output %s to probe", stack, contract.OutputURL),
				Advice:  "name an address: --probe http://...",
			}
		}
	}
	l, err := load.Start(ctx, load.Options{
		URL: url, Rate: p.rate, Timeout: probeTimeout, Version: p.version,
		UserAgent: "slipway/" + version() + " (a probe of a rollout; +https://github.com/slipway-go/slipway)",
	})
	if err != nil {
		return nil, &deploy.InputError{Problem: err.Error(), Advice: "name another address with --probe", Err: err}
	}
	told(l)
	if err := p.wait(ctx, l); err != nil {
		return l, &interruptedError{doing: "probing " + url, cause: err}
	}
	if requests, failed := l.Counts(); failed == requests {
		return l, &deploy.InputError{
			Problem: fmt.Sprintf("probing %s: all of %s failed before the rollout%s", url, count(requests, "request"), p.firstFailure(l)),
			Advice:  "name an address that answers with --probe; nothing was changed",
		}
	}
	return l, nil
}

// wait lets the load go on for a while.
func (p *probe) wait(ctx context.Context, l *load.Load) error {
	requests, _ := l.Counts()
	// Where nothing answers, requests come back later than they leave.
	ctx, cancel := context.WithTimeout(ctx, probeAround+probeTimeout)
	defer cancel()
	err := l.Wait(ctx, requests+max(int(probeAround.Seconds()*float64(p.rate)), 1))
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// firstFailure tells what failed; nothing where nothing came back.
func (p *probe) firstFailure(l *load.Load) string {
	if kinds := l.Failures(); len(kinds) > 0 {
		return ": " + string(kinds[0])
	}
	return ""
}

// version tells who gave an answer.
func (p *probe) version(header http.Header, _ []byte) string {
	if p.header != "" {
		return header.Get(p.header)
	}
	if v := header.Get("X-Version"); v != "" {
		return v
	}
	return header.Get("X-Image")
}

// failureLimit is the value of --max-failures.
type failureLimit struct{ value *int }

// String, Set and Type make a flag of it.
func (l failureLimit) String() string {
	if l.value == nil || *l.value < 0 {
		return ""
	}
	return fmt.Sprint(*l.value)
}

func (failureLimit) Type() string { return "N" }

func (l failureLimit) Set(value string) error {
	var n int
	if _, err := fmt.Sscanf(value, "%d", &n); err != nil || n < 0 || fmt.Sprint(n) != value {
		return errors.New("want a whole number, 0 or more")
	}
	*l.value = n
	return nil
}
