"""Notices that are owed, the index of what is due, and the audit trail."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.table import Action, Table, read, transact, written
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import NoticeId, TransferId
from chalicelib.domain.notice import CLAIM, Kind, Notice, push_again_at
from chalicelib.usecases.ports import Due

HOUR = timedelta(hours=1)
FURTHEST = timedelta(days=35)  # how far back a first or a long-stopped sweep looks: no transfer lives longer
OWED = "attribute_exists(pk) AND attribute_not_exists(sent_at)"
CURSOR = ("CLINIC", "SWEPT")


class DynamoOutbox:
    """Keep notices until they are sent."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def read(self, notice: NoticeId) -> Notice | None:
        item = self.records.get(*items.notice_key(notice))
        return None if item is None or "sent_at" in item else items.notice_from(item)

    def claim(self, notice: NoticeId, now: datetime) -> bool:
        free = "attribute_exists(pk) AND attribute_not_exists(sent_at) AND (attribute_not_exists(claimed) OR claimed < :now)"
        values = {"until": items.instant(now + CLAIM), "now": items.instant(now)}
        return transact(self.records.client, [self.records.update(items.notice_key(notice), "SET claimed = :until", free, values)])

    def postpone(self, notice: Notice, now: datetime) -> bool:
        later = {"pushes": notice.pushes + 1, **items.due(push_again_at(now, notice.pushes + 1))}
        sets = "SET due_hour = :due_hour, due_at = :due_at, pushes = :pushes"
        return transact(self.records.client, [self.records.update(items.notice_key(notice.id), sets, OWED, later)])

    def give_up(self, notice: NoticeId, event: Event) -> bool:
        dropped = self.records.update(items.notice_key(notice), "REMOVE due_hour, due_at", OWED, {})
        return transact(self.records.client, [dropped, self.records.put(items.audit_item(event))])

    def mark_sent(self, notice: Notice, event: Event, *, told: bool) -> None:
        at = {"at": items.instant(event.at)}
        sent = "SET sent_at = :at REMOVE due_hour, due_at"
        actions = [self.records.update(items.notice_key(notice.id), sent, "attribute_exists(pk)", at)]
        if told and notice.kind is Kind.SHARE_LINK and notice.transfer and notice.recipient:
            key = items.recipient_key(notice.transfer, notice.recipient)
            actions.append(self.records.update(key, "SET told_at = if_not_exists(told_at, :at)", "attribute_exists(pk)", at))
        transact(self.records.client, [*actions, self.records.put(items.audit_item(event))])


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

    def swept(self, now: datetime) -> None:
        pk, sk = CURSOR
        transact(self.records.client, [self.records.put({"pk": pk, "sk": sk, "at": items.instant(now)})])

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
                kind, _, identity = pk.partition("#")
                yield Due(transfer=TransferId(identity)) if kind == "T" else Due(notice=NoticeId(identity))
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


class DynamoAudit:
    """Keep events that go with no other change."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def record(self, event: Event) -> None:
        transact(self.records.client, [self.records.put(items.audit_item(event))])
