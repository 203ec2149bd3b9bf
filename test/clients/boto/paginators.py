"""Lists in pages: boto3's paginators give what one long answer gives, a page holds what
was asked for, and a token that the service did not give is an error."""

import json

from . import responses_ecs, responses_logs, responses_stacks, responses_stacksets
from .aws import AWS

MANY = 101  # one more than CloudFormation puts into an answer


def run(aws: AWS) -> None:
    p = Pages(aws)
    stacks(aws, p)
    sets(aws, p)
    containers(aws, p)
    balancers(aws, p)
    output(aws, p)
    for service, operations in aws.operations.items():
        for operation in operations:
            shape = aws.clients[service].meta.service_model.operation_model(operation).input_shape
            if shape is not None and token_of(shape) and (service, operation) not in p.paged:
                aws.findings.append(f"{service} {operation}: nothing here asks for its pages")


def token_of(shape) -> str | None:
    return next((name for name in ("NextToken", "nextToken", "Marker") if name in shape.members), None)


class Pages:
    def __init__(self, aws: AWS):
        self.aws = aws
        self.paged = set()
        # That of raw requests, which boto3 itself would refuse.
        self.raw = {service: aws.client(service, parameter_validation=False) for service in aws.operations}

    def of(self, service: str, operation: str, result: str, least: int, /, **args):
        """Lists all in the smallest pages that the operation has; there are at least so many."""
        aws, client = self.aws, self.aws.clients[service]
        model = client.meta.service_model.operation_model(operation)
        call = getattr(client, next(m for m, o in client.meta.method_to_api_mapping.items() if o == operation))
        token = token_of(model.input_shape)
        given = next(t for t in ("NextToken", "nextToken", "NextMarker") if t in model.output_shape.members)
        limit = next((name for name in ("MaxResults", "maxResults", "PageSize", "limit") if name in model.input_shape.members), None)
        size = {limit: 1} if limit else {}
        items, sizes, more = [], [], {}
        while True:
            answer = call(**args, **size, **more)
            items += answer[result]
            sizes.append(len(answer[result]))
            if not answer.get(given):
                break
            more = {token: answer[given]}
        if len(items) < least:
            aws.findings.append(f"{operation}: {len(items)} items, want at least {least}")
        want = 1 if limit else 100
        aws.expect(f"{operation}: the sizes of all pages but the last", set(sizes[:-1]), {want})
        texts = [json.dumps(item, default=str, sort_keys=True) for item in items]
        aws.expect(f"{operation}: items more than once", len(texts) - len(set(texts)), 0)
        if client.can_paginate(call.__name__):
            pages = client.get_paginator(call.__name__).paginate(**args, **({"PaginationConfig": {"PageSize": 1}} if limit else {}))
            aws.expect(f"{operation}: what the paginator of boto3 finds", list(pages.search(result)), items)
        if limit:
            aws.expect(f"{operation}: what one answer gives", call(**args)[result], items)
        code = "InvalidParameterException" if client.meta.service_model.resolved_protocol == "json" else "ValidationError"
        with aws.refused(code):
            call(**args, **{token: "no-such-token"})
        if limit:
            for outside in (0, 10001):
                with aws.refused(code):
                    getattr(self.raw[service], call.__name__)(**args, **{limit: outside})
        self.paged.add((service, operation))


def stacks(aws: AWS, p: Pages) -> None:
    cfn = aws.cloudformation
    cfn.create_stack(StackName="many", TemplateBody=exporter())
    aws.wait(cfn, "stack_create_complete", StackName="many")
    for i in range(MANY):
        cfn.create_stack(StackName=f"importer-{i}", TemplateBody=IMPORTER)
        cfn.create_change_set(StackName="many", ChangeSetName=f"change-{i}", TemplateBody=exporter(str(i)))
    aws.wait(cfn, "stack_create_complete", StackName=f"importer-{MANY - 1}")
    for i in range(MANY):
        aws.wait(cfn, "stack_create_complete", StackName=f"importer-{i}")
        aws.wait(cfn, "change_set_create_complete", StackName="many", ChangeSetName=f"change-{i}")
    many = {"StackName": "many"}
    p.of("cloudformation", "DescribeStacks", "Stacks", MANY)
    p.of("cloudformation", "ListStacks", "StackSummaries", MANY)
    p.of("cloudformation", "ListExports", "Exports", MANY)
    p.of("cloudformation", "ListImports", "Imports", MANY, ExportName="many-0")
    p.of("cloudformation", "ListStackResources", "StackResourceSummaries", MANY, **many)
    p.of("cloudformation", "ListChangeSets", "Summaries", MANY, **many)
    p.of("cloudformation", "DescribeChangeSet", "Changes", MANY, ChangeSetName="change-1", **many)
    p.of("cloudformation", "DescribeStackEvents", "StackEvents", MANY, **many)
    clusters = {"StackName": "clusters"}
    cfn.create_stack(TemplateBody='{"Resources": {"One": {"Type": "AWS::ECS::Cluster"}, "Two": {"Type": "AWS::ECS::Cluster"}}}', **clusters)
    aws.wait(cfn, "stack_create_complete", **clusters)
    responses_stacks.detect(aws, "clusters")
    p.of("cloudformation", "DescribeStackResourceDrifts", "StackResourceDrifts", 2, **clusters)
    p.of("cloudformation", "DescribeEvents", "OperationEvents", MANY, **many)


