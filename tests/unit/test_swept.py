"""The sweeper finds everything at its hour, whatever is moved, fails or dies in between: the index forgets hours it has left."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import State
from chalicelib.usecases import collect, reschedule
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.tables import Due
from chalicelib.workers import sweep
from tests.builders import IP, a_landing_transfer, a_session, a_told_transfer, deliver
from tests.fakes import SETTINGS, memory_of, watched

EVENT = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "") | {"resources": [], "detail": {}}


def pass_time(ports: Any, hours: float, step: float = 2) -> None:
    """Let the clock run and the sweeper with it; `step` is minutes."""
    for _ in range(int(hours * 60 / step)):
        ports.clock.tick(minutes=step)
        sweep.sweep(EVENT, None)
        deliver(ports)


@pytest.mark.parametrize(("lifetime", "day", "hours"), [(7, 5, 2), (30, 10, 24), (7, 1, 48), (2, 1, 1), (30, 20, 3)])
def test_a_transfer_whose_end_was_brought_near_is_destroyed_at_that_end(ports: Any, lifetime: int, day: int, hours: int) -> None:
    sending = a_told_transfer(ports, lifetime_days=lifetime)
    pass_time(ports, 24 * day, step=30)
    end = ports.clock.now() + timedelta(hours=hours)

    reschedule.reschedule(Reschedule(sending.sender, sending.id, end), ports)
    pass_time(ports, hours + 0.1)

    assert sending.transfer.state is State.SHREDDED
    assert sending.transfer.ended_at is not None
    assert timedelta(0) <= sending.transfer.ended_at - end <= timedelta(minutes=5)


def failing(ports: Ports, where: str, times: int) -> Ports:
    """Give the same world, where one call fails so many times."""
    left = [times]

    def note(call: str) -> None:
        if call == where and left[0] > 0:
            left[0] -= 1
            raise ConnectionError(call)

    return watched(ports, note)


@pytest.mark.parametrize(
    "where", ["queue.push_notices", "transfers.remind", "transfers.whole", "transfers.read", "transfers.end", "keys.destroy"]
)
@pytest.mark.parametrize("times", [1, 3])
def test_whatever_fails_in_a_sweep_the_end_is_kept(ports: Any, where: str, times: int) -> None:
    sending = a_told_transfer(ports)
    wiring.use(failing(ports, where, times), SETTINGS)

    pass_time(ports, 7 * 24 + 1, step=5)

    assert sending.transfer.state is State.SHREDDED
    assert Due(transfer=sending.id) not in memory_of(ports).dues


@pytest.mark.parametrize("where", ["bucket.describe", "vault.unwrap", "transfers.land", "transfers.look_again", "transfers.seal"])
def test_a_look_that_fails_is_repeated_soon(ports: Any, where: str) -> None:
    sending = a_landing_transfer(ports, (b"a",))
    sending.put(0)
    wiring.use(failing(ports, where, 1), SETTINGS)

    pass_time(ports, 0.75)

    assert sending.transfer.state is State.SEALED


def test_a_sweep_that_dies_over_one_thing_goes_on_with_the_others_next_time(ports: Any) -> None:
    class Killed(BaseException):
        pass

    doomed, other = a_told_transfer(ports, lifetime_days=1), a_told_transfer(ports, lifetime_days=1)
    pass_time(ports, 23.9, step=6)

    def note(call: str) -> None:
        if (
            call == "keys.destroy"
            and doomed.transfer.ending is not None
            and doomed.transfer.state is State.SEALED
            and other.transfer.ending is None
        ):
            raise Killed

    wiring.use(watched(ports, note), SETTINGS)
    ports.clock.tick(minutes=10)
    with pytest.raises(Killed):
        sweep.sweep(EVENT, None)
    ports.clock.tick(minutes=2)
    sweep.sweep(EVENT, None)

    assert other.transfer.state is State.SHREDDED
    wiring.use(ports, SETTINGS)
    pass_time(ports, 0.5)
    assert doomed.transfer.state is State.SHREDDED


def test_moving_the_end_again_and_again_sends_one_reminder_in_six_hours(ports: Any) -> None:
    sending = a_told_transfer(ports)
    pass_time(ports, 12, step=10)
    before = len(ports.post.emails) + len(ports.post.texts)

    for minute in range(100):
        end = ports.clock.now() + timedelta(hours=24, minutes=minute % 2 + 1)
        reschedule.reschedule(Reschedule(sending.sender, sending.id, end), ports)
        pass_time(ports, 4 / 60)

    assert len(ports.post.emails) + len(ports.post.texts) - before <= 2 * 2  # the recipient and the sender, twice in almost seven hours


def test_a_standby_whose_turn_was_overtaken_by_an_opening_is_told_nothing(ports: Any) -> None:
    sending = a_told_transfer(ports, people=2, standby=frozenset({1}))
    ports.clock.tick(days=6, minutes=1)
    sweep.sweep(EVENT, None)
    _, session = a_session(ports, sending.door(0))
    collect.open_transfer(session, IP, ports)

    deliver(ports)

    links = [person for person, letter in ports.post.emails if letter.subject.startswith(Kind.SHARE_LINK)]
    assert len(links) == 1
