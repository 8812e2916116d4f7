"""Make the zip of the functions start fast: compiled beforehand, without what no function uses, byte for byte reproducible."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from chalicelib.rendering import COMPILED, environment

# The AWS services our functions call.
SERVICES = frozenset({"acm", "dynamodb", "kms", "lambda", "s3", "sesv2", "sns", "sqs"})
ADDRESSED = SERVICES - {"sesv2"} | {"email"}  # the same, by their addresses
# Parts of dependencies that no function imports. Telephone numbers are read and written, never located; cryptography needs the
# compiled half of cffi only; nothing uses the resources of boto3. Certificates are printed with the fonts that every reader of PDF has
# and without pictures: fontTools is imported but reads no font, so its plain Python will do; Pillow is not needed. Of the hundred ASN.1
# modules, webauthn imports RFC 5280's. Phrases are told in French. botocore would import pyOpenSSL through urllib3 at each start, only to
# find the standard library's TLS behind it.
# What pip notes about its own work differs from one machine to the next.
UNUSED = (
    "*.dist-info/INSTALLER",
    "*.dist-info/RECORD",
    "*.dist-info/REQUESTED",
    "PIL",
    "bin",
    "boto3/data",
    "boto3/examples",
    "botocore/data/*/*/examples-1.json",
    "cffi",
    "fontTools/*/*.c",
    "fontTools/*/*.so",
    "fontTools/cu2qu",
    "fontTools/merge",
    "fontTools/mtiLib",
    "fontTools/qu2cu",
    "fontTools/t1Lib",
    "fontTools/ufoLib",
    "fontTools/voltLib",
    "mnemonic/wordlist/[!f]*.txt",
    "phonenumbers/carrierdata",
    "phonenumbers/geodata",
    "phonenumbers/shortdata/region_*.py",
    "phonenumbers/tzdata",
    "pillow-*.dist-info",
    "pillow.libs",
    "pyasn1_modules/rfc5[!2]*.py",
    "pyasn1_modules/rfc[!5]*.py",
    "pycparser",
    "pycparser-*.dist-info",
    "share",
    "urllib3/contrib/pyopenssl.py",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest instant a zip can tell; every entry carries it


def join(dependencies: Path, app: Path, target: Path) -> None:
    """Write at `target` the dependencies and the app, both zips; the app is compiled on the way."""
    with tempfile.TemporaryDirectory() as name:
        with zipfile.ZipFile(app) as archive:
            archive.extractall(name)
        prune(Path(name))
        write_templates(Path(name) / "chalicelib")
        compile_all(Path(name))
        shutil.copyfile(dependencies, target)
        pack(Path(name), target)


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


def shorten(tree: Path) -> None:
    """Leave out of botocore's models what it writes its own documentation from, and the addresses of services and places nobody calls."""
    data = tree / "botocore" / "data"
    for model in data.glob("*/*/service-2.json.gz"):
        described = json.loads(gzip.decompress(model.read_bytes()))
        model.with_suffix("").write_text(json.dumps(_undocumented(described), separators=(",", ":")), "utf-8")
        model.unlink()
    for path in data.glob("endpoints.json"):
        known = json.loads(path.read_text("utf-8"))
        known["partitions"] = [one for one in known["partitions"] if one["partition"] == "aws"]
        for partition in known["partitions"]:
            partition["services"] = {name: one for name, one in partition["services"].items() if name in ADDRESSED}
        path.write_text(json.dumps(known, separators=(",", ":")), "utf-8")


def write_templates(app: Path) -> None:
    """Turn the templates into Python beforehand: a first page would spend half its time on that."""
    environment(app).compile_templates(app / COMPILED, zip=None, ignore_errors=False)


def _undocumented(model: Any) -> Any:
    """Answer a model with empty prose: botocore reads some of it. What is called `documentation` and is no text is the service's own."""
    if isinstance(model, list):
        return [_undocumented(one) for one in model]
    if not isinstance(model, dict):
        return model
    return {name: "" if name == "documentation" and isinstance(one, str) else _undocumented(one) for name, one in model.items()}


def compile_all(tree: Path) -> None:
    """Compile in place; by a hash that is never checked, because times inside a zip are all the same."""
    options = ["-q", "-j", "0", "-s", str(tree), "--invalidation-mode", "unchecked-hash"]
    subprocess.run([sys.executable, "-m", "compileall", *options, str(tree)], check=True)


def pack(tree: Path, target: Path) -> None:
    """Add every file of `tree` to the zip at `target`, in a fixed order with fixed times."""
    with zipfile.ZipFile(target, "a") as archive:
        for path in sorted(item for item in tree.rglob("*") if item.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(tree).as_posix(), EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=6)
