"""Decide who belongs to the clinic, as what, and how they are reached. Each change ends at once all that its member had begun."""

from dataclasses import dataclass, replace

from chalicelib.domain import acceptance
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.factor import BOUND, Keyring
from chalicelib.domain.ids import MemberId, NoticeId
from chalicelib.domain.login import SignedIn
from chalicelib.domain.member import REVIEW_AGAIN, REVIEW_EVERY, Member, Role, Standing
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.person import Person
from chalicelib.usecases import changing, earning
from chalicelib.usecases.people import Change, Changed, Review
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Invite:
    """An administrator invites somebody."""

    by: SignedIn
    person: Person
    role: Role


@dataclass(frozen=True, slots=True)
class Everybody:
    """The members by name, when their rights were last reviewed, and whether that is due."""

    members: tuple[Member, ...]
    review: Review | None
    due: bool


def invite(command: Invite, ports: Ports) -> Member:
    """Add a member and send them a link; raise `Conflict("member_exists")`, `Invalid("mobile_abroad")` or `Forbidden`."""
    _require(command.by, ports)
    ports.clinic.texts.check(command.person.mobile, "mobile")
    member = Member(MemberId(ports.new_id()), command.person, command.role, ports.clock.now(), standing=Standing.INVITED)
    notice = Notice(NoticeId(ports.new_id()), Kind.INVITATION, member=member.id)
    event = ports.event(Tag.MEMBER_INVITED, member=command.by.member.id, reason=command.role, subject=member.id)
    if not ports.members.add(member, event, notice):
        raise Conflict("member_exists", "email")
    ports.queue.push_notices([notice.id])
    return member


def found(person: Person, reason: str | None, ports: Ports) -> bool:
    """Found the clinic: its secret, where the sweeper begins, its first administrator; False for ever after.

    Asked again, as long as nobody has ever come in, it sends the first administrator another link: what is said last holds.
    With a `reason`, the first administrator's acceptance of codes by e-mail is kept, too; raise `Invalid("bad_reason")`.
    """
    words = None if reason is None else acceptance.reason(reason)
    ports.secrets.make()
    now = ports.clock.now()
    member = Member(MemberId(ports.new_id()), person, Role.ADMINISTRATOR, now, standing=Standing.INVITED)
    accepted = None if words is None else Acceptance(member.id, person.name, now, words)
    notice = Notice(NoticeId(ports.new_id()), Kind.INVITATION, member=member.id)
    event = ports.event(Tag.MEMBER_INVITED, reason="first", subject=member.id)
    risk = None if accepted is None else (accepted, ports.event(Tag.RISK_ACCEPTED, member=member.id, reason="founding"))
    if not ports.members.found(member, event, notice, risk):
        _invite_founder(person, words, ports)
        return False
    ports.dues.swept(now)
    ports.queue.push_notices([notice.id])
    return True


def _invite_founder(person: Person, words: str | None, ports: Ports) -> None:
    """While nobody has ever come in, send the first administrator another link, as the person they are said to be now."""
    members, now = ports.members.all(), ports.clock.now()
    if len(members) != 1 or members[0].standing is not Standing.INVITED or members[0].last_seen_at is not None:
        return
    invited = members[0].turned(person=person)
    _moved(members[0], invited, ports.event(Tag.MEMBER_INVITED, reason="again", subject=invited.id), ports)
    if words is not None:
        risk = ports.event(Tag.RISK_ACCEPTED, member=invited.id, reason="founding")
        ports.policy.accept(Acceptance(invited.id, person.name, now, words), risk)
    elif ports.policy.acceptance() is not None:
        ports.policy.withdraw(ports.event(Tag.RISK_WITHDRAWN, member=invited.id, reason="founding"))


def everybody(ports: Ports) -> Everybody:
    """List the members, and whether their rights are to be reviewed: two calls."""
    review = ports.policy.review()
    return Everybody(ports.members.all(), review, review is not None and ports.clock.now() >= review.at + REVIEW_EVERY)


