"""Correcting an address: everything of the old one is dead, the new one gets a link, and nothing is uploaded again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import ChallengeKey, MemberId, RecipientId, TransferId
from chalicelib.domain.notice import Kind
from chalicelib.domain.person import Person
from chalicelib.domain.recipient import Outcome, Recipient
from chalicelib.domain.transfer import State
from chalicelib.usecases import challenge, collect, correct, hear, remind, shred, tell
from chalicelib.usecases.collect import AskCode
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import (
    IP,
    Sending,
    a_browser,
    a_landed_transfer,
    a_member,
    a_person,
    a_sealed_transfer,
    a_session,
    a_told_transfer,
    deliver,
)
from tests.fakes import fake_ports, memory_of, recorded, watched

RIGHT = a_person(9, name="Dr Grace", language="en")


def mend(sending: Sending, number: int = 0, person: Person = RIGHT, **changes: Any) -> None:
    command = Correct(sending.sender, sending.id, sending.recipients[number], person)
    correct.correct(replace(command, **changes), sending.ports)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def kept(sending: Sending, number: int = 0) -> Recipient:
    return memory_of(sending.ports).recipients[sending.recipients[number]]


def the_link(sending: Sending, turn: int) -> AskCode:
    secret = sending.ports.secrets.link_secret(sending.id, sending.recipients[0], turn)
    return AskCode(sending.id, sending.recipients[0], secret, IP)


def code_of(token: str, ports: Ports) -> str:
    return ports.secrets.login_code(ChallengeKey(challenge.digest(token)))


def test_the_right_address_gets_a_link_of_its_own_which_opens_the_same_files() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    mend(sending)
    deliver(ports)

    person, letter = ports.post.emails[-1]
    assert (person, letter.subject) == (RIGHT, "share_link/en")
    assert the_link(sending, 1).secret in letter.text
    asked = collect.ask_code(the_link(sending, 1), ports)
    entered = collect.open_session(code_of(asked.token, ports), a_browser(asked.token), ports)
    session = memory_of(ports).sessions[challenge.digest(entered.token)]
    assert collect.open_transfer(session, IP, ports).data_key == sending.made.data_key
    (event,) = memory_of(ports).trail(Tag.RECIPIENT_CORRECTED)
    assert (event.member, event.recipient) == (sending.sender, sending.recipients[0])
    assert "Grace" not in repr(event)


def test_the_old_link_opens_nothing_any_more() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    mend(sending)

    assert refusal(lambda: collect.ask_code(the_link(sending, 0), ports)) == "not_found"
    assert ports.queue.codes == []


def test_a_code_asked_for_with_the_old_link_opens_nothing_any_more() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    asked = collect.ask_code(the_link(sending, 0), ports)
    code = code_of(asked.token, ports)

    mend(sending)

    assert refusal(lambda: collect.open_session(code, a_browser(asked.token), ports)) == "not_found"


def test_a_code_asked_for_with_the_old_link_is_not_even_sent() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    asked = collect.ask_code(the_link(sending, 0), ports)

    mend(sending)

    assert tell.send_code(ChallengeKey(challenge.digest(asked.token)), ports) is False
    assert ports.post.texts == []


def test_a_session_of_the_old_address_opens_nothing_any_more() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    _, session = a_session(ports, sending.door())

    mend(sending)

    for act in (
        lambda: collect.open_transfer(session, IP, ports),
        lambda: collect.sign_file(session, 0, IP, ports),
        lambda: collect.acknowledge(session, 0, IP, ports),
    ):
        with pytest.raises(NotFound):
            act()


@pytest.mark.parametrize("at", ["keys.for_recipient", "vault.unwrap", "recipients.mark_opened"])
def test_a_correction_in_the_middle_of_an_opening_wins(at: str) -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    _, session = a_session(ports, sending.door())

    world = watched(ports, lambda call: mend(sending) if call == at else None)

    with pytest.raises(NotFound):
        collect.open_transfer(session, IP, world)
    assert kept(sending).opened_at is None


def test_a_notice_of_the_old_address_is_not_sent_to_the_new_one() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    (old,) = ports.queue.notices
    mend(sending)

    assert tell.send_notice(old, ports) is False

    assert ports.post.emails == []
    assert kept(sending).told_at is None
    deliver(ports)
    assert [person for person, _ in ports.post.emails] == [RIGHT]


def test_a_notice_that_left_for_the_old_address_meanwhile_marks_nobody_as_told() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    (old,) = ports.queue.notices

    tell.send_notice(old, watched(ports, lambda call: mend(sending) if call == "outbox.mark_sent" else None))

    assert kept(sending).told_at is None
    assert hear.hear(Heard("email-1", Outcome.BOUNCED), ports) is False


def test_what_became_of_the_old_address_is_forgotten() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    for outcome in Outcome:
        hear.hear(Heard("email-1", outcome), ports)
    a_session(ports, sending.door())
    ports.clock.tick(hours=1)

    mend(sending)

    assert kept(sending) == Recipient(sending.recipients[0], RIGHT, 1, corrected_at=ports.clock.now())


def test_the_new_address_is_reminded_although_the_old_one_was_out_of_reach() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    hear.hear(Heard("email-1", Outcome.BOUNCED), ports)
    mend(sending)
    deliver(ports)

    assert remind.remind(remind.Remind(sending.sender, sending.id), ports) == 1


def test_five_corrections_and_no_more_and_only_the_last_link_lives() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    for number in range(5):
        mend(sending, person=a_person(10 + number))

    assert refusal(lambda: mend(sending)) == "corrected_too_often"
    assert kept(sending).person == a_person(14)
    dead = [refusal(lambda t=turn: collect.ask_code(the_link(sending, t), ports)) for turn in (*range(5), 6)]
    assert dead == ["not_found"] * 6  # and none of these asked too often for the one that lives
    assert collect.ask_code(the_link(sending, 5), ports).token


def test_nobody_is_corrected_into_another_recipient_of_the_same_transfer() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2)

    with pytest.raises(Refusal) as caught:
        mend(sending, person=a_person(2))

    assert (caught.value.code, caught.value.field) == ("duplicate_recipient", "email")


def test_a_name_is_corrected_with_the_address_left_as_it_was() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2)

    mend(sending, person=a_person(1, name="Dr Ada Lovelace"))

    assert kept(sending).person.name == "Dr Ada Lovelace"


def test_what_was_opened_cannot_be_corrected() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    collect.open_transfer(a_session(ports, sending.door())[1], IP, ports)

    assert refusal(lambda: mend(sending)) == "already_opened"


def test_what_is_opened_in_the_middle_of_a_correction_stays_opened() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    _, session = a_session(ports, sending.door())

    world = watched(ports, lambda call: collect.open_transfer(session, IP, ports) if call == "recipients.correct" else None)

    command = Correct(sending.sender, sending.id, sending.recipients[0], RIGHT)
    assert refusal(lambda: correct.correct(command, world)) == "transfer_changed"
    assert kept(sending).person == a_person(1)
    assert ports.queue.notices == []


def test_two_corrections_at_once_leave_one() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    def overtake(call: str) -> None:
        if call == "recipients.correct":
            mend(sending, person=a_person(10))

    command = Correct(sending.sender, sending.id, sending.recipients[0], RIGHT)
    assert refusal(lambda: correct.correct(command, watched(ports, overtake))) == "transfer_changed"
    assert kept(sending).person == a_person(10)
    assert len(ports.queue.notices) == 1


def test_a_revoked_recipient_is_not_corrected() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2)
    shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), ports)

    assert refusal(lambda: mend(sending)) == "recipient_revoked"
    mend(sending, 1)


def test_only_a_sealed_transfer_has_its_recipients_corrected() -> None:
    ports = fake_ports()
    landed, revoked, expired = a_landed_transfer(ports), a_told_transfer(ports), a_told_transfer(ports)
    shred.revoke(Revoke(revoked.sender, revoked.id), ports)
    ports.clock.set(expired.transfer.expires_at)

    assert [refusal(lambda s=s: mend(s)) for s in (landed, revoked, expired)] == ["transfer_not_sealed"] * 3
    assert landed.transfer.state is State.LANDING


def test_nobody_corrects_a_recipient_of_the_transfer_of_another() -> None:
    ports = fake_ports()
    sending, other, stranger = a_told_transfer(ports), a_told_transfer(ports), a_member(ports, 7)

    for changes in (
        {"sender": stranger.id},
        {"sender": MemberId("")},
        {"transfer": TransferId("x" * 26)},
        {"recipient": RecipientId("x" * 26)},
        {"recipient": other.recipients[0]},
    ):
        assert refusal(lambda c=changes: mend(sending, **c)) == "not_found"
    assert ports.queue.notices == []


def test_a_clinic_that_wants_a_second_channel_wants_it_of_the_right_address_too() -> None:
    ports = fake_ports(accepted=False)
    sending = a_told_transfer(ports)

    mend(sending, person=a_person(9, mobile=None))

    assert collect.ask_code(the_link(sending, 1), ports).way is Means.PHRASE
    assert ports.queue.codes == []


def test_whoever_stands_by_and_was_not_told_gets_no_link_until_their_turn() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2, standby=frozenset({1}))

    mend(sending, 1)

    assert ports.queue.notices == []
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    deliver(ports)
    assert (RIGHT, "share_link/en") in [(person, letter.subject) for person, letter in ports.post.emails]


def test_whoever_stands_by_and_was_told_gets_a_link_at_once() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2, standby=frozenset({1}))
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    deliver(ports)

    mend(sending, 1)

    (notice,) = (memory_of(ports).notices[one] for one in ports.queue.notices)
    assert (notice.kind, notice.recipient, notice.turn) == (Kind.SHARE_LINK, sending.recipients[1], 1)


def test_a_correction_is_two_calls_and_a_push() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_told_transfer(ports, people=50)
    calls.clear()

    mend(sending, person=a_person(90))

    assert [one for one in calls if one != "transfers.read"] == ["transfers.whole", "recipients.correct", "queue.push_notices"]