def sets(aws: AWS, p: Pages) -> None:
    cfn, sites = aws.cloudformation, responses_stacksets.SET
    group = '{"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "one"}}}}'
    for name in ("sites", "other"):
        cfn.create_stack_set(StackSetName=name, TemplateBody=group)
    made = cfn.create_stack_instances(Accounts=[responses_stacksets.ACCOUNT], Regions=responses_stacksets.REGIONS, **sites)
    responses_stacksets.end(aws, made)
    responses_stacksets.end(aws, cfn.update_stack_set(UsePreviousTemplate=True, **sites))
    p.of("cloudformation", "ListStackSets", "Summaries", 2)
    p.of("cloudformation", "ListStackInstances", "Summaries", 2, **sites)
    p.of("cloudformation", "ListStackSetOperations", "Summaries", 2, **sites)
    p.of("cloudformation", "ListStackSetOperationResults", "Summaries", 2, OperationId=made["OperationId"], **sites)


def exporter(description: str = "") -> str:
    return json.dumps({
        "Resources": {f"Group{i}": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": f"group {i}{description}"}} for i in range(MANY)},
        "Outputs": {f"Out{i}": {"Value": str(i), "Export": {"Name": f"many-{i}"}} for i in range(MANY)},
    })


IMPORTER = '{"Resources": {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": {"Fn::ImportValue": "many-0"}}}}}'


def containers(aws: AWS, p: Pages) -> None:
    ecs = aws.ecs
    for i in range(3):
        ecs.create_cluster(clusterName=f"cluster-{i}")
        ecs.register_task_definition(
            family=f"family-{i}", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            containerDefinitions=[{"name": "app", "image": "docker.io/acme/app:v1"}],
        )
    here = {"cluster": "cluster-0"}
    run_on = {"launchType": "FARGATE", "networkConfiguration": responses_ecs.NETWORK}
    for i in range(3):
        ecs.create_service(serviceName=f"service-{i}", taskDefinition=f"family-{i}", desiredCount=1, **here, **run_on)
    for i in range(2):
        aws.wait(ecs, "services_stable", services=["service-0"], **here)
        ecs.update_service(service="service-0", forceNewDeployment=True, **here)
    aws.wait(ecs, "services_stable", services=["service-0", "service-1", "service-2"], **here)
    p.of("ecs", "ListClusters", "clusterArns", 3)
    p.of("ecs", "ListTaskDefinitions", "taskDefinitionArns", 3)
    p.of("ecs", "ListTaskDefinitionFamilies", "families", 3)
    p.of("ecs", "ListServices", "serviceArns", 3, **here)
    p.of("ecs", "ListServiceDeployments", "serviceDeployments", 3, service="service-0", **here)
    p.of("ecs", "ListTasks", "taskArns", 3, **here)
    p.of("ecs", "ListAccountSettings", "settings", 3)
    p.of("ecs", "DescribeCapacityProviders", "capacityProviders", 2)


def balancers(aws: AWS, p: Pages) -> None:
    elb = aws.elb
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
    for i in range(3):
        balancer = elb.create_load_balancer(Name=f"balancer-{i}", Subnets=["subnet-1", "subnet-2"])["LoadBalancers"][0]["LoadBalancerArn"]
        elb.create_target_group(Name=f"group-{i}", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip")
    aws.wait(elb, "load_balancer_available")  # until then they change between two answers
    for i in range(3):
        listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80 + i, DefaultActions=[answer])["Listeners"][0]["ListenerArn"]
    for i in range(1, 3):
        elb.create_rule(ListenerArn=listener, Priority=i, Actions=[answer], Conditions=[{"Field": "path-pattern", "Values": [f"/{i}"]}])
    p.of("elasticloadbalancing", "DescribeLoadBalancers", "LoadBalancers", 3)
    p.of("elasticloadbalancing", "DescribeTargetGroups", "TargetGroups", 3)
    p.of("elasticloadbalancing", "DescribeListeners", "Listeners", 3, LoadBalancerArn=balancer)
    p.of("elasticloadbalancing", "DescribeRules", "Rules", 3, ListenerArn=listener)


def output(aws: AWS, p: Pages) -> None:
    p.of("ecr", "DescribeRepositories", "repositories", 2)
    p.of("ecr", "DescribeImages", "imageDetails", 2, repositoryName="direct/app")
    logs = aws.clients["logs"]
    responses_logs.write(aws, 3)
    for i in range(2):
        logs.create_log_group(logGroupName=f"/other-{i}")
    p.of("logs", "DescribeLogGroups", "logGroups", 3)
    p.of("logs", "DescribeLogStreams", "logStreams", 3, logGroupName="/direct")
    p.of("logs", "FilterLogEvents", "events", 6, logGroupName="/direct")
    # The tokens of a stream lead on for ever: at its end they stay what they are.
    stream, seen, token = {"logGroupName": "/direct", "logStreamName": "stream-0"}, [], {}
    while True:
        answer = logs.get_log_events(**stream, limit=1, startFromHead=True, **token)
        seen += [e["message"] for e in answer["events"]]
        if token.get("nextToken") == answer["nextForwardToken"]:
            break
        token = {"nextToken": answer["nextForwardToken"]}
    aws.expect("the events of a stream", seen, ["event 0.0", "event 0.1"])
    with aws.refused("InvalidParameterException"):
        logs.get_log_events(**stream, nextToken="no-such-token")
    p.paged.add(("logs", "GetLogEvents"))
