"""Looking at what landed: only what is expected, whole and really sealed is counted."""

from dataclasses import replace

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.envelope import FRAME_LENGTH
from chalicelib.domain.ids import TransferId
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import Fault, State
from chalicelib.usecases import land, shred, upload
from chalicelib.usecases.land import Landed
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_landed_transfer, a_landing_transfer, a_sealed_transfer, a_sending, put, sealed_file
from tests.fake_aws import Stored, digest, etag
from tests.fakes import fake_ports, memory_of, recorded, watched

LARGE = bytes(8 * 1024 * 1024 + 1)


def overwrite(sending: Sending, body: bytes, *, checksum: str | None = None) -> None:
    """Put other bytes in the bucket behind the service's back, with whatever checksum."""
    key = f"t/{sending.id}/0"
    kept = sending.ports.bucket.objects[key]
    sending.ports.bucket.objects[key] = replace(kept, body=body, etag=etag(body), checksum=checksum or digest(body))


def expect(sending: Sending, body: bytes) -> None:
    """Make the service expect these bytes, as a sender who lies about them would."""
    uploads = memory_of(sending.ports).uploads
    uploads[sending.id, 0] = replace(uploads[sending.id, 0], checksum=digest(body))


def test_the_last_file_to_land_says_that_all_are_in() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", b"", bytes(FRAME_LENGTH + 1)))
    for file in range(3):
        sending.put(file)

    complete = [sending.land(file) for file in (2, 0, 1)]

    assert complete == [False, False, True]
    assert sending.transfer.landed == 3
    assert [e.file for e in memory_of(ports).trail(Tag.FILE_LANDED)] == [2, 0, 1]


def test_landing_again_counts_nothing_twice_and_still_says_that_all_are_in() -> None:
    ports = fake_ports()
    sending = a_landed_transfer(ports)

    again = [sending.land(0) for _ in range(10)]

    assert again == [True] * 10
    assert sending.transfer.landed == 1
    assert len(memory_of(ports).trail(Tag.FILE_LANDED)) == 1


@pytest.mark.parametrize("clear", [b"", bytes(FRAME_LENGTH), bytes(FRAME_LENGTH + 1), LARGE], ids=len)
def test_looking_costs_the_same_whatever_the_size(clear: bytes) -> None:
    ports, calls = recorded(fake_ports())
    sending = a_landing_transfer(ports, (clear,))
    sending.put(0)

    calls.clear()
    sending.land(0)

    reads = [length for _, _, length in ports.bucket.reads]
    assert calls.count("bucket.read") == len(reads) <= 2
    assert sum(reads) <= 2 * (FRAME_LENGTH + 40)
    assert [c for c in calls if c != "bucket.read"] == [
        "transfers.with_uploads",
        "bucket.describe",
        "keys.envelope",
        "vault.unwrap",
        "transfers.land",
        "transfers.read",
    ]


def test_trouble_with_the_key_is_no_fault_of_the_file() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"honest",))
    sending.put(0)

    def trouble(call: str) -> None:
        if call == "vault.unwrap":
            raise ConnectionError

    with pytest.raises(ConnectionError):
        land.land(land.Landed(sending.id, 0), watched(ports, trouble))

    assert sending.transfer.state is State.LANDING
    assert sending.land(0) is True


def lands_badly(sending: Sending, ports: Ports, fault: Fault) -> None:
    assert sending.land(0) is False

    assert (sending.transfer.state, sending.transfer.fault, sending.transfer.landed) == (State.REFUSED, fault, 0)
    (event,) = memory_of(ports).trail(Tag.TRANSFER_REFUSED)
    assert (event.file, event.reason) == (0, fault)
    (notice,) = (memory_of(ports).notices[n] for n in ports.queue.notices)
    assert (notice.kind, notice.member, notice.recipient) == (Kind.REFUSED, sending.sender, None)
    assert ports.bucket.objects == {}


@pytest.mark.parametrize("extra", [-1, 1])
def test_another_size_is_refused_and_destroyed(extra: int) -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.put(0)
    overwrite(sending, sending.files[0].frames[:-1] if extra < 0 else sending.files[0].frames + b"\0")

    lands_badly(sending, ports, Fault.SIZE_DIFFERS)


