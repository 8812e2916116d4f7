"""Promises about what stands before the front door: the clinic's name, the firewall, and what is written of each call."""

import json
import re
from typing import Any

import pytest

from app import app
from tests.infra.reading import Reading

TLS = re.compile(r"SecurityPolicy_TLS13_1_[23]_")  # 1.3 or 1.2, and nothing older
# What is written of a call: none of these names who called, or what they asked for.
KNOWN = {
    "$context.requestId",
    "$context.requestTimeEpoch",
    "$context.httpMethod",
    "$context.resourcePath",
    "$context.status",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.integration.status",
    "$context.error.responseType",
    "$context.tlsVersion",
}


@pytest.fixture
def rules(plain: Reading) -> dict[str, dict[str, Any]]:
    """Read the rules of the firewall by name."""
    return {rule["Name"]: rule for rule in plain.properties("Firewall")["Rules"]}


def test_the_clinics_name_is_regional_and_leads_to_the_stage(plain: Reading) -> None:
    (domain,) = plain.of_type("ApiGateway::DomainName").values()
    (mapping,) = plain.of_type("ApiGateway::BasePathMapping").values()

    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert (domain["DomainName"], domain["RegionalCertificateArn"]) == ({"Ref": "Domain"}, {"Ref": "CertificateArn"})
    assert mapping == {"DomainName": {"Ref": "ClinicDomain"}, "RestApiId": {"Ref": "RestAPI"}, "Stage": {"Ref": "RestAPIapiStage"}}


@pytest.mark.parametrize("name", ["ClinicDomain", "RestAPI"])
def test_tls_is_1_2_or_better_and_a_name_is_asked_for_by_that_name(plain: Reading, name: str) -> None:
    resource = plain.properties(name)

    assert TLS.match(resource["SecurityPolicy"])
    assert "_PFS_" in resource["SecurityPolicy"]
    assert resource["EndpointAccessMode"] == "STRICT"


def test_with_a_name_there_is_no_other_address(plain: Reading) -> None:
    configuration = plain.properties("RestAPI")["Body"]["x-amazon-apigateway-endpoint-configuration"]
    named = {name for name, one in plain.resources.items() if one.get("Condition") == "Named"}

    assert configuration == {"disableExecuteApiEndpoint": {"Fn::If": ["Named", True, False]}}
    assert plain.template["Conditions"]["Named"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, "none"]}]}
    assert named == {"ClinicDomain", "ClinicDomainMapping"}
    assert {name for name, one in plain.template["Outputs"].items() if one.get("Condition") == "Named"} == {
        "RegionalDomain",
        "RegionalHostedZone",
    }


def test_a_name_without_its_certificate_is_refused_before_anything_is_made(plain: Reading) -> None:
    rule = plain.template["Rules"]["ANameHasItsCertificate"]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, "none"]}]}
    assert [one["Assert"] for one in rule["Assertions"]] == [{"Fn::Not": [{"Fn::Equals": [{"Ref": "CertificateArn"}, "none"]}]}]


def test_the_firewall_stands_before_the_stage_whatever_its_name(plain: Reading) -> None:
    (stands,) = plain.of_type("WAFv2::WebACLAssociation").values()

    assert stands["WebACLArn"] == {"Fn::GetAtt": ["Firewall", "Arn"]}
    assert stands["ResourceArn"]["Fn::Sub"].endswith("/restapis/${RestAPI}/stages/${RestAPIapiStage}")
    assert plain.template["Conditions"]["Walled"] == {"Fn::Equals": [{"Ref": "WithFirewall"}, "on"]}
    assert plain.template["Parameters"]["WithFirewall"]["Default"] == "on"
    assert {plain.resources[name]["Condition"] for name in ("Firewall", "FirewallAtTheDoor")} == {"Walled"}
    assert plain.properties("Firewall")["Scope"] == "REGIONAL"


def test_the_firewall_counts_by_address_and_codes_more_tightly(plain: Reading, rules: dict[str, dict[str, Any]]) -> None:
    limits = {name: rule["Statement"]["RateBasedStatement"] for name, rule in rules.items()}
    parameters = plain.template["Parameters"]

    assert {name: (one["AggregateKeyType"], one["EvaluationWindowSec"], one["Limit"]) for name, one in limits.items()} == {
        "codes": ("IP", 300, {"Ref": "CodeCallsPerIp"}),
        "calls": ("IP", 300, {"Ref": "CallsPerIp"}),
    }
    assert all(rule["Action"] == {"Block": {}} for rule in rules.values())
    assert parameters["CodeCallsPerIp"]["Default"] < parameters["CallsPerIp"]["Default"]
    assert parameters["CallsPerIp"]["Default"] < 300 * parameters["CallsPerSecond"]["Default"]  # one address is not everybody


def test_every_way_in_without_a_session_is_counted_tightly_and_nothing_else(rules: dict[str, dict[str, Any]]) -> None:
    match = rules["codes"]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["RegexMatchStatement"]
    counted = {path for path in app.routes if re.search(match["RegexString"], path)}

    ways_in = {path for path in app.routes if path.startswith(("/api/signin/", "/api/join"))}
    assert counted == ways_in | {"/api/collect/codes", "/api/collect/sessions"}
    assert re.search(match["RegexString"], "/api/api/signin/codes")
    assert match["FieldToMatch"] == {"UriPath": {}}


def test_the_firewall_reads_no_body_and_keeps_no_request(plain: Reading, rules: dict[str, dict[str, Any]]) -> None:
    seen = [plain.properties("Firewall")["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in rules.values())]

    assert all(one["SampledRequestsEnabled"] is False and one["CloudWatchMetricsEnabled"] is True for one in seen)
    assert not plain.of_type("WAFv2::LoggingConfiguration")
    assert not {"Body", "JsonBody", "ManagedRuleGroupStatement"} & set(re.findall(r"\w+", json.dumps(list(rules.values()))))


def test_of_a_call_the_log_says_its_route_and_never_who_or_what(plain: Reading) -> None:
    (stage,) = plain.of_type("ApiGateway::Stage").values()
    line = stage["AccessLogSetting"]["Format"]

    assert set(re.findall(r"\$context[\w.]+", line)) == KNOWN
    assert set(json.loads(line).values()) == KNOWN
    assert "\n" not in line


def test_calls_are_logged_in_a_group_of_their_own(plain: Reading) -> None:
    (stage,) = plain.of_type("ApiGateway::Stage").values()

    assert stage["AccessLogSetting"]["DestinationArn"]["Fn::Sub"].endswith(":log-group:${AccessLogs}")
    assert plain.properties("AccessLogs")["LogGroupName"] == {"Fn::Sub": "/sceau/${ClinicId}/access"}


def test_the_gateway_may_log_before_it_is_told_to(plain: Reading) -> None:
    role = plain.properties("GatewayLogsRole")

    assert plain.resources["RestAPI"]["DependsOn"] == "GatewayAccount"
    assert plain.properties("GatewayAccount") == {"CloudWatchRoleArn": {"Fn::GetAtt": ["GatewayLogsRole", "Arn"]}}
    assert [one["Principal"] for one in role["AssumeRolePolicyDocument"]["Statement"]] == [{"Service": "apigateway.amazonaws.com"}]
    for name in ("GatewayAccount", "GatewayLogsRole"):  # other clinics of the account go on needing them
        assert plain.resources[name]["DeletionPolicy"] == "Retain"
