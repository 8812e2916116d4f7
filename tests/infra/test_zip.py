"""Promises about the code that is shipped."""

import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chalicelib.rendering import environment
from infra.architecture import Architecture
from infra.package import Package, package
from infra.repair import check
from infra.slim import EPOCH
from tests.stack import ROOT
from tests.versions import snapshot

SHIPPED = [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]
WORKERS = [f"chalicelib.workers.{name}" for name in ("landed", "notices", "codes", "deliveries", "sweep", "found")]
CALLED = {name for path in SHIPPED for name in re.findall(r"\bclient\(\"([a-z0-9]+)\"", path.read_text("utf-8"))}
BARE = str(getattr(sys, "_base_executable", sys.executable))
DANGEROUS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
MACHINES = {Architecture.X86_64: 0x3E, Architecture.ARM64: 0xB7}  # EM_X86_64 and EM_AARCH64, as ELF numbers them
NEVER_CHECKED = (1).to_bytes(4, "little")  # PEP 552: by the hash of its source, which is not looked at
TEMPLATES = [path for path in (ROOT / "chalicelib" / "templates").rglob("*") if path.is_file()]
UNSAFE = {"subprocess", "pickle", "marshal", "shelve", "ctypes", "multiprocessing"}


def test_the_zip_holds_what_functions_run_and_no_more(built: Package) -> None:
    with zipfile.ZipFile(built.code) as archive:
        names = archive.namelist()

    roots = {name.split("/")[0] for name in names}
    assert not roots & {"tests", "docs", "infra", ".chalice", "node_modules", "build", ".local", ".venv", "pip", "setuptools", "ministack"}
    assert {"app.py", "chalicelib", "chalice"} <= roots
    assert "chalice/cli/__init__.py" not in names
    assert [name for name in names if name.endswith((".pem", ".key", ".env"))] == ["botocore/cacert.pem"]  # public authorities


def test_of_the_sdk_there_is_what_functions_call(built: Package, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.code) as archive:
        archive.extractall(tmp_path)
    data = tmp_path / "botocore" / "data"
    (partition,) = json.loads((data / "endpoints.json").read_text("utf-8"))["partitions"]
    models = list(data.glob("*/*/service-2.json"))

    assert {"dynamodb", "kms", "s3"} < CALLED
    assert {one.name for one in data.iterdir() if one.is_dir()} == CALLED
    assert {one.parent.parent.name for one in models} == CALLED
    assert {one.name for one in data.rglob("*.gz")} == {"endpoint-rule-set-1.json.gz"}
    assert [one for one in models if re.search('"documentation":"[^"]', one.read_text("utf-8"))] == []
    assert set(partition["services"]) == CALLED - {"sesv2"} | {"email"}
    assert "eu-west-3" in partition["regions"]


def test_the_sdk_calls_every_service_from_the_zip_alone(built: Package, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.code) as archive:
        archive.extractall(tmp_path)
    line = f"""import sys; sys.path.insert(0, {str(tmp_path)!r}); import boto3
session = boto3.Session("none", "none", region_name="eu-west-3")
for name in {sorted(CALLED)!r}:
    client = session.client(name)
    for operation in [one for one in dir(client) if one in client.meta.method_to_api_mapping]:
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
        if not (model.input_shape and model.input_shape.required_members):
            print(name, client.generate_presigned_url(operation).partition("?")[0])
print(name, client.generate_presigned_url("receive_message", {{"QueueUrl": "https://sqs.eu-west-3.amazonaws.com/1/q"}}).partition("?")[0])
print("s3", session.client("s3").generate_presigned_url("put_object", {{"Bucket": "files", "Key": "t/1"}}).partition("?")[0])
print("OpenSSL" in sys.modules)"""

    ended = subprocess.run([BARE, "-I", "-c", line], capture_output=True, text=True, check=False, env={})

    *called, bridged = ended.stdout.splitlines()
    assert ended.returncode == 0, ended.stderr
    assert bridged == "False"
    assert {one.split(" ")[0] for one in called} == CALLED
    elsewhere = ("s3 https://", "acm https://acm-acme.eu-west-3.")  # the second are calls of ACM that nobody makes here
    assert all(".eu-west-3.amazonaws.com/" in one or one.startswith(elsewhere) for one in called), called


