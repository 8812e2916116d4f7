"""Reminding: at the sender's word, or when the clock says so; never twice for one moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Refusal, TooMany
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import State
from chalicelib.usecases import collect, remind, reschedule, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.remind import Remind
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from tests.builders import (
    IP,
    Sending,
    a_landed_transfer,
    a_member,
    a_person,
    a_sealed_transfer,
    a_session,
    a_told_transfer,
    deliver,
)
from tests.fakes import CLINIC, fake_ports, memory_of, recorded, watched

DAY = timedelta(days=1)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def by_hand(sending: Sending, **changes: str) -> int:
    return remind.remind(replace(Remind(sending.sender, sending.id), **changes), sending.ports)


def pushed(ports: Ports) -> list[Notice]:
    return [memory_of(ports).notices[one] for one in ports.queue.notices]


def open_it(sending: Sending, number: int = 0) -> None:
    collect.open_transfer(a_session(sending.ports, sending.door(number))[1], IP, sending.ports)


def test_a_sender_reminds_everybody_who_has_not_opened() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=3)
    open_it(sending, 1)

    assert by_hand(sending) == 2

    waiting = [sending.recipients[0], sending.recipients[2]]
    assert [(one.kind, one.recipient, one.by) for one in pushed(ports)] == [(Kind.REMINDER, one, Channel.EMAIL) for one in waiting]
    (event,) = memory_of(ports).trail(Tag.REMINDERS_OWED)
    assert (event.member, event.transfer) == (sending.sender, sending.id)


def test_a_reminder_carries_the_same_link_and_is_noted_when_it_leaves() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(hours=1)

    by_hand(sending)
    deliver(ports)

    (_, first), (_, reminder) = ports.post.emails
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])
    assert (first.subject, reminder.subject) == ("share_link/fr", "reminder/fr")
    assert secret in first.text
    assert secret in reminder.text
    kept = memory_of(ports).recipients[sending.recipients[0]]
    assert (kept.told_at, kept.reminded_at) == (ports.clock.now() - timedelta(hours=1), ports.clock.now())


def test_a_sender_reminds_three_times_a_day_and_again_the_next() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    for _ in range(3):
        by_hand(sending)

    with pytest.raises(TooMany) as caught:
        by_hand(sending)
    ports.clock.tick(days=1)

    assert caught.value.code == "too_many_requests"
    assert timedelta(0) < caught.value.retry_after <= DAY
    assert len(memory_of(ports).trail(Tag.REMINDERS_OWED)) == 3
    assert by_hand(sending) == 1


def test_the_reminders_of_one_transfer_do_not_count_for_another() -> None:
    ports = fake_ports()
    sender = a_member(ports)
    one, two = (a_told_transfer(ports, sender=sender) for _ in range(2))
    for _ in range(3):
        by_hand(one)

    assert by_hand(two) == 1


def test_where_nobody_can_be_reminded_no_reminder_is_counted() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    open_it(sending)

    assert [refusal(lambda: by_hand(sending)) for _ in range(5)] == ["nobody_to_remind"] * 5


def test_nobody_is_reminded_before_they_were_told() -> None:
    ports = fake_ports()

    assert refusal(lambda: by_hand(a_sealed_transfer(ports))) == "nobody_to_remind"


def test_only_a_sealed_transfer_is_reminded_of() -> None:
    ports = fake_ports()
    landed, revoked, expired = a_landed_transfer(ports), a_told_transfer(ports), a_told_transfer(ports)
    shred.revoke(Revoke(revoked.sender, revoked.id), ports)

    assert [refusal(lambda s=s: by_hand(s)) for s in (landed, revoked)] == ["transfer_not_sealed"] * 2
    ports.clock.set(expired.transfer.expires_at)
    assert refusal(lambda: by_hand(expired)) == "transfer_not_sealed"


def test_nobody_reminds_of_the_transfer_of_another() -> None:
    ports = fake_ports()
    sending, stranger = a_told_transfer(ports), a_member(ports, 7)

    for changes in ({"sender": stranger.id}, {"sender": MemberId("")}, {"transfer": TransferId("x" * 26)}):
        assert refusal(lambda c=changes: by_hand(sending, **c)) == "not_found"
    assert ports.queue.notices == []


def test_reminding_by_hand_is_three_calls_and_a_push() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_told_transfer(ports, people=50)
    calls.clear()

    by_hand(sending)

    assert calls == ["transfers.whole", "limits.take", "transfers.remind", "queue.push_notices"]


def test_a_transfer_that_ends_meanwhile_is_not_reminded_of() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)

    def end(call: str) -> None:
        if call == "transfers.remind":
            shred.revoke(Revoke(sending.sender, sending.id), ports)

    command = Remind(sending.sender, sending.id)
    assert refusal(lambda: remind.remind(command, watched(ports, end))) == "transfer_changed"
    assert ports.queue.notices == []


def test_the_clock_reminds_once_at_half_of_the_time_and_once_on_the_last_day() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    said = []

    for hours in range(7 * 24):
        if remind.remind_due(sending.id, ports):
            said.append((hours, [one.by for one in pushed(ports) if one.kind is Kind.REMINDER]))
            ports.queue.pushed.clear()
        ports.clock.tick(hours=1)

    assert said == [(84, [Channel.EMAIL]), (144, [Channel.SMS])]
    assert len(memory_of(ports).trail(Tag.REMINDERS_OWED)) == 2


def test_the_last_day_goes_by_text_message_without_a_link_and_tells_the_sender() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=(a_person(1), a_person(2)))
    open_it(sending, 1)
    ports.clock.tick(days=6)

    remind.remind_due(sending.id, ports)
    deliver(ports)

    ((number, _),) = ports.post.texts
    assert number == a_person(1).mobile
    person, letter = ports.post.emails[-1]
    assert person == ports.members.read(sending.sender).person
    assert letter.subject == "unopened/fr"
    assert '"opened": 1' in letter.text
    assert '"total": 2' in letter.text


def test_whoever_stands_by_gets_a_link_on_the_last_day_and_only_then() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2, standby=frozenset({1}))
    assert [person.email for person, _ in ports.post.emails] == ["ada1@example.fr"]

    ports.clock.tick(days=3, hours=12)
    remind.remind_due(sending.id, ports)
    deliver(ports)
    ports.clock.tick(days=2, hours=12)
    remind.remind_due(sending.id, ports)
    deliver(ports)

    said = [(person.email, letter.subject) for person, letter in ports.post.emails if person.email.startswith("ada2")]
    assert said == [("ada2@example.fr", "share_link/fr")]
    assert memory_of(ports).recipients[sending.recipients[1]].told_at == ports.clock.now()
    open_it(sending, 1)


def test_reminding_twice_for_one_moment_is_reminding_once() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=3, hours=12)

    assert [remind.remind_due(sending.id, ports) for _ in range(3)] == [True, False, False]
    assert len(ports.queue.notices) == 1


def test_two_sweeps_at_one_moment_remind_once() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=3, hours=12)

    def overtake(call: str) -> None:
        if call == "transfers.remind":
            assert remind.remind_due(sending.id, ports)

    assert remind.remind_due(sending.id, watched(ports, overtake)) is False
    assert len(ports.queue.notices) == 1


def test_a_moment_that_was_moved_meanwhile_is_not_dealt_with() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=3, hours=12)

    def extend(call: str) -> None:
        if call == "transfers.remind":
            reschedule.reschedule(Reschedule(sending.sender, sending.id, sending.transfer.expires_at + 7 * DAY), ports)

    assert remind.remind_due(sending.id, watched(ports, extend)) is False
    assert ports.queue.notices == []
    assert sending.transfer.reminder_at == sending.transfer.created_at + 7 * DAY


def test_a_reminder_is_not_sent_to_whoever_opened_meanwhile() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    by_hand(sending)
    open_it(sending)

    deliver(ports)

    assert [letter.subject for _, letter in ports.post.emails] == ["share_link/fr"]
    assert memory_of(ports).trail(Tag.NOTICE_SENT)[-1].reason == "void"


def test_a_sender_is_not_told_of_what_was_opened_meanwhile() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    open_it(sending)

    deliver(ports)

    assert [letter.subject for _, letter in ports.post.emails] == ["share_link/fr"]


def test_a_clinic_without_a_ladder_tells_nobody_and_goes_on() -> None:
    ports = fake_ports(clinic=replace(CLINIC, ladder=frozenset()))
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)

    remind.remind_due(sending.id, ports)

    assert ports.queue.notices == []
    assert sending.transfer.due_at == sending.transfer.expires_at


@pytest.mark.parametrize("walk", [a_landed_transfer, a_told_transfer])
def test_nothing_is_due_to_be_said_before_the_first_moment(walk: Callable[[Ports], Sending]) -> None:
    ports = fake_ports()
    sending = walk(ports)

    assert remind.remind_due(sending.id, ports) is False
    assert remind.remind_due(TransferId("x" * 26), ports) is False
    assert sending.transfer.state in (State.LANDING, State.SEALED)
