"""No service holds or carries a clinic's data without a line in the list of certificates."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.hds import NOTICE, Service, clients_of, ended, scope, uncovered, warnings
from tests.infra.reading import Reading
from tests.stack import ROOT

TODAY = date(2026, 11, 24)


def a_service(**changes: Any) -> Service:
    """Answer a service whose certificate somebody has read."""
    return replace(Service("Amazon S3", ("S3",), ("s3",), "a reference", TODAY + timedelta(days=365), to_confirm=False), **changes)


def test_the_packaged_template_and_the_code_use_nothing_that_is_not_listed(plain: Reading) -> None:
    assert uncovered(scope(ROOT), plain.template, ROOT / "chalicelib") == []


def test_nothing_is_listed_that_nothing_uses(plain: Reading) -> None:
    used = {one["Type"].split("::")[1] for one in plain.resources.values()}
    asked = {client for path in (ROOT / "chalicelib").rglob("*.py") for client in clients_of(path.read_text("utf-8"))}

    listed = scope(ROOT)

    assert sorted(one for service in listed for one in service.resources) == sorted(used)
    assert sorted(one for service in listed for one in service.clients) == sorted(asked)


def test_a_resource_of_another_service_is_refused(plain: Reading) -> None:
    template = {"Resources": plain.resources | {"Pictures": {"Type": "AWS::Rekognition::Collection"}}}

    assert uncovered(scope(ROOT), template, ROOT / "chalicelib") == ["Pictures is of Rekognition, which infra/hds-scope.json does not list"]


@pytest.mark.parametrize(
    ("line", "client"),
    [
        ("boto3.client('textract')", "textract"),
        ("session.client(service_name='polly')", "polly"),
        ("boto3.resource('glacier', config=c)", "glacier"),
        ("session.client(name)", "?"),
    ],
)
def test_a_client_of_another_service_is_refused(tmp_path: Path, line: str, client: str) -> None:
    (tmp_path / "adapter.py").write_text(f"def made():\n    return {line}\n")

    assert uncovered(scope(ROOT), {"Resources": {}}, tmp_path) == [
        f"adapter.py makes a client of {client}, which infra/hds-scope.json does not list"
    ]


@pytest.mark.parametrize(("days", "warned", "refused"), [(-1, 0, 1), (0, 1, 0), (30, 1, 0), (NOTICE.days, 1, 0), (NOTICE.days + 1, 0, 0)])
def test_an_end_is_said_90_days_before_and_refused_afterwards(days: int, warned: int, refused: int) -> None:
    services = [a_service(expires=TODAY + timedelta(days=days))]

    assert (len(warnings(services, TODAY)), len(ended(services, TODAY))) == (warned, refused)


def test_what_nobody_has_confirmed_is_said() -> None:
    (said,) = warnings([a_service(certificate=None, expires=None, to_confirm=True)], TODAY)

    assert said.startswith("Nobody has confirmed yet that an HDS certificate covers Amazon S3")


@pytest.mark.parametrize("missing", ["certificate", "expires"])
def test_nothing_is_confirmed_without_saying_what(tmp_path: Path, missing: str) -> None:
    said = json.loads((ROOT / "infra/hds-scope.json").read_text("utf-8"))
    said["services"][0] |= {"certificate": "a reference", "expires": "2027-01-01", "to_confirm": False} | {missing: None}
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/hds-scope.json").write_text(json.dumps(said))

    with pytest.raises(ValueError, match="is confirmed without"):
        scope(tmp_path)
