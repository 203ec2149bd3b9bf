package deploy

import (
	"encoding/json"
	"time"
)

// Prediction is what the rollout of a service is expected to be like. It is about ECS's
// part: CloudFormation adds some seconds before and after it. Nothing depends on it.
type Prediction struct {
	Resource string `json:"resource"` // logical id of the service
	Cluster  string `json:"cluster"`
	Service  string `json:"service"`
	Strategy string `json:"strategy"` // ROLLING, BLUE_GREEN, LINEAR or CANARY
	Desired  int    `json:"desired"`  // tasks

	// Batches is in how many groups the new tasks are started, one when the group before
	// it is healthy. Zero when none can be started.
	Batches int `json:"batches"`
	// LeastHealthy is the lowest number of healthy tasks in the course of the rollout,
	// MostTasks the highest number of starting and healthy ones, both by the service's
	// minimumHealthyPercent and maximumPercent.
	LeastHealthy int `json:"leastHealthy"`
	MostTasks    int `json:"mostTasks"`

	// Shortest and Longest bound what the rollout takes, in whole 5 s. Both are zero
	// where it takes no time, or cannot end.
	Shortest time.Duration `json:"-"` // in JSON: seconds
	Longest  time.Duration `json:"-"` // in JSON: seconds

	Basis    []string `json:"basis,omitempty"`    // what Shortest and Longest rest on
	Warnings []string `json:"warnings,omitempty"` // what to know before the rollout
	Unread   []string `json:"unread,omitempty"`   // what could not be read, so that a default stands for it
}

// Duration is the range from Shortest to Longest in words: "1 min 5 s to 1 min 25 s". It
// is empty where there is none.
func (p Prediction) Duration() string {
	if p.Longest == 0 {
		return ""
	}
	return span{p.Shortest, p.Longest}.String()
}

// MarshalJSON gives the durations in seconds.
func (p Prediction) MarshalJSON() ([]byte, error) {
	type plain Prediction // without this method
	return json.Marshal(struct {
		plain
		Shortest float64 `json:"shortestSeconds"`
		Longest  float64 `json:"longestSeconds"`
	}{plain(p), p.Shortest.Seconds(), p.Longest.Seconds()})
}
