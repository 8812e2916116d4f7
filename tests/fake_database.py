"""Fakes of what DynamoDB keeps of transfers, in memory: the same conditions, behind one lock."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from threading import RLock
from typing import Any, TypeVar

from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, SessionKey, TransferId
from chalicelib.domain.login import Challenge, Member, Session
from chalicelib.domain.notice import Notice, push_again_at
from chalicelib.domain.transfer import Ending, Fault, Recipient, State, Transfer, Upload
from chalicelib.usecases.ports import Due, Envelope, Sent, Whole

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
    sessions: dict[SessionKey, Session] = field(default_factory=dict)
    challenges: dict[ChallengeKey, Challenge] = field(default_factory=dict)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)
    notices: dict[NoticeId, Notice] = field(default_factory=dict)
    sent: set[NoticeId] = field(default_factory=set)
    claims: dict[NoticeId, datetime] = field(default_factory=dict)
    dues: dict[Due, datetime] = field(default_factory=dict)
    swept_at: datetime | None = None
    events: list[Event] = field(default_factory=list)

    def trail(self, *tags: Tag, transfer: TransferId | None = None) -> list[Event]:
        """List the events of some kinds, or all, of one transfer or all."""
        kept = [e for e in self.events if transfer in (None, e.transfer)]
        return [e for e in kept if not tags or e.tag in tags]

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
    def add(self, transfer: Transfer, recipients: Sequence[Recipient], wrapped_key: bytes, event: Event) -> None:
        if transfer.id in self.memory.transfers:
            raise RuntimeError("a new transfer met one with the same id")
        self.memory.drafts[transfer.id] = wrapped_key
        self.memory.recipients.update({r.id: r for r in recipients})
        self._write(transfer, event, transfer.due_at)

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
        return Sent(tuple(replace(self._whole(mine[c]), uploads=()) for c in page), page[-1] if len(page) == most else None)

    @alone
    def accept_envelope(self, transfer: TransferId, manifest: bytes, headers: Sequence[bytes], event: Event) -> bool:
        if not self._is(transfer, State.DRAFT):
            return False
        self.memory.envelopes[transfer] = (manifest, tuple(headers))
        return self._write(replace(self.memory.transfers[transfer], state=State.LANDING), event)

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
        found = self.memory.transfers[transfer.id]
        return self._write(replace(found, state=State.SEALED, sealed_at=event.at), event, found.expires_at)

    @alone
    def refuse(self, transfer: Transfer, fault: Fault, event: Event, notice: Notice) -> bool:
        if not self._is(transfer.id, State.LANDING):
            return False
        self.memory.owe(notice, event.at)
        return self._write(replace(self.memory.transfers[transfer.id], state=State.REFUSED, fault=fault), event, event.at)

    @alone
    def end(self, transfer: Transfer, ending: Ending, event: Event) -> bool:
        if not self._is(transfer.id, transfer.state):
            return False
        return self._write(replace(self.memory.transfers[transfer.id], ending=ending), event, event.at)

    @alone
    def shred(self, transfer: TransferId, event: Event) -> bool:
        found = self.memory.transfers.get(transfer)
        if found is None or found.state is State.SHREDDED:
            return False
        del self.memory.dues[Due(transfer=transfer)]
        return self._write(replace(found, state=State.SHREDDED, shredded_at=event.at), event)

    @alone
    def revoke(self, transfer: TransferId, recipient: RecipientId, event: Event) -> bool:
        revoked = self._mark(transfer, recipient, event, lambda kept: replace(kept, revoked_at=event.at))
        if revoked:
            self.memory.wraps.pop((transfer, recipient), None)
        return revoked

    @alone
    def mark_opened(self, transfer: TransferId, recipient: RecipientId, event: Event) -> bool:
        return self._mark(transfer, recipient, event, lambda kept: replace(kept, opened_at=kept.opened_at or event.at))

    @alone
    def mark_collected(self, transfer: TransferId, recipient: RecipientId, file: int, event: Event) -> bool:
        change = lambda kept: replace(kept, collected=kept.collected | {file}, collected_at=event.at)  # noqa: E731
        return self._mark(transfer, recipient, event, change)

    def _mark(self, transfer: TransferId, recipient: RecipientId, event: Event, change: Callable[[Recipient], Recipient]) -> bool:
        kept = self.memory.recipients.get(recipient)
        if kept is None or kept.revoked_at is not None or not self._is(transfer, State.SEALED):
            return False
        self.memory.recipients[recipient] = change(kept)
        self.memory.events.append(event)
        return True

    def _is(self, transfer: TransferId, state: State) -> bool:
        found = self.memory.transfers.get(transfer)
        return found is not None and found.state is state and found.ending is None

    def _whole(self, found: Transfer) -> Whole:
        uploads = (kept for (of, _), kept in sorted(self.memory.uploads.items()) if of == found.id)
        return Whole(found, tuple(self.memory.recipients[r] for r in found.recipient_ids), tuple(uploads))

    def _write(self, transfer: Transfer, event: Event, due: datetime | None = None) -> bool:
        self.memory.transfers[transfer.id] = transfer
        self.memory.events.append(event)
        if due is not None:
            self.memory.dues[Due(transfer=transfer.id)] = due
        return True


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
