"""Sign in with a one-time code. Known and unknown addresses walk the same way, call for call."""

from dataclasses import dataclass, field

from chalicelib.domain import login
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Unauthenticated
from chalicelib.domain.ids import MemberId, SessionKey
from chalicelib.domain.login import Channel, Door, Member, Session
from chalicelib.usecases import challenge
from chalicelib.usecases.challenge import EnterCode
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class AskCode:
    """An address asks for a code. `email` is canonical."""

    email: str = field(repr=False)
    by: Channel
    ip: str


@dataclass(frozen=True, slots=True)
class Earned:
    """A session's token, for the cookie, and whose it is."""

    token: str = field(repr=False)
    member: Member


def ask_code(command: AskCode, ports: Ports) -> str:
    """Begin a challenge and have its code sent; give the token for the browser's cookie. Raise `TooMany`."""
    challenge.limit_asking(command.email, command.ip, ports)
    member = ports.members.id_of(command.email)
    door = None if member is None else Door(member=member)
    return challenge.begin(command.email, door, command.by, command.ip, ports)


def open_session(command: EnterCode, ports: Ports) -> Earned:
    """Trade a code for a session; raise `Conflict` (wrong_code, code_spent) or `TooMany`."""
    door = challenge.spend(command, ports)
    member = None if door.member is None else ports.members.read(door.member)
    if member is None:
        raise Conflict("code_spent", "code")
    token = ports.random.bytes(challenge.TOKEN_BYTES).hex()
    session = login.open_session(SessionKey(challenge.digest(token)), door, member.role, ports.clock.now())
    ports.sessions.add(session, ports.event(Tag.SIGNED_IN, member=member.id, ip=command.ip))
    return Earned(token, member)


def whose(token: str | None, ports: Ports) -> Session:
    """Read the session of a cookie; raise `Unauthenticated`. One call; two once in five minutes."""
    session = None if token is None else ports.sessions.read(SessionKey(challenge.digest(token)))
    if session is None:
        raise Unauthenticated("signin_required")
    now = ports.clock.now()
    session.require_alive(now)
    touched = session.touched(now)
    if touched is not None:
        ports.sessions.touch(touched)
    return session


def who(member: MemberId, ports: Ports) -> Member:
    """Read the member of a session; raise `Unauthenticated` when there is none any more."""
    found = ports.members.read(member)
    if found is None:
        raise Unauthenticated("signin_required")
    return found


def sign_out(session: Session, ports: Ports) -> None:
    """End a session for good."""
    door = session.door
    ports.sessions.remove(session, ports.event(Tag.SIGNED_OUT, member=door.member, transfer=door.transfer, recipient=door.recipient))
