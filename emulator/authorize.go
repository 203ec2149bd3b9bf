package emulator

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/iam"
	"github.com/slipway-go/slipway/emulator/internal/sts"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// access is who may do what. It is safe for concurrent use.
type access struct {
	mu       sync.Mutex
	policies map[string]*iam.Policy   // by access key ID or role ARN
	sessions map[string]sts.Principal // assumed roles, by access key ID
	behalf   map[string]sts.Principal // who began a stack's last operation, by region and stack name
}

// BindPolicy holds a caller to an identity-based policy from now on, a document in
// IAM's JSON. The caller is an access key ID, which is then that of the IAM user of
// this name, or the ARN of a role: it counts for callers that have assumed the role,
// and for CloudFormation where it is a stack's service role. Callers without a policy
// may do everything.
//
// Without a service role, CloudFormation works with the permissions of the caller of
// its last operation on the stack. It asks for what resources of ECS and Elastic Load
// Balancing take; other resources do nothing here, and ask for nothing.
//
// It fails for a caller that is neither, for a document that IAM refuses, and for a condition operator or key, or a
// policy variable, that this AWS does not evaluate.
func (s *Server) BindPolicy(caller, document string) error {
	if caller == "" || strings.HasPrefix(caller, "arn:") && !strings.Contains(caller, ":role/") {
		return fmt.Errorf("binding a policy to %q: want an access key ID or the ARN of a role, such as arn:aws:iam::%s:role/deploy", caller, wire.AccountID)
	}
	policy, err := iam.Parse(document)
	if err != nil {
		return fmt.Errorf("binding a policy to %s: %w", caller, err)
	}
	s.access.mu.Lock()
	defer s.access.mu.Unlock()
	if s.access.policies == nil {
		s.access.policies = map[string]*iam.Policy{}
	}
	s.access.policies[caller] = policy
	return nil
}

// principal is who makes a call.
func (a *access) principal(accessKeyID string) sts.Principal {
	a.mu.Lock()
	defer a.mu.Unlock()
	if session, ok := a.sessions[accessKeyID]; ok {
		return session
	}
	name := "emulator"
	if a.policies[accessKeyID] != nil {
		name = accessKeyID
	}
	return sts.Principal{
		Policy: accessKeyID, UserID: "AIDACKCEVSQ6C2EXAMPLE",
		ARN: "arn:aws:iam::" + wire.AccountID + ":user/" + name,
	}
}

// assumed notes that the access key is that of a role's session.
func (a *access) assumed(accessKeyID string, p sts.Principal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sessions == nil {
		a.sessions = map[string]sts.Principal{}
	}
	a.sessions[accessKeyID] = p
}

// refusal is why the principal may not; empty where it may. The words are those of
// "Access denied error message examples" in the IAM user guide.
func (a *access) refusal(p sts.Principal, needs []iam.Need) string {
	a.mu.Lock()
	policy := a.policies[p.Policy]
	a.mu.Unlock()
	if policy == nil {
		return ""
	}
	for _, need := range needs {
		need.Context["aws:principalarn"] = p.ARN
		if strings.HasPrefix(p.Policy, "arn:") {
			need.Context["aws:principalarn"] = p.Policy // of a session, the key has the role's ARN
		}
		words := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s ", p.ARN, need.Action, need.Resource)
		switch policy.Decide(need) {
		case iam.Denied:
			return words + "with an explicit deny in an identity-based policy"
		case iam.NotAllowed:
			return words + "because no identity-based policy allows the " + need.Action + " action"
		}
	}
	return ""
}

