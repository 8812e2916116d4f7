"""Gather what the functions depend on, for the machines of Lambda; slow, so done once for each set of pins."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from infra import slim


def gathered(root: Path) -> Path:
    """Answer a zip of every pinned requirement, pruned and compiled, made only if it is not there yet."""
    pins = root / "requirements.txt"
    wanted = hashlib.sha256(sys.version.encode() + pins.read_bytes() + Path(slim.__file__).read_bytes())
    target = root / "build" / "dependencies" / f"{wanted.hexdigest()[:16]}.zip"
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".draft")
        with tempfile.TemporaryDirectory() as name:
            _install(pins, Path(name))
            slim.prune(Path(name))
            slim.compile_all(Path(name))
            draft.unlink(missing_ok=True)
            slim.pack(Path(name), draft)
        draft.rename(target)
    return target


def _install(pins: Path, folder: Path) -> None:
    """Unpack the wheels that fit Lambda's glibc, as Chalice chooses them, whatever this machine is."""
    from chalice.deploy.packager import DependencyBuilder
    from chalice.utils import OSUtils

    builder = DependencyBuilder(OSUtils())
    builder.build_site_packages(f"cp{sys.version_info.major}{sys.version_info.minor}", str(pins), str(folder))
