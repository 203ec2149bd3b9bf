"""Holds raw responses against botocore's service models, strictly.

botocore's own parsers pass over what they do not know; here an unknown member is a
finding, as are missing required members, values of the wrong type or form, values
that are no member of their enum, and error codes that the operation does not have.
"""

import json
import re
from xml.etree import ElementTree

# Members that AWS has and the pinned botocore has not yet, as "Shape.Member", with the
# type of aws-sdk-go-v2 that has them. A line that nothing needs fails the test.
NEWER = {}

# Values that AWS gives and its models do not list, by shape: a stack's own events bear
# the statuses of the stack (user guide, "Stack status codes").
BEYOND_ENUM = {
    "ResourceStatus": {"REVIEW_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"},
}

# Codes that every operation can answer, beside those that its model lists, and why.
COMMON_ERRORS = {
    "query": {
        "ValidationError": "how Query APIs say all that has no code of its own (Common Errors)",
        "MalformedInput": "a request that cannot be read",
        "InvalidAction": "an unknown operation (Common Errors)",
        "MissingAction": "a request without operation (Common Errors)",
        "Throttling": "too many requests (Common Errors)",
        "AccessDenied": "IAM (Common Errors)",
    },
    # S3 has its errors in one list, "Error responses" of the API reference.
    "rest-xml": {
        "NoSuchBucket": "in that list",
        "NoSuchKey": "in that list",
        "InvalidBucketName": "in that list",
        "BucketNotEmpty": "in that list",
        "NotImplemented": "in that list: what the embedded AWS refuses and AWS does not",
        "AccessDenied": "in that list",
    },
    "json": {
        "SerializationException": "a request that cannot be read",
        "UnknownOperationException": "an unknown operation",
        "ValidationException": "what ECS calls InvalidParameterException is this in Systems Manager",
        "ThrottlingException": "too many requests (Common Errors)",
        "AccessDeniedException": "IAM (Common Errors)",
        "InvalidParameterException": "ECS has it in all operations but lists it in most",
        "ClientException": "ECS has it in all operations but lists it in most",
        "UnsupportedFeatureException": "what the embedded AWS refuses and AWS does not",
    },
}

# The statuses of S3's errors that are not 400 (API reference, "Error responses").
S3_STATUSES = {"NoSuchBucket": 404, "NoSuchKey": 404, "BucketNotEmpty": 409, "NotImplemented": 501, "AccessDenied": 403}

# Headers of transport, which no operation's model has, and S3's common ones (API
# reference, "Common Response Headers").
HEADERS = {"date", "content-length", "content-type", "x-amz-request-id"}

TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
INTEGER = re.compile(r"^-?\d+$")


def check(operation, response: dict) -> list[str]:
    """What is wrong with a response, as botocore hands it to before-parse."""
    c = _Checker(operation)
    try:
        (c.success if response["status_code"] < 300 else c.error)(response)
    except (ValueError, ElementTree.ParseError) as e:
        c.found("", f"cannot be read: {e}: {response['body'][:200]!r}")
    return c.findings


