package permissions

import "slices"

// The strategies of package deploy, which this package does not import: the constructs
// import it.
const (
	StrategyChangeSet = "changeset"
	StrategyUpdate    = "update"
	StrategyExpress   = "express"
	StrategyECS       = "ecs"
	StrategyRecreate  = "recreate"
)

// ForStrategy is what deploying by a strategy takes, and looking on, cancelling, going
// back and reconciling. Where s names no service role, CloudFormation works with the
// rights of whoever calls it, so that what it does is among them; but for a recreation,
// which takes whatever creating and deleting the stack's resources takes.
func ForStrategy(s Scope, strategy string) []Statement {
	statements := Deployer(s)
	if len(s.TrafficRoles) == 0 {
		statements = append(statements, followServices(s)) // else it is among the deployer's
	}
	switch strategy {
	case StrategyUpdate, StrategyExpress:
		statements = append(statements, update(s)...)
	case StrategyECS:
		statements = append(statements, moveServices(s)...)
	case StrategyRecreate:
		statements = append(statements, recreate(s)...)
	}
	if s.ServiceRole == "" {
		statements = withoutServiceRole(statements)
		statements = append(statements, ServiceRole(s)...)
	}
	return statements
}

// Recover is what getting a stack out of a state takes in which it cannot be updated.
func Recover(s Scope) Statement {
	return Statement{
		Sid:        "Recover",
		Actions:    []string{"cloudformation:ContinueUpdateRollback", "cloudformation:DeleteStack", "cloudformation:RollbackStack"},
		Resources:  s.stacks(),
		Conditions: s.byServiceRole(),
	}
}

// byServiceRole is the condition that a call names the service role or none.
func (s Scope) byServiceRole() map[string]map[string][]string {
	if s.ServiceRole == "" {
		return nil
	}
	return map[string]map[string][]string{"ArnEqualsIfExists": {"cloudformation:RoleArn": {s.ServiceRole}}}
}

// update is what an update without a change set takes, with the stack policy that guards
// it.
func update(s Scope) []Statement {
	return []Statement{
		{Sid: "UpdateStacks", Actions: []string{"cloudformation:UpdateStack"}, Resources: s.stacks(), Conditions: s.byServiceRole()},
		{Sid: "GuardUpdates", Actions: []string{"cloudformation:GetStackPolicy", "cloudformation:SetStackPolicy"}, Resources: s.stacks()},
	}
}

// followServices is what following deployments takes: of services that CloudFormation does
// not wait for, and through the stages of a traffic shift. Whether a service has such, no
// name tells.
func followServices(s Scope) Statement {
	return Statement{Sid: "FollowServices", Actions: []string{"ecs:DescribeServiceDeployments"}, Resources: s.partsOfServices("service-deployment")}
}

// moveServices is what moving services takes without their stack.
func moveServices(s Scope) []Statement {
	statements := []Statement{
		{Sid: "RegisterRevisions", Actions: []string{"ecs:RegisterTaskDefinition", "ecs:TagResource"}, Resources: s.taskDefinitions()},
		{Sid: "MoveServices", Actions: []string{"ecs:UpdateService"}, Resources: s.services()},
	}
	if s.ServiceRole != "" {
		statements = append(statements, passRoles("PassTaskRoles", each(s.TaskRoles, s.role), "ecs-tasks.amazonaws.com"))
	}
	return statements
}

// recreate is what deleting a stack and creating it anew takes.
func recreate(s Scope) []Statement {
	return []Statement{
		{
			Sid:        "RecreateStacks",
			Actions:    []string{"cloudformation:CreateStack", "cloudformation:DeleteStack"},
			Resources:  s.stacks(),
			Conditions: s.byServiceRole(),
		},
		{Sid: "KeepPolicies", Actions: []string{"cloudformation:GetStackPolicy", "cloudformation:SetStackPolicy"}, Resources: s.stacks()},
		{
			Sid:       "FindStacks",
			Why:       "neither action can be held to a stack: one lists those that were deleted, the other who imports from them",
			Actions:   []string{"cloudformation:ListImports", "cloudformation:ListStacks"},
			Resources: []string{Any},
		},
	}
}

// withoutServiceRole leaves out what is about a service role, and repeats no Sid of
// ServiceRole's.
func withoutServiceRole(statements []Statement) []Statement {
	kept := slices.DeleteFunc(slices.Clone(statements), func(s Statement) bool {
		return s.Sid == "PassServiceRole"
	})
	for i := range kept {
		if kept[i].Sid == "MakeChangeSets" {
			kept[i].Conditions = nil
		}
	}
	return kept
}
