"""CloudFormation, through the two stacks of the templates."""

from .aws import AWS, service_parameters, template

IAM = ["CAPABILITY_IAM"]


def run(aws: AWS) -> None:
    create(aws)
    update(aws)
    change_sets(aws)
    read(aws)
    roll_back(aws)
    recover(aws)
    policies(aws)
    drift(aws)
    errors(aws)


def create(aws: AWS) -> None:
    cfn = aws.cloudformation
    cfn.validate_template(TemplateBody=template("service"))
    cfn.get_template_summary(TemplateBody=template("service"))
    cfn.create_stack(
        StackName="network", TemplateBody=template("network"), Capabilities=IAM, Tags=[{"Key": "team", "Value": "a"}],
        EnableTerminationProtection=True, TimeoutInMinutes=30, RollbackConfiguration={"RollbackTriggers": []},
        ClientRequestToken="create-network",
    )
    cfn.describe_stacks(StackName="network")  # on its way
    aws.wait(cfn, "stack_create_complete", StackName="network")
    cfn.create_stack(
        StackName="service", TemplateBody=template("service"), Capabilities=IAM, Parameters=service_parameters("v1"),
        NotificationARNs=["arn:aws:sns:us-east-1:123456789012:topic"], OnFailure="DO_NOTHING",
        RoleARN="arn:aws:iam::123456789012:role/deployer",
    )
    cfn.describe_stack_resources(StackName="service")
    aws.wait(cfn, "stack_create_complete", StackName="service")


def update(aws: AWS) -> None:
    cfn = aws.cloudformation
    cfn.update_stack(StackName="service", UsePreviousTemplate=True, Capabilities=IAM, Parameters=service_parameters("v2"))
    aws.wait(cfn, "stack_update_complete", StackName="service")
    cfn.update_stack(StackName="service", UsePreviousTemplate=True, Capabilities=IAM, Parameters=service_parameters("v3"))
    cfn.cancel_update_stack(StackName="service")
    aws.wait(cfn, "stack_rollback_complete", StackName="service")


def change_sets(aws: AWS) -> None:
    cfn = aws.cloudformation

    def plan(name, **args):
        cfn.create_change_set(
            StackName="service", ChangeSetName=name, Description="a new image", UsePreviousTemplate=True, Capabilities=IAM, **args
        )

    plan("one", Parameters=service_parameters("v4", DesiredCount="3"), IncludeNestedStacks=True)
    aws.wait(cfn, "change_set_create_complete", StackName="service", ChangeSetName="one")
    for values in (False, True):
        cfn.describe_change_set(StackName="service", ChangeSetName="one", IncludePropertyValues=values)
    cfn.get_template(StackName="service", ChangeSetName="one")
    plan("two", Parameters=service_parameters("v5"))
    aws.wait(cfn, "change_set_create_complete", StackName="service", ChangeSetName="two")
    cfn.list_change_sets(StackName="service")
    cfn.delete_change_set(StackName="service", ChangeSetName="two")
    plan("none", Parameters=service_parameters("v2"))
    while cfn.describe_change_set(StackName="service", ChangeSetName="none")["Status"] != "FAILED":
        pass  # a change set without changes
    cfn.execute_change_set(StackName="service", ChangeSetName="one", ClientRequestToken="execute-one")
    aws.wait(cfn, "stack_update_complete", StackName="service")

    cfn.create_change_set(StackName="review", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template("network"))
    aws.wait(cfn, "change_set_create_complete", StackName="review", ChangeSetName="first")
    cfn.describe_stacks(StackName="review")
    cfn.describe_change_set(StackName="review", ChangeSetName="first")
    cfn.delete_stack(StackName="review")


def read(aws: AWS) -> None:
    cfn = aws.cloudformation
    cfn.describe_stacks()
    cfn.list_stacks()
    cfn.describe_stack_events(StackName="service")
    for event in cfn.describe_events(StackName="service")["OperationEvents"]:
        cfn.describe_events(OperationId=event["OperationId"])
    cfn.list_stack_resources(StackName="service")
    cfn.describe_stack_resources(StackName="network")
    for resource in cfn.describe_stack_resources(StackName="service")["StackResources"]:
        cfn.describe_stack_resource(StackName="service", LogicalResourceId=resource["LogicalResourceId"])
    exports = cfn.list_exports()["Exports"]
    cfn.list_imports(ExportName=exports[0]["Name"])
    for stage in ("Original", "Processed"):
        cfn.get_template(StackName="service", TemplateStage=stage)
    cfn.get_template_summary(StackName="service")
    cfn.get_template_summary(StackName="network")


def settled(aws: AWS, stack: str) -> str:
    """The status in which the stack's operation ends, whichever it is."""
    while True:
        status = aws.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            return status


