"""What is in the zip is listed, all of it and nothing else, so that whoever runs it knows what a new vulnerability concerns."""

import hashlib
import importlib.metadata
import json
import re
import zipfile
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from infra import sbom
from infra.package import Package
from tests.infra.test_pins import locked
from tests.stack import ROOT

# Pinned because others ask for them, and left out of the zip because no function uses them.
LEFT_OUT = {"pillow", "pycparser"}
OTHERS = {"chalice", "client-zip"}  # not unpacked from a wheel


@pytest.fixture
def listed(built: Package) -> dict[str, Any]:
    """Read the list."""
    read: dict[str, Any] = json.loads(built.sbom.read_text("utf-8"))
    return read


def pinned(component: dict[str, Any]) -> str:
    """Say a component in the words of a lock."""
    return re.sub(r"[-_.]+", "-", component["name"]).lower() + f"=={component['version']}"


def npm(name: str) -> str:
    """Say which version of a package of npm is wanted."""
    wanted: dict[str, dict[str, str]] = json.loads((ROOT / "package.json").read_text("utf-8"))
    return wanted["devDependencies"][name]


def test_it_is_what_it_says_it_is(built: Package, listed: dict[str, Any]) -> None:
    assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.6")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(built.sbom.read_text("utf-8")) is None


def test_every_distribution_in_the_zip_is_listed_and_no_other(built: Package, listed: dict[str, Any]) -> None:
    with zipfile.ZipFile(built.code) as archive:
        folders = {name.split("/")[0].removesuffix(".dist-info") for name in archive.namelist() if ".dist-info/" in name}

    told = {pinned(one) for one in listed["components"]}

    assert told == {re.sub(r"[-_.]+", "-", name).lower() + f"=={version}" for name, version in (one.split("-") for one in folders)} | {
        f"chalice=={importlib.metadata.version('chalice')}",
        f"client-zip=={npm('client-zip')}",
    }


def test_every_folder_of_the_zip_belongs_to_what_is_listed(built: Package, listed: dict[str, Any]) -> None:
    with zipfile.ZipFile(built.code) as archive:
        roots = {name.split("/")[0].partition(".")[0] for name in archive.namelist() if ".dist-info/" not in name}
    owners = importlib.metadata.packages_distributions()
    names = {one["name"].lower() for one in listed["components"]}

    ours = {"app", "chalicelib", "__pycache__"}
    assert {root for root in roots - ours if not {one.lower() for one in owners.get(root, [])} & names} == set()


def test_every_component_has_the_hash_that_was_pinned(listed: dict[str, Any]) -> None:
    pins = locked("requirements")
    unpacked = {pinned(one): {each["content"] for each in one["hashes"]} for one in listed["components"] if one["name"] not in OTHERS}

    assert {what for what, hashes in unpacked.items() if len(hashes & pins[what]) != 1} == set()
    assert {what.partition("==")[0] for what in set(pins) - set(unpacked)} - {"typing-extensions"} == LEFT_OUT


def test_of_chalice_the_files_that_are_packed_are_listed(built: Package, listed: dict[str, Any]) -> None:
    (chalice,) = [one for one in listed["components"] if one["name"] == "chalice"]

    with zipfile.ZipFile(built.code) as archive:
        files = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in ("chalice/__init__.py", "chalice/app.py")}
    assert {one["name"]: one["hashes"][0]["content"] for one in chalice["components"]} == files


def test_the_script_that_is_not_ours_is_listed_as_it_is_packed(built: Package, listed: dict[str, Any]) -> None:
    (script,) = [one for one in listed["components"] if one["name"] == "client-zip"]

    with zipfile.ZipFile(built.code) as archive:
        packed = hashlib.sha256(archive.read("chalicelib/static/js/client-zip.js")).hexdigest()
    assert script["purl"] == f"pkg:npm/client-zip@{npm('client-zip')}"
    assert [one["content"] for one in script["hashes"]] == [packed]


def test_every_component_says_its_licence(listed: dict[str, Any]) -> None:
    assert [one["name"] for one in listed["components"] if not one.get("licenses")] == []


def test_the_list_says_which_zip_it_is_of_and_is_made_again_to_the_byte(built: Package, listed: dict[str, Any]) -> None:
    ours = listed["metadata"]["component"]
    wheels = {one["name"]: one["hashes"][0]["content"] for one in listed["components"] if one["name"] not in OTHERS}
    project = {"name": ours["name"], "version": ours["version"], "license": "EUPL-1.2"}

    assert ours["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(built.code.read_bytes()).hexdigest()}]
    assert "timestamp" not in listed["metadata"]
    assert sbom.bill(built.code, wheels, project) == built.sbom.read_text("utf-8")
