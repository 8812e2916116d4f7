"""Package the app as AWS will run it: `python -m infra.package [arm64|x86_64]` fills build/package.

sam.json              the template to deploy, with deployment.zip beside it
cloudformation.json   the same, as AWS::Serverless translates it
merge.json            what infra/resources added to Chalice's own template
sbom.json             what is in the zip, as a bill of materials
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from infra import hds, sbom
from infra.architecture import Architecture, own
from infra.dependencies import gathered
from infra.merge import Template, write_merge_file
from infra.repair import check, repair
from infra.slim import join
from infra.stamp import digest
from infra.translate import REGION, translate

STAGE = "clinic"
KEPT = 3  # packages; whoever still reads an older one has been at it for long


@dataclass(frozen=True, slots=True)
class Package:
    """What was built, and where it lies; it is never changed afterwards."""

    folder: Path

    @property
    def code(self) -> Path:
        """Answer where the zip of every function lies."""
        return self.folder / "deployment.zip"

    @property
    def sbom(self) -> Path:
        """Answer where the list of what is in the zip lies."""
        return self.folder / "sbom.json"

    @property
    def sam(self) -> Path:
        """Answer where the template for AWS lies."""
        return self.folder / "sam.json"

    @property
    def cloudformation(self) -> Path:
        """Answer where the translated template lies."""
        return self.folder / "cloudformation.json"

    def template(self) -> Template:
        """Read the translated template."""
        read: Template = json.loads(self.cloudformation.read_text(encoding="utf-8"))
        return read


def package(root: Path, architecture: Architecture | None = None) -> Package:
    """Build the package under `root`/build, unless it is there already; for this machine's processor, if not told."""
    target, shelf = architecture or own(), root / "build" / "packages"
    built = Package(shelf / digest(root, target)[:16])
    with _alone(shelf):
        if not built.folder.is_dir():
            _build(root, built, target)
        _point(root / "build" / "package", built.folder)
    return built


def _build(root: Path, built: Package, architecture: Architecture) -> None:
    """Build beside the final place and move there at the end, so that a package is whole or absent."""
    draft = Package(built.folder.with_suffix(".draft"))
    shutil.rmtree(draft.folder, ignore_errors=True)
    draft.folder.mkdir()
    write_merge_file(root / "infra" / "resources", draft.folder / "merge.json")
    with tempfile.TemporaryDirectory() as name:
        _run_chalice(_copy(root, Path(name), architecture), draft.folder)
    app = draft.code.rename(draft.folder / "app.zip")
    dependencies = gathered(root, architecture)
    join(dependencies.code, app, draft.code)
    app.unlink()
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    draft.sbom.write_text(sbom.bill(draft.code, json.loads(dependencies.hashes.read_text("utf-8")), project), encoding="utf-8")
    template = repair(json.loads(draft.sam.read_text(encoding="utf-8")))
    check(template, draft.code, architecture)
    draft.sam.write_text(json.dumps(template, indent=1, sort_keys=True), encoding="utf-8")
    plain = translate(template)
    for sentence in hds.uncovered(hds.scope(root), plain, root / "chalicelib"):
        raise SystemExit(f"The package is refused: {sentence}")
    draft.cloudformation.write_text(json.dumps(plain, indent=1, sort_keys=True), encoding="utf-8")
    draft.folder.rename(built.folder)
    _forget(built.folder.parent)


def _copy(root: Path, project: Path, architecture: Architecture) -> Path:
    """Copy what Chalice reads. Without requirements it packs the app alone: it would fetch every dependency again at each change."""
    for folder in ("chalicelib", "infra/policies"):
        shutil.copytree(root / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (project / ".chalice").mkdir()
    config = json.loads((root / ".chalice" / "config.json").read_text("utf-8"))
    (project / ".chalice" / "config.json").write_text(json.dumps(config | {"lambda_architecture": architecture}), "utf-8")
    shutil.copy(root / "app.py", project)
    (project / "requirements.txt").touch()
    return project


def _run_chalice(project: Path, folder: Path) -> None:
    """Run `chalice package`; it needs a region and no credentials."""
    chalice = [sys.executable, "-c", "from chalice.cli import main; main()"]
    options = ["package", "--stage", STAGE, "--merge-template", str(folder / "merge.json"), str(folder)]
    settings = os.environ | {"AWS_DEFAULT_REGION": REGION}
    ended = subprocess.run([*chalice, *options], cwd=project, env=settings, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"The package could not be built:\n{ended.stdout}{ended.stderr}")


@contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    """Let one process build at a time: the others then find its package."""
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _point(link: Path, folder: Path) -> None:
    """Make build/package lead to the newest package."""
    if link.is_symlink() and link.resolve() == folder.resolve():
        return
    fresh = link.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.relative_to(link.parent))
    fresh.replace(link)


def _forget(shelf: Path) -> None:
    """Remove all but the newest packages."""
    folders = sorted((one for one in shelf.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    for old in folders[:-KEPT]:
        shutil.rmtree(old)


if __name__ == "__main__":
    result = package(Path.cwd(), *map(Architecture, sys.argv[1:]))
    for warning in hds.warnings(hds.scope(Path.cwd()), date.today()):  # noqa: DTZ011 - a certificate ends on a day, wherever one is
        sys.stderr.write(f"{warning}\n")
    sys.stdout.write(f"build/package ({result.code.stat().st_size / 1e6:.1f} MB of code)\n")
