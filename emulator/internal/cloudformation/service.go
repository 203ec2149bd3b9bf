// Package cloudformation is AWS CloudFormation for the embedded AWS: stacks, change
// sets and exports, with asynchronous operations that go through the statuses,
// events, replacements and rollbacks of the real service.
//
// What a resource is, it does not know: [Provider]s create, update and delete them.
package cloudformation

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Objects is S3, as far as templates come from there.
type Objects interface {
	// Template is the body of the object that a URL names; false where it cannot be read.
	Template(url string) (body string, ok bool)
}

// Options are what a Service is made of. All but Parameters and Objects are required.
type Options struct {
	Clock  *clock.Clock
	Types  Types
	Region string
	Zones  []string // what Fn::GetAZs gives
	// Parameters are what templates find in Systems Manager. Default: nothing.
	Parameters Parameters
	// Objects are where TemplateURL finds templates. Default: nothing.
	Objects Objects
	Logger  *slog.Logger
	// Settled is told when an operation has come to its end, and when a change set or a
	// drift detection has. It must not block, nor use the Service. Default: nobody is told.
	Settled func()
	// Regions are where stack sets have their instances. Default: this one alone, by
	// whatever name.
	Regions Regions
}

// Service is CloudFormation in one region. It is safe for concurrent use.
type Service struct {
	Options
	api *wire.API

	ctx  context.Context // ends with Close; operations outlive the requests that start them
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu sync.Mutex
	index
	exports map[string]export

	sets stackSets
}

// New returns a region without stacks. Close it after use.
func New(o Options) *Service {
	if o.Settled == nil {
		o.Settled = func() {}
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Service{Options: o, ctx: ctx, stop: stop, index: newIndex(), exports: map[string]export{}}
	if s.Regions == nil {
		s.Regions = solo{s}
	}
	s.api = &wire.API{
		Service:   "cloudformation",
		Protocol:  wire.Query,
		Version:   "2010-05-15",
		Namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/",
	}
	wire.Handle(s.api, "CreateStack", s.CreateStack)
	wire.Handle(s.api, "UpdateStack", s.UpdateStack)
	wire.Handle(s.api, "DeleteStack", s.DeleteStack)
	wire.Handle(s.api, "CancelUpdateStack", s.CancelUpdateStack)
	wire.Handle(s.api, "ContinueUpdateRollback", s.ContinueUpdateRollback)
	wire.Handle(s.api, "RollbackStack", s.RollbackStack)
	wire.Handle(s.api, "SetStackPolicy", s.SetStackPolicy)
	wire.Handle(s.api, "GetStackPolicy", s.GetStackPolicy)
	wire.Handle(s.api, "UpdateTerminationProtection", s.UpdateTerminationProtection)
	wire.Handle(s.api, "CreateChangeSet", s.CreateChangeSet)
	wire.Handle(s.api, "DescribeChangeSet", s.DescribeChangeSet)
	wire.Handle(s.api, "ExecuteChangeSet", s.ExecuteChangeSet)
	wire.Handle(s.api, "DeleteChangeSet", s.DeleteChangeSet)
	wire.Handle(s.api, "ListChangeSets", s.ListChangeSets)
	wire.Handle(s.api, "DescribeStacks", s.DescribeStacks)
	wire.Handle(s.api, "ListStacks", s.ListStacks)
	wire.Handle(s.api, "DescribeStackEvents", s.DescribeStackEvents)
	wire.Handle(s.api, "DescribeEvents", s.DescribeEvents)
	wire.Handle(s.api, "DescribeStackResource", s.DescribeStackResource)
	wire.Handle(s.api, "DescribeStackResources", s.DescribeStackResources)
	wire.Handle(s.api, "ListStackResources", s.ListStackResources)
	wire.Handle(s.api, "ListExports", s.ListExports)
	wire.Handle(s.api, "ListImports", s.ListImports)
	wire.Handle(s.api, "DetectStackDrift", s.DetectStackDrift)
	wire.Handle(s.api, "DetectStackResourceDrift", s.DetectStackResourceDrift)
	wire.Handle(s.api, "DescribeStackDriftDetectionStatus", s.DescribeStackDriftDetectionStatus)
	wire.Handle(s.api, "DescribeStackResourceDrifts", s.DescribeStackResourceDrifts)
	wire.Handle(s.api, "GetTemplate", s.GetTemplate)
	wire.Handle(s.api, "GetTemplateSummary", s.GetTemplateSummary)
	wire.Handle(s.api, "ValidateTemplate", s.ValidateTemplate)
	s.handleStackSets()
	return s
}

// API is the service as clients reach it.
func (s *Service) API() *wire.API { return s.api }

// Close abandons running operations where they are and waits for their goroutines.
func (s *Service) Close() error {
	s.stop()
	s.wg.Wait()
	return nil
}

// get is find with the error that most operations answer.
func (s *Service) get(nameOrID string) (*stack, error) {
	if nameOrID == "" {
		return nil, invalid("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")
	}
	if st := s.find(nameOrID); st != nil {
		return st, nil
	}
	return nil, invalid("Stack [%s] does not exist", nameOrID)
}

func (s *Service) now() time.Time { return s.Clock.Now() }

func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:aws:cloudformation:%s:%s:%s/%s/%s", s.Region, wire.AccountID, kind, name, wire.NewUUID())
}

// invalid is a ValidationError, which is how CloudFormation says most things.
func invalid(format string, args ...any) error {
	return wire.Errorf("ValidationError", format, args...)
}

// page cuts one page out of a list; tokens are offsets, opaque to clients.
func page[T any](list []T, token string, size int) ([]T, string, error) {
	from := 0
	if token != "" {
		if _, err := fmt.Sscanf(token, "offset-%d", &from); err != nil || from < 0 || from > len(list) {
			return nil, "", invalid("Invalid NextToken: %s", token)
		}
	}
	to := min(from+size, len(list))
	next := ""
	if to < len(list) {
		next = fmt.Sprintf("offset-%d", to)
	}
	return append([]T{}, list[from:to]...), next, nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
