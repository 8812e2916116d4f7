"""How long the packaged template takes to stand on the emulator, from nothing, with the package built."""

import tempfile
import time
from pathlib import Path

from infra.local.deploy import demo, deploy
from infra.local.emulator import running
from infra.package import package
from tests.stack import free_ports


def seconds(root: Path) -> float:
    """Start an emulator that holds nothing, and give the time of the deployment."""
    built = package(root)
    with tempfile.TemporaryDirectory(prefix="sceau-bench-") as folder, running(free_ports().emulator, Path(folder), keep=False) as emulator:
        begun = time.perf_counter()
        deploy(emulator, built, demo("http://localhost:8000", "production", "none"))
        return time.perf_counter() - begun
