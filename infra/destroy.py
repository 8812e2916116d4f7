"""Destroy a clinic: `python -m infra.destroy infra/clinics/NAME.json`, which is `make destroy CLINIC=NAME`.

Its doors are closed, what can be taken out is written down, then everything goes: wrapped keys first, then files, records and the key.
It asks twice, and leaves a signed record (requirement R09). Until the second answer nothing is lost and the doors open again; from then
on it can only be finished.
It may be stopped anywhere and said again. Exit status: as of `infra.deploy`.
"""

from __future__ import annotations

import argparse
import json
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra import certificate, destruction, doors, post
from infra.clinic_file import ClinicFile
from infra.commands import done
from infra.export import Summary, exported
from infra.found import commissioned
from infra.place import Place, place
from infra.remains import Remain, destroyed, remains
from infra.shelf import Shelf, shelf
from infra.stack import StackFailed, existing, gone, outputs

Type = Callable[[str], str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; answer the exit status."""
    said = _parser().parse_args(arguments)
    return done(said.file, lambda clinic: destroy(place(clinic.region), clinic, said.into / clinic.id, typed))


def destroy(where: Place, clinic: ClinicFile, folder: Path, ask: Type) -> None:
    """Destroy a clinic, or finish destroying it; raise `StackFailed` where nobody agreed."""
    shelved = shelf(where)
    begun = doors.destruction(shelved, clinic)
    if begun is None and existing(where, clinic.stack) is None:
        print(f"There is no stack {clinic.stack} in account {shelved.account}: nothing to destroy.")
        return
    if begun is None:
        begun = _begun(where, shelved, clinic, folder, ask)
    else:
        print(f"Going on with the destruction that was agreed to on {begun['agreed']}.")
    _finish(where, shelved, clinic, begun, folder)


def typed(question: str) -> str:
    """Ask somebody; the end of the input is no answer."""
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _begun(where: Place, shelved: Shelf, clinic: ClinicFile, folder: Path, ask: Type) -> dict[str, Any]:
    """Ask, close, export, ask again; from then on there is a note of what is to be destroyed."""
    print(f"{clinic.name} ({clinic.alias}): account {shelved.account}, {where.region}, stack {clinic.stack}.")
    _agreed(ask, clinic, "Its pages will close, and what can be taken out will be written down.")
    doors.close(where, shelved, clinic)
    try:
        taken = exported(where, outputs(where, clinic.stack), clinic, folder)
        print(f"Taken out into {folder}:", *(f"  {name}: {one['lines']} lines" for name, one in taken.items()), sep="\n")
        order = _ordered(where, shelved, clinic, taken)
        signing = _commissioned(where, clinic, order, folder)
        _agreed(ask, clinic, "Now its keys, files, records and stack are destroyed. Nothing brings them back.")
        note = {"agreed": _now(), "order": order, **signing}
        doors.agreed(shelved, clinic, note)
    except BaseException:
        destruction.forget_key(folder)
        doors.open_again(where, shelved, clinic)
        raise
    return note


def _ordered(where: Place, shelved: Shelf, clinic: ClinicFile, taken: Summary) -> dict[str, Any]:
    """Say what is to be destroyed."""
    stack = existing(where, clinic.stack) or {}
    named = {"id": clinic.id, "name": clinic.name, "account": shelved.account, "region": where.region}
    return {"clinic": named, "stack": stack["StackId"], "taken_out": taken, "remains": [one.said() for one in remains(where, clinic.stack)]}


def _commissioned(where: Place, clinic: ClinicFile, order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Have the clinic sign the order, and the key that will sign its end; where it cannot any more, say so before anybody agrees."""
    key = b64encode(destruction.new_key(folder)).decode()
    try:
        signed = commissioned(where.client("lambda"), outputs(where, clinic.stack), destruction.digest(order), key)
    except (RuntimeError, ClientError, BotoCoreError, KeyError) as error:
        why = f"the clinic could not sign: {error or type(error).__name__}"
        print(f"The record will not be signed, for {why}. Deployed anew, a clinic that works can sign.")
        return {"commission": None, "why_unsigned": why}
    return {"commission": signed}


def _finish(where: Place, shelved: Shelf, clinic: ClinicFile, begun: dict[str, Any], folder: Path) -> None:
    """Destroy what the note names, and write down what was done."""
    gone(where, clinic.stack)
    done = []
    for one in begun["order"]["remains"]:
        done.append({**one, "done": destroyed(where, Remain(**one))})
        print(f"  {one['resource']}: {done[-1]['done']}")
    sender = {"kind": "domain at SES", "name": post.domain_of(clinic), "done": post.forgotten(where, clinic)}
    name = {"kind": "certificate", "name": clinic.domain, "done": certificate.forgotten(where, clinic)}
    record = {
        "format": destruction.FORMAT,
        "order": begun["order"],
        "commission": begun["commission"],
        "why_unsigned": begun.get("why_unsigned"),
        "agreed": begun["agreed"],
        "finished": _now(),
        "destroyed_with_the_stack": "functions, API, queues, topic, roles, logs",
        "destroyed": [*done, sender, name],
        "left": f"code and templates, without data, in the bucket {shelved.bucket}",
    }
    folder.mkdir(parents=True, exist_ok=True)
    signed = destruction.completed(record, folder)
    (folder / "destruction.json").write_text(json.dumps(signed, indent=2, ensure_ascii=False) + "\n", "utf-8")
    destruction.forget_key(folder)
    doors.forget(shelved, clinic)
    told = f"signed; the clinic's key is {signed['commission']['signature']['key']}" if signed["signature"] else "not signed"
    print(f"Destroyed. {folder / 'destruction.json'} says what and when; it is {told}.")


def _agreed(ask: Type, clinic: ClinicFile, what: str) -> None:
    if ask(f"{what} Type {clinic.id} to go on: ") != clinic.id:
        raise StackFailed("nobody agreed, and nothing was destroyed")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.destroy", description="Destroy a clinic on AWS, and write down what was done.")
    parser.add_argument("file", type=Path, help="the clinic's file, such as infra/clinics/lilas.json")
    parser.add_argument("--into", type=Path, default=Path("exports"), help="where to write what is taken out (exports/<id>)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
