"""Fakes of what DynamoDB keeps of transfers, in memory: the same conditions, behind one lock."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import wraps
from threading import RLock
from typing import Any, TypeVar

from chalicelib.domain import usage
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.factor import Keyring
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, SessionKey, TransferId
from chalicelib.domain.limits import Quota
from chalicelib.domain.login import Challenge, Door, Session
from chalicelib.domain.member import Member
from chalicelib.domain.notice import Notice, push_again_at
from chalicelib.domain.recipient import Opener, Outcome, Recipient
from chalicelib.domain.throttle import Throttle
from chalicelib.domain.transfer import FINISH, Ending, Fault, State, Tombstone, Transfer, Upload
from chalicelib.domain.usage import NOTHING, Usage
from chalicelib.usecases.people import Review
from chalicelib.usecases.tables import Added, Due, Envelope, Quotas, Sent, SentMessage, Whole

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(slots=True)
class Memory:
    """All that is kept. One lock around every method makes each of them a transaction."""

    lock: RLock = field(default_factory=RLock)
    transfers: dict[TransferId, Transfer] = field(default_factory=dict)
    recipients: dict[RecipientId, Recipient] = field(default_factory=dict)
    uploads: dict[tuple[TransferId, int], Upload] = field(default_factory=dict)
    drafts: dict[TransferId, bytes] = field(default_factory=dict)
    envelopes: dict[TransferId, tuple[bytes, tuple[bytes, ...]]] = field(default_factory=dict)
    wraps: dict[tuple[TransferId, RecipientId], bytes] = field(default_factory=dict)
    members: dict[MemberId, Member] = field(default_factory=dict)
    rings: dict[MemberId, Keyring] = field(default_factory=dict)
    administrators: set[MemberId] = field(default_factory=set)
    founded: bool = False
    throttles: dict[str, Throttle] = field(default_factory=dict)
    acceptance: Acceptance | None = None
    review: Review | None = None
    sessions: dict[SessionKey, Session] = field(default_factory=dict)
    challenges: dict[ChallengeKey, Challenge] = field(default_factory=dict)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    notices: dict[NoticeId, Notice] = field(default_factory=dict)
    sent: set[NoticeId] = field(default_factory=set)
    claims: dict[NoticeId, datetime] = field(default_factory=dict)
    dues: dict[Due, datetime] = field(default_factory=dict)
    swept_at: datetime | None = None
    events: list[Event] = field(default_factory=list)
    messages: dict[str, SentMessage] = field(default_factory=dict)
    openers: dict[str, tuple[TransferId | None, Opener]] = field(default_factory=dict)
    used: dict[tuple[date, str], Quota] = field(default_factory=dict)
    meter: dict[date, Usage] = field(default_factory=dict)

    def first(self, door: Door | None, **firsts: Any) -> None:
        """Keep when and how a recipient first came that far, at the address they came from."""
        kept = None if door is None or door.recipient is None else self.recipients[door.recipient]
        if door is None or kept is None:
            return
        if kept.turn != door.turn:
            raise RuntimeError("the recipient has another address now")
        self.recipients[kept.id] = replace(kept, **{name: getattr(kept, name) or value for name, value in firsts.items()})

    def trail(self, *tags: Tag, transfer: TransferId | None = None) -> list[Event]:
        """List the events of some kinds, or all, of one transfer or all."""
        kept = [e for e in self.events if transfer in (None, e.transfer)]
        return [e for e in kept if not tags or e.tag in tags]

    def count(self, event: Event, used: Usage) -> None:
        day = event.at.date()
        self.meter[day] = self.meter.get(day, NOTHING) + used

    def owe(self, notice: Notice, now: datetime) -> None:
        self.notices[notice.id] = notice
        self.dues[Due(notice=notice.id)] = push_again_at(now)


class Kept:
    """A fake that works on the memory."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory


def alone(method: F) -> F:
    """Let one thread at a time do it: what a transaction is to DynamoDB."""

    @wraps(method)
    def done(self: Kept, *args: object, **kwargs: object) -> object:
        with self.memory.lock:
            return method(self, *args, **kwargs)

    return done  # type: ignore[return-value]


