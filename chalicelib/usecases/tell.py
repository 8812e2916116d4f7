"""Tell people: write the words of a notice or a code only now, and send them."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import ChallengeKey, NoticeId
from chalicelib.domain.login import CODE_LIFETIME, Challenge, Channel, Door
from chalicelib.domain.member import Member, Standing
from chalicelib.domain.notice import Kind, Letter, Notice
from chalicelib.domain.person import Person
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import Transfer
from chalicelib.usecases.ports import Ports, PostRefused
from chalicelib.usecases.tables import Whole

# What is said of an account or of the clinic's rights, and the page where something can be done about it.
ABOUT_ACCOUNT = dict.fromkeys((Kind.MEANS_CHANGED, Kind.CONTACT_CHANGED, Kind.SIGNIN_LOCKED, Kind.PASSKEY_COPIED), "/account")
ABOUT_ACCOUNT[Kind.REVIEW_DUE] = "/members"


class TextsSpent(PostRefused):
    """The day's text messages are used up. Somebody may have seen to that: it is no reason to send a code another way."""


class BeingSent(Exception):
    """Somebody else has begun to send this very notice."""


def send_notice(identity: NoticeId, ports: Ports) -> bool:
    """Send one notice that is owed; False when it was sent already, or has lost its object.

    Raise `BeingSent` while another worker holds it, `PostRefused` (the claim given back) when the post takes nothing now.
    """
    notice = ports.outbox.read(identity)
    if notice is None:
        return False
    if not ports.outbox.claim(identity, ports.clock.now()):
        raise BeingSent
    message, by = _send_notice(notice, ports)
    event = ports.event(
        Tag.NOTICE_SENT,
        member=notice.member,
        transfer=notice.transfer,
        recipient=notice.recipient,
        reason=notice.kind if message else "void",
    )
    ports.outbox.mark_sent(replace(notice, by=by), event, message)
    return message is not None


def _send_notice(notice: Notice, ports: Ports) -> tuple[str | None, Channel]:
    """Send it if there is anything left to tell; give the message's name, and which way it went."""
    found = _words(notice, ports)
    if found is None:
        return None, notice.by
    person, values = found
    letter = ports.letters(notice.kind, {**_clinic(ports), **values}, person.language)
    if notice.by is Channel.SMS and person.mobile is not None and letter.sms is not None:
        with suppress(PostRefused):  # an e-mail, then
            return _text(person.mobile, letter.sms, ports), Channel.SMS
    try:
        return ports.post.email(person, letter), Channel.EMAIL
    except PostRefused:
        ports.outbox.release(notice.id)
        raise


def _text(number: str, text: str, ports: Ports) -> str:
    """Send a text message where the clinic sends any, and while its day has some left; raise `PostRefused` or `TextsSpent`."""
    rules, scope = ports.clinic.texts, ports.secrets.scope("sms", number)
    if not rules.allows(number):
        raise PostRefused
    if ports.limits.take(rules.limits(scope), ports.clock.now()) is not None:
        raise TextsSpent
    return ports.post.sms(number, text)


def _words(notice: Notice, ports: Ports) -> tuple[Person, Mapping[str, object]] | None:
    if notice.recipient is not None:
        return _for_recipient(notice, ports)
    if notice.to is not None:
        return notice.to, {"left": True}
    member = None if notice.member is None else ports.members.read(notice.member)
    if member is None:
        return None
    if notice.kind is Kind.INVITATION:
        return _invitation(notice, member, ports)
    if notice.kind in ABOUT_ACCOUNT:
        return member.person, {"link": f"{ports.clinic.origin}{ABOUT_ACCOUNT[notice.kind]}", "left": False}
    whole = None if notice.transfer is None else ports.transfers.whole(notice.transfer)
    return None if whole is None or _stale(notice.kind, whole) else (member.person, _for_sender(whole, ports))


def _invitation(notice: Notice, member: Member, ports: Ports) -> tuple[Person, Mapping[str, object]] | None:
    if member.standing is not Standing.INVITED or notice.turn != member.turn:
        return None
    secret, language = ports.secrets.invitation_secret(member.id, member.turn, member.person.email), member.person.language
    link = f"{ports.clinic.origin}/join?lang={language}#{member.id}.{secret}"
    return member.person, {"link": link, "expires_at": int(member.invited_until().timestamp())}


