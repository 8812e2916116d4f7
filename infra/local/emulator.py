"""Run the embedded AWS as a child process that never outlives its parent, and speak to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.translate import REGION

HOST = "127.0.0.1"
START_LIMIT = 30.0  # seconds to answer for the first time
STOP_LIMIT = 15.0  # seconds to write its state and leave
MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory; ours are unpacked code, in a folder of our own
ROOM = 1 << 30  # bytes free before functions are unpacked in memory; each takes 40 MB
OWNER = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}  # whom the emulator takes for the account's owner


@dataclass(frozen=True, slots=True)
class Emulator:
    """The embedded AWS, up and answering."""

    port: int
    folder: Path
    process: int

    @property
    def url(self) -> str:
        """Answer the address that every AWS service shares."""
        return f"http://{HOST}:{self.port}"

    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client with the rights of the account's owner, unless `options` brings other credentials."""
        return client(self.url, service, **options)

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Let code that makes its own clients find this emulator, for a while."""
        before = dict(os.environ)
        os.environ.update({name.upper(): value for name, value in OWNER.items()})
        os.environ.update({"AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": REGION})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def client(url: str, service: str, **options: Any) -> Any:
    """Make a boto3 client of the embedded AWS at `url`, with the rights of its owner unless `options` brings other credentials."""
    style = Config(signature_version="s3v4", s3={"addressing_style": "path"}) if service == "s3" else None
    session: Any = boto3.Session(region_name=REGION)
    return session.client(service, endpoint_url=url, config=style, **(OWNER | options))


@contextmanager
def running(port: int, folder: Path, *, keep: bool) -> Iterator[Emulator]:
    """Start the embedded AWS on `port`, its state under `folder`; stop it at the end, and write the state down if `keep`."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = _scratch(folder, port)
    settings = _settings(port, folder, scratch, keep=keep)
    with (folder / "emulator.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local.child"],
            stdin=subprocess.PIPE,  # it leaves when this closes, whatever closes it
            stdout=log,
            stderr=log,
            env=settings,
            cwd=Path(__file__).parents[2],
            start_new_session=True,
        )
    try:
        _wait(process, port, folder)
        yield Emulator(port, folder, process.pid)
    finally:
        _stop(process)
        shutil.rmtree(scratch, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/_ministack/ready", timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise SystemExit(f"The embedded AWS did not start; {folder / 'emulator.log'} says why.")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the child to write its state and leave; insist if it does not."""
    try:
        process.communicate(timeout=STOP_LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _scratch(folder: Path, port: int) -> Path:
    """Make an empty place where functions are unpacked: in memory if there is room, which makes a cold start four times shorter."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    scratch = MEMORY / f"sceau-{os.getuid()}-{port}" if roomy else folder / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    return scratch


def _settings(port: int, folder: Path, scratch: Path, *, keep: bool) -> dict[str, str]:
    """Answer the whole environment of the child: nothing of the caller's may reach the functions."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    state = {"PERSIST_STATE": "1", "STATE_DIR": str(folder / "state"), "S3_PERSIST": "1", "S3_DATA_DIR": str(folder / "s3")}
    fixed = {
        "AUTH": "true",
        "BIND_HOST": HOST,
        "CLOUDTRAIL_RECORDING": "1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "PYTHONNOUSERSITE": "1",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(scratch),
    }
    return inherited | (state if keep else {}) | {name.upper(): value for name, value in OWNER.items()} | fixed
