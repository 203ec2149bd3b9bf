"""Clients of which every response is held against the service model."""

import contextlib
import pathlib

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from . import strict

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# The names of boto3's clients, by signing name, where they differ.
CLIENT_NAMES = {"elasticloadbalancing": "elbv2"}


class AWS:
    """The clients of all services, and what was found wrong."""

    def __init__(self, operations: dict[str, list[str]]):
        self.operations = operations  # by signing name
        self.findings: list[str] = []
        self.answered: set[tuple[str, str]] = set()
        self.clients = {service: self.client(service) for service in operations}
        self.cloudformation = self.clients["cloudformation"]
        self.ecs = self.clients["ecs"]
        self.elb = self.clients["elasticloadbalancing"]
        self.sts = self.clients["sts"]

    def client(self, service: str, **config):
        client = boto3.client(CLIENT_NAMES.get(service, service), config=Config(retries={"total_max_attempts": 1}, **config))

        def before_parse(operation_model, response_dict, **_):
            self.findings += [f"{service} {finding}" for finding in strict.check(operation_model, response_dict)]
            if response_dict["status_code"] < 300:
                self.answered.add((service, operation_model.name))

        client.meta.events.register("before-parse", before_parse)
        return client

    @contextlib.contextmanager
    def refused(self, code: str, text: str = ""):
        """What is in it has to be refused with the code and a message with the text."""
        try:
            yield
        except ClientError as e:
            error = e.response["Error"]
            if error["Code"] != code or text not in error.get("Message", ""):
                self.findings.append(f"{e.operation_name}: refused with {error}, want {code}: {text}")
        else:
            self.findings.append(f"nothing was refused, want {code}: {text}")

    def expect(self, what: str, got, want):
        if got != want:
            self.findings.append(f"{what}: got {got!r}, want {want!r}")

    def wait(self, client, waiter: str, **args):
        """Runs a waiter of boto3 with delays that fit AWS time at high speed."""
        w = client.get_waiter(waiter)
        w.config.delay, w.config.max_attempts = 0.05, 600
        w.wait(**args)


def template(name: str) -> str:
    return (REPOSITORY / "templates" / f"{name}.json").read_text()


def service_parameters(tag: str, **more: str) -> list[dict]:
    """The parameters of the service template, for a stack on the network stack "network"."""
    values = {"StackName": "network", "ServiceName": "hello", "ImageUrl": f"docker.io/acme/hello:{tag}", **more}
    return [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
