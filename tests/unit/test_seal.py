"""Sealing: one wrap per recipient, one set of notices, once."""

from dataclasses import replace

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import TransferId
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import Fault, State
from chalicelib.usecases import seal, shred, sweep
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.tables import Due
from tests.builders import Sending, a_landed_transfer, a_landing_transfer, a_sealed_transfer, a_sending
from tests.fake_aws import Stored, WrongContextError, digest, etag
from tests.fakes import CLINIC, fake_ports, memory_of, watched


def test_sealing_wraps_the_key_once_for_each_recipient_and_owes_each_their_link() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=3)

    assert sending.seal() is True

    one, two, three = sending.recipients
    kept = ports.keys.for_recipient(sending.id, one)
    assert kept is not None
    assert ports.vault.unwrap(kept[1], ports.clinic.context(sending.id, one)) == sending.made.data_key
    for other in (ports.clinic.context(sending.id, two), ports.clinic.context(sending.id), {"clinic": CLINIC.id}):
        with pytest.raises(WrongContextError):
            ports.vault.unwrap(kept[1], other)
    notices = [memory_of(ports).notices[n] for n in ports.queue.notices]
    assert {(n.kind, n.transfer, n.recipient) for n in notices} == {(Kind.SHARE_LINK, sending.id, r) for r in (one, two, three)}
    assert (sending.transfer.state, sending.transfer.sealed_at) == (State.SEALED, ports.clock.now())


def test_sealing_twice_is_refused() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)

    assert [sending.seal() for _ in range(3)] == [False] * 3

    assert len(memory_of(ports).trail(Tag.TRANSFER_SEALED)) == 1
    assert len(ports.queue.notices) == 1


def test_nothing_is_sealed_before_every_file_has_landed() -> None:
    ports = fake_ports()
    draft, landing = a_sending(ports), a_landing_transfer(ports, (b"a", b"b"))
    landing.put(0)
    landing.land(0)

    assert not draft.seal()
    assert not landing.seal()
    assert not seal.seal(TransferId("x" * 26), ports)
    assert memory_of(ports).wraps == {}


def test_nothing_is_sealed_after_its_time_or_its_end() -> None:
    ports = fake_ports()
    late, cancelled = a_landed_transfer(ports), a_landed_transfer(ports)
    shred.revoke(Revoke(cancelled.sender, cancelled.id), ports)

    assert not cancelled.seal()
    ports.clock.set(late.transfer.expires_at)
    assert not late.seal()

    assert memory_of(ports).wraps == {}


def test_a_sealing_killed_before_it_is_written_is_simply_done_again() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=2)

    def kill(call: str) -> None:
        if call == "transfers.seal":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal.seal(sending.id, watched(ports, kill))
    assert sending.transfer.state is State.LANDING

    assert sending.seal() is True
    assert len(ports.queue.notices) == 2


def test_notices_whose_push_was_lost_are_pushed_by_the_sweep() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=2)

    def kill(call: str) -> None:
        if call == "queue.push_notices":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal.seal(sending.id, watched(ports, kill))
    ports.clock.tick(minutes=10)
    lost = [due.notice for due in sweep.due(ports) if due.notice is not None]
    for notice in lost:
        sweep.push_again(notice, ports)
    again = [due for due in sweep.due(ports) if due.notice is not None]

    assert sending.transfer.state is State.SEALED
    assert len(ports.queue.notices) == 2
    assert again == []


def test_a_transfer_ended_while_it_is_being_sealed_keeps_no_wrap() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=2)

    def end(call: str) -> None:
        if call == "transfers.seal":
            shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert seal.seal(sending.id, watched(ports, end)) is False

    assert sending.transfer.state is State.SHREDDED
    assert memory_of(ports).wraps == {}
    assert ports.queue.notices == []


def test_a_recipient_revoked_while_a_second_sealing_is_still_at_it_gets_no_wrap_back() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, people=2)

    def overtake(call: str) -> None:
        if call == "transfers.seal":
            sending.seal()
            shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), ports)

    assert seal.seal(sending.id, watched(ports, overtake)) is False

    assert {recipient for _, recipient in memory_of(ports).wraps} == {sending.recipients[1]}


def refused(sending: Sending, fault: Fault) -> None:
    """Seal, see it refused, and its sender told once."""
    ports = sending.ports
    assert [sending.seal() for _ in range(2)] == [False, False]

    assert (sending.transfer.state, sending.transfer.fault) == (State.REFUSED, fault)
    assert memory_of(ports).wraps == {}
    (event,) = memory_of(ports).trail(Tag.TRANSFER_REFUSED)
    assert (event.file, event.reason) == (None, fault)
    (notice,) = (memory_of(ports).notices[one] for one in ports.queue.notices)
    assert (notice.kind, notice.member) == (Kind.REFUSED, sending.sender)


@pytest.mark.parametrize("file", [0, 1])
def test_an_object_that_is_gone_by_then_is_refused_and_its_sender_told(file: int) -> None:
    sending = a_landed_transfer(fake_ports(), (b"a", b"b"))
    del sending.ports.bucket.objects[f"t/{sending.id}/{file}"]

    refused(sending, Fault.MISSING)


@pytest.mark.parametrize("body", [b"", b"other bytes", bytes(41)])
def test_an_object_that_was_replaced_by_then_is_refused_and_its_sender_told(body: bytes) -> None:
    sending = a_landed_transfer(fake_ports(), (b"a", b"b"))
    sending.ports.bucket.objects[f"t/{sending.id}/1"] = Stored(body, etag(body), digest(body), 8)

    refused(sending, Fault.REPLACED)


def test_an_object_of_another_size_is_refused_whatever_checksum_it_claims() -> None:
    sending = a_landed_transfer(fake_ports())
    key = f"t/{sending.id}/0"
    sending.ports.bucket.objects[key] = replace(sending.ports.bucket.objects[key], body=b"longer, and with the same checksum")

    refused(sending, Fault.REPLACED)


def test_an_object_replaced_by_the_same_bytes_is_the_same() -> None:
    sending = a_landed_transfer(fake_ports())
    key = f"t/{sending.id}/0"
    sending.ports.bucket.objects[key] = replace(sending.ports.bucket.objects[key], etag='"another"')

    assert sending.seal() is True


def test_what_was_refused_at_the_last_look_is_destroyed_by_the_next_sweep() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports, (b"a", b"b"))
    del ports.bucket.objects[f"t/{sending.id}/0"]
    sending.seal()

    assert Due(transfer=sending.id) in sweep.due(ports)
    assert shred.destroy_due(sending.id, ports) is True
    assert ports.bucket.objects == {}
