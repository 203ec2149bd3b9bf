"""Elastic Load Balancing, called directly."""

from .aws import AWS


def run(aws: AWS) -> None:
    elb = aws.elb
    balancer = load_balancers(aws)
    groups = target_groups(aws)
    listener = listeners(aws, balancer, groups)
    rules(aws, listener, groups)
    targets(aws, groups[0])
    tags(aws, balancer)
    errors(aws, balancer)
    elb.delete_listener(ListenerArn=listener)
    for group in groups:
        elb.delete_target_group(TargetGroupArn=group)
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    aws.wait(elb, "load_balancers_deleted", LoadBalancerArns=[balancer])


def load_balancers(aws: AWS) -> str:
    elb = aws.elb
    balancer = elb.create_load_balancer(Name="direct", Subnets=["subnet-1", "subnet-2"], SecurityGroups=["sg-1"], Scheme="internal", Tags=[{"Key": "team", "Value": "a"}])["LoadBalancers"][0]["LoadBalancerArn"]
    elb.describe_load_balancers(Names=["direct"])  # provisioning
    aws.wait(elb, "load_balancer_available", LoadBalancerArns=[balancer])
    elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "30"}])
    elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)
    elb.set_security_groups(LoadBalancerArn=balancer, SecurityGroups=["sg-2"])
    elb.set_subnets(LoadBalancerArn=balancer, SubnetMappings=[{"SubnetId": "subnet-3"}, {"SubnetId": "subnet-4"}])
    elb.describe_load_balancers()
    return balancer


def target_groups(aws: AWS) -> list[str]:
    elb = aws.elb
    groups = [
        elb.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip", HealthCheckPath="/health", Matcher={"HttpCode": "200-299"},
            HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=5, HealthyThresholdCount=2, UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        for name in ("one", "two")
    ]
    elb.modify_target_group(TargetGroupArn=groups[0], HealthCheckPath="/up")
    elb.modify_target_group_attributes(TargetGroupArn=groups[0], Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "5"}])
    elb.describe_target_group_attributes(TargetGroupArn=groups[0])
    elb.describe_target_groups(TargetGroupArns=groups)
    return groups


def listeners(aws: AWS, balancer: str, groups: list[str]) -> str:
    elb = aws.elb
    listener = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}}],
    )["Listeners"][0]["ListenerArn"]
    secure = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1"}],
        DefaultActions=[{"Type": "redirect", "RedirectConfig": {"Host": "example.com", "StatusCode": "HTTP_301"}}],
    )["Listeners"][0]["ListenerArn"]
    elb.modify_listener(ListenerArn=listener, DefaultActions=[{"Type": "forward", "TargetGroupArn": groups[0]}])
    elb.modify_listener_attributes(ListenerArn=listener, Attributes=[{"Key": "routing.http.response.server.enabled", "Value": "false"}])
    elb.describe_listener_attributes(ListenerArn=listener)
    elb.describe_listeners(LoadBalancerArn=balancer)
    elb.delete_listener(ListenerArn=secure)
    return listener


def rules(aws: AWS, listener: str, groups: list[str]) -> None:
    elb = aws.elb
    forward = {"TargetGroups": [{"TargetGroupArn": g, "Weight": 1} for g in groups], "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60}}
    rule = elb.create_rule(
        ListenerArn=listener, Priority=1, Actions=[{"Type": "forward", "ForwardConfig": forward}],
        Conditions=[
            {"Field": "path-pattern", "Values": ["/a/*"]},
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["example.com"]}},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["b"]}},
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "k", "Value": "v"}]}},
        ],
    )["Rules"][0]["RuleArn"]
    other = elb.create_rule(
        ListenerArn=listener, Priority=2, Actions=[{"Type": "forward", "TargetGroupArn": groups[1]}],
        Conditions=[{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}, {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}],
    )["Rules"][0]["RuleArn"]
    elb.set_rule_priorities(RulePriorities=[{"RuleArn": rule, "Priority": 2}, {"RuleArn": other, "Priority": 1}])
    elb.modify_rule(RuleArn=other, Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/b"]}}])
    elb.describe_rules(ListenerArn=listener)
    elb.delete_rule(RuleArn=other)
    elb.delete_rule(RuleArn=rule)


def targets(aws: AWS, group: str) -> None:
    elb = aws.elb
    target = {"Id": "10.9.9.9", "Port": 80}
    elb.register_targets(TargetGroupArn=group, Targets=[target])
    elb.describe_target_health(TargetGroupArn=group)  # initial
    while elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["TargetHealth"]["State"] != "unhealthy":
        pass
    elb.deregister_targets(TargetGroupArn=group, Targets=[target])
    elb.describe_target_health(TargetGroupArn=group)  # draining
    aws.wait(elb, "target_deregistered", TargetGroupArn=group, Targets=[target])
    elb.describe_target_health(TargetGroupArn=group, Targets=[target])


def tags(aws: AWS, balancer: str) -> None:
    elb = aws.elb
    elb.add_tags(ResourceArns=[balancer], Tags=[{"Key": "more", "Value": "b"}, {"Key": "empty", "Value": ""}])
    elb.describe_tags(ResourceArns=[balancer])
    elb.remove_tags(ResourceArns=[balancer], TagKeys=["more"])


def errors(aws: AWS, balancer: str) -> None:
    elb = aws.elb
    gone = balancer.replace("/direct/", "/gone/")
    with aws.refused("LoadBalancerNotFound"):
        elb.describe_load_balancers(LoadBalancerArns=[gone])
    with aws.refused("TargetGroupNotFound"):
        elb.describe_target_groups(Names=["gone"])
    with aws.refused("ListenerNotFound"):
        elb.delete_listener(ListenerArn=gone.replace("loadbalancer", "listener") + "/1")
    with aws.refused("RuleNotFound"):
        elb.delete_rule(RuleArn=gone.replace("loadbalancer", "listener-rule") + "/1/2")
    with aws.refused("DuplicateListener"):
        elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "500"}}])
    with aws.refused("DuplicateLoadBalancerName"):
        elb.create_load_balancer(Name="direct", Subnets=["subnet-8", "subnet-9"])
    with aws.refused("ValidationError"):
        elb.describe_rules()
