"""Destroying: close first, then keys, then objects, then the tombstone; killed anywhere, done again to the same end."""

from collections.abc import Callable

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound, Over
from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.domain.transfer import Ending, Fault, State
from chalicelib.usecases import collect, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_landed_transfer, a_landing_transfer, a_member, a_sealed_transfer, a_sending, a_session
from tests.fake_aws import Stored, digest, etag
from tests.fakes import fake_ports, memory_of, recorded, watched

LARGE = bytes(8 * 1024 * 1024 + 1)


def gone(sending: Sending) -> bool:
    """Tell whether nothing is left that could open anything."""
    memory, bucket = memory_of(sending.ports), sending.ports.bucket
    keys = [*memory.drafts, *memory.envelopes, *(transfer for transfer, _ in memory.wraps)]
    objects = [key for key in bucket.objects if key.startswith(f"t/{sending.id}/")]
    return sending.id not in keys and not objects and not bucket.uploads


@pytest.mark.parametrize(
    ("walk", "ending"),
    [
        (a_sending, Ending.CANCELLED),
        (a_landing_transfer, Ending.CANCELLED),
        (a_landed_transfer, Ending.CANCELLED),
        (a_sealed_transfer, Ending.REVOKED),
    ],
)
def test_the_sender_ends_a_transfer_in_any_state(walk: Callable[..., Sending], ending: Ending) -> None:
    ports = fake_ports()
    sending = walk(ports, (b"a", b"b"), people=2)

    shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert (sending.transfer.state, sending.transfer.ending) == (State.SHREDDED, ending)
    assert gone(sending)
    trail = memory_of(ports).trail(Tag.TRANSFER_ENDED, Tag.TRANSFER_SHREDDED, transfer=sending.id)
    assert [(e.tag, e.member, e.reason) for e in trail] == [
        (Tag.TRANSFER_ENDED, sending.sender, ending),
        (Tag.TRANSFER_SHREDDED, None, ending),
    ]


def test_keys_go_before_objects_and_the_door_is_closed_before_both() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports)
    calls.clear()

    shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert calls == [
        "transfers.whole",
        "transfers.end",
        "transfers.whole",
        "keys.destroy",
        "bucket.delete",
        "audit.trail",
        "transfers.shred",
        "queue.push_notices",
    ]


def test_a_multipart_upload_under_way_is_dropped() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    sending.sign(sending.asked(0))
    assert len(ports.bucket.uploads) == 1

    shred.revoke(Revoke(sending.sender, sending.id), ports)

    assert gone(sending)


def test_ending_twice_is_refused() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    shred.revoke(Revoke(sending.sender, sending.id), ports)

    with pytest.raises(Conflict, match="cannot_revoke"):
        shred.revoke(Revoke(sending.sender, sending.id), ports)


def test_nobody_ends_the_transfer_of_another() -> None:
    ports = fake_ports()
    sending, stranger = a_sealed_transfer(ports, people=2), a_member(ports, 7)
    for command in (
        Revoke(stranger.id, sending.id, sending.recipients[0]),
        Revoke(stranger.id, TransferId("x" * 26), sending.recipients[0]),
        Revoke(sending.sender, TransferId("x" * 26), sending.recipients[0]),
    ):
        with pytest.raises(NotFound):
            shred.revoke(command, ports)
        with pytest.raises(NotFound):
            shred.revoke_recipient(command, ports)

    assert sending.transfer.state is State.SEALED
    assert len(memory_of(ports).wraps) == 2


def test_a_recipient_of_another_transfer_is_not_found() -> None:
    ports = fake_ports()
    sending, other = a_sealed_transfer(ports), a_sealed_transfer(ports)

    for recipient in (other.recipients[0], RecipientId("x" * 26)):
        with pytest.raises(NotFound):
            shred.revoke_recipient(Revoke(sending.sender, sending.id, recipient), ports)


def test_one_recipient_is_closed_out_and_the_others_stay() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports, people=2)
    (_, first), (_, second) = (a_session(ports, sending.door(n)) for n in (0, 1))

    shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), ports)

    with pytest.raises(Over):
        collect.open_transfer(first, IP, ports)
    assert collect.open_transfer(second, IP, ports).data_key == sending.made.data_key
    assert {r for _, r in memory_of(ports).wraps} == {sending.recipients[1]}
    (event,) = memory_of(ports).trail(Tag.RECIPIENT_REVOKED)
    assert (event.member, event.recipient) == (sending.sender, sending.recipients[0])


