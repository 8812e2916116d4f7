"""Certificates are printed from the zip alone: without Pillow, which its library asks for, and without compiled parts."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from chalicelib import printing
from infra.package import Package
from tests.certificates import a_certificate

PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
from chalicelib import printing
sys.stdout.buffer.write(printing.certificate(json.load(sys.stdin), "fr"))
"""


def test_a_certificate_printed_by_the_zip_is_the_one_printed_here(built: Package, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.code) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    bare = str(getattr(sys, "_base_executable", sys.executable))
    statement = a_certificate((60, 3))

    command = [bare, "-I", "-W", "error", "-c", PROGRAM, str(tmp_path)]
    ended = subprocess.run(command, input=json.dumps(statement).encode(), capture_output=True, check=False, env={})

    assert ended.stderr == b""
    assert ended.stdout == printing.certificate(statement, "fr")
    assert not [name for name in names if name.startswith(("PIL", "pillow")) or (name.startswith("fontTools") and name.endswith(".so"))]
