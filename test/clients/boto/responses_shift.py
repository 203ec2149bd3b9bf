"""A blue/green service, whose traffic ECS shifts between two target groups."""

from .aws import AWS


def run(aws: AWS, network: dict) -> None:
    ecs, elb = aws.ecs, aws.elb
    balancer, blue, green, rule = traffic(aws)
    ecs.create_service(
        cluster="direct", serviceName="shifted", taskDefinition="direct:1", desiredCount=1, launchType="FARGATE",
        networkConfiguration=network, healthCheckGracePeriodSeconds=30,
        loadBalancers=[{
            "targetGroupArn": blue, "containerName": "app", "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": green, "productionListenerRule": rule,
                "roleArn": "arn:aws:iam::123456789012:role/traffic",
            },
        }],
        deploymentConfiguration={
            "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1,
            "lifecycleHooks": [{
                "targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"],
                "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"},
            }],
        },
    )
    finish(aws)
    ecs.update_service(cluster="direct", service="shifted", taskDefinition="direct:2")
    finish(aws)
    aws.wait(ecs, "services_stable", cluster="direct", services=["shifted"])
    aws.expect("the task definition behind the shift", ecs.describe_services(cluster="direct", services=["shifted"])["services"][0]["taskDefinition"].split("/")[-1], "direct:2")
    ecs.update_service(cluster="direct", service="shifted", taskDefinition="direct:1")
    finish(aws, action="ROLLBACK")
    elb.describe_rules(RuleArns=[rule])
    elb.describe_target_health(TargetGroupArn=green)
    ecs.delete_service(cluster="direct", service="shifted", force=True)
    aws.wait(ecs, "services_inactive", cluster="direct", services=["shifted"])
    elb.delete_load_balancer(LoadBalancerArn=balancer)


def traffic(aws: AWS) -> tuple[str, str, str, str]:
    elb = aws.elb
    balancer = elb.create_load_balancer(Name="shifted", Subnets=["subnet-1", "subnet-2"])["LoadBalancers"][0]["LoadBalancerArn"]
    blue, green = (
        elb.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip", HealthCheckIntervalSeconds=10, HealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in ("blue", "green")
    )
    for group in (blue, green):
        elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}])
    listener = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    weights = [{"TargetGroupArn": blue, "Weight": 1}, {"TargetGroupArn": green, "Weight": 0}]
    rule = elb.create_rule(
        ListenerArn=listener, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )["Rules"][0]["RuleArn"]
    return balancer, blue, green, rule


def finish(aws: AWS, action: str = "CONTINUE") -> None:
    """Sees the newest deployment through, and answers its hooks."""
    ecs = aws.ecs
    newest = ecs.list_service_deployments(cluster="direct", service="shifted")["serviceDeployments"][0]["serviceDeploymentArn"]
    while True:
        shown = ecs.describe_service_deployments(serviceDeploymentArns=[newest])["serviceDeployments"][0]
        for hook in shown.get("lifecycleHookDetails", []):
            if hook["status"] == "AWAITING_ACTION":
                ecs.continue_service_deployment(serviceDeploymentArn=newest, hookId=hook["hookId"], action=action)
        ecs.describe_services(cluster="direct", services=["shifted"])
        if shown["status"] not in ("PENDING", "IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"):
            return aws.expect("the end of a shift", shown["status"], "SUCCESSFUL" if action == "CONTINUE" else "ROLLBACK_SUCCESSFUL")
