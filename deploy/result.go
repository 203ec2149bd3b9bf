package deploy

import (
	"fmt"
	"regexp"
	"time"
)

// Request says what to deploy where.
type Request struct {
	Stack string // name or id
	Image string // image reference; the parameter gets it with its digest (see NoResolve)

	// ImageParameter is the template parameter that takes the image. Default: the
	// template's only parameter that feeds a container's image.
	ImageParameter string

	// RoleARN is the service role that CloudFormation works with, in this update and
	// in all that name no other: ServiceRole() of constructs.DeployRole, say. Default:
	// the one that the stack was last updated with, or else the caller's own rights.
	RoleARN string

	// NoResolve puts the image into the parameter as it is, without asking its registry
	// ([Options.Resolver]). What a tag names is then up to ECS when it starts tasks, and a
	// tag that the parameter has already is refused: CloudFormation would see no change.
	NoResolve bool

	// Strategy is the way to do it. Default: [StrategyChangeSet].
	Strategy Strategy

	// AcceptDowntime lets [StrategyRecreate] delete services, which are down until they are
	// created anew.
	AcceptDowntime bool

	// WaitForStack is how long to wait, in all, for other operations on the stack to end,
	// in the time of Options.Clock. The stack is read anew then. Default: none is waited
	// for.
	WaitForStack time.Duration

	// NoWait returns once the rollout has begun. The same request without it sees the
	// rollout to its end. Nothing ends a crash loop or keeps to a timeout meanwhile, but
	// ECS's circuit breaker and CloudFormation's own three hours.
	NoWait bool

	// MaxFailedTasks is how many tasks of the rollout may stop for a cause that will not
	// go away (the image cannot be pulled, an essential container exits, the health check
	// answers the wrong code) before the update is cancelled. A lower threshold of the
	// service's circuit breaker counts instead. Default: [DefaultMaxFailedTasks];
	// negative: any number.
	MaxFailedTasks int
}

