"""Promises about the front door."""

import json
from typing import Any

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

    assert {"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "REQUEST_TOO_LARGE", "MISSING_AUTHENTICATION_TOKEN"} <= set(answers)
    for answer in answers.values():
        assert "error" in json.loads(answer["responseTemplates"]["application/json"])
        headers = answer["responseParameters"]
        assert headers["gatewayresponse.header.X-Content-Type-Options"] == "'nosniff'"
        assert "max-age=63072000" in headers["gatewayresponse.header.Strict-Transport-Security"]


def test_every_path_leads_to_the_one_function(plain: Reading) -> None:
    (api,) = plain.of_type("ApiGateway::RestApi").values()
    methods = [method for path in api["Body"]["paths"].values() for name, method in path.items() if name != "options"]

    uris = {json.dumps(method["x-amazon-apigateway-integration"]["uri"]) for method in methods}

    assert len(uris) == 1
    assert "${APIHandler.Arn}" in uris.pop()
