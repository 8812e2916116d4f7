"""Tell people: write the words of a notice or a code only now, and send them."""

from collections.abc import Mapping

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import ChallengeKey, NoticeId
from chalicelib.domain.login import CODE_LIFETIME, Challenge, Channel
from chalicelib.domain.notice import Kind, Letter, Notice
from chalicelib.domain.person import Person
from chalicelib.usecases.ports import Ports


def send_notice(identity: NoticeId, ports: Ports) -> bool:
    """Send one notice that is owed; False when it was sent already, is being sent, or has lost its object."""
    notice = ports.outbox.read(identity)
    if notice is None or not ports.outbox.claim(identity, ports.clock.now()):
        return False
    found = _words(notice, ports)
    if found is not None:
        person, values = found
        ports.post.email(person, ports.letters(notice.kind, {**_clinic(ports), **values}, person.language))
    event = ports.event(
        Tag.NOTICE_SENT,
        member=notice.member,
        transfer=notice.transfer,
        recipient=notice.recipient,
        reason=notice.kind if found else "void",
    )
    ports.outbox.mark_sent(notice, event, told=found is not None)
    return found is not None


def _words(notice: Notice, ports: Ports) -> tuple[Person, Mapping[str, object]] | None:
    if notice.kind is Kind.SHARE_LINK:
        return _share_link(notice, ports)
    member = None if notice.member is None else ports.members.read(notice.member)
    if member is None:
        return None
    if notice.kind is Kind.INVITATION:
        return member.person, {"link": f"{ports.clinic.origin}/signin?lang={member.person.language}"}
    transfer = None if notice.transfer is None else ports.transfers.read(notice.transfer)
    if transfer is None:
        return None
    link = f"{ports.clinic.origin}/transfers/{transfer.id}"
    return member.person, {"link": link, "reason": transfer.fault, "created_at": int(transfer.created_at.timestamp())}


def _share_link(notice: Notice, ports: Ports) -> tuple[Person, Mapping[str, object]] | None:
    if notice.transfer is None or notice.recipient is None:
        return None
    found = ports.transfers.with_recipient(notice.transfer, notice.recipient)
    if found is None:
        return None
    transfer, recipient = found
    if not transfer.opens_for(recipient, ports.clock.now()):
        return None
    secret = ports.secrets.link_secret(transfer.id, recipient.id)
    link = ports.clinic.share_link(transfer.id, recipient.id, secret, recipient.person.language)
    return recipient.person, {"link": link, "expires_at": int(transfer.expires_at.timestamp())}


def send_code(key: ChallengeKey, ports: Ports) -> bool:
    """Send the code of a challenge; False when it is over, was sent, or belongs to an address nobody has."""
    challenge = ports.challenges.read(key)
    if challenge is None or challenge.sent_at is not None or ports.clock.now() >= challenge.expires_at:
        return False
    person = _person(challenge, ports)
    if person is None:
        return False
    values = {**_clinic(ports), "code": ports.secrets.login_code(key), "minutes": int(CODE_LIFETIME.total_seconds()) // 60}
    letter = ports.letters("login_code", values, person.language)
    channel = _send(letter, person, challenge.channel, ports)
    door = challenge.door
    member, transfer, recipient = (door.member, door.transfer, door.recipient) if door else (None, None, None)
    event = ports.event(Tag.CODE_SENT, member=member, transfer=transfer, recipient=recipient, reason=channel)
    return ports.challenges.mark_sent(key, event)


def _send(letter: Letter, person: Person, wish: Channel, ports: Ports) -> Channel:
    """Send a code the way that was wished, or by e-mail to somebody without a mobile; tell which way it went."""
    if wish is Channel.SMS and person.mobile is not None and letter.sms is not None:
        ports.post.sms(person.mobile, letter.sms)
        return Channel.SMS
    ports.post.email(person, letter)
    return Channel.EMAIL


def _person(challenge: Challenge, ports: Ports) -> Person | None:
    door = challenge.door
    if door is None:
        return None
    if door.member is not None:
        member = ports.members.read(door.member)
        return None if member is None else member.person
    if door.transfer is None or door.recipient is None:
        return None
    found = ports.transfers.with_recipient(door.transfer, door.recipient)
    return found[1].person if found is not None and found[0].opens_for(found[1], ports.clock.now()) else None


def _clinic(ports: Ports) -> dict[str, object]:
    return {"clinic": {"name": ports.clinic.name, "support": ports.clinic.support}}