// maxFailedTasks is the limit that goes for a request.
func (r Request) maxFailedTasks() int {
	if r.MaxFailedTasks == 0 {
		return DefaultMaxFailedTasks
	}
	return r.MaxFailedTasks
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/.+$`)

// validate refuses what needs no AWS to be seen as wrong.
func (r Request) validate() error {
	if r.RoleARN != "" && !roleARN.MatchString(r.RoleARN) {
		return &InputError{
			Problem: fmt.Sprintf("%q is not the ARN of an IAM role", r.RoleARN),
			Advice:  "give one such as arn:aws:iam::123456789012:role/deploy; nothing was changed",
		}
	}
	if r.WaitForStack < 0 {
		return &InputError{Problem: fmt.Sprintf("waiting %s for the stack: the time is negative", r.WaitForStack)}
	}
	if r.NoWait && r.Strategy == StrategyRecreate {
		return &InputError{
			Problem: "a stack that is recreated has to be waited for: it is deleted first, and then created",
			Advice:  "leave out --no-wait; nothing was changed",
		}
	}
	if r.AcceptDowntime && r.Strategy != StrategyRecreate {
		return &InputError{
			Problem: "only the strategy recreate has a downtime to accept",
			Advice:  "leave out --accept-downtime, or take --strategy recreate; nothing was changed",
		}
	}
	return r.Strategy.validate()
}

// Result is a deploy that succeeded.
type Result struct {
	Stack string `json:"stack"`
	Place
	Parameter     string `json:"parameter"`
	Requested     string `json:"requested"` // the image as the request names it: "shop:latest"
	Image         string `json:"image"`     // and as it was resolved: "shop:latest@sha256:..."
	PreviousImage string `json:"previousImage"`

	// AlreadyCurrent tells that the image ran already, so that nothing was done. Then
	// PreviousImage is what the parameter has: the same image, perhaps by another tag.
	AlreadyCurrent bool `json:"alreadyCurrent"`

	// Started tells that the rollout has begun and was not waited for.
	Started bool `json:"started,omitempty"`

	// Resumed tells that an earlier run had begun the rollout. PreviousImage is by the
	// task definition that ran before then.
	Resumed bool `json:"resumed,omitempty"`

	// Drift tells each service of which the stack does not say any more what it runs:
	// after a deploy by [StrategyECS] only. [Deployer.Reconcile] ends it.
	Drift []string `json:"drift,omitempty"`

	// Outage is how long services were not there: after a deploy by [StrategyRecreate]
	// only.
	Outage *Outage `json:"outage,omitempty"`

	// Services are those that run the image. It is empty where no service of the stack
	// uses the task definition: then only that has changed, and nothing runs it.
	Services []ServiceResult `json:"services"`
	Changes  []Change        `json:"changes,omitempty"`
	Phases   []Phase         `json:"phases"`
}

// ServiceResult is what a service runs after a deploy.
type ServiceResult struct {
	Cluster        string `json:"cluster"`
	Service        string `json:"service"`
	TaskDefinition string `json:"taskDefinition"` // ARN
	Deployment     string `json:"deployment"`     // id of the primary deployment
	Digest         string `json:"digest"`         // of the image: "sha256:..."; empty when no task has pulled it yet
	Desired        int    `json:"desired"`        // 0 for a service that is to run no task
	Running        int    `json:"running"`
}

// Status is how a stack and its services are now.
type Status struct {
	Stack string `json:"stack"`
	Place
	StackStatus StackStatus      `json:"stackStatus"`
	StackReason string           `json:"stackReason,omitempty"`
	Parameter   string           `json:"parameter,omitempty"` // the image parameter; empty when there is none or more than one
	Image       string           `json:"image,omitempty"`     // its value
	Images      []ParameterImage `json:"images"`              // all image parameters, or the one that was asked for
	Services    []ServiceStatus  `json:"services"`

	// Drift tells each way in which what runs differs from what the stack says. A
	// rollout under way is no drift.
	Drift []string `json:"drift"`
}

// ParameterImage is an image parameter of a stack and its value.
type ParameterImage struct {
	Parameter string `json:"parameter"`
	Image     string `json:"image"`
}

// ServiceStatus is how an ECS service is now.
type ServiceStatus struct {
	Resource       string         `json:"resource"` // logical id in the template
	Cluster        string         `json:"cluster"`
	Service        string         `json:"service"`
	Deployment     string         `json:"deployment"`     // id of the primary deployment
	TaskDefinition string         `json:"taskDefinition"` // of the primary deployment
	RolloutState   string         `json:"rolloutState"`
	RolloutReason  string         `json:"rolloutReason,omitempty"`
	Desired        int            `json:"desired"`
	Running        int            `json:"running"`
	Pending        int            `json:"pending"`
	Images         []RunningImage `json:"images"`
	Targets        []TargetHealth `json:"targets,omitempty"`
}

// RunningImage is an image that running tasks of a service have.
type RunningImage struct {
	Container string `json:"container"`
	Image     string `json:"image"`
	Digest    string `json:"digest"`
	Tasks     int    `json:"tasks"` // how many running tasks have it
}

// StackSpec is a stack as it should be.
type StackSpec struct {
	Name         string
	TemplateBody string

	// Parameters are the values to set. Every other parameter keeps its value when the
	// stack exists, and has the template's default when it does not.
	Parameters map[string]string

	// Capabilities that the template needs: "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM".
	Capabilities []string
}

// StackResult is a stack that is as it should be, and what Up did for that: exactly one of Created, Updated and Unchanged is true.
type StackResult struct {
	Stack     string            `json:"stack"`
	Status    StackStatus       `json:"status"`
	Created   bool              `json:"created"`
	Updated   bool              `json:"updated"`
	Unchanged bool              `json:"unchanged"`
	Outputs   map[string]string `json:"outputs"`
}
