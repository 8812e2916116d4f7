"""What is installed, and what is shipped, is what was pinned: every file by its SHA-256."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from infra.architecture import own
from infra.dependencies import install
from tests.stack import ROOT

LOCKS = ("requirements", "requirements-dev")
PIN = re.compile(r"([a-z0-9-]+==[^ ;]+)(?: ; [^\\]+?)? ((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)+)\n")
WHEEL = "tampered-1.0-py3-none-any.whl"


def locked(name: str) -> dict[str, set[str]]:
    """Read a lock: the SHA-256 of every file that each pin allows."""
    text = (ROOT / f"{name}.txt").read_text("utf-8")
    return {what: set(re.findall(r"[0-9a-f]{64}", hashes)) for what, hashes in PIN.findall(text)}


def wished(name: str) -> list[str]:
    """Read what somebody wrote, in the words of the lock."""
    lines = (ROOT / f"{name}.in").read_text("utf-8").splitlines()
    said = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return [f"{re.sub(r'[-_.]+', '-', one.name).lower()}{one.specifier}" for one in said]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_pins_with_their_hashes_and_nothing_else(name: str) -> None:
    lines = (ROOT / f"{name}.txt").read_text("utf-8").splitlines()

    assert [line.split(" ")[0] for line in lines if line and line[0] not in " #"] == list(locked(name))


@pytest.mark.parametrize("name", LOCKS)
def test_what_somebody_wrote_is_locked_at_that_very_version(name: str) -> None:
    assert wished(name)
    assert [what for what in wished(name) if what not in locked(name)] == []


def test_what_is_tested_is_what_is_shipped() -> None:
    dev = locked("requirements-dev")

    assert {what: dev.get(what) for what in locked("requirements")} == locked("requirements")


def test_nothing_is_installed_without_its_hash() -> None:
    installing = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "pip install" in line]

    assert installing
    assert all("--require-hashes" in line for line in installing)


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Offer one wheel, and nothing else, to whoever installs."""
    wheel = tmp_path / "offered" / WHEEL
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tampered.py", "")
        archive.writestr("tampered-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tampered\nVersion: 1.0\n")
        archive.writestr("tampered-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tampered-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    return wheel


def test_a_wheel_with_the_pinned_hash_is_packed(offered: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(offered.read_bytes()).hexdigest()

    assert install(_pinned(tmp_path, f" --hash=sha256:{digest}"), own(), tmp_path / "packed") == {"tampered": digest}
    assert (tmp_path / "packed" / "tampered.py").is_file()


@pytest.mark.parametrize(("hashes", "why"), [(f" --hash=sha256:{64 * '0'}", "DO NOT MATCH THE HASHES"), ("", "Hashes are required")])
def test_a_wheel_with_another_hash_or_none_is_not(offered: Path, tmp_path: Path, hashes: str, why: str) -> None:
    with pytest.raises(SystemExit, match=why):
        install(_pinned(tmp_path, hashes), own(), tmp_path / "packed")

    assert not (tmp_path / "packed" / "tampered.py").exists()


def _pinned(folder: Path, hashes: str) -> Path:
    pins = folder / "requirements.txt"
    pins.write_text(f"tampered==1.0{hashes}\n", "utf-8")
    return pins
