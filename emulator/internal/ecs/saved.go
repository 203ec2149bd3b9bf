package ecs

import "time"

// Saved is what a Service keeps over a restart, for encoding/json. What is in it is
// replaced and never changed in place, so that it can be encoded later.
type Saved struct {
	Clusters map[string]savedCluster
	Families map[string][]*TaskDefinition
	Tags     map[string][]Tag
	Alarms   map[string]bool
}

type savedCluster struct {
	Shape    Cluster
	Services map[string]savedService
	Tasks    []savedTask
	Starts   map[string]savedStart
}

type savedStart struct {
	Request string
	At      time.Time
	Tasks   []string // ids
}

type savedService struct {
	ARN           string
	Status        string
	CreatedAt     time.Time
	InactiveAt    time.Time
	Spec          revisionSpec
	Desired       int
	Configuration *DeploymentConfiguration
	GraceSeconds  *int
	ManagedTags   bool
	Executable    bool
	PropagateTags string
	ZoneBalancing string
	Role          string
	Token         string
	Request       string
	Constraints   []PlacementConstraint
	Strategy      []PlacementStrategy

	Deployments   []string // ids
	History       []savedDeployment
	LastCompleted string // id
	Releases      []savedRelease
	Revisions     []savedRevision
	Events        []ServiceEvent
}

type savedRevision struct {
	ARN       string
	CreatedAt time.Time
	Spec      revisionSpec
	Groups    []string
	Digests   map[string]string
}

type savedDeployment struct {
	ID, Status           string
	Revision, Release    string // ARNs
	Rollback             bool
	CreatedAt, UpdatedAt time.Time
	State, Reason        string
	Failed               int
	Blocked              bool
}

type savedRelease struct {
	ARN, Status, StatusReason                   string
	Sources                                     []string // ARNs
	Target                                      string   // ARN
	Configuration                               *DeploymentConfiguration
	Rollback                                    *Rollback
	Shift                                       *savedShift
	Breaker                                     string
	Failures, Threshold                         int
	Alarms                                      string
	Triggered                                   []string
	CreatedAt, UpdatedAt, FinishedAt, StoppedAt time.Time
}

type savedShift struct {
	Source         string // id of a deployment; empty for none
	Stages         []string
	Entered        time.Time
	Reached, Begun bool
	Percents       []float64
	Percent, Test  float64
	Step, Bake     time.Duration
	Hooks          []savedHook
}

type savedHook struct {
	ID, Stage, Status, AtTimeout string
	ExpiresAt                    time.Time
}

type savedTask struct {
	ID, ARN          string
	Service          string // name; empty for a task of RunTask
	Deployment       string // id
	Revision         string // ARN
	Definition       string // ARN
	Group, StartedBy string
	Overrides        *TaskOverride
	Provider         string
	Network          *NetworkConfiguration
	Subnet, Zone     string
	Platform         string
	Executable       bool
	Attachment       string
	Address          string
	LastStatus       taskStatus
	DesiredStatus    taskStatus
	Version          int64
	Containers       []savedContainer
	StopCode, Reason string

	CreatedAt, PullStartedAt, PullStoppedAt, StartedAt time.Time
	StoppingAt, ExecutionStoppedAt, StoppedAt          time.Time
}

type savedContainer struct {
	Name, ARN, RuntimeID, Digest string
	Status                       taskStatus
	ExitCode                     *int
	Reason                       string
	Health                       string
}

// Addresses are the addresses of the tasks of services, which are targets no more once
// the service is restored.
func (k Saved) Addresses() map[string]bool {
	all := map[string]bool{}
	for _, c := range k.Clusters {
		for _, t := range c.Tasks {
			if t.Service != "" && t.Address != "" {
				all[t.Address] = true
			}
		}
	}
	return all
}
