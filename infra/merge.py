"""Gather infra/resources/*.yaml into the one JSON file that `chalice package` merges into its own template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

Template = dict[str, Any]


def gather(folder: Path) -> Template:
    """Read every resource file and lay them over one another.

    Raises ValueError when two files say different things about the same place.
    """
    gathered: Template = {}
    for path in sorted(folder.glob("*.yaml")):
        _lay(gathered, yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
    return gathered


def write_merge_file(folder: Path, target: Path) -> None:
    """Write the gathered resources as JSON: in YAML, Chalice would emit aliases that CloudFormation does not promise to read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(gather(folder), indent=1, sort_keys=True), encoding="utf-8")


def _lay(below: Template, above: Template, where: str) -> None:
    for name, value in above.items():
        place = f"{where}: {name}"
        if isinstance(value, dict) and isinstance(below.setdefault(name, {}), dict):
            _lay(below[name], value, place)
        elif name in below and below[name] not in ({}, value):
            raise ValueError(f"{place} is already said elsewhere")
        else:
            below[name] = value
