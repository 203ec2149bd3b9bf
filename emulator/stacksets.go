package emulator

import (
	"context"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/sts"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// allRegions are the regions that stack sets have instances in: see [cloudformation.Regions].
type allRegions struct{ server *Server }

// Enter implements [cloudformation.Regions]. The server waits for who has entered, as for
// requests.
func (a allRegions) Enter(region string) (s *cloudformation.Service, leave func()) {
	r := a.server.enter(region)
	if r == nil {
		return nil, nil
	}
	return r.cloudformation, a.server.requests.Done
}

// Assume implements [cloudformation.Regions]: the policy that is bound to the role holds
// for what CloudFormation does with the stack.
func (a allRegions) Assume(region, stackName, roleARN string) {
	access := &a.server.access
	access.mu.Lock()
	defer access.mu.Unlock()
	if access.behalf == nil {
		access.behalf = map[string]sts.Principal{}
	}
	access.behalf[region+" "+stackName] = sts.Principal{
		Policy: roleARN,
		ARN:    "arn:aws:sts::" + wire.AccountID + ":assumed-role/" + roleARN[strings.LastIndex(roleARN, "/")+1:] + "/" + wire.NewUUID(),
	}
}

// stackSetARN is the ARN of a stack set by its name or id; it ends in :* for one that does
// not exist.
func (r *region) stackSetARN(ctx context.Context, region, nameOrID string) string {
	out, err := r.cloudformation.DescribeStackSet(ctx, &cloudformation.DescribeStackSetInput{StackSetName: nameOrID})
	if err == nil {
		return out.StackSet.StackSetARN
	}
	return "arn:aws:cloudformation:" + region + ":" + wire.AccountID + ":stackset/" + nameOrID + ":*"
}
