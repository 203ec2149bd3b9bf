package constructs

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Alarms are three CloudWatch alarms about a service, for people to be notified
// by, and a dashboard that shows the state of the service. They do not roll
// anything back; [RollbackAlarms] do.
type Alarms interface {
	awsconstructs.Construct
	// ServerErrors is the alarm for responses with a status of 500 or above.
	ServerErrors() awscloudwatch.Alarm
	// UnhealthyHosts is the alarm for tasks that stay unhealthy.
	UnhealthyHosts() awscloudwatch.Alarm
	// Cpu is the alarm for high CPU utilization.
	Cpu() awscloudwatch.Alarm
	// Dashboard shows the alarms, requests, errors, healthy and unhealthy
	// tasks, the 99th percentile of the response time, CPU and memory.
	Dashboard() awscloudwatch.Dashboard
}

// AlarmsProps configures [Alarms].
type AlarmsProps struct {
	// Service is the service to watch. Required; in
	// stacks.ServiceStackProps.Alarms it has to be nil.
	Service FargateService

	// Topic is the SNS topic that is notified when an alarm goes to ALARM and
	// when it goes back to OK.
	//
	// Default: none. Alarms are then seen in CloudWatch only.
	Topic awssns.ITopic

	// ServerErrors is the highest number of responses with a status of 500 or
	// above in 5 minutes that raises no alarm.
	//
	// Default: 10.
	ServerErrors *float64

	// UnhealthyMinutes is how many minutes in a row have at least one unhealthy
	// task before the alarm is raised, 1 to 60.
	//
	// Default: 5.
	UnhealthyMinutes *float64

	// CpuPercent is the highest average CPU utilization of the tasks that
	// raises no alarm, 1 to 100 percent. The alarm is raised after three
	// periods of 5 minutes above it.
	//
	// Default: 85, which is well above the 60 that [Autoscaling] keeps by
	// default.
	CpuPercent *float64
}

// Validate reports every prop that cannot work, joined into one error.
func (p *AlarmsProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	return errors.Join(
		required("Service", p.Service == nil),
		p.checkThresholds(),
	)
}

func (p *AlarmsProps) checkThresholds() error {
	return errors.Join(
		checkNumber("ServerErrors", p.ServerErrors, 0, maxInt32),
		checkNumber("UnhealthyMinutes", p.UnhealthyMinutes, 1, 60),
		checkNumber("CpuPercent", p.CpuPercent, 1, 100),
	)
}

type alarms struct {
	awsconstructs.Construct
	serverErrors   awscloudwatch.Alarm
	unhealthyHosts awscloudwatch.Alarm
	cpu            awscloudwatch.Alarm
	dashboard      awscloudwatch.Dashboard
}

func (a *alarms) ServerErrors() awscloudwatch.Alarm   { return a.serverErrors }
func (a *alarms) UnhealthyHosts() awscloudwatch.Alarm { return a.unhealthyHosts }
func (a *alarms) Cpu() awscloudwatch.Alarm            { return a.cpu }
func (a *alarms) Dashboard() awscloudwatch.Dashboard  { return a.dashboard }

// NewAlarms defines alarms and a dashboard, about 3.30 dollars a month: 10
// cents for each alarm, 20 for one about both target groups of a
// [TrafficShift], and 3 dollars for the dashboard. It panics when
// [AlarmsProps.Validate] returns an error.
func NewAlarms(scope awsconstructs.Construct, id *string, props *AlarmsProps) Alarms {
	mustBeValid(scope, id, props.Validate())
	a := &alarms{}
	awsconstructs.NewConstruct_Override(a, scope, id)

	groups := targetGroupsOf(props.Service)
	a.serverErrors = newAlarm(a, "ServerErrorsAlarm", &awscloudwatch.AlarmProps{
		AlarmDescription:  jsii.String("The service answers with errors"),
		Metric:            serverErrors(groups, 5),
		Threshold:         orDefault(props.ServerErrors, 10),
		EvaluationPeriods: jsii.Number(1),
	})
	a.unhealthyHosts = newAlarm(a, "UnhealthyHostsAlarm", &awscloudwatch.AlarmProps{
		AlarmDescription:  jsii.String("Tasks of the service stay unhealthy"),
		Metric:            unhealthyHosts(groups, 1),
		Threshold:         jsii.Number(0),
		EvaluationPeriods: orDefault(props.UnhealthyMinutes, 5),
	})
	cpu := props.Service.Service().MetricCpuUtilization(&awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(5)),
	})
	a.cpu = newAlarm(a, "CpuAlarm", &awscloudwatch.AlarmProps{
		AlarmDescription:  jsii.String("The CPU of the service is used up"),
		Metric:            cpu,
		Threshold:         orDefault(props.CpuPercent, 85),
		EvaluationPeriods: jsii.Number(3),
	})
	if props.Topic != nil {
		action := awscloudwatchactions.NewSnsAction(props.Topic)
		for _, alarm := range []awscloudwatch.Alarm{a.serverErrors, a.unhealthyHosts, a.cpu} {
			alarm.AddAlarmAction(action)
			alarm.AddOkAction(action)
		}
	}
	a.dashboard = newDashboard(a, props.Service, cpu)
	return a
}
