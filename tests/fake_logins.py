"""Fakes of what DynamoDB keeps of challenges, limits and debts, on the same memory as the transfers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain import usage
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import ChallengeKey, NoticeId, TransferId
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Channel, Purpose
from chalicelib.domain.notice import CLAIM, Kind, Notice, push_again_at
from chalicelib.usecases.tables import Due, SentMessage
from tests.fake_database import Kept, alone


class FakeChallenges(Kept):
    """Askings for a proof."""

    @alone
    def add(self, challenge: Challenge, event: Event | None) -> None:
        if event is not None:
            phrase = {"phrase_asked_at": event.at} if challenge.purpose is Purpose.PHRASE else {}
            self.memory.first(challenge.door, asked_at=event.at, **phrase)
            self.memory.events.append(event)
        self.memory.challenges[challenge.key] = challenge

    @alone
    def read(self, key: ChallengeKey) -> Challenge | None:
        return self.memory.challenges.get(key)

    @alone
    def mark_sent(self, key: ChallengeKey, channel: Channel, event: Event) -> bool:
        kept = self.memory.challenges.get(key)
        if kept is None or kept.sent_at is not None:
            return False
        self.memory.challenges[key] = replace(kept, sent_at=event.at, channel=channel)
        self.memory.count(event, usage.of_code(channel))
        self.memory.events.append(event)
        return True


class FakeLimits(Kept):
    """Fixed windows."""

    @alone
    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        counts = self.memory.counts
        full = [one for one in limits if counts.get((one.scope, one.start(now)), 0) >= one.most]
        if full:
            return max(one.left(now) for one in full)
        counts.update({(one.scope, one.start(now)): counts.get((one.scope, one.start(now)), 0) + 1 for one in limits})
        return None


class FakeOutbox(Kept):
    """Notices that are owed."""

    @alone
    def owe(self, notice: Notice, event: Event) -> None:
        self.memory.owe(notice, event.at)
        self.memory.events.append(event)

    @alone
    def read(self, notice: NoticeId) -> Notice | None:
        return None if notice in self.memory.sent else self.memory.notices.get(notice)

    @alone
    def claim(self, notice: NoticeId, now: datetime) -> bool:
        if self.read(notice) is None or self.memory.claims.get(notice, now - CLAIM) >= now:
            return False
        self.memory.claims[notice] = now + CLAIM
        return True

    @alone
    def release(self, notice: NoticeId) -> None:
        self.memory.claims.pop(notice, None)

    @alone
    def postpone(self, notice: Notice, now: datetime) -> bool:
        if self.read(notice.id) is None:
            return False
        self.memory.notices[notice.id] = replace(notice, pushes=notice.pushes + 1)
        self.memory.dues[Due(notice=notice.id)] = push_again_at(now, notice.pushes + 1)
        return True

    @alone
    def give_up(self, notice: Notice, event: Event, instead: Notice | None) -> bool:
        if self.read(notice.id) is None:
            return False
        self.memory.dues.pop(Due(notice=notice.id), None)
        self.memory.events.append(event)
        if instead is not None:
            self.memory.owe(instead, event.at)
        if notice.kind is Kind.SHARE_LINK:
            self._keep_when(notice, "bounced_at", event.at)
        return True

    @alone
    def mark_sent(self, notice: Notice, event: Event, message: str | None) -> None:
        self.memory.dues.pop(Due(notice=notice.id), None)
        self.memory.sent.add(notice.id)
        self.memory.events.append(event)
        if message is not None:
            self.memory.count(event, usage.of_notice(notice.by))
        if message is None or notice.transfer is None or notice.recipient is None:
            return
        self.memory.messages[message] = SentMessage(notice.transfer, notice.recipient, notice.turn)
        self._keep_when(notice, "told_at" if notice.kind is Kind.SHARE_LINK else "reminded_at", event.at)

    @alone
    def sent_as(self, message: str) -> SentMessage | None:
        return self.memory.messages.get(message)

    def _keep_when(self, notice: Notice, name: str, at: datetime) -> None:
        kept = None if notice.recipient is None else self.memory.recipients[notice.recipient]
        if kept is not None and kept.turn == notice.turn:
            change: Any = {name: at}
            self.memory.recipients[kept.id] = replace(kept, **change)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


class FakeDues(Kept):
    """What is due, by hour: what is written into an hour the sweeper has left behind is not found again."""

    @alone
    def until(self, now: datetime) -> Iterable[Due]:
        first = datetime.min.replace(tzinfo=UTC) if self.memory.swept_at is None else _hour(self.memory.swept_at) - timedelta(hours=1)
        return [one for one, at in self.memory.dues.items() if first <= _hour(at) and at <= now]

    @alone
    def postpone(self, due: Due, at: datetime, was: datetime | None = None) -> None:
        if due in self.memory.dues and was in (None, self.memory.dues[due]):
            self.memory.dues[due] = at

    @alone
    def swept(self, now: datetime) -> None:
        self.memory.swept_at = now

    @alone
    def last(self) -> datetime | None:
        return self.memory.swept_at


class FakeAudit(Kept):
    """Events that go with no other change."""

    @alone
    def record(self, event: Event) -> None:
        self.memory.events.append(event)

    @alone
    def trail(self, transfer: TransferId) -> Sequence[Event]:
        return sorted(self.memory.trail(transfer=transfer), key=lambda event: (event.at, event.id))
