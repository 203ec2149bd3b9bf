package cloudformation

import "context"

// SetStackPolicyInput is a request of SetStackPolicy.
type SetStackPolicyInput struct{ StackName, StackPolicyBody, StackPolicyURL string }

// SetStackPolicyOutput is the answer.
type SetStackPolicyOutput struct{}

// SetStackPolicy gives a stack a policy that its updates have to keep.
func (s *Service) SetStackPolicy(_ context.Context, in *SetStackPolicyInput) (*SetStackPolicyOutput, error) {
	policy, err := givenPolicy(in.StackPolicyBody, in.StackPolicyURL, "StackPolicy")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	if policy == nil {
		return nil, invalid("You must specify either StackPolicyURL or StackPolicyBody")
	}
	st.policy = policy
	return &SetStackPolicyOutput{}, nil
}

// GetStackPolicyInput is a request of GetStackPolicy.
type GetStackPolicyInput struct{ StackName string }

// GetStackPolicyOutput is the answer.
type GetStackPolicyOutput struct{ StackPolicyBody string }

// GetStackPolicy shows the policy that holds: while an update with a policy of its own
// runs, that one.
func (s *Service) GetStackPolicy(_ context.Context, in *GetStackPolicyInput) (*GetStackPolicyOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	out := &GetStackPolicyOutput{}
	if policy := st.policyNow(); policy != nil {
		out.StackPolicyBody = policy.body
	}
	return out, nil
}

// policyNow is the policy that the stack's updates have to keep, nil for none.
func (st *stack) policyNow() *stackPolicy {
	if st.policyDuringUpdate != nil {
		return st.policyDuringUpdate
	}
	return st.policy
}

// givenPolicy reads the policy of a request, nil where it has none. The embedded AWS has
// no S3 to fetch one from.
func givenPolicy(body, url, member string) (*stackPolicy, error) {
	switch {
	case url != "" && body != "":
		return nil, invalid("You cannot specify both %sURL and %sBody", member, member)
	case url != "":
		return nil, invalid("%sURL must reference a valid S3 object to which you have access. The embedded AWS has no S3: give the policy as %sBody.", member, member)
	case body == "":
		return nil, nil
	}
	return parseStackPolicy(body)
}
