"""Know whether anything that goes into the package has changed since it was last built."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.architecture import Architecture

SHIPPED = ("app.py", "requirements.txt", ".chalice/config.json", "chalicelib", "infra/resources", "infra/policies", "infra/hds-scope.json")
BUILDERS = (
    "pyproject.toml",
    *(
        f"infra/{name}.py"
        for name in ("architecture", "dependencies", "hds", "merge", "package", "repair", "sbom", "slim", "stamp", "translate")
    ),
)


def digest(root: Path, architecture: Architecture) -> str:
    """Answer a digest of every source of the package, and of the processor and the Python version it is compiled for."""
    total = hashlib.sha256(f"{architecture} {sys.version}".encode())
    for path in _sources(root):
        total.update(f"\0{path.relative_to(root)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for place in (root / name for name in SHIPPED + BUILDERS):
        if place.is_dir():
            yield from (item for item in sorted(place.rglob("*")) if item.is_file() and "__pycache__" not in item.parts)
        else:
            yield place
