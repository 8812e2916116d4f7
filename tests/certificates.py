"""Make destruction certificates and walk through their fields."""

import copy
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chalicelib.domain.certificate import canonical, chain
from chalicelib.domain.ids import id_from

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PRIVATE.public_key().public_bytes_raw()
NOON = 1_796_050_000  # 30 November 2026, 15:46 in Paris
REMAINS = {"trail": 365, "records": 365, "recovery_copies": 35, "logs": 180}  # days


def an_id(number: int) -> str:
    return id_from(number.to_bytes(16))


def signed(statement: dict[str, Any]) -> dict[str, Any]:
    value = b64encode(PRIVATE.sign(canonical(statement))).decode()
    return {**statement, "signature": {"algorithm": "Ed25519", "key": b64encode(KEY).decode(), "value": value}}


def a_certificate(sizes: tuple[int, int] = (2, 2), **changes: Any) -> dict[str, Any]:
    """Build a true certificate of so many files and recipients; the second of the files never came, the second recipient never opened."""
    files, recipients = sizes
    events, trail = chain([b"one\n", b"two\n"])
    usual = {
        "format": "sceau-certificate/1",
        "clinic": {"id": "demo", "name": "Clinique de l’Été"},
        "transfer": an_id(1),
        "sender": an_id(2),
        "created_at": NOON - 7 * 86_400,
        "sealed_at": NOON - 7 * 86_400 + 60,
        "expires_at": NOON,
        "ended_at": NOON + 10,
        "ending": "expired",
        "keys_destroyed_at": NOON + 11,
        "objects_destroyed_at": NOON + 12,
        "files": [_file(number) for number in range(files)],
        "recipients": [_recipient(number) for number in range(recipients)],
        "remains": [{"what": what, "days": days} for what, days in REMAINS.items()],
        "trail": {"events": events, "sha256": trail},
    }
    return signed({**usual, **changes})


def _file(number: int) -> dict[str, Any]:
    digest = b64encode(sha256(bytes([number % 256])).digest()).decode()
    came = number % 2 == 0
    return {
        "file": number,
        "clear_bytes": 3_200_000 + number,
        "sealed_bytes": 3_201_600 + number,
        "sha256": f"{digest}-2" if came else None,
    }


def _recipient(number: int) -> dict[str, Any]:
    opened = NOON - 86_400 if number % 2 == 0 else None
    return {"recipient": an_id(100 + number), "told_at": NOON - 90_000, "opened_at": opened, "collected_at": opened, "revoked_at": None}


def tampered(value: Any) -> Iterator[Any]:
    """Give a value once for each leaf in it, with that leaf changed to another of its kind, or left out, or made up."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: other} for other in tampered(inner))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in tampered(inner))
        yield value[1:]
        yield [*value, copy.deepcopy(value[0])]
    else:
        yield other_than(value)


def other_than(value: Any) -> Any:
    """Give another value of the same kind."""
    if value is None:
        return NOON
    if isinstance(value, int):
        return value + 1
    if not value.endswith("="):
        return ("b" if value[0] == "a" else "a") + value[1:]
    plain = bytearray(b64decode(value))
    plain[-1] ^= 1
    return b64encode(plain).decode()
