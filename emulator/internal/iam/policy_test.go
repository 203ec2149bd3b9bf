package iam

import (
	"fmt"
	"strings"
	"testing"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	const service = "arn:aws:ecs:eu-west-1:123456789012:service/main/web"
	update := Need{Action: "ecs:UpdateService", Resource: service, Context: map[string]string{
		"aws:requestedregion": "eu-west-1", "ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
	}}
	allow := func(more string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "*"%s}`, more)
	}
	for _, tt := range []struct {
		name, statement string
		want            Decision
	}{
		{"allow", allow(""), Allowed},
		{"wildcards", `{"Effect": "Allow", "Action": ["s3:*", "ecs:Update?ervice"], "Resource": ["arn:aws:ecs:*:*:service/*"]}`, Allowed},
		{"the case of an action", `{"Effect": "Allow", "Action": "ECS:updateservice", "Resource": "*"}`, Allowed},
		{"another action", `{"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"}`, NotAllowed},
		{"another resource", `{"Effect": "Allow", "Action": "ecs:*", "Resource": "arn:aws:ecs:*:*:service/main/webs"}`, NotAllowed},
		{"the case of a resource", `{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:ecs:*:*:service/main/WEB"}`, NotAllowed},
		{"deny goes first", allow("") + `,{"Effect": "Deny", "Action": "*", "Resource": "*"}`, Denied},
		{"all but", `{"Effect": "Allow", "NotAction": "ecs:Delete*", "NotResource": "arn:aws:ecs:*:*:cluster/*"}`, Allowed},
		{"not this", `{"Effect": "Allow", "NotAction": "ecs:Update*", "Resource": "*"}`, NotAllowed},
		{"not that", `{"Effect": "Allow", "Action": "*", "NotResource": "` + service + `"}`, NotAllowed},
		{"equals", allow(`, "Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}`), Allowed},
		{"equals another", allow(`, "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}`), NotAllowed},
		{"not equals", allow(`, "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}`), NotAllowed},
		{"like", allow(`, "Condition": {"StringLike": {"aws:RequestedRegion": "eu-*"}}`), Allowed},
		{"arn", allow(`, "Condition": {"ArnLike": {"ecs:cluster": "arn:aws:ecs:*:*:cluster/ma*"}}`), Allowed},
		{"arn by parts", allow(`, "Condition": {"ArnEquals": {"ecs:cluster": "arn:aws:ecs:*:cluster/main"}}`), NotAllowed},
		{"missing key", allow(`, "Condition": {"StringEquals": {"iam:PassedToService": "x"}}`), NotAllowed},
		{"missing key if exists", allow(`, "Condition": {"StringEqualsIfExists": {"iam:PassedToService": "x"}}`), Allowed},
		{"missing key, negated", allow(`, "Condition": {"StringNotEquals": {"iam:PassedToService": "x"}}`), Allowed},
		{"null", allow(`, "Condition": {"Null": {"iam:PassedToService": "true", "ecs:cluster": false}}`), Allowed},
		{"all must hold", allow(`, "Condition": {"StringLike": {"aws:RequestedRegion": "eu-*"}, "Null": {"ecs:cluster": "true"}}`), NotAllowed},
	} {
		p, err := Parse(`{"Version": "2012-10-17", "Statement": [` + tt.statement + `]}`)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := p.Decide(update); got != tt.want {
			t.Errorf("%s: decision %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`{"Effect": "Permit", "Action": "*", "Resource": "*"}`:                                                               "Allow or Deny",
		`{"Effect": "Allow", "Resource": "*"}`:                                                                               "Action or NotAction",
		`{"Effect": "Allow", "Action": "*"}`:                                                                                 "Resource or NotResource",
		`{"Effect": "Allow", "Action": "UpdateService", "Resource": "*"}`:                                                    "service:Operation",
		`{"Effect": "Allow", "Action": "*", "Resource": "web"}`:                                                              "neither an ARN",
		`{"Effect": "Allow", "Action": "*", "Resource": "arn:${aws:username}"}`:                                              "policy variable",
		`{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}`:                                              "Principal",
		`{"Effect": "Allow", "Action": 7, "Resource": "*"}`:                                                                  "neither a text",
		`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}`:    "operator IpAddress",
		`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": "a"}}}`: "operator ForAnyValue:StringLike",
		`{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}`:  "key aws:ResourceTag/team",
	} {
		if _, err := Parse(`{"Version": "2012-10-17", "Statement": ` + statement + `}`); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", statement, err, want)
		}
	}
	for _, document := range []string{``, `{}`, `{"Version": "2012-10-17"}`, `{"Version": "1", "Statement": []}`} {
		if _, err := Parse(document); err == nil {
			t.Errorf("%q is accepted", document)
		}
	}
}

// TestTrafficRolesArePassed, to ECS, by whoever makes or changes a service with them.
func TestTrafficRolesArePassed(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::123456789012:role/shift"
	type configuration struct{ RoleArn string }
	type balancer struct{ AdvancedConfiguration *configuration }
	call := Request{Service: "ecs", Operation: "UpdateService", Input: &struct{ LoadBalancers []balancer }{
		[]balancer{{nil}, {&configuration{role}}},
	}}
	resource := Resource{Type: "AWS::ECS::Service", Action: "CREATE", Properties: map[string]any{
		"LoadBalancers": []any{map[string]any{}, map[string]any{"AdvancedConfiguration": map[string]any{"RoleArn": role}}},
	}}
	for name, needs := range map[string][]Need{"a call": call.Needs(), "a resource": ResourceNeeds(resource)} {
		if len(needs) != 2 || needs[1].Action != "iam:PassRole" || needs[1].Resource != role || needs[1].Context["iam:passedtoservice"] != "ecs.amazonaws.com" {
			t.Errorf("%s needs %+v", name, needs)
		}
	}
}

// TestNamesOfAResource: however a request names a resource, a policy sees one ARN.
func TestNamesOfAResource(t *testing.T) {
	t.Parallel()
	type group struct{ LogGroupName, LogGroupIdentifier, LogStreamName string }
	const logs = "arn:aws:logs:eu-west-1:123456789012:log-group:web"
	const parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/network/VPC"
	for _, tt := range []struct {
		service string
		input   any
		want    string
	}{
		{"logs", &group{LogGroupName: "web", LogStreamName: "1"}, logs + ":log-stream:1"},
		{"logs", &group{LogGroupIdentifier: "web", LogStreamName: "1"}, logs + ":log-stream:1"},
		{"logs", &group{LogGroupIdentifier: logs, LogStreamName: "1"}, logs + ":log-stream:1"},
		{"logs", &struct{ ResourceArn string }{logs}, logs},
		{"ssm", &struct{ Name string }{"/network/VPC"}, parameter},
		{"ssm", &struct{ Names []string }{[]string{"/network/VPC:3"}}, parameter},
	} {
		needs := Request{Service: tt.service, Operation: "Get", Region: "eu-west-1", Account: "123456789012", Input: tt.input}.Needs()
		if len(needs) != 1 || needs[0].Resource != tt.want {
			t.Errorf("%+v needs %+v, want %s", tt.input, needs, tt.want)
		}
	}
}
