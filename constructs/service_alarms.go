package constructs

import (
	"errors"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// RollbackAlarms are two CloudWatch alarms that ECS watches during a
// deployment. It rolls the deployment back when one of them goes to ALARM. An
// alarm that was in ALARM before the deployment does not roll it back.
type RollbackAlarms struct {
	// ServerErrorsPerMinute is the highest number of responses with a status of
	// 500 or above in a minute that raises no alarm.
	//
	// Default: 10.
	ServerErrorsPerMinute *float64

	// UnhealthyMinutes is how many minutes in a row have at least one unhealthy
	// task before the alarm is raised, 1 to 60. It should be longer than the
	// start-up of the application.
	//
	// Default: 3.
	UnhealthyMinutes *float64
}

func (r *RollbackAlarms) validate() error {
	if r == nil {
		return nil
	}
	return errors.Join(
		checkNumber("RollbackAlarms.ServerErrorsPerMinute", r.ServerErrorsPerMinute, 0, maxInt32),
		checkNumber("RollbackAlarms.UnhealthyMinutes", r.UnhealthyMinutes, 1, 60),
	)
}

// newRollbackAlarms are about the target groups alone. An alarm about the
// service could not be made before the service, nor the service before it.
func (s *fargateService) newRollbackAlarms(r *RollbackAlarms) *awsecs.DeploymentAlarmConfig {
	if r == nil {
		return nil
	}
	groups := s.targetGroups()
	alarms := []awscloudwatch.Alarm{
		newAlarm(s, "RollbackOnServerErrors", &awscloudwatch.AlarmProps{
			AlarmDescription:  jsii.String("Rolls a deployment back that answers with errors"),
			Metric:            serverErrors(groups, 1),
			Threshold:         orDefault(r.ServerErrorsPerMinute, 10),
			EvaluationPeriods: jsii.Number(1),
		}),
		newAlarm(s, "RollbackOnUnhealthyHosts", &awscloudwatch.AlarmProps{
			AlarmDescription:  jsii.String("Rolls a deployment back whose tasks stay unhealthy"),
			Metric:            unhealthyHosts(groups, 1),
			Threshold:         jsii.Number(0),
			EvaluationPeriods: orDefault(r.UnhealthyMinutes, 3),
		}),
	}
	names := make([]*string, len(alarms))
	for i, alarm := range alarms {
		names[i] = alarm.AlarmName()
	}
	return &awsecs.DeploymentAlarmConfig{
		AlarmNames: &names,
		Behavior:   awsecs.AlarmBehavior_ROLLBACK_ON_ALARM,
	}
}

// newAlarm goes off above the threshold. Silence is no alarm: without requests
// there are no metrics.
func newAlarm(scope awsconstructs.Construct, id string, props *awscloudwatch.AlarmProps) awscloudwatch.Alarm {
	props.ComparisonOperator = awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
	props.TreatMissingData = awscloudwatch.TreatMissingData_NOT_BREACHING
	return awscloudwatch.NewAlarm(scope, jsii.String(id), props)
}

func serverErrors(groups []elb.IApplicationTargetGroup, minutes float64) awscloudwatch.IMetric {
	return overTargetGroups(groups, "Server errors", minutes, func(group elb.IApplicationTargetGroup, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
		options.Statistic = jsii.String("Sum")
		return group.Metrics().HttpCodeTarget(elb.HttpCodeTarget_TARGET_5XX_COUNT, options)
	})
}

func unhealthyHosts(groups []elb.IApplicationTargetGroup, minutes float64) awscloudwatch.IMetric {
	return overTargetGroups(groups, "Unhealthy tasks", minutes, func(group elb.IApplicationTargetGroup, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
		options.Statistic = jsii.String("Maximum")
		return group.Metrics().UnhealthyHostCount(options)
	})
}

// overTargetGroups is a metric of all the groups that the tasks may be in: a
// traffic shift leaves them in the one of the two in which they were not.
func overTargetGroups(
	groups []elb.IApplicationTargetGroup, label string, minutes float64,
	metric func(elb.IApplicationTargetGroup, *awscloudwatch.MetricOptions) awscloudwatch.Metric,
) awscloudwatch.IMetric {
	period := awscdk.Duration_Minutes(jsii.Number(minutes))
	of := func(group elb.IApplicationTargetGroup) awscloudwatch.Metric {
		return metric(group, &awscloudwatch.MetricOptions{Period: period})
	}
	if len(groups) == 1 {
		return of(groups[0])
	}
	// A graph takes each name once.
	name := strings.ReplaceAll(strings.ToLower(label), " ", "_")
	one, other := name+"_1", name+"_2"
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("FILL(" + one + ", 0) + FILL(" + other + ", 0)"),
		Label:      jsii.String(label),
		Period:     period,
		UsingMetrics: &map[string]awscloudwatch.IMetric{
			one:   of(groups[0]),
			other: of(groups[1]),
		},
	})
}
