"""The envelope as the server reads and writes it: sizes, plans, headers, the shared vectors, and the stock SDK as a witness."""

import base64
import json
import runpy
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain import envelope
from chalicelib.domain.envelope import FRAME_LENGTH, FRAME_OVERHEAD, FRAMES_PER_PART, PARTS_MOST, Header
from chalicelib.domain.errors import Invalid
from tests.fake_aws import KEY_ARN, FakeInspector

VECTORS = Path(__file__).parent.parent / "vectors"
MAKE = SimpleNamespace(**runpy.run_path(str(VECTORS / "make.py")))
SHARED: dict[str, Any] = json.loads((VECTORS / "envelope.json").read_text(encoding="utf-8"))
TIB = 1 << 40
DATA_KEY, MESSAGE_ID, WRAPPED = bytes(range(32)), bytes(range(32, 64)), bytes(range(184))
CONTEXT = {"clinic": "demo", "transfer": "t" * 26}
PIECES = (65_535, 65_536, 65_537)
EDGES = [0, 1, *PIECES, 2 * FRAME_LENGTH, FRAMES_PER_PART * FRAME_LENGTH, FRAMES_PER_PART * FRAME_LENGTH + 1, 5 * TIB]


def a_header(**changes: Any) -> bytes:
    usual = {"data_key": DATA_KEY, "message_id": MESSAGE_ID, "context": CONTEXT, "key_arn": KEY_ARN, "wrapped_key": WRAPPED}
    return envelope.seal_header(**{**usual, **changes})


