"""Take out of a clinic, before it is destroyed, what its operator can read: the trail, the records of transfers, the list of objects.

Names and addresses stay sealed in it, as they are in the table: with the clinic's key they are gone for good.
What opens something (sessions, passwords, apps, secrets, wrapped keys) is not taken out at all.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from infra.place import Outputs, Place

TAKEN = ("T#", "AUDIT#")  # transfers with their recipients, files and events; the events of nobody's transfer
TAKEN_WHOLE = ("MEMBERS",)
TAKEN_OF_CLINIC = ("ADMINISTRATORS", "ACCEPTANCE", "REVIEW")

Summary = dict[str, dict[str, Any]]  # the name of a file to its lines and its SHA-256


def exported(place: Place, outputs: Outputs, folder: Path) -> Summary:
    """Write `trail.jsonl`, `records.jsonl` and `objects.jsonl`, one JSON object a line; answer what each holds."""
    folder.mkdir(parents=True, exist_ok=True)
    items = [item for item in _items(place, outputs["RecordsTable"]) if _taken(item)]
    trail = sorted((one for one in items if one["sk"].startswith("AUDIT#")), key=lambda one: one["sk"])
    others = sorted((one for one in items if not one["sk"].startswith("AUDIT#")), key=lambda one: (one["pk"], one["sk"]))
    kinds = {"trail": trail, "records": others, "objects": _objects(place, outputs["Bucket"])}
    return {f"{name}.jsonl": _written(folder / f"{name}.jsonl", lines) for name, lines in kinds.items()}


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


def _written(path: Path, lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    texts = [json.dumps(one, ensure_ascii=False, sort_keys=True) for one in lines]
    content = "".join(f"{one}\n" for one in texts).encode()
    path.write_bytes(content)
    return {"lines": len(texts), "sha256": hashlib.sha256(content).hexdigest()}
