"""docs/reference/openapi.yaml is an OpenAPI document, and describes every route, gate and refusal of the code, and no other."""

import re
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from chalicelib.web import edge
from chalicelib.web.guard import Gate, Passer
from tests.description import DESCRIPTION, OPERATIONS, answers, codes, followed, request
from tests.unit.test_docs import refusals_raised

Route = tuple[str, str]
each_operation = pytest.mark.parametrize("route", OPERATIONS, ids=" ".join)
SCHEMES = {Passer.RECIPIENT: "recipient", Passer.HALF: "half", Passer.JOINING: "joining", Passer.MEMBER: "member"}
BY_THE_GATEWAY = "unsupported_media_type"


def references(inside: Any) -> set[str]:
    """List every reference in a piece of the document."""
    if isinstance(inside, list):
        return set().union(*map(references, inside))
    if not isinstance(inside, dict):
        return set()
    own = {inside["$ref"]} if isinstance(inside.get("$ref"), str) else set()
    return own.union(*map(references, inside.values()))


def parameters(route: Route) -> list[dict[str, Any]]:
    """List the parameters of a call, its path's too."""
    shared = DESCRIPTION["paths"][route[1]].get("parameters", [])
    return [followed(one) for one in [*shared, *OPERATIONS[route].get("parameters", [])]]


def test_it_is_a_valid_document_of_openapi_3_1() -> None:
    assert DESCRIPTION["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(DESCRIPTION).iter_errors()] == []


def test_whatever_is_described_for_several_calls_is_used_by_one_at_least() -> None:
    parts = {f"#/components/{kind}/{name}" for kind, named in DESCRIPTION["components"].items() for name in named}

    assert parts - references(DESCRIPTION) == {f"#/components/securitySchemes/{name}" for name in SCHEMES.values()}


def test_every_route_of_the_api_is_described_and_no_other() -> None:
    served = {(method, path) for path, methods in app.routes.items() for method in methods if path.startswith("/api/")}

    assert set(OPERATIONS) == served


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one["operationId"] for one in OPERATIONS.values()]

    assert len(set(names)) == len(names)


@each_operation
def test_the_gate_of_a_route_is_its_security_and_what_is_done_behind_it_the_role(route: Route) -> None:
    gate = edge.GATES[route]
    assert isinstance(gate, Gate)

    wanted = [] if gate.passer is Passer.ANYBODY else [{SCHEMES[gate.passer]: [] if gate.action is None else [str(gate.action)]}]

    assert OPERATIONS[route]["security"] == wanted


@each_operation
def test_the_headers_a_call_needs_are_among_its_parameters(route: Route) -> None:
    named = {one["name"] for one in parameters(route)}

    assert ({"Origin", "Sec-Fetch-Site"} <= named) is (route[0] not in edge.SAFE_METHODS)
    assert (edge.SHOWN_TO in {name.lower() for name in named}) is (edge.GATES[route].passer in (Passer.HALF, Passer.JOINING, Passer.MEMBER))  # type: ignore[attr-defined]
    assert {one["name"] for one in parameters(route) if one["in"] == "path"} == set(re.findall(r"{(\w+)}", route[1]))
    assert (request(route) is not None) is (route[0] in edge.BODY_METHODS)


def test_every_refusal_is_described_with_its_statuses_and_no_described_one_is_dead() -> None:
    described: dict[str, set[int]] = {}
    for route in OPERATIONS:
        for status, said in codes(route).items():
            for code in said:
                described.setdefault(code, set()).add(status)

    assert described.pop(BY_THE_GATEWAY) == {415}
    assert described == refusals_raised()


@each_operation
def test_whatever_any_call_may_be_refused_with_is_described_of_each(route: Route) -> None:
    said, gate = codes(route), edge.GATES[route]

    assert "too_many_requests" in said[429]
    assert 500 in answers(route)
    assert ("not_found" in said.get(404, ())) >= ("{" in route[1])
    if route[0] not in edge.SAFE_METHODS:
        assert (said[400], said[413]) == ({"bad_json"}, {"body_too_large"})
        assert "foreign_origin" in said[403]
        assert "unknown_field" in said[422]
    if gate is not edge.GATES["POST", "/api/join"]:
        assert "signin_required" in said[401]