class FakeTransfers(Kept):
    """Transfers, recipients, uploads."""

    @alone
    def add(self, draft: Whole, wrapped_key: bytes, allowed: Quotas, event: Event) -> Added:
        transfer = draft.transfer
        if transfer.id in self.memory.transfers:
            return Added.TWICE
        if not self._take(transfer, allowed):
            return Added.OVER_QUOTA
        self.memory.drafts[transfer.id] = wrapped_key
        self.memory.count(event, Usage(drafts=1))
        self.memory.recipients.update({r.id: r for r in draft.recipients})
        self._write(transfer, event, transfer.due_at)
        return Added.KEPT

    @alone
    def read(self, transfer: TransferId) -> Transfer | None:
        return self.memory.transfers.get(transfer)

    @alone
    def draft(self, transfer: TransferId) -> tuple[Transfer, bytes] | None:
        found, wrapped = self.memory.transfers.get(transfer), self.memory.drafts.get(transfer)
        return None if found is None or wrapped is None else (found, wrapped)

    @alone
    def with_uploads(self, transfer: TransferId, files: Collection[int]) -> tuple[Transfer, dict[int, Upload]] | None:
        found, kept = self.memory.transfers.get(transfer), self.memory.uploads
        return None if found is None else (found, {f: kept[transfer, f] for f in files if (transfer, f) in kept})

    @alone
    def with_recipient(self, transfer: TransferId, recipient: RecipientId) -> tuple[Transfer, Recipient] | None:
        found = self.memory.transfers.get(transfer)
        return None if found is None or recipient not in found.recipient_ids else (found, self.memory.recipients[recipient])

    @alone
    def whole(self, transfer: TransferId) -> Whole | None:
        found = self.memory.transfers.get(transfer)
        return None if found is None else self._whole(found)

    @alone
    def sent_by(self, member: MemberId, after: str | None, most: int) -> Sent:
        mine = {_created(t): t for t in self.memory.transfers.values() if t.sender == member}
        page = sorted((c for c in mine if after is None or c < after), reverse=True)[:most]
        listed = tuple(replace(self._whole(mine[c]), uploads=(), openers=()) for c in page)
        return Sent(listed, page[-1] if len(page) == most else None)

    @alone
    def accept_envelope(self, transfer: Transfer, manifest: bytes, headers: Sequence[bytes], event: Event) -> bool:
        if not self._is(transfer.id, State.DRAFT):
            return False
        self.memory.envelopes[transfer.id] = (manifest, tuple(headers))
        landing = replace(self.memory.transfers[transfer.id], state=State.LANDING, look_at=transfer.look_at)
        return self._write(landing, event, transfer.look_at)

    @alone
    def add_uploads(self, transfer: Transfer, uploads: Sequence[Upload]) -> bool:
        if not self._is(transfer.id, State.LANDING) or any((transfer.id, u.file) in self.memory.uploads for u in uploads):
            return False
        self.memory.uploads.update({(transfer.id, u.file): u for u in uploads})
        return True

    @alone
    def set_checksum(self, transfer: TransferId, file: int, checksum: str) -> bool:
        kept = self.memory.uploads.get((transfer, file))
        if kept is None or kept.landed:
            return False
        self.memory.uploads[transfer, file] = replace(kept, checksum=checksum)
        return True

    @alone
    def land(self, transfer: TransferId, file: int, event: Event) -> bool:
        kept = self.memory.uploads.get((transfer, file))
        if kept is None or kept.landed or not self._is(transfer, State.LANDING):
            return False
        self.memory.uploads[transfer, file] = replace(kept, landed=True)
        found = self.memory.transfers[transfer]
        return self._write(replace(found, landed=found.landed + 1), event)

    @alone
    def seal(self, transfer: Transfer, wraps: Mapping[RecipientId, bytes], event: Event, notices: Sequence[Notice]) -> bool:
        if not self._is(transfer.id, State.LANDING):
            return False
        self.memory.wraps.update({(transfer.id, recipient): wrap for recipient, wrap in wraps.items()})
        for notice in notices:
            self.memory.owe(notice, event.at)
        sealed = replace(self.memory.transfers[transfer.id], state=State.SEALED, sealed_at=event.at)
        self.memory.count(event, usage.of_sealing(transfer))
        return self._write(sealed, event, sealed.due_at)

    @alone
    def look_again(self, transfer: Transfer) -> bool:
        if not self._is(transfer.id, State.LANDING) or transfer.look_at is None:
            return False
        self.memory.transfers[transfer.id] = replace(self.memory.transfers[transfer.id], look_at=transfer.look_at)
        self.memory.dues[Due(transfer=transfer.id)] = transfer.look_at
        return True

    @alone
    def remind(self, transfer: Transfer, until: datetime | None, event: Event, notices: Sequence[Notice]) -> bool:
        if not self._same(transfer) or not self._is(transfer.id, State.SEALED):
            return False
        found = self.memory.transfers[transfer.id]
        if until is not None and found.reminded_until != transfer.reminded_until:
            return False
        for notice in notices:
            self.memory.owe(notice, event.at)
        reminded = replace(found, reminded_until=until or found.reminded_until)
        return self._write(reminded, event, None if until is None else reminded.due_at)

    @alone
    def reschedule(self, transfer: Transfer, was: datetime, event: Event) -> bool:
        if not self._is(transfer.id, State.SEALED) or self.memory.transfers[transfer.id].expires_at != was:
            return False
        moved = replace(self.memory.transfers[transfer.id], expires_at=transfer.expires_at)
        return self._write(moved, event, moved.due_at)

    @alone
    def refuse(self, transfer: Transfer, fault: Fault, event: Event, notice: Notice) -> bool:
        if not self._is(transfer.id, State.LANDING):
            return False
        self.memory.owe(notice, event.at)
        self._count(transfer, -1)
        return self._write(replace(self.memory.transfers[transfer.id], state=State.REFUSED, fault=fault), event, event.at)

    @alone
    def end(self, transfer: Transfer, ending: Ending, event: Event) -> bool:
        if not self._is(transfer.id, transfer.state) or not self._same(transfer):
            return False
        if transfer.state in (State.DRAFT, State.LANDING):
            self._count(transfer, -1)
        return self._write(replace(self.memory.transfers[transfer.id], ending=ending, ended_at=event.at), event, event.at + FINISH)

    @alone
    def shred(self, transfer: Transfer, tombstone: Tombstone, event: Event, notices: Sequence[Notice]) -> bool:
        found = self.memory.transfers.get(transfer.id)
        if found is None or found.state is State.SHREDDED:
            return False
        for notice in notices:
            self.memory.owe(notice, event.at)
        del self.memory.dues[Due(transfer=transfer.id)]
        self.memory.count(event, usage.of_destruction(transfer, event.at))
        return self._write(replace(found, state=State.SHREDDED, shredded_at=event.at, tombstone=tombstone), event)

    def _same(self, transfer: Transfer) -> bool:
        found = self.memory.transfers.get(transfer.id)
        return found is not None and found.expires_at == transfer.expires_at

    def _take(self, transfer: Transfer, quotas: Quotas) -> bool:
        used = [self.memory.used.get(key, Quota(0, 0)) for key in _days(transfer)]
        people, size = len(transfer.recipient_ids), sum(transfer.sizes)
        limits = zip(used, (quotas.member, quotas.clinic), strict=True)
        if any(u.recipients + people > q.recipients or u.bytes + size > q.bytes for u, q in limits):
            return False
        self._count(transfer, 1)
        return True

    def _count(self, transfer: Transfer, sign: int) -> None:
        for key in _days(transfer):
            used = self.memory.used.get(key, Quota(0, 0))
            more = Quota(used.recipients + sign * len(transfer.recipient_ids), used.bytes + sign * sum(transfer.sizes))
            self.memory.used[key] = more

    def _is(self, transfer: TransferId, state: State) -> bool:
        found = self.memory.transfers.get(transfer)
        return found is not None and found.state is state and found.ending is None

    def _whole(self, found: Transfer) -> Whole:
        uploads = (kept for (of, _), kept in sorted(self.memory.uploads.items()) if of == found.id)
        openers = sorted((kept for of, kept in self.memory.openers.values() if of == found.id), key=lambda one: (one.at, one.id))
        return Whole(found, tuple(self.memory.recipients[r] for r in found.recipient_ids), tuple(uploads), tuple(openers))

    def _write(self, transfer: Transfer, event: Event, due: datetime | None = None) -> bool:
        self.memory.transfers[transfer.id] = transfer
        self.memory.events.append(event)
        if due is not None:
            self.memory.dues[Due(transfer=transfer.id)] = max(due, event.at)
        return True


