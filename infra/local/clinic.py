"""Run the whole clinic on this machine: the deployed stack, the address people visit, and the mailbox."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.found import found, keep_psc_secret
from infra.local.deploy import demo, deploy
from infra.local.emulator import Emulator, running
from infra.local.mailbox import Mailbox
from infra.local.provider import Provider
from infra.local.proxy import Proxy
from infra.package import Package
from infra.place import Outputs

ADMINISTRATOR = ("Camille Admin", "admin@clinique.example")
PSC_SECRET = "a-demonstration-keeps-no-secret"  # noqa: S105
ACCEPTED = "Clinique de démonstration : aucune donnée réelle, et personne n'a de téléphone."


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the clinic, the mailbox, the embedded AWS and the demonstration of Pro Santé Connect listen."""

    clinic: int = 8000
    mailbox: int = 8025
    emulator: int = 4566
    provider: int = 8040


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic that is open."""

    origin: str
    mailbox_url: str
    emulator: Emulator
    mailbox: Mailbox
    provider: Provider
    outputs: Outputs

    def client(self, service: str) -> Any:
        """Make a boto3 client with the rights of the account's owner."""
        return self.emulator.client(service)


@contextmanager
def opened(package: Package, folder: Path, ports: Ports, *, keep: bool) -> Iterator[Clinic]:
    """Open a clinic whose state lies under `folder`, and is still there next time if `keep`; close it at the end."""
    # By its name: browsers make passkeys for no bare number.
    origin, mailbox_url = f"http://localhost:{ports.clinic}", f"http://127.0.0.1:{ports.mailbox}"
    with ExitStack() as closing:
        emulator = closing.enter_context(running(ports.emulator, folder, keep=keep))
        provider = Provider(ports.provider, "sceau-demo", PSC_SECRET, [f"{origin}/signin/psc", f"{origin}/signin"])
        outputs = deploy(emulator, package, demo(origin, provider.discovery, provider.client))
        functions = emulator.client("lambda")
        found(functions, outputs, *ADMINISTRATOR, ACCEPTED)
        keep_psc_secret(functions, outputs, PSC_SECRET)
        proxy = Proxy(ports.clinic, ports.emulator, f"/_aws/execute-api/{outputs['RestAPIId']}/api")
        mailbox = Mailbox(ports.mailbox, emulator.url)
        for server in (proxy, mailbox, provider):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
            closing.callback(server.server_close)
            closing.callback(server.shutdown)
        threading.Thread(target=_warm, args=(origin,), daemon=True).start()
        yield Clinic(origin, mailbox_url, emulator, mailbox, provider, outputs)


def _warm(origin: str) -> None:
    """Start one process of the API's function, so that the first visitor does not wait for it."""
    with suppress(OSError):
        urllib.request.urlopen(f"{origin}/about", timeout=30).close()
