# SPDX-License-Identifier: Apache-2.0
"""An OpenAPI 3.1 document that answers can be held to, also for members it does not name."""
import json
import re

import jsonschema

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time")
def is_time(value):
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value))


@FORMATS.checks("json-pointer")
def is_pointer(value):
    return not isinstance(value, str) or bool(re.fullmatch(r"(/([^~]|~[01])*)*", value))


def closed(schema):
    """The schema with every object that names members closed to others: an answer may grow in a
    later version, but not without the document growing too."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


class ApiDocument:
    def __init__(self, document):
        self.document = document
        self.strict = {**document, "components": closed(document["components"])}
        self.seen = set()  # (operation, status) that were held to the document.

    def operations(self):
        """(method, path, operation) of each."""
        return [(method.upper(), path, operation) for path, item in self.document["paths"].items()
                for method, operation in item.items()]

    def resolve(self, node):
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def validate(self, value, schema):
        resolver = jsonschema.RefResolver("", self.strict)
        jsonschema.Draft202012Validator(closed(schema), resolver=resolver,
                                        format_checker=FORMATS).validate(value)

    def check(self, answer, method, path, status):
        """Holds a real answer to what the document says of it; `status` is the one expected."""
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        operation = self.document["paths"][path][method.lower()]
        responses = operation["responses"]
        documented = self.resolve(responses[str(status)] if str(status) in responses
                                  else responses["default"])
        self.seen.add((operation["operationId"], str(status)))
        if "content" not in documented:
            assert not answer.content and "Content-Type" not in answer.headers
            return answer
        kind = answer.headers["Content-Type"]
        assert kind in documented["content"], f"{method} {path} {status}: {kind}"
        schema = documented["content"][kind]["schema"]
        if kind.endswith("json") and "ndjson" not in kind:
            self.validate(json.loads(answer.content), schema)
        elif "ndjson" in kind:
            for line in answer.content.splitlines():
                self.validate(json.loads(line), {"$ref": "#/components/schemas/Event"})
        known = documented.get("headers", {})
        for name in set(self.document["components"]["headers"]) & set(answer.headers):
            assert name in known, f"{method} {path} {status}: undocumented header {name}"
            self.validate(_number_or_text(answer.headers[name]),
                          self.resolve(known[name])["schema"])
        return answer


def _number_or_text(text):
    return int(text) if text.isdigit() else text
