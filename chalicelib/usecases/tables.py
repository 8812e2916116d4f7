"""What the tables keep, as the use cases see it: one protocol for each kind of thing, and the values that travel.

Methods that change something answer `False` when the thing was no longer in the state they need: nothing was written then.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.audit import Event
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.limits import Quota
from chalicelib.domain.notice import Notice
from chalicelib.domain.recipient import Opener, Outcome, Recipient
from chalicelib.domain.transfer import Ending, Fault, Tombstone, Transfer, Upload
from chalicelib.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Whole:
    """A transfer with all its recipients and uploads, and the names that were given of shared mailboxes, oldest first."""

    transfer: Transfer
    recipients: tuple[Recipient, ...]
    uploads: tuple[Upload, ...] = ()
    openers: tuple[Opener, ...] = ()


@dataclass(frozen=True, slots=True)
class Quotas:
    """What a day allows to one member, and to the whole clinic."""

    member: Quota
    clinic: Quota


@dataclass(frozen=True, slots=True)
class Sent:
    """One page of a member's transfers, newest first. `next` asks for the following page."""

    transfers: tuple[Whole, ...]
    next: str | None


class Added(StrEnum):
    """What came of adding a draft."""

    KEPT = "kept"
    TWICE = "twice"
    OVER_QUOTA = "over_quota"


class Transfers(Protocol):
    """Keep transfers and their uploads. Reads are consistent, but for the list, which may lag a moment."""

    def add(self, draft: Whole, wrapped_key: bytes, allowed: Quotas, event: Event) -> Added:
        """Keep a new draft, its wrapped key in the table without recovery, and what it takes of the day's quotas, all or nothing."""

    def read(self, transfer: TransferId) -> Transfer | None:
        """Read the transfer alone."""

    def draft(self, transfer: TransferId) -> tuple[Transfer, bytes] | None:
        """Read the transfer and the wrapped key of its draft."""

    def with_uploads(self, transfer: TransferId, files: Collection[int]) -> tuple[Transfer, dict[int, Upload]] | None:
        """Read the transfer and what is known of these files' uploads."""

    def with_recipient(self, transfer: TransferId, recipient: RecipientId) -> tuple[Transfer, Recipient] | None:
        """Read the transfer and one recipient."""

    def whole(self, transfer: TransferId) -> Whole | None:
        """Read everything about the transfer."""

    def sent_by(self, member: MemberId, after: str | None, most: int) -> Sent:
        """Read a page of what a member sent: one query, then one read per hundred recipients."""

    def accept_envelope(self, transfer: Transfer, manifest: bytes, headers: Sequence[bytes], event: Event) -> bool:
        """Keep the envelope and go from draft to landing, to be looked at when the transfer says, all or nothing."""

    def add_uploads(self, transfer: Transfer, uploads: Sequence[Upload]) -> bool:
        """Keep the beginning of these uploads, unless one of them had begun or the transfer takes no more."""

    def set_checksum(self, transfer: TransferId, file: int, checksum: str) -> bool:
        """Keep the checksum the finished object must have, unless it has landed already."""

    def land(self, transfer: TransferId, file: int, event: Event) -> bool:
        """Count one file as landed, once."""

    def seal(self, transfer: Transfer, wraps: Mapping[RecipientId, bytes], event: Event, notices: Sequence[Notice]) -> bool:
        """Go from landing to sealed, keep each recipient's wrapped key and owe the notices, all or nothing."""

    def look_again(self, transfer: Transfer) -> bool:
        """Keep when a landing transfer must be looked at next."""

    def remind(self, transfer: Transfer, until: datetime | None, event: Event, notices: Sequence[Notice]) -> bool:
        """Owe reminders of a sealed transfer; `until`, if given, is kept as the last moment dealt with, unless another was meanwhile."""

    def reschedule(self, transfer: Transfer, was: datetime, event: Event) -> bool:
        """Keep another end of a sealed transfer whose end was this."""

    def refuse(self, transfer: Transfer, fault: Fault, event: Event, notice: Notice) -> bool:
        """Go from landing to refused, due for destruction at once; its part of the day's quotas is given back."""

    def end(self, transfer: Transfer, ending: Ending, event: Event) -> bool:
        """Close a transfer to everybody if it is still in the state, and has the end, that were read; due again if nobody finishes it.

        What was never sealed gives its part of the day's quotas back.
        """

    def shred(self, transfer: Transfer, tombstone: Tombstone, event: Event, notices: Sequence[Notice]) -> bool:
        """Write the tombstone of a transfer whose keys and objects are gone, and owe the notices, all or nothing."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that left for a recipient, in one turn of their address."""

    transfer: TransferId
    recipient: RecipientId
    turn: int


