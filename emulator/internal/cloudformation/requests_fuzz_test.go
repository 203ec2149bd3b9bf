package cloudformation_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// mostRequests keeps one input of FuzzRequests short.
const mostRequests = 8

// FuzzRequests sends requests, one a line, and holds that none is answered with a fault
// of ours, makes the service panic, or keeps it from closing.
func FuzzRequests(f *testing.F) {
	const (
		version  = "&Version=2010-05-15"
		template = "&TemplateBody=%7B%22Parameters%22%3A%7B%22P%22%3A%7B%22Type%22%3A%22String%22%2C%22Default%22%3A%22p%22%7D%7D%2C" +
			"%22Resources%22%3A%7B%22A%22%3A%7B%22Type%22%3A%22T%22%2C%22Properties%22%3A%7B%22Colour%22%3A%7B%22Ref%22%3A%22P%22%7D%7D%7D%7D%7D"
	)
	for _, seed := range []string{
		"Action=CreateStack&StackName=a" + version + template + "\nAction=CreateChangeSet&StackName=a&ChangeSetName=c&UsePreviousTemplate=true" +
			"&Parameters.member.1.ParameterKey=P&Parameters.member.1.ParameterValue=q" + version +
			"\nAction=DescribeChangeSet&StackName=a&ChangeSetName=c" + version + "\nAction=ExecuteChangeSet&StackName=a&ChangeSetName=c" + version,
		"Action=CreateChangeSet&StackName=a&ChangeSetName=c&ChangeSetType=CREATE&OnStackFailure=DELETE&ClientToken=t" + version + template +
			"\nAction=ExecuteChangeSet&StackName=a&ChangeSetName=c&DisableRollback=true" + version + "\nAction=DeleteChangeSet&StackName=a&ChangeSetName=c" + version,
		"Action=CreateStack&StackName=a&Tags.member.1.Key=k&Tags.member.1.Value=v&OnFailure=DELETE" + version + template +
			"\nAction=UpdateStack&StackName=a&DeploymentConfig.Mode=EXPRESS&StackPolicyDuringUpdateBody=%7B%7D" + version + template +
			"\nAction=SetStackPolicy&StackName=a&StackPolicyBody=%7B%22Statement%22%3A%5B%5D%7D" + version + "\nAction=DeleteStack&StackName=a" + version,
		"Action=DescribeStacks&NextToken=offset-1" + version + "\nAction=DescribeEvents&OperationId=x" + version + "\nAction=ListImports&ExportName=" + version,
		"Action=CreateStackSet&StackSetName=a" + version + template +
			"\nAction=CreateStackInstances&StackSetName=a&Accounts.member.1=123456789012&Regions.member.1=eu-west-1&Regions.member.2=x&ParameterOverrides.member.1.ParameterKey=P" + version +
			"\nAction=UpdateStackSet&StackSetName=a&UsePreviousTemplate=true&OperationPreferences.RegionOrder.member.1=x&ManagedExecution.Active=true" + version +
			"\nAction=DeleteStackInstances&StackSetName=a&RetainStacks=true&Accounts.member.1=123456789012&Regions.member.1=x" + version +
			"\nAction=StopStackSetOperation&StackSetName=a&OperationId=o" + version + "\nAction=ListStackInstances&StackSetName=a&MaxResults=1" + version +
			"\nAction=DeleteStackSet&StackSetName=a" + version,
		"Action=GetTemplateSummary" + version + template + "\nAction=ValidateTemplate" + version + template,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, requests string) {
		svc := cloudformation.New(cloudformation.Options{
			Clock: clock.New(100_000), Types: &things{}, Region: "eu-west-1", Zones: []string{"eu-west-1a"}, Logger: slog.New(slog.DiscardHandler),
		})
		for _, body := range strings.SplitN(requests, "\n", mostRequests) {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			call, form, err := wire.Identify(r)
			if err != nil {
				continue
			}
			w := httptest.NewRecorder()
			svc.API().Serve(w, r, call, form)
			if w.Code != http.StatusOK && (w.Code < 400 || w.Code > 499) {
				t.Errorf("%q is answered with %d: %s", body, w.Code, w.Body)
			}
		}
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
}
