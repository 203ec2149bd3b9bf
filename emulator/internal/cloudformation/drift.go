package cloudformation

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// driftTime is how long CloudFormation takes to compare a stack with what there is.
const driftTime = 3 * time.Second

// ErrGone says that a resource no longer exists.
var ErrGone = errors.New("the resource does not exist")

// Reader tells what a resource is like, for drift detection.
type Reader interface {
	// Read gives the actual values of those of r.Properties that it can tell, in the form
	// that they have there. It returns [ErrGone] for a resource that somebody has deleted.
	Read(ctx context.Context, r Request) (map[string]any, error)
}

// The states of drift, of resources and of stacks.
const (
	driftInSync     = "IN_SYNC"
	driftModified   = "MODIFIED"
	driftDeleted    = "DELETED"
	driftNotChecked = "NOT_CHECKED"
	driftDrifted    = "DRIFTED"
)

// The states of a drift detection.
const (
	detectionRuns     = "DETECTION_IN_PROGRESS"
	detectionComplete = "DETECTION_COMPLETE"
	detectionFailed   = "DETECTION_FAILED"
)

// PropertyDifference is one place where a resource is not as its template says.
type PropertyDifference struct {
	PropertyPath, ExpectedValue, ActualValue, DifferenceType string
}

// StackResourceDrift is how a resource has drifted.
type StackResourceDrift struct {
	StackId                  string
	LogicalResourceId        string
	PhysicalResourceId       string
	ResourceType             string
	ExpectedProperties       string
	ActualProperties         string
	PropertyDifferences      []PropertyDifference
	StackResourceDriftStatus string
	Timestamp                time.Time
}

// drift is what was found out about a stack. Service.mu guards it.
type drift struct {
	status     string // IN_SYNC, DRIFTED; empty for NOT_CHECKED
	checked    time.Time
	detections []*detection
	resources  map[string]StackResourceDrift // by logical id, those that were compared
}

// detection is one DetectStackDrift.
type detection struct {
	id, status, stackStatus string
	drifted                 int
	at                      time.Time
}

// driftOf is what is known of a resource's drift.
func (st *stack) driftOf(id string) ResourceDrift {
	if d, ok := st.drift.resources[id]; ok {
		return ResourceDrift{StackResourceDriftStatus: d.StackResourceDriftStatus, LastCheckTimestamp: d.Timestamp}
	}
	return ResourceDrift{StackResourceDriftStatus: driftNotChecked}
}

func (st *stack) driftInformation() DriftInformation {
	if st.drift.status == "" {
		return DriftInformation{StackDriftStatus: driftNotChecked}
	}
	return DriftInformation{StackDriftStatus: st.drift.status, LastCheckTimestamp: st.drift.checked}
}

// DetectStackDriftInput is a request of DetectStackDrift.
type DetectStackDriftInput struct {
	StackName          string
	LogicalResourceIds []string
}

// DetectStackDriftOutput is the answer.
type DetectStackDriftOutput struct{ StackDriftDetectionId string }

// DetectStackDrift begins to compare the resources of a stack, or some of them, with
// what there is.
func (s *Service) DetectStackDrift(_ context.Context, in *DetectStackDriftInput) (*DetectStackDriftOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.detectable(in.StackName)
	if err != nil {
		return nil, err
	}
	ids := in.LogicalResourceIds
	for _, id := range ids {
		if st.resources[id] == nil {
			return nil, invalid("Resource %s does not exist for stack %s", id, st.name)
		}
	}
	if len(ids) == 0 {
		ids = sortedKeys(st.resources)
	}
	for _, d := range st.drift.detections {
		if d.status == detectionRuns {
			return nil, invalid("Drift detection is already in progress for stack [%s]", st.id)
		}
	}
	d := &detection{id: wire.NewUUID(), status: detectionRuns, at: s.now()}
	st.drift.detections = append(st.drift.detections, d)
	s.wg.Go(func() { s.detect(st, d, ids) })
	return &DetectStackDriftOutput{StackDriftDetectionId: d.id}, nil
}

// detectable finds a stack whose drift can be detected (API reference, DetectStackDrift).
// The caller holds s.mu.
func (s *Service) detectable(name string) (*stack, error) {
	st, err := s.get(name)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]Status{CreateComplete, UpdateComplete, UpdateRollbackComplete, UpdateRollbackFailed}, st.status) {
		return nil, invalid("Drift detection cannot be performed on stack [%s] while it is in %s state", st.id, st.status)
	}
	return st, nil
}

