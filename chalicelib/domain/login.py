"""Challenges, and the sessions that proofs earn. Codes are HOTP values of a secret derived per challenge: none is stored."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.device import NOWHERE, Device
from chalicelib.domain.errors import Conflict, Forbidden, TooMany, Unauthenticated
from chalicelib.domain.factor import ASKED, BOUND, STRONG, Means, Proof, level
from chalicelib.domain.ids import ChallengeKey, MemberId, RecipientId, SessionKey, TransferId
from chalicelib.domain.member import Member, Standing
from chalicelib.domain.throttle import pause

CODE_DIGITS = 6  # R19
CODE_LIFETIME = timedelta(minutes=5)  # R18
CODE_TRIES = 5  # R20
PHRASE_LIFETIME = timedelta(minutes=30)  # long enough to reach somebody by telephone; nothing was sent that could be read meanwhile
SESSION_IDLE = timedelta(minutes=30)  # R25
SESSION_LIFETIME = timedelta(hours=4)  # R25
SESSION_ENDING = timedelta(minutes=10)  # how near its end a session is not gone on with
SESSION_TOUCH = timedelta(minutes=5)  # how stale "last seen" may be: one write in five minutes, not one a call
FRESH = timedelta(minutes=5)  # R26: how old the proofs may be when means, rights or rules are changed


class Channel(StrEnum):
    """How a code travels."""

    EMAIL = "email"
    SMS = "sms"


class Purpose(StrEnum):
    """What a challenge is for; it serves for nothing else."""

    CODE = "code"
    PHRASE = "phrase"
    PASSKEY = "passkey"
    PSC = "psc"
    LINK_PSC = "link_psc"


@dataclass(frozen=True, slots=True)
class Door:
    """What a proof opens: the clinic for a member, or one transfer for one recipient; in one turn of theirs."""

    member: MemberId | None = None
    transfer: TransferId | None = None
    recipient: RecipientId | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Challenge:
    """One asking for a proof. `door` is None for an address nobody has: everything goes on as if it were known.

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
    purpose: Purpose = Purpose.CODE
    next_at: datetime | None = None

    @property
    def refusal(self) -> str:
        """Say how a wrong code is refused: as wrong while tries are left, then as spent."""
        return "wrong_code" if self.tries < CODE_TRIES else "code_spent"

    def tried(self, purpose: Purpose, now: datetime) -> "Challenge":
        """Count one try, before it is looked at.

        Raise `Conflict("code_spent")` when it is over, has no try left or is for something else; `TooMany` when tries come too fast.
        """
        if self.purpose is not purpose or self.tries >= CODE_TRIES or now >= self.expires_at:
            raise Conflict("code_spent", "code")
        if self.next_at is not None and now < self.next_at:
            raise TooMany(self.next_at - now)
        return replace(self, tries=self.tries + 1, next_at=now + pause(self.tries + 1))


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that holds. `key` is the digest of the cookie's token; `proofs` say how it was earned.

    A `lasting` one is a recipient's, on a device of their own: no silence ends it, but the end of what it opens.
    """

    key: SessionKey
    door: Door
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    proofs: tuple[Proof, ...] = ()
    ip: str | None = field(default=None, repr=False)
    device: Device = NOWHERE
    id_token: str | None = field(default=None, repr=False)  # what Pro Santé Connect wants back when its own session is to end
    lasting: bool = False

    @property
    def means(self) -> frozenset[Means]:
        """List what was shown."""
        return frozenset(proof.means for proof in self.proofs)

    @property
    def shown_last(self) -> Means | None:
        """Tell what was shown last, if anything was."""
        return self.proofs[-1].means if self.proofs else None

    def require_alive(self, now: datetime) -> None:
        """Raise `Unauthenticated` past the idle or the absolute limit."""
        if not self.alive(now):
            raise Unauthenticated("signin_required")

    def alive(self, now: datetime) -> bool:
        """Tell whether it still holds."""
        return now < self.expires_at and (self.lasting or now < self.seen_at + SESSION_IDLE)

    def ending(self, now: datetime) -> bool:
        """Tell whether its end is too near to go on with it."""
        return now >= self.expires_at - SESSION_ENDING

    def touched(self, now: datetime) -> "Session | None":
        """Give the session as seen now, or None when that need not be written yet."""
        return replace(self, seen_at=now) if now - self.seen_at >= SESSION_TOUCH and not self.lasting else None

    def shown(self, means: Means, now: datetime) -> tuple[Proof, ...]:
        """Give its proofs and one more."""
        return (*(proof for proof in self.proofs if proof.means is not means), Proof(means, now))

    def fresh(self, now: datetime) -> frozenset[Means]:
        """List what was shown in the last minutes."""
        return frozenset(proof.means for proof in self.proofs if now - proof.at < FRESH)


def open_session(key: SessionKey, door: Door, now: datetime, proofs: tuple[Proof, ...] = (), until: datetime | None = None) -> Session:
    """Begin a session now; a lasting one where it is to hold until then."""
    return Session(key, door, now, now, until or now + SESSION_LIFETIME, proofs, lasting=until is not None)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member's session, whose it is, and whether the clinic accepts codes by e-mail."""

    session: Session
    member: Member
    acceptance: Acceptance | None
    psc_wanted: bool = False  # the clinic lets nobody in without Pro Santé Connect
    known: str | None = field(default=None, repr=False)  # by which the device is known that this session is used from

    @property
    def wanted(self) -> int:
        """Tell the level that is enough: two factors, unless a risk was accepted and this member has nothing stronger."""
        return 1 if self.acceptance is not None and not self.member.secured else STRONG

    @property
    def joining(self) -> bool:
        """Tell whether they follow an invitation, and have still to choose how they will sign in."""
        return self.member.standing is Standing.INVITED

    @property
    def enough(self) -> bool:
        """Tell whether this session may use the service."""
        missing = self.psc_wanted and Means.PSC not in self.session.means
        return self.member.active and not missing and level(self.session.means) >= self.wanted

    @property
    def bound(self) -> bool:
        """Tell whether they administer, and have a means that no false page can take: they change things with no other (R28)."""
        return self.member.administers and bool(self.member.means & BOUND)

    def fresh(self, now: datetime) -> bool:
        """Tell whether enough was shown in the last minutes to change what matters. Whoever joins has nothing else to show yet."""
        shown = self.session.fresh(now)
        return self.joining or (level(shown) >= self.wanted and (not self.bound or bool(shown & BOUND)))

    def next(self, now: datetime) -> list[Means]:
        """List the means of this member that would take the session further: to its level, or to fresh proofs."""
        if self.psc_wanted:
            return [Means.PSC] if Means.PSC in self.member.means else []
        shown = self.session.fresh(now) if self.enough else self.session.means
        usable = [one for one in ASKED if one in self.member.usable and (one not in shown or not self.enough)]
        if self.enough and self.bound:
            return [one for one in usable if one in BOUND]
        if self.wanted < STRONG:
            return [*usable, Means.EMAIL]
        reach = level(shown | self.member.usable) >= STRONG
        return [one for one in usable if one not in shown] if reach else []

    def require_enough(self) -> None:
        """Raise `Forbidden("second_factor_required")` for a session that is only half a sign-in."""
        if not self.enough:
            raise Forbidden("second_factor_required")

    def require_fresh(self, now: datetime) -> None:
        """Raise `Forbidden("proof_too_old")` unless enough was shown in the last minutes."""
        if not self.fresh(now):
            raise Forbidden("proof_too_old")

    def require_able(self, means: Means, now: datetime) -> None:
        """Raise `Forbidden` unless enough was shown in the last minutes to set this up, or to drop it.

        The first proof that administration opens to comes with an invitation: whoever took two lesser ones must not make it (R28).
        """
        self.require_fresh(now)
        first = means in BOUND and self.member.administers and not self.member.means & BOUND
        if first and not self.joining and self.acceptance is None:
            raise Forbidden("invitation_required")

    def require_bound(self) -> None:
        """Raise `Forbidden("passkey_required")` unless a proof no false page can take was shown, or the risk accepted (R28)."""
        if self.acceptance is None and not self.session.means & BOUND:
            raise Forbidden("passkey_required")
