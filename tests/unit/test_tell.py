"""Telling people: words are written only when they are sent, once, and only while they are true."""

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import MemberId, NoticeId
from chalicelib.domain.login import Role
from chalicelib.domain.notice import Kind
from chalicelib.usecases import follow, members, shred, sweep, tell
from chalicelib.usecases.members import Invite
from chalicelib.usecases.ports import PostRefused
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.tables import Due
from tests.builders import a_landing_transfer, a_member, a_person, a_sealed_transfer, deliver
from tests.fake_aws import digest, etag
from tests.fakes import CLINIC, fake_ports, memory_of


def test_every_recipient_is_sent_their_own_link_and_marked_as_told() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=[a_person(1), a_person(2, language="en")])

    deliver(ports)

    for (person, letter), recipient in zip(ports.post.emails, sending.recipients, strict=True):
        secret = ports.secrets.link_secret(sending.id, recipient)
        link = f"{CLINIC.origin}/c?lang={person.language}#{sending.id}.{recipient}.{secret}"
        assert link in letter.text
        assert letter.subject == f"share_link/{person.language}"
        assert memory_of(ports).recipients[recipient].told_at == ports.clock.now()
    assert [e.reason for e in memory_of(ports).trail(Tag.NOTICE_SENT)] == [Kind.SHARE_LINK] * 2


def test_a_notice_is_sent_once_however_often_it_is_pushed() -> None:
    ports = fake_ports()
    a_sealed_transfer(ports)
    (notice,) = ports.queue.notices

    sent = [tell.send_notice(notice, ports) for _ in range(5)]

    assert sent == [True] + [False] * 4
    assert len(ports.post.emails) == 1


def test_a_notice_that_may_have_left_is_held_for_two_minutes_then_sent_by_whoever_comes() -> None:
    ports = fake_ports()
    a_sealed_transfer(ports)
    (notice,) = ports.queue.notices
    ports.post.broken = True
    with pytest.raises(ConnectionError):
        tell.send_notice(notice, ports)
    ports.post.broken = False

    ports.clock.tick(minutes=2)
    with pytest.raises(tell.BeingSent):
        tell.send_notice(notice, ports)
    ports.clock.tick(minutes=8)
    assert sweep.due(ports) == [Due(notice=notice)]
    assert tell.send_notice(notice, ports) is True

    assert len(ports.post.emails) == 1
    assert sweep.due(ports) == []


def test_a_notice_the_post_refused_is_free_to_be_sent_at_once() -> None:
    ports = fake_ports()
    a_sealed_transfer(ports)
    (notice,) = ports.queue.notices
    ports.post.closed = {"email"}
    with pytest.raises(PostRefused):
        tell.send_notice(notice, ports)
    ports.post.closed = set()

    assert tell.send_notice(notice, ports) is True
    assert len(ports.post.emails) == 1


@pytest.mark.parametrize("why", ["transfer", "recipient"])
def test_a_link_that_is_over_is_not_sent_and_nobody_is_said_to_have_been_told(why: str) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    command = Revoke(sending.sender, sending.id, sending.recipients[0])
    (shred.revoke if why == "transfer" else shred.revoke_recipient)(command, ports)

    deliver(ports)

    assert ports.post.emails == []
    assert memory_of(ports).recipients[sending.recipients[0]].told_at is None
    assert [e.reason for e in memory_of(ports).trail(Tag.NOTICE_SENT)] == ["void"]
    assert not [due for due in memory_of(ports).dues if due.notice]


def test_the_sender_is_told_of_a_refusal_and_why() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.put(0)
    kept = ports.bucket.objects[f"t/{sending.id}/0"]
    ports.bucket.objects[f"t/{sending.id}/0"] = type(kept)(b"", etag(b""), digest(b""), 8)
    sending.land(0)

    deliver(ports)

    ((person, letter),) = ports.post.emails
    assert person == ports.members.read(sending.sender).person
    assert letter.subject == "refused/fr"
    assert "size_differs" in letter.text
    assert f"{CLINIC.origin}/transfers/{sending.id}" in letter.text


def test_an_invitation_leads_to_the_door() -> None:
    ports = fake_ports()
    administrator = a_member(ports, role=Role.ADMINISTRATOR)

    members.invite(Invite(administrator.id, a_person(2), Role.SENDER), ports)
    deliver(ports)

    ((person, letter),) = ports.post.emails
    assert person == a_person(2)
    assert f"{CLINIC.origin}/signin?lang=fr" in letter.text


def test_a_notice_nobody_owes_is_not_sent() -> None:
    ports = fake_ports()

    assert tell.send_notice(NoticeId("x" * 26), ports) is False
    assert ports.post.emails == []


def test_an_address_is_one_members_only() -> None:
    ports = fake_ports()
    administrator = a_member(ports, role=Role.ADMINISTRATOR)
    members.invite(Invite(administrator.id, a_person(2), Role.SENDER), ports)

    with pytest.raises(Exception, match="member_exists"):
        members.invite(Invite(administrator.id, a_person(2, name="Somebody else"), Role.ADMINISTRATOR), ports)

    assert [m.person.name for m in members.everybody(ports)] == ["Dr Ada 100", "Dr Ada 2"]
    assert len(ports.queue.notices) == 1


def test_the_first_administrator_is_found_once() -> None:
    ports = fake_ports()

    assert members.found(a_person(1), ports) is True
    assert members.found(a_person(1), ports) is False

    (only,) = members.everybody(ports)
    assert only.role is Role.ADMINISTRATOR
    assert ports.queue.notices == []


def test_a_sender_follows_their_own_transfers_newest_first() -> None:
    ports = fake_ports()
    sender = a_member(ports)
    sent = []
    for _ in range(45):
        sent.append(a_landing_transfer(ports, sender=sender).id)
        ports.clock.tick(seconds=1)
    a_sealed_transfer(ports)

    pages, after = [], None
    while True:
        page = follow.mine(follow.Mine(sender.id, after), ports)
        pages.append([w.transfer.id for w in page.transfers])
        after = page.next
        if after is None:
            break

    assert [one for page in pages for one in page] == sent[::-1]
    assert [len(page) for page in pages] == [20, 20, 5]


def test_a_foreign_transfer_and_an_unknown_one_are_followed_alike() -> None:
    ports = fake_ports()
    sending, stranger = a_sealed_transfer(ports, people=2), a_member(ports, 7)

    whole = follow.one(sending.sender, sending.id, ports)

    assert tuple(r.id for r in whole.recipients) == sending.recipients
    for member, transfer in ((stranger.id, sending.id), (sending.sender, "x" * 26), (MemberId(""), sending.id)):
        with pytest.raises(Exception, match="not_found"):
            follow.one(member, transfer, ports)


def test_what_is_due_is_listed_until_it_is_done() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    begun = ports.clock.now()

    sweep.done(begun, ports)
    ports.clock.tick(days=7)

    assert {due.transfer for due in sweep.due(ports)} == {sending.id, None}
    assert memory_of(ports).swept_at == begun