func (s *Service) detect(st *stack, d *detection, ids []string) {
	if s.Clock.Sleep(s.ctx, driftTime) != nil {
		return
	}
	status := detectionComplete
	for _, id := range ids {
		if _, err := s.compareWithActual(s.ctx, st, id); err != nil {
			status = detectionFailed
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range st.drift.resources {
		if r.StackResourceDriftStatus != driftInSync {
			d.drifted++
		}
	}
	d.status, d.stackStatus, d.at = status, driftInSync, s.now()
	if d.drifted > 0 {
		d.stackStatus = driftDrifted
	}
	st.drift.status, st.drift.checked = d.stackStatus, d.at
	s.Settled()
}

// compareWithActual compares one resource and remembers what came of it. One that
// nothing can be told of is NOT_CHECKED, as is one that a rollback skipped. The caller
// does not hold s.mu.
func (s *Service) compareWithActual(ctx context.Context, st *stack, id string) (StackResourceDrift, error) {
	s.mu.Lock()
	res := st.resources[id]
	s.mu.Unlock()
	if res == nil {
		return StackResourceDrift{}, invalid("Resource %s does not exist for stack %s", id, st.name)
	}
	found := StackResourceDrift{
		StackId: st.id, LogicalResourceId: id, PhysicalResourceId: res.PhysicalID, ResourceType: res.definition.Type,
		StackResourceDriftStatus: driftNotChecked, PropertyDifferences: []PropertyDifference{}, Timestamp: s.now(),
	}
	reader := s.Types.Reader(res.definition.Type)
	if reader == nil || !res.made() || res.skipped {
		return found, nil
	}
	actual, err := reader.Read(ctx, Request{
		StackName: st.name, StackID: st.id, LogicalID: id, Type: res.definition.Type,
		PhysicalID: res.PhysicalID, Properties: res.properties,
	})
	found.ExpectedProperties = encodeJSON(res.shown)
	switch {
	case errors.Is(err, ErrGone):
		found.StackResourceDriftStatus = driftDeleted
	case err != nil:
		return found, err
	default:
		found.StackResourceDriftStatus = driftInSync
		expected, shown := map[string]any{}, maps.Clone(res.shown)
		for name, value := range actual {
			expected[name] = res.properties[name]
			if shownAt(res.shown, []string{name}) != any(mask) {
				shown[name] = value
			}
		}
		found.ActualProperties = encodeJSON(shown)
		for _, d := range compare(expected, actual) {
			found.StackResourceDriftStatus = driftModified
			found.PropertyDifferences = append(found.PropertyDifferences, propertyDifference(d))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st.resources[id] == res { // nothing has changed it meanwhile
		if st.drift.resources == nil {
			st.drift.resources = map[string]StackResourceDrift{}
		}
		st.drift.resources[id] = found
	}
	return found, nil
}

func propertyDifference(d difference) PropertyDifference {
	text := func(v any) string {
		if t := valueText(v); t != nil {
			return *t
		}
		return "null"
	}
	kinds := map[string]string{added: "ADD", removed: "REMOVE", modified: "NOT_EQUAL"}
	return PropertyDifference{
		PropertyPath: "/" + strings.Join(d.path, "/"), DifferenceType: kinds[d.kind],
		ExpectedValue: text(d.before), ActualValue: text(d.after),
	}
}

// DetectStackResourceDriftInput is a request of DetectStackResourceDrift.
type DetectStackResourceDriftInput struct{ StackName, LogicalResourceId string }

// DetectStackResourceDriftOutput is the answer.
type DetectStackResourceDriftOutput struct{ StackResourceDrift StackResourceDrift }

// DetectStackResourceDrift compares one resource with what there is.
func (s *Service) DetectStackResourceDrift(ctx context.Context, in *DetectStackResourceDriftInput) (*DetectStackResourceDriftOutput, error) {
	s.mu.Lock()
	st, err := s.detectable(in.StackName)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	found, err := s.compareWithActual(ctx, st, in.LogicalResourceId)
	if err != nil {
		return nil, err
	}
	return &DetectStackResourceDriftOutput{StackResourceDrift: found}, nil
}

// DescribeStackDriftDetectionStatusInput is a request of DescribeStackDriftDetectionStatus.
type DescribeStackDriftDetectionStatusInput struct{ StackDriftDetectionId string }

// DescribeStackDriftDetectionStatusOutput is the answer.
type DescribeStackDriftDetectionStatusOutput struct {
	StackId                   string
	StackDriftDetectionId     string
	StackDriftStatus          string
	DetectionStatus           string
	DriftedStackResourceCount *int
	Timestamp                 time.Time
}

// DescribeStackDriftDetectionStatus tells how far a drift detection has come.
func (s *Service) DescribeStackDriftDetectionStatus(_ context.Context, in *DescribeStackDriftDetectionStatusInput) (*DescribeStackDriftDetectionStatusOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.stacks {
		for _, d := range st.drift.detections {
			if d.id != in.StackDriftDetectionId {
				continue
			}
			out := &DescribeStackDriftDetectionStatusOutput{
				StackId: st.id, StackDriftDetectionId: d.id, DetectionStatus: d.status, StackDriftStatus: d.stackStatus, Timestamp: d.at,
			}
			if d.status != detectionRuns {
				count := d.drifted
				out.DriftedStackResourceCount = &count
			}
			return out, nil
		}
	}
	return nil, invalid("Drift detection with id %s does not exist", in.StackDriftDetectionId)
}

// DescribeStackResourceDriftsInput is a request of DescribeStackResourceDrifts.
type DescribeStackResourceDriftsInput struct {
	StackName                       string
	StackResourceDriftStatusFilters []string
	NextToken                       string
	MaxResults                      int
}

// DescribeStackResourceDriftsOutput is the answer.
type DescribeStackResourceDriftsOutput struct {
	StackResourceDrifts []StackResourceDrift
	NextToken           string
}

// DescribeStackResourceDrifts shows what the last detections found out of each resource
// that could be compared.
func (s *Service) DescribeStackResourceDrifts(_ context.Context, in *DescribeStackResourceDriftsInput) (*DescribeStackResourceDriftsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	all := []StackResourceDrift{}
	for _, id := range sortedKeys(st.drift.resources) {
		d := st.drift.resources[id]
		if len(in.StackResourceDriftStatusFilters) == 0 || slices.Contains(in.StackResourceDriftStatusFilters, d.StackResourceDriftStatus) {
			all = append(all, d)
		}
	}
	size := in.MaxResults
	if size == 0 {
		size = 100
	}
	drifts, next, err := page(all, in.NextToken, size)
	return &DescribeStackResourceDriftsOutput{StackResourceDrifts: drifts, NextToken: next}, err
}
