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
	ssm            *ssm.Service
	s3             *s3.Service
	world          *world
}

func newRegion(name string, s *Server) *region {
	r := &region{}
	w := &world{server: s, region: name, subnets: map[string]string{}}
	r.elb = elb.New(elb.Options{
		Clock: s.clock, Network: s.network, Region: name, Logger: s.options.Logger,
		OnHealth: s.onHealth(name), FailCheck: s.failsCheck, OnLoss: s.options.OnLoss, Annotate: s.answers.annotate,
	})
	r.logs = logs.New(logs.Options{Clock: s.clock, Region: name})
	r.ecs = ecs.New(ecs.Options{
		Clock: s.clock, Network: s.network, Region: name, Logger: s.options.Logger,
		Runtime: s.options.Runtime, Targets: r.elb, EarlySIGTERM: s.options.EarlySIGTERM,
		Logs:   taskLogs{s},
		Faults: w, Settled: s.keeper.changed, OnTask: s.onTask(),
	})
	r.ssm = ssm.New(s.clock, name)
	r.s3 = s3.New(s.clock, name, s.URL())
	r.cloudformation = cloudformation.New(cloudformation.Options{
		Clock: s.clock, Region: name, Zones: []string{name + "a", name + "b", name + "c"}, Logger: s.options.Logger,
		Types:      types{resources.New(s.clock, name, r.ecs, r.elb, r.ssm, r.logs, r.s3), w},
		Parameters: r.ssm, Objects: r.s3, Settled: s.keeper.changed, Regions: allRegions{s},
	})
	w.stacks = r.cloudformation
	r.world = w
	r.apis = map[string]*wire.API{
		"cloudformation":       r.cloudformation.API(),
		"ecr":                  (&registry.ECR{Registry: s.images, Clock: s.clock, Region: name, Endpoint: s.URL()}).API(),
		"ecs":                  r.ecs.API(),
		"elasticloadbalancing": r.elb.API(),
		"logs":                 r.logs.API(),
		"s3":                   r.s3.API(),
		"ssm":                  r.ssm.API(),
		"sts":                  sts.API(sts.Options{Clock: s.clock, Caller: s.access.principal, Assumed: s.access.assumed}),
	}
	for _, api := range r.apis {
		api.Logger = s.options.Logger
		api.Around = func(ctx context.Context, in any, do func() (any, error)) (any, error) {
			undo, err := s.authorize(ctx, r, api.Protocol, in)
			if err != nil {
				return nil, err
			}
			out, err := s.around(ctx, in, do)
			if err != nil {
				undo()
			}
			return s.keeper.answer(ctx, out, err)
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
