package clients

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/emulator"
)

// TestCDKBootstrap is what a user of the CDK does on a new account: bootstrap it, deploy
// with the synthesizer that the CDK has by default, by roles and with the template in S3;
// then a deployment that fails and is left as it is, and is rolled back afterwards.
func TestCDKBootstrap(t *testing.T) {
	t.Parallel()
	app := newPattern(t, "default")

	if log := app.mustBoth("bootstrap", "aws://123456789012/us-east-1", "--no-notices", "--no-color"); !strings.Contains(log, "Environment aws://123456789012/us-east-1 bootstrapped.") {
		t.Errorf("cdk bootstrap did not bootstrap:\n%s", log)
	}

	app.cdk("v1", "deploy", "--require-approval", "never")
	url := app.url()
	answers(t, url, image("v1"))
	if role := app.stack().RoleARN; role == nil || !strings.Contains(*role, ":role/cdk-hnb659fds-cfn-exec-role-") {
		t.Errorf("the stack was not deployed with the role of the bootstrap stack: %v", role)
	}
	app.usedS3()
	if log := app.cdk("v1", "diff", "--fail"); !strings.Contains(log, "Number of stacks with differences: 0") {
		t.Errorf("what was deployed differs from the app:\n%s", log)
	}

	// A service is added, whose image crashes. What exists is not replaced, which the cdk
	// command does not do without rollback.
	app.server.SetImage(image("search"), emulator.Conduct{Crash: true})
	app.fails("v1", "deploy", "--require-approval", "never", "--no-rollback", "--context", "search="+image("search"))
	if status := app.stack().StackStatus; status != types.StackStatusUpdateFailed {
		t.Errorf("a deployment that fails without rollback leaves the stack %s", status)
	}
	app.cdk("v1", "rollback")
	if status := app.stack().StackStatus; status != types.StackStatusUpdateRollbackComplete {
		t.Errorf("cdk rollback leaves the stack %s", status)
	}
	answers(t, url, image("v1"))

	id := *app.stack().StackId
	app.cdk("v1", "destroy", "--force")
	want := map[string]string{"AWS::Logs::LogGroup": "DELETE_SKIPPED"} // the pattern retains it
	if diff := cmp.Diff(want, app.undeleted(id), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what cdk destroy leaves (-want +got):\n%s", diff)
	}
}

// usedS3 checks that the template came from S3, uploaded by the role that publishes files.
func (p pattern) usedS3() {
	p.t.Helper()
	var uploads, assumed int
	for _, call := range p.server.Calls() {
		switch {
		case call.Service == "s3" && call.Operation == "PutObject":
			uploads++
			if !strings.HasPrefix(call.AccessKeyID, "ASIA") {
				p.t.Errorf("%s uploaded an asset, which is no session of a role", call.AccessKeyID)
			}
		case call.Operation == "AssumeRole":
			assumed++
		}
	}
	if uploads == 0 || assumed == 0 {
		p.t.Errorf("cdk deploy uploaded %d assets and assumed %d roles: it used no bootstrapped resources", uploads, assumed)
	}
}
