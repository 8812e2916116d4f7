"""Envelopes and wraps in the keys table: no recovery, no stream, no backup. A delete is final."""

from collections.abc import Mapping

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.table import Item, Table, batch_get
from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.usecases.tables import Envelope


class DynamoKeys:
    """Keep what opens a transfer."""

    def __init__(self, keys: Table) -> None:
        self.keys = keys

    def envelope(self, transfer: TransferId) -> Envelope | None:
        found = self._get(transfer, "DRAFT", *items.ENVELOPE)
        return _envelope(found)

    def for_recipient(self, transfer: TransferId, recipient: RecipientId) -> tuple[Envelope, bytes] | None:
        found = self._get(transfer, "DRAFT", *items.ENVELOPE, "WRAPS")
        envelope, wrap = _envelope(found), found.get("WRAPS", {}).get("wraps", {}).get(recipient)
        return None if envelope is None or wrap is None else (envelope, wrap)

    def destroy(self, transfer: TransferId) -> None:
        found = self.keys.query(f"T#{transfer}", "A", "Z")
        self.keys.write_batch([{"DeleteRequest": {"Key": self.keys.key(item["pk"], item["sk"])}} for item in found])

    def _get(self, transfer: TransferId, *sorts: str) -> dict[str, Item]:
        found = batch_get(self.keys.client, {self.keys.name: [(f"T#{transfer}", sort) for sort in sorts]})
        return {sk: item for (_, sk), item in found.items()}


def _envelope(found: Mapping[str, Item]) -> Envelope | None:
    if "DRAFT" not in found or "ENVELOPE" not in found:
        return None
    kept = [found[sort] for sort in items.ENVELOPE if sort in found]
    return Envelope(kept[0]["manifest"], tuple(header for one in kept for header in one["headers"]), found["DRAFT"]["wrapped"])