def roll_back(aws: AWS) -> None:
    """A stack that fails and is left as it is, then rolled back by hand."""
    cfn = aws.cloudformation
    cfn.create_stack(
        StackName="failing", TemplateBody=template("service"), Capabilities=IAM, TimeoutInMinutes=5, DisableRollback=True,
        Parameters=service_parameters("missing", ServiceName="failing", Priority="7"),
    )
    aws.expect("a stack without rollback", settled(aws, "failing"), "CREATE_FAILED")
    cfn.describe_stack_events(StackName="failing")
    cfn.describe_stack_resources(StackName="failing")
    cfn.rollback_stack(StackName="failing")
    aws.expect("the stack rolled back", settled(aws, "failing"), "ROLLBACK_COMPLETE")
    cfn.list_stacks(StackStatusFilter=["ROLLBACK_COMPLETE"])
    cfn.delete_stack(StackName="failing")
    aws.wait(cfn, "stack_delete_complete", StackName="failing")


def recover(aws: AWS) -> None:
    """A stack that cannot be rolled back: its service was deleted behind its back."""
    cfn = aws.cloudformation
    stack = {"StackName": "stuck", "Capabilities": IAM}
    cfn.create_stack(TemplateBody=template("service"), Parameters=service_parameters("v1", ServiceName="stuck", Priority="9"), **stack)
    aws.wait(cfn, "stack_create_complete", StackName="stuck")
    service = cfn.describe_stack_resource(StackName="stuck", LogicalResourceId="Service")["StackResourceDetail"]["PhysicalResourceId"]
    aws.ecs.delete_service(cluster=service.split("/")[1], service=service, force=True)
    aws.wait(aws.ecs, "services_inactive", cluster=service.split("/")[1], services=[service])
    cfn.update_stack(UsePreviousTemplate=True, Parameters=service_parameters("v2", ServiceName="stuck", Priority="9"), **stack)
    aws.expect("the stack without its service", settled(aws, "stuck"), "UPDATE_ROLLBACK_FAILED")
    cfn.describe_stack_resources(StackName="stuck")
    cfn.continue_update_rollback(StackName="stuck", ResourcesToSkip=["Service"])
    aws.wait(cfn, "stack_rollback_complete", StackName="stuck")
    cfn.describe_stack_events(StackName="stuck")
    cfn.delete_stack(StackName="stuck")
    aws.wait(cfn, "stack_delete_complete", StackName="stuck")


def policies(aws: AWS) -> None:
    cfn = aws.cloudformation
    cfn.get_stack_policy(StackName="service")
    policy = '{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "LogicalResourceId/TargetGroup"}, {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'
    cfn.set_stack_policy(StackName="service", StackPolicyBody=policy)
    aws.expect("the stack policy", cfn.get_stack_policy(StackName="service")["StackPolicyBody"], policy)


def drift(aws: AWS) -> None:
    """A service that was scaled behind CloudFormation's back."""
    cfn = aws.cloudformation
    service = cfn.describe_stack_resource(StackName="service", LogicalResourceId="Service")["StackResourceDetail"]["PhysicalResourceId"]
    aws.ecs.update_service(cluster=service.split("/")[1], service=service, desiredCount=1)
    detect(aws, "service")
    cfn.describe_stack_resource_drifts(StackName="service")
    cfn.detect_stack_resource_drift(StackName="service", LogicalResourceId="Service")
    cfn.describe_stacks(StackName="service")
    cfn.list_stack_resources(StackName="service")


def detect(aws: AWS, stack: str) -> None:
    cfn = aws.cloudformation
    detection = cfn.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]
    while cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)["DetectionStatus"] == "DETECTION_IN_PROGRESS":
        pass


def errors(aws: AWS) -> None:
    cfn = aws.cloudformation
    with aws.refused("AlreadyExistsException", "Stack [network] already exists"):
        cfn.create_stack(StackName="network", TemplateBody=template("network"))
    with aws.refused("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]"):
        cfn.create_stack(StackName="other", TemplateBody=template("service"), Parameters=service_parameters("v1"))
    with aws.refused("ValidationError", "No updates are to be performed."):
        cfn.update_stack(
            StackName="service", UsePreviousTemplate=True, Capabilities=IAM,
            Parameters=service_parameters("v4", DesiredCount="3"),
        )
    with aws.refused("ChangeSetNotFound", "ChangeSet [gone] does not exist"):
        cfn.describe_change_set(StackName="service", ChangeSetName="gone")
    with aws.refused("ValidationError", "Stack with id gone does not exist"):
        cfn.describe_stacks(StackName="gone")
    with aws.refused("ValidationError", "cannot be deleted while TerminationProtection is enabled"):
        cfn.delete_stack(StackName="network")


def tear_down(aws: AWS) -> None:
    cfn = aws.cloudformation
    cfn.update_termination_protection(StackName="network", EnableTerminationProtection=False)
    for stack in ("service", "network"):
        cfn.delete_stack(StackName=stack)
        aws.wait(cfn, "stack_delete_complete", StackName=stack)
    cfn.list_stacks()
