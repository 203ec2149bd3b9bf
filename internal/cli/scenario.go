package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/rehearse"
)

// scenarioFile is what --scenario reads.
type scenarioFile struct {
	Load []struct {
		Rate int           `yaml:"rate"`
		For  time.Duration `yaml:"for"`
	} `yaml:"load"`
	Images map[string]string `yaml:"images"` // conducts by image, as --image takes them
	Faults []map[string]any  `yaml:"faults"` // with their time beside the members that the emulator knows
}

// readScenario reads a file into the options of a rehearsal; without a name it does
// nothing.
func readScenario(name string, o *rehearse.Options) error {
	if name == "" {
		return nil
	}
	wrong := func(err error) error {
		return &deploy.InputError{
			Problem: fmt.Sprintf("reading the scenario %s: %v", name, err),
			Advice:  "see slipway rehearse --help for its form", Err: err,
		}
	}
	file, err := os.Open(name)
	if err != nil {
		return wrong(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	var s scenarioFile
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return wrong(err)
	}
	for _, step := range s.Load {
		o.Steps = append(o.Steps, load.Step{Rate: step.Rate, For: step.For})
	}
	for pattern, words := range s.Images {
		conduct, err := parseConduct(words)
		if err != nil {
			return wrong(err)
		}
		if o.Conducts == nil {
			o.Conducts = map[string]emulator.Conduct{}
		}
		if _, given := o.Conducts[pattern]; !given { // by --image
			o.Conducts[pattern] = conduct
		}
	}
	for i, members := range s.Faults {
		fault, err := timedFault(members)
		if err != nil {
			return wrong(fmt.Errorf("fault %d: %w", i+1, err))
		}
		o.Faults = append(o.Faults, fault)
	}
	return nil
}

// timedFault is a fault with its time.
func timedFault(members map[string]any) (rehearse.TimedFault, error) {
	var timed rehearse.TimedFault
	if after, ok := members["after"]; ok {
		var err error
		if timed.After, err = time.ParseDuration(fmt.Sprint(after)); err != nil || timed.After < 0 {
			return timed, fmt.Errorf("after is %v; want a duration such as 15s", after)
		}
	}
	delete(members, "after")
	text, err := json.Marshal(members)
	if err != nil {
		return timed, err
	}
	timed.Fault, err = emulator.ParseFault(text)
	return timed, err
}
