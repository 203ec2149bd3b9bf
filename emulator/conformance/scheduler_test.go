package conformance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator"
)

// TestSchedulerArithmetic deploys an image whose pull never ends. Where the deployment
// comes to rest, the percentages can be read: the old tasks that are left are the lower
// limit, all tasks together the upper one.
func TestSchedulerArithmetic(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	c.SetImage("app:endless", emulator.Conduct{PullTime: 1000 * time.Hour})
	v1, endless := c.register(t, "app", "app:v1"), c.register(t, "app", "app:endless")
	for _, fact := range []struct {
		name                      string
		desired, minimum, maximum int32
		old, fresh                int32
	}{
		{"ECS-101 100 and 200 percent: the new tasks beside all old ones", 2, 100, 200, 2, 2},
		{"ECS-102 the lower limit is rounded up", 3, 50, 100, 2, 1},
		{"ECS-103 the upper limit is rounded down", 3, 100, 150, 3, 1},
		{"ECS-104 both at once", 5, 50, 150, 3, 4},
		{"ECS-105 0 percent: all old tasks may go", 2, 0, 100, 0, 2},
		{"ECS-106 one task with 50 percent cannot be stopped first", 1, 50, 200, 1, 1},
		{"ECS-107 one task with 0 and 100 percent", 1, 0, 100, 0, 1},
		{"ECS-108 no more new tasks than desired", 3, 0, 200, 0, 3},
		{"ECS-109 an upper limit that leaves no room", 1, 100, 150, 1, 0},
		{"ECS-110 25 percent more of four is one", 4, 100, 125, 4, 1},
		{"ECS-111 two thirds of three are two", 3, 66, 133, 2, 1},
	} {
		t.Run(fact.name, func(t *testing.T) {
			t.Parallel()
			name := fact.name[:7]
			in := serviceInput(name, v1, fact.desired)
			in.DeploymentConfiguration = percents(fact.minimum, fact.maximum)
			must(t, c.ecs.CreateService, in)
			c.steady(t, name)
			c.deploy(t, name, endless)
			var seen string
			want := fmt.Sprintf("%d old, %d new", fact.old, fact.fresh)
			c.wait(t, name+" to come to rest with "+want, func() bool {
				s := c.service(t, name)
				old, fresh := of(s, "ACTIVE"), of(s, "PRIMARY")
				running := int32(0)
				if old != nil {
					running = old.RunningCount
				}
				if running < fact.old || running+fresh.PendingCount > max(fact.desired, fact.desired*fact.maximum/100) {
					t.Errorf("%d old and %d new tasks", running, fresh.PendingCount)
				}
				seen = fmt.Sprintf("%d old, %d new", running, fresh.PendingCount)
				return seen == want
			})
			_ = c.Clock().Sleep(t.Context(), 5*time.Second)
			s := c.service(t, name)
			same(t, "new tasks after that", of(s, "PRIMARY").PendingCount, fact.fresh)
		})
	}
}

func TestScalingDuringADeployment(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	c.SetImage("app:endless", emulator.Conduct{PullTime: 1000 * time.Hour})
	v1, endless := c.register(t, "app", "app:v1"), c.register(t, "app", "app:endless")
	c.serve(t, "web", v1, 2)
	c.deploy(t, "web", endless)
	pending := func(n int32) {
		t.Helper()
		c.wait(t, fmt.Sprintf("%d new tasks", n), func() bool { return of(c.service(t, "web"), "PRIMARY").PendingCount == n })
	}
	pending(2)
	t.Run("ECS-112 scaling out during a deployment starts new tasks only", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(4)})
		pending(4)
		same(t, "old tasks", of(c.service(t, "web"), "ACTIVE").RunningCount, 2)
	})
	t.Run("ECS-113 a deployment with no way forward says so", func(t *testing.T) {
		in := serviceInput("stuck", v1, 1)
		in.DeploymentConfiguration = percents(100, 150)
		must(t, c.ecs.CreateService, in)
		c.steady(t, "stuck")
		c.deploy(t, "stuck", endless)
		c.said(t, "stuck", "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	})
	t.Run("ECS-114 a new deployment supersedes the one under way", func(t *testing.T) {
		first := c.release(t, "web")
		c.deploy(t, "web", v1)
		same(t, "PRIMARY", *of(c.steady(t, "web"), "PRIMARY").TaskDefinition, v1)
		out := must(t, c.ecs.DescribeServiceDeployments, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*first.ServiceDeploymentArn}})
		same(t, "the first", out.ServiceDeployments[0].Status, ecstypes.ServiceDeploymentStatusStopped)
	})
	t.Run("ECS-115 scaling to 0 during a deployment stops old and new tasks", func(t *testing.T) {
		c.deploy(t, "web", endless)
		pending(4)
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
		c.steady(t, "web")
	})
}