def test_revoking_a_recipient_twice_is_refused() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)
    command = Revoke(sending.sender, sending.id, sending.recipients[0])
    shred.revoke_recipient(command, ports)

    with pytest.raises(Conflict, match="cannot_revoke"):
        shred.revoke_recipient(command, ports)


@pytest.mark.parametrize("walk", [a_sending, a_landing_transfer, a_landed_transfer])
def test_a_recipient_is_revoked_only_from_what_is_sealed(walk: Callable[..., Sending]) -> None:
    ports = fake_ports()
    sending = walk(ports)

    with pytest.raises(Conflict, match="cannot_revoke"):
        shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), ports)


def test_a_recipient_is_closed_out_and_their_key_destroyed_in_one_call() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports, people=2)
    command = Revoke(sending.sender, sending.id, sending.recipients[0])
    calls.clear()

    shred.revoke_recipient(command, ports)

    assert calls == ["transfers.whole", "recipients.revoke"]


def killer(after: int) -> Callable[[str], None]:
    """Kill the process when it is about to make one more call than these."""
    made: list[str] = []

    def note(call: str) -> None:
        made.append(call)
        if len(made) > after:
            raise KeyboardInterrupt

    return note


@pytest.mark.parametrize("kind", ["revoked", "expired", "abandoned", "refused"])
@pytest.mark.parametrize("after", range(6))
def test_a_destruction_killed_anywhere_is_finished_by_the_sweep(kind: str, after: int) -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports) if kind in ("abandoned", "refused") else a_sealed_transfer(ports)
    act: Callable[[Ports], object] = lambda world: shred.destroy_due(sending.id, world)  # noqa: E731
    if kind == "revoked":
        act = lambda world: shred.revoke(Revoke(sending.sender, sending.id), world)  # noqa: E731
    elif kind == "refused":
        sending.put(0)
        ports.bucket.objects.clear()
        ports.bucket.objects[f"t/{sending.id}/0"] = a_stored(b"")
        sending.land(0)
    else:
        ports.clock.tick(days=7)

    try:
        act(watched(ports, killer(after)))
    except KeyboardInterrupt:
        ports.clock.tick(minutes=5)
    for due in list(ports.dues.until(ports.clock.now())):
        if due.transfer is not None:
            shred.destroy_due(due.transfer, ports)

    assert sending.transfer.state is (State.SHREDDED if kind != "revoked" or after > 1 else State.SEALED)
    assert gone(sending) or (kind == "revoked" and after <= 1)
    for tag in (Tag.TRANSFER_ENDED, Tag.TRANSFER_SHREDDED):
        assert len(memory_of(ports).trail(tag, transfer=sending.id)) <= 1


def a_stored(body: bytes) -> object:
    return Stored(body, etag(body), digest(body), 8)


def test_what_is_due_is_destroyed_and_what_is_not_is_left() -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports)

    ports.clock.tick(days=7, seconds=-1)
    assert shred.destroy_due(sending.id, ports) is False
    ports.clock.tick(seconds=1)
    assert shred.destroy_due(sending.id, ports) is True
    assert shred.destroy_due(sending.id, ports) is False

    assert (sending.transfer.state, sending.transfer.ending) == (State.SHREDDED, Ending.EXPIRED)
    assert gone(sending)
    assert shred.destroy_due(TransferId("x" * 26), ports) is False


def test_a_draft_nobody_finished_is_abandoned_after_a_day() -> None:
    ports = fake_ports()
    sending = a_sending(ports)

    ports.clock.tick(hours=24)
    shred.destroy_due(sending.id, ports)

    assert (sending.transfer.state, sending.transfer.ending) == (State.SHREDDED, Ending.ABANDONED)
    assert gone(sending)


def test_a_refused_transfer_is_shredded_at_once_and_keeps_its_reason() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", b"b"))
    sending.put(0)
    sending.put(1)
    ports.bucket.objects[f"t/{sending.id}/0"] = a_stored(b"")
    sending.land(0)

    assert shred.destroy_due(sending.id, ports) is True

    assert (sending.transfer.state, sending.transfer.fault, sending.transfer.ending) == (State.SHREDDED, Fault.SIZE_DIFFERS, None)
    assert gone(sending)
