package emulator

import (
	"context"
	"fmt"
	"maps"
	"net"
	"path"
	"slices"
	"strconv"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// world is what ECS meets outside of itself in one region: see [ecs.Faults].
type world struct {
	server *Server
	region string
	stacks *cloudformation.Service // set before the first request

	mu      sync.Mutex
	subnets map[string]string // zone by subnet, of those that CloudFormation made
}

// Zone implements [ecs.Faults]. A subnet that nobody made is in the first zone.
func (w *world) Zone(subnet string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if zone := w.subnets[subnet]; zone != "" {
		return zone
	}
	return w.region + "a"
}

// Capacity implements [ecs.Faults].
func (w *world) Capacity(cluster, service string, zones []string) []string {
	all := &w.server.faults
	left := slices.Clone(zones)
	without := func(zone string) {
		left = slices.DeleteFunc(left, func(z string) bool { return zone == "" || z == zone })
	}
	for _, zone := range zones {
		if _, in := strike(all, func(f FaultZone, _ *injected) bool { return f.Zone == zone }); in != nil {
			without(zone)
		}
	}
	tried := map[*injected]bool{} // several faults may each take a zone
	for {
		f, in := strike(all, func(f FaultCapacity, in *injected) bool {
			fits := !tried[in] && (f.Cluster == "" || f.Cluster == cluster) && (f.Service == "" || f.Service == service) &&
				(f.Zone == "" || slices.Contains(left, f.Zone))
			tried[in] = true
			return fits
		})
		if in == nil {
			return left
		}
		without(f.Zone)
	}
}

// Pull implements [ecs.Faults]. The default reason is that of a registry which cannot
// be reached, in the words of "CannotPullContainer task errors" (developer guide).
func (w *world) Pull(image string) error {
	f, in := strike(&w.server.faults, func(f FaultImage, _ *injected) bool {
		fits, err := path.Match(f.Image, image)
		return f.Image == "" || fits && err == nil
	})
	switch {
	case in == nil:
		return nil
	case f.Reason != "":
		return fmt.Errorf("%s", f.Reason)
	}
	return fmt.Errorf("CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref %s: failed to do request: dial tcp: i/o timeout", image)
}

// failsCheck is asked before every health check.
func (s *Server) failsCheck(targetGroup string, t elb.Target) bool {
	target := net.JoinHostPort(t.ID, strconv.Itoa(t.Port))
	_, in := strike(&s.faults, func(f FaultHealth, in *injected) bool { return f.fits(in, targetGroup, target) })
	return in != nil
}

// types are a region's resource types with faults and IAM before them.
type types struct {
	cloudformation.Types
	world *world
}

// Provider implements [cloudformation.Types].
func (t types) Provider(resourceType string) cloudformation.Provider {
	p := t.Types.Provider(resourceType)
	if p == nil {
		return nil
	}
	return provider{p, t.world}
}

// provider is a resource type with faults and IAM before it.
type provider struct {
	cloudformation.Provider
	world *world
}

func (p provider) before(ctx context.Context, action string, r cloudformation.Request) error {
	if err := p.world.server.resourceFault(ctx, action, r.StackName, r.LogicalID, r.Type); err != nil {
		return err
	}
	return p.authorize(ctx, action, r)
}

// Create implements [cloudformation.Provider]. It notes the zones of subnets.
func (p provider) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	if err := p.before(ctx, "CREATE", r); err != nil {
		return cloudformation.Resource{}, err
	}
	made, err := p.world.server.keeper.create(ctx, p.Provider, r)
	if zone, ok := r.Properties["AvailabilityZone"].(string); ok && r.Type == "AWS::EC2::Subnet" {
		p.world.mu.Lock()
		defer p.world.mu.Unlock()
		p.world.subnets[made.PhysicalID] = zone
	}
	return made, err
}

// Update implements [cloudformation.Provider].
func (p provider) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	if err := p.before(ctx, "UPDATE", r); err != nil {
		return cloudformation.Resource{PhysicalID: r.PhysicalID}, err
	}
	return p.Provider.Update(ctx, r)
}

// Delete implements [cloudformation.Provider].
func (p provider) Delete(ctx context.Context, r cloudformation.Request) error {
	if err := p.before(ctx, "DELETE", r); err != nil {
		return err
	}
	return p.Provider.Delete(ctx, r)
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