def test_the_zip_starts_compiled(built: Package) -> None:
    tag = sys.implementation.cache_tag
    with zipfile.ZipFile(built.code) as archive:
        names = set(archive.namelist())
        checked = [name for name in names if name.endswith(".pyc") and archive.read(name)[4:8] != NEVER_CHECKED]

    sources = [name for name in names if name.endswith(".py") and name.startswith(("chalicelib/", "chalice/", "botocore/"))]
    compiled = [f"{Path(name).parent}/__pycache__/{Path(name).stem}.{tag}.pyc" for name in sources]

    assert sources
    assert set(compiled) <= names
    assert checked == []  # by time it would be compiled again at each start, for in a zip every time is the same


@pytest.fixture(params=Architecture)
def packed(request: pytest.FixtureRequest) -> tuple[Architecture, Package]:
    """Package for each processor."""
    return request.param, package(ROOT, request.param)


def test_compiled_code_is_for_the_processor_that_the_template_asks_for(packed: tuple[Architecture, Package]) -> None:
    architecture, built = packed
    with zipfile.ZipFile(built.code) as archive:
        compiled = {name: archive.read(name)[:20] for name in archive.namelist() if ".so" in Path(name).suffixes}
    functions = [one["Properties"] for one in built.template()["Resources"].values() if one["Type"] == "AWS::Lambda::Function"]

    assert functions
    assert [one["Architectures"] for one in functions] == [[architecture]] * len(functions)
    assert {"cryptography/hazmat/bindings/_rust.abi3.so"} <= set(compiled)
    assert {header[:4] for header in compiled.values()} == {b"\x7fELF"}
    assert {int.from_bytes(header[18:20], "little") for header in compiled.values()} == {MACHINES[architecture]}


def test_code_for_another_processor_is_refused(packed: tuple[Architecture, Package]) -> None:
    architecture, built = packed
    (other,) = set(Architecture) - {architecture}
    template = json.loads(built.sam.read_text("utf-8"))

    check(template, built.code, architecture)
    with pytest.raises(SystemExit, match=r"\.so is for another processor"):
        check(template, built.code, other)


def test_every_template_is_python_beforehand(built: Package, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.code) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "chalicelib"
    shutil.rmtree(folder / "templates")
    beforehand = environment(folder)

    names = {path.relative_to(ROOT / "chalicelib" / "templates").as_posix() for path in TEMPLATES}
    assert names
    assert {name for name in names if beforehand.get_template(name).name != name} == set()


def test_nothing_tells_of_the_machine_that_packed(built: Package) -> None:
    with zipfile.ZipFile(built.code) as archive:
        names = archive.namelist()
        telling = [name for name in names if sys.prefix.encode() in archive.read(name)]

    assert telling == []
    assert [name for name in names if name.endswith((".dist-info/RECORD", ".dist-info/INSTALLER", "direct_url.json"))] == []
    assert {one.date_time for one in archive.infolist()} == {EPOCH}


@pytest.mark.parametrize("architecture", Architecture)
def test_two_machines_build_the_same_bytes(tmp_path: Path, architecture: Architecture) -> None:
    package(ROOT, architecture)
    sources = snapshot(tmp_path / "sources")

    one, two = (package(Path(shutil.copytree(sources, tmp_path / name)), architecture) for name in ("one", "two"))

    assert [_digest(path) for path in (one.code, one.sam, one.sbom)] == [_digest(path) for path in (two.code, two.sam, two.sbom)]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("module", ["app", *WORKERS])
def test_each_handler_loads_from_the_zip_alone(built: Package, module: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(built.code) as archive:
        archive.extractall(tmp_path)
    line = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {module}"

    ended = subprocess.run([BARE, "-I", "-c", line], capture_output=True, text=True, check=False, env={})

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_shipped_code_runs_no_other_program_and_no_text(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]

    assert not imported & UNSAFE
    assert not set(calls) & DANGEROUS
