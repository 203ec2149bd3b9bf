"""Runs one module: see the package."""

import importlib
import json
import os
import sys

from .aws import AWS


def main() -> None:
    aws = AWS(json.loads(os.environ["OPERATIONS"]))
    try:
        importlib.import_module("." + sys.argv[1], __package__).run(aws)
    finally:
        for finding in dict.fromkeys(aws.findings):  # each once, in order
            print(finding)


main()
