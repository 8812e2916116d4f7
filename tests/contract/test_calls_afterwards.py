"""How many calls to AWS each thing costs that happens after sending: what a sender does, what is heard, what the sweep does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.login import Door
from chalicelib.domain.member import Member, Role
from chalicelib.domain.recipient import Outcome
from chalicelib.domain.transfer import Work
from chalicelib.usecases import certify, correct, hear, land, remind, reschedule, shred, sweep
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.remind import Remind
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.tables import Due
from tests.builders import Sending, a_landing_transfer, a_member, a_person, a_sealed_transfer, a_session
from tests.contract.counting import Step, clients_of, counting, links_of, with_session
from tests.fake_aws import FakeLetters
from tests.quiet import now

# As in test_calls.py; what a sender does has their session in it.
CALLS: dict[str, dict[str, int]] = {
    "remind fifty recipients": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 2,
        "sqs.SendMessageBatch": 5,
    },
    "move the end within its class": {"dynamodb.BatchGetItem": 1, "dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 1},
    "move the end of three files beyond it": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 1,
        "s3.PutObjectTagging": 3,
        "dynamodb.TransactWriteItems": 1,
    },
    "correct an address": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "hear of a bounce": {"dynamodb.GetItem": 2, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "hear of a message nobody knows": {"dynamodb.GetItem": 1},
    "certificate": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1},
    "check a certificate": {"dynamodb.Query": 2},
    "check a forged certificate": {},
    "sweep what expired": {
        "dynamodb.GetItem": 1,
        "dynamodb.Query": 4,
        "dynamodb.TransactWriteItems": 2,
        "dynamodb.BatchWriteItem": 1,
        "s3.DeleteObjects": 1,
        "sqs.SendMessageBatch": 1,
    },
    "sweep what is to be reminded of": {
        "dynamodb.GetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    },
    "sweep what may have landed unheard": {"dynamodb.GetItem": 1, "dynamodb.Query": 1},
    "look at it again later": {"dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 1},
    "push a notice again": {"dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "put off what is to be swept": {"dynamodb.TransactWriteItems": 1},
}


@pytest.fixture(scope="module")
def ports(real: Ports) -> Ports:
    """Give the real adapters, at the real time."""
    clock: Any = real.clock
    clock.set(now())
    return replace(real, letters=FakeLetters())


@pytest.fixture(scope="module")
def member(ports: Ports) -> Member:
    """Give somebody who sends."""
    return a_member(ports, 1, Role.SENDER, email=f"{ports.new_id()}@example.fr")


def told(ports: Ports, member: Member, clears: tuple[bytes, ...] = (b"a",), people: int = 1) -> Sending:
    """Walk to where its recipients were told; the messages are named after the transfer."""
    sending = a_sealed_transfer(ports, clears, people, sender=member)
    for number, one in enumerate(links_of(ports, sending)):
        notice = ports.outbox.read(one)
        assert notice is not None
        ports.outbox.mark_sent(notice, ports.event(Tag.NOTICE_SENT, transfer=sending.id), f"{sending.id}-{number}")
    return sending


@pytest.fixture(scope="module")
def by_sender(ports: Ports, member: Member) -> dict[str, Step]:
    """Prepare what a sender does with what was sent."""
    token, _ = a_session(ports, Door(member=member.id))
    many, few, mended, gone = (told(ports, member, *what) for what in (((b"a",), 50), ((b"a", b"b", b"c"),), (), ()))
    nearer, further = (Reschedule(member.id, few.id, few.transfer.created_at + timedelta(days=days)) for days in (6, 20))
    right = Correct(member.id, mended.id, mended.recipients[0], a_person(90))
    shred.revoke(Revoke(member.id, gone.id), ports)
    acts: dict[str, Step] = {
        "remind fifty recipients": lambda: remind.remind(Remind(member.id, many.id), ports),
        "move the end within its class": lambda: reschedule.reschedule(nearer, ports),
        "move the end of three files beyond it": lambda: reschedule.reschedule(further, ports),
        "correct an address": lambda: correct.correct(right, ports),
        "certificate": lambda: certify.certify(member.id, gone.id, ports),
    }
    return {name: with_session(token, ports, act) for name, act in acts.items()}


@pytest.fixture(scope="module")
def by_anybody(ports: Ports, member: Member) -> dict[str, Step]:
    """Prepare what nobody signs in for: news of the post, and certificates that somebody brings."""
    bounced, gone = (told(ports, member) for _ in range(2))
    shred.revoke(Revoke(member.id, gone.id), ports)
    stated = certify.certify(member.id, gone.id, ports)
    return {
        "hear of a bounce": lambda: hear.hear(Heard(f"{bounced.id}-0", Outcome.BOUNCED), ports),
        "hear of a message nobody knows": lambda: hear.hear(Heard("nobody's", Outcome.BOUNCED), ports),
        "check a certificate": lambda: certify.check(stated, ports),
        "check a forged certificate": lambda: certify.check({**stated, "ending": "expired"}, ports),
    }


def sweeping(ports: Ports, sending: Sending, work: Work, act: Callable[[], object], **later: float) -> Step:
    """Build what the sweeper does with one transfer, so much later."""
    clock: Any = ports.clock

    def one() -> None:
        usual = clock.now()
        clock.tick(**later)
        assert sweep.work(sending.id, ports) is work
        assert act()
        clock.set(usual)

    return one


@pytest.fixture(scope="module")
def by_clock(ports: Ports, member: Member) -> dict[str, Step]:
    """Prepare what the sweeper does."""
    expired, due = (told(ports, member) for _ in range(2))
    landing = a_landing_transfer(ports, (b"a", b"b"), sender=member)
    for file in (0, 1):
        landing.put(file)
    owed = a_sealed_transfer(ports, sender=member)
    (link,) = links_of(ports, owed)
    return {
        "sweep what expired": sweeping(ports, expired, Work.DESTROY, lambda: shred.destroy_due(expired.id, ports), days=7),
        "sweep what is to be reminded of": sweeping(ports, due, Work.REMIND, lambda: remind.remind_due(due.id, ports), days=4),
        "sweep what may have landed unheard": sweeping(ports, landing, Work.LOOK, lambda: land.look(landing.id, ports), minutes=15),
        "look at it again later": lambda: land.look_later(landing.id, ports),
        "push a notice again": lambda: sweep.push_again(link, ports),
        "put off what is to be swept": lambda: sweep.put_off(Due(transfer=owed.id), ports),
    }


@pytest.fixture(scope="module")
def steps(by_sender: dict[str, Step], by_anybody: dict[str, Step], by_clock: dict[str, Step]) -> dict[str, Step]:
    """Give all of them."""
    return {**by_sender, **by_anybody, **by_clock}


@pytest.mark.parametrize("name", list(CALLS))
def test_a_thing_costs_what_the_table_says(real: Ports, steps: dict[str, Step], name: str) -> None:
    with counting(clients_of(real)) as counted:
        steps[name]()

    assert dict(counted) == CALLS[name]


def test_everything_in_the_table_is_measured(steps: dict[str, Step]) -> None:
    assert set(steps) == set(CALLS)
