"""Deploy a clinic: `python -m infra.deploy infra/clinics/NAME.json`, which is `make deploy CLINIC=NAME`.

It may be stopped anywhere and said again: it goes on where it was. Exit status: 0 the clinic is what its file says,
1 refused or failed, 2 the file breaks rules and nothing was done.
"""

from __future__ import annotations

import argparse
import getpass
import hashlib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from infra import doors, hds, post
from infra.certificate import certified
from infra.changes import PRECIOUS, Deed, losses, told
from infra.clinic_file import ClinicFile
from infra.commands import Agree, asked, done
from infra.found import found, keep_psc_secret
from infra.package import Package, package
from infra.place import Outputs, Place, place
from infra.records import Record
from infra.remains import cleared
from infra.shelf import Shelf, shelf
from infra.stack import Proposal, StackFailed, dropped, executed, existing, guarded, outputs, proposed, wished

SECRET_LEAST = 16  # characters of a secret that somebody made on purpose


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; answer the exit status."""
    said = _parser().parse_args(arguments)

    def work(clinic: ClinicFile) -> None:
        root = Path.cwd()
        covered(root)
        where = place(clinic.region)
        results = deploy(where, clinic, package(root, clinic.architecture), (lambda _: True) if said.yes else asked)
        if said.psc_secret:
            keep_psc_secret(where.client("lambda"), results, _secret())
            print("The secret of Pro Santé Connect is kept, sealed.")

    return done(said.file, work)


def covered(root: Path) -> None:
    """Say what is to be known of the certificates of hosting; raise SystemExit where one has ended."""
    services, today = hds.scope(root), date.today()  # noqa: DTZ011 - a certificate ends on a day, wherever one is
    for sentence in hds.ended(services, today):
        raise SystemExit(f"Nothing is deployed: {sentence}.")
    print(*hds.warnings(services, today), sep="\n")


def deploy(where: Place, clinic: ClinicFile, built: Package, agree: Agree) -> Outputs:
    """Make the clinic's stack what its file and the package say, found it, and tell what is left to do; raise `StackFailed`."""
    shelved = shelf(where)
    print(f"{clinic.name} ({clinic.alias}): account {shelved.account}, {where.region}, stack {clinic.stack}.")
    doors.open_again(where, shelved, clinic)
    if cleared(where, clinic.stack):
        print("What a first deployment that failed had left is taken away.")
    parameters = {**clinic.parameters, "CertificateArn": certified(where, clinic), "HostedUntil": hds.until(hds.scope(Path.cwd()))}
    wish = wished(where, shelved, clinic.stack, built, parameters)
    proposal = proposed(where, shelved, wish)
    if proposal is None:
        print("Nothing to change in the stack.")
    else:
        _change(where, proposal, agree)
    results = outputs(where, clinic.stack)
    guarded(where, clinic.stack)
    where.completed(wish.template, results)
    _found(where, shelved, clinic, results)
    post.introduced(where, clinic)
    _tell(where, clinic, results)
    return results


def _change(where: Place, proposal: Proposal, agree: Agree) -> None:
    """Tell what would change, refuse what would lose anything, ask, and do it."""
    print("What would change:", *told(proposal.changes), sep="\n")
    if any(one.deed is Deed.MAY_REPLACE and one.kind in PRECIOUS for one in proposal.changes):
        print("AWS will refuse to replace what holds files, records or keys, if it comes to that; then nothing is changed.")
    lost = losses(proposal.changes)
    if lost or not agree("Make these changes?"):
        dropped(where, proposal)
        if not lost:
            raise StackFailed("nobody agreed, and nothing was changed")
        raise StackFailed("REFUSED, and nothing was changed. " + "; ".join(lost))
    print("Working; this can be stopped and said again.")
    if not proposal.new:
        guarded(where, proposal.stack)
    executed(where, proposal)
    print("Made." if proposal.new else "Changed.")


def _found(where: Place, shelved: Shelf, clinic: ClinicFile, results: Outputs) -> None:
    """Found the clinic, once for what the file says of its administrator: said again, it would send another link."""
    stack = existing(where, clinic.stack) or {}
    who = (stack.get("StackId"), clinic.administrator.name, clinic.administrator.email, clinic.email_codes)
    wanted, note = hashlib.sha256(repr(who).encode()).hexdigest(), f"founded/{clinic.id}"
    if shelved.note(note) == wanted:
        return
    new = found(where.client("lambda"), results, clinic.administrator.name, clinic.administrator.email, clinic.email_codes)
    shelved.write(note, wanted)
    said = "Founded: an invitation leaves for" if new else "Founded before: while nobody has come in yet, another invitation leaves for"
    print(f"{said} {clinic.administrator.email}.")


def _tell(where: Place, clinic: ClinicFile, results: Outputs) -> None:
    """Print what the stack puts out, and the DNS records."""
    print("\nThe stack says:", *(f"  {name:20} {value}" for name, value in sorted(results.items())), sep="\n")
    print("\nDNS records, to make where they are missing:", _address(clinic, results), *post.records(where, clinic), sep="\n")
    if not where.client("sesv2").get_account().get("ProductionAccessEnabled"):
        print("\nSES is in its sandbox: messages reach confirmed addresses only, until AWS lets this account out.")
    print(f"\nThe clinic: https://{clinic.domain}/")


def _address(clinic: ClinicFile, results: Outputs) -> Record:
    zone = results.get("RegionalHostedZone")
    return Record(clinic.domain, "CNAME", results.get("RegionalDomain", "?"), f"the address people visit; or an alias, in zone {zone}")


def _secret() -> str:
    """Ask for the client secret of Pro Santé Connect: hidden at a terminal, or one line of a pipe; raise `RuntimeError`."""
    line = getpass.getpass("Client secret of Pro Santé Connect: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if len(line) < SECRET_LEAST:
        raise RuntimeError(f"the secret was not kept: it has fewer than {SECRET_LEAST} characters")
    return line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Make a clinic on AWS what its file says.")
    parser.add_argument("file", type=Path, help="the clinic's file, such as infra/clinics/lilas.json")
    parser.add_argument("--yes", action="store_true", help="make the changes without asking")
    parser.add_argument("--psc-secret", action="store_true", help="then read the client secret of Pro Santé Connect, and keep it sealed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