// authorize refuses a call that its caller may not make, and notes with whose
// permissions CloudFormation will work. What it returns takes the note back, for a call
// that then begins nothing.
func (s *Server) authorize(ctx context.Context, r *region, protocol wire.Protocol, in any) (undo func(), err error) {
	call := wire.CallFrom(ctx)
	caller := s.access.principal(call.AccessKeyID)
	request := iam.Request{
		Service: call.Service, Operation: call.Operation, Region: call.Region, Account: wire.AccountID,
		Input: in, Stack: func(name string) string { return r.stackARN(ctx, call.Region, name) },
		StackSet: func(name string) string { return r.stackSetARN(ctx, call.Region, name) },
	}
	if why := s.access.refusal(caller, request.Needs()); why != "" {
		if protocol == wire.JSON {
			return nil, wire.Errorf("AccessDeniedException", "%s", why)
		}
		return nil, &wire.Error{Code: "AccessDenied", Message: why, Status: http.StatusForbidden}
	}
	return s.access.note(ctx, r, call, caller, in), nil
}

// stackARN is the ARN of a stack by its name or ARN, or by the ARN of a change set; it
// ends in /* for one that does not exist.
func (r *region) stackARN(ctx context.Context, region, name string) string {
	if strings.Contains(name, ":changeSet/") {
		out, err := r.cloudformation.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: name})
		if err == nil {
			return out.StackId
		}
	}
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	out, err := r.cloudformation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: name})
	if err == nil && len(out.Stacks) == 1 {
		return out.Stacks[0].StackId
	}
	return fmt.Sprintf("arn:aws:cloudformation:%s:%s:stack/%s/*", region, wire.AccountID, name)
}

// note remembers who began an operation on a stack: CloudFormation works with the
// caller's permissions where the stack has no service role. It is noted before the
// operation begins, which asks at once; undo is for one that did not.
func (a *access) note(ctx context.Context, r *region, call wire.Call, caller sts.Principal, in any) (undo func()) {
	var stack string
	switch in := in.(type) {
	case *cloudformation.CreateStackInput:
		stack = in.StackName
	case *cloudformation.UpdateStackInput:
		stack = in.StackName
	case *cloudformation.DeleteStackInput:
		stack = in.StackName
	case *cloudformation.RollbackStackInput:
		stack = in.StackName
	case *cloudformation.ContinueUpdateRollbackInput:
		stack = in.StackName
	case *cloudformation.ExecuteChangeSetInput:
		if stack = in.StackName; stack == "" || strings.HasPrefix(in.ChangeSetName, "arn:") {
			stack = in.ChangeSetName
		}
	default:
		return func() {}
	}
	key := call.Region + " " + stackName(r.stackARN(ctx, call.Region, stack))
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.behalf == nil {
		a.behalf = map[string]sts.Principal{}
	}
	before := a.behalf[key]
	a.behalf[key] = caller
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.behalf[key] == caller {
			a.behalf[key] = before
		}
	}
}

// stackName is the name in the ARN of a stack.
func stackName(arn string) string {
	if parts := strings.Split(arn, "/"); len(parts) == 3 {
		return parts[1]
	}
	return arn
}

// worker is with whose permissions CloudFormation works on a stack.
func (a *access) worker(region, stack, role string) sts.Principal {
	if role != "" {
		return sts.Principal{
			Policy: role,
			ARN:    "arn:aws:sts::" + wire.AccountID + ":assumed-role/" + role[strings.LastIndex(role, "/")+1:] + "/AWSCloudFormation",
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.behalf[region+" "+stack]
}

// authorizeResource refuses what CloudFormation may not do with a resource, in the
// words of its resource handlers.
func (p provider) authorize(ctx context.Context, action string, r cloudformation.Request) error {
	needs := iam.ResourceNeeds(iam.Resource{
		Type: r.Type, Action: action, PhysicalID: r.PhysicalID, Properties: r.Properties,
		GeneratedName: r.StackName + "-" + r.LogicalID,
		Region:        p.world.region, Account: wire.AccountID,
	})
	if len(needs) == 0 {
		return nil
	}
	role := ""
	if out, err := p.world.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: r.StackID}); err == nil && len(out.Stacks) == 1 {
		role = out.Stacks[0].RoleARN
	}
	access := &p.world.server.access
	if why := access.refusal(access.worker(p.world.region, r.StackName, role), needs); why != "" {
		return fmt.Errorf("Resource handler returned message: %q (HandlerErrorCode: AccessDenied)", why)
	}
	return nil
}
