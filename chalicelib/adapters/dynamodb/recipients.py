"""What happens between a transfer and one recipient. Every change holds only while the transfer is sealed and open to them."""

from chalicelib.adapters.dynamodb import items, meter
from chalicelib.adapters.dynamodb.items import Sealer
from chalicelib.adapters.dynamodb.table import Action, Item, Table, transact
from chalicelib.domain import usage
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.domain.notice import Notice
from chalicelib.domain.recipient import Outcome, Recipient
from chalicelib.domain.transfer import State, Transfer
from chalicelib.domain.usage import NOTHING, Usage
from chalicelib.usecases.tables import SentMessage

SEALED = "#state = :was AND attribute_not_exists(ending)"
STATE = {"#state": "state"}  # a reserved word
ALLOWED = "attribute_exists(pk) AND attribute_not_exists(revoked_at)"


class DynamoRecipients:
    """Keep recipients of sealed transfers."""

    def __init__(self, records: Table, keys: Table, sealer: Sealer) -> None:
        self.records = records
        self.keys = keys
        self.sealer = sealer

    def revoke(self, transfer: TransferId, recipient: RecipientId, event: Event) -> bool:
        closed = self._mark(transfer, recipient, "SET revoked_at = :at", {"at": items.instant(event.at)})
        wrap = self.keys.update((f"T#{transfer}", "WRAPS"), "REMOVE wraps.#one", "attribute_exists(pk)", {}, {"#one": recipient})
        return self._do([self._sealed(transfer), closed, wrap], event)

    def correct(self, transfer: Transfer, recipient: Recipient, event: Event, notice: Notice | None) -> bool:
        item = items.recipient_item(transfer, recipient, self.sealer)
        same = f"{ALLOWED} AND attribute_not_exists(opened_at) AND turn = :turn"
        put = self.records.put(item, same)
        put["Put"]["ExpressionAttributeValues"] = {":turn": {"N": str(recipient.turn - 1)}}
        return self._do([self._sealed(transfer.id), put, *self._owed(notice, event)], event)

    def mark_opened(self, transfer: Transfer, recipient: Recipient, event: Event) -> bool:
        sets = "SET opened_at = if_not_exists(opened_at, :at) ADD openings :one"
        left = "turn = :turn AND (attribute_not_exists(openings) OR openings < :most)"
        values = {"at": items.instant(event.at), "one": 1, "turn": recipient.turn, "most": transfer.openings_most}
        return self._do([self._sealed(transfer.id), self._mark(transfer.id, recipient.id, sets, values, left)], event, Usage(openings=1))

    def grant(self, transfer: Transfer, recipient: Recipient, file: int, most: int, event: Event) -> bool:
        sets = "SET fetched_at = if_not_exists(fetched_at, :at) ADD fetched :file, grants :one"
        left = "turn = :turn AND (attribute_not_exists(grants) OR grants < :most)"
        values = {"at": items.instant(event.at), "file": {file}, "one": 1, "turn": recipient.turn, "most": most}
        marked = self._mark(transfer.id, recipient.id, sets, values, left)
        return self._do([self._sealed(transfer.id), marked], event, usage.of_download(transfer, file))

    def mark_collected(self, transfer: TransferId, recipient: RecipientId, file: int, event: Event) -> bool:
        sets, once = "SET collected_at = :at ADD collected :file", "attribute_exists(opened_at) AND NOT contains(collected, :one)"
        marked = self._mark(transfer, recipient, sets, {"at": items.instant(event.at), "file": {file}, "one": file}, once)
        return self._do([self._sealed(transfer), marked], event, Usage(receipts=1))

    def mark_outcome(self, message: SentMessage, outcome: Outcome, event: Event, notice: Notice | None) -> bool:
        name = f"{outcome}_at"
        once = f"attribute_exists(pk) AND attribute_not_exists({name}) AND turn = :turn"
        values = {"at": items.instant(event.at), "turn": message.turn}
        marked = self.records.update(items.recipient_key(message.transfer, message.recipient), f"SET {name} = :at", once, values)
        return self._do([marked, *self._owed(notice, event)], event)

    def _owed(self, notice: Notice | None, event: Event) -> list[Action]:
        return [] if notice is None else [self.records.put(items.notice_item(notice, event.at))]

    def _mark(self, transfer: TransferId, recipient: RecipientId, sets: str, values: Item, also: str | None = None) -> Action:
        condition = ALLOWED if also is None else f"{ALLOWED} AND {also}"
        return self.records.update(items.recipient_key(transfer, recipient), sets, condition, values)

    def _sealed(self, transfer: TransferId) -> Action:
        return self.records.check(items.transfer_key(transfer), SEALED, {"was": str(State.SEALED)}, STATE)

    def _do(self, actions: list[Action], event: Event, used: Usage = NOTHING) -> bool:
        told = [self.records.put(items.audit_item(event)), *meter.count(self.records, event, used)]
        return transact(self.records.client, [*actions, *told])
