"""What docs/reference/openapi.yaml says of each call, and whether a call and its answer are as it says."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

ROOT = Path(__file__).parents[1]
PATH = ROOT / "docs" / "reference" / "openapi.yaml"
DESCRIPTION: dict[str, Any] = yaml.load(PATH.read_text("utf-8"), Loader=yaml.CSafeLoader)
METHODS = ("get", "post", "put", "delete")
JSON = "application/json"

Route = tuple[str, str]
OPERATIONS: dict[Route, dict[str, Any]] = {
    (method.upper(), path): said for path, item in DESCRIPTION["paths"].items() for method, said in item.items() if method in METHODS
}


def followed(said: dict[str, Any]) -> dict[str, Any]:
    """Give what a reference leads to, or what is no reference."""
    if "$ref" not in said:
        return said
    found: Any = DESCRIPTION
    for step in said["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return {**followed(found), **{name: value for name, value in said.items() if name != "$ref"}}


def request(route: Route) -> dict[str, Any] | None:
    """Give the schema of a call's body, if it has one."""
    body = OPERATIONS[route].get("requestBody")
    return None if body is None else followed(body["content"][JSON]["schema"])


def answers(route: Route) -> dict[int, dict[str, Any]]:
    """Give what a call may answer, by status."""
    return {int(status): followed(said) for status, said in OPERATIONS[route]["responses"].items()}


def codes(route: Route) -> dict[int, set[str]]:
    """Give the codes a call may be refused with, by status."""
    said = {status: one["content"][JSON]["schema"] for status, one in answers(route).items() if 400 <= status != 500}
    return {status: set(schema["properties"]["error"]["enum"]) for status, schema in said.items()}


@cache
def _body(route: Route) -> jsonschema_rs.Validator:
    return _validator(OPERATIONS[route]["requestBody"]["content"][JSON]["schema"])


@cache
def _answer(route: Route, status: int) -> jsonschema_rs.Validator:
    return _validator(answers(route)[status]["content"][JSON]["schema"])


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "components": DESCRIPTION["components"]}, validate_formats=True)


def require_described(route: Route, body: object, status: int, answer: Any, *, cookies: bool) -> None:
    """Fail where an answer is not among those described, or where a body was taken that the description does not allow."""
    assert status in answers(route), (route, status, answer)
    said = answers(route)[status]
    if "content" in said:
        _answer(route, status).validate(answer)
    else:
        assert answer is None, (route, status)
    assert not cookies or "Set-Cookie" in said.get("headers", {}), (route, status)
    if status < 300 and request(route) is not None:
        _body(route).validate(body)
