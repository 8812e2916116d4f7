"""Make the zip that Chalice built start fast: compiled beforehand, without what no function uses, byte for byte reproducible."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The AWS services our functions call, and what botocore itself reads at the root of its data.
SERVICES = frozenset({"dynamodb", "kms", "s3", "sesv2", "sns", "sqs", "sts"})
# Parts of dependencies that no function imports. Telephone numbers are read and written, never located; cryptography needs the
# compiled half of cffi only; nothing uses the resources of boto3.
UNUSED = (
    "bin",
    "boto3/data",
    "boto3/examples",
    "botocore/data/*/*/examples-1.json",
    "cffi",
    "phonenumbers/carrierdata",
    "phonenumbers/geodata",
    "phonenumbers/shortdata/region_*.py",
    "phonenumbers/tzdata",
    "pycparser",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest instant a zip can tell; every entry carries it


def slim(source: Path, target: Path) -> None:
    """Rewrite the zip at `source` as `target`: pruned, compiled for this interpreter, in a fixed order with fixed times."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        with zipfile.ZipFile(source) as archive:
            archive.extractall(tree)
        prune(tree)
        _compile(tree)
        _pack(tree, target)


def prune(tree: Path) -> None:
    """Remove from an unpacked zip what no function uses."""
    unused = [found for pattern in UNUSED for found in tree.glob(pattern)]
    unused += [folder for folder in (tree / "botocore" / "data").glob("*/") if folder.name not in SERVICES]
    unused += list(tree.rglob("__pycache__"))
    for found in unused:
        if found.is_dir():
            shutil.rmtree(found)
        else:
            found.unlink()


def _compile(tree: Path) -> None:
    """Compile in place; a hash that is never checked, because times inside a zip are all the same."""
    options = ["-q", "-j", "0", "-s", str(tree), "--invalidation-mode", "unchecked-hash"]
    subprocess.run([sys.executable, "-m", "compileall", *options, str(tree)], check=True)


def _pack(tree: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(item for item in tree.rglob("*") if item.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(tree).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=6)
