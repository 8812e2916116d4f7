"""The step by which a member sets something up or drops it. Not a use case of its own: the account and Pro Santé Connect are made of it."""

from dataclasses import replace

from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict
from chalicelib.domain.factor import Factor, Means
from chalicelib.domain.ids import NoticeId
from chalicelib.domain.login import Door, SignedIn
from chalicelib.domain.member import Member, Standing
from chalicelib.domain.notice import Kind, Notice
from chalicelib.usecases import earning
from chalicelib.usecases.earning import Earned
from chalicelib.usecases.people import Change, Changed, SessionName
from chalicelib.usecases.ports import Ports


def set_up(who: SignedIn, means: Means, made: Factor, ports: Ports, unlink: str | None = None) -> Earned:
    """Keep something set up. Whoever joins is in as soon as they have all that their role, and the clinic, want.

    Failures of strangers to guess what it replaces are forgotten. Raise `Forbidden`, or `Conflict` (changed_meanwhile, psc_taken).
    """
    who.require_able(means, ports.clock.now())
    now = who.member.turned(means=who.member.means | {means})
    if who.joining and now.equipped(psc_wanted=ports.clinic.psc_wanted):
        now = replace(now, standing=Standing.ACTIVE)
    event = ports.event(Tag.MEANS_ADDED, member=now.id, reason=means)
    change = Change(who.member, now, event, put=made, unlink=unlink, throttles=earning.strangers(now, ports))
    return _turn(who, change, means, ports)


def drop(who: SignedIn, means: Means, item: str, ports: Ports, *, last: bool, unlink: str | None = None) -> Earned:
    """Forget something set up; raise `Forbidden`, or `Conflict("means_needed")` for what they, or the clinic, could not do without."""
    who.require_able(means, ports.clock.now())
    now = who.member.turned(means=who.member.means - {means}) if last else who.member.turned()
    wanted = ports.clinic.psc_wanted
    spared = who.acceptance is not None and not wanted
    if who.member.equipped(psc_wanted=wanted) and not now.equipped(psc_wanted=wanted) and not spared:
        raise Conflict("means_needed")
    event = ports.event(Tag.MEANS_REMOVED, member=now.id, reason=means)
    return _turn(who, Change(who.member, now, event, drop=(item,), unlink=unlink), None, ports)


def _turn(who: SignedIn, change: Change, shown: Means | None, ports: Ports) -> Earned:
    """Begin the member's next turn, in which this session goes on and every other is over; tell them."""
    now = change.now
    token, session = earning.renewed(who.session, Door(member=now.id, turn=now.turn), shown, ports)
    notice = Notice(NoticeId(ports.new_id()), Kind.MEANS_CHANGED, member=now.id)
    before = SessionName(who.session.key, now.id)
    match ports.members.change(replace(change, session=session, replaces=before, notices=(notice,))):
        case Changed.LINKED:
            raise Conflict("psc_taken")
        case Changed.MEANWHILE:
            raise Conflict("changed_meanwhile")
    ports.queue.push_notices([notice.id])
    return Earned(token, earning.known_from(who.known, session, ports))


def require_another(member: Member, acceptance: Acceptance | None, ports: Ports) -> None:
    """Raise `Conflict("last_administrator")` where nobody else would be left who can administer the clinic."""
    if not (member.active and member.administers):
        return
    wanted = ports.clinic.psc_wanted
    spared = acceptance is not None and not wanted
    others = (one for one in ports.members.all() if one.id != member.id and one.active and one.administers)
    if not any(spared or one.equipped(psc_wanted=wanted) for one in others):
        raise Conflict("last_administrator")