class _Checker:
    def __init__(self, operation):
        self.operation = operation
        self.protocol = operation.service_model.resolved_protocol
        self.findings = []

    def found(self, path, text):
        self.findings.append(f"{self.operation.name}: {path or 'the response'} {text}")

    def success(self, response):
        shape = self.operation.output_shape
        if self.protocol == "json":
            body = json.loads(response["body"] or b"{}")
            if shape is None:
                if body != {}:
                    self.found("", f"has a body and the operation no output: {body}")
                return
            self.json("", body, shape)
            return
        if self.protocol == "rest-xml":
            return self.rest(response, shape)
        root = self.root(response, self.operation.name + "Response")
        children = {_local(e): e for e in root}
        if len(children) != len(root):
            self.found("", "has an element twice")
        metadata = children.pop("ResponseMetadata", None)
        if metadata is None or not metadata.findtext("{*}RequestId"):
            self.found("", "has no ResponseMetadata with a RequestId")
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        if set(children) != ({wrapper} if wrapper else set()):
            self.found("", f"has the elements {sorted(children)}, want {wrapper or 'none'}")
        elif wrapper:
            self.xml("", children[wrapper], shape)

    def rest(self, response, shape):
        """Members are in headers, and in an XML root that is named as nothing in the model."""
        members = shape.members if shape is not None else {}
        headers = {m.serialization["name"].lower() for m in members.values() if m.serialization.get("location") == "header"}
        prefixes = tuple(m.serialization["name"].lower() for m in members.values() if m.serialization.get("location") == "headers")
        for name, value in response["headers"].items():
            name = name.lower()
            if name not in headers | HEADERS and not (prefixes and name.startswith(prefixes)):
                self.found("", f"has the header {name}, which the operation does not have")
        for name, member in members.items():
            header = member.serialization.get("name", "")
            if member.serialization.get("location") == "header" and header in response["headers"] and member.type_name == "string":
                self.text(name, response["headers"][header], member)
        payload = shape.serialization.get("payload") if shape is not None else None
        if payload and members[payload].type_name == "blob":
            return  # a stream, which the caller reads
        shape = members[payload] if payload else shape
        body = {n: m for n, m in (shape.members if shape is not None else {}).items() if "location" not in m.serialization}
        if not response["body"]:
            return
        root = ElementTree.fromstring(response["body"])
        if not root.tag.startswith("{http://s3.amazonaws.com/doc/2006-03-01/}") or not body:
            return self.found("", f"has the body {response['body'][:200]!r}")
        if len(body) == 1 and _local(root) in body:  # GetBucketLocation: the root is the member
            return root.text and self.xml(_local(root), root, body[_local(root)])
        self.xml("", root, shape)

    def error(self, response):
        if self.protocol == "rest-xml" and self.operation.http["method"] == "HEAD":
            if response["body"]:
                self.found("the error", "has a body, and the request is a HEAD")
            return
        if self.protocol == "json":
            body = json.loads(response["body"])
            code = body.pop("__type", "").split("#")[-1]
        elif self.protocol == "rest-xml":
            body = {_local(e): e.text for e in ElementTree.fromstring(response["body"])}
            code = body.pop("Code", "")
            if not body.pop("RequestId", ""):
                self.found("the error", "has no RequestId")
            body.pop("Resource", None)
        else:
            root = self.root(response, "ErrorResponse")
            if [_local(e) for e in root] != ["Error", "RequestId"]:
                self.found("the error", f"has the elements {[_local(e) for e in root]}")
            body = {_local(e): e.text for e in root[0]}
            code = body.pop("Code", "")
            fault = "Sender" if response["status_code"] < 500 else "Receiver"
            if body.pop("Type", None) != fault:
                self.found("the error", f"is not of the type {fault}")
        shape, status = None, S3_STATUSES.get(code, 400) if self.protocol == "rest-xml" else 400
        for s in self.operation.error_shapes:
            if code == s.error_code:
                shape, status = s, s.metadata.get("error", {}).get("httpStatusCode", 400)
        if shape is None and code not in COMMON_ERRORS[self.protocol]:
            self.found("the error", f"has the code {code!r}, which the operation does not have")
        if response["status_code"] != status:
            self.found(f"the error {code}", f"has the status {response['status_code']}, want {status}")
        members = {"message", "Message"} | (set(shape.members) if shape is not None else set())
        for name in set(body) - members:
            self.found(f"the error {code}", f"has the unknown member {name}")

    def root(self, response, want):
        root = ElementTree.fromstring(response["body"])
        namespace = self.operation.service_model.metadata["xmlNamespace"]
        if root.tag != "{%s}%s" % (namespace, want):
            self.found("", f"is a {root.tag}, want {want} of {namespace}")
        return root

    # Values. A path names the place in the response, for people.

    def json(self, path, v, shape):
        if v is None:
            return self.found(path, "is null, which AWS leaves out")
        kinds = {
            "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool,
            "integer": int, "long": int, "float": (int, float), "double": (int, float), "timestamp": (int, float),
        }
        if not isinstance(v, kinds[shape.type_name]) or isinstance(v, bool) != (shape.type_name == "boolean"):
            return self.found(path, f"is {v!r}, want a {shape.type_name}")
        if shape.type_name == "structure":
            names = {m.serialization.get("name", n): m for n, m in shape.members.items()}
            self.members(path, list(v), names, shape)
            for name in set(v) & set(names):
                self.json(_join(path, name), v[name], names[name])
        elif shape.type_name == "list":
            for i, e in enumerate(v):
                self.json(f"{path}[{i}]", e, shape.member)
        elif shape.type_name == "map":
            for key, e in v.items():
                self.json(f"{path}[{key}]", e, shape.value)
        elif shape.type_name == "string":
            self.text(path, v, shape)

    def xml(self, path, e, shape):
        kind = shape.type_name
        if kind in ("structure", "list", "map") and (e.text or "").strip():
            return self.found(path, f"has the text {e.text!r}, want a {kind}")
        if kind == "structure":
            names = {_element(n, m): m for n, m in shape.members.items()}
            flat = {n for n, m in names.items() if m.serialization.get("flattened")}
            have = [_local(child) for child in e]
            self.members(path, [n for n in have if n not in flat] + sorted(flat & set(have)), names, shape)
            for child in e:
                if _local(child) in flat:
                    self.xml(_join(path, _local(child)), child, names[_local(child)].member)
                elif _local(child) in names:
                    self.xml(_join(path, _local(child)), child, names[_local(child)])
        elif kind == "list":
            for i, child in enumerate(e):
                if _local(child) != shape.member.serialization.get("name", "member"):
                    self.found(path, f"has a {_local(child)} among its elements")
                self.xml(f"{path}[{i}]", child, shape.member)
        elif kind == "map":
            for entry in e:
                self.xml(f"{path}[{entry.findtext('{*}key')}]", entry.find("{*}value"), shape.value)
        elif len(e):
            self.found(path, f"has elements, want a {kind}")
        else:
            self.scalar(path, e.text or "", shape)

    def scalar(self, path, text, shape):
        kind = shape.type_name
        forms = {"integer": INTEGER, "long": INTEGER, "timestamp": TIMESTAMP, "boolean": re.compile("^(true|false)$")}
        if kind in forms and not forms[kind].match(text):
            self.found(path, f"is {text!r}, want a {kind}")
        elif kind in ("float", "double"):
            float(text)
        elif kind == "string":
            self.text(path, text, shape)

    def text(self, path, text, shape):
        if shape.enum and text not in {*shape.enum, *BEYOND_ENUM.get(shape.name, ())}:
            self.found(path, f"is {text!r}, want one of {shape.enum}")
        pattern = shape.metadata.get("pattern")
        if pattern and not re.fullmatch(_python(pattern), text):
            self.found(path, f"is {text!r}, want it to match {pattern}")
        lowest, highest = shape.metadata.get("min", 0), shape.metadata.get("max", len(text))
        if not lowest <= len(text) <= highest:
            self.found(path, f"has {len(text)} characters, want {lowest} to {highest}")

    def members(self, path, have, names, shape):
        for name in have:
            if have.count(name) > 1:
                self.found(path, f"has {name} more than once")
            if name not in names:
                key = f"{shape.name}.{name}"
                if key in NEWER:
                    NEWER[key] = None
                else:
                    self.found(path, f"has the member {name}, which {shape.name} does not have")
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in have:
                self.found(path, f"has no {name}, which {shape.name} must have")


def unused() -> list[str]:
    """What is listed as newer than botocore and was not met."""
    return [f"NEWER lists {key}, which botocore knows or nothing answers" for key, source in NEWER.items() if source]


def _python(pattern):
    """A pattern as Python's regular expressions have it, without classes of Unicode."""
    return re.sub(r"\\p\{[LZN]\}", r"\\w\\s", pattern)


def _element(name, member):
    """The name of a member's element; a flattened list has it from its elements."""
    if member.serialization.get("flattened"):
        name = member.member.serialization.get("name", name)
    return member.serialization.get("name", name)


def _local(element):
    return element.tag.rpartition("}")[2]


def _join(path, name):
    return f"{path}.{name}" if path else name
