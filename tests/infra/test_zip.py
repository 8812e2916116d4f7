"""Promises about the code that is shipped."""

import ast
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.package import Package
from infra.slim import slim
from tests.stack import ROOT

SHIPPED = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
DANGEROUS = {"eval", "exec", "compile", "__import__", "system", "popen"}
UNSAFE = {"subprocess", "pickle", "marshal", "shelve", "ctypes", "multiprocessing"}


def test_the_zip_holds_what_functions_run_and_no_more(built: Package) -> None:
    with zipfile.ZipFile(built.code) as archive:
        names = archive.namelist()

    roots = {name.split("/")[0] for name in names}
    assert not roots & {"tests", "docs", "infra", ".chalice", "node_modules", "build", ".local", ".venv", "pip", "setuptools", "ministack"}
    assert {"app.py", "chalicelib", "chalice"} <= roots
    assert "chalice/cli/__init__.py" not in names
    assert not [name for name in names if name.endswith((".pem", ".key", ".env"))]


def test_the_zip_starts_compiled(built: Package) -> None:
    tag = sys.implementation.cache_tag
    with zipfile.ZipFile(built.code) as archive:
        names = set(archive.namelist())

    sources = [name for name in names if name.endswith(".py") and name.startswith(("chalicelib/", "chalice/", "botocore/"))]
    compiled = [f"{Path(name).parent}/__pycache__/{Path(name).stem}.{tag}.pyc" for name in sources]

    assert sources
    assert set(compiled) <= names


def test_slimming_twice_gives_the_same_bytes(built: Package, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"

    slim(built.code, again)

    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(built.code.read_bytes()).digest()


@pytest.mark.parametrize("module", ["app", "chalicelib.workers.landed", "chalicelib.workers.notices", "chalicelib.workers.sweep"])
def test_each_handler_loads_from_the_zip_alone(built: Package, module: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.code) as archive:
        archive.extractall(tmp_path)
    bare = str(getattr(sys, "_base_executable", sys.executable))
    line = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {module}"

    ended = subprocess.run([bare, "-I", "-c", line], capture_output=True, text=True, check=False, env={})

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_shipped_code_runs_no_other_program_and_no_text(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in ast.walk(tree) if isinstance(node, ast.Call)}

    bare = {getattr(node.func, "id", "") for node in ast.walk(tree) if isinstance(node, ast.Call)}

    assert not imported & UNSAFE
    assert not bare & DANGEROUS
    assert not called & {"system", "popen"}
