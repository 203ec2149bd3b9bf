// Package rehearse rolls an image out on an embedded AWS, under load, and reports
// what users would have noticed.
//
// A rehearsal is the real thing but for the account: the same templates, the same
// deployer, real HTTP requests through a real load balancer to tasks that start,
// pass health checks, drain and stop. Only time runs faster.
package rehearse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/internal/cfntemplate"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/report"
	"github.com/slipway-go/slipway/templates"
)

// Defaults of [Options].
const (
	DefaultImage         = "docker.io/slipway/hello:v2"
	DefaultPreviousImage = "docker.io/slipway/hello:v1"
	DefaultMinRequests   = 1000

	// DefaultSpeed makes a rollout of two minutes last some seconds, while the health
	// check interval of the templates (10 s) stays long enough in real time that a
	// busy machine does not fail a healthy task.
	DefaultSpeed = 30
)

// Limits of [Options]: a rehearsal beyond them would not be one of a rollout.
const (
	// MaxSpeed is where a health check's interval of 10 s is over before a busy machine
	// has answered it.
	MaxSpeed = 600
	// MaxRate is what one process can send and answer at once.
	MaxRate = 5000
	// MaxRequests and MaxLoad bound the memory and the time of a rehearsal.
	MaxRequests = 1_000_000
	MaxLoad     = time.Hour // for MinRequests at Rate
)

// Bad is a way in which the new version is broken.
type Bad string

// The ways in which a version can be broken.
const (
	BadCrash     Bad = "crash"     // exits before its first passed health check
	BadUnhealthy Bad = "unhealthy" // never answers its health check
	BadMissing   Bad = "missing"   // cannot be pulled
)

// Options say what to rehearse.
type Options struct {
	// Image is the version to roll out. Default: [DefaultImage].
	Image string
	// PreviousImage is the version that runs before. Default: [DefaultPreviousImage].
	PreviousImage string
	// Bad breaks Image. Default: it works.
	Bad Bad
	// Conducts say how images behave, by reference, tag (":v2") or digest; Bad comes
	// first. Default: they answer with their name.
	Conducts map[string]emulator.Conduct
	// Run are commands that run in place of images, as real processes: see
	// [emulator.Options]. They need real time, so that Speed has to be 1, and only what comes
	// before them goes faster. Default: none.
	Run map[string]emulator.Command
	// Strategy is the way to roll it out. The downtime of deploy.StrategyRecreate is
	// accepted. Default: deploy.StrategyChangeSet.
	Strategy deploy.Strategy

	// Faults strike while the image is rolled out. Default: none.
	Faults []TimedFault

	// Path is what the load asks for. Default: /.
	Path string
	// Steps are parts of the load with rates of their own, in place of Rate.
	// Default: one rate.
	Steps []load.Step
	// Rate is the load in requests per second of real time. Default: [load.DefaultRate].
	Rate int
	// MinRequests is the least number of requests. Default: [DefaultMinRequests].
	MinRequests int
	// Speed is how many AWS seconds pass in a real one. Default: [DefaultSpeed], and 1
	// with Run.
	Speed float64
	// EarlySIGTERM sends SIGTERM to a stopping task when its target begins to drain, as
	// users of Fargate report. Default: once it has drained, as AWS documents.
	EarlySIGTERM bool

	// NetworkTemplate and ServiceTemplate are the templates to rehearse with. They take
	// the parameters and have the outputs that package contract names: for the load to go
	// to, the service's Url or the network's ExternalUrl.
	// Default: those of package templates.
	NetworkTemplate, ServiceTemplate string
	// Parameters are values for parameters of the service template, beside those that a
	// rehearsal gives itself: the names of the stacks, the image, a port and a path.
	// Default: none.
	Parameters map[string]string

	// Observe is told what happens as it happens, by one goroutine at a time.
	// Default: nobody.
	Observe func(Event)
}