def invite_again(by: SignedIn, identity: MemberId, ports: Ports) -> None:
    """Send another link, for three days more; raise `NotFound`, `Conflict("wrong_standing")` or `Forbidden`."""
    member = _read(by, identity, ports)
    member.require(Standing.INVITED)
    invited = member.turned(invited_at=ports.clock.now())
    event = ports.event(Tag.MEMBER_INVITED, member=by.member.id, reason="again", subject=identity)
    _turn(member, invited, event, ports, _invitation(invited, ports))


def change(by: SignedIn, identity: MemberId, person: Person, ports: Ports) -> Member:
    """Keep another name, address, number or language; the addresses of before and of now are both told.

    Raise `NotFound`, `Invalid("mobile_abroad")`, `Conflict("member_exists")` or `Forbidden`.
    """
    member = _read(by, identity, ports)
    ports.clinic.texts.check(person.mobile, "mobile")
    changed = member.turned(person=person)
    event = ports.event(Tag.MEMBER_CHANGED, member=by.member.id, subject=identity)
    told = [_notice(Kind.CONTACT_CHANGED, changed, ports)]
    if member.person.email != person.email:
        told.append(Notice(NoticeId(ports.new_id()), Kind.CONTACT_CHANGED, member=identity, to=member.person))
    lost = _equipped(member, ports) and not _equipped(changed, ports)
    if member.active and lost and by.acceptance is None:  # their number was the second proof
        changed = replace(changed, standing=Standing.INVITED)
    return _moved(member, changed, event, ports, *told)


def _moved(was: Member, now: Member, event: Event, ports: Ports, *told: Notice) -> Member:
    """Invite anew whoever is not in yet: the link of before is dead.

    Of somebody who is not active, what was set up at another address goes: a stranger may have followed the link there.
    """
    forgotten = ports.members.keyring(was.id) if not was.active and was.person.email != now.person.email else None
    moved = now if forgotten is None else replace(now, means=frozenset())
    if moved.standing is Standing.INVITED:
        moved = replace(moved, invited_at=ports.clock.now())
        told = (*told, _invitation(moved, ports))
    return _turn(was, moved, event, ports, *told, forgotten=forgotten)


def give_role(by: SignedIn, identity: MemberId, role: Role, ports: Ports) -> Member:
    """Make somebody something else; raise `NotFound`, `Conflict("last_administrator")` or `Forbidden`.

    Whoever becomes an administrator is invited anew: the passkeys they have may come from two lesser proofs, and go (R28).
    """
    member = _read(by, identity, ports)
    if role is member.role:
        return member
    given = member.turned(role=role)
    forgotten = None
    if given.administers:
        ring = ports.members.keyring(identity)
        forgotten = Keyring(passkeys=ring.passkeys, psc=ring.psc)
        standing = Standing.INVITED if member.active else member.standing
        given = replace(given, standing=standing, means=member.means - BOUND)
    else:
        changing.require_another(member, by.acceptance, ports)
    event = ports.event(Tag.ROLE_CHANGED, member=by.member.id, reason=role, subject=identity)
    told = [_notice(Kind.MEANS_CHANGED, given, ports)] if given.means != member.means else []
    if given.standing is not Standing.INVITED:
        return _turn(member, given, event, ports, *told, forgotten=forgotten)
    given = replace(given, invited_at=ports.clock.now())  # the link of before is dead
    return _turn(member, given, event, ports, *told, _invitation(given, ports), forgotten=forgotten)


def disable(by: SignedIn, identity: MemberId, ports: Ports) -> Member:
    """Shut somebody out at once; raise `NotFound`, `Conflict` (wrong_standing, last_administrator) or `Forbidden`."""
    member = _read(by, identity, ports)
    member.require(Standing.ACTIVE, Standing.INVITED)
    changing.require_another(member, by.acceptance, ports)
    event = ports.event(Tag.MEMBER_DISABLED, member=by.member.id, subject=identity)
    return _turn(member, member.turned(standing=Standing.DISABLED), event, ports)


