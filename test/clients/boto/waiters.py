"""boto3's own waiters: each returns once its state is reached, and gives up, instead of
waiting on, once that cannot happen any more."""

from botocore.exceptions import WaiterError

from .aws import AWS, service_parameters, template

IAM = ["CAPABILITY_IAM"]

# Waiters of operations that the embedded AWS has, for what it does not do.
NOT_HERE = {"stack_import_complete": "resources cannot be imported"}


def run(aws: AWS) -> None:
    w = Waiting(aws)
    stacks(aws, w)
    tasks_and_services(aws, w)
    balancers(aws, w)
    failures(aws, w)
    deletions(aws, w)
    objects(aws, w)
    for service, client in aws.clients.items():
        for name in client.waiter_names:
            here = client.get_waiter(name).config.operation in aws.operations[service]
            if here and name not in w.returned and name not in NOT_HERE:
                aws.findings.append(f"{service}: nothing here waits with {name}")


class Waiting:
    def __init__(self, aws: AWS):
        self.aws = aws
        self.returned = set()

    def until(self, client, waiter, **args):
        self.aws.wait(client, waiter, **args)
        self.returned.add(waiter)

    def fails(self, client, waiter, **args):
        """The waiter has to give up because of what it sees, and not for lack of patience."""
        try:
            self.aws.wait(client, waiter, **args)
        except WaiterError as e:
            if "terminal failure state" not in str(e):
                self.aws.findings.append(f"{waiter} gave up with {e}, want a terminal failure state")
        else:
            self.aws.findings.append(f"{waiter} of {args} returned, want that it gives up")


def stacks(aws: AWS, w: Waiting) -> None:
    cfn = aws.cloudformation
    cfn.create_stack(StackName="network", TemplateBody=template("network"))
    w.until(cfn, "stack_exists", StackName="network")
    w.until(cfn, "stack_create_complete", StackName="network")
    cfn.create_stack(StackName="service", TemplateBody=template("service"), Capabilities=IAM, Parameters=service_parameters("v1"))
    w.until(cfn, "stack_create_complete", StackName="service")
    change = {"StackName": "service", "UsePreviousTemplate": True, "Capabilities": IAM}
    cfn.create_change_set(ChangeSetName="two", Parameters=service_parameters("v2"), **change)
    w.until(cfn, "change_set_create_complete", StackName="service", ChangeSetName="two")
    cfn.execute_change_set(StackName="service", ChangeSetName="two")
    w.until(cfn, "stack_update_complete", StackName="service")
    cfn.create_change_set(ChangeSetName="none", Parameters=service_parameters("v2"), **change)
    w.fails(cfn, "change_set_create_complete", StackName="service", ChangeSetName="none")
    cfn.update_stack(Parameters=service_parameters("v3"), **change)
    cfn.cancel_update_stack(StackName="service")
    w.fails(cfn, "stack_update_complete", StackName="service")
    w.until(cfn, "stack_rollback_complete", StackName="service")


def tasks_and_services(aws: AWS, w: Waiting) -> None:
    ecs = aws.ecs
    cluster, service = placed(aws)
    w.until(ecs, "services_stable", cluster=cluster, services=[service])
    tasks = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    w.until(ecs, "tasks_running", cluster=cluster, tasks=tasks)
    ecs.stop_task(cluster=cluster, task=tasks[0])
    w.until(ecs, "tasks_stopped", cluster=cluster, tasks=tasks[:1])
    w.until(ecs, "services_stable", cluster=cluster, services=[service])  # its place is taken
    w.fails(ecs, "tasks_running", cluster=cluster, tasks=tasks)
    w.fails(ecs, "services_stable", cluster=cluster, services=["gone"])
    w.fails(ecs, "services_inactive", cluster=cluster, services=["gone"])


def balancers(aws: AWS, w: Waiting) -> None:
    elb = aws.elb
    group = output(aws, "service", "TargetGroupArn")
    w.until(elb, "target_in_service", TargetGroupArn=group)
    balancer = elb.create_load_balancer(Name="waited-for", Subnets=["subnet-1", "subnet-2"])["LoadBalancers"][0]["LoadBalancerArn"]
    w.until(elb, "load_balancer_exists", LoadBalancerArns=[balancer])
    w.until(elb, "load_balancer_available", LoadBalancerArns=[balancer])
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    w.until(elb, "load_balancers_deleted", LoadBalancerArns=[balancer])
    target = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["Target"]
    elb.deregister_targets(TargetGroupArn=group, Targets=[target])
    w.until(elb, "target_deregistered", TargetGroupArn=group, Targets=[target])


def failures(aws: AWS, w: Waiting) -> None:
    cfn = aws.cloudformation
    cfn.create_stack(
        StackName="failing", TemplateBody=template("service"), Capabilities=IAM, TimeoutInMinutes=5,
        Parameters=service_parameters("missing", ServiceName="failing", Priority="7"),
    )
    w.fails(cfn, "stack_create_complete", StackName="failing")
    w.fails(cfn, "stack_update_complete", StackName="gone")
    cfn.update_stack(StackName="service", UsePreviousTemplate=True, Capabilities=IAM, Parameters=service_parameters("missing"))
    w.fails(cfn, "stack_update_complete", StackName="service")


def deletions(aws: AWS, w: Waiting) -> None:
    cfn = aws.cloudformation
    cluster, service = placed(aws)
    for name in ("failing", "service", "network"):
        stack = cfn.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        if name == "network":
            w.until(aws.ecs, "services_inactive", cluster=cluster, services=[service])
        cfn.delete_stack(StackName=name)
        w.until(cfn, "stack_delete_complete", StackName=name)  # which does not exist any more
        w.until(cfn, "stack_delete_complete", StackName=stack)  # which is shown as deleted


def objects(aws: AWS, w: Waiting) -> None:
    s3, bucket = aws.clients["s3"], {"Bucket": "waited-for"}
    key = {**bucket, "Key": "template.json"}
    w.until(s3, "bucket_not_exists", **bucket)
    s3.create_bucket(**bucket)
    w.until(s3, "bucket_exists", **bucket)
    w.until(s3, "object_not_exists", **key)
    s3.put_object(**key, Body=b"{}")
    w.until(s3, "object_exists", **key)
    s3.delete_object(**key)
    w.until(s3, "object_not_exists", **key)
    s3.delete_bucket(**bucket)
    w.until(s3, "bucket_not_exists", **bucket)


def placed(aws: AWS) -> tuple[str, str]:
    return output(aws, "network", "ClusterName"), output(aws, "service", "ServiceName")


def output(aws: AWS, stack: str, key: str) -> str:
    outputs = aws.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    return next(o["OutputValue"] for o in outputs if o["OutputKey"] == key)
