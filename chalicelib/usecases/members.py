"""Invite the people of the clinic, and list them."""

from dataclasses import dataclass

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import MemberId, NoticeId
from chalicelib.domain.login import Member, Role
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.person import Person
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Invite:
    """An administrator invites somebody."""

    by: MemberId
    person: Person
    role: Role


def invite(command: Invite, ports: Ports) -> Member:
    """Add a member and have them told; raise `Conflict("member_exists")`, or `Invalid("mobile_abroad")`.

    They sign in with a code at their address, or at their mobile.
    """
    ports.clinic.texts.check(command.person.mobile, "mobile")
    member = Member(MemberId(ports.new_id()), command.person, command.role, ports.clock.now())
    notice = Notice(NoticeId(ports.new_id()), Kind.INVITATION, member=member.id)
    if not ports.members.add(member, ports.event(Tag.MEMBER_INVITED, member=command.by, reason=command.role, subject=member.id), notice):
        raise Conflict("member_exists", "email")
    ports.queue.push_notices([notice.id])
    return member


def found(person: Person, ports: Ports) -> bool:
    """Found the clinic: its secret, where the sweeper begins, its first administrator; False when it has members already."""
    ports.secrets.make()
    if ports.members.all():
        return False
    now = ports.clock.now()
    ports.dues.swept(now)
    member = Member(MemberId(ports.new_id()), person, Role.ADMINISTRATOR, now)
    return ports.members.add(member, ports.event(Tag.MEMBER_INVITED, reason="first", subject=member.id), None)


def everybody(ports: Ports) -> tuple[Member, ...]:
    """List the members, by name."""
    return ports.members.all()