def _stale(kind: Kind, whole: Whole) -> bool:
    """Tell whether there is nothing left that the sender could do about it."""
    if kind is Kind.UNOPENED:
        return whole.transfer.over or not any(one.unopened for one in _meant(whole))
    return kind is Kind.UNDELIVERED and whole.transfer.over


def _meant(whole: Whole) -> list[Recipient]:
    """List whom it was really for: those told, or to be told first."""
    return [one for one in whole.recipients if one.told_at is not None or one.id not in whole.transfer.standby]


def _for_sender(whole: Whole, ports: Ports) -> Mapping[str, object]:
    transfer, meant = whole.transfer, _meant(whole)
    return {
        "link": f"{ports.clinic.origin}/transfers/{transfer.id}",
        "reason": transfer.fault,
        "created_at": int(transfer.created_at.timestamp()),
        "expires_at": int(transfer.expires_at.timestamp()),
        "opened": sum(one.opened_at is not None for one in meant),
        "total": len(meant),
    }


def _for_recipient(notice: Notice, ports: Ports) -> tuple[Person, Mapping[str, object]] | None:
    if notice.transfer is None or notice.recipient is None:
        return None
    found = ports.transfers.with_recipient(notice.transfer, notice.recipient)
    if found is None or found[1].turn != notice.turn:
        return None
    transfer, recipient = found
    if not transfer.opens_for(recipient, ports.clock.now()) or _unneeded(notice, transfer, recipient, ports):
        return None
    secret = ports.secrets.link_secret(transfer.id, recipient.id, recipient.turn)
    link = ports.clinic.share_link(transfer.id, recipient.id, secret, recipient.person.language)
    return recipient.person, {"link": link, "expires_at": int(transfer.expires_at.timestamp())}


def _unneeded(notice: Notice, transfer: Transfer, recipient: Recipient, ports: Ports) -> bool:
    """Tell whether a reminder, or the link of somebody who stands by, has been overtaken by an opening."""
    if notice.kind is Kind.REMINDER:
        return not recipient.waiting
    if recipient.id not in transfer.standby:
        return False
    whole = ports.transfers.whole(transfer.id)
    return whole is not None and any(one.opened_at for one in whole.recipients if one.id not in transfer.standby)


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
    channel = _send_code(letter, person, challenge, ports)
    door = challenge.door or Door()
    event = ports.event(Tag.CODE_SENT, member=door.member, transfer=door.transfer, recipient=door.recipient, reason=channel)
    return ports.challenges.mark_sent(key, channel, event)


def _send_code(letter: Letter, person: Person, challenge: Challenge, ports: Ports) -> Channel:
    """Send a code the way that was wished, or by e-mail; tell which way it went.

    By e-mail it goes to somebody without a mobile, and to one whose text message the post refuses, if the clinic allows that.
    Raise `TextsSpent`: a mailbox must not become the second channel because somebody asked often enough.
    """
    if challenge.channel is Channel.SMS and person.mobile is not None and letter.sms is not None:
        try:
            _text(person.mobile, letter.sms, ports)
            return Channel.SMS
        except TextsSpent:
            raise
        except PostRefused:
            if ports.policy.acceptance() is None:
                raise
    ports.post.email(person, letter)
    return Channel.EMAIL


def _person(challenge: Challenge, ports: Ports) -> Person | None:
    door = challenge.door
    if door is None:
        return None
    if door.member is not None:
        member = ports.members.read(door.member)
        return member.person if member is not None and member.turn == door.turn and member.active else None
    if door.transfer is None or door.recipient is None:
        return None
    if challenge.channel is Channel.EMAIL and ports.policy.acceptance() is None:
        return None  # it was accepted when they asked, and is no more
    found = ports.transfers.with_recipient(door.transfer, door.recipient)
    alive = found is not None and found[1].turn == door.turn and found[0].opens_for(found[1], ports.clock.now())
    return found[1].person if found is not None and alive else None


def _clinic(ports: Ports) -> dict[str, object]:
    return {"clinic": {"name": ports.clinic.name, "support": ports.clinic.support}}
