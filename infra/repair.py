"""Mend what Chalice leaves in the packaged template, and refuse to ship one that breaks a promise."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from infra.architecture import Architecture
from infra.merge import Template

# Nothing of these may be in the zip: it holds what functions run, and no more.
FOREIGN = ("tests/", "docs/", "infra/", "chalice/cli/", ".chalice/", "node_modules/")
CODE_LIMIT = 50 * 1024 * 1024  # bytes of a zip that Lambda takes directly


def repair(template: Template) -> Template:
    """Return the template as it should have been."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            _mend_function(resource["Properties"])
    return template


def _mend_function(properties: dict[str, Any]) -> None:
    """Drop the tracing mode that says nothing, so that no tracing rights are implied."""
    if properties.get("Tracing") == "PassThrough":
        del properties["Tracing"]


def check(template: Template, code: Path, architecture: Architecture) -> None:
    """Raise SystemExit with one sentence if the template or the zip must not be deployed."""
    for sentence in _faults(template, code, architecture):
        raise SystemExit(f"The package is refused: {sentence}")


def _faults(template: Template, code: Path, architecture: Architecture) -> list[str]:
    faults = [
        f"{name} mixes two ways of naming one thing: {place}"
        for name, resource in template["Resources"].items()
        for place in _mixed(resource)
    ]
    if "Globals" not in template or "OpenApiVersion" not in template["Globals"].get("Api", {}):
        faults.append("SAM would add a second public stage")
    with zipfile.ZipFile(code) as archive:
        faults += [f"{name} is in the zip" for name in archive.namelist() if name.startswith(FOREIGN)]
        faults += [f"{name} is for another processor" for name in _compiled(archive) if _machine(archive, name) != architecture.elf]
    if code.stat().st_size > CODE_LIMIT:
        faults.append("the zip is larger than Lambda takes")
    return faults


def _compiled(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.endswith(".so") or ".so." in name]


def _machine(archive: zipfile.ZipFile, name: str) -> int:
    """Answer the processor that compiled code says it is for (e_machine of the ELF header, in little end)."""
    with archive.open(name) as code:
        return int.from_bytes(code.read(20)[18:], "little")


def _mixed(value: Any) -> list[str]:
    """List the intrinsics that merging has left beside another key, which CloudFormation refuses."""
    if isinstance(value, list):
        return [place for item in value for place in _mixed(item)]
    if not isinstance(value, dict):
        return []
    here = [key for key in value if key == "Ref" or key.startswith("Fn::")] if len(value) > 1 else []
    return here + [place for item in value.values() for place in _mixed(item)]
