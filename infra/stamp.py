"""Know whether anything that goes into the package has changed since it was last built."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = ("app.py", "requirements.txt", ".chalice/config.json", "chalicelib", "infra/resources", "infra/policies", "infra")


def digest(root: Path) -> str:
    """Answer a digest of every source of the package, and of the Python version it is compiled for."""
    total = hashlib.sha256(sys.version.encode())
    for path in _sources(root):
        total.update(f"\0{path.relative_to(root)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        place = root / name
        if place.is_file():
            yield place
        elif name == "infra":  # what builds the package, not what runs it on one machine
            yield from sorted(place.glob("*.py"))
        else:
            yield from (item for item in sorted(place.rglob("*")) if item.is_file() and "__pycache__" not in item.parts)
