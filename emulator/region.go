package emulator

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/logs"
	"github.com/slipway-go/slipway/emulator/internal/registry"
	"github.com/slipway-go/slipway/emulator/internal/resources"
	"github.com/slipway-go/slipway/emulator/internal/s3"
	"github.com/slipway-go/slipway/emulator/internal/ssm"
	"github.com/slipway-go/slipway/emulator/internal/sts"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// region is the services of one region. Regions share the clock, the network and the
// runtime, and nothing else.
type region struct {
	apis           map[string]*wire.API // by signing name
	cloudformation *cloudformation.Service
	ecs            *ecs.Service
	elb            *elb.Service
	logs           *logs.Service
}

func newRegion(name string, s *Server) *region {
	r := &region{}
	w := &world{server: s, region: name, subnets: map[string]string{}}
	r.elb = elb.New(elb.Options{
		Clock: s.clock, Network: s.network, Region: name, Logger: s.options.Logger,
		OnHealth: s.onHealth(name), FailCheck: s.failsCheck,
	})
	r.logs = logs.New(logs.Options{Clock: s.clock, Region: name})
	r.ecs = ecs.New(ecs.Options{
		Clock: s.clock, Network: s.network, Region: name, Logger: s.options.Logger,
		Runtime: s.options.Runtime, Targets: r.elb, EarlySIGTERM: s.options.EarlySIGTERM,
		Logs:   taskLogs{s},
		Faults: w,
	})
	parameters := ssm.New(s.clock, name)
	storage := s3.New(s.clock, name, s.URL())
	r.cloudformation = cloudformation.New(cloudformation.Options{
		Clock: s.clock, Region: name, Zones: []string{name + "a", name + "b", name + "c"}, Logger: s.options.Logger,
		Types:      types{resources.New(s.clock, name, r.ecs, r.elb, parameters, r.logs, storage), w},
		Parameters: parameters, Objects: storage,
	})
	w.stacks = r.cloudformation
	r.apis = map[string]*wire.API{
		"cloudformation":       r.cloudformation.API(),
		"ecr":                  (&registry.ECR{Registry: s.images, Clock: s.clock, Region: name, Endpoint: s.URL()}).API(),
		"ecs":                  r.ecs.API(),
		"elasticloadbalancing": r.elb.API(),
		"logs":                 r.logs.API(),
		"s3":                   storage.API(),
		"ssm":                  parameters.API(),
		"sts":                  sts.API(sts.Options{Clock: s.clock, Caller: s.access.principal, Assumed: s.access.assumed}),
	}
	for _, api := range r.apis {
		api.Logger = s.options.Logger
		api.Around = func(ctx context.Context, in any, do func() (any, error)) (any, error) {
			if err := s.authorize(ctx, r, api.Protocol, in); err != nil {
				return nil, err
			}
			return s.around(ctx, in, do)
		}
	}
	return r
}

// close ends the services in the order of who uses whom.
func (r *region) close() error {
	return errors.Join(r.cloudformation.Close(), r.ecs.Close(), r.elb.Close())
}

func (s *Server) onHealth(region string) func(elb.HealthEvent) {
	if s.options.OnTargetHealth == nil {
		return nil
	}
	return func(e elb.HealthEvent) {
		s.options.OnTargetHealth(TargetHealth{
			Time: e.Time, Region: region, TargetGroupARN: e.TargetGroupARN,
			Target: net.JoinHostPort(e.Target.ID, strconv.Itoa(e.Target.Port)),
			State:  string(e.State), Reason: e.Reason,
		})
	}
}