def test_other_bytes_are_refused() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.put(0)
    overwrite(sending, b"x" * len(sending.files[0].frames))

    lands_badly(sending, ports, Fault.CHECKSUM_DIFFERS)


def test_a_file_that_no_url_was_ever_completed_for_is_refused() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    sending.sign(sending.asked(0))
    ports.bucket.put_url(f"t/{sending.id}/0", 1, "", 8)
    overwritten = sending.files[0].frames
    ports.bucket.objects[f"t/{sending.id}/0"] = a_stored(overwritten)

    lands_badly(sending, ports, Fault.CHECKSUM_DIFFERS)


def a_stored(body: bytes) -> object:
    return Stored(body, etag(body), digest(body), 8)


def test_clear_bytes_are_refused_even_if_they_are_what_the_sender_announced() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.put(0)
    clear = b"a health file in clear, of the right size"[: len(sending.files[0].frames)].ljust(len(sending.files[0].frames))
    expect(sending, clear)
    overwrite(sending, clear)

    lands_badly(sending, ports, Fault.NOT_WHOLE)


def test_an_end_that_looks_right_but_opens_with_no_key_is_refused() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.put(0)
    frames = sending.files[0].frames
    forged = frames[:24] + bytes(len(frames) - 24)
    expect(sending, forged)
    overwrite(sending, forged)

    lands_badly(sending, ports, Fault.NOT_SEALED)


def test_a_file_sealed_under_another_message_than_its_header_is_refused() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.put(0)
    other = sealed_file(sending.clears[0], sending.made, "other").frames
    expect(sending, other)
    overwrite(sending, other)

    lands_badly(sending, ports, Fault.NOT_SEALED)


def test_a_large_file_whose_first_frame_is_wrong_is_refused() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (bytes(FRAME_LENGTH + 1),))
    sending.put(0)
    frames = bytearray(sending.files[0].frames)
    frames[100] ^= 1
    expect(sending, bytes(frames))
    overwrite(sending, bytes(frames))

    lands_badly(sending, ports, Fault.NOT_SEALED)


def test_a_manifest_that_opens_with_no_key_is_refused_with_the_first_file() -> None:
    ports = fake_ports()
    sending = a_sending(ports)
    start = len(sealed_file(b"", sending.made, "manifest").header)
    forged = sending.manifest[: start - 1] + bytes([sending.manifest[start - 1] ^ 1]) + sending.manifest[start:]
    upload.accept_envelope(sending.envelope(manifest=forged), ports)
    sending.put(0)

    lands_badly(sending, ports, Fault.NOT_SEALED)


def test_only_the_first_fault_is_told() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", b"b"))
    for file in (0, 1):
        sending.put(file)
        overwritten = ports.bucket.objects[f"t/{sending.id}/{file}"]
        ports.bucket.objects[f"t/{sending.id}/{file}"] = replace(overwritten, body=b"")

    sending.land(0)
    sending.land(1)

    assert len(memory_of(ports).trail(Tag.TRANSFER_REFUSED)) == 1
    assert len(ports.queue.notices) == 1


def test_what_nobody_announced_changes_nothing() -> None:
    ports = fake_ports()
    draft, landing, ended = a_sending(ports), a_landing_transfer(ports), a_landing_transfer(ports)
    sealed = a_sealed_transfer(ports)
    ended.put(0)
    shred.revoke(Revoke(ended.sender, ended.id), ports)
    before = list(memory_of(ports).events), dict(memory_of(ports).transfers)
    forged = [Landed(one.id, file) for one in (draft, landing, ended, sealed) for file in (0, 1, -1, 99_999)]

    answers = [land.land(one, ports) for one in [*forged, Landed(TransferId("x" * 26), 0)]]

    assert not any(answers)
    assert (memory_of(ports).events, memory_of(ports).transfers) == before


def test_an_event_for_an_object_that_is_not_there_yet_changes_nothing() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.sign(sending.asked(0))

    assert sending.land(0) is False
    assert sending.transfer.state is State.LANDING


def test_what_lands_after_the_end_is_removed() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    (signed,) = sending.sign(sending.asked(0))
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    put(ports, signed, sending.files[0].frames)

    assert sending.land(0) is False

    assert ports.bucket.objects == {}
    assert memory_of(ports).trail(Tag.FILE_LANDED) == []
