"""Somebody who deploys, changes and destroys a clinic of their own on the emulator, by the very commands an operator gives."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from chalicelib.domain.transfer import State
from chalicelib.usecases.ports import Ports
from infra import deploy, destroy
from infra.architecture import own
from infra.clinic_file import ClinicFile, read
from infra.local.emulator import Emulator, running
from infra.package import package
from infra.place import place
from infra.stack import existing, gone
from tests.builders import Sending, a_landed_transfer, a_member
from tests.infra.test_clinic_file import lilas
from tests.stack import ROOT, eventually, free_ports

NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who deploys one clinic, again and again."""

    emulator: Emulator
    file: Path
    id: str

    def choose(self, **changes: Any) -> None:
        """Write the clinic's file."""
        mine = {"id": self.id, "domain": self.domain, "sender": f"sceau@{self.domain}", "architecture": own()}
        self.file.write_text(json.dumps(lilas(**(mine | changes))), "utf-8")

    @property
    def domain(self) -> str:
        """Answer the clinic's own name."""
        return f"{self.id}.clinique-des-lilas.fr"

    def deploy(self, *options: str) -> int:
        """Give the command, and answer its exit status."""
        return deploy.main([str(self.file), *(options or ["--yes"])])

    def destroy(self, *answers: str) -> None:
        """Give the other command, and answer its questions."""
        told = iter(answers)
        destroy.destroy(place("eu-west-3"), self.clinic(), self.exports(), lambda _: next(told))

    def clinic(self) -> ClinicFile:
        """Read the file."""
        return read(self.file.read_text("utf-8"))

    def exports(self) -> Path:
        """Answer where things are taken out to."""
        return self.file.parent / "exports" / self.id

    def stack(self) -> dict[str, Any]:
        """Describe the stack."""
        found = existing(place("eu-west-3"), f"sceau-{self.id}")
        assert found is not None
        return found

    def outputs(self) -> dict[str, str]:
        """Answer what the stack puts out."""
        return {one["OutputKey"]: one["OutputValue"] for one in self.stack()["Outputs"]}

    def variables(self) -> dict[str, str]:
        """Answer what the API's function knows."""
        name = self.outputs()["APIHandlerName"]
        found: dict[str, str] = self.emulator.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        return found

    def page(self) -> str:
        """Visit the clinic."""
        address = f"{self.emulator.url}/_aws/execute-api/{self.outputs()['RestAPIId']}/api/signin"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return str(answer.read().decode())

    def invitations(self) -> int:
        """Count the notices that the clinic owes or has sent."""
        pages = self.emulator.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs()["RecordsTable"])
        return sum(item["sk"]["S"] == "NOTICE" for page in pages for item in page["Items"])


@contextmanager
def an_emulator(folder: Path) -> Iterator[Emulator]:
    """Run an embedded AWS, found by whatever makes its own clients."""
    package(ROOT)
    with running(free_ports().emulator, folder, keep=False) as one, one.environment():
        yield one


@contextmanager
def an_operator(emulator: Emulator, folder: Path) -> Iterator[Operator]:
    """Write the file of a clinic that nobody has deployed yet; close what was deployed at the end."""
    one = Operator(emulator, folder / "clinic.json", f"lilas-{next(NUMBERS)}")
    one.choose()
    yield one
    gone(place("eu-west-3"), f"sceau-{one.id}")


def a_transfer_in(ports: Ports) -> Sending:
    """Send one in a clinic that was deployed, until it is sealed: here, or by the clinic's own function if that was quicker."""
    sending = a_landed_transfer(ports, (b"hello",), sender=a_member(ports, email=f"{ports.new_id()}@example.fr"))
    sending.seal()
    eventually(lambda: (one := ports.transfers.read(sending.id)) is not None and one.state is State.SEALED)
    return sending
