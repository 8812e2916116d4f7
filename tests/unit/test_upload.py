"""Taking the envelope, signing the parts, putting large files together."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from chalicelib.domain import envelope
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.transfer import State
from chalicelib.usecases import shred, upload
from chalicelib.usecases.ports import Ports, UploadedPart
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.upload import Complete, SignParts
from tests.builders import Sending, a_landing_transfer, a_member, a_sealed_transfer, a_sending, b64, put, sealed_file
from tests.fake_aws import Refused, digest
from tests.fakes import fake_ports, memory_of, recorded

LARGE = bytes(8 * 1024 * 1024 + 1)  # two parts


def refusal(act: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code, caught.value.field


def test_an_envelope_makes_a_draft_land_and_is_kept_with_its_headers() -> None:
    ports = fake_ports()
    sending = a_sending(ports, (b"a", b"b"))

    sending.send_envelope()

    kept = ports.keys.envelope(sending.id)
    assert kept is not None
    assert (kept.manifest, kept.headers) == (sending.manifest, tuple(f.header for f in sending.files))
    assert sending.transfer.state is State.LANDING
    assert len(memory_of(ports).trail(Tag.ENVELOPE_ACCEPTED)) == 1


def test_an_envelope_sent_twice_is_refused_and_the_first_stays() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    other = sealed_file(b"other", sending.made, "other").header

    code = refusal(lambda: upload.accept_envelope(sending.envelope(headers=(other,)), ports))

    kept = ports.keys.envelope(sending.id)
    assert code == ("envelope_already_sent", None)
    assert kept is not None
    assert kept.headers == (sending.files[0].header,)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda h: b"", "header_malformed"),
        (lambda h: h[:-1], "header_malformed"),
        (lambda h: h + b"\0", "header_malformed"),
        (lambda h: h[:-17] + h[-16:], "header_malformed"),
        (lambda h: h[:1] + b"\x05\x78" + h[3:], "header_suite"),
        (lambda h: h.replace(b"\x02\x00\x01\x00\x00", b"\x02\x00\x00\x10\x00"), "header_frame_length"),
        (lambda h: h.replace(b"\x00\x01\x00\x07aws-kms", b"\x00\x02\x00\x07aws-kms"), "header_wrapped_keys"),
        (lambda h: h.replace(b"clinic-of-tests", b"clinic-of-other"), "header_context"),
        (lambda h: h.replace(b":key/0", b":key/1"), "header_wrapped_keys"),
    ],
)
@pytest.mark.parametrize("where", ["headers.0", "manifest"])
def test_a_bad_header_is_refused_and_the_draft_stays_a_draft(change: Callable[[bytes], bytes], code: str, where: str) -> None:
    ports = fake_ports()
    sending = a_sending(ports)
    bad = change(sending.files[0].header)
    command = sending.envelope(headers=(bad,)) if where == "headers.0" else sending.envelope(manifest=bad)
    about_the_key = code in ("header_context", "header_wrapped_keys") and b"\x00\x02\x00\x07" not in bad
    longer_manifest_is_read_on = where == "manifest" and bad.startswith(sending.files[0].header)

    if longer_manifest_is_read_on:
        assert refusal(lambda: upload.accept_envelope(command, ports)) == ("duplicate_message_id", "headers")
    else:
        assert refusal(lambda: upload.accept_envelope(command, ports)) == (code, None if about_the_key else where)

    assert sending.transfer.state is State.DRAFT
    assert ports.keys.envelope(sending.id) is None


def test_a_header_with_the_wrapped_key_of_another_transfer_is_refused() -> None:
    ports = fake_ports()
    sending, other = a_sending(ports), a_sending(ports)

    assert refusal(lambda: upload.accept_envelope(sending.envelope(headers=(other.files[0].header,)), ports))[0] == "header_context"
    forged = envelope.seal_header(other.made.data_key, bytes(32), sending.made.context, other.made.key_arn, other.made.wrapped_key)
    assert refusal(lambda: upload.accept_envelope(sending.envelope(headers=(forged,)), ports))[0] == "header_wrapped_keys"


def test_too_few_too_many_or_repeated_headers_are_refused() -> None:
    ports = fake_ports()
    sending = a_sending(ports, (b"a", b"b"))
    one, two = (f.header for f in sending.files)

    for headers in ((), (one,), (one, two, two)):
        assert refusal(lambda h=headers: upload.accept_envelope(sending.envelope(headers=h), ports)) == ("header_count", "headers")
    assert refusal(lambda: upload.accept_envelope(sending.envelope(headers=(one, one)), ports)) == ("duplicate_message_id", "headers")


def test_an_envelope_that_no_item_can_hold_is_refused() -> None:
    ports = fake_ports()
    sending = a_sending(ports)
    for changes in ({"manifest": sending.manifest + bytes(upload.MANIFEST_MOST)}, {"headers": (bytes(upload.ENVELOPE_MOST),)}):
        command = sending.envelope(**changes)

        assert refusal(lambda c=command: upload.accept_envelope(c, ports)) == ("manifest_too_large", "manifest")


def steps(sending: Sending, sender: MemberId, ports: Ports) -> list[Callable[[], object]]:
    parts = (UploadedPart(1, '"x"', digest(b"")), UploadedPart(2, '"x"', digest(b"")))
    return [
        lambda: upload.accept_envelope(replace(sending.envelope(), sender=sender), ports),
        lambda: upload.sign_parts(SignParts(sender, sending.id, (sending.asked(0),)), ports),
        lambda: upload.complete(Complete(sender, sending.id, 0, parts), ports),
    ]


def test_a_foreign_transfer_and_an_unknown_one_get_the_same_answer() -> None:
    ports = fake_ports()
    sending, stranger = a_landing_transfer(ports, (LARGE,)), a_member(ports, 7)
    unknown = replace(sending.envelope(), transfer=TransferId("x" * 26))

    for step in steps(sending, stranger.id, ports):
        assert refusal(step) == ("not_found", None)
    assert refusal(lambda: upload.accept_envelope(unknown, ports)) == ("not_found", None)
    assert refusal(lambda: upload.sign_parts(SignParts(stranger.id, TransferId("x" * 26), ()), ports)) == ("not_found", None)
    assert refusal(lambda: upload.complete(Complete(stranger.id, TransferId("x" * 26), 0, ()), ports)) == ("not_found", None)


@pytest.mark.parametrize("end", ["sealed", "cancelled", "late"])
def test_nothing_more_is_put_once_the_landing_is_over(end: str) -> None:
    ports = fake_ports()
    sending = a_sealed_transfer(ports) if end == "sealed" else a_landing_transfer(ports)
    if end == "cancelled":
        shred.revoke(Revoke(sending.sender, sending.id), ports)
    if end == "late":
        ports.clock.tick(hours=24)

    codes = [refusal(step)[0] for step in steps(sending, sending.sender, ports)[1:]]

    assert codes == ["transfer_not_landing"] * 2


def test_parts_before_the_envelope_are_refused() -> None:
    ports = fake_ports()
    sending = a_sending(ports)

    codes = [refusal(step)[0] for step in steps(sending, sending.sender, ports)[1:]]

    assert codes == ["envelope_missing"] * 2


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"size": 44}, "bad_part_size", "parts.0.size"),
        ({"size": 46}, "bad_part_size", "parts.0.size"),
        ({"size": -1}, "bad_part_size", "parts.0.size"),
        ({"part": 2}, "unknown_part", None),
        ({"part": 0}, "unknown_part", None),
        ({"part": -1}, "unknown_part", None),
        ({"part": 10**30}, "unknown_part", None),
        ({"file": 1}, "not_found", None),
        ({"file": -1}, "not_found", None),
        ({"file": 10**30}, "not_found", None),
    ],
)
def test_a_part_that_was_not_announced_is_refused(changes: dict[str, int], code: str, field: str | None) -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)

    assert refusal(lambda: sending.sign(sending.asked(0, **changes))) == (code, field)
    assert ports.bucket.grants == {}


def test_a_url_takes_the_very_bytes_it_was_signed_for_and_takes_them_once() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    body = sending.files[0].frames
    (signed,) = sending.sign(sending.asked(0))

    for wrong in (body[:-1], body + b"\0", b"x" * len(body)):
        with pytest.raises(Refused):
            put(ports, signed, wrong)
    put(ports, signed, body)

    with pytest.raises(Refused):
        put(ports, signed, body)
    assert ports.bucket.retentions == {f"t/{sending.id}/0": 8}


def test_a_url_is_worth_nothing_after_a_quarter_of_an_hour() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    (signed,) = sending.sign(sending.asked(0))

    ports.clock.tick(minutes=15)

    with pytest.raises(Refused):
        put(ports, signed, sending.files[0].frames)


def test_a_file_of_one_part_keeps_the_first_digest_it_was_announced_with() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports)
    sending.sign(sending.asked(0))

    again = sending.sign(sending.asked(0))

    assert len(again) == 1
    assert refusal(lambda: sending.sign(sending.asked(0, sha256=digest(b"other")))) == ("bad_digest", None)


def test_a_batch_of_urls_is_one_call_once_its_files_have_begun() -> None:
    ports, calls = recorded(fake_ports())
    sending = a_landing_transfer(ports, (LARGE, b"a", b"b"))
    asked = [sending.asked(0, 1), sending.asked(0, 2), sending.asked(1), sending.asked(2)]

    calls.clear()
    sending.sign(*asked)
    first = [c for c in calls if not c.endswith("_url")]
    calls.clear()
    sending.sign(*asked)
    again = [c for c in calls if not c.endswith("_url")]

    assert first == ["transfers.with_uploads", "bucket.start_upload", "transfers.add_uploads"]
    assert again == ["transfers.with_uploads"]


def test_two_calls_that_begin_one_file_at_once_share_one_upload() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    read, late = ports.transfers.with_uploads, []

    def stale(transfer: TransferId, files: set[int]) -> object:
        found = read(transfer, files)
        if not late:
            late.append(True)
            sending.sign(sending.asked(0, 1))
        return found

    slow = Slow(ports.transfers, stale)
    upload.sign_parts(SignParts(sending.sender, sending.id, (sending.asked(0, 2),)), replace(ports, transfers=slow))

    assert len(ports.bucket.uploads) == 1
    assert {g.upload_id for g in ports.bucket.grants.values()} == set(ports.bucket.uploads)


class Slow:
    """Transfers whose reading of uploads is told to another."""

    def __init__(self, inner: object, with_uploads: object) -> None:
        self.inner = inner
        self.with_uploads = with_uploads

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def uploaded(sending: Sending, ports: Ports) -> tuple[UploadedPart, ...]:
    one = sending.files[0]
    signed = sending.sign(*(sending.asked(0, n) for n in one.parts()))
    tags = [put(ports, s, one.part(n)) for n, s in zip(one.parts(), signed, strict=True)]
    return tuple(UploadedPart(n, tag, digest(one.part(n))) for n, tag in zip(one.parts(), tags, strict=True))


def test_a_large_file_is_put_together_once() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    parts = uploaded(sending, ports)
    command = Complete(sending.sender, sending.id, 0, parts)

    upload.complete(command, ports)

    stored = ports.bucket.objects[f"t/{sending.id}/0"]
    assert stored.body == sending.files[0].frames
    assert stored.checksum == upload.composite(parts)
    assert refusal(lambda: upload.complete(command, ports)) == ("file_already_complete", None)


def test_completing_again_after_a_lost_answer_finds_it_done() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    parts = uploaded(sending, ports)
    ports.transfers.set_checksum(sending.id, 0, upload.composite(parts))

    upload.complete(Complete(sending.sender, sending.id, 0, parts), ports)

    assert f"t/{sending.id}/0" in ports.bucket.objects


def test_parts_that_are_missing_doubled_or_out_of_order_are_refused() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    one, two = uploaded(sending, ports)

    for parts in ((), (one,), (two, one), (one, one), (one, two, two)):
        act = lambda p=parts: upload.complete(Complete(sending.sender, sending.id, 0, p), ports)  # noqa: E731
        assert refusal(act) == ("parts_missing", "parts")
    assert ports.bucket.objects == {}


def test_a_file_of_one_part_or_one_that_never_began_is_not_completed() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (b"a", LARGE))
    sending.sign(sending.asked(0))
    parts = (UploadedPart(1, '"x"', digest(b"")),)

    assert refusal(lambda: upload.complete(Complete(sending.sender, sending.id, 0, parts), ports))[0] == "parts_missing"
    assert refusal(lambda: upload.complete(Complete(sending.sender, sending.id, 1, parts * 2), ports))[0] == "parts_missing"
    assert refusal(lambda: upload.complete(Complete(sending.sender, sending.id, 2, parts), ports))[0] == "not_found"


def test_parts_the_bucket_refuses_leave_the_file_open_to_the_true_ones() -> None:
    ports = fake_ports()
    sending = a_landing_transfer(ports, (LARGE,))
    one, two = uploaded(sending, ports)
    wrong_tag = replace(one, etag='"wrong"')

    assert refusal(lambda: upload.complete(Complete(sending.sender, sending.id, 0, (wrong_tag, two)), ports))[0] == "file_not_complete"
    upload.complete(Complete(sending.sender, sending.id, 0, (one, two)), ports)

    assert f"t/{sending.id}/0" in ports.bucket.objects


def test_a_composite_checksum_is_that_of_the_digests() -> None:
    parts = [UploadedPart(1, "", digest(b"a")), UploadedPart(2, "", digest(b"b"))]

    assert upload.composite(parts) == b64(sha256(sha256(b"a").digest() + sha256(b"b").digest()).digest()) + "-2"
