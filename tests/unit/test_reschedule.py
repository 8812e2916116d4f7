"""Moving the end: nearer or further, within thirty days in all, and never past what the bucket keeps."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Invalid, Refusal
from chalicelib.domain.ids import TransferId
from chalicelib.domain.transfer import RETENTIONS, Ending, State
from chalicelib.usecases import remind, reschedule, shred
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_landed_transfer, a_member, a_sealed_transfer, a_told_transfer, deliver
from tests.fakes import fake_ports, memory_of, recorded, watched

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def move(sending: Sending, to: datetime) -> None:
    reschedule.reschedule(Reschedule(sending.sender, sending.id, to), sending.ports)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


@pytest.mark.parametrize("days", [1, 3, 8, 29.5, 30])
def test_the_end_is_moved_and_everything_follows(days: float) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    to = sending.transfer.created_at + days * DAY

    move(sending, to)

    assert sending.transfer.expires_at == to
    (event,) = memory_of(ports).trail(Tag.EXPIRY_CHANGED)
    assert (event.member, event.transfer) == (sending.sender, sending.id)
    ports.clock.set(to - SECOND)
    assert shred.destroy_due(sending.id, ports) is False
    ports.clock.set(to)
    assert shred.destroy_due(sending.id, ports) is True
    assert sending.transfer.ending is Ending.EXPIRED


def test_an_end_is_an_hour_away_at_the_least_and_thirty_days_after_the_beginning_at_the_most() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    ports.clock.tick(days=2)
    soonest, latest = ports.clock.now() + HOUR, sending.transfer.created_at + 30 * DAY

    for to in (soonest - SECOND, latest + SECOND, ports.clock.now() - DAY, latest + 9999 * DAY):
        with pytest.raises(Invalid) as caught:
            move(sending, to)
        assert (caught.value.code, caught.value.field) == ("bad_expiry", "expires_at")
    for to in (soonest, latest):
        move(sending, to)
        assert sending.transfer.expires_at == to


def test_the_objects_are_told_before_a_longer_promise_is_made() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports, (b"a", b"b"))
    calls.clear()

    move(sending, sending.transfer.created_at + 20 * DAY)

    assert [one for one in calls if one != "transfers.read"] == ["bucket.retain", "transfers.reschedule"]
    assert {one.retention for one in ports.bucket.objects.values()} == {31}


@pytest.mark.parametrize("hours", [3 * 24, 7 * 24 + 1, 7 * 24 + 23])
def test_the_objects_are_left_alone_where_their_rule_is_long_enough(hours: int) -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports)
    calls.clear()

    reschedule.reschedule(Reschedule(sending.sender, sending.id, sending.made.expires_at + (hours - 7 * 24) * HOUR), ports)

    assert calls == ["transfers.read", "transfers.reschedule"]


@pytest.mark.parametrize("after", [7, 8, 14, 15, 30])
@pytest.mark.parametrize("days", [1, 2, 7])
def test_the_bucket_never_forgets_an_object_before_its_end(days: int, after: int) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, lifetime_days=days)

    move(sending, sending.transfer.created_at + after * DAY)

    (kept,) = ports.bucket.objects.values()
    assert kept.retention in RETENTIONS
    assert kept.retention > after - (after == days)


def test_of_two_who_move_the_end_at_once_one_wins_and_the_objects_outlive_both() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    near, far = (sending.transfer.created_at + days * DAY for days in (10, 25))

    def overtake(call: str) -> None:
        if call == "bucket.retain":
            move(sending, far)

    act = lambda: reschedule.reschedule(Reschedule(sending.sender, sending.id, near), watched(ports, overtake))  # noqa: E731
    assert refusal(act) == "transfer_changed"
    assert sending.transfer.expires_at == far
    assert {one.retention for one in ports.bucket.objects.values()} == {31}


def test_a_transfer_that_ends_meanwhile_is_not_brought_back() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    command = Reschedule(sending.sender, sending.id, sending.transfer.created_at + 8 * HOUR)

    def end(call: str) -> None:
        if call == "transfers.reschedule":
            shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert refusal(lambda: reschedule.reschedule(command, watched(ports, end))) == "transfer_changed"
    assert sending.transfer.state is State.SHREDDED


def test_a_sweep_that_read_the_old_end_does_not_destroy_what_lives_longer_now() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    end = sending.transfer.expires_at
    ports.clock.set(end - SECOND)
    stale = ports.transfers.whole(sending.id)
    move(sending, end + 3 * DAY)
    ports.clock.set(end)

    class Stale:
        def whole(self, _: TransferId) -> object:
            return stale

        def __getattr__(self, name: str) -> object:
            return getattr(ports.transfers, name)

    world = fake_ports(clock=ports.clock, transfers=Stale(), audit=ports.audit, bucket=ports.bucket, keys=ports.keys)

    assert shred.destroy_due(sending.id, world) is False
    assert sending.transfer.state is State.SEALED
    assert ports.bucket.objects


def test_what_is_over_is_not_extended() -> None:
    ports = fake_ports()
    landed, revoked, expired = a_landed_transfer(ports), a_sealed_transfer(ports), a_sealed_transfer(ports)
    shred.revoke(Revoke(revoked.sender, revoked.id), ports)
    ports.clock.set(expired.transfer.expires_at)

    codes = [refusal(lambda s=s: move(s, ports.clock.now() + DAY)) for s in (landed, revoked, expired)]

    assert codes == ["transfer_not_sealed"] * 3


def test_nobody_moves_the_end_of_the_transfer_of_another() -> None:
    ports = fake_ports()
    sending, stranger = a_sealed_transfer(ports), a_member(ports, 7)
    to = ports.clock.now() + DAY

    for command in (Reschedule(stranger.id, sending.id, to), Reschedule(sending.sender, TransferId("x" * 26), to)):
        assert refusal(lambda c=command: reschedule.reschedule(c, ports)) == "not_found"


def test_a_transfer_that_lives_longer_is_reminded_of_again() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports)
    ports.clock.tick(days=6)
    remind.remind_due(sending.id, ports)
    deliver(ports)
    assert sending.transfer.reminder_at is None

    move(sending, sending.transfer.created_at + 20 * DAY)

    assert sending.transfer.due_at == sending.transfer.created_at + 10 * DAY
    ports.clock.tick(days=4)
    assert remind.remind_due(sending.id, ports) is True


def test_a_nearer_end_brings_the_last_reminder_nearer() -> None:
    ports = fake_ports()
    sending = a_told_transfer(ports, lifetime_days=30)
    ports.clock.tick(days=2)

    move(sending, ports.clock.now() + 2 * HOUR)

    assert remind.remind_due(sending.id, ports) is True
    assert remind.remind_due(sending.id, ports) is False
    assert sending.transfer.due_at == sending.transfer.expires_at
