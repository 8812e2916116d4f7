"""Transfers in the records table, with their envelope's beginnings in the keys table."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.adapters.dynamodb import items, meter, quotas
from chalicelib.adapters.dynamodb.items import Sealer
from chalicelib.adapters.dynamodb.table import BATCH_GET, Action, Item, Key, Table, batch_get, read, transact, unmet, written
from chalicelib.domain import usage
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.notice import Notice
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import FINISH, Ending, Fault, State, Tombstone, Transfer, Upload
from chalicelib.domain.usage import NOTHING, Usage
from chalicelib.usecases.tables import Added, Quotas, Sent, Whole

FILES_END = 100_000  # five digits in a key
ABSENT = "attribute_not_exists(pk)"
STATE = {"#state": "state"}  # a reserved word
OPEN = "#state = :was AND attribute_not_exists(ending)"


class DynamoTransfers:
    """Keep transfers; one item each, one per recipient, one per file that has begun."""

    def __init__(self, records: Table, keys: Table, sealer: Sealer) -> None:
        self.records = records
        self.keys = keys
        self.sealer = sealer

    def add(self, draft: Whole, wrapped_key: bytes, allowed: Quotas, event: Event) -> Added:
        transfer = draft.transfer
        key = {"pk": f"T#{transfer.id}", "sk": "DRAFT", "wrapped": wrapped_key, "ttl": items.keys_kept_until(transfer)}
        people = [self.records.put(items.recipient_item(transfer, r, self.sealer)) for r in draft.recipients]
        kept = self.records.put(items.transfer_item(transfer, self.sealer), ABSENT)
        taken = quotas.take(self.records, transfer, allowed)
        actions = [kept, self.keys.put(key), *taken, *people, *self._told(event, Usage(drafts=1))]
        failed = unmet(self.records.client, actions)
        if not failed:
            return Added.KEPT
        return Added.TWICE if 0 in failed else Added.OVER_QUOTA

    def read(self, transfer: TransferId) -> Transfer | None:
        item = self.records.get(*items.transfer_key(transfer))
        return None if item is None else items.transfer_from(item, self.sealer)

    def draft(self, transfer: TransferId) -> tuple[Transfer, bytes] | None:
        key, draft = items.transfer_key(transfer), (f"T#{transfer}", "DRAFT")
        found = batch_get(self.records.client, {self.records.name: [key], self.keys.name: [draft]})
        if key not in found or draft not in found:
            return None
        return items.transfer_from(found[key], self.sealer), found[draft]["wrapped"]

    def with_uploads(self, transfer: TransferId, files: Collection[int]) -> tuple[Transfer, dict[int, Upload]] | None:
        key = items.transfer_key(transfer)
        found = self._get([key, *(items.file_key(transfer, file) for file in files if 0 <= file < FILES_END)])
        if key not in found:
            return None
        whole = items.transfer_from(found.pop(key), self.sealer)
        return whole, {item["file"]: items.upload_from(item) for item in found.values()}

    def with_recipient(self, transfer: TransferId, recipient: RecipientId) -> tuple[Transfer, Recipient] | None:
        keys = [items.transfer_key(transfer), items.recipient_key(transfer, recipient)]
        found = self._get(keys)
        if any(key not in found for key in keys):
            return None
        return items.transfer_from(found[keys[0]], self.sealer), items.recipient_from(found[keys[1]], self.sealer)

    def whole(self, transfer: TransferId) -> Whole | None:
        found = {item["sk"]: item for item in self.records.query(f"T#{transfer}", "FILE#", "TRANSFER")}
        if "TRANSFER" not in found:
            return None
        whole = items.transfer_from(found["TRANSFER"], self.sealer)
        uploads = tuple(items.upload_from(item) for sk, item in found.items() if sk.startswith("FILE#"))
        openers = (items.opener_from(item, self.sealer) for sk, item in found.items() if sk.startswith("OPENER#"))
        recipients = self._recipients(whole, {(i["pk"], i["sk"]): i for i in found.values()})
        return Whole(whole, recipients, uploads, tuple(sorted(openers, key=lambda one: (one.at, one.id))))

    def sent_by(self, member: MemberId, after: str | None, most: int) -> Sent:
        asked: Action = {
            "TableName": self.records.name,
            "IndexName": "by_sender",
            "KeyConditionExpression": "sender = :sender",
            "ExpressionAttributeValues": written({":sender": member}),
            "ScanIndexForward": False,
            "Limit": most,
        }
        if after is not None:
            pk, sk = items.transfer_key(TransferId(after.partition("#")[2]))
            asked["ExclusiveStartKey"] = written({"sender": member, "created": after, "pk": pk, "sk": sk})
        answer = self.records.client.query(**asked)
        sent = [items.transfer_from(read(raw), self.sealer) for raw in answer["Items"]]
        keys = [items.recipient_key(t.id, r) for t in sent for r in t.recipient_ids]
        found: dict[Key, Item] = {}
        for start in range(0, len(keys), BATCH_GET):
            found.update(self._get(keys[start : start + BATCH_GET]))
        last = answer.get("LastEvaluatedKey")
        return Sent(tuple(Whole(t, self._recipients(t, found)) for t in sent), read(last)["created"] if last else None)

    def accept_envelope(self, transfer: Transfer, manifest: bytes, headers: Sequence[bytes], event: Event) -> bool:
        kept = [self.keys.put(item, ABSENT) for item in items.envelope_items(transfer, manifest, headers)]
        look = items.must(transfer.look_at)
        sets = ", look_at = :look, due_hour = :due_hour, due_at = :due_at"
        values = {"look": items.instant(look), **items.due(look)}
        return self._do([self._move(transfer.id, State.DRAFT, State.LANDING, sets, values), *kept], event)

    def add_uploads(self, transfer: Transfer, uploads: Sequence[Upload]) -> bool:
        landing = self.records.check(items.transfer_key(transfer.id), OPEN, {"was": str(State.LANDING)}, STATE)
        return transact(self.records.client, [landing, *(self.records.put(items.upload_item(transfer, u), ABSENT) for u in uploads)])

    def set_checksum(self, transfer: TransferId, file: int, checksum: str) -> bool:
        at, values = items.file_key(transfer, file), {"checksum": checksum, "no": False}
        update = self.records.update(at, "SET checksum = :checksum", "landed = :no", values)
        return transact(self.records.client, [update])

    def land(self, transfer: TransferId, file: int, event: Event) -> bool:
        flags = {"yes": True, "no": False}
        landed = self.records.update(items.file_key(transfer, file), "SET landed = :yes", "landed = :no", flags)
        counted = self.records.update(items.transfer_key(transfer), "ADD landed :one", OPEN, {"one": 1, "was": str(State.LANDING)}, STATE)
        return self._do([landed, counted], event)

    def seal(self, transfer: Transfer, wraps: Mapping[RecipientId, bytes], event: Event, notices: Sequence[Notice]) -> bool:
        sealed = replace(transfer, state=State.SEALED, sealed_at=event.at)
        later = {"at": items.instant(event.at), **items.next_due(sealed, event.at)}
        sets = ", sealed_at = :at, due_hour = :due_hour, due_at = :due_at"
        owed = [self.records.put(items.notice_item(notice, event.at)) for notice in notices]
        kept = self.keys.put({"pk": f"T#{transfer.id}", "sk": "WRAPS", "wraps": dict(wraps), "ttl": items.keys_kept_until(transfer)})
        moved = self._move(transfer.id, State.LANDING, State.SEALED, sets, later)
        return self._do([moved, kept, *owed], event, usage.of_sealing(transfer))

    def look_again(self, transfer: Transfer) -> bool:
        look = items.must(transfer.look_at)
        values = {"look": items.instant(look), "was": str(State.LANDING), **items.due(look)}
        sets = "SET look_at = :look, due_hour = :due_hour, due_at = :due_at"
        return transact(self.records.client, [self.records.update(items.transfer_key(transfer.id), sets, OPEN, values, STATE)])

    def remind(self, transfer: Transfer, until: datetime | None, event: Event, notices: Sequence[Notice]) -> bool:
        owed = [self.records.put(items.notice_item(notice, event.at)) for notice in notices]
        same, values = f"{OPEN} AND expires_at = :ends", {"was": str(State.SEALED), "ends": items.instant(transfer.expires_at)}
        at = items.transfer_key(transfer.id)
        if until is None:
            return self._do([self.records.check(at, same, values, STATE), *owed], event)
        before = transfer.reminded_until
        fresh = "attribute_not_exists(reminded_until)" if before is None else "reminded_until = :before"
        values |= {"until": items.instant(until), **items.next_due(replace(transfer, reminded_until=until), event.at)}
        values |= {} if before is None else {"before": items.instant(before)}
        sets = "SET reminded_until = :until, due_hour = :due_hour, due_at = :due_at"
        return self._do([self.records.update(at, sets, f"{same} AND {fresh}", values, STATE), *owed], event)

    def reschedule(self, transfer: Transfer, was: datetime, event: Event) -> bool:
        values = {"ends": items.instant(transfer.expires_at), "old": items.instant(was), "was": str(State.SEALED)}
        sets = "SET expires_at = :ends, due_hour = :due_hour, due_at = :due_at"
        same = f"{OPEN} AND expires_at = :old"
        values |= items.next_due(transfer, event.at)
        return self._do([self.records.update(items.transfer_key(transfer.id), sets, same, values, STATE)], event)

    def refuse(self, transfer: Transfer, fault: Fault, event: Event, notice: Notice) -> bool:
        sets = ", fault = :fault, due_hour = :due_hour, due_at = :due_at"
        values = {"fault": str(fault), **items.due(event.at)}
        owed = self.records.put(items.notice_item(notice, event.at))
        given_back = quotas.give_back(self.records, transfer)
        return self._do([self._move(transfer.id, State.LANDING, State.REFUSED, sets, values), owed, *given_back], event)

    def end(self, transfer: Transfer, ending: Ending, event: Event) -> bool:
        values = {"ending": str(ending), "was": str(transfer.state), "at": items.instant(event.at), **items.due(event.at + FINISH)}
        sets = "SET ending = :ending, ended_at = :at, due_hour = :due_hour, due_at = :due_at"
        same = f"{OPEN} AND expires_at = :ends"
        values["ends"] = items.instant(transfer.expires_at)
        given_back = quotas.give_back(self.records, transfer) if transfer.state in (State.DRAFT, State.LANDING) else []
        return self._do([self.records.update(items.transfer_key(transfer.id), sets, same, values, STATE), *given_back], event)

    def shred(self, transfer: Transfer, tombstone: Tombstone, event: Event, notices: Sequence[Notice]) -> bool:
        values = {"gone": str(State.SHREDDED), "at": items.instant(event.at), "keys": items.instant(tombstone.keys_destroyed_at)}
        values |= {"events": tombstone.events, "trail": tombstone.trail}
        sets = "SET #state = :gone, shredded_at = :at, keys_destroyed_at = :keys, events = :events, trail = :trail REMOVE due_hour, due_at"
        alive = "attribute_exists(pk) AND #state <> :gone"
        owed = [self.records.put(items.notice_item(notice, event.at)) for notice in notices]
        gone = self.records.update(items.transfer_key(transfer.id), sets, alive, values, STATE)
        return self._do([gone, *owed], event, usage.of_destruction(transfer, event.at))

    def _move(self, transfer: TransferId, was: State, to: State, sets: str = "", values: Item | None = None) -> Action:
        both = {"was": str(was), "to": str(to), **(values or {})}
        return self.records.update(items.transfer_key(transfer), f"SET #state = :to{sets}", OPEN, both, STATE)

    def _do(self, actions: list[Action], event: Event, used: Usage = NOTHING) -> bool:
        return transact(self.records.client, [*actions, *self._told(event, used)])

    def _told(self, event: Event, used: Usage) -> list[Action]:
        return [self.records.put(items.audit_item(event)), *meter.count(self.records, event, used)]

    def _get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        return batch_get(self.records.client, {self.records.name: keys}) if keys else {}

    def _recipients(self, transfer: Transfer, found: dict[Key, Item]) -> tuple[Recipient, ...]:
        kept = [found[key] for r in transfer.recipient_ids if (key := items.recipient_key(transfer.id, r)) in found]
        return tuple(items.recipient_from(item, self.sealer) for item in kept)
