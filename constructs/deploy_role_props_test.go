package constructs

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func pointers(values ...string) *[]*string {
	all := make([]*string, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return &all
}

// TestDeployRoleValidates: what would not work, and what would let others in,
// is refused by name, value and what is allowed, without Node.
func TestDeployRoleValidates(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*DeployRoleProps)
		want   []string // what the error names; none when there is no error
	}{
		{"the least", func(*DeployRoleProps) {}, nil},
		{"no repository", func(p *DeployRoleProps) { p.Repository = nil }, []string{"Repository is nil, it has no default"}},
		{"an owner's repositories", func(p *DeployRoleProps) { p.Repository = ptr("octo-org/*") }, []string{`Repository is "octo-org/*"`, "owner/name"}},
		{"an owner", func(p *DeployRoleProps) { p.Repository = ptr("octo-org") }, []string{`Repository is "octo-org"`}},
		{"a URL", func(p *DeployRoleProps) { p.Repository = ptr("https://github.com/octo-org/octo-repo") }, []string{"Repository is"}},
		{"with IDs", func(p *DeployRoleProps) { p.Repository = ptr("octo-org-123456/octo-repo-456789") }, nil},
		{"no stacks", func(p *DeployRoleProps) { p.StackNames = nil }, []string{"StackNames is nil, it has no default"}},
		{"an empty list of stacks", func(p *DeployRoleProps) { p.StackNames = pointers() }, []string{"StackNames is empty"}},
		{"a pattern of stacks", func(p *DeployRoleProps) { p.StackNames = pointers("web", "web-*") }, []string{`StackNames[1] is "web-*"`, "exact name"}},
		{"many stacks", func(p *DeployRoleProps) { p.StackNames = pointers(slices.Repeat([]string{"web"}, 7)...) }, []string{"7 names, allowed are 6"}},
		{"a long name", func(p *DeployRoleProps) { p.StackNames = pointers(strings.Repeat("a", 34)) }, []string{"of 34 characters", "allowed are 33", "TaskRoleNames"}},
		{"a long name with roles", func(p *DeployRoleProps) {
			p.StackNames, p.TaskRoleNames, p.TrafficRoleNames = pointers(strings.Repeat("a", 128)), pointers("web-*"), pointers()
		}, nil},
		{"all branches", func(p *DeployRoleProps) { p.Branches = pointers("*") }, []string{`Branches[0] is "*"`}},
		{"branches by their end", func(p *DeployRoleProps) { p.Branches = pointers("*/main") }, []string{`Branches[0] is "*/main"`}},
		{"branches", func(p *DeployRoleProps) { p.Branches = pointers("main", "release/*", "v2.x") }, nil},
		{"no branches", func(p *DeployRoleProps) { p.Branches = pointers() }, []string{"Branches is empty"}},
		{"a branch that is none", func(p *DeployRoleProps) { p.Branches = &[]*string{nil} }, []string{"Branches[0] is nil"}},
		{"a claim in a branch", func(p *DeployRoleProps) { p.Branches = pointers("main:environment:x") }, []string{"Branches[0] is"}},
		{"all tags", func(p *DeployRoleProps) { p.Tags = pointers("?*") }, []string{`Tags[0] is "?*"`}},
		{"all environments", func(p *DeployRoleProps) { p.Environments = pointers("prod*") }, []string{`Environments[0] is "prod*"`, "exact name"}},
		{"a policy variable", func(p *DeployRoleProps) { p.Environments = pointers("${aws:username}") }, []string{"Environments[0] is"}},
		{"an environment", func(p *DeployRoleProps) { p.Environments = pointers("Production EU") }, nil},
		{"every service", func(p *DeployRoleProps) { p.ServiceNames = pointers("*") }, []string{`ServiceNames[0] is "*"`}},
		{"every role", func(p *DeployRoleProps) { p.TaskRoleNames = pointers("*") }, []string{`TaskRoleNames[0] is "*"`}},
		{"no roles", func(p *DeployRoleProps) { p.TaskRoleNames = pointers() }, []string{"TaskRoleNames is empty"}},
		{"every family", func(p *DeployRoleProps) { p.TaskFamilies = pointers("*") }, []string{`TaskFamilies[0] is "*"`}},
		{"every log", func(p *DeployRoleProps) { p.LogGroupNames = pointers("*") }, []string{`LogGroupNames[0] is "*"`}},
		{"no logs", func(p *DeployRoleProps) { p.LogGroupNames = pointers() }, nil},
		{"every parameter", func(p *DeployRoleProps) { p.ParameterNames = pointers("/*") }, []string{`ParameterNames[0] is "/*"`}},
		{"another provider", func(p *DeployRoleProps) {
			p.ProviderArn = ptr("arn:aws:iam::123456789012:oidc-provider/gitlab.com")
		}, []string{"ProviderArn is", "token.actions.githubusercontent.com"}},
		{"a long session", func(p *DeployRoleProps) { p.MaxSessionMinutes = ptr(721.0) }, []string{"MaxSessionMinutes is 721", "from 60 to 720"}},
		{"a role's name", func(p *DeployRoleProps) { p.RoleName = ptr("a/b") }, []string{`RoleName is "a/b"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			props := &DeployRoleProps{Repository: ptr("octo-org/octo-repo"), StackNames: pointers("web")}
			tt.change(props)
			err := props.Validate()
			if tt.want == nil && err != nil {
				t.Fatalf("unexpected: %v", err)
			}
			for _, part := range tt.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want one with %q", err, part)
				}
			}
		})
	}
}

// TestDeployRoleSubjects: the forms are those that GitHub documents.
func TestDeployRoleSubjects(t *testing.T) {
	const repository = "repo:octo-org/octo-repo:"
	for _, tt := range []struct {
		props DeployRoleProps
		want  []string
	}{
		{DeployRoleProps{}, []string{repository + "ref:refs/heads/main"}},
		{DeployRoleProps{Environments: pointers("production")}, []string{repository + "environment:production"}},
		{DeployRoleProps{Tags: pointers("v*")}, []string{repository + "ref:refs/tags/v*"}},
		{DeployRoleProps{Branches: pointers("main", "release/*"), Tags: pointers("v1"), Environments: pointers("qa")}, []string{
			repository + "ref:refs/heads/main", repository + "ref:refs/heads/release/*",
			repository + "ref:refs/tags/v1", repository + "environment:qa",
		}},
	} {
		tt.props.Repository = ptr("octo-org/octo-repo")
		if diff := cmp.Diff(tt.want, tt.props.subjects()); diff != "" {
			t.Errorf("subjects (-want +got):\n%s", diff)
		}
	}
}
