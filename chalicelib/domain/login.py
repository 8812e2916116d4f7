"""One-time codes and the sessions they earn. Codes are HOTP values of a secret derived per challenge: none is stored."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Unauthenticated
from chalicelib.domain.ids import ChallengeKey, MemberId, RecipientId, SessionKey, TransferId
from chalicelib.domain.person import Person

CODE_DIGITS = 6  # R19
CODE_LIFETIME = timedelta(minutes=5)  # R18
CODE_TRIES = 5  # R20
SESSION_IDLE = timedelta(minutes=30)  # R25
SESSION_LIFETIME = timedelta(hours=4)  # R25
SESSION_TOUCH = timedelta(minutes=5)  # how stale "last seen" may be: one write in five minutes, not one a call


class Role(StrEnum):
    """What a member may do."""

    ADMINISTRATOR = "administrator"
    SENDER = "sender"


class Channel(StrEnum):
    """How a code travels."""

    EMAIL = "email"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the clinic who may sign in."""

    id: MemberId
    person: Person
    role: Role
    invited_at: datetime
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """What a code opens: the clinic for a member, or one transfer for one recipient in one turn of their address."""

    member: MemberId | None = None
    transfer: TransferId | None = None
    recipient: RecipientId | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Challenge:
    """One asking for a code. `door` is None for an address nobody has: everything goes on as if it were known.

    `key` is the digest of a secret in the asking browser's cookie, so a code works nowhere else. `scope` is an opaque
    digest of the address that asked: tries are counted against it, the same for an address nobody has.
    """

    key: ChallengeKey
    door: Door | None
    scope: str
    channel: Channel
    expires_at: datetime
    tries: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that holds. `key` is the digest of the cookie's token."""

    key: SessionKey
    door: Door
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    role: Role | None = None

    def require_alive(self, now: datetime) -> None:
        """Raise `Unauthenticated` past the idle or the absolute limit."""
        if now >= self.expires_at or now >= self.seen_at + SESSION_IDLE:
            raise Unauthenticated("signin_required")

    def touched(self, now: datetime) -> "Session | None":
        """Give the session as seen now, or None when that need not be written yet."""
        return replace(self, seen_at=now) if now - self.seen_at >= SESSION_TOUCH else None


def open_session(key: SessionKey, door: Door, role: Role | None, now: datetime) -> Session:
    """Begin a session now."""
    return Session(key, door, now, now, now + SESSION_LIFETIME, role)
