"""Run the embedded AWS as a child process that never outlives its parent.

`python -m infra.local.emulator` is that child: it serves until its standard input closes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from infra.translate import REGION

HOST = "127.0.0.1"
START_LIMIT = 30.0  # seconds to answer for the first time
ROOM = 1 << 30  # bytes free before functions are unpacked in memory; each takes 40 MB
STOP_LIMIT = 15.0  # seconds to write its state and leave


@dataclass(slots=True)
class Emulator:
    """The embedded AWS on one port, with its state under one folder."""

    port: int
    folder: Path
    keep: bool
    process: subprocess.Popen[bytes] | None = None
    scratch: Path = Path()

    @property
    def url(self) -> str:
        """Answer the address that every AWS service shares."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        """Start the child and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.scratch = _scratch(self.folder, self.port)
        with (self.folder / "emulator.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.local.emulator"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=_settings(self.port, self.folder, self.scratch, keep=self.keep),
                cwd=Path(__file__).parents[2],
                start_new_session=True,
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Ask the child to write its state and leave; insist if it does not."""
        if self.process is None:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client with the rights of the account's owner."""
        style = Config(signature_version="s3v4", s3={"addressing_style": "path"}) if service == "s3" else None
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, config=style, **(keys | options))

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Let code that makes its own clients find this emulator, for a while."""
        there = {"AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        before = dict(os.environ)
        os.environ.update(there)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def _wait(self) -> None:
        assert self.process is not None
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=2).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        self.__exit__()
        raise SystemExit(f"The embedded AWS did not start; {self.folder / 'emulator.log'} says why.")


def _settings(port: int, folder: Path, scratch: Path, *, keep: bool) -> dict[str, str]:
    """Answer the whole environment of the child: nothing of the caller's may reach the functions."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    state = {"PERSIST_STATE": "1", "STATE_DIR": str(folder / "state"), "S3_PERSIST": "1", "S3_DATA_DIR": str(folder / "s3")}
    return inherited | (state if keep else {}) | {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
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


def _scratch(folder: Path, port: int) -> Path:
    """Make an empty place where functions are unpacked: in memory if there is room, which makes a cold start four times shorter."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > ROOM
    scratch = memory / f"sceau-{port}" if roomy else folder / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    return scratch


def _leave_with_parent() -> None:
    """Stop this process when its standard input closes: the parent said so, or is no more."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _serve() -> None:
    from ministack.app import main

    # Functions run on the bare interpreter: they see the zip and the standard library, as on Lambda, not this virtual environment.
    sys.executable = str(getattr(sys, "_base_executable", sys.executable))
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sys.argv = sys.argv[:1]
    main()


if __name__ == "__main__":
    _serve()