def enable(by: SignedIn, identity: MemberId, ports: Ports) -> Member:
    """Let somebody in again: with what they had set up, or by a new invitation. Raise `NotFound`, `Conflict` or `Forbidden`."""
    member = _read(by, identity, ports)
    member.require(Standing.DISABLED)
    event = ports.event(Tag.MEMBER_ENABLED, member=by.member.id, subject=identity)
    if _equipped(member, ports):
        return _turn(member, member.turned(standing=Standing.ACTIVE), event, ports)
    invited = member.turned(standing=Standing.INVITED, invited_at=ports.clock.now())
    return _turn(member, invited, event, ports, _invitation(invited, ports))


def reset(by: SignedIn, identity: MemberId, ports: Ports) -> Member:
    """Forget all that somebody has set up, and invite them anew; raise `NotFound`, `Conflict` or `Forbidden`."""
    member = _read(by, identity, ports)
    member.require(Standing.ACTIVE, Standing.INVITED)
    changing.require_another(member, by.acceptance, ports)
    invited = member.turned(standing=Standing.INVITED, invited_at=ports.clock.now(), means=frozenset())
    kept = ports.members.keyring(identity)
    event = ports.event(Tag.MEMBER_RESET, member=by.member.id, subject=identity)
    told = (_notice(Kind.MEANS_CHANGED, invited, ports), _invitation(invited, ports))
    return _turn(member, invited, event, ports, *told, forgotten=kept)


def reviewed(by: SignedIn, ports: Ports) -> None:
    """Keep that the rights were reviewed now; raise `Forbidden`."""
    _require(by, ports)
    ports.policy.reviewed(Review(ports.clock.now(), by.member.id), ports.event(Tag.RIGHTS_REVIEWED, member=by.member.id))


def remind_review(ports: Ports) -> None:
    """Remind every administrator that the rights were not reviewed for a year; then again each month."""
    review, now = ports.policy.review(), ports.clock.now()
    if review is None or now < review.at + REVIEW_EVERY:
        return
    able = [one for one in ports.members.all() if one.active and one.role is Role.ADMINISTRATOR]
    notices = [_notice(Kind.REVIEW_DUE, one, ports) for one in able]
    if ports.policy.remind(review, now + REVIEW_AGAIN, ports.event(Tag.REVIEW_OVERDUE), notices):
        ports.queue.push_notices([notice.id for notice in notices])


def list_rights(by: SignedIn, ports: Ports) -> tuple[Member, ...]:
    """List who may do what, and when they last did, and keep that it was listed; raise `Forbidden`."""
    by.require_fresh(ports.clock.now())
    ports.audit.record(ports.event(Tag.RIGHTS_EXPORTED, member=by.member.id))
    return ports.members.all()


def _require(by: SignedIn, ports: Ports) -> None:
    by.require_bound()
    by.require_fresh(ports.clock.now())


def _read(by: SignedIn, identity: MemberId, ports: Ports) -> Member:
    _require(by, ports)
    member = ports.members.read(identity)
    if member is None:
        raise NotFound
    return member


def _equipped(member: Member, ports: Ports) -> bool:
    return member.equipped(psc_wanted=ports.clinic.psc_wanted)


def _notice(kind: Kind, member: Member, ports: Ports) -> Notice:
    return Notice(NoticeId(ports.new_id()), kind, member=member.id, turn=member.turn)


def _invitation(member: Member, ports: Ports) -> Notice:
    return _notice(Kind.INVITATION, member, ports)


def _turn(was: Member, now: Member, event: Event, ports: Ports, *notices: Notice, forgotten: Keyring | None = None) -> Member:
    ring = forgotten or Keyring()
    link = None if ring.psc is None else ring.psc.subject
    throttles = () if forgotten is None else earning.strangers(was, ports)
    match ports.members.change(Change(was, now, event, drop=ring.items(), unlink=link, throttles=throttles, notices=notices)):
        case Changed.TAKEN:
            raise Conflict("member_exists", "email")
        case Changed.LAST:
            raise Conflict("last_administrator")
        case Changed.MEANWHILE:
            raise Conflict("changed_meanwhile")
    ports.queue.push_notices([notice.id for notice in notices])
    return now
