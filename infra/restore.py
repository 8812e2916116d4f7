"""Bring lost records of a clinic back: `python -m infra.restore infra/clinics/NAME.json --at 2026-11-24T03:00:00Z`.

Point-in-time recovery makes a second table, as the records were then; from it what is missing is copied back. What is there is
never written over, and what was ended is not revived: the table of keys has no recovery, and a transfer without keys stays away (F-36).
It may be stopped anywhere and said again, with `--table` for the second table. Exit status: as of `infra.deploy`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from infra.clinic_file import ClinicFile
from infra.commands import Agree, asked, done
from infra.place import Outputs, Place, place
from infra.stack import StackFailed, outputs

Item = dict[str, Any]
NEVER = ("S", "C", "G", "L", "Q", "N", "M")  # sessions, codes, counters and messages: over, or told anew
OF_CLINIC = ("SECRET", "ADMINISTRATORS", "REVIEW", "PSC")  # an acceptance of the risk that was withdrawn must not come back
ERASED = "account.deleted"
_read, _write = TypeDeserializer().deserialize, TypeSerializer().serialize


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; answer the exit status."""
    said = _parser().parse_args(arguments)

    def work(clinic: ClinicFile) -> None:
        where = place(clinic.region)
        found = outputs(where, clinic.stack)
        table = said.table or recovered(where, found["RecordsTable"], said.at)
        print(f"As it was then: {table}")
        restore(where, found, table, (lambda _: True) if said.yes else asked)

    return done(said.file, work)


def recovered(where: Place, table: str, at: datetime) -> str:
    """Have a second table made as the first was at an instant; answer its name once it is there."""
    dynamodb, name = where.client("dynamodb"), f"{table}-{at:%Y%m%dT%H%M%S}"
    dynamodb.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=name, RestoreDateTime=at)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    return name


def restore(where: Place, found: Outputs, table: str, agree: Agree) -> int:
    """Copy back what is missing, after asking; answer how many items. Raise `StackFailed` where nobody agreed."""
    live = found["RecordsTable"]
    now = list(_items(where, live))
    keyed = {item["pk"] for item in _items(where, found["KeysTable"])}
    wanted = missing(list(_items(where, table)), now, keyed, datetime.now(UTC))
    counted = sorted(Counter(map(_kind, wanted)).items())
    print("Missing, and to be brought back:", *(f"  {kind}: {many}" for kind, many in counted), sep="\n")
    if wanted and not agree(f"Copy {len(wanted)} items into {live}?"):
        raise StackFailed("nobody agreed, and nothing was copied")
    copied = sum(_put(where, live, item) for item in wanted)
    print(f"Copied: {copied}. The next sweep ends what is over. Then delete {table}: it holds what was destroyed since.")
    return copied


def missing(then: Sequence[Item], now: Sequence[Item], keyed: set[str], at: datetime) -> list[Item]:
    """Choose the items of `then` to bring back; `keyed` are the partitions of transfers that still have keys."""
    there = {(item["pk"], item["sk"]) for item in now}
    erased = {item.get("subject") for item in (*then, *now) if item.get("tag") == ERASED}
    known = {item["id"] for item in now if item["pk"] == "MEMBERS"}
    lost = {item["id"] for item in then if item["pk"] == "MEMBERS"} - known - erased
    dead = {item["pk"] for item in then if item["sk"] == "TRANSFER" and item["state"] != "shredded"} - keyed
    homes = {item["pk"] for item in then if item["sk"] == "ADDRESS" and item["member"] in lost}
    gone = [item for item in then if (item["pk"], item["sk"]) not in there]
    return [_due(item, at) for item in gone if _comes_back(item, lost, homes, dead)]


def _comes_back(item: Item, lost: set[str], homes: set[str], dead: set[str]) -> bool:
    """Tell whether an item that is missing was lost, and not ended."""
    pk, sk = item["pk"], item["sk"]
    head, _, name = pk.partition("#")
    rules = {
        "CLINIC": sk in OF_CLINIC,
        "MEMBERS": item.get("id") in lost,
        "A": name in lost,
        "ADDRESS": pk in homes,
        "PSC": item.get("member") in lost,
        "T": pk not in dead or sk.startswith("AUDIT#"),
    }
    return head not in NEVER and "SESSION" not in sk and rules.get(head, True)


def _due(item: Item, at: datetime) -> Item:
    """Have the sweeper look at once at what was due meanwhile: it does not look again at hours it has left behind."""
    if item.get("due_at", "~") >= f"{at:%Y-%m-%dT%H:%M:%SZ}":
        return item
    return item | {"due_hour": f"{at:%Y-%m-%dT%H}", "due_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}


def _put(where: Place, table: str, item: Item) -> bool:
    """Put an item where none is; tell whether it was."""
    dynamodb = where.client("dynamodb")
    said = {name: _write(value) for name, value in item.items()}
    try:
        dynamodb.put_item(TableName=table, Item=said, ConditionExpression="attribute_not_exists(pk)")
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _items(where: Place, table: str) -> Iterator[Item]:
    pages: Iterable[Any] = where.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        yield from ({name: _read(value) for name, value in item.items()} for item in page["Items"])


def _kind(item: Item) -> str:
    """Name what an item is, and nobody."""
    head = item["pk"].partition("#")[0]
    return f"{head} {item['sk'].partition('#')[0]}"


def _instant(text: str) -> datetime:
    """Read an instant; raise `ArgumentTypeError` for argparse to say."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("an instant such as 2026-11-24T03:00:00Z") from None
    return at.astimezone(UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.restore", description="Bring lost records of a clinic back.")
    parser.add_argument("file", type=Path, help="the clinic's file, such as infra/clinics/lilas.json")
    parser.add_argument("--yes", action="store_true", help="copy without asking")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--at", type=_instant, help="the instant to go back to, just before the loss; within the last 35 days")
    source.add_argument("--table", help="a table that was recovered before")
    return parser


if __name__ == "__main__":
    sys.exit(main())
