"""Text messages go to the countries a clinic chose, and so many a day: fraud asks for more."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel
from chalicelib.domain.member import Role
from chalicelib.domain.texts import PER_NUMBER, Texts
from chalicelib.usecases import challenge, draft, members, signin, tell
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.members import Invite
from chalicelib.usecases.ports import PostRefused
from tests.builders import IP, a_draft, a_member, a_person, signed_in, withdraw
from tests.fakes import CLINIC, fake_ports


def world(**rules: Any) -> Any:
    """Build a clinic with rules of its own."""
    return fake_ports(clinic=replace(CLINIC, texts=Texts(**{"prefixes": ("+33",), "per_day": 100, **rules})))


def a_code(ports: Any, number: int = 1) -> ChallengeKey:
    """Have a member ask for a code by text message."""
    if ports.members.door_of(a_person(number).email) is None:
        a_member(ports, number)
    return ChallengeKey(challenge.digest(signin.ask_code(signin.AskCode(a_person(number).email, Channel.SMS, Browser(IP)), ports)))


@pytest.mark.parametrize("number", ["+447700900123", "+12025550123", "+33123456789", "+34600000000"])
def test_a_number_abroad_is_refused_where_it_is_written(number: str) -> None:
    ports, person = world(prefixes=("+336", "+337")), a_person(mobile=number)
    sender = a_member(ports, mobile="+33612345678")
    by = signed_in(ports, a_member(ports, 101, Role.ADMINISTRATOR))

    with pytest.raises(Invalid) as drafted:
        draft.make(a_draft(sender.id, people=[a_person(2), person]), ports)
    with pytest.raises(Invalid) as invited:
        members.invite(Invite(by, person, Role.SENDER), ports)
    with pytest.raises(Invalid) as changed:
        members.change(by, sender.id, person, ports)

    assert (drafted.value.code, drafted.value.field) == ("mobile_abroad", "recipients.1.mobile")
    for refused in (invited, changed):
        assert (refused.value.code, refused.value.field) == ("mobile_abroad", "mobile")
    assert ports.members.read(sender.id) == sender


def test_a_number_whose_country_was_closed_since_gets_its_code_by_email() -> None:
    ports = world(prefixes=("+41",))

    code = a_code(ports)

    assert tell.send_code(code, ports)

    assert ports.post.texts == []
    assert [letter.subject for _, letter in ports.post.emails] == ["login_code/fr"]
    sent = ports.challenges.read(code)
    assert sent is not None
    assert sent.channel is Channel.EMAIL  # it proves a mailbox, not a telephone


def test_where_two_factors_are_wanted_a_text_message_is_never_replaced_by_an_email() -> None:
    ports = world(prefixes=("+41",))
    withdraw(ports)

    with pytest.raises(PostRefused):
        tell.send_code(a_code(ports), ports)

    assert (ports.post.texts, ports.post.emails) == ([], [])


def test_using_up_the_day_never_turns_a_code_into_an_email() -> None:
    ports = world(per_day=2)
    for number in (1, 2):
        assert tell.send_code(a_code(ports, number), ports)

    with pytest.raises(tell.TextsSpent):
        tell.send_code(a_code(ports, 3), ports)

    assert (len(ports.post.texts), ports.post.emails) == (2, [])
    ports.clock.tick(days=1)
    assert tell.send_code(a_code(ports, 3), ports)
    assert len(ports.post.texts) == 3


def test_asking_again_and_again_for_one_number_brings_no_code_to_its_mailbox() -> None:
    ports = world()
    for _ in range(PER_NUMBER):
        tell._text(str(a_person(1).mobile), "a code", ports)

    with pytest.raises(tell.TextsSpent):
        tell.send_code(a_code(ports, 1), ports)

    assert ports.post.emails == []


def test_one_number_does_not_use_up_the_day_of_all() -> None:
    ports = world()

    sent = [tell._text("+33612345678", "a code", ports) for _ in range(PER_NUMBER)]
    with pytest.raises(PostRefused):
        tell._text("+33612345678", "a code", ports)

    assert len(set(sent)) == PER_NUMBER
    assert tell._text("+33612345679", "a code", ports)


def test_no_number_is_kept_in_a_counter() -> None:
    ports = world()

    tell._text("+33612345678", "a code", ports)

    assert not any("612345678" in scope for scope, _ in ports.audit.memory.counts)
