"""Destruction certificates: what of one is signed, how a trail is summed up, and reading one that somebody brings."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import is_id
from chalicelib.domain.strict_json import DECODER

FORMAT = "sceau-certificate/1"
ALGORITHM = "Ed25519"
KEY_BYTES, SIGNATURE_BYTES, DIGEST_BYTES = 32, 64, 32  # RFC 8032, FIPS 180-4
LONGEST = 8_000_000  # characters of a file that may hold a certificate: many times the largest that is made
LIST_MOST = 10_000
TEXT_MOST = 1_000  # characters
COUNT_MOST = 2**53 - 1  # what every reader of JSON holds exactly
INSTANT_MOST = 253_370_764_800  # seconds since 1970: the year 9999, the last a calendar here can write
_BEGINNING = re.compile(r'\{"format": ?"' + re.escape(FORMAT) + '"')
_WORD = re.compile(r"[a-z_]{1,40}")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHECKSUM = re.compile(r"([^-]+)(?:-[1-9]\d{0,4})?", re.ASCII)  # of one part, or of several with their number

Shape = Callable[[Any], bool]


def canonical(statement: Mapping[str, object]) -> bytes:
    """Give the bytes that are signed: JSON in UTF-8 with sorted keys and no space, of everything but `signature`."""
    signed = {name: value for name, value in statement.items() if name != "signature"}
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(statement: Mapping[str, Any], key: bytes, sign: Callable[[bytes], bytes]) -> dict[str, Any]:
    """Give a statement with its signature; `key` is the public half (32 bytes) of what `sign` signs with."""
    value = sign(canonical(statement))
    return {**statement, "signature": {"algorithm": ALGORITHM, "key": b64encode(key).decode(), "value": b64encode(value).decode()}}


def chain(lines: Iterable[bytes]) -> tuple[int, str]:
    """Sum up a trail: how many lines, and in hexadecimal SHA-256 of the sum so far (first 32 zero bytes) and each line in turn."""
    count, total = 0, bytes(DIGEST_BYTES)
    for line in lines:
        count, total = count + 1, sha256(total + line).digest()
    return count, total.hex()


def read(text: str) -> dict[str, Any]:
    """Read a certificate out of its JSON, or out of its PDF decoded as Latin-1; raise `Invalid("bad_certificate")`."""
    text = text.removeprefix("\ufeff").strip()
    try:
        if len(text) > LONGEST:
            raise ValueError("larger than any certificate")
        value = DECODER.decode(text) if text.startswith("{") else DECODER.raw_decode(text, _beginning(text))[0]
    except (ValueError, RecursionError) as error:
        raise Invalid("bad_certificate") from error
    return checked(value)


def checked(value: object) -> dict[str, Any]:
    """Give a certificate back when it has every part a certificate has, and no other; raise `Invalid("bad_certificate")`."""
    if isinstance(value, dict) and _is_certificate(value):
        return value
    raise Invalid("bad_certificate")


def _beginning(text: str) -> int:
    """Find the only certificate in a text: of two, nobody could say which one was checked."""
    (found,) = _BEGINNING.finditer(text)
    return found.start()


def _object(**shapes: Shape) -> Shape:
    return lambda value: isinstance(value, dict) and value.keys() == shapes.keys() and all(fits(value[k]) for k, fits in shapes.items())


def _list(fits: Shape) -> Shape:
    return lambda value: isinstance(value, list) and len(value) <= LIST_MOST and all(map(fits, value))


def _maybe(fits: Shape) -> Shape:
    return lambda value: value is None or fits(value)


def _exactly(text: str) -> Shape:
    return lambda value: value == text


def _number(most: int) -> Shape:
    return lambda value: type(value) is int and 0 <= value <= most


def _written(pattern: re.Pattern[str]) -> Shape:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_MOST and value.encode(errors="ignore").decode() == value  # no half of a pair


def _identity(value: Any) -> bool:
    return isinstance(value, str) and is_id(value)


def is_base64(value: Any, length: int) -> bool:
    """Tell whether a value is the one way of writing so many bytes."""
    return _base64(length)(value)


def is_digest(value: Any) -> bool:
    """Tell whether a value is a SHA-256 in hexadecimal."""
    return _written(_HEX_DIGEST)(value)


def _base64(length: int) -> Shape:
    """Accept the one way of writing so many bytes: no other spelling of a signature is that signature."""

    def fits(value: Any) -> bool:
        try:
            plain = b64decode(value, validate=True)
        except (TypeError, ValueError):
            return False
        return len(plain) == length and b64encode(plain).decode() == value

    return fits


def _checksum(value: Any) -> bool:
    found = _CHECKSUM.fullmatch(value) if isinstance(value, str) else None
    return found is not None and _base64(DIGEST_BYTES)(found[1])


_COUNT, _INSTANT, _NAME = _number(COUNT_MOST), _number(INSTANT_MOST), _written(_WORD)
_MOMENTS = dict.fromkeys(("told_at", "opened_at", "collected_at", "revoked_at"), _maybe(_INSTANT))
_is_certificate = _object(
    format=_exactly(FORMAT),
    clinic=_object(id=_text, name=_text),
    transfer=_identity,
    sender=_identity,
    created_at=_INSTANT,
    sealed_at=_maybe(_INSTANT),
    expires_at=_INSTANT,
    ended_at=_INSTANT,
    ending=_NAME,
    keys_destroyed_at=_INSTANT,
    objects_destroyed_at=_INSTANT,
    files=_list(_object(file=_COUNT, clear_bytes=_COUNT, sealed_bytes=_COUNT, sha256=_maybe(_checksum))),
    recipients=_list(_object(recipient=_identity, **_MOMENTS)),
    remains=_list(_object(what=_NAME, days=_COUNT)),
    trail=_object(events=_COUNT, sha256=_written(_HEX_DIGEST)),
    signature=_object(algorithm=_exactly(ALGORITHM), key=_base64(KEY_BYTES), value=_base64(SIGNATURE_BYTES)),
)