class Recipients(Protocol):
    """Keep what happens between a transfer and one recipient, while it is sealed. Each is all or nothing with its event."""

    def revoke(self, transfer: TransferId, recipient: RecipientId, event: Event) -> bool:
        """Close the transfer to them and destroy their wrapped key."""

    def correct(self, transfer: Transfer, recipient: Recipient, event: Event, notice: Notice | None) -> bool:
        """Keep another address and a new turn for somebody who has not opened; forget what became of the messages of before."""

    def mark_opened(self, transfer: Transfer, recipient: Recipient, event: Event) -> bool:
        """Count an opening, if one is left in this turn."""

    def grant(self, transfer: Transfer, recipient: Recipient, file: int, most: int, event: Event) -> bool:
        """Count the signing of a file's address, if fewer than `most` were signed."""

    def mark_collected(self, transfer: TransferId, recipient: RecipientId, file: int, event: Event) -> bool:
        """Keep that their browser verified a file whole, once for each, after they opened the transfer."""

    def mark_outcome(self, message: SentMessage, outcome: Outcome, event: Event, notice: Notice | None) -> bool:
        """Keep what became of the message, once for each outcome, if the address is still the one it went to."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the keys table holds of a transfer: the sealed manifest, one header per file, the draft's wrapped key."""

    manifest: bytes = field(repr=False)
    headers: tuple[bytes, ...] = field(repr=False)
    wrapped_key: bytes = field(repr=False)


class Keys(Protocol):
    """Keep envelopes and wraps in the table without recovery: a delete is final."""

    def envelope(self, transfer: TransferId) -> Envelope | None:
        """Read the envelope of a transfer."""

    def for_recipient(self, transfer: TransferId, recipient: RecipientId) -> tuple[Envelope, bytes] | None:
        """Read the envelope and one recipient's wrapped key."""

    def destroy(self, transfer: TransferId) -> None:
        """Destroy everything: one read, then one write per twenty-five."""


class Outbox(Protocol):
    """Keep the notices that are owed, and the messages they became."""

    def owe(self, notice: Notice, event: Event) -> None:
        """Keep an event, and owe the notice that tells of it."""

    def read(self, notice: NoticeId) -> Notice | None:
        """Read a notice that is still owed."""

    def claim(self, notice: NoticeId, now: datetime) -> bool:
        """Reserve the sending of a notice for a short while."""

    def release(self, notice: NoticeId) -> None:
        """Give a claim back: the message did not leave."""

    def postpone(self, notice: Notice, now: datetime) -> bool:
        """Count one more push of a notice that is still owed, and have it looked at again later."""

    def give_up(self, notice: Notice, event: Event, instead: Notice | None) -> bool:
        """Look no more at a notice that could not be sent, mark whose link it was as out of reach, and owe another notice instead."""

    def mark_sent(self, notice: Notice, event: Event, message: str | None) -> None:
        """Keep that it is owed no more, and which message it became, if any; its recipient is told or reminded then.

        `notice.by` is how the message really went.
        """

    def sent_as(self, message: str) -> SentMessage | None:
        """Find what a message was about, by the name the post gave it."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time has come: a transfer to look at, a notice whose push was lost, or the yearly review of rights."""

    transfer: TransferId | None = None
    notice: NoticeId | None = None
    review: bool = False


class Dues(Protocol):
    """Find what is due by hour, never by scanning."""

    def until(self, now: datetime) -> Iterable[Due]:
        """Give what is due: one query an hour since the last sweep."""

    def postpone(self, due: Due, at: datetime, was: datetime | None = None) -> None:
        """Have something looked at then, if it is due at all and, where `was` is given, at that very instant."""

    def swept(self, now: datetime) -> None:
        """Keep how far the sweep came."""

    def last(self) -> datetime | None:
        """Tell when the last sweep began that did all it had to; one read."""


class Audit(Protocol):
    """Keep events that go with no other change."""

    def record(self, event: Event) -> None:
        """Keep one event."""

    def trail(self, transfer: TransferId) -> Iterable[Event]:
        """Read the events of a transfer, oldest first, as they come: one query, consistent."""


class Meter(Protocol):
    """Tell what was used. Nothing is counted here: each step counts itself, in the transaction that records it, exactly once."""

    def month(self, month: date) -> Mapping[date, Usage]:
        """Read what each day of a month used, of those on which anything was. `month` is its first day; days are UTC's."""
