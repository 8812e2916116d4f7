"""Promises about what others find in the template: every finding has its reason, and every reason its finding."""

from typing import Any

import yaml

from infra.lint import Finding, faults, policies, reasons
from tests.infra.reading import Reading, strings
from tests.stack import ROOT

SAID: list[dict[str, Any]] = yaml.safe_load((ROOT / "infra" / "lint.yaml").read_text("utf-8"))
STAR, TRACE = Finding("STAR", "CodesRole"), Finding("TRACE", "Stage")


def test_a_finding_with_its_reason_is_no_fault() -> None:
    assert faults({STAR: "too much"}, {STAR: "a number has no name"}) == []


def test_a_finding_without_a_reason_is_a_fault() -> None:
    assert faults({STAR: "too much", TRACE: "no traces"}, {STAR: "a number has no name"}) == ["Stage: no traces (TRACE)"]


def test_a_reason_without_a_finding_is_a_fault() -> None:
    assert faults({}, {STAR: "a number has no name"}) == ["infra/lint.yaml: STAR finds nothing in CodesRole any more"]


def test_every_finding_that_stays_is_of_a_resource_and_says_why(plain: Reading) -> None:
    explained = reasons(SAID)

    assert {one.resource for one in explained} <= set(plain.resources)
    assert all(len(why) > 60 for why in explained.values())
    assert len(explained) == sum(len(one["in"]) for one in SAID)  # none twice


def test_a_policy_is_read_with_arns_in_the_place_of_what_makes_them(plain: Reading) -> None:
    read = dict(policies(plain.template))
    resources = {one["Sid"]: one["Resource"] for one in read["ApiHandlerRole"]["Statement"]}

    assert set(read) == set(plain.of_type("IAM::Role")) - {"GatewayLogsRole"}
    assert resources["KeepWrappedKeys"] == "arn:aws:dynamodb:eu-west-3:111122223333:table/KeysTable"
    assert resources["SignAddressesOfSealedFiles"] == "arn:aws:s3:::TransfersBucket/t/*"
    assert not [text for text in strings(read) if "${" in text or "Fn::" in text]
