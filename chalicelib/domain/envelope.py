"""The envelope: AWS Encryption SDK message format v2, suite 0x0478, read and written (docs/reference/envelope.md).

Sizes are bytes. The functions that need a key use `cryptography`; the rest is the standard library,
so that a function which only checks shapes never loads it.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chalicelib.domain.errors import Invalid

VERSION = 2
SUITE = 0x0478  # AES-256-GCM, HKDF-SHA512, key commitment, no signature
FRAMED = 2
FRAME_LENGTH = 65_536  # the sweet spot of the stock SDK, ADR 0003
TAG = 16
FRAME_OVERHEAD = 4 + 12 + TAG  # sequence number, IV, tag
FINAL_OVERHEAD = 4 + 4 + 12 + 4 + TAG  # marker, sequence number, IV, length, tag
FINAL_MARK = 0xFFFFFFFF
FRAMES_PER_PART = 128  # 8 MiB of clear text
PARTS_MOST = 10_000  # S3
PIECE = 8 * 1024 * 1024  # what one digest covers, whatever the part size (ADR 0004)
HEADER_MOST = 4096  # a real one is about 460
PROVIDER = b"aws-kms"
BODY_LABEL = b"AWSKMSEncryptionClient Frame"
FINAL_LABEL = b"AWSKMSEncryptionClient Final Frame"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file of a known clear size travels: sealed size, and parts of whole frames."""

    clear_size: int
    sealed_size: int
    frames: int
    frames_per_part: int
    parts: int

    def part_size(self, part: int) -> int:
        """Give the exact sealed size of one part (they count from 1); raise `Invalid("unknown_part")`."""
        if not 1 <= part <= self.parts:
            raise Invalid("unknown_part")
        full = self.frames_per_part * (FRAME_LENGTH + FRAME_OVERHEAD)
        return full if part < self.parts else self.sealed_size - full * (self.parts - 1)

    @property
    def final_offset(self) -> int:
        """Give where the final frame begins."""
        return (self.frames - 1) * (FRAME_LENGTH + FRAME_OVERHEAD)

    @property
    def final_length(self) -> int:
        """Give the clear bytes in the final frame."""
        return self.clear_size - (self.frames - 1) * FRAME_LENGTH


