"""Stack sets, over two regions of the one account."""

import json

from .aws import AWS, template
from .responses_stacks import IAM

ACCOUNT = "123456789012"
SET = {"StackSetName": "sites"}
REGIONS = ["us-east-1", "eu-west-1"]


def run(aws: AWS) -> None:
    cfn = aws.cloudformation
    cfn.create_stack_set(
        Description="A network in each region", TemplateBody=template("network"), Capabilities=IAM, Tags=[{"Key": "team", "Value": "a"}],
        PermissionModel="SELF_MANAGED", CallAs="SELF", ClientRequestToken="create-sites", ManagedExecution={"Active": False}, **SET,
    )
    cfn.describe_stack_set(**SET)
    preferences = {"RegionConcurrencyType": "PARALLEL", "RegionOrder": REGIONS, "FailureToleranceCount": 0, "MaxConcurrentCount": 1, "ConcurrencyMode": "STRICT_FAILURE_TOLERANCE"}
    end(aws, cfn.create_stack_instances(Accounts=[ACCOUNT], Regions=REGIONS, OperationPreferences=preferences, **SET))
    look(aws)
    with aws.refused("InvalidOperationException"):
        cfn.stop_stack_set_operation(OperationId=last(aws), **SET)

    update = {"UsePreviousTemplate": True, "Capabilities": IAM, **SET}
    end(aws, cfn.update_stack_set(OperationId="tags", Tags=[{"Key": "team", "Value": "b"}], **update))
    end(aws, cfn.update_stack_instances(Accounts=[ACCOUNT], Regions=REGIONS, ParameterOverrides=[], **SET))

    with aws.refused("NameAlreadyExistsException"):
        cfn.create_stack_set(TemplateBody=template("network"), Capabilities=IAM, **SET)
    with aws.refused("StackSetNotEmptyException"):
        cfn.delete_stack_set(**SET)
    with aws.refused("OperationIdAlreadyExistsException"):
        cfn.update_stack_set(OperationId="tags", Description="another", **update)
    with aws.refused("StackInstanceNotFoundException"):
        cfn.describe_stack_instance(StackInstanceAccount=ACCOUNT, StackInstanceRegion="eu-west-3", **SET)
    with aws.refused("OperationNotFoundException"):
        cfn.describe_stack_set_operation(OperationId="gone", **SET)
    with aws.refused("StackSetNotFoundException", "StackSet gone not found"):
        cfn.list_stack_instances(StackSetName="gone")

    end(aws, cfn.delete_stack_instances(Accounts=[ACCOUNT], Regions=REGIONS[1:], RetainStacks=False, **SET))
    end(aws, cfn.delete_stack_instances(Accounts=[ACCOUNT], Regions=REGIONS[:1], RetainStacks=True, **SET))
    look(aws)
    stop(aws)
    cfn.delete_stack_set(**SET)
    aws.expect("the status of a deleted set", [s["Status"] for s in cfn.list_stack_sets()["Summaries"]], ["DELETED"])
    for stack in cfn.describe_stacks()["Stacks"]:
        if stack["StackName"].startswith("StackSet-sites-"):
            cfn.delete_stack(StackName=stack["StackName"])
            aws.wait(cfn, "stack_delete_complete", StackName=stack["StackId"])


def stop(aws: AWS) -> None:
    """An operation that would not end: the service's image is missing."""
    cfn = aws.cloudformation
    task = {"NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"], "Cpu": "256", "Memory": "512", "ContainerDefinitions": [{"Name": "app", "Image": "app:missing"}]}
    service = {"LaunchType": "FARGATE", "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}}
    cfn.update_stack_set(TemplateBody=json.dumps({"Resources": {
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
        "Service": {"Type": "AWS::ECS::Service", "Properties": service},
    }}), **SET)
    endless = cfn.create_stack_instances(Accounts=[ACCOUNT], Regions=REGIONS, **SET)
    look(aws)
    with aws.refused("OperationInProgressException", "Another Operation on StackSet arn:aws:cloudformation:us-east-1:"):
        cfn.delete_stack_set(**SET)
    cfn.stop_stack_set_operation(OperationId=endless["OperationId"], **SET)
    look(aws)
    while "StackId" not in (instance := cfn.describe_stack_instance(StackInstanceAccount=ACCOUNT, StackInstanceRegion=REGIONS[0], **SET)["StackInstance"]):
        pass
    cfn.delete_stack(StackName=instance["StackId"])
    end(aws, endless)
    aws.expect("an operation that was stopped", cfn.describe_stack_set_operation(OperationId=endless["OperationId"], **SET)["StackSetOperation"]["Status"], "STOPPED")
    look(aws)
    end(aws, cfn.delete_stack_instances(Accounts=[ACCOUNT], Regions=REGIONS, RetainStacks=False, **SET))


def last(aws: AWS) -> str:
    return aws.cloudformation.list_stack_set_operations(**SET)["Summaries"][0]["OperationId"]


def end(aws: AWS, operation: dict) -> None:
    """Waits for the end of an operation, which boto3 has no waiter for."""
    while aws.cloudformation.describe_stack_set_operation(OperationId=operation["OperationId"], **SET)["StackSetOperation"]["Status"] in ("QUEUED", "RUNNING", "STOPPING"):
        pass


def look(aws: AWS) -> None:
    """Reads all that there is to read."""
    cfn = aws.cloudformation
    cfn.describe_stack_set(**SET)
    cfn.list_stack_sets(Status="ACTIVE")
    for operation in cfn.list_stack_set_operations(**SET)["Summaries"]:
        cfn.describe_stack_set_operation(OperationId=operation["OperationId"], **SET)
        cfn.list_stack_set_operation_results(OperationId=operation["OperationId"], **SET)
    for instance in cfn.list_stack_instances(**SET)["Summaries"]:
        cfn.describe_stack_instance(StackInstanceAccount=instance["Account"], StackInstanceRegion=instance["Region"], **SET)
