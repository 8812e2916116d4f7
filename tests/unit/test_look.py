"""Looking for what an event may have lost: the sweep completes what is in the bucket, and leaves the rest alone."""

from datetime import timedelta

import pytest

from chalicelib import wiring
from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import TransferId
from chalicelib.domain.transfer import State
from chalicelib.usecases import land, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.tables import Due
from chalicelib.workers import sweep
from tests.builders import Sending, a_landed_transfer, a_landing_transfer, a_sealed_transfer, a_sending, put
from tests.fake_aws import Stored, digest, etag
from tests.fakes import SETTINGS, fake_ports, memory_of, recorded, watched

LARGE = bytes(8 * 1024 * 1024 + 1)


def sweep_now() -> None:
    texts = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "")
    sweep.sweep({**texts, "detail": {}, "resources": []}, None)


def in_the_bucket(ports: Ports, clears: tuple[bytes, ...] = (b"a",)) -> Sending:
    """Walk to where every object is in the bucket, and no event will ever come."""
    sending = a_landing_transfer(ports, clears)
    for file in range(len(clears)):
        sending.put(file)
    return sending


@pytest.mark.parametrize("clears", [(b"a",), (b"",), (b"a", b"b", bytes(70_000)), (LARGE,)], ids=[1, 0, 3, "large"])
def test_a_transfer_whose_events_were_all_lost_is_sealed_by_the_sweep(ports: Ports, clears: tuple[bytes, ...]) -> None:
    sending = in_the_bucket(ports, clears)
    ports.clock.tick(minutes=14, seconds=59)
    sweep_now()
    assert sending.transfer.state is State.LANDING

    ports.clock.tick(seconds=1)
    sweep_now()

    assert sending.transfer.state is State.SEALED
    assert len(memory_of(ports).trail(Tag.FILE_LANDED)) == len(clears)
    assert len(ports.queue.notices) == 1


def test_one_lost_event_among_several_is_made_good(ports: Ports) -> None:
    sending = in_the_bucket(ports, (b"a", b"b", b"c"))
    sending.land(0)
    sending.land(2)
    ports.clock.tick(minutes=15)

    sweep_now()

    assert sending.transfer.state is State.SEALED
    assert len(memory_of(ports).trail(Tag.FILE_LANDED)) == 3


def test_a_sealing_that_was_lost_after_everything_landed_is_made_good(ports: Ports) -> None:
    sending = a_landed_transfer(ports, (b"a", b"b"))
    ports.clock.tick(minutes=15)

    sweep_now()

    assert sending.transfer.state is State.SEALED


def test_what_is_still_on_its_way_is_left_alone_and_looked_at_ever_more_rarely(ports: Ports) -> None:
    sending = a_landing_transfer(ports, (b"a", b"b"))
    sending.put(0)
    begun, looks = ports.clock.now(), []

    for _ in range(24 * 60 - 1):
        ports.clock.tick(minutes=1)
        before = sending.transfer.look_at
        sweep_now()
        if sending.transfer.look_at != before:
            looks.append((ports.clock.now() - begun) // timedelta(minutes=1))

    assert looks == [15, 30, 60, 120, 240, 480, 960]
    assert (sending.transfer.state, sending.transfer.landed) == (State.LANDING, 1)
    ports.clock.tick(minutes=1)
    sweep_now()
    assert sending.transfer.state is State.SHREDDED


def test_a_file_whose_parts_were_never_put_together_is_left_alone(ports: Ports) -> None:
    sending = a_landing_transfer(ports, (LARGE,))
    one = sending.files[0]
    for number, signed in enumerate(sending.sign(*(sending.asked(0, n) for n in one.parts())), 1):
        put(ports, signed, one.part(number))
    ports.clock.tick(minutes=15)

    sweep_now()

    assert (sending.transfer.state, sending.transfer.landed) == (State.LANDING, 0)
    assert len(ports.bucket.uploads) == 1


@pytest.mark.parametrize("begun", [0, 1])
def test_files_that_never_began_are_not_looked_for(begun: int) -> None:
    ports, calls = recorded(fake_ports())
    sending = a_landing_transfer(ports, (b"a", b"b"))
    for file in range(begun):
        sending.put(file)
        sending.land(file)
    ports.clock.tick(minutes=15)
    calls.clear()

    found = land.look(sending.id, ports)

    assert calls == ["transfers.whole"]
    assert found == [land.Landed(sending.id, 0)] * begun
    assert not any(land.land(one, ports) for one in found)


def test_a_lie_in_the_bucket_is_refused_by_the_sweep_as_by_an_event(ports: Ports) -> None:
    sending = in_the_bucket(ports)
    ports.bucket.objects[f"t/{sending.id}/0"] = Stored(b"x", etag(b"x"), digest(b"x"), 8)
    ports.clock.tick(minutes=15)

    sweep_now()

    assert sending.transfer.state is State.REFUSED


def test_looking_twice_at_once_lands_and_seals_once(ports: Ports) -> None:
    sending = in_the_bucket(ports)
    ports.clock.tick(minutes=15)
    wiring.use(watched(ports, lambda call: sending.land(0) if call == "transfers.land" and not sending.transfer.landed else None), SETTINGS)

    sweep_now()

    assert sending.transfer.state is State.SEALED
    assert len(memory_of(ports).trail(Tag.FILE_LANDED)) == 1


def test_trouble_with_one_file_puts_the_whole_transfer_off_and_holds_nothing_up(ports: Ports) -> None:
    one, two = in_the_bucket(ports), in_the_bucket(ports)
    ports.clock.tick(minutes=15)
    failed: list[str] = []

    def fail(call: str) -> None:
        if call == "vault.unwrap" and not failed:
            failed.append(call)
            raise ConnectionError

    wiring.use(watched(ports, fail), SETTINGS)
    sweep_now()
    states = [one.transfer.state, two.transfer.state]
    ports.clock.tick(minutes=15)
    sweep_now()

    assert states == [State.LANDING, State.SEALED]
    assert one.transfer.state is State.SEALED


def test_nothing_else_is_looked_at(ports: Ports) -> None:
    draft, sealed, cancelled = a_sending(ports), a_sealed_transfer(ports), in_the_bucket(ports)
    shred.revoke(Revoke(cancelled.sender, cancelled.id), ports)
    early = in_the_bucket(ports)

    found = [land.look(one, ports) for one in (draft.id, sealed.id, cancelled.id, early.id, TransferId("x" * 26))]

    assert found == [[]] * 5
    assert memory_of(ports).dues[Due(transfer=early.id)] == ports.clock.now() + timedelta(minutes=15)
