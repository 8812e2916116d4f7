"""The fields a call knows, and those it must be given, are those that docs/reference/openapi.yaml describes."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.usecases.ports import Ports
from tests.builders import a_sending
from tests.description import DESCRIPTION, OPERATIONS, followed, request
from tests.http.test_bodies import calm, changed, world
from tests.http.visitor import CHECK, bodies
from tests.unit.test_docs import CODE

Route = tuple[str, str]
Schema = dict[str, Any]
TREES = [ast.parse(path.read_text("utf-8")) for path in (CODE / "web").glob("*.py")]
NAMES = {node.value for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
MAY_LACK = {"Refusal", "Nothing", "Credential", "Person", "Recipient", "Wish", "Link"}  # in a refusal, in what is asked, or elsewhere's


def places(schema: Schema, body: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Schema]]:
    """List the objects of a body that have fields of their own, with the way to them."""
    said = followed(schema)
    if isinstance(body, dict) and said.get("type") == "object":
        yield at, said
        for name, inner in body.items():
            yield from places(said.get("properties", {}).get(name, {}), inner, (*at, name))
    if isinstance(body, list) and body and "items" in said:
        yield from places(said["items"], body[0], (*at, 0))


each_body = pytest.mark.parametrize("route", sorted(set(bodies()) - {CHECK}), ids=" ".join)


@each_body
def test_the_fields_a_call_knows_are_those_described(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)
    honest = bodies(a_sending(ports))[route]
    names = {name for name in NAMES if name.isidentifier()}

    for at, said in places(request(route) or {}, honest):
        if said.get("additionalProperties") is False:
            seen = {name: visitor.call(*route, changed(honest, (*at, name), 1), **params) for name in names}
            known = {name for name, one in seen.items() if one.status < 300 or one.error != "unknown_field"}
            assert known == set(said.get("properties", {})), at
            calm(ports)


@each_body
def test_the_fields_a_call_must_be_given_are_those_described(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)
    honest = bodies(a_sending(ports))[route]

    for at, said in places(request(route) or {}, honest):
        for name in said.get("properties", {}):
            inside: Any = honest
            for step in at:
                inside = inside[step]
            without = {field: value for field, value in inside.items() if field != name}
            seen = visitor.call(*route, changed(honest, at, without) if at else without, **params)
            missing = seen.status == 422 and seen.json == {"error": "missing_field", "field": ".".join(map(str, (*at, name)))}
            assert missing is (name in said.get("required", ())), (at, name)
            calm(ports)


def objects(schema: Any) -> Iterator[Schema]:
    """List every object with fields, in a piece of the document."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") in ("object", ["object", "null"]):
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    if isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


def test_no_object_has_a_field_that_is_not_described() -> None:
    assert [one for one in objects(DESCRIPTION) if one.get("additionalProperties") is not False] == []


def test_an_answer_has_every_field_that_is_described() -> None:
    shared = {name: schema for name, schema in DESCRIPTION["components"]["schemas"].items() if name not in MAY_LACK}
    own = [said for one in OPERATIONS.values() for said in one["responses"].values() if "content" in said]
    counted = {"active", "invited", "disabled", "password", "authenticator"}  # of the report: nothing is said of none

    for one in [*objects(shared), *objects([said["content"] for said in own])]:
        lacking = set(one["properties"]) - set(one.get("required", ()))
        assert not lacking or (lacking & counted and lacking == set(one["properties"])), one
