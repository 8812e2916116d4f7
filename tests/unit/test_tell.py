"""Telling people: words are written only when they are sent, once, and only while they are true."""

from datetime import timedelta

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId
from chalicelib.domain.login import Channel, Door, SignedIn
from chalicelib.domain.member import Role, Standing
from chalicelib.domain.notice import Kind
from chalicelib.usecases import challenge, follow, join, members, shred, signin, sweep, tell
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.members import Invite
from chalicelib.usecases.ports import Ports, PostRefused
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.tables import Due
from tests.builders import IP, a_browser, a_landing_transfer, a_member, a_person, a_sealed_transfer, an_invitation, deliver, signed_in
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


def an_administrator(ports: Ports) -> SignedIn:
    return signed_in(ports, a_member(ports, role=Role.ADMINISTRATOR))


def test_an_invitation_is_a_link_of_its_own() -> None:
    ports = fake_ports()

    invited = members.invite(Invite(an_administrator(ports), a_person(2), Role.SENDER), ports)
    deliver(ports)

    ((person, letter),) = ports.post.emails
    assert (person, letter.subject) == (a_person(2), "invitation/fr")
    assert f"{CLINIC.origin}/join?lang=fr#{invited.id}.{an_invitation(ports, invited).secret}" in letter.text
    assert str(int((ports.clock.now() + timedelta(hours=72)).timestamp())) in letter.text


def test_a_link_that_invites_is_not_sent_once_another_has_replaced_it() -> None:
    ports = fake_ports()
    by = an_administrator(ports)
    invited = members.invite(Invite(by, a_person(2), Role.SENDER), ports)

    members.invite_again(by, invited.id, ports)
    deliver(ports)

    ((_, letter),) = ports.post.emails
    assert ports.secrets.invitation_secret(invited.id, 1, invited.person.email) in letter.text
    assert [e.reason for e in memory_of(ports).trail(Tag.NOTICE_SENT)] == ["void", Kind.INVITATION]


@pytest.mark.parametrize("why", ["disabled", "joined", "erased"])
def test_a_link_that_would_let_nobody_in_is_not_sent(why: str) -> None:
    ports = fake_ports()
    by = an_administrator(ports)
    invited = members.invite(Invite(by, a_person(2), Role.SENDER), ports)
    if why == "disabled":
        members.disable(by, invited.id, ports)
    elif why == "joined":
        join.join(join.Join(invited.id, ports.secrets.invitation_secret(invited.id, 0, invited.person.email)), a_browser(), ports)
    else:
        ports.members.erase(invited, ports.event(Tag.MEMBER_DELETED, subject=invited.id))

    deliver(ports)

    assert ports.post.emails == []
    assert [e.reason for e in memory_of(ports).trail(Tag.NOTICE_SENT)] == ["void"]


def test_both_addresses_are_told_when_an_administrator_changes_one() -> None:
    ports = fake_ports()
    member = a_member(ports, 2)

    members.change(an_administrator(ports), member.id, a_person(3), ports)
    deliver(ports)

    assert [(person, letter.subject) for person, letter in ports.post.emails] == [
        (a_person(3), "contact_changed/fr"),
        (a_person(2), "contact_changed/fr"),
    ]
    now, before = (letter.text for _, letter in ports.post.emails)
    assert ('"left": false' in now, '"left": true' in before) == (True, True)
    assert "ada3@" not in before


def test_whoever_is_shut_out_is_sent_no_code_they_asked_for_before() -> None:
    for shut_out in (members.disable, members.reset):
        ports = fake_ports()
        member = a_member(ports, 2)
        token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)

        shut_out(an_administrator(ports), member.id, ports)

        assert tell.send_code(ChallengeKey(challenge.digest(token)), ports) is False
        assert ports.post.emails == []


@pytest.mark.parametrize("standing", [Standing.INVITED, Standing.DISABLED])
def test_only_active_members_are_sent_a_code(standing: Standing) -> None:
    ports = fake_ports()
    member = a_member(ports, 2, standing=standing)

    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)
    forged = challenge.begin(member.person.email, Door(member=member.id), Channel.EMAIL, IP, ports)

    for one in (token, forged):
        assert tell.send_code(ChallengeKey(challenge.digest(one)), ports) is False
    assert (ports.post.emails, ports.post.texts) == ([], [])


