"""Make the vectors: `python tests/vectors/make.py` writes envelope.json, manifests.json and names.json beside itself.

Everything is written here from the format's description alone (struct, HKDF and AES-GCM, no code of the product), and each
good message must come out of the stock AWS Encryption SDK byte for byte before it is accepted. Deterministic.
"""

import base64
import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import AlgorithmSuite
from aws_encryption_sdk.key_providers.base import MasterKey, MasterKeyConfig
from aws_encryption_sdk.structures import DataKey, EncryptedDataKey, MasterKeyInfo
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = Path(__file__).parent
FRAME = 65536
PIECE = 8 * 1024 * 1024
FINAL = 0xFFFFFFFF
LABELS = (b"AWSKMSEncryptionClient Frame", b"AWSKMSEncryptionClient Final Frame")
KEY_ARN = "arn:aws:kms:eu-west-3:111122223333:key/00000000-0000-4000-8000-000000000000"
CONTEXT = {"clinic": "clinicaaaaaaaaaaaaaaaaaaaa", "transfer": "transferbbbbbbbbbbbbbbbbbb"}
# Keys: UTF-8 order is not UTF-16 order, and one key is the beginning of another.
UNICODE_CONTEXT = {"\uff5e": "1", "\U0001f511": "2", "clé": "été", "cl": "", "": "empty"}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def noise(label: str, size: int) -> bytes:
    """Bytes that look random and are the same every time."""
    return hashlib.shake_256(label.encode()).digest(size)


