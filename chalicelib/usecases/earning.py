"""The steps every sign-in goes through, whatever is shown. Not a use case of its own: signing in and the account are made of these."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.domain import login
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.device import Device, device
from chalicelib.domain.errors import Conflict, TooMany, Unauthenticated
from chalicelib.domain.factor import STRONG, Means, Proof, level
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, SessionKey, is_id
from chalicelib.domain.limits import TRIES_PER_IP_WINDOW, Limit
from chalicelib.domain.login import CODE_TRIES, Challenge, Door, Session
from chalicelib.domain.member import Member
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.throttle import Throttle
from chalicelib.usecases.challenge import TOKEN_BYTES, digest
from chalicelib.usecases.people import SessionName, Used
from chalicelib.usecases.ports import Ports

MARKS_MOST = 5  # accounts that know one device: a shared workstation of a ward
MARK_LENGTH = 22  # hexadecimal characters: 88 bits
ID_LENGTH = 26


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser brings along: the secrets of its cookies, where it is, and what it says it is."""

    ip: str
    session: str | None = field(default=None, repr=False)
    challenge: str | None = field(default=None, repr=False)
    gesture: str | None = field(default=None, repr=False)
    going: str | None = field(default=None, repr=False)
    known: str | None = field(default=None, repr=False)
    agent: str = field(default="", repr=False)

    @property
    def device(self) -> Device:
        """Read the two words that are kept."""
        return device(self.agent)

    @property
    def challenge_key(self) -> ChallengeKey:
        """Name the challenge of its code; raise `Conflict("code_spent")` when it has none."""
        return _key(self.challenge)

    @property
    def gesture_key(self) -> ChallengeKey:
        """Name the challenge of its passkey: a page may begin one while a code is on its way."""
        return _key(self.gesture)

    @property
    def going_key(self) -> ChallengeKey:
        """Name the challenge of its way to Pro Santé Connect and back."""
        return _key(self.going)


def _key(token: str | None) -> ChallengeKey:
    if token is None:
        raise Conflict("code_spent", "code")
    return ChallengeKey(digest(token))


@dataclass(frozen=True, slots=True)
class Earned:
    """What the browser keeps from now on: a session's token, and the mark by which this device is known, if it changed."""

    token: str = field(repr=False)
    known: str | None = field(default=None, repr=False)


def session_name(token: str | None) -> SessionName | None:
    """Read whose session a member's token names; None for no token, and for one that is none."""
    member, _, secret = (token or "").partition(".")
    return SessionName(SessionKey(digest(token or "")), MemberId(member)) if is_id(member) and secret else None


def require_name(token: str | None) -> SessionName:
    """Read it; raise `Unauthenticated`."""
    name = session_name(token)
    if name is None:
        raise Unauthenticated("signin_required")
    return name


def per_ip(ip: str, ports: Ports) -> Limit:
    """Bound the guesses that come from one address of the network, whatever they are."""
    return Limit(f"try#ip#{ports.secrets.scope('ip', ip)}", ports.clinic.codes_per_ip * CODE_TRIES, TRIES_PER_IP_WINDOW)


def count(guess: Challenge | Throttle, limits: list[Limit], ports: Ports) -> None:
    """Count a guess before it is looked at; raise `TooMany`."""
    wait = ports.signins.count(guess, limits, ports.clock.now())
    if wait is not None:
        raise TooMany(wait)


def record_failure(door: Door | None, means: Means, ip: str, ports: Ports, throttle: Throttle | None = None) -> None:
    """Keep that a guess was wrong; tell the member when it was the last one of a hundred."""
    one = door or Door()
    locked = throttle is not None and throttle.just_locked
    event = ports.event(
        Tag.SIGNIN_LOCKED if locked else Tag.CODE_FAILED,
        member=one.member,
        transfer=one.transfer,
        recipient=one.recipient,
        reason=means,
        ip=ip,
    )
    if locked and one.member is not None:
        warn(Kind.SIGNIN_LOCKED, one.member, event, ports)
    else:
        ports.audit.record(event)


def warn(kind: Kind, member: MemberId, event: Event, ports: Ports) -> None:
    """Keep an event and tell the member of it."""
    notice = Notice(NoticeId(ports.new_id()), kind, member=member)
    ports.outbox.owe(notice, event)
    ports.queue.push_notices([notice.id])


