"""Clear files to send: written on disk for the picker and the desktop, or made in the page when no disk takes their name."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import FilePayload

FRAME = 65_536  # bytes
PART = 8 * 1024 * 1024  # bytes of clear text


def noise(size: int, seed: int = 1) -> bytes:
    """Make bytes that nothing can compress, the same every time."""
    return random.Random(seed).randbytes(size)


def written(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files and answer where they lie, in order."""
    paths = [folder / name for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return paths


def payload(name: str, content: bytes) -> FilePayload:
    """Make a file whose name only a page can give it."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def digests(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Answer the SHA-256 of each, in hexadecimal."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
