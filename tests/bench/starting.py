"""How long the packaged API function takes to import, in a process that has just begun."""

import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from infra.package import package

RUNS = 7
TIMED = "import time; begun = time.perf_counter(); import app; print((time.perf_counter() - begun) * 1000)"


def import_milliseconds(root: Path) -> float:
    """Give the median of several fresh imports, in milliseconds, from the very zip that is deployed."""
    with tempfile.TemporaryDirectory(prefix="sceau-bench-") as folder, zipfile.ZipFile(package(root).code) as code:
        code.extractall(folder)
        return statistics.median(_once(Path(folder)) for _ in range(RUNS))


def _once(folder: Path) -> float:
    """Import once, with nothing on the path but the function's own code."""
    process = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {TIMED}"]
    return float(subprocess.run(process, cwd=folder, capture_output=True, text=True, check=True).stdout)
