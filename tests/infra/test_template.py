"""Promises about the template as a whole."""

import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file

from infra.package import Package
from tests.infra.reading import Reading, strings

REGION = re.compile(
    r"\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d\b"
)


@pytest.mark.parametrize("which", ["sam", "cloudformation"])
def test_the_linter_finds_nothing(built: Package, which: str) -> None:
    template: Path = getattr(built, which)

    matches = lint_file(template, config={"regions": ["eu-west-3"]})

    assert [str(match) for match in matches] == []


def test_paris_is_the_only_region_named(built: Package) -> None:
    text = built.cloudformation.read_text(encoding="utf-8")

    assert set(REGION.findall(text)) <= {"eu-west-3"}


def test_nothing_is_served_from_the_edge_of_the_network(plain: Reading) -> None:
    kinds = {one["Type"] for one in plain.resources.values()}

    assert not {kind for kind in kinds if "CloudFront" in kind or "GlobalAccelerator" in kind}


def test_only_expected_services_are_used(plain: Reading) -> None:
    services = {one["Type"].split("::")[1] for one in plain.resources.values()}

    assert services == {
        "ApiGateway",
        "Budgets",
        "CloudTrail",
        "CloudWatch",
        "DynamoDB",
        "Events",
        "IAM",
        "KMS",
        "Lambda",
        "Logs",
        "S3",
        "SES",
        "SNS",
        "SQS",
        "WAFv2",
    }


def test_no_secret_is_written_in_the_template(plain: Reading) -> None:
    suspicious = re.compile(r"AKIA|ASIA|BEGIN [A-Z ]*PRIVATE KEY|password|secret", re.IGNORECASE)

    found = {text for text in strings(plain.template) if suspicious.search(text)}

    calls = {"/api/account/password", "/api/signin/password"}
    rights = {"clinic-secret", "MakeTheClinicsSecret", "OpenTheClinicsSecret"}  # a purpose of the key, and who may use it for that
    assert found - calls == rights


@pytest.mark.parametrize("name", ["TransfersBucket", "RecordsTable", "KeysTable", "ClinicKey", "AuditBucket", "WatchKey"])
def test_what_holds_files_outlives_the_stack(plain: Reading, name: str) -> None:
    resource: dict[str, Any] = plain.resources[name]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_placeholders_are_gone(plain: Reading) -> None:
    assert [text for text in strings(plain.template) if "replaced-by-template" in text] == []