def test_a_notice_nobody_owes_is_not_sent() -> None:
    ports = fake_ports()

    assert tell.send_notice(NoticeId("x" * 26), ports) is False
    assert ports.post.emails == []


def test_an_address_is_one_members_only() -> None:
    ports = fake_ports()
    by = an_administrator(ports)
    members.invite(Invite(by, a_person(2), Role.SENDER), ports)

    with pytest.raises(Conflict, match="member_exists"):
        members.invite(Invite(by, a_person(2, name="Somebody else"), Role.ADMINISTRATOR), ports)

    assert [m.person.name for m in members.everybody(ports).members] == ["Dr Ada 100", "Dr Ada 2"]
    assert len(ports.queue.notices) == 1


def test_the_first_administrator_is_found_once() -> None:
    ports = fake_ports()
    assert members.found(a_person(1), None, ports) is True
    (first,) = members.everybody(ports).members
    assert (first.person, first.role, first.standing) == (a_person(1), Role.ADMINISTRATOR, Standing.INVITED)
    assert (len(ports.queue.notices), memory_of(ports).swept_at) == (1, ports.clock.now())
    deliver(ports)
    join.join(join.Join(first.id, ports.secrets.invitation_secret(first.id, 0, first.person.email)), a_browser(), ports)
    assert ports.members.read(first.id).active  # type: ignore[union-attr]

    assert members.found(a_person(2), "Somebody else wants to be the first.", ports) is False

    assert [one.person for one in members.everybody(ports).members] == [a_person(1)]
    assert ports.queue.notices == []
    assert [e.reason for e in memory_of(ports).trail(Tag.MEMBER_INVITED)] == ["first"]


def test_the_first_administrator_is_sent_another_link_until_somebody_has_come_in() -> None:
    ports = fake_ports()
    members.found(a_person(1), "Our correspondents do not all have a mobile.", ports)
    ports.clock.tick(days=4)

    assert members.found(a_person(1), None, ports) is False
    assert ports.policy.acceptance() is None
    assert members.found(a_person(2), "Our correspondents have no mobile at all.", ports) is False
    deliver(ports)

    ((person, letter),) = ports.post.emails  # the links of before are dead, and say nothing
    (only,) = members.everybody(ports).members
    secret = ports.secrets.invitation_secret(only.id, only.turn, only.person.email)
    assert (person, only.person, only.turn, secret in letter.text) == (a_person(2), a_person(2), 2, True)
    assert ports.policy.acceptance().name == a_person(2).name  # type: ignore[union-attr]
    join.join(join.Join(only.id, secret), a_browser(), ports)
    assert members.found(a_person(1), None, ports) is False
    assert ports.queue.notices == []


def test_a_clinic_is_founded_once_even_when_everybody_has_gone() -> None:
    ports = fake_ports()
    members.found(a_person(1), None, ports)
    memory_of(ports).members.clear()

    assert members.found(a_person(1), None, ports) is False
    assert members.everybody(ports).members == ()


def test_a_founder_who_gives_a_reason_accepts_codes_by_email_in_the_administrators_name() -> None:
    ports, without = fake_ports(accepted=False), fake_ports(accepted=False)

    members.found(a_person(1), "  Our correspondents do not  all have a mobile. ", ports)
    members.found(a_person(1), None, without)
    with pytest.raises(Invalid, match="bad_reason"):
        members.found(a_person(1), "Because.", fake_ports(accepted=False))

    accepted, (first,) = ports.policy.acceptance(), members.everybody(ports).members
    assert without.policy.acceptance() is None
    assert accepted is not None
    assert (accepted.by, accepted.name, accepted.at) == (first.id, "Dr Ada 1", ports.clock.now())
    assert accepted.reason == "Our correspondents do not all have a mobile."


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

    whole = follow.one(sending.sender, sending.id, ports).whole

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
