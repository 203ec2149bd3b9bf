"""Requests that are wrong in one thing: AWS's code and form of words for each.

boto3 would not send them; they are put in place of what it is about to send.
"""

import json
from urllib.parse import urlencode

from .aws import AWS, template

ONE = "1 validation error detected: "


def run(aws: AWS) -> None:
    raw = {service: aws.client(service, parameter_validation=False) for service in aws.operations}
    sent = Replaced(raw)
    query(aws, sent)
    containers(aws, sent)
    unknown_operations(aws, sent)


class Replaced:
    """Sends a request of one operation with another body."""

    def __init__(self, clients):
        self.clients = clients

    def request(self, service, method, body, operation=None):
        """body are the parameters as the protocol has them, a text is the whole body."""
        client = self.clients[service]

        def replace(params, **_):
            text = body
            if "X-Amz-Target" in params["headers"]:
                if operation:
                    params["headers"]["X-Amz-Target"] = params["headers"]["X-Amz-Target"].split(".")[0] + "." + operation
                if not isinstance(text, str):
                    text = json.dumps(text)
            elif not isinstance(text, str):
                action = {"Action": operation or params["body"]["Action"], "Version": params["body"]["Version"]}
                text = urlencode({**action, **text})
            params["body"] = text.encode()

        event = f"before-call.{client.meta.service_model.service_id.hyphenize()}"
        client.meta.events.register(event, replace)
        try:
            getattr(client, method)()
        finally:
            client.meta.events.unregister(event, replace)


def query(aws: AWS, send: Replaced) -> None:
    cfn, elb = "cloudformation", "elasticloadbalancing"
    body = {"TemplateBody": template("network")}
    for code, text, service, method, params in [
        ("ValidationError", ONE + "Value null at 'stackName' failed to satisfy constraint: Member must not be null", cfn, "create_stack", body),
        ("ValidationError", ONE + "Value 'a_b' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", cfn, "create_stack", {"StackName": "a_b", **body}),
        ("ValidationError", ONE + "Value 'a_b' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*", cfn, "describe_stacks", {"StackName": "a_b"}),
        ("ValidationError", ONE + "Value 'EXPLODE' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [", cfn, "create_stack", {"StackName": "a", "OnFailure": "EXPLODE", **body}),
        ("ValidationError", ONE + "Value '[FLY]' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [", cfn, "create_stack", {"StackName": "a", "Capabilities.member.1": "FLY", **body}),
        ("ValidationError", ONE + "Value '0' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 1", cfn, "create_stack", {"StackName": "a", "TimeoutInMinutes": "0", **body}),
        ("ValidationError", ONE + "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1", cfn, "create_stack", {"StackName": "a", "Tags.member.1.Key": "", "Tags.member.1.Value": "v", **body}),
        ("ValidationError", 'Unknown parameter "StakName" for operation CreateStack', cfn, "create_stack", {"StakName": "a", **body}),
        ("ValidationError", "The embedded AWS does not support ResourceTypes of CreateStack.", cfn, "create_stack", {"StackName": "a", "ResourceTypes.member.1": "AWS::EC2::VPC", **body}),
        ("MalformedInput", "", cfn, "create_stack", {"StackName": "a", "DisableRollback": "maybe", **body}),
        ("MalformedInput", "Top level element may not be treated as a list", cfn, "create_stack", {"StackName": "a", "Capabilities.1": "CAPABILITY_IAM", **body}),
        ("ValidationError", "2 validation errors detected: ", cfn, "execute_change_set", {"ChangeSetName": ""}),
        ("ValidationError", ONE + "Value '0' at 'pageSize' failed to satisfy constraint: Member must have value greater than or equal to 1", elb, "describe_load_balancers", {"PageSize": "0"}),
        ("ValidationError", ONE + "Value '70000' at 'port' failed to satisfy constraint: Member must have value less than or equal to 65535", elb, "create_target_group", {"Name": "a", "Port": "70000"}),
        ("ValidationError", ONE + "Value 'SMTP' at 'protocol' failed to satisfy constraint: Member must satisfy enum value set: [", elb, "create_target_group", {"Name": "a", "Protocol": "SMTP"}),
        ("ValidationError", ONE + "Value null at 'loadBalancerArn' failed to satisfy constraint: Member must not be null", elb, "delete_load_balancer", {}),
        ("MalformedInput", "Unexpected list element termination", elb, "describe_load_balancers", {"Names": "a"}),
        ("ValidationError", "The embedded AWS does not support CustomerOwnedIpv4Pool of CreateLoadBalancer.", elb, "create_load_balancer", {"Name": "a", "CustomerOwnedIpv4Pool": "ipv4pool-coip-1"}),
    ]:
        with aws.refused(code, text):
            send.request(service, method, params)


def containers(aws: AWS, send: Replaced) -> None:
    task = {"taskDefinition": "a"}
    for code, text, method, body in [
        ("InvalidParameterException", "Tasks cannot be empty.", "describe_tasks", {}),
        ("ClientException", "Family should not be null or empty.", "register_task_definition", {"containerDefinitions": []}),
        ("ClientException", "Container list cannot be empty.", "register_task_definition", {"family": "a"}),
        ("InvalidParameterException", ONE + "Value null at 'taskDefinition' failed to satisfy constraint: Member must not be null", "run_task", {}),
        ("InvalidParameterException", ONE + "Value 'LAMBDA' at 'launchType' failed to satisfy constraint: Member must satisfy enum value set: [", "run_task", {**task, "launchType": "LAMBDA"}),
        ("InvalidParameterException", "at 'containerDefinitions.1.member.logConfiguration.logDriver' failed to satisfy constraint: Member must satisfy enum value set: [", "register_task_definition", {"family": "a", "containerDefinitions": [{"logConfiguration": {"logDriver": "pigeon"}}]}),
        ("InvalidParameterException", "count must be between 1 and 10.", "run_task", {**task, "count": 11, "launchType": "FARGATE"}),
        ("SerializationException", 'Unknown parameter "cuont" for operation RunTask', "run_task", {**task, "cuont": 1}),
        ("SerializationException", "STRING_VALUE can not be converted to an Integer", "run_task", {**task, "count": "1"}),
        ("SerializationException", "NUMBER_VALUE can not be converted to a String", "run_task", {"taskDefinition": 1}),
        ("SerializationException", "Expected list or null", "describe_tasks", {"tasks": "a"}),
        ("SerializationException", "Start of structure or map found where not expected.", "describe_tasks", {"tasks": [{"a": 1}]}),
        ("SerializationException", "", "describe_tasks", "{"),
    ]:
        with aws.refused(code, text):
            send.request("ecs", method, body)


def unknown_operations(aws: AWS, send: Replaced) -> None:
    """One that AWS does not have, and one that only the embedded AWS does not."""
    for operation in ("CreateStak", "ActivateType"):
        with aws.refused("InvalidAction", f"Could not find operation {operation} for version 2010-05-15"):
            send.request("cloudformation", "describe_stacks", {}, operation)
    for operation in ("RunTaks", "CreateDaemon"):
        with aws.refused("UnknownOperationException"):
            send.request("ecs", "list_clusters", {}, operation)