def _days(transfer: Transfer) -> tuple[tuple[date, str], tuple[date, str]]:
    day = transfer.created_at.date()
    return (day, transfer.sender), (day, "clinic")


class FakeRecipients(Kept):
    """What happens between a transfer and one recipient."""

    @alone
    def revoke(self, transfer: TransferId, recipient: RecipientId, event: Event) -> bool:
        revoked = self._mark(transfer, recipient, event, revoked_at=event.at)
        if revoked:
            self.memory.wraps.pop((transfer, recipient), None)
        return revoked

    @alone
    def correct(self, transfer: Transfer, recipient: Recipient, event: Event, notice: Notice | None) -> bool:
        kept = self._open(transfer.id, recipient.id)
        if kept is None or kept.opened_at is not None or kept.turn != recipient.turn - 1:
            return False
        self.memory.recipients[recipient.id] = recipient
        self.memory.events.append(event)
        if notice is not None:
            self.memory.owe(notice, event.at)
        return True

    @alone
    def mark_opened(self, transfer: Transfer, recipient: Recipient, event: Event) -> bool:
        kept = self._open(transfer.id, recipient.id)
        if kept is None or kept.turn != recipient.turn or kept.openings >= transfer.openings_most:
            return False
        self.memory.count(event, Usage(openings=1))
        return self._mark(transfer.id, recipient.id, event, opened_at=kept.opened_at or event.at, openings=kept.openings + 1)

    @alone
    def grant(self, transfer: Transfer, recipient: Recipient, file: int, most: int, event: Event) -> bool:
        kept = self._open(transfer.id, recipient.id)
        if kept is None or kept.turn != recipient.turn or kept.grants >= most:
            return False
        fetched = {"fetched": kept.fetched | {file}, "fetched_at": kept.fetched_at or event.at, "grants": kept.grants + 1}
        self.memory.count(event, usage.of_download(transfer, file))
        return self._mark(transfer.id, recipient.id, event, **fetched)

    @alone
    def mark_collected(self, transfer: TransferId, recipient: RecipientId, file: int, event: Event) -> bool:
        kept = self._open(transfer, recipient)
        if kept is None or kept.opened_at is None or file in kept.collected:
            return False
        self.memory.count(event, Usage(receipts=1))
        return self._mark(transfer, recipient, event, collected=kept.collected | {file}, collected_at=event.at)

    @alone
    def mark_outcome(self, message: SentMessage, outcome: Outcome, event: Event, notice: Notice | None) -> bool:
        kept, name = self.memory.recipients[message.recipient], f"{outcome}_at"
        if kept.turn != message.turn or getattr(kept, name) is not None:
            return False
        change: Any = {name: event.at}
        self.memory.recipients[kept.id] = replace(kept, **change)
        self.memory.events.append(event)
        if notice is not None:
            self.memory.owe(notice, event.at)
        return True

    def _mark(self, transfer: TransferId, recipient: RecipientId, event: Event, **changes: Any) -> bool:
        kept = self._open(transfer, recipient)
        if kept is None:
            return False
        self.memory.recipients[recipient] = replace(kept, **changes)
        self.memory.events.append(event)
        return True

    def _open(self, transfer: TransferId, recipient: RecipientId) -> Recipient | None:
        found, kept = self.memory.transfers.get(transfer), self.memory.recipients.get(recipient)
        sealed = found is not None and found.state is State.SEALED and found.ending is None
        return kept if sealed and kept is not None and kept.revoked_at is None else None


