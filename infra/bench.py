"""Measure what a visitor waits for: how long a function takes to load, and how fast the clinic on this machine answers."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

from infra.local.clinic import Ports, opened
from infra.package import package

MODULES = ("app", "chalicelib.workers.landed", "chalicelib.workers.notices", "chalicelib.workers.sweep")
LOADS, CALLS = 7, 100
PORTS = Ports(8701, 8702, 8703)


def main() -> None:
    """Print each measure on a line of its own."""
    built = package(Path.cwd())
    with tempfile.TemporaryDirectory() as name:
        with zipfile.ZipFile(built.code) as archive:
            archive.extractall(name)
            _say("zip", built.code.stat().st_size / 1e6, "MB")
            _say("unpacked", sum(entry.file_size for entry in archive.infolist()) / 1e6, "MB")
        for module in MODULES:
            _say(f"load {module}", statistics.median(_load(module, name) for _ in range(LOADS)), "ms")
    with tempfile.TemporaryDirectory() as name:
        before = time.monotonic()
        with opened(built, Path(name), PORTS, keep=False) as clinic:
            _say("open the clinic", (time.monotonic() - before) * 1000, "ms")
            calls = sorted(_call(f"{clinic.origin}/about") for _ in range(CALLS))
            _say("page, warm, median", statistics.median(calls), "ms")
            _say("page, warm, 95 %", calls[CALLS * 95 // 100], "ms")


def _load(module: str, folder: str) -> float:
    """Import a module of the unpacked zip in a fresh interpreter that sees nothing else; answer milliseconds."""
    bare = str(getattr(sys, "_base_executable", sys.executable))
    line = f"import sys, time; sys.path.insert(0, {folder!r}); t = time.perf_counter(); import {module}; print((time.perf_counter() - t) * 1000)"
    ended = subprocess.run([bare, "-I", "-c", line], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    return float(ended.stdout)


def _call(url: str) -> float:
    before = time.perf_counter()
    urllib.request.urlopen(url).read()
    return (time.perf_counter() - before) * 1000


def _say(what: str, number: float, unit: str) -> None:
    sys.stdout.write(f"{what:34} {number:10.1f} {unit}\n")


if __name__ == "__main__":
    main()