// TimedFault is a fault that strikes some time after the rollout has begun, in AWS time.
type TimedFault struct {
	After time.Duration
	Fault emulator.Fault
}

// Event is something that happens in a rehearsal: a phase that begins, something that
// the deployer tells, or that the load is on.
type Event struct {
	Elapsed time.Duration // AWS time since the rehearsal began
	Phase   string        // the phase that begins; "" for other events
	Deploy  deploy.Event  // what the deployer tells; nil for other events
	Load    *load.Load    // the load that is on from now; nil for other events
}

// Phases of a rehearsal. Between the two phases of load are those of the deployer:
// see [deploy.PhaseName].
const (
	PhaseNetwork    = "create network"
	PhaseService    = "create service"
	PhaseLoadBefore = "load before"
	PhaseLoadAfter  = "load after"
)

// Run rehearses one rollout. A version that was rolled back is a report, not an
// error; so are lost requests.
//
// Its errors are those of deploy.Deployer, above all *deploy.InputError for options
// that make no sense, and that of ctx when it ends.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	r := &rehearsal{Options: o}
	server, err := emulator.Start(ctx, r.emulator())
	if err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: %w", err)
	}
	r.server, r.laps = server, newStopwatch(server.Clock())
	shown, err := r.run(ctx)
	var timeout *deploy.TimeoutError
	switch {
	case err != nil && ctx.Err() != nil:
		// Whatever was under way is gone with the embedded AWS: advice on how to look
		// after an operation that was left running would mislead.
		err = &interrupted{cause: ctx.Err()}
	case errors.As(err, &timeout):
		err = &unsettled{speed: o.Speed, cause: timeout}
	}
	if closeErr := server.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("stopping the embedded AWS: %w", closeErr)
	}
	if err != nil {
		return nil, err
	}
	return shown, nil
}

// emulator are the options of the embedded AWS that is rehearsed on.
func (r *rehearsal) emulator() emulator.Options {
	return emulator.Options{
		Addr: "127.0.0.1:0", Speed: r.Speed, EarlySIGTERM: r.EarlySIGTERM, Run: r.Run, ImageHeader: len(r.Run) > 0,
		OnTargetHealth: r.health.add, OnLoss: r.witness.lost, OnTask: r.witness.task,
	}
}

// interrupted is a rehearsal whose context ended.
type interrupted struct{ cause error }

func (*interrupted) Error() string {
	return "the rehearsal was interrupted and has left nothing behind"
}
func (e *interrupted) Unwrap() error { return e.cause }

// unsettled is a rehearsal in which a stack did not settle.
type unsettled struct {
	speed float64
	cause *deploy.TimeoutError
}

func (e *unsettled) Error() string {
	return fmt.Sprintf("in the rehearsal, stack %s has not settled within %s of AWS time; rehearse at a speed under %g",
		e.cause.Stack, e.cause.Timeout, e.speed)
}

func (e *unsettled) Unwrap() error { return e.cause }

// complete fills in the defaults and checks the rest.
func (o *Options) complete() error {
	o.Image = orDefault(o.Image, DefaultImage)
	o.PreviousImage = orDefault(o.PreviousImage, DefaultPreviousImage)
	o.NetworkTemplate = orDefault(o.NetworkTemplate, templates.Network())
	o.ServiceTemplate = orDefault(o.ServiceTemplate, templates.Service())
	o.Rate = orDefault(o.Rate, load.DefaultRate)
	o.MinRequests = orDefault(o.MinRequests, DefaultMinRequests)
	if len(o.Run) > 0 {
		o.Speed = orDefault(o.Speed, 1)
	}
	o.Speed = orDefault(o.Speed, DefaultSpeed)
	o.Strategy = orDefault(o.Strategy, deploy.StrategyChangeSet)
	if o.Observe == nil {
		o.Observe = func(Event) {}
	}
	if err := o.checkLoad(); err != nil {
		return err
	}
	switch o.Bad {
	case "", BadCrash, BadUnhealthy, BadMissing:
	default:
		return &deploy.InputError{
			Problem: fmt.Sprintf("there is no way %q to break a version", o.Bad),
			Advice:  fmt.Sprintf("use %s, %s or %s", BadCrash, BadUnhealthy, BadMissing),
		}
	}
	if known := deploy.Strategies(); !slices.Contains(known, o.Strategy) {
		return &deploy.InputError{Problem: fmt.Sprintf("there is no strategy %q", o.Strategy), Advice: fmt.Sprintf("take one of %v", known)}
	}
	return o.checkImages()
}

