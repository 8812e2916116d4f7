"""Sessions, challenges and counters in the records table. What a browser holds is kept as a digest only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.members import PARTITION
from chalicelib.adapters.dynamodb.table import Action, Item, Table, pause, read, transact, written
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import ChallengeKey, MemberId, RecipientId, SessionKey, TransferId
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import CODE_TRIES, Challenge, Channel, Door, Role, Session

LINGER = timedelta(days=1)  # housekeeping only: every read checks the time itself


def _door_item(door: Door | None) -> Item:
    if door is None:
        return {"known": False}
    return {"known": True, "member": door.member, "transfer": door.transfer, "recipient": door.recipient, "turn": door.turn}


def _door(item: Item) -> Door:
    member, transfer, recipient = item.get("member"), item.get("transfer"), item.get("recipient")
    return Door(
        MemberId(member) if member else None,
        TransferId(transfer) if transfer else None,
        RecipientId(recipient) if recipient else None,
        item.get("turn", 0),
    )


def _first(records: Table, door: Door | None, name: str, event: Event) -> list[Action]:
    """Say: keep when a recipient first came that far, if the address is still the one they came from."""
    if door is None or door.transfer is None or door.recipient is None:
        return []
    values = {"at": items.instant(event.at), "turn": door.turn}
    sets = f"SET {name} = if_not_exists({name}, :at)"
    return [records.update(items.recipient_key(door.transfer, door.recipient), sets, "turn = :turn", values)]


class DynamoSessions:
    """Keep sessions."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def add(self, session: Session, event: Event) -> None:
        actions = [self.records.put(self._item(session)), self.records.put(items.audit_item(event))]
        actions += _first(self.records, session.door, "proved_at", event)
        if session.door.member is not None:
            at = (PARTITION, f"MEMBER#{session.door.member}")
            seen = {"at": items.instant(event.at)}
            actions.append(self.records.update(at, "SET last_seen_at = :at", "attribute_exists(pk)", seen))
        if not transact(self.records.client, actions):
            raise RuntimeError("whose session this is is gone, or has another address now")

    def read(self, key: SessionKey) -> Session | None:
        item = self.records.get(f"S#{key}", "SESSION")
        if item is None:
            return None
        created, seen, ends = (items.must(items.moment(item[name])) for name in ("created_at", "seen_at", "expires_at"))
        return Session(key, _door(item), created, seen, ends, Role(item["role"]) if "role" in item else None)

    def touch(self, session: Session) -> None:
        at = (f"S#{session.key}", "SESSION")
        seen = {"at": items.instant(session.seen_at)}
        transact(self.records.client, [self.records.update(at, "SET seen_at = :at", "attribute_exists(pk)", seen)])

    def remove(self, session: Session, event: Event) -> None:
        gone = self.records.delete(f"S#{session.key}", "SESSION")
        transact(self.records.client, [gone, self.records.put(items.audit_item(event))])

    def _item(self, session: Session) -> Item:
        return {
            "pk": f"S#{session.key}",
            "sk": "SESSION",
            **_door_item(session.door),
            "role": None if session.role is None else str(session.role),
            "created_at": items.instant(session.created_at),
            "seen_at": items.instant(session.seen_at),
            "expires_at": items.instant(session.expires_at),
            "ttl": items.instant(session.expires_at + LINGER),
        }


class DynamoChallenges:
    """Keep challenges. A try is counted before the code is looked at."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def add(self, challenge: Challenge, event: Event) -> None:
        item: Item = {
            "pk": f"C#{challenge.key}",
            "sk": "CHALLENGE",
            **_door_item(challenge.door),
            "scope": challenge.scope,
            "channel": str(challenge.channel),
            "tries": challenge.tries,
            "expires_at": items.instant(challenge.expires_at),
            "ttl": items.instant(challenge.expires_at + LINGER),
        }
        asked = _first(self.records, challenge.door, "asked_at", event)
        if not transact(self.records.client, [self.records.put(item), *asked, self.records.put(items.audit_item(event))]):
            raise RuntimeError("who asks for a code has another address now")

    def read(self, key: ChallengeKey) -> Challenge | None:
        item = self.records.get(f"C#{key}", "CHALLENGE")
        return None if item is None else self._challenge(key, item)

    def take_try(self, key: ChallengeKey, now: datetime) -> Challenge | None:
        client = self.records.client
        try:
            answer = client.update_item(
                TableName=self.records.name,
                Key=self.records.key(f"C#{key}", "CHALLENGE"),
                UpdateExpression="SET tries = tries + :one",
                ConditionExpression="attribute_exists(pk) AND tries < :most AND expires_at > :now",
                ExpressionAttributeValues=written({":one": 1, ":most": CODE_TRIES, ":now": items.instant(now)}),
                ReturnValues="ALL_NEW",
            )
        except client.exceptions.ConditionalCheckFailedException:
            return None
        return self._challenge(key, read(answer["Attributes"]))

    def consume(self, key: ChallengeKey) -> bool:
        return transact(self.records.client, [self.records.delete(f"C#{key}", "CHALLENGE", "attribute_exists(pk)")])

    def mark_sent(self, key: ChallengeKey, event: Event) -> bool:
        at = (f"C#{key}", "CHALLENGE")
        unsent = "attribute_exists(pk) AND attribute_not_exists(sent_at)"
        marked = self.records.update(at, "SET sent_at = :at", unsent, {"at": items.instant(event.at)})
        return transact(self.records.client, [marked, self.records.put(items.audit_item(event))])

    def _challenge(self, key: ChallengeKey, item: Item) -> Challenge:
        door = _door(item) if item["known"] else None
        ends = items.must(items.moment(item["expires_at"]))
        return Challenge(key, door, item["scope"], Channel(item["channel"]), ends, item["tries"], items.moment(item.get("sent_at")))


class DynamoLimits:
    """Count in fixed windows: all of the limits or none, in one call, without a read."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        client = self.records.client
        for attempt in range(5):
            try:
                client.transact_write_items(TransactItems=[self._count(limit, now) for limit in limits])
            except client.exceptions.TransactionCanceledException as error:
                reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
                full = [limit for limit, reason in zip(limits, reasons, strict=False) if reason == "ConditionalCheckFailed"]
                if full:
                    return max(limit.left(now) for limit in full)
                pause(attempt)
            else:
                return None
        return timedelta(seconds=1)

    def _count(self, limit: Limit, now: datetime) -> dict[str, object]:
        at = (f"L#{limit.scope}", f"W#{limit.start(now)}")
        gone = items.instant(now + limit.left(now) + LINGER)
        values = {"one": 1, "most": limit.most, "ttl": gone}
        counted = "ADD taken :one SET #ttl = if_not_exists(#ttl, :ttl)"
        return self.records.update(at, counted, "attribute_not_exists(taken) OR taken < :most", values, {"#ttl": "ttl"})
