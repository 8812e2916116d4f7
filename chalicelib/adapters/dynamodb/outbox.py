"""Notices that are owed, the index of what is due, and the audit trail."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb import items, meter
from chalicelib.adapters.dynamodb.items import Sealer
from chalicelib.adapters.dynamodb.people import REVIEW
from chalicelib.adapters.dynamodb.table import Action, Table, read, transact, unmet, written
from chalicelib.domain import usage
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import CLAIM, Kind, Notice, push_again_at
from chalicelib.usecases.tables import Due, SentMessage

HOUR = timedelta(hours=1)
FURTHEST = timedelta(days=35)  # how far back a first or a long-stopped sweep looks: no transfer lives longer
OWED = "attribute_exists(pk) AND attribute_not_exists(sent_at)"
CURSOR = ("CLINIC", "SWEPT")


class DynamoOutbox:
    """Keep notices until they are sent."""

    def __init__(self, records: Table, sealer: Sealer) -> None:
        self.records = records
        self.sealer = sealer

    def owe(self, notice: Notice, event: Event) -> None:
        actions = [self.records.put(items.notice_item(notice, event.at)), self.records.put(items.audit_item(event))]
        transact(self.records.client, actions)

    def read(self, notice: NoticeId) -> Notice | None:
        item = self.records.get(*items.notice_key(notice))
        return None if item is None or "sent_at" in item else items.notice_from(item, self.sealer)

    def claim(self, notice: NoticeId, now: datetime) -> bool:
        free = "attribute_exists(pk) AND attribute_not_exists(sent_at) AND (attribute_not_exists(claimed) OR claimed < :now)"
        values = {"until": items.instant(now + CLAIM), "now": items.instant(now)}
        return transact(self.records.client, [self.records.update(items.notice_key(notice), "SET claimed = :until", free, values)])

    def release(self, notice: NoticeId) -> None:
        free = self.records.update(items.notice_key(notice), "REMOVE claimed", "attribute_exists(pk)", {})
        transact(self.records.client, [free])

    def postpone(self, notice: Notice, now: datetime) -> bool:
        later = {"pushes": notice.pushes + 1, **items.due(push_again_at(now, notice.pushes + 1))}
        sets = "SET due_hour = :due_hour, due_at = :due_at, pushes = :pushes"
        return transact(self.records.client, [self.records.update(items.notice_key(notice.id), sets, OWED, later)])

    def give_up(self, notice: Notice, event: Event, instead: Notice | None) -> bool:
        dropped = self.records.update(items.notice_key(notice.id), "REMOVE due_hour, due_at", OWED, {})
        owed = [] if instead is None else [self.records.put(items.notice_item(instead, event.at))]
        actions = [dropped, *owed, self.records.put(items.audit_item(event))]
        if notice.kind is not Kind.SHARE_LINK:
            return transact(self.records.client, actions)
        return self._with_recipient(actions, notice, "bounced_at", event)

    def mark_sent(self, notice: Notice, event: Event, message: str | None) -> None:
        sent = "SET sent_at = :at REMOVE due_hour, due_at"
        actions = [self.records.update(items.notice_key(notice.id), sent, "attribute_exists(pk)", {"at": items.instant(event.at)})]
        actions.append(self.records.put(items.audit_item(event)))
        if message is not None:
            actions += meter.count(self.records, event, usage.of_notice(notice.by))
        if message is None or notice.recipient is None:
            transact(self.records.client, actions)
            return
        actions.append(self.records.put(items.message_item(message, notice, event.at)))
        self._with_recipient(actions, notice, "told_at" if notice.kind is Kind.SHARE_LINK else "reminded_at", event)

    def sent_as(self, message: str) -> SentMessage | None:
        item = self.records.get(*items.message_key(message))
        return None if item is None else SentMessage(TransferId(item["transfer"]), RecipientId(item["recipient"]), item["turn"])

    def _with_recipient(self, actions: list[Action], notice: Notice, name: str, event: Event) -> bool:
        """Do it and keep when on the recipient; without them where their address is another by now."""
        if notice.transfer is None or notice.recipient is None:
            return transact(self.records.client, actions)
        values = {"at": items.instant(event.at), "turn": notice.turn}
        key = items.recipient_key(notice.transfer, notice.recipient)
        marked = self.records.update(key, f"SET {name} = :at", "turn = :turn", values)
        failed = unmet(self.records.client, [*actions, marked])
        return not failed or (failed == {len(actions)} and transact(self.records.client, actions))


class DynamoDues:
    """Walk the index of what is due, hour by hour."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def until(self, now: datetime) -> Iterator[Due]:
        kept = self.records.get(*CURSOR)
        hour = now - FURTHEST if kept is None else items.must(items.moment(kept["at"])) - HOUR
        while hour.strftime("%Y-%m-%dT%H") <= now.strftime("%Y-%m-%dT%H"):
            yield from self._hour(hour, now)
            hour += HOUR

    def postpone(self, due: Due, at: datetime, was: datetime | None = None) -> None:
        key = REVIEW if due.review else items.notice_key(due.notice) if due.notice else items.transfer_key(TransferId(due.transfer or ""))
        sets, still = "SET due_hour = :due_hour, due_at = :due_at", "attribute_exists(due_at)"
        values = items.due(at)
        if was is not None:
            still, values = "due_at = :was", {**values, "was": items.due(was)["due_at"]}
        transact(self.records.client, [self.records.update(key, sets, still, values)])

    def swept(self, now: datetime) -> None:
        pk, sk = CURSOR
        transact(self.records.client, [self.records.put({"pk": pk, "sk": sk, "at": items.instant(now)})])

    def last(self) -> datetime | None:
        kept = self.records.get(*CURSOR)
        return None if kept is None else items.moment(kept["at"])

    def _hour(self, hour: datetime, now: datetime) -> Iterator[Due]:
        values = {":hour": hour.strftime("%Y-%m-%dT%H"), ":now": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
        asked: Action = {
            "TableName": self.records.name,
            "IndexName": "by_due",
            "KeyConditionExpression": "due_hour = :hour AND due_at <= :now",
            "ExpressionAttributeValues": written(values),
        }
        while True:
            answer = self.records.client.query(**asked)
            for pk in (read(raw)["pk"] for raw in answer["Items"]):
                yield _due(*pk.split("#"))
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _due(kind: str, identity: str = "") -> Due:
    """Read what lies in the index by its key; the clinic itself lies there for its review."""
    if kind == "CLINIC":
        return Due(review=True)
    return Due(transfer=TransferId(identity)) if kind == "T" else Due(notice=NoticeId(identity))


class DynamoAudit:
    """Keep events that go with no other change."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def record(self, event: Event) -> None:
        transact(self.records.client, [self.records.put(items.audit_item(event))])

    def trail(self, transfer: TransferId) -> Iterator[Event]:
        return map(items.event_from, self.records.query(f"T#{transfer}", "AUDIT#", "AUDIT#~"))
