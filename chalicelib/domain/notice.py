"""Notices: what is to be told to whom. They wait in the outbox by id; their words are written only when they are sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.login import Channel
from chalicelib.domain.person import Person

PUSH_AGAIN = timedelta(minutes=10)  # a push to the queue is deemed lost after that; then twice as long each time
PUSHES_MOST = 6  # the last after ten hours and a half; given up after twenty-one, and the sender told
CLAIM = timedelta(minutes=2)  # how long one worker has to send what it claimed


class Kind(StrEnum):
    """The messages the service writes, apart from codes. Each names a folder of templates."""

    SHARE_LINK = "share_link"
    REMINDER = "reminder"
    UNOPENED = "unopened"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    INVITATION = "invitation"
    MEANS_CHANGED = "means_changed"
    CONTACT_CHANGED = "contact_changed"
    SIGNIN_LOCKED = "signin_locked"
    PASSKEY_COPIED = "passkey_copied"
    REVIEW_DUE = "review_due"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message owed to one person: a recipient of a transfer (in one turn of their address), or a member.

    `to` is somebody's address of before, which must still be told that it is no more.
    """

    id: NoticeId
    kind: Kind
    member: MemberId | None = None
    transfer: TransferId | None = None
    recipient: RecipientId | None = None
    turn: int = 0
    by: Channel = Channel.EMAIL
    pushes: int = 0
    to: Person | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words, ready to go. It may hold a code or a link secret, and stays out of representations."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    sms: str | None = field(default=None, repr=False)


def push_again_at(now: datetime, pushes: int = 0) -> datetime:
    """Tell when the sweeper should push a notice again if nobody has sent it after so many pushes by the sweeper."""
    return now + PUSH_AGAIN * (1 << pushes)
