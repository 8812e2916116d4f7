"""Gather what the functions depend on, for the machines of Lambda; slow, so done once for each set of pins."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra import slim
from infra.architecture import Architecture

GLIBC = 34 if sys.version_info >= (3, 12) else 26  # minor of 2.x: Amazon Linux 2023 from Python 3.12 on, Amazon Linux 2 before


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What was gathered; it is never changed afterwards."""

    folder: Path

    @property
    def code(self) -> Path:
        """Answer where the zip of it lies, pruned and compiled."""
        return self.folder / "code.zip"

    @property
    def hashes(self) -> Path:
        """Answer where the SHA-256 of each wheel that was unpacked lies, as JSON, by the name of its distribution."""
        return self.folder / "hashes.json"


def gathered(root: Path, architecture: Architecture) -> Dependencies:
    """Gather every pinned requirement for one processor, unless it is there already."""
    pins = root / "requirements.txt"
    recipe = [pins, Path(slim.__file__), Path(__file__)]
    wanted = hashlib.sha256(f"{sys.version}{architecture}".encode() + b"\0".join(one.read_bytes() for one in recipe))
    target = Dependencies(root / "build" / "dependencies" / wanted.hexdigest()[:16])
    if not target.folder.is_dir():
        draft = Dependencies(target.folder.with_suffix(".draft"))
        shutil.rmtree(draft.folder, ignore_errors=True)
        draft.folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as name:
            hashes = install(pins, architecture, Path(name))
            slim.prune(Path(name))
            slim.shorten(Path(name))
            slim.compile_all(Path(name))
            slim.pack(Path(name), draft.code)
        draft.hashes.write_text(json.dumps(hashes, indent=1, sort_keys=True), "utf-8")
        draft.folder.rename(target.folder)
    return target


def install(pins: Path, architecture: Architecture, folder: Path) -> dict[str, str]:
    """Unpack the wheels that Lambda can run, whatever this machine is; answer the SHA-256 of each by the name of its distribution.

    Raises SystemExit when a wheel's SHA-256 is not one that `pins` names, or `pins` names none.
    """
    report = folder.with_suffix(".json")
    platforms = [f"manylinux_2_{minor}" for minor in range(GLIBC, 16, -1)] + ["manylinux2014"]
    machine = [f"--platform={one}_{architecture.machine}" for one in platforms] + ["--implementation=cp", "--only-binary=:all:"]
    how = ["--require-hashes", "--no-deps", "--no-compile", f"--target={folder}", f"--report={report}", "--quiet"]
    pip = [sys.executable, "-m", "pip", "install", *how, *machine, f"--requirement={pins}"]
    ended = subprocess.run(pip, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"The dependencies could not be gathered:\n{ended.stdout}{ended.stderr}")
    unpacked = json.loads(report.read_text("utf-8"))["install"]
    report.unlink()
    return {one["metadata"]["name"]: one["download_info"]["archive_info"]["hashes"]["sha256"] for one in unpacked}
