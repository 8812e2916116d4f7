"""List what is in the zip, as a bill of materials in CycloneDX 1.6: read from the zip itself, and the same for the same bytes.

A distribution that was unpacked tells the SHA-256 of its wheel; of Chalice, which packs two of its own files, theirs are told.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CLIENT_ZIP = "2.5.1"  # of npm, the one script that is not ours: chalicelib/static/js/client-zip.js
LONGEST = 100  # characters of a licence's name; some distributions put its whole text there


def bill(code: Path, hashes: Mapping[str, str], project: Mapping[str, Any]) -> str:
    """Answer the bill of the zip at `code`, as JSON.

    `hashes` are the SHA-256 of the unpacked wheels by distribution, `project` the table of that name in pyproject.toml.
    """
    packed: dict[str, Distribution] = {canonicalize_name(one.name): one for one in distributions(path=[str(code)])}
    components = {name: _component(one, [_hash(hashes[one.name])]) for name, one in packed.items()}
    packed["chalice"] = distribution("chalice")
    components["chalice"] = _component(packed["chalice"], [], _files(code, "chalice/"))
    components["client-zip"] = _script(code)
    digest = hashlib.sha256(code.read_bytes()).hexdigest()
    made = Bom(components=components.values(), serial_number=uuid5(NAMESPACE_OID, digest))
    made.metadata.timestamp = None  # type: ignore[assignment] # the same bytes tomorrow
    made.metadata.component = _ours(project, digest)
    made.register_dependency(made.metadata.component, components.values())
    for name, one in packed.items():
        made.register_dependency(components[name], [components[other] for other in _required(one) if other in components])
    return JsonV1Dot6(made).output_as_string(indent=1) + "\n"


def _ours(project: Mapping[str, Any], digest: str) -> Component:
    return Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        hashes=[_hash(digest)],
        licenses=_licences([project["license"]]),
    )


def _component(one: Distribution, hashes: Iterable[HashType], files: Iterable[Component] = ()) -> Component:
    purl = PackageURL("pypi", name=canonicalize_name(one.name), version=one.version)
    return Component(
        name=one.name,
        version=one.version,
        bom_ref=purl.to_string(),
        purl=purl,
        hashes=hashes,
        licenses=_licences(_declared(one)),
        components=files,
    )


def _script(code: Path) -> Component:
    """Tell of the script that browsers are given and others wrote."""
    purl = PackageURL("npm", name="client-zip", version=CLIENT_ZIP)
    with zipfile.ZipFile(code) as archive:
        digest = hashlib.sha256(archive.read("chalicelib/static/js/client-zip.js")).hexdigest()
    licences = _licences(["MIT"])
    return Component(name=purl.name, version=CLIENT_ZIP, bom_ref=purl.to_string(), purl=purl, hashes=[_hash(digest)], licenses=licences)


def _files(code: Path, folder: str) -> list[Component]:
    """List the sources of a folder of the zip."""
    with zipfile.ZipFile(code) as archive:
        sources = {name: archive.read(name) for name in archive.namelist() if name.startswith(folder) and name.endswith(".py")}
    return [
        Component(name=name, type=ComponentType.FILE, bom_ref=name, hashes=[_hash(hashlib.sha256(content).hexdigest())])
        for name, content in sources.items()
    ]


def _declared(one: Distribution) -> list[str]:
    """List what a distribution says of its licence: one expression of SPDX, or what was said before there were any."""
    said = one.metadata.json
    if "license_expression" in said:
        return [str(said["license_expression"])]
    name = str(said.get("license", ""))
    kinds = [kind.rpartition(" :: ")[2] for kind in said.get("classifier", []) if kind.startswith("License :: ")]
    several = len(kinds) > 1
    return kinds if several or not name or len(name) > LONGEST else [name]


def _licences(declared: Iterable[str]) -> list[License]:
    make = LicenseFactory().make_from_string
    return [make(one, license_acknowledgement=LicenseAcknowledgement.DECLARED) for one in declared]


def _required(one: Distribution) -> list[str]:
    """List what a distribution requires when nothing optional is asked for."""
    said = [Requirement(line) for line in one.requires or []]
    return [canonicalize_name(need.name) for need in said if need.marker is None or need.marker.evaluate({"extra": ""})]


def _hash(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
