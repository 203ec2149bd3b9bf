package emulator

import (
	"context"
	"net"
	"strconv"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// State is what there is in a region, as tests ask it. All else is asked with an SDK.
type State struct {
	Stacks   []StackState   // that are not deleted, the newest first
	Services []ServiceState // that are ACTIVE or DRAINING, by cluster and name
	Targets  []TargetState  // that are registered, by target group
}

// StackState is a stack of CloudFormation.
type StackState struct {
	Name, ID string
	Status   string // UPDATE_COMPLETE, ...
	Reason   string // of the status
	Outputs  map[string]string
}

// ServiceState is a service of ECS.
type ServiceState struct {
	Cluster, Name string // names
	Status        string // ACTIVE, DRAINING
	Desired       int    // number of tasks
	// Images are the images of the containers of tasks that are RUNNING and are not
	// about to stop, as their task definitions have them, with the number of each.
	Images map[string]int
}

// TargetState is a target of a target group.
type TargetState struct {
	TargetGroup string // name
	Target      string // "address:port" in the private network
	State       string // healthy, ...
	Reason      string // the API's reason code; empty for a healthy target
}

// State is what there is in a region; nothing in one that no client has used, and once
// the server is closed. Each service is seen at a moment of its own.
func (s *Server) State(ctx context.Context, region string) (State, error) {
	regions, leave := s.visit()
	r := regions[region]
	if leave == nil {
		return State{}, nil
	}
	defer leave()
	if r == nil {
		return State{}, nil
	}
	var st State
	var err error
	if st.Stacks, err = r.stackStates(ctx); err != nil {
		return State{}, err
	}
	for _, svc := range r.ecs.Snapshot() {
		st.Services = append(st.Services, ServiceState(svc))
	}
	st.Targets, err = r.targetStates(ctx)
	return st, err
}

func (r *region) stackStates(ctx context.Context) ([]StackState, error) {
	var states []StackState
	for in := (cloudformation.DescribeStacksInput{}); ; {
		out, err := r.cloudformation.DescribeStacks(ctx, &in)
		if err != nil {
			return nil, err
		}
		for _, st := range out.Stacks {
			outputs := map[string]string{}
			for _, o := range st.Outputs {
				if o.OutputValue != nil {
					outputs[o.OutputKey] = *o.OutputValue
				}
			}
			states = append(states, StackState{
				Name: st.StackName, ID: st.StackId, Status: string(st.StackStatus), Reason: st.StackStatusReason, Outputs: outputs,
			})
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			return states, nil
		}
	}
}

func (r *region) targetStates(ctx context.Context) ([]TargetState, error) {
	var states []TargetState
	for in := (elb.DescribeTargetGroupsInput{}); ; {
		groups, err := r.elb.DescribeTargetGroups(ctx, &in)
		if err != nil {
			return nil, err
		}
		for _, g := range groups.TargetGroups {
			health, err := r.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
			if err != nil {
				continue // deleted meanwhile
			}
			for _, d := range health.TargetHealthDescriptions {
				states = append(states, TargetState{
					TargetGroup: g.TargetGroupName, Target: net.JoinHostPort(d.Target.Id, strconv.Itoa(d.Target.Port)),
					State: string(d.TargetHealth.State), Reason: d.TargetHealth.Reason,
				})
			}
		}
		if in.Marker = groups.NextMarker; in.Marker == "" {
			return states, nil
		}
	}
}
