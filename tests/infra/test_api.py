"""Promises about the front door."""

import json
from typing import Any

from chalicelib.web.edge import HEADERS
from tests.infra.reading import Reading


def test_there_is_one_stage_and_no_shadow_of_it(plain: Reading) -> None:
    (stage,) = plain.of_type("ApiGateway::Stage").values()
    (deployment,) = plain.of_type("ApiGateway::Deployment").values()

    assert stage["StageName"] == "api"
    assert "StageName" not in deployment


def test_the_endpoint_is_regional(plain: Reading) -> None:
    (api,) = plain.of_type("ApiGateway::RestApi").values()

    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_calls_are_throttled_and_their_bodies_never_logged(plain: Reading) -> None:
    (stage,) = plain.of_type("ApiGateway::Stage").values()
    (settings,) = stage["MethodSettings"]

    assert settings["ThrottlingRateLimit"] == {"Ref": "CallsPerSecond"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "CallsAtOnce"}
    assert settings["DataTraceEnabled"] is False


def test_what_the_gateway_refuses_by_itself_is_said_like_the_rest(plain: Reading) -> None:
    (api,) = plain.of_type("ApiGateway::RestApi").values()
    answers: dict[str, Any] = api["Body"]["x-amazon-apigateway-gateway-responses"]

    said = {kind: (answer.get("statusCode"), _body(answer)["error"]) for kind, answer in answers.items()}
    assert said == {
        "DEFAULT_4XX": (None, "forbidden"),
        "DEFAULT_5XX": (None, "failure"),
        "ACCESS_DENIED": ("403", "forbidden"),
        "MISSING_AUTHENTICATION_TOKEN": ("404", "not_found"),
        "RESOURCE_NOT_FOUND": ("404", "not_found"),
        "REQUEST_TOO_LARGE": ("413", "body_too_large"),
        "UNSUPPORTED_MEDIA_TYPE": ("415", "unsupported_media_type"),
        "THROTTLED": ("429", "too_many_requests"),
        "QUOTA_EXCEEDED": ("429", "too_many_requests"),
        "WAF_FILTERED": ("429", "too_many_requests"),
    }


def test_what_the_gateway_refuses_has_the_headers_of_every_answer(plain: Reading) -> None:
    (api,) = plain.of_type("ApiGateway::RestApi").values()
    quoted = {name: f"'{value}'" for name, value in HEADERS.items() if "'" not in value}  # the gateway cannot say a quote

    for kind, answer in api["Body"]["x-amazon-apigateway-gateway-responses"].items():
        told = {name.removeprefix("gatewayresponse.header."): value for name, value in answer["responseParameters"].items()}
        waits = told.pop("Retry-After", None)
        assert told == quoted
        assert (waits is not None) == (answer.get("statusCode") == "429"), kind


def _body(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["responseTemplates"]["application/json"])
    return found


def test_every_path_leads_to_the_one_function(plain: Reading) -> None:
    (api,) = plain.of_type("ApiGateway::RestApi").values()
    methods = [method for path in api["Body"]["paths"].values() for name, method in path.items() if name != "options"]

    uris = {json.dumps(method["x-amazon-apigateway-integration"]["uri"]) for method in methods}

    assert len(uris) == 1
    assert "${APIHandler.Arn}" in uris.pop()