// checkLoad checks the numbers.
func (o *Options) checkLoad() error {
	if err := load.CheckSteps(o.Steps); err != nil {
		return &deploy.InputError{Problem: err.Error(), Advice: "give each step but the last a rate and a time", Err: err}
	}
	for _, s := range o.Steps {
		if s.Rate > MaxRate {
			return &deploy.InputError{Problem: fmt.Sprintf("a step of the load has %d requests per second; allowed are up to %d", s.Rate, MaxRate)}
		}
	}
	switch {
	case len(o.Run) > 0 && o.Speed != 1:
		return &deploy.InputError{
			Problem: fmt.Sprintf("commands that run in place of images need real time, and the speed is %g", o.Speed),
			Advice:  "leave out --speed or --run",
		}
	case o.Rate < 1 || o.Rate > MaxRate:
		return &deploy.InputError{Problem: fmt.Sprintf("the rate is %d requests per second; it has to be from 1 to %d", o.Rate, MaxRate)}
	case o.MinRequests < 1 || o.MinRequests > MaxRequests:
		return &deploy.InputError{Problem: fmt.Sprintf("the number of requests is %d; it has to be from 1 to %d", o.MinRequests, MaxRequests)}
	case !(o.Speed > 0 && o.Speed <= MaxSpeed):
		return &deploy.InputError{Problem: fmt.Sprintf("the speed is %g; it has to be greater than 0, and %d at most", o.Speed, MaxSpeed)}
	case o.MinRequests/o.Rate >= int(MaxLoad/time.Second):
		return &deploy.InputError{
			Problem: fmt.Sprintf("%d requests at %d per second take longer than %s", o.MinRequests, o.Rate, MaxLoad),
			Advice:  "ask for fewer requests or a higher rate",
		}
	}
	return nil
}

