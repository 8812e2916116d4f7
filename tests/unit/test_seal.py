"""Sealing: one wrap per recipient, one set of notices, once."""

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import TransferId
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import State
from chalicelib.usecases import seal, shred, sweep
from chalicelib.usecases.shred import Revoke
from tests.builders import a_landed_transfer, a_landing_transfer, a_sealed_transfer, a_sending
from tests.fake_aws import WrongContextError
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
