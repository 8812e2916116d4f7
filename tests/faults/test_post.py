"""F-07 to F-10: the post is slow, closed, forgetful or brings things back."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel
from chalicelib.usecases import challenge, signin, tell
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.ports import PostRefused
from chalicelib.web import values
from chalicelib.workers import deliveries
from tests.builders import IP, Sending
from tests.fake_database import Memory
from tests.fake_people import FakePolicy
from tests.faults.breaking import Answer, broken, error, lost
from tests.faults.invariants import check
from tests.faults.walks import message_of
from tests.faults.world import World

THROTTLED = [error(429, "TooManyRequestsException"), error(400, "LimitExceededException"), error(400, "SendingPausedException")]


def waiting(world: World, sending: Sending) -> list[bool]:
    """Tell of each recipient whether the sender's page says that they are not told yet."""
    shown = values.transfer(world.ports.transfers.whole(sending.id), world.ports.clinic)
    return [one["told_at"] is None for one in shown["recipients"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("trouble", THROTTLED, ids=["pace", "quota", "paused"])
def test_f07_what_the_post_does_not_take_now_it_takes_later_once(world: World, trouble: Answer, caplog: pytest.LogCaptureFixture) -> None:
    sending = world.sealed(b"one")

    with broken(world.ports, "sesv2.SendEmail", trouble):
        world.deliver()
    assert waiting(world, sending) == [True, True]
    world.settle(sending)

    assert waiting(world, sending) == [False, False]
    assert [world.mail(one.email) for one in world.people] == [["share_link/fr"], ["share_link/fr"]]
    check(world, sending, caplog.text)


def test_f07_a_refused_notice_may_be_tried_again_at_once(world: World) -> None:
    world.sealed(b"one")
    first = world.owed()[0]

    with broken(world.ports, "sesv2.SendEmail", THROTTLED[0]), pytest.raises(PostRefused):
        tell.send_notice(first, world.ports)

    assert tell.send_notice(first, world.ports)


def test_f08_an_answer_that_is_lost_makes_one_letter_more_at_most_with_the_same_link(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    sending = world.sealed(b"one")

    with broken(world.ports, "sesv2.SendEmail", lost, times=1):
        world.deliver()
    world.settle(sending)

    assert sorted(len(world.mail(one.email)) for one in world.people) == [1, 2]
    check(world, sending, caplog.text)


@pytest.mark.parametrize("kind", ["Bounce", "Complaint"])
def test_f09_what_comes_back_is_told_to_the_sender_and_stays_with_that_transfer(
    world: World, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    sending, other = world.told(b"one"), world.told(b"two")
    said = {"eventType": kind, "mail": {"messageId": message_of(world, sending)}, kind.lower(): {}}

    for _ in range(3):
        deliveries.deliveries({"Records": [{"Sns": {"Subject": None, "Message": json.dumps(said), "MessageAttributes": {}}}]}, None)
    world.deliver()

    first, second = world.ports.transfers.whole(sending.id).recipients
    assert (first.bounced_at or first.complained_at) is not None
    assert (second.bounced_at, second.complained_at) == (None, None)
    assert all(one.waiting for one in world.ports.transfers.whole(other.id).recipients)
    assert world.mail(world.member.person.email) == (["undelivered/fr"] if kind == "Bounce" else [])
    check(world, sending, caplog.text)


def a_code(world: World) -> ChallengeKey:
    """Have a code asked for by text message."""
    token = signin.ask_code(signin.AskCode(world.member.person.email, Channel.SMS, Browser(IP)), world.ports)
    return ChallengeKey(challenge.digest(token))


def test_f10_a_text_message_that_is_refused_becomes_an_e_mail_where_the_clinic_allows_it(world: World) -> None:
    key = a_code(world)

    with broken(world.ports, "sns.Publish", error(400, "Throttled")):
        assert tell.send_code(key, world.ports)

    assert world.mail(world.member.person.email) == ["login_code/fr"]
    assert not tell.send_code(key, world.ports)


def test_f10_where_it_does_not_the_code_is_tried_again_until_it_is_over(world: World) -> None:
    strict = replace(world.ports, policy=FakePolicy(Memory()))
    key = a_code(world)

    with broken(world.ports, "sns.Publish", error(400, "Throttled")), pytest.raises(PostRefused):
        tell.send_code(key, strict)
    world.ports.clock.tick(minutes=5)

    assert not tell.send_code(key, strict)
    assert world.mail(world.member.person.email) == []
