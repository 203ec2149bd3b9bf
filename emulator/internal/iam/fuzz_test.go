package iam

import "testing"

// FuzzParse holds that every text is a policy or refused with a reason, that a policy
// decides, and that an explicit deny goes before whatever it says.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{"Version":"2012-10-17"}`, `{"Version":"2012-10-17","Statement":null}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}`,
		`{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Deny","NotAction":["ecs:Update?ervice"],"NotResource":"arn:aws:ecs:*:*:service/*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{` +
			`"StringLikeIfExists":{"aws:RequestedRegion":["eu-*"]},"Null":{"ecs:cluster":false},"ArnLike":{"ecs:cluster":"arn:aws:ecs:*:*:cluster/*"}}}]}`,
	} {
		f.Add(seed, "ecs:UpdateService", "arn:aws:ecs:eu-west-1:123456789012:service/main/web", "eu-west-1")
	}
	all, err := Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, action, resource, region string) {
		p, err := Parse(body)
		if err != nil {
			if err.Error() == "" {
				t.Error("refused without a reason")
			}
			return
		}
		need := Need{Action: action, Resource: resource, Context: map[string]string{"aws:requestedregion": region}}
		p.Decide(need)
		p.statements = append(p.statements, all.statements...)
		if got := p.Decide(need); got != Denied {
			t.Errorf("decision %d although all is denied", got)
		}
	})
}
