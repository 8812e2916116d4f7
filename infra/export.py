"""Take everything out of a clinic before it is destroyed (requirement R09): tables for people, lines of JSON for programs.

What only the clinic can read (names, addresses) it gives back itself; where it cannot any more, they stay sealed for ever.
What opens something (sessions, passwords, apps, secrets, wrapped keys) is not taken out at all.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.rendering import sentence
from chalicelib.web.values import csv_of
from infra.clinic_file import ClinicFile
from infra.found import given_back
from infra.place import Outputs, Place

TAKEN = ("T#", "AUDIT#")  # transfers with their recipients, files and events; the events of nobody's transfer
TAKEN_WHOLE = ("MEMBERS",)
TAKEN_OF_CLINIC = ("ADMINISTRATORS", "ACCEPTANCE", "REVIEW")

ASKED = 20  # transfers that the clinic opens in one answer, which has six million bytes at most
Summary = dict[str, dict[str, Any]]  # the name of a file to its lines and its SHA-256


def exported(place: Place, outputs: Outputs, clinic: ClinicFile, folder: Path) -> Summary:
    """Write every file, and a list of them; answer what each holds. Without `members.csv` and the like, the clinic could not be asked."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = _opened(place, outputs, [()])  # people first: that they were taken out is then in the trail
    items = [item for item in _items(place, outputs["RecordsTable"]) if _taken(item)]
    transfers = [item["id"] for item in items if item["sk"] == "TRANSFER"]
    tables |= _opened(place, outputs, [transfers[at : at + ASKED] for at in range(0, len(transfers), ASKED)]) if tables else {}
    trail = sorted((one for one in items if one["sk"].startswith("AUDIT#")), key=lambda one: one["sk"])
    others = sorted((one for one in items if not one["sk"].startswith("AUDIT#")), key=lambda one: (one["pk"], one["sk"]))
    lines = {"trail": trail, "records": others, "objects": _objects(place, outputs["Bucket"])}
    lines["certificates"] = tables.pop("certificates", [])
    lines["settings"] = [{"clinic": clinic.id, "name": clinic.name, "parameters": dict(clinic.parameters)}]
    tables["trail"] = [_event(one) for one in trail]
    kept = {f"{name}.jsonl": _written(folder / f"{name}.jsonl", one) for name, one in lines.items()}
    kept |= {f"{name}.csv": _table(folder / f"{name}.csv", rows) for name, rows in tables.items()}
    (folder / "lisez-moi.txt").write_text("".join(f"{name}  {sentence('fr', f'leaving.{name}')}\n" for name in kept), "utf-8")
    return kept


def _opened(place: Place, outputs: Outputs, batches: Iterable[Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
    """Have the clinic give back what it alone can read; nothing where it cannot any more, and say so."""
    functions, given = place.client("lambda"), dict[str, list[dict[str, Any]]]()
    try:
        for batch in batches:
            for name, rows in given_back(functions, outputs, batch).items():
                given.setdefault(name, []).extend(rows)
    except (RuntimeError, ClientError, BotoCoreError, KeyError) as error:
        print(f"Names and addresses stay sealed: the clinic could not open them ({error or type(error).__name__}).")
        return {}
    return given


def _event(item: dict[str, Any]) -> dict[str, Any]:
    """Write an event as a row."""
    at = item["sk"].split("#")[1]
    return {"at": at, **{name: item.get(name) for name in ("tag", "member", "transfer", "recipient", "file", "reason", "ip", "subject")}}


def _taken(item: dict[str, Any]) -> bool:
    of_clinic = item["pk"] == "CLINIC" and item["sk"] in TAKEN_OF_CLINIC
    return of_clinic or item["pk"] in TAKEN_WHOLE or item["pk"].startswith(TAKEN)


def _items(place: Place, table: str) -> Iterator[dict[str, Any]]:
    """Read a whole table, in plain values; bytes in base64."""
    for page in place.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        yield from ({name: _plain(value) for name, value in item.items()} for item in page["Items"])


def _plain(value: dict[str, Any]) -> Any:
    """Say one value of DynamoDB in JSON."""
    ((kind, said),) = value.items()
    if kind in ("L", "M"):
        return [_plain(one) for one in said] if kind == "L" else {name: _plain(one) for name, one in said.items()}
    if kind in ("N", "NS"):
        return json.loads(said) if kind == "N" else sorted(map(json.loads, said))
    if kind in ("B", "BS"):
        return b64encode(said).decode() if kind == "B" else sorted(b64encode(one).decode() for one in said)
    return sorted(said) if kind == "SS" else None if kind == "NULL" else said


def _objects(place: Place, bucket: str) -> Iterator[dict[str, Any]]:
    for page in place.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", []):
            yield {"key": one["Key"], "bytes": one["Size"], "modified": one["LastModified"].isoformat()}


def _table(path: Path, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Write a table that spreadsheets read."""
    content = f"\ufeff{csv_of(rows)}".encode()
    path.write_bytes(content)
    return {"lines": len(rows), "sha256": hashlib.sha256(content).hexdigest()}


def _written(path: Path, lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    texts = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in lines]
    content = "".join(f"{one}\n" for one in texts).encode()
    path.write_bytes(content)
    return {"lines": len(texts), "sha256": hashlib.sha256(content).hexdigest()}
