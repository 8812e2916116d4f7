"""Hearing what became of a message after it left: each outcome once, of the address it went to, and nothing else believed."""

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.notice import PUSHES_MOST, Kind
from chalicelib.domain.recipient import Outcome
from chalicelib.usecases import correct, hear, remind, shred, sweep, tell
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.ports import PostRefused
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_person, a_sealed_transfer, a_told_transfer, deliver
from tests.fakes import fake_ports, memory_of

LINK = "email-1"  # the name of the first e-mail that left


def heard(sending: Sending, outcome: Outcome, message: str = LINK) -> bool:
    return hear.hear(Heard(message, outcome), sending.ports)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_became_of_a_link_is_kept_once(outcome: Outcome) -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    first = ports.clock.now()

    answers = []
    for _ in range(3):
        answers.append(heard(sending, outcome))
        ports.clock.tick(minutes=1)

    assert answers == [True, False, False]
    assert getattr(memory_of(ports).recipients[sending.recipients[0]], f"{outcome}_at") == first
    (event,) = memory_of(ports).trail(Tag.NOTICE_OUTCOME)
    assert (event.recipient, event.reason) == (sending.recipients[0], outcome)


def test_outcomes_that_follow_each_other_are_all_kept() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    assert all(heard(sending, outcome) for outcome in (Outcome.DELAYED, Outcome.DELIVERED, Outcome.COMPLAINED))

    kept = memory_of(ports).recipients[sending.recipients[0]]
    assert None not in (kept.delayed_at, kept.delivered_at, kept.complained_at)
    assert kept.bounced_at is None


def test_of_two_recipients_only_the_one_it_went_to_is_marked() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2)

    heard(sending, Outcome.BOUNCED, "email-2")

    bounced = [memory_of(ports).recipients[one].bounced_at is not None for one in sending.recipients]
    assert bounced == [False, True]


def test_the_sender_is_told_once_that_a_message_came_back() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    for _ in range(3):
        heard(sending, Outcome.BOUNCED)
    deliver(ports)

    person, letter = ports.post.emails[-1]
    assert len(ports.post.emails) == 2
    assert person == ports.members.read(sending.sender).person
    assert letter.subject == "undelivered/fr"
    assert f"/transfers/{sending.id}" in letter.text
    assert "ada1@" not in letter.text


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.DELAYED, Outcome.COMPLAINED])
def test_nobody_is_told_of_what_is_no_trouble_yet(outcome: Outcome) -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    heard(sending, outcome)

    assert ports.queue.notices == []


def test_a_message_nobody_knows_changes_nothing() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    before = list(memory_of(ports).events)

    for name in ("", "email-99", "email-1 ", sending.id, "\ud800"):
        assert heard(sending, Outcome.BOUNCED, name) is False

    assert memory_of(ports).events == before
    assert ports.queue.notices == []


def test_what_is_heard_of_an_address_that_was_corrected_is_not_believed_of_the_new_one() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    correct.correct(Correct(sending.sender, sending.id, sending.recipients[0], a_person(9)), ports)
    ports.queue.pushed.clear()

    assert [heard(sending, outcome) for outcome in Outcome] == [False] * 4

    assert ports.queue.notices == []
    assert memory_of(ports).recipients[sending.recipients[0]].bounced_at is None


def test_after_the_end_a_bounce_is_kept_and_nobody_is_told() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert heard(sending, Outcome.BOUNCED) is True

    assert ports.queue.notices == []
    assert memory_of(ports).recipients[sending.recipients[0]].bounced_at is not None


def test_what_became_of_a_reminder_is_heard_too() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    remind.remind(remind.Remind(sending.sender, sending.id), ports)
    deliver(ports)

    assert heard(sending, Outcome.BOUNCED, "email-2") is True
    assert memory_of(ports).recipients[sending.recipients[0]].bounced_at is not None


def test_only_what_goes_to_recipients_is_remembered() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    heard(sending, Outcome.BOUNCED)

    deliver(ports)

    assert len(ports.post.emails) == 2
    assert list(memory_of(ports).messages) == [LINK]


def given_up(sending: Sending) -> None:
    """Have the share link pushed again and again, and given up in the end."""
    ports = sending.ports
    (link,) = [one for one in ports.queue.notices if memory_of(ports).notices[one].kind is Kind.SHARE_LINK]
    for _ in range(PUSHES_MOST + 1):
        sweep.push_again(link, ports)
    ports.queue.pushed.clear()


def test_after_the_end_nobody_is_told_of_a_notice_that_was_given_up() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    shred.revoke(Revoke(sending.sender, sending.id), ports)

    given_up(sending)

    assert [one.kind for one in memory_of(ports).notices.values()] == [Kind.SHARE_LINK]
    assert len(memory_of(ports).trail(Tag.NOTICE_GIVEN_UP)) == 1


def test_whoever_could_not_be_written_to_for_days_is_out_of_reach_and_the_sender_is_told() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, lifetime_days=30)
    (link,) = ports.queue.notices
    ports.post.closed = {"email"}
    for _ in range(PUSHES_MOST + 1):
        ports.clock.tick(days=2)
        with pytest.raises(PostRefused):
            tell.send_notice(link, ports)
        sweep.push_again(link, ports)
    ports.post.closed = set()
    ports.queue.pushed[:] = [one for one in ports.queue.pushed if one != link]

    deliver(ports)

    assert memory_of(ports).recipients[sending.recipients[0]].bounced_at == ports.clock.now()
    assert [letter.subject for _, letter in ports.post.emails] == ["undelivered/fr"]
    (event,) = memory_of(ports).trail(Tag.NOTICE_GIVEN_UP)
    assert (event.recipient, event.reason) == (sending.recipients[0], Kind.SHARE_LINK)
    assert heard(sending, Outcome.BOUNCED) is False


def test_a_text_message_that_was_given_up_says_nothing_of_the_address() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)
    assert remind.remind_due(sending.id, ports)
    (reminder,) = [one for one in memory_of(ports).notices.values() if one.kind is Kind.REMINDER]
    ports.queue.pushed.clear()

    for _ in range(PUSHES_MOST + 1):
        sweep.push_again(reminder.id, ports)

    assert memory_of(ports).recipients[sending.recipients[0]].bounced_at is None
    assert Kind.UNDELIVERED not in [one.kind for one in memory_of(ports).notices.values()]
