"""Another version of the product than the one that is there: the same sources with something changed, packaged."""

import shutil
from pathlib import Path

from infra.package import Package, package
from infra.stamp import BUILDERS, SHIPPED
from tests.stack import ROOT

FIELD = "novelty"  # of every item that the next version writes
WRITES = '"Item": written(item)'


def snapshot(target: Path) -> Path:
    """Copy all that goes into the package, with the dependencies already gathered."""
    for name in (*SHIPPED, *BUILDERS, "build/dependencies"):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place)
    return target


def next_version(folder: Path) -> Package:
    """Package a version whose items have one field more."""
    root = snapshot(folder)
    table = root / "chalicelib" / "adapters" / "dynamodb" / "table.py"
    source = table.read_text("utf-8")
    assert WRITES in source
    table.write_text(source.replace(WRITES, f'"Item": written({{"{FIELD}": "of the next version", **item}})'), "utf-8")
    return package(root)
