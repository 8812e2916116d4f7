"""A package that breaks a promise is refused, in one sentence, before anything is deployed."""

import copy
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import repair
from infra.architecture import own
from infra.package import Package
from infra.repair import check

Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Pack one file that may be packed."""
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", "")
    return path


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda one: one["Globals"]["Api"].pop("OpenApiVersion"), "SAM would add a second public stage"),
        (lambda one: one.pop("Globals"), "SAM would add a second public stage"),
        (
            lambda one: one["Resources"]["Landed"]["Properties"]["Events"]["LandedSqsEventSource"]["Properties"]["Queue"].update(Ref="x"),
            "Landed mixes two ways of naming one thing: Fn::GetAtt",
        ),
    ],
    ids=["no version", "no globals", "two names"],
)
def test_a_template_that_breaks_a_promise_is_refused(sam: dict[str, Any], small: Path, spoil: Spoil, sentence: str) -> None:
    check(sam, small, own())
    spoilt = copy.deepcopy(sam)
    spoil(spoilt)

    with pytest.raises(SystemExit, match=f"The package is refused: {sentence}"):
        check(spoilt, small, own())


@pytest.mark.parametrize("name", ["tests/fakes.py", "docs/x.md", "infra/package.py", "chalice/cli/__init__.py", ".chalice/config.json"])
def test_a_foreign_file_is_refused(sam: dict[str, Any], small: Path, name: str) -> None:
    with zipfile.ZipFile(small, "a") as archive:
        archive.writestr(name, "")

    with pytest.raises(SystemExit, match="is in the zip"):
        check(sam, small, own())


def test_a_zip_that_lambda_would_not_take_is_refused(sam: dict[str, Any], small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "CODE_LIMIT", small.stat().st_size - 1)

    with pytest.raises(SystemExit, match="larger than Lambda takes"):
        check(sam, small, own())


def test_no_function_is_traced(built: Package, sam: dict[str, Any]) -> None:
    assert [name for name, one in sam["Resources"].items() if "Tracing" in one["Properties"]] == []
    assert "xray" not in json.dumps(built.template()).lower()