func (o *Options) checkImages() error {
	image, err := imageref.Parse(o.Image)
	if err != nil {
		return &deploy.InputError{Problem: fmt.Sprintf("reading the image to roll out: %v", err), Err: err}
	}
	previous, err := imageref.Parse(o.PreviousImage)
	if err != nil {
		return &deploy.InputError{Problem: fmt.Sprintf("reading the image that runs before: %v", err), Err: err}
	}
	if image.Same(previous) {
		return &deploy.InputError{
			Problem: fmt.Sprintf("rehearsing %s: the version that runs before is the same", image),
			Advice:  "name another image",
		}
	}
	return nil
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// conduct is what the embedded AWS has to make of the new version.
func (b Bad) conduct() emulator.Conduct {
	return emulator.Conduct{
		Crash:     b == BadCrash,
		Unhealthy: b == BadUnhealthy,
		Missing:   b == BadMissing,
	}
}

// rehearsal is one run of [Run].
type rehearsal struct {
	Options
	server  *emulator.Server
	health  healthLog
	witness witness
	laps    *stopwatch
	record  report.Record
}

func (r *rehearsal) run(ctx context.Context) (*report.Report, error) {
	for pattern, conduct := range r.Conducts {
		r.server.SetImage(pattern, conduct)
	}
	if r.Bad != "" {
		r.server.SetImage(r.Image, r.Bad.conduct())
	}

	network, service, err := r.createStacks(ctx)
	if err != nil {
		return nil, err
	}
	before, err := r.deployer(r.tell).Status(ctx, service.Stack, contract.ParameterImageURL)
	if err != nil {
		return nil, fmt.Errorf("reading the service before the rollout: %w", err)
	}
	url := cmp.Or(service.Outputs[contract.OutputURL], network.Outputs[contract.OutputExternalURL])
	if url == "" {
		return nil, &deploy.InputError{
			Problem: fmt.Sprintf("stack %s has no output %s to put load on, nor has stack %s an output %s",
				service.Stack, contract.OutputURL, network.Stack, contract.OutputExternalURL),
			Advice: "add one of them to its template",
		}
	}

	r.record.Desired = desired(before)
	rollout, err := r.rollOutUnderLoad(ctx, service.Stack, url)
	if err != nil {
		return nil, err
	}
	return r.newReport(rollout, service), nil
}

// createStacks creates both stacks, with the previous version in the service.
func (r *rehearsal) createStacks(ctx context.Context) (network, service *deploy.StackResult, err error) {
	d := r.deployer(r.tell)
	r.enter(PhaseNetwork)
	if len(r.Run) > 0 {
		r.server.SetSpeed(DefaultSpeed) // nothing runs yet
	}
	network, err = d.Up(ctx, deploy.StackSpec{
		Name:         contract.NetworkStackName,
		TemplateBody: r.NetworkTemplate,
		Capabilities: []string{"CAPABILITY_IAM"},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("creating the network stack: %w", err)
	}
	r.server.SetSpeed(r.Speed)
	r.enter(PhaseService)
	parameters, err := r.parameters()
	if err != nil {
		return nil, nil, err
	}
	service, err = d.Up(ctx, deploy.StackSpec{
		Name:         contract.ServiceStackName,
		TemplateBody: r.ServiceTemplate,
		Parameters:   parameters,
		Capabilities: []string{"CAPABILITY_IAM"},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("creating the service stack: %w", err)
	}
	return network, service, nil
}

// parameters are the values for the service template: those that were asked for, and of
// those that a rehearsal gives itself the ones that the template has.
func (r *rehearsal) parameters() (map[string]string, error) {
	template, err := cfntemplate.Parse(r.ServiceTemplate)
	if err != nil {
		return nil, &deploy.InputError{Problem: fmt.Sprintf("reading the service template: %v", err), Err: err}
	}
	if _, ok := template.Parameters[contract.ParameterImageURL]; !ok {
		return nil, &deploy.InputError{
			Problem: fmt.Sprintf("the service template has no parameter %s, which takes the image", contract.ParameterImageURL),
			Advice:  "let the container's Image be a Ref of it",
		}
	}
	values := make(map[string]string)
	for name, value := range map[string]string{
		contract.ParameterStackName:       contract.NetworkStackName,
		contract.ParameterServiceName:     "hello",
		contract.ParameterImageURL:        r.PreviousImage,
		contract.ParameterContainerPort:   "8080",
		contract.ParameterHealthCheckPath: "/health",
	} {
		if _, ok := template.Parameters[name]; ok {
			values[name] = value
		}
	}
	maps.Copy(values, r.Parameters)
	return values, nil
}

// rollout is how the deployment of the new version went.
type rollout struct {
	rolledBack *deploy.RolledBackError // nil when it was not
	crashing   *deploy.CrashingError   // nil when it does not crash on
	calls      []emulator.Call
	status     *deploy.Status // once it was over
}

// rollOutUnderLoad deploys the new version while the load is on. The load starts
// before and ends after it.
func (r *rehearsal) rollOutUnderLoad(ctx context.Context, stack, url string) (rollout, error) {
	// Half a second of steady load on either side shows the rollout's edges.
	margin := r.Rate/2 + 1

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.enter(PhaseLoadBefore)
	l, err := load.Start(ctx, load.Options{
		URL:         url + r.Path,
		Rate:        r.Rate,
		Steps:       r.Steps,
		MinRequests: r.MinRequests,
		Version:     answeredBy,
	})
	if err != nil {
		return rollout{}, err
	}
	defer func() {
		cancel() // does nothing to a load that has ended
		l.Finish()
	}()
	r.Observe(Event{Elapsed: r.laps.elapsed(), Load: l})
	if err := l.Wait(ctx, margin); err != nil {
		return rollout{}, err
	}

	r.server.ForgetCalls()
	var ro rollout
	r.record.Begun = r.laps.now()
	faults := r.startFaults(ctx)
	_, err = r.deployer(r.follow).Deploy(ctx, deploy.Request{
		Stack:          stack,
		Image:          r.Image,
		ImageParameter: contract.ParameterImageURL,
		Strategy:       r.Strategy,
		AcceptDowntime: r.Strategy == deploy.StrategyRecreate,
	})
	r.record.Over = r.laps.now()
	if failed := faults(); failed != nil {
		return rollout{}, failed
	}
	ro.calls = r.server.Calls()
	if err != nil && !errors.As(err, &ro.rolledBack) && !errors.As(err, &ro.crashing) {
		return rollout{}, err
	}

	r.enter(PhaseLoadAfter)
	soFar, _ := l.Counts()
	if err := l.Wait(ctx, max(soFar+margin, r.MinRequests)); err != nil {
		return rollout{}, err
	}
	r.record.Load = l.Finish()
	r.laps.stop()
	if ro.status, err = r.deployer(r.tell).Status(ctx, stack, contract.ParameterImageURL); err != nil {
		return rollout{}, err
	}
	return ro, nil
}

// startFaults has the faults strike at their times. What it returns ends that, waits for
// it, and tells what could not be injected.
func (r *rehearsal) startFaults(ctx context.Context) (end func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var struck sync.WaitGroup
	errs := make([]error, len(r.Faults))
	for i, f := range r.Faults {
		struck.Go(func() {
			if r.server.Clock().Sleep(ctx, f.After) != nil {
				return // the rollout was over before
			}
			if _, err := r.server.Inject(f.Fault); err != nil {
				errs[i] = &deploy.InputError{Problem: err.Error(), Advice: "see docs/emulator.md for the faults and their members", Err: err}
			}
		})
	}
	return func() error {
		cancel()
		struck.Wait()
		return errors.Join(errs...)
	}
}

// answeredBy tells the version of an answer of the embedded AWS's tasks.
func answeredBy(header http.Header, _ []byte) string { return header.Get("X-Image") }

// deployer returns a deployer for the embedded AWS. Nothing of the user's own AWS
// configuration gets near it.
func (r *rehearsal) deployer(observe func(deploy.Event)) *deploy.Deployer {
	return deploy.New(aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(r.server.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("rehearsal", "rehearsal", ""),
	}, deploy.Options{Clock: r.server.Clock(), Observe: observe})
}

// enter begins a phase of the rehearsal.
func (r *rehearsal) enter(phase string) {
	r.laps.lap(phase)
	r.Observe(Event{Elapsed: r.laps.elapsed(), Phase: phase})
}

// tell passes on what the deployer tells.
func (r *rehearsal) tell(e deploy.Event) {
	r.Observe(Event{Elapsed: r.laps.elapsed(), Deploy: e})
}

// follow makes the phases of the deployer phases of the rehearsal.
func (r *rehearsal) follow(e deploy.Event) {
	if p, ok := e.(deploy.PhaseStarted); ok {
		r.enter(string(p.Phase))
		return
	}
	r.record.Tell(r.laps.now(), e)
	r.tell(e)
}

// desired is the number of tasks that the services should have.
func desired(s *deploy.Status) int {
	n := 0
	for _, service := range s.Services {
		n += service.Desired
	}
	return n
}
