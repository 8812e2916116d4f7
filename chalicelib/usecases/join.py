"""Join by the link of an invitation: it works once, for three days, and asking for another needs nobody."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import timedelta

from chalicelib.domain import login
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.factor import Means, Proof
from chalicelib.domain.ids import MemberId, NoticeId, SessionKey
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Door
from chalicelib.domain.member import Member, Standing
from chalicelib.domain.notice import Kind, Notice
from chalicelib.usecases import challenge
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.people import Change, Changed
from chalicelib.usecases.ports import Ports

TURNS_BACK = 20  # links of how many turns before are still known to have been true
AGAIN = (3, timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody brings the link of an invitation."""

    member: MemberId
    secret: str = field(repr=False)


def join(command: Join, browser: Browser, ports: Ports) -> Earned:
    """Trade the link for a session: whole where the clinic accepted that risk, else one in which means are set up.

    Whoever has all they need already is let in again, and shows it.

    Raise `NotFound` for a link that is not true, `Conflict("invitation_over")` for one that was used or is too old, or `TooMany`.
    """
    member = _invited(command, browser.ip, ports)
    now = ports.clock.now()
    if member.standing is not Standing.INVITED or now >= member.invited_until() or not _true(command, member, member.turn, ports):
        raise Conflict("invitation_over")
    wanted = ports.clinic.psc_wanted
    within = member.equipped(psc_wanted=wanted) or (not wanted and ports.policy.acceptance() is not None)
    joined = member.turned(standing=Standing.ACTIVE if within else Standing.INVITED)
    token = f"{member.id}.{ports.random.bytes(challenge.TOKEN_BYTES).hex()}"
    session = login.open_session(SessionKey(challenge.digest(token)), Door(member=member.id, turn=joined.turn), now)
    session = replace(session, proofs=(Proof(Means.INVITATION, now),), ip=browser.ip, device=browser.device)
    event = ports.event(Tag.MEMBER_JOINED, member=member.id, ip=browser.ip)
    if ports.members.change(Change(member, joined, event, session=session)) is not Changed.KEPT:
        raise Conflict("invitation_over")
    return Earned(token)


def again(command: Join, ip: str, ports: Ports) -> None:
    """Send another link to the same address, for one that is over.

    Raise `NotFound`, `Conflict("joined_already")` for somebody who is in, or was, or `TooMany`.
    """
    member = _invited(command, ip, ports)
    if member.standing is not Standing.INVITED:
        raise Conflict("joined_already")
    challenge.take([Limit(f"invite#{member.id}", *AGAIN)], ports)
    invited = member.turned(invited_at=ports.clock.now())
    notice = Notice(NoticeId(ports.new_id()), Kind.INVITATION, member=member.id, turn=invited.turn)
    event = ports.event(Tag.MEMBER_INVITED, member=member.id, reason="again", subject=member.id, ip=ip)
    if ports.members.change(Change(member, invited, event, notices=(notice,))) is Changed.KEPT:
        ports.queue.push_notices([notice.id])


def _invited(command: Join, ip: str, ports: Ports) -> Member:
    """Find whom a true link names, of whatever turn; raise `NotFound`: one that went to another address is true no more."""
    challenge.take([challenge.visits_per_ip(ip, ports)], ports)
    member = ports.members.read(command.member)
    if member is None:
        raise NotFound
    true = [_true(command, member, turn, ports) for turn in range(max(0, member.turn - TURNS_BACK), member.turn + 1)]
    if not any(true):
        raise NotFound
    return member


def _true(command: Join, member: Member, turn: int, ports: Ports) -> bool:
    true = ports.secrets.invitation_secret(member.id, turn, member.person.email).encode()
    return hmac.compare_digest(true, command.secret.encode("utf-8", "surrogatepass"))