def code_of(data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        envelope.parse_header(data)
    return caught.value.code


def sealed(clear: bytes) -> bytes:
    return a_header() + b"".join(envelope.seal_frames(DATA_KEY, MESSAGE_ID, clear))


@given(st.integers(0, 5 * TIB))
@example(0)
@example(FRAME_LENGTH)
@example(FRAME_LENGTH + 1)
@example(FRAMES_PER_PART * FRAME_LENGTH * PARTS_MOST)
@example(FRAMES_PER_PART * FRAME_LENGTH * PARTS_MOST + 1)
def test_a_plan_says_every_size_before_the_first_byte(size: int) -> None:
    plan = envelope.plan(size)

    assert plan.frames == max(1, -(-size // 65_536))
    assert plan.sealed_size == size + 32 * (plan.frames - 1) + 40
    assert 1 <= plan.parts <= PARTS_MOST
    assert 0 <= plan.final_length <= FRAME_LENGTH
    assert plan.final_offset + plan.final_length + 40 == plan.sealed_size
    full = plan.frames_per_part * (FRAME_LENGTH + FRAME_OVERHEAD)
    assert plan.part_size(1) + full * max(0, plan.parts - 2) + (plan.part_size(plan.parts) if plan.parts > 1 else 0) == plan.sealed_size
    assert 0 < plan.part_size(plan.parts) <= full + 8


@pytest.mark.parametrize("size", EDGES)
def test_the_parts_of_a_file_add_up_to_it(size: int) -> None:
    plan = envelope.plan(size)

    assert sum(plan.part_size(part) for part in range(1, plan.parts + 1)) == plan.sealed_size


@pytest.mark.parametrize("part", [0, -1, 3, 10**9])
def test_a_part_that_is_not_planned_is_refused(part: int) -> None:
    plan = envelope.plan(FRAMES_PER_PART * FRAME_LENGTH + 1)

    assert plan.parts == 2
    with pytest.raises(Invalid, match="unknown_part"):
        plan.part_size(part)


@pytest.mark.parametrize("size", [0, 1, 4096, *PIECES, 131_072])
def test_what_is_sealed_has_the_planned_size_and_opens_with_the_stock_sdk(size: int) -> None:
    clear = MAKE.pattern(size)
    plan = envelope.plan(size)

    message = sealed(clear)
    opened, header = MAKE.stock_open(DATA_KEY, message)

    assert opened == clear
    assert header.encryption_context == CONTEXT
    assert len(message) == len(a_header()) + plan.sealed_size
    assert envelope.final_frame_fits(message[len(a_header()) + plan.final_offset :], plan)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.binary(min_size=32, max_size=32), st.dictionaries(texts, texts, max_size=6), texts, st.binary(max_size=300))
@example(MESSAGE_ID, MAKE.UNICODE_CONTEXT, KEY_ARN, WRAPPED)
def test_a_header_is_read_as_it_was_written(message_id: bytes, context: dict[str, str], key_arn: str, wrapped: bytes) -> None:
    data = envelope.seal_header(DATA_KEY, message_id, context, key_arn, wrapped)

    read, length = envelope.read_header(data + b"what follows")

    _, commitment = envelope.derive(DATA_KEY, message_id)
    assert read == Header(message_id, context, key_arn, wrapped, FRAME_LENGTH, commitment, data[-16:])
    assert length == len(data)
    assert read == envelope.parse_header(data)


@given(st.binary(max_size=600))
def test_bytes_that_are_no_header_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"^header_"):
        envelope.parse_header(data)


@given(st.data())
def test_a_header_with_anything_put_in_or_left_out_is_refused_or_reads_as_another(data: st.DataObject) -> None:
    header = a_header()
    at = data.draw(st.integers(0, len(header)))
    changed = data.draw(st.binary(max_size=8)) + header[data.draw(st.integers(at, len(header))) :]
    whole = header[:at] + changed

    try:
        read = envelope.parse_header(whole)
    except Invalid as refusal:
        read, named = None, refusal.code.startswith("header_")
    else:
        named = whole == header or asdict(read) != asdict(envelope.parse_header(header))

    assert named


def test_a_header_cut_anywhere_is_refused() -> None:
    header = a_header()

    codes = {code_of(header[:end]) for end in range(len(header))}

    assert codes == {"header_malformed"}


def test_a_header_with_a_byte_after_it_is_refused() -> None:
    assert code_of(a_header() + b"\0") == "header_malformed"


def test_every_flipped_bit_of_a_header_is_refused_or_breaks_what_authenticates_it() -> None:
    header, inspector = a_header(), FakeInspector()
    codes = set()

    for bit in range(len(header) * 8):
        flipped = bytearray(header)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read = envelope.parse_header(bytes(flipped))
            envelope.check_header(read, CONTEXT, KEY_ARN, WRAPPED)
        except Invalid as refusal:
            codes.add(refusal.code)
        else:
            assert (read.message_id, read.commitment, read.tag) != (MESSAGE_ID, header[-48:-16], header[-16:])
            assert not inspector.opens(bytes(flipped), None, CONTEXT, DATA_KEY)

    assert codes == {"header_malformed", "header_suite", "header_context", "header_wrapped_keys", "header_frame_length"}


def written(**changes: Any) -> bytes:
    """Write a header's body by hand, with what no honest browser writes."""
    field = {"version": b"\x02", "suite": b"\x04\x78", "count": b"\0\1", "provider": b"aws-kms", "framed": b"\2", "frame": b"\0\1\0\0"}
    use = {**field, "context": CONTEXT, "more": b"", "commitment": bytes(32), **changes}
    sized = lambda data: len(data).to_bytes(2, "big") + data  # noqa: E731
    context = use["context"] if isinstance(use["context"], bytes) else MAKE.encode_context(use["context"])
    wrapped = sized(use["provider"]) + sized(KEY_ARN.encode()) + sized(WRAPPED)
    start = use["version"] + use["suite"] + MESSAGE_ID + sized(context) + use["count"] + wrapped + use["more"]
    return bytes(start + use["framed"] + use["frame"] + use["commitment"] + bytes(16))


SECOND_KEY = b"\0\7aws-kms\0\1a\0\1b"
PAIRS_UNSORTED = b"\0\2" + b"\0\1b\0\0" + b"\0\1a\0\0"
PAIRS_TWICE = b"\0\2" + b"\0\1a\0\0" * 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": b"\1"}, "header_malformed"),
        ({"suite": b"\x05\x78"}, "header_suite"),
        ({"suite": b"\x01\x78"}, "header_suite"),
        ({"count": b"\0\0"}, "header_wrapped_keys"),
        ({"count": b"\0\2", "more": SECOND_KEY}, "header_wrapped_keys"),
        ({"provider": b"aws-kmz"}, "header_wrapped_keys"),
        ({"framed": b"\1"}, "header_malformed"),
        ({"frame": b"\0\0\x10\0"}, "header_frame_length"),
        ({"frame": b"\0\0\xff\xff"}, "header_frame_length"),
        ({"frame": b"\0\0\0\0"}, "header_frame_length"),
        ({"commitment": bytes(31)}, "header_malformed"),
        ({"commitment": bytes(33)}, "header_malformed"),
        ({"context": PAIRS_UNSORTED}, "header_malformed"),
        ({"context": PAIRS_TWICE}, "header_malformed"),
        ({"context": b"\0\1\0\1\xff\0\0"}, "header_malformed"),
        ({"context": b"\0\1\0\1a\0\0more"}, "header_malformed"),
        ({"context": b"\0"}, "header_malformed"),
    ],
)
def test_a_header_that_no_browser_of_ours_writes_is_refused(changes: Mapping[str, bytes], code: str) -> None:
    assert envelope.parse_header(written()).context == CONTEXT

    assert code_of(written(**changes)) == code