def plan(clear_size: int) -> Plan:
    """Plan a file: `k = max(1, ceil(n / 65536))` frames and `n + 32 (k - 1) + 40` sealed bytes."""
    frames = max(1, -(-clear_size // FRAME_LENGTH))
    sealed = clear_size + FRAME_OVERHEAD * (frames - 1) + FINAL_OVERHEAD
    per_part = FRAMES_PER_PART
    while -(-frames // per_part) > PARTS_MOST:
        per_part *= 2
    return Plan(clear_size, sealed, frames, per_part, -(-frames // per_part))


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a message says, commitment and tag included."""

    message_id: bytes
    context: Mapping[str, str]
    key_arn: str
    wrapped_key: bytes
    frame_length: int
    commitment: bytes
    tag: bytes


class _Reader:
    """Walk through bytes; raise `Invalid("header_malformed")` where they end too soon."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        if self.at + length > len(self.data):
            raise Invalid("header_malformed")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big")

    def field(self) -> bytes:
        return self.take(self.number(2))

    def text(self) -> str:
        try:
            return self.field().decode("utf-8")
        except UnicodeDecodeError as error:
            raise Invalid("header_malformed") from error


def parse_header(data: bytes) -> Header:
    """Read a header with nothing after it, as `read_header` does."""
    header, length = read_header(data)
    if length != len(data):
        raise Invalid("header_malformed")
    return header


def read_header(data: bytes) -> tuple[Header, int]:
    """Read the header a message begins with, strictly, and tell its length.

    Version 2, suite 0x0478, one `aws-kms` wrapped key, framed; otherwise raise `Invalid` with header_malformed,
    header_suite, header_wrapped_keys or header_frame_length.
    """
    reader = _Reader(data[:HEADER_MOST])
    if reader.number(1) != VERSION:
        raise Invalid("header_malformed")
    if reader.number(2) != SUITE:
        raise Invalid("header_suite")
    message_id = reader.take(32)
    context = _context(reader.field())
    if reader.number(2) != 1 or reader.field() != PROVIDER:
        raise Invalid("header_wrapped_keys")
    key_arn, wrapped = reader.text(), reader.field()
    if reader.number(1) != FRAMED:
        raise Invalid("header_malformed")
    frame_length = reader.number(4)
    if frame_length != FRAME_LENGTH:
        raise Invalid("header_frame_length")
    header = Header(message_id, context, key_arn, wrapped, frame_length, reader.take(32), reader.take(TAG))
    return header, reader.at


def split(message: bytes) -> tuple[bytes, bytes]:
    """Part a whole message into its header and its frames; raise as `read_header` does."""
    length = read_header(message)[1]
    return message[:length], message[length:]


def _context(data: bytes) -> Mapping[str, str]:
    if not data:
        return {}
    reader = _Reader(data)
    pairs = [(reader.text(), reader.text()) for _ in range(reader.number(2))]
    keys = [key.encode() for key, _ in pairs]
    if reader.at != len(data) or keys != sorted(set(keys)):
        raise Invalid("header_malformed")
    return dict(pairs)


def check_header(header: Header, context: Mapping[str, str], key_arn: str, wrapped_key: bytes) -> None:
    """Check that a header was made for this transfer, with the very key it was given.

    Raise `Invalid` with header_context or header_wrapped_keys.
    """
    if dict(header.context) != dict(context):
        raise Invalid("header_context")
    if header.key_arn != key_arn or header.wrapped_key != wrapped_key:
        raise Invalid("header_wrapped_keys")


def header_body(message_id: bytes, context: Mapping[str, str], key_arn: str, wrapped_key: bytes, commitment: bytes) -> bytes:
    """Write a header up to its tag: the bytes the tag authenticates."""
    pairs = sorted((k.encode(), v.encode()) for k, v in context.items())
    written = struct.pack(">H", len(pairs)) + b"".join(_sized(k) + _sized(v) for k, v in pairs) if pairs else b""
    wrapped = struct.pack(">H", 1) + _sized(PROVIDER) + _sized(key_arn.encode()) + _sized(wrapped_key)
    start = struct.pack(">BH", VERSION, SUITE) + message_id + _sized(written)
    return start + wrapped + struct.pack(">BI", FRAMED, FRAME_LENGTH) + commitment


def _sized(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def final_frame_fits(data: bytes, expected: Plan) -> bool:
    """Tell whether the last bytes of an object are the final frame its plan promises (not whether it authenticates)."""
    start = struct.pack(">II", FINAL_MARK, expected.frames) + frame_iv(expected.frames)
    length = struct.pack(">I", expected.final_length)
    return len(data) == expected.final_length + FINAL_OVERHEAD and data.startswith(start + length)


def frame_iv(sequence: int) -> bytes:
    """Give the 96-bit nonce of a frame: its sequence number, so it never repeats under one message id."""
    return bytes(8) + struct.pack(">I", sequence)


def frame_aad(message_id: bytes, label: bytes, sequence: int, length: int) -> bytes:
    """Give what authenticates a frame's place: message, kind, sequence number and clear length."""
    return message_id + label + struct.pack(">IQ", sequence, length)


def derive(data_key: bytes, message_id: bytes) -> tuple[bytes, bytes]:
    """Derive (frame key, commitment), 32 bytes each, from a 32-byte data key: HKDF-SHA512 salted by the message id."""
    from cryptography.hazmat.primitives.hashes import SHA512
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    infos = (struct.pack(">H", SUITE) + b"DERIVEKEY", b"COMMITKEY")
    frame_key, commitment = (HKDF(SHA512(), 32, message_id, info).derive(data_key) for info in infos)
    return frame_key, commitment


def seal_header(data_key: bytes, message_id: bytes, context: Mapping[str, str], key_arn: str, wrapped_key: bytes) -> bytes:
    """Write a whole header, tag included."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    frame_key, commitment = derive(data_key, message_id)
    body = header_body(message_id, context, key_arn, wrapped_key, commitment)
    return body + AESGCM(frame_key).encrypt(bytes(12), b"", body)


def seal_frames(data_key: bytes, message_id: bytes, clear: bytes) -> Iterator[bytes]:
    """Seal clear bytes frame by frame; the last one is the distinct final frame."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(derive(data_key, message_id)[0])
    last = plan(len(clear)).frames
    for sequence in range(1, last + 1):
        piece = clear[(sequence - 1) * FRAME_LENGTH : sequence * FRAME_LENGTH]
        final = sequence == last
        aad = frame_aad(message_id, FINAL_LABEL if final else BODY_LABEL, sequence, len(piece))
        start = struct.pack(">I", FINAL_MARK) if final else b""
        length = struct.pack(">I", len(piece)) if final else b""
        iv = frame_iv(sequence)
        yield start + struct.pack(">I", sequence) + iv + length + cipher.encrypt(iv, piece, aad)
