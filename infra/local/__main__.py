"""Run the clinic until Ctrl-C: `python -m infra.local`, which is `make run`."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from pathlib import Path

OLDEST = (3, 11)
TABLES = "3"  # what is kept in the tables is of this kind; another kind begins in a folder of its own


def main() -> None:
    """Check the machine, package if need be, open the clinic, say where it is, and wait to be stopped."""
    _check_python()
    from infra.local.clinic import ADMINISTRATOR, Ports, opened
    from infra.package import package

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    ports = Ports()
    for port in (ports.clinic, ports.mailbox, ports.emulator, ports.provider):
        check_free(port)
    root = Path.cwd()
    with opened(package(root), root / ".local" / TABLES, ports, keep=True) as clinic:
        _say(f"\n  The clinic    {clinic.origin}/")
        _say(f"  The mailbox   {clinic.mailbox_url}/   (every e-mail and text message it sends)")
        _say(f"  First visit   follow the invitation of {ADMINISTRATOR[1]} in the mailbox; from then on, {clinic.origin}/signin")
        _say("\n  Ctrl-C stops it; what it holds stays in .local/.")
        stopped.wait()
        _say("\n  Closing…")


def _check_python() -> None:
    if sys.version_info < OLDEST:
        raise SystemExit(f"Sceau needs Python 3.11 or newer; this is Python {sys.version.split()[0]}.")


def check_free(port: int) -> None:
    """Refuse to start over somebody else's port, before anything is built."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"Port {port} of this machine is taken; stop what listens there, then try again.")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