def pattern(size: int) -> bytes:
    """Clear text number i is (i ^ i >> 8 ^ i >> 16) & 255."""
    low = [bytes((i ^ high) & 255 for i in range(256)) for high in range(256)]
    blocks = -(-size // 256)
    return b"".join(low[(block ^ block >> 8) & 255] for block in range(blocks))[:size]


def digest_of(clear: bytes) -> bytes:
    """The digest that a manifest holds for a file."""
    pieces = [hashlib.sha256(clear[at : at + PIECE]).digest() for at in range(0, max(1, len(clear)), PIECE)]
    return pieces[0] if len(pieces) == 1 else hashlib.sha256(b"".join(pieces)).digest()


def u16(value: int) -> bytes:
    return struct.pack(">H", value)


def u32(value: int) -> bytes:
    return struct.pack(">I", value)


def sized(data: bytes) -> bytes:
    return u16(len(data)) + data


def hkdf(data_key: bytes, message_id: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA512(), length=32, salt=message_id, info=info).derive(data_key)


def encode_context(context: dict[str, str]) -> bytes:
    pairs = sorted((key.encode(), value.encode()) for key, value in context.items())
    return u16(len(pairs)) + b"".join(sized(key) + sized(value) for key, value in pairs)


@dataclass(frozen=True, slots=True)
class Message:
    """A message with everything about it that a header may say, so that wrong ones can be made as well."""

    name: str
    size: int
    context: dict[str, str] = field(default_factory=lambda: CONTEXT)
    key_label: str = "data key"
    message_label: str = ""
    version: int = 2
    suite: int = 0x0478
    wraps: tuple[tuple[bytes, bytes, bytes], ...] = ((b"aws-kms", KEY_ARN.encode(), noise("wrapped key", 184)),)
    content_type: int = 2
    frame_length: int = FRAME
    encoded_context: bytes | None = None
    commitment: bytes | None = None
    empty_last: bool = False

    @property
    def data_key(self) -> bytes:
        return noise(self.key_label, 32)

    @property
    def message_id(self) -> bytes:
        return noise("message " + (self.message_label or self.name), 32)

    @property
    def frame_key(self) -> AESGCM:
        return AESGCM(hkdf(self.data_key, self.message_id, u16(0x0478) + b"DERIVEKEY"))

    def header(self) -> bytes:
        context = encode_context(self.context) if self.encoded_context is None else self.encoded_context
        commitment = self.commitment or hkdf(self.data_key, self.message_id, b"COMMITKEY")
        wraps = u16(len(self.wraps)) + b"".join(sized(part) for wrap in self.wraps for part in wrap)
        body = bytes([self.version]) + u16(self.suite) + self.message_id + sized(context) + wraps
        body += bytes([self.content_type]) + u32(self.frame_length) + commitment
        return body + self.frame_key.encrypt(bytes(12), b"", body)

    def frames(self) -> bytes:
        clear, key, out = pattern(self.size), self.frame_key, []
        starts = list(range(0, max(1, len(clear)), FRAME))
        if self.empty_last:
            starts.append(len(clear))
        for sequence, start in enumerate(starts, 1):
            chunk, final = clear[start : start + FRAME], sequence == len(starts)
            iv = bytes(8) + u32(sequence)
            aad = self.message_id + LABELS[final] + u32(sequence) + struct.pack(">Q", len(chunk))
            head = u32(FINAL) + u32(sequence) + iv + u32(len(chunk)) if final else u32(sequence) + iv
            out.append(head + key.encrypt(iv, chunk, aad))
        return b"".join(out)

    def as_json(self) -> dict[str, Any]:
        frames, clear = self.frames(), pattern(self.size)
        provider, arn, wrapped = self.wraps[0]
        assert provider == b"aws-kms"
        entry = {
            "name": self.name,
            "size": self.size,
            "digest": b64(digest_of(clear)),
            "context": self.context,
            "data_key": b64(self.data_key),
            "message_id": b64(self.message_id),
            "key_arn": arn.decode(),
            "wrapped_key": b64(wrapped),
            "empty_last_frame": self.empty_last,
            "header": b64(self.header()),
            "frames_sha256": b64(hashlib.sha256(frames).digest()),
        }
        return entry | ({"frames": b64(frames)} if self.empty_last or len(frames) < 6000 else {})


class StockKey(MasterKey):
    """A master key of the stock SDK that knows its data keys by their wrapped form."""

    provider_id = "aws-kms"
    _config_class = type("StockKeyConfig", (MasterKeyConfig,), {"provider_id": "aws-kms"})

    def __init__(self, **_kwargs: Any) -> None:
        self.data_key = b""
        self.wrapped = noise("wrapped key", 184)

    @classmethod
    def holding(cls, data_key: bytes) -> "StockKey":
        key = cls(key_id=KEY_ARN.encode())
        key.data_key = data_key
        return key

    def _made(self) -> DataKey:
        info = MasterKeyInfo("aws-kms", KEY_ARN.encode())
        return DataKey(key_provider=info, data_key=self.data_key, encrypted_data_key=self.wrapped)

    def _generate_data_key(self, algorithm: Any, encryption_context: Any) -> DataKey:
        return self._made()

    def _encrypt_data_key(self, data_key: Any, algorithm: Any, encryption_context: Any) -> EncryptedDataKey:
        raise NotImplementedError

    def _decrypt_data_key(self, encrypted_data_key: Any, algorithm: Any, encryption_context: Any) -> DataKey:
        return self._made()


@contextmanager
def urandom_gives(values: list[bytes]) -> Iterator[None]:
    """Let the stock SDK draw the message id that we chose."""
    true, os.urandom = os.urandom, lambda size: values.pop(0)[:size]
    try:
        yield
    finally:
        os.urandom = true


def stock_client() -> aws_encryption_sdk.EncryptionSDKClient:
    return aws_encryption_sdk.EncryptionSDKClient(max_encrypted_data_keys=1)


def stock_seal(message: Message) -> bytes:
    with urandom_gives([message.message_id]):
        sealed, _header = stock_client().encrypt(
            source=pattern(message.size),
            key_provider=StockKey.holding(message.data_key),
            encryption_context=message.context,
            frame_length=FRAME,
            algorithm=AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
        )
    return bytes(sealed)


def stock_open(data_key: bytes, sealed: bytes) -> tuple[bytes, Any]:
    clear, header = stock_client().decrypt(source=sealed, key_provider=StockKey.holding(data_key))
    return bytes(clear), header


class Refused(Exception):
    """The reading below refuses, with the code that every reader must give."""


def need(condition: object, code: str) -> None:
    if not condition:
        raise Refused(code)


def read(header: bytes, frames: bytes | None, data_key: bytes, expect: dict[str, Any]) -> bytes:
    """Open as README.md tells, check by check. `frames` None: one message whose frames follow its header."""
    at = 0

    def take(count: int) -> bytes:
        nonlocal at
        need(at + count <= len(header), "header_malformed")
        at += count
        return header[at - count : at]

    def number(count: int) -> int:
        return int.from_bytes(take(count))

    need(number(1) == 2, "header_malformed")
    need(number(2) == 0x0478, "header_suite")
    message_id = take(32)
    need(take(number(2)) == encode_context(expect["context"]), "header_context")
    need(number(2) == 1, "header_wrapped_keys")
    wrap = [take(number(2)) for _ in range(3)]
    need(wrap[0] == b"aws-kms" and wrap[1] and wrap[2], "header_wrapped_keys")
    need(number(1) == 2, "header_malformed")
    need(number(4) == FRAME, "header_frame_length")
    stated, aad, tag = take(32), header[:at], take(16)
    need(stated == hkdf(data_key, message_id, b"COMMITKEY"), "header_commitment")
    key = AESGCM(hkdf(data_key, message_id, u16(0x0478) + b"DERIVEKEY"))
    opened(key, bytes(12), tag, aad, "header_tag")
    need("message_id" not in expect or message_id == base64.b64decode(expect["message_id"]), "message_id")
    need(frames is None or at == len(header), "trailing_bytes")
    clear = read_frames(key, message_id, header[at:] if frames is None else frames, expect.get("size"))
    need("digest" not in expect or digest_of(clear) == base64.b64decode(expect["digest"]), "digest")
    return clear


def read_frames(key: AESGCM, message_id: bytes, body: bytes, size: int | None) -> bytes:
    clear, at, sequence, final = b"", 0, 0, False
    while not final:
        rest, sequence = body[at:], sequence + 1
        need(len(rest) >= 4, "truncated")
        final = rest[:4] == u32(FINAL)
        head = 24 if final else 16
        need(len(rest) >= head, "truncated")
        iv = bytes(8) + u32(sequence)
        need(rest[head - (20 if final else 16) :][:16] == u32(sequence) + iv, "frame_order")
        last = max(1, -(-(size or 0) // FRAME)) == sequence
        need(size is None or final == last, "final_frame")
        count = int.from_bytes(rest[20:24]) if final else FRAME
        need(size is None or count == min(FRAME, size - (sequence - 1) * FRAME), "frame_length")
        need(count <= FRAME, "frame_length")
        need(len(rest) >= head + count + 16, "truncated")
        need(not final or len(rest) == head + count + 16, "trailing_bytes")
        aad = message_id + LABELS[final] + u32(sequence) + struct.pack(">Q", count)
        clear += opened(key, iv, rest[head : head + count + 16], aad, "frame_tag")
        at += head + count + 16
    return clear


def opened(key: AESGCM, iv: bytes, sealed: bytes, aad: bytes, code: str) -> bytes:
    try:
        return key.decrypt(iv, sealed, aad)
    except InvalidTag:
        raise Refused(code) from None


def code_of(call: Callable[[], object]) -> str | None:
    try:
        call()
    except Refused as refused:
        return str(refused)
    return None


SIZES = {
    "empty": 0,
    "one_byte": 1,
    "small": 4096,
    "under_a_frame": 65535,
    "a_frame": 65536,
    "over_a_frame": 65537,
    "two_frames": 131072,
    "three_frames": 131172,
    "over_a_piece": PIECE + 1,
}
GOOD = [Message(name, size) for name, size in SIZES.items()]
GOOD += [Message("unicode_context", 10, UNICODE_CONTEXT), Message("stock_a_frame", FRAME, empty_last=True)]
BASE = {message.name: message for message in GOOD}

Piece = dict[str, Any]


def cut(name: str, start: int = 0, end: int | None = None, of: str = "frames") -> Piece:
    return {"of": of, "message": name, "from": start, "to": end}


def literal(data: bytes) -> Piece:
    return {"hex": data.hex()}


def built(pieces: list[Piece]) -> bytes:
    out = b""
    for piece in pieces:
        if "hex" in piece:
            out += bytes.fromhex(piece["hex"])
        else:
            message = BASE[piece["message"]]
            whole = message.header() if piece["of"] == "header" else message.frames()
            out += whole[piece["from"] : piece["to"]]
    return out


def bad_headers() -> Iterator[tuple[str, str, bytes]]:
    """Headers that are wrong but whose tag is right: a key holder made them so."""
    small = BASE["small"]
    provider, arn, wrapped = small.wraps[0]

    def made(**changes: Any) -> bytes:
        return Message("small", 4096, **changes).header()

    yield "version_1", "header_malformed", made(version=1)
    for suite in (0x0014, 0x0046, 0x0178, 0x0214, 0x0378, 0x0578, 0x0000):
        yield f"suite_{suite:04x}", "header_suite", made(suite=suite)
    yield "other_transfer", "header_context", made(context=CONTEXT | {"transfer": "other"})
    yield "other_clinic", "header_context", made(context=CONTEXT | {"clinic": "other"})
    yield "more_context", "header_context", made(context=CONTEXT | {"x": "y"})
    yield "less_context", "header_context", made(context={"transfer": CONTEXT["transfer"]})
    yield "no_context", "header_context", made(encoded_context=b"")
    pairs = [sized(k.encode()) + sized(v.encode()) for k, v in CONTEXT.items()]
    yield "unsorted_context", "header_context", made(encoded_context=u16(2) + pairs[1] + pairs[0])
    yield "double_context", "header_context", made(encoded_context=u16(3) + pairs[0] + pairs[0] + pairs[1])
    yield "long_context", "header_context", made(encoded_context=encode_context(CONTEXT) + b"\0")
    yield "no_wrapped_key", "header_wrapped_keys", made(wraps=())
    yield "two_wrapped_keys", "header_wrapped_keys", made(wraps=small.wraps * 2)
    yield "other_provider", "header_wrapped_keys", made(wraps=((b"raw", arn, wrapped),))
    yield "no_arn", "header_wrapped_keys", made(wraps=((provider, b"", wrapped),))
    yield "empty_wrapped_key", "header_wrapped_keys", made(wraps=((provider, arn, b""),))
    yield "unframed", "header_malformed", made(content_type=1)
    for length in (0, 4096, 65535, 65537, 0xFFFFFFFF):
        yield f"frame_length_{length}", "header_frame_length", made(frame_length=length)
    yield "other_commitment", "header_commitment", made(commitment=noise("not it", 32))
    yield "other_data_key", "header_commitment", made(key_label="other key")
    yield "header_of_another_file", "message_id", made(message_label="another")


def bad_frames() -> Iterator[tuple[str, str, list[Piece]]]:
    """Frames of `three_frames` (131,172 bytes) that are not its own, or not all, or not in order."""
    name, full = "three_frames", FRAME + 32
    first, second, final = cut(name, 0, full), cut(name, full, 2 * full), cut(name, 2 * full)
    whole = cut(name)
    yield "nothing", "truncated", []
    for size in (1, 3, 4, 15, 16, 100, full - 1, full, full + 20, 2 * full, 2 * full + 23, 2 * full + 24, 2 * full + 139):
        yield f"cut_at_{size}", "truncated", [cut(name, 0, size)]
    yield "first_dropped", "frame_order", [second, final]
    yield "second_dropped", "frame_order", [first, final]
    yield "first_doubled", "frame_order", [first, first, second, final]
    yield "second_doubled", "frame_order", [first, second, second, final]
    yield "swapped", "frame_order", [second, first, final]
    yield "final_first", "frame_order", [final, first, second]
    yield "final_doubled", "trailing_bytes", [whole, final]
    yield "one_byte_more", "trailing_bytes", [whole, literal(b"\0")]
    yield "hundred_bytes_more", "trailing_bytes", [whole, literal(noise("more", 100))]
    yield "second_message", "trailing_bytes", [whole, cut("small", of="header"), cut("small")]
    yield "same_message_twice", "trailing_bytes", [whole, whole]
    yield "final_of_another", "frame_order", [first, second, cut("over_a_frame", full)]
    yield "first_of_another", "frame_tag", [cut("two_frames", 0, full), second, final]
    yield "frames_of_another", "frame_tag", [cut("over_a_frame")]
    yield "frames_of_a_longer_one", "frame_tag", [cut("over_a_piece")]
    for what, at in (("text", 16), ("text_end", 16 + FRAME - 1), ("tag", 16 + FRAME), ("tag_end", full - 1)):
        yield f"first_{what}_changed", "frame_tag", changed(name, at)
        yield f"second_{what}_changed", "frame_tag", changed(name, full + at)
    for what, at in (("text", 24), ("tag", 24 + 100), ("tag_end", 24 + 115)):
        yield f"final_{what}_changed", "frame_tag", changed(name, 2 * full + at)
    yield "sequence_changed", "frame_order", changed(name, 3)
    yield "iv_changed", "frame_order", changed(name, 4)
    yield "final_mark_changed", "frame_order", changed(name, 2 * full)
    yield "final_sequence_changed", "frame_order", changed(name, 2 * full + 7)
    yield "final_iv_changed", "frame_order", changed(name, 2 * full + 8)
    for length in (0, 99, 101, FRAME, FRAME + 1, 0xFFFFFFFF):
        pieces = [cut(name, 0, 2 * full + 20), literal(u32(length)), cut(name, 2 * full + 24)]
        yield f"final_length_{length}", "frame_length", pieces


def changed(name: str, at: int) -> list[Piece]:
    flipped = bytes([BASE[name].frames()[at] ^ 1])
    return [cut(name, 0, at), literal(flipped), cut(name, at + 1)]


def expected(message: Message, **changes: Any) -> dict[str, Any]:
    true = {
        "context": message.context,
        "message_id": b64(message.message_id),
        "size": message.size,
        "digest": b64(digest_of(pattern(message.size))),
    }
    return true | changes


def bad_files() -> Iterator[dict[str, Any]]:
    """Detached files: header, frames, and what the manifest says."""
    small, three = BASE["small"], BASE["three_frames"]

    def entry(message: Message, name: str, code: str, header: list[Piece], frames: list[Piece], **changes: Any) -> dict[str, Any]:
        return {
            "name": name,
            "code": code,
            "data_key": b64(message.data_key),
            "expect": expected(message, **changes),
            "header": header,
            "frames": frames,
        }

    own, frames = [cut("small", of="header")], [cut("small")]
    for name, code, header in bad_headers():
        yield entry(small, name, code, [literal(header)], frames)
    yield entry(small, "header_and_a_byte", "trailing_bytes", [*own, literal(b"\0")], frames)
    yield entry(small, "header_and_frames", "trailing_bytes", own + frames, frames)
    yield entry(small, "empty_header", "header_malformed", [], frames)
    length = len(small.header())
    for size in sorted({1, 2, 3, 34, 35, 36, 37, 90, length - 64, length - 49, length - 17, length - 16, length - 1}):
        yield entry(small, f"header_cut_at_{size}", "header_malformed", [cut("small", 0, size, of="header")], frames)
    for name, code, pieces in bad_frames():
        yield entry(three, name, code, [cut("three_frames", of="header")], pieces)
    yield entry(small, "manifest_other_message_id", "message_id", own, frames, message_id=b64(noise("another", 32)))
    yield entry(small, "manifest_other_digest", "digest", own, frames, digest=b64(noise("another", 32)))
    yield entry(small, "manifest_smaller", "frame_length", own, frames, size=4095)
    yield entry(small, "manifest_larger", "frame_length", own, frames, size=4097)
    yield entry(small, "manifest_more_frames", "final_frame", own, frames, size=FRAME + 1)
    yield entry(small, "manifest_other_context", "header_context", own, frames, context=CONTEXT | {"transfer": "other"})
    stock = BASE["stock_a_frame"]
    yield entry(stock, "empty_last_frame", "final_frame", [cut(stock.name, of="header")], [cut(stock.name)])


def envelope() -> dict[str, Any]:
    for message in GOOD:
        whole = message.header() + message.frames()
        clear, header = stock_open(message.data_key, whole)
        assert clear == pattern(message.size), message.name
        assert header.encryption_context == message.context, message.name
        stock_writes_so = message.size % FRAME or not message.size or message.empty_last
        assert not stock_writes_so or stock_seal(message) == whole, message.name
        assert read(whole, None, message.data_key, {"context": message.context}) == clear, message.name
    bad = list(bad_files())
    for entry in bad:
        key = base64.b64decode(entry["data_key"])
        found = code_of(lambda e=entry, k=key: read(built(e["header"]), built(e["frames"]), k, e["expect"]))
        assert found == entry["code"], (entry["name"], entry["code"], found)
    small = BASE["small"]
    flips = []
    for at in range(len(small.header())):
        header = bytearray(small.header())
        header[at] ^= 1
        flips.append(code_of(lambda h=bytes(header): read(h, small.frames(), small.data_key, expected(small))))
    assert all(flips)
    return {"messages": [message.as_json() for message in GOOD], "bad_files": bad, "header_flips": {"message": "small", "codes": flips}}


def manifests() -> dict[str, Any]:
    def file(n: int = 0, **changes: Any) -> dict[str, Any]:
        return {
            "name": f"scan {n}.dcm",
            "path": "",
            "type": "application/dicom",
            "size": n,
            "digest": b64(noise(f"digest {n}", 32)),
            "message_id": b64(noise(f"id {n}", 32)),
        } | changes

    def manifest(*files: Any, **changes: Any) -> dict[str, Any]:
        return {"version": 1, "message": "", "files": list(files)} | changes

    def without(record: dict[str, Any], name: str) -> dict[str, Any]:
        return {key: value for key, value in record.items() if key != name}

    def entry(name: str, content: Any, code: str | None = None, count: int = 1) -> dict[str, Any]:
        raw = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        return {"name": name, "bytes": b64(raw), "count": count} | ({"code": code} if code else {})

    hostile = ["../../etc/passwd", "C:\\x", "a\u202egpj.exe", "<img src=x onerror=alert(1)>", "\0", " ", ".", "\ud83d\ude00"]
    good = [
        entry("one_file", manifest(file())),
        entry("three_files", manifest(file(0), file(1), file(2), message="Bonjour,\n\u00e0 bient\u00f4t \U0001f642"), count=3),
        entry("no_file", manifest(), count=0),
        entry("large_file", manifest(file(size=5 * 2**40))),
        entry("largest_file", manifest(file(size=0xFFFFFFFE * FRAME))),
        entry("longest_name", manifest(file(name="n" * 255))),
        entry("folders", manifest(file(path="dossier/2024"))),
        entry("same_names", manifest(file(0), file(1, name="scan 0.dcm")), count=2),
        entry("escaped", b'{"version":1,"message":"\\u00e9\\/","files":[]}', count=0),
        *(
            entry(f"hostile_name_{n}", manifest(file(name=name.encode("utf-16", "surrogatepass").decode("utf-16"))))
            for n, name in enumerate(hostile)
        ),
    ]
    m = "manifest_malformed"
    bad = [
        entry("empty", b"", m),
        entry("not_json", b"{", m),
        entry("two_values", b"{}{}", m),
        entry("null", b"null", m),
        entry("array", [], m),
        entry("string", "x", m),
        entry("not_utf8", b'{"version":1,"message":"\xff","files":[]}', m, 0),
        entry("byte_order_mark", b"\xef\xbb\xbf" + json.dumps(manifest()).encode(), m, 0),
        entry("utf16", json.dumps(manifest()).encode("utf-16"), m, 0),
        entry("trailing_bytes", json.dumps(manifest()).encode() + b"\0", m, 0),
        entry("nan", b'{"version":1,"message":"","files":NaN}', m, 0),
        entry("unknown_field", manifest(file(), x=1), m),
        entry("no_message", without(manifest(file()), "message"), m),
        entry("no_version", without(manifest(file()), "version"), m),
        entry("no_files", without(manifest(), "files"), m),
        entry("version_2", manifest(file(), version=2), "manifest_version"),
        entry("version_text", manifest(file(), version="1"), "manifest_version"),
        entry("version_true", manifest(file(), version=True), "manifest_version"),
        entry("message_number", manifest(file(), message=1), m),
        entry("message_null", manifest(file(), message=None), m),
        entry("message_too_long", manifest(file(), message="m" * 20_001), m),
        entry("files_object", manifest(files={}), m),
        entry("file_null", manifest(None), m),
        entry("file_array", manifest([]), m),
        entry("file_unknown_field", manifest(file(x=1)), m),
        entry("file_proto", b'{"version":1,"message":"","files":[{"__proto__":{}}]}', m),
        *(entry(f"file_without_{name}", manifest(without(file(), name)), m) for name in file()),
        *(entry(f"{name}_number", manifest(file(**{name: 1})), m) for name in file() if name != "size"),
        *(entry(f"{name}_null", manifest(file(**{name: None})), m) for name in file() if name != "size"),
        entry("name_empty", manifest(file(name="")), m),
        entry("name_too_long", manifest(file(name="n" * 256)), m),
        entry("path_too_long", manifest(file(path="p" * 4097)), m),
        entry("type_too_long", manifest(file(type="t" * 256)), m),
        *(
            entry(f"size_{label}", manifest(file(size=size)), "manifest_size")
            for label, size in {
                "negative": -1,
                "fraction": 1.5,
                "text": "1",
                "null": None,
                "true": True,
                "too_large": 0xFFFFFFFE * FRAME + 1,
                "huge": 2**64,
            }.items()
        ),
        entry("size_overflow", json.dumps(manifest(file(size=1))).replace('"size": 1', '"size": 1e999').encode(), "manifest_size"),
        *(
            entry(f"{name}_{label}", manifest(file(**{name: text})), m)
            for name in ("digest", "message_id")
            for label, text in {
                "short": b64(bytes(31)),
                "long": b64(bytes(33)),
                "empty": "",
                "unpadded": b64(bytes(32))[:-1],
                "url_safe": "_" * 43 + "=",
                "spaced": b64(bytes(32)) + " ",
                "loose_bits": "A" * 42 + "B=",
            }.items()
        ),
        entry("one_file_missing", manifest(file(0)), "manifest_count", 2),
        entry("one_file_more", manifest(file(0), file(1)), "manifest_count", 1),
        entry("same_message_id", manifest(file(0), file(1, message_id=file(0)["message_id"])), "manifest_message_id", 2),
    ]
    return {"good": good, "bad": bad}


def names() -> list[list[str]]:
    """Pairs: as a stranger wrote it, as it is saved."""
    plain = ["bilan.pdf", "Compte rendu du 3 mars.pdf", "r\u00e9sultat.tar.gz", "\u8a3a\u65ad\u66f8.pdf", "a", "COM10.txt", "console.log"]
    return [[name, name] for name in plain] + [
        ["../../etc/passwd", "_.._etc_passwd"],
        ["..\\..\\boot.ini", "_.._boot.ini"],
        ["/etc/passwd", "_etc_passwd"],
        ["C:\\Windows\\x.dll", "C__Windows_x.dll"],
        ["file.txt:stream", "file.txt_stream"],
        ['a<b>c"d|e?f*g', "a_b_c_d_e_f_g"],
        [".bashrc", "bashrc"],
        ["...", "file"],
        ["..", "file"],
        [".", "file"],
        ["", "file"],
        ["   ", "file"],
        ["\0\1\x1f\x7f\x85", "file"],
        ["report.pdf.", "report.pdf"],
        ["report.pdf . ", "report.pdf"],
        ["  report.pdf", "report.pdf"],
        ["a\u202egpj.exe", "agpj.exe"],
        ["\u2066a\u2069\u200e\u200f\u202a\u202b\u202c\u202d.txt", "a.txt"],
        ["a\u200bb\ufeffc", "abc"],
        ["line\nbreak\r\n.txt", "linebreak.txt"],
        ["a\u2028b\u2029c", "abc"],
        ["con", "_con"],
        ["CON.txt", "_CON.txt"],
        ["nul .txt", "_nul.txt"],
        ["bilan.pdf" + " " * 60 + ".exe", "bilan.pdf.exe"],
        ["a\u00ad\u3164\u2800\U000e0041b.txt", "ab.txt"],
        ["two  \u00a0 blanks.txt", "two blanks.txt"],
        ["aux.tar.gz", "_aux.tar.gz"],
        ["Lpt9.pdf", "_Lpt9.pdf"],
        ["com\u00b9", "_com\u00b9"],
        ["CONIN$", "_CONIN$"],
        ["e\u0301te\u0301.pdf", "\u00e9t\u00e9.pdf"],
        ["n" * 300 + ".pdf", "n" * 196 + ".pdf"],
        ["n" * 300, "n" * 200],
        ["n." + "x" * 300, "n." + "x" * 198],
        ["\U0001f642" * 300 + ".pdf", "\U0001f642" * 59 + ".pdf"],
        ["n" * 195 + "." * 10 + ".pdf", "n" * 195 + "..pdf"],
        ["<img src=x onerror=alert(1)>", "_img src=x onerror=alert(1)_"],
    ]


def texts() -> dict[str, str]:
    """File name to content."""
    made = {"envelope.json": envelope(), "manifests.json": manifests(), "names.json": names()}
    return {name: json.dumps(value, indent=1) + "\n" for name, value in made.items()}


if __name__ == "__main__":
    for file_name, content in texts().items():
        (HERE / file_name).write_text(content, encoding="utf-8")
