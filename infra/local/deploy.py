"""Deploy the packaged template and zip to the embedded AWS with CloudFormation, as to the real one."""

from __future__ import annotations

from collections.abc import Mapping

from infra.local.emulator import Emulator
from infra.local.place import Machine
from infra.package import Package
from infra.place import Outputs
from infra.shelf import shelf
from infra.stack import StackFailed, executed, outputs, proposed, wished

STACK = "sceau"


def demo(origin: str, discovery: str, client: str) -> dict[str, str]:
    """Answer the choices of the clinic on one machine, open at `origin`, with the Pro Santé Connect described at `discovery`."""
    return {
        "ClinicId": "demo",
        "ClinicName": "Clinique Exemple",
        "Support": "aide@clinique.example",
        "Origin": origin,
        "Sender": "sceau@clinique.example",
        "Psc": "offered",
        "PscDiscovery": discovery,
        "PscClient": client,
        "Hosting": "cette machine",
        "CodesPerIp": "1000",
        "SweepRate": "rate(1 minute)",
        "CallsPerSecond": "1000",
        "CallsAtOnce": "1000",
    }


def deploy(emulator: Emulator, package: Package, choices: Mapping[str, str]) -> Outputs:
    """Create the stack, update it, or leave it alone if it already is what `package` and `choices` say; answer its outputs."""
    place = Machine(emulator.url)
    shelved = shelf(place)
    wish = wished(place, shelved, STACK, package, choices)
    try:
        proposal = proposed(place, shelved, wish)
        if proposal is not None:
            executed(place, proposal)
    except StackFailed as error:
        raise SystemExit(f"The stack was refused: {error}. If it stays refused, remove .local/ to start afresh.") from None
    found = outputs(place, STACK)
    place.completed(wish.template, found)
    return found
