"""What a sender hears of their transfer's end, and what nobody hears."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import MemberId
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import State
from chalicelib.usecases import collect, remind, shred, sweep, tell
from chalicelib.usecases.ports import Ports, PostRefused
from chalicelib.usecases.shred import Revoke
from tests.builders import (
    IP,
    Sending,
    a_landed_transfer,
    a_landing_transfer,
    a_person,
    a_sealed_transfer,
    a_sending,
    a_session,
    a_told_transfer,
    deliver,
)
from tests.fake_aws import Stored, digest, etag
from tests.fakes import fake_ports, memory_of, watched


def news(ports: Any) -> list[str]:
    """Send everything that is owed; list the subjects of what went to members."""
    deliver(ports)
    addresses = {member.person.email for member in ports.members.all()}
    return [letter.subject for person, letter in ports.post.emails if person.email in addresses]


def open_it(sending: Sending, number: int) -> None:
    collect.open_transfer(a_session(sending.ports, sending.door(number))[1], IP, sending.ports)


def expire(sending: Sending) -> None:
    sending.ports.clock.set(sending.transfer.ends_at)
    assert shred.destroy_due(sending.id, sending.ports)


def test_at_its_end_the_sender_hears_how_many_of_those_it_was_meant_for_opened() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=3)
    open_it(sending, 1)

    expire(sending)

    assert news(ports) == ["expired/fr"]
    letter = ports.post.emails[-1][1]
    assert '"opened": 1' in letter.text
    assert '"total": 3' in letter.text
    assert f'"created_at": {int(sending.transfer.created_at.timestamp())}' in letter.text
    assert f"/transfers/{sending.id}" in letter.text
    assert "ada1@" not in letter.text


def test_whoever_stood_by_and_was_never_told_is_not_counted() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2, standby=frozenset({1}))
    open_it(sending, 0)

    expire(sending)

    news(ports)
    letter = ports.post.emails[-1][1]
    assert '"opened": 1' in letter.text
    assert '"total": 1' in letter.text


def test_whoever_stood_by_and_was_told_counts() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, people=2, standby=frozenset({1}))
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    deliver(ports)

    expire(sending)

    news(ports)
    assert '"total": 2' in ports.post.emails[-1][1].text


def test_a_sender_whose_sending_never_finished_hears_of_it() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)

    expire(sending)

    assert news(ports) == ["abandoned/fr"]
    assert f"/transfers/{sending.id}" in ports.post.emails[-1][1].text


def cancelled(sending: Sending) -> None:
    shred.revoke(Revoke(sending.sender, sending.id), sending.ports)


def refused(sending: Sending) -> None:
    sending.put(0)
    sending.ports.bucket.objects[f"t/{sending.id}/0"] = Stored(b"", etag(b""), digest(b""), 8)
    sending.land(0)
    assert shred.destroy_due(sending.id, sending.ports)


@pytest.mark.parametrize(
    ("walk", "end", "heard"),
    [
        (a_sending, expire, []),
        (a_sending, cancelled, []),
        (a_landing_transfer, cancelled, []),
        (a_landed_transfer, cancelled, []),
        (a_told_transfer, cancelled, []),
        (a_landing_transfer, refused, ["refused/fr"]),
    ],
)
def test_a_sender_hears_no_news_of_what_they_did_or_know(walk: Callable[[Ports], Sending], end: Any, heard: list[str]) -> None:
    ports = fake_ports()
    sending = walk(ports)

    end(sending)

    assert sending.transfer.state is State.SHREDDED
    assert news(ports) == heard


@pytest.mark.parametrize("after", range(6))
def test_a_destruction_killed_anywhere_tells_the_sender_once(after: int) -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.set(sending.transfer.expires_at)
    made: list[str] = []

    def kill(call: str) -> None:
        made.append(call)
        if len(made) > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shred.destroy_due(sending.id, watched(ports, kill))
    for _ in range(2):
        shred.destroy_due(sending.id, ports)

    assert news(ports) == ["expired/fr"]


def test_the_news_of_an_end_that_could_not_be_pushed_is_pushed_by_a_later_sweep() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.set(sending.transfer.expires_at)

    def kill(call: str) -> None:
        if call == "queue.push_notices":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shred.destroy_due(sending.id, watched(ports, kill))
    ports.clock.tick(minutes=10)
    for due in sweep.due(ports):
        assert due.notice is not None
        sweep.push_again(due.notice, ports)

    assert news(ports) == ["expired/fr"]


def test_news_for_a_member_who_is_gone_is_dropped() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    expire(sending)
    del memory_of(ports).members[MemberId(sending.sender)]

    deliver(ports)

    assert [letter.subject for _, letter in ports.post.emails] == ["share_link/fr"]
    assert memory_of(ports).trail(Tag.NOTICE_SENT)[-1].reason == "void"


def test_a_reminder_by_text_that_is_refused_goes_by_email() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    (reminder,) = [one for one in ports.queue.notices if memory_of(ports).notices[one].kind is Kind.REMINDER]
    ports.post.closed = {"sms"}

    assert tell.send_notice(reminder, ports) is True
    assert ports.post.texts == []
    assert [letter.subject for _, letter in ports.post.emails][-1] == "reminder/fr"


def test_a_reminder_that_neither_way_takes_gives_the_claim_back() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    (reminder,) = [one for one in ports.queue.notices if memory_of(ports).notices[one].kind is Kind.REMINDER]
    ports.post.closed = {"sms", "email"}
    with pytest.raises(PostRefused):
        tell.send_notice(reminder, ports)
    ports.post.closed = set()

    assert tell.send_notice(reminder, ports) is True
    assert [number for number, _ in ports.post.texts] == [a_person(1).mobile]


def test_a_reminder_by_text_to_somebody_whose_mobile_was_taken_away_goes_by_email() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    kept = memory_of(ports).recipients
    kept[sending.recipients[0]] = type(kept[sending.recipients[0]])(
        sending.recipients[0], a_person(1, mobile=None), told_at=ports.clock.now() - timedelta(days=6)
    )

    deliver(ports)

    assert ports.post.texts == []
    assert "reminder/fr" in [letter.subject for _, letter in ports.post.emails]


def test_a_link_leaves_once_for_each_recipient_and_is_remembered() -> None:
    ports = fake_ports()
    a_sealed_transfer(ports, people=3)

    deliver(ports)

    assert list(memory_of(ports).messages) == ["email-1", "email-2", "email-3"]