def earn(
    door: Door, means: Means, used: Used, browser: Browser, before: Session | None, ports: Ports, id_token: str | None = None
) -> Earned:
    """Open a session for a member who showed something, or go on from the one they have.

    Raise `Conflict("code_spent")` when what was shown was used up meanwhile.
    """
    now = ports.clock.now()
    token = f"{door.member}.{ports.random.bytes(TOKEN_BYTES).hex()}"
    session = login.open_session(SessionKey(digest(token)), door, now, (Proof(means, now),))
    session = replace(session, ip=browser.ip, device=browser.device, id_token=id_token)
    if before is not None and before.door == door and before.alive(now):
        session, used = _after(before, session, used, means, now)
    if not ports.signins.open(session, used, ports.event(Tag.SIGNED_IN, member=door.member, ip=browser.ip, reason=means)):
        raise Conflict("code_spent", "code")
    if means in (Means.EMAIL, Means.SMS) or level(session.means) >= STRONG:  # a password alone marks nothing
        return Earned(token, _mark_device(browser.known, MemberId(str(door.member)), ports))
    return Earned(token)


def _after(before: Session, session: Session, used: Used, means: Means, now: datetime) -> tuple[Session, Used]:
    """Add a proof to the session there is, which keeps its end; one that is enough by itself takes its place.

    Near that end nothing is added: another session begins beside it, and what is going on may come to its own end.
    """
    replaced = replace(used, session=SessionName(before.key, before.door.member))
    if level([means]) >= STRONG:
        return replace(session, id_token=session.id_token or before.id_token), replaced
    if before.ending(now):
        return session, used
    session = replace(session, created_at=before.created_at, expires_at=before.expires_at)
    return replace(session, proofs=before.shown(means, now), id_token=before.id_token), replaced


def renewed(session: Session, door: Door, means: Means | None, ports: Ports) -> tuple[str, Session]:
    """Write the session that goes on in a member's next turn, with one more proof where something was set up."""
    now = ports.clock.now()
    token = f"{door.member}.{ports.random.bytes(TOKEN_BYTES).hex()}"
    proofs = session.proofs if means in (None, Means.RECOVERY) else session.shown(means, now)
    return token, replace(session, key=SessionKey(digest(token)), door=door, seen_at=now, proofs=proofs)


def strangers(member: Member, ports: Ports) -> tuple[str, ...]:
    """Name the counters on which all strangers together guess at what a member has set up."""
    accounts = {Means.PASSWORD: member.person.email, Means.AUTHENTICATOR: member.id, Means.RECOVERY: member.id}
    return tuple(scope(what, account, ports) for what, account in accounts.items())


def scope(what: Means, account: str, ports: Ports) -> str:
    """Name the counter of strangers for one kind of guess at one account."""
    return f"{what}#{ports.secrets.scope('guesses', account)}"


def devices(known: str | None) -> tuple[str, ...]:
    """List the ids a browser says its device has, one for each account it knows."""
    return tuple(one[:ID_LENGTH] for one in _pieces(known))


def device_of(known: str | None, member: MemberId | None, ports: Ports) -> str | None:
    """Give the id of a device that has signed this member in before: it brings a mark that only this clinic can write."""
    if member is None:
        return None
    mine = (one[:ID_LENGTH] for one in _pieces(known) if hmac.compare_digest(one[ID_LENGTH:], _mark(one[:ID_LENGTH], member, ports)))
    return next(mine, None)


def known_from(known: str | None, session: Session, ports: Ports) -> str | None:
    """Write the mark of a device whose session has come to two factors."""
    member = session.door.member
    return _mark_device(known, member, ports) if member is not None and level(session.means) >= STRONG else None


def _pieces(known: str | None) -> list[str]:
    """Read the marks of a cookie, as far as they could be some."""
    pieces = (known or "").split(".")[:MARKS_MOST]
    return [one for one in pieces if len(one) == ID_LENGTH + MARK_LENGTH and is_id(one[:ID_LENGTH]) and one.isascii()]


def _mark(identity: str, member: MemberId, ports: Ports) -> str:
    return ports.secrets.scope("device", f"{identity}.{member}")[:MARK_LENGTH]


def _mark_device(known: str | None, member: MemberId, ports: Ports) -> str:
    """Give a device another id for this account: what was guessed on it before is forgotten with the old one."""
    old, identity = device_of(known, member, ports), ports.new_id()
    others = [one for one in _pieces(known) if one[:ID_LENGTH] != old]
    return ".".join([f"{identity}{_mark(identity, member, ports)}", *others[: MARKS_MOST - 1]])


def recovery_mark(member: str, code: str, ports: Ports) -> str:
    """Turn a recovery code into what is kept of it."""
    return ports.secrets.scope("recovery", f"{member}.{code}")
