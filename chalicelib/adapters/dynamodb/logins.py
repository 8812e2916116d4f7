"""Sessions, challenges and counters in the records table. What a browser holds is kept as a digest only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb import items, meter, people
from chalicelib.adapters.dynamodb.table import Action, Item, Key, Table, pause, transact
from chalicelib.domain import usage
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import ChallengeKey, MemberId, SessionKey
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Channel, Door, Purpose, Session
from chalicelib.domain.recipient import OPENERS_MOST, Opener
from chalicelib.usecases.people import SessionName


def first(records: Table, door: Door | None, firsts: Item, opener: Opener | None = None) -> list[Action]:
    """Say: keep when and how a recipient first came that far, if the address is still the one they came from.

    Where they said who they are, count that too, up to the most.
    """
    if door is None or door.transfer is None or door.recipient is None:
        return []
    values = {**firsts, "turn": door.turn}
    sets, same = "SET " + ", ".join(f"{name} = if_not_exists({name}, :{name})" for name in firsts), "turn = :turn"
    if opener is not None:
        values |= {"one": 1, "most": OPENERS_MOST}
        sets, same = f"{sets} ADD named :one", f"{same} AND (attribute_not_exists(named) OR named < :most)"
    return [records.update(items.recipient_key(door.transfer, door.recipient), sets, same, values)]


def challenge_key(key: ChallengeKey) -> Key:
    return f"C#{key}", "CHALLENGE"


def challenge_from(item: Item) -> Challenge:
    """Read a challenge."""
    door = people.door_from(item) if item["known"] else None
    return Challenge(
        ChallengeKey(item["key"]),
        door,
        item["scope"],
        Channel(item["channel"]),
        items.must(items.moment(item["expires_at"])),
        item["tries"],
        items.moment(item.get("sent_at")),
        Purpose(item["purpose"]),
        items.moment(item.get("next_at")),
    )


class DynamoSessions:
    """Keep sessions: a member's with the member, a recipient's by itself."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def read(self, key: SessionKey) -> Session | None:
        item = self.records.get(*people.session_key(SessionName(key)))
        return None if item is None else people.session_from(item)

    def of(self, member: MemberId) -> tuple[Session, ...]:
        return tuple(map(people.session_from, self.records.query(f"A#{member}", "SESSION#", "SESSION#~")))

    def touch(self, session: Session) -> None:
        at = people.session_key(SessionName(session.key, session.door.member))
        seen = {"at": items.instant(session.seen_at)}
        transact(self.records.client, [self.records.update(at, "SET seen_at = :at", "attribute_exists(pk)", seen)])

    def remove(self, session: Session, event: Event) -> None:
        gone = self.records.delete(*people.session_key(SessionName(session.key, session.door.member)))
        transact(self.records.client, [gone, self.records.put(items.audit_item(event))])


class DynamoChallenges:
    """Keep challenges."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def add(self, challenge: Challenge, event: Event | None) -> None:
        pk, sk = challenge_key(challenge.key)
        item: Item = {
            "pk": pk,
            "sk": sk,
            "key": challenge.key,
            **people.door_item(challenge.door),
            "scope": challenge.scope,
            "purpose": str(challenge.purpose),
            "channel": str(challenge.channel),
            "tries": challenge.tries,
            "expires_at": items.instant(challenge.expires_at),
            "ttl": items.instant(challenge.expires_at + people.LINGER),
        }
        if not transact(self.records.client, [self.records.put(item), *self._told(challenge, event)]):
            raise RuntimeError("who asks for a code has another address now")

    def _told(self, challenge: Challenge, event: Event | None) -> list[Action]:
        if event is None:
            return []
        names = ("asked_at", "phrase_asked_at") if challenge.purpose is Purpose.PHRASE else ("asked_at",)
        firsts = dict.fromkeys(names, items.instant(event.at))
        return [*first(self.records, challenge.door, firsts), self.records.put(items.audit_item(event))]

    def read(self, key: ChallengeKey) -> Challenge | None:
        item = self.records.get(*challenge_key(key))
        return None if item is None else challenge_from(item)

    def mark_sent(self, key: ChallengeKey, channel: Channel, event: Event) -> bool:
        unsent = "attribute_exists(pk) AND attribute_not_exists(sent_at)"
        values = {"at": items.instant(event.at), "channel": str(channel)}
        marked = self.records.update(challenge_key(key), "SET sent_at = :at, channel = :channel", unsent, values)
        counted = meter.count(self.records, event, usage.of_code(channel))
        return transact(self.records.client, [marked, self.records.put(items.audit_item(event)), *counted])


class DynamoLimits:
    """Count in fixed windows: all of the limits or none, in one call, without a read."""

    def __init__(self, records: Table) -> None:
        self.records = records

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        client = self.records.client
        for attempt in range(5):
            try:
                client.transact_write_items(TransactItems=[window(self.records, limit, now) for limit in limits])
            except client.exceptions.TransactionCanceledException as error:
                reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
                full = [limit for limit, reason in zip(limits, reasons, strict=False) if reason == "ConditionalCheckFailed"]
                if full:
                    return max(limit.left(now) for limit in full)
                pause(attempt)
            else:
                return None
        return timedelta(seconds=1)


def window(records: Table, limit: Limit, now: datetime) -> Action:
    """Say: count once in the present window of a limit, if it is not full."""
    at = (f"L#{limit.scope}", f"W#{limit.start(now)}")
    values = {"one": 1, "most": limit.most, "ttl": items.instant(now + limit.left(now) + people.LINGER)}
    counted = "ADD taken :one SET #ttl = if_not_exists(#ttl, :ttl)"
    return records.update(at, counted, "attribute_not_exists(taken) OR taken < :most", values, {"#ttl": "ttl"})
