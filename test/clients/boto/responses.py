"""Every operation that the embedded AWS has, called through flows as people have them."""

from . import responses_ecr, responses_ecs, responses_elb, responses_logs, responses_s3, responses_ssm, responses_stacks, responses_stacksets, strict
from .aws import AWS


def run(aws: AWS) -> None:
    aws.sts.get_caller_identity()
    aws.sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/deployer", RoleSessionName="ci")
    responses_stacks.run(aws)
    responses_stacksets.run(aws)
    responses_ecr.run(aws)
    responses_ecs.run(aws)
    responses_elb.run(aws)
    responses_logs.run(aws)
    responses_s3.run(aws)
    responses_ssm.run(aws)
    responses_stacks.tear_down(aws)

    for service, operations in aws.operations.items():
        for operation in operations:
            if (service, operation) not in aws.answered:
                aws.findings.append(f"{service} {operation}: nothing here calls it with success")
    aws.findings += strict.unused()
