"""What a day's quotas have been used for: one item for each sender and one for the clinic, counted with the drafts themselves."""

from datetime import timedelta

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.table import Action, Item, Key, Table
from chalicelib.domain.limits import Quota
from chalicelib.domain.transfer import Transfer
from chalicelib.usecases.tables import Quotas

LINGER = timedelta(days=2)
NAMES = {"#bytes": "bytes", "#ttl": "ttl"}  # reserved words
COUNT = "ADD recipients :recipients, #bytes :bytes SET #ttl = :ttl"


def take(records: Table, transfer: Transfer, quotas: Quotas) -> list[Action]:
    """Say: count this draft against both quotas, if both have room for it."""
    return [_count(records, key, transfer, quota) for key, quota in zip(_keys(transfer), (quotas.member, quotas.clinic), strict=True)]


def give_back(records: Table, transfer: Transfer) -> list[Action]:
    """Say: a draft of that day came to nothing."""
    values = {name: -count for name, count in _used(transfer).items()} | _ttl(transfer)
    return [records.update(key, COUNT, None, values, NAMES) for key in _keys(transfer)]


def _count(records: Table, key: Key, transfer: Transfer, quota: Quota) -> Action:
    used = _used(transfer)
    room = {"people_room": quota.recipients - used["recipients"], "bytes_room": quota.bytes - used["bytes"]}
    if min(room.values()) < 0:  # more than a whole day's worth: no count will do
        return records.check(key, "attribute_exists(pk) AND attribute_not_exists(pk)", {})
    free = "(attribute_not_exists(recipients) OR recipients <= :people_room) AND (attribute_not_exists(#bytes) OR #bytes <= :bytes_room)"
    return records.update(key, COUNT, free, {**used, **room, **_ttl(transfer)}, NAMES)


def _used(transfer: Transfer) -> dict[str, int]:
    return {"recipients": len(transfer.recipient_ids), "bytes": sum(transfer.sizes)}


def _ttl(transfer: Transfer) -> Item:
    return {"ttl": items.instant(transfer.created_at + LINGER)}


def _keys(transfer: Transfer) -> tuple[Key, Key]:
    day = f"Q#{transfer.created_at.strftime('%Y-%m-%d')}"
    return (day, f"MEMBER#{transfer.sender}"), (day, "CLINIC")
