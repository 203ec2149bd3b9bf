package cloudformation

import "slices"

// accountsPerRegion is in how many accounts a stack set can have instances: the embedded
// AWS has one.
const accountsPerRegion = 1

// check refuses what contradicts itself.
func (p *StackSetOperationPreferences) check() error {
	switch {
	case p == nil:
		return nil
	case p.FailureToleranceCount != nil && p.FailureTolerancePercentage != nil:
		return invalid("Only one of FailureToleranceCount and FailureTolerancePercentage can be specified in OperationPreferences")
	case p.MaxConcurrentCount != nil && p.MaxConcurrentPercentage != nil:
		return invalid("Only one of MaxConcurrentCount and MaxConcurrentPercentage can be specified in OperationPreferences")
	}
	return nil
}

// tolerance is in how many accounts of a region an operation may fail before it stops
// there; a percentage is rounded down (API reference, StackSetOperationPreferences).
func (p *StackSetOperationPreferences) tolerance() int {
	switch {
	case p == nil:
		return 0
	case p.FailureToleranceCount != nil:
		return *p.FailureToleranceCount
	case p.FailureTolerancePercentage != nil:
		return *p.FailureTolerancePercentage * accountsPerRegion / 100
	}
	return 0
}

// parallel tells whether the regions are worked on at once. In each of them there is one
// account, so how many accounts are worked on at once makes no difference.
func (p *StackSetOperationPreferences) parallel() bool {
	return p != nil && p.RegionConcurrencyType == "PARALLEL"
}

// order brings regions into the order that the preferences ask for; those that it does
// not name come last, as they are.
func (p *StackSetOperationPreferences) order(regions []string) []string {
	if p == nil {
		return regions
	}
	var ordered []string
	for _, region := range p.RegionOrder {
		if slices.Contains(regions, region) && !slices.Contains(ordered, region) {
			ordered = append(ordered, region)
		}
	}
	for _, region := range regions {
		if !slices.Contains(ordered, region) {
			ordered = append(ordered, region)
		}
	}
	return ordered
}

// shown are the preferences as descriptions tell them.
func (p *StackSetOperationPreferences) shown() *StackSetOperationPreferences {
	shown := StackSetOperationPreferences{}
	if p != nil {
		shown = *p
	}
	shown.RegionOrder = append([]string{}, shown.RegionOrder...)
	return &shown
}
