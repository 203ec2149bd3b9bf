package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/logs"
	"github.com/slipway-go/slipway/emulator/internal/s3"
	"github.com/slipway-go/slipway/emulator/internal/ssm"
)

// stateVersion is the version of the format of the state. Whoever changes what one of the
// types named Saved has, or what it means, adds one.
const stateVersion = 2

// state is the file, but for its version.
type state struct {
	Version int
	Time    stateTime
	Address netip.Addr // the last that a task got
	Regions map[string]stateRegion
}

// stateTime is the moment of a write, by both clocks.
type stateTime struct {
	AWS, Real time.Time
	Speed     float64
}

type stateRegion struct {
	CloudFormation cloudformation.Saved
	StackSets      cloudformation.SavedStackSets
	ECS            ecs.Saved
	ELB            elb.Saved
	Logs           logs.Saved
	SSM            ssm.Saved
	S3             s3.Saved
	Subnets        map[string]string
}

// encode is the state as it is now.
func (s *Server) encode() ([]byte, error) {
	s.mu.Lock()
	regions := maps.Clone(s.regions)
	s.mu.Unlock()
	now := state{Version: stateVersion, Regions: map[string]stateRegion{}}
	s.keeper.making.Lock()
	sets := map[string]cloudformation.SavedStackSets{} // before the stacks of any region
	for name, r := range regions {
		sets[name] = r.cloudformation.SaveStackSets()
	}
	for name, r := range regions {
		kept := r.save()
		kept.StackSets = sets[name]
		now.Regions[name] = kept
	}
	s.keeper.making.Unlock()
	now.Time = stateTime{AWS: s.clock.Now(), Real: time.Now(), Speed: s.clock.Speed()}
	now.Address = s.network.Given()
	return json.Marshal(now)
}

// save is what the region keeps, all of one moment: each service stands still until those
// that it uses have been asked.
func (r *region) save() stateRegion {
	var kept stateRegion
	kept.CloudFormation = r.cloudformation.Save(func() {
		kept.ECS = r.ecs.Save(func() { kept.ELB = r.elb.Save() })
		kept.SSM = r.ssm.Save()
		kept.S3 = r.s3.Save()
		kept.Logs = r.logs.Save()
		r.world.mu.Lock()
		defer r.world.mu.Unlock()
		kept.Subnets = maps.Clone(r.world.subnets)
	})
	kept.ELB.Forget(kept.ECS.Addresses())
	return kept
}

// decode makes the regions that a state has. It is called before the first request.
func (s *Server) decode(data []byte) error {
	var format struct{ Version int }
	if err := json.Unmarshal(data, &format); err != nil {
		return fmt.Errorf("this is no state of the embedded AWS: %w; move it away to begin anew", err)
	}
	if format.Version != stateVersion {
		return fmt.Errorf("the state has the format %d, and this version of Slipway reads and writes %d: "+
			"use the version that wrote it, or move the file away to begin anew", format.Version, stateVersion)
	}
	var kept state
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // nothing is silently dropped
	if err := decoder.Decode(&kept); err != nil {
		return fmt.Errorf("this is no state of the embedded AWS: %w; move it away to begin anew", err)
	}
	s.clock.Jump(kept.Time.now().Sub(s.clock.Now()))
	if kept.Address.IsValid() {
		s.network.Continue(kept.Address)
	}
	for _, name := range slices.Sorted(maps.Keys(kept.Regions)) {
		r := newRegion(name, s)
		s.regions[name] = r
		if err := r.restore(kept.Regions[name]); err != nil {
			return fmt.Errorf("region %s: %w", name, err)
		}
	}
	for _, r := range s.regions {
		r.cloudformation.ResumeStackSets()
	}
	return nil
}

// now is the AWS time that it would be, had the server run on: clients have seen times
// between the last write and the end.
func (t stateTime) now() time.Time {
	passed := max(time.Since(t.Real), 0)
	return t.AWS.Add(time.Duration(float64(passed) * t.Speed))
}

// restore takes the services in the order of who is used by whom.
func (r *region) restore(kept stateRegion) error {
	r.world.mu.Lock()
	maps.Copy(r.world.subnets, kept.Subnets)
	r.world.mu.Unlock()
	if err := r.elb.Restore(kept.ELB); err != nil {
		return err
	}
	r.ssm.Restore(kept.SSM)
	r.s3.Restore(kept.S3)
	r.logs.Restore(kept.Logs)
	if err := r.ecs.Restore(kept.ECS); err != nil {
		return err
	}
	if err := r.cloudformation.RestoreStackSets(kept.StackSets); err != nil {
		return err
	}
	return r.cloudformation.Restore(kept.CloudFormation)
}