def _created(transfer: Transfer) -> str:
    return f"{transfer.created_at.strftime('%Y-%m-%dT%H:%M:%SZ')}#{transfer.id}"


class FakeKeys(Kept):
    """Envelopes and wraps: what is destroyed is gone."""

    @alone
    def envelope(self, transfer: TransferId) -> Envelope | None:
        kept, wrapped = self.memory.envelopes.get(transfer), self.memory.drafts.get(transfer)
        return None if kept is None or wrapped is None else Envelope(*kept, wrapped)

    @alone
    def for_recipient(self, transfer: TransferId, recipient: RecipientId) -> tuple[Envelope, bytes] | None:
        kept, wrap = self.envelope(transfer), self.memory.wraps.get((transfer, recipient))
        return None if kept is None or wrap is None else (kept, wrap)

    @alone
    def destroy(self, transfer: TransferId) -> None:
        self.memory.drafts.pop(transfer, None)
        self.memory.envelopes.pop(transfer, None)
        for key in [key for key in self.memory.wraps if key[0] == transfer]:
            del self.memory.wraps[key]


class FakeMeter(Kept):
    """What was used, by day."""

    @alone
    def month(self, month: date) -> Mapping[date, Usage]:
        return {day: used for day, used in self.memory.meter.items() if (day.year, day.month) == (month.year, month.month)}
