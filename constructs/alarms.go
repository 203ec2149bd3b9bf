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

// Alarms are three alarms for people about a service, and a dashboard to look
// at when one goes off. They roll nothing back; [RollbackAlarms] do.
type Alarms interface {
	awsconstructs.Construct
	// ServerErrors goes off when the service answers with errors.
	ServerErrors() awscloudwatch.Alarm
	// UnhealthyHosts goes off when tasks stay unhealthy.
	UnhealthyHosts() awscloudwatch.Alarm
	// Cpu goes off when the tasks' CPU is used up.
	Cpu() awscloudwatch.Alarm
	// Dashboard shows requests, errors, latency, health, CPU and memory.
	Dashboard() awscloudwatch.Dashboard
}

// AlarmsProps configures [Alarms].
type AlarmsProps struct {
	// Service is what the alarms are about. Required.
	Service FargateService

	// Topic is told when an alarm goes off and when it is over.
	//
	// Default: nobody is told, the alarms are seen in CloudWatch.
	Topic awssns.ITopic

	// ServerErrors is how many answers with a status of 500 and more are borne
	// in five minutes.
	//
	// Default: 10.
	ServerErrors *float64

	// UnhealthyMinutes is how long there may be unhealthy tasks, 1 to 60 minutes.
	//
	// Default: 5.
	UnhealthyMinutes *float64

	// CpuPercent is the CPU use that is borne for 15 minutes, 1 to 100 percent.
	//
	// Default: 85, well above what autoscaling keeps.
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

// NewAlarms defines alarms and a dashboard, about 3.30 dollars a month in all.
// It panics when props cannot work.
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