@pytest.mark.parametrize(
    ("context", "key_arn", "wrapped", "code"),
    [
        ({**CONTEXT, "transfer": "u" * 26}, KEY_ARN, WRAPPED, "header_context"),
        ({**CONTEXT, "more": ""}, KEY_ARN, WRAPPED, "header_context"),
        ({"clinic": "demo"}, KEY_ARN, WRAPPED, "header_context"),
        (CONTEXT, KEY_ARN + "0", WRAPPED, "header_wrapped_keys"),
        (CONTEXT, KEY_ARN, WRAPPED[:-1], "header_wrapped_keys"),
    ],
)
def test_a_header_made_for_another_transfer_or_key_is_refused(context: dict[str, str], key_arn: str, wrapped: bytes, code: str) -> None:
    header = envelope.parse_header(a_header())
    envelope.check_header(header, CONTEXT, KEY_ARN, WRAPPED)

    with pytest.raises(Invalid, match=code):
        envelope.check_header(header, context, key_arn, wrapped)


@pytest.mark.parametrize("size", [0, 1, *PIECES])
def test_an_end_that_is_not_the_planned_end_does_not_fit(size: int) -> None:
    plan = envelope.plan(size)
    end = sealed(bytes(size))[len(a_header()) + plan.final_offset :]

    assert envelope.final_frame_fits(end, plan)
    assert not envelope.final_frame_fits(end[:-1], plan)
    assert not envelope.final_frame_fits(end + b"\0", plan)
    assert not envelope.final_frame_fits(end, envelope.plan(size + 1))
    assert not envelope.final_frame_fits(end, envelope.plan(size + FRAME_LENGTH))
    for at in range(24):
        assert not envelope.final_frame_fits(end[:at] + bytes([end[at] ^ 1]) + end[at + 1 :], plan)


def test_a_nonce_never_repeats_under_one_message() -> None:
    frames = list(envelope.seal_frames(DATA_KEY, MESSAGE_ID, bytes(3 * FRAME_LENGTH)))

    ivs = {frame[8:20] if frame.startswith(b"\xff\xff\xff\xff") else frame[4:16] for frame in frames}

    assert len(ivs) == len(frames) == 3
    assert bytes(12) not in ivs  # the header's own


OURS = [m for m in SHARED["messages"] if m["name"] != "stock_a_frame"]  # the stock SDK ends a whole frame with an empty one


@pytest.mark.parametrize("message", OURS, ids=lambda m: str(m["name"]))
def test_the_shared_messages_are_written_byte_for_byte(message: dict[str, Any]) -> None:
    raw = {name: base64.b64decode(message[name]) for name in ("data_key", "message_id", "wrapped_key", "header")}

    header = envelope.seal_header(raw["data_key"], raw["message_id"], message["context"], message["key_arn"], raw["wrapped_key"])
    frames = b"".join(envelope.seal_frames(raw["data_key"], raw["message_id"], MAKE.pattern(message["size"])))

    assert header == raw["header"]
    assert base64.b64encode(sha256(frames).digest()).decode() == message["frames_sha256"]
    assert envelope.parse_header(header).context == message["context"]


NEEDS_THE_KEY = ("header_commitment", "header_tag")
HEADERS_BAD = [b for b in SHARED["bad_files"] if b["code"].startswith("header_") and b["code"] not in NEEDS_THE_KEY]
HEADERS_LONG = [b for b in SHARED["bad_files"] if b["name"].startswith("header_and_")]
BY_ID = {m["message_id"]: m for m in SHARED["messages"]}


@pytest.mark.parametrize("bad", HEADERS_BAD + HEADERS_LONG, ids=lambda b: str(b["name"]))
def test_a_shared_bad_header_is_refused_at_the_door_already(bad: dict[str, Any]) -> None:
    good = BY_ID[bad["expect"]["message_id"]]
    given = (bad["expect"]["context"], good["key_arn"], base64.b64decode(good["wrapped_key"]))

    with pytest.raises(Invalid) as caught:
        envelope.check_header(envelope.parse_header(MAKE.built(bad["header"])), *given)

    assert caught.value.code in (bad["code"], "header_malformed")
