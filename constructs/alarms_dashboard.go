package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// newDashboard has the alarms on top and then, from left to right, what users
// see and what the tasks do.
func newDashboard(a *alarms, service FargateService, cpu awscloudwatch.Metric) awscloudwatch.Dashboard {
	const minutes = 1
	groups := targetGroupsOf(service)
	memory := service.Service().MetricMemoryUtilization(&awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(5)),
	})
	requests := overTargetGroups(groups, "Requests", minutes, func(group elb.IApplicationTargetGroup, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
		return group.Metrics().RequestCount(options)
	})
	healthy := overTargetGroups(groups, "Healthy tasks", minutes, func(group elb.IApplicationTargetGroup, options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
		options.Statistic = jsii.String("Minimum")
		return group.Metrics().HealthyHostCount(options)
	})
	graph := func(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
		return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
			Title: jsii.String(title),
			Width: jsii.Number(12),
			Left:  &metrics,
		})
	}
	return awscloudwatch.NewDashboard(a, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		Widgets: &[]*[]awscloudwatch.IWidget{
			{awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
				Title:  jsii.String("Alarms"),
				Width:  jsii.Number(24),
				Alarms: &[]interfacesawscloudwatch.IAlarmRef{a.serverErrors, a.unhealthyHosts, a.cpu},
			})},
			{graph("Requests and errors per minute", requests, serverErrors(groups, minutes)), graph("Tasks", healthy, unhealthyHosts(groups, minutes))},
			{graph("Response time, 99 of 100 requests", responseTimes(groups)...), graph("CPU and memory, percent", cpu, memory)},
		},
	})
}

// responseTimes are one line per target group: percentiles cannot be added up.
func responseTimes(groups []elb.IApplicationTargetGroup) []awscloudwatch.IMetric {
	metrics := make([]awscloudwatch.IMetric, len(groups))
	for i, group := range groups {
		metrics[i] = group.Metrics().TargetResponseTime(&awscloudwatch.MetricOptions{
			Statistic: jsii.String("p99"),
			Period:    awscdk.Duration_Minutes(jsii.Number(1)),
		})
	}
	return metrics
}
