"""What the tables keep of people and of how they sign in, as the use cases see it.

Methods that change something answer `False` when the thing was no longer in the state they need: nothing was written then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event
from chalicelib.domain.factor import Authenticator, Factor, Keyring, Link, Passkey, Password, Recovery
from chalicelib.domain.ids import ChallengeKey, MemberId, SessionKey
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Channel, Door, Session, SignedIn
from chalicelib.domain.member import Member
from chalicelib.domain.notice import Notice
from chalicelib.domain.recipient import Opener
from chalicelib.domain.throttle import Throttle


@dataclass(frozen=True, slots=True)
class SessionName:
    """What the cookie of a session names: a member's session lies with the member."""

    key: SessionKey
    member: MemberId | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one step of signing in must know. `email` asks for whom an address leads to, and their password."""

    session: SessionName | None = None
    challenge: ChallengeKey | None = None
    email: str | None = None
    member: MemberId | None = None
    passkey: str | None = None
    codes: bool = False  # the authenticator and the recovery codes of `member`
    throttles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of it."""

    session: Session | None = None
    challenge: Challenge | None = None
    door: Door | None = None
    password: Password | None = None
    member: Member | None = None
    passkey: Passkey | None = None
    authenticator: Authenticator | None = None
    recovery: Recovery | None = None
    throttles: Mapping[str, Throttle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Used:
    """What a proof uses up: a passkey's counter went on, a time step passed, a recovery code is gone."""

    challenge: ChallengeKey | None = None
    password: tuple[str, Password] | None = None  # the address it lies with; it must still be this one
    passkey: tuple[Passkey, Passkey] | None = None  # as it was, as it is now
    authenticator: Authenticator | None = None  # as it is now
    recovery: str | None = None
    last_recovery: bool = False  # it was the last one: they are a means of this member no more
    link: Link | None = None  # as Pro Santé Connect tells it now
    throttles: tuple[str, ...] = ()  # failures that are forgotten
    session: SessionName | None = None  # the one this goes on from


class Signins(Protocol):
    """One reading, one counting, one opening: what every way of signing in is made of."""

    def find(self, wanted: Wanted) -> Found:
        """Read all of it."""

    def signed_in(self, session: SessionName) -> SignedIn | None:
        """Read a member's session, the member, and the clinic's acceptance; None when the session is not of their present turn."""

    def count(self, guess: Challenge | Throttle, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        """Keep a guess as counted, and count against all of these, or neither; tell how long to wait then.

        A guess that somebody else counted at the same instant must wait, too.
        """

    def open(self, session: Session, used: Used, event: Event, opener: Opener | None = None) -> bool:
        """Keep a new session and what it uses up, all or nothing; False when any of that is gone, or whose it is has another turn.

        A recipient's also says when and how they first proved who they are, and who they said they were, so many times at most.
        """


class Changed(StrEnum):
    """What came of changing a member."""

    KEPT = "kept"
    MEANWHILE = "meanwhile"  # somebody else changed them first
    TAKEN = "taken"  # the address is another member's
    LAST = "last"  # no administrator would be left
    LINKED = "linked"  # the account of Pro Santé Connect is another member's


@dataclass(frozen=True, slots=True)
class Change:
    """Another turn of a member: what they are now, what they have set up or dropped, and the session that goes on, if one does."""

    was: Member
    now: Member
    event: Event
    put: Factor | None = None
    drop: tuple[str, ...] = ()  # names of items in the keyring: a passkey's, or a kind's
    unlink: str | None = None  # the account of Pro Santé Connect that leads to them no more
    session: Session | None = None
    replaces: SessionName | None = None
    throttles: tuple[str, ...] = ()  # failures that are forgotten
    notices: tuple[Notice, ...] = ()


class Members(Protocol):
    """Keep the people of the clinic."""

    def add(self, member: Member, event: Event, notice: Notice | None) -> bool:
        """Keep a new member and owe the invitation; False when the address is a member's already."""

    def found(self, member: Member, event: Event, notice: Notice, risk: tuple[Acceptance, Event] | None) -> bool:
        """Keep the first administrator, once in the life of a clinic."""

    def read(self, member: MemberId) -> Member | None:
        """Read one member."""

    def door_of(self, email: str) -> Door | None:
        """Find whom this canonical address leads to, if they may sign in."""

    def all(self) -> tuple[Member, ...]:
        """Read every member, by name."""

    def change(self, change: Change) -> Changed:
        """Keep a member's next turn with all that goes with it, all or nothing; one more call where their address is another."""

    def keyring(self, member: MemberId) -> Keyring:
        """Read all they have set up."""

    def linked(self, subject: str) -> tuple[Member, Link] | None:
        """Find whom an account of Pro Santé Connect leads to: two calls."""

    def work_at(self, member: MemberId, link: Link) -> bool:
        """Keep where they work."""

    def wait(self, member: Member, waiting: Authenticator) -> bool:
        """Keep an authenticator's secret until a code confirms it."""

    def speak(self, member: Member) -> bool:
        """Keep the language they are spoken to in."""

    def erase(self, member: Member, event: Event) -> Changed:
        """Forget somebody: name, addresses and means, all or nothing; then their sessions, over by then: three calls."""


class Sessions(Protocol):
    """Keep sessions."""

    def read(self, key: SessionKey) -> Session | None:
        """Read a recipient's session, dead or alive."""

    def of(self, member: MemberId) -> tuple[Session, ...]:
        """Read every session of a member, dead or alive."""

    def touch(self, session: Session) -> None:
        """Keep when it was last used."""

    def remove(self, session: Session, event: Event) -> None:
        """End a session for good."""


class Challenges(Protocol):
    """Keep askings for a proof."""

    def add(self, challenge: Challenge, event: Event | None) -> None:
        """Keep a new challenge; a recipient's also says when they first asked for a code, or for their phrase."""

    def read(self, key: ChallengeKey) -> Challenge | None:
        """Read a challenge."""

    def mark_sent(self, key: ChallengeKey, channel: Channel, event: Event) -> bool:
        """Keep that its code was sent, and which way it went in the end."""


class Limits(Protocol):
    """Count how often."""

    def take(self, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        """Count once against all of these, or against none and tell how long to wait."""


@dataclass(frozen=True, slots=True)
class Review:
    """When somebody last looked over who may do what."""

    at: datetime
    by: MemberId


class Policy(Protocol):
    """Keep what the clinic's administrator decided."""

    def acceptance(self) -> Acceptance | None:
        """Read the risk that was accepted, if one is."""

    def accept(self, acceptance: Acceptance, event: Event) -> None:
        """Keep it."""

    def withdraw(self, event: Event) -> None:
        """Take it back."""

    def keep_psc_secret(self, secret: str) -> None:
        """Keep what the clinic signs in to Pro Santé Connect with, sealed."""

    def review(self) -> Review | None:
        """Read when the rights were last reviewed."""

    def reviewed(self, review: Review, event: Event) -> None:
        """Keep that they were, and when the next review is due."""

    def remind(self, review: Review, until: datetime, event: Event, notices: Sequence[Notice]) -> bool:
        """Owe the reminders of a review that is overdue, and have it looked at again then, unless there was another meanwhile."""
