"""The record of a clinic's destruction: signed at the end with a key that the clinic commissioned while it could still sign (ADR 0029)."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chalicelib.domain.certificate import ALGORITHM, KEY_BYTES, LONGEST, SIGNATURE_BYTES, canonical, is_base64, is_digest, signed
from chalicelib.domain.errors import Invalid
from chalicelib.domain.strict_json import DECODER

FORMAT = "sceau-destruction/1"
KEY_FILE = "signing.key"  # beside the export until the record is signed
Record = dict[str, Any]


def new_key(folder: Path) -> bytes:
    """Make the key that will sign one record, in place of any before; answer its public half (32 bytes)."""
    made, path = Ed25519PrivateKey.generate(), folder / KEY_FILE
    path.unlink(missing_ok=True)
    path.touch(0o600, exist_ok=False)
    path.write_bytes(made.private_bytes_raw())
    return made.public_key().public_bytes_raw()


def forget_key(folder: Path) -> None:
    """Forget it: nothing more is signed."""
    (folder / KEY_FILE).unlink(missing_ok=True)


def digest(order: Mapping[str, Any]) -> str:
    """Sum up what is to be destroyed: SHA-256 in hexadecimal."""
    return hashlib.sha256(canonical(order)).hexdigest()


def completed(record: Mapping[str, Any], folder: Path) -> Record:
    """Sign the record with the key that was commissioned; without either, say in it why it is not signed."""
    if record["commission"] is None:
        return {**record, "signature": None}
    try:
        key = Ed25519PrivateKey.from_private_bytes((folder / KEY_FILE).read_bytes())
    except OSError:
        return {**record, "why_unsigned": f"{folder / KEY_FILE}, which was to sign it, was not there at the end", "signature": None}
    return signed(record, key.public_key().public_bytes_raw(), key.sign)


def read(text: str) -> Record | None:
    """Read a record of destruction; None for what is none. Raise `Invalid("bad_certificate")` for one that is not whole."""
    try:
        value = DECODER.decode(text.removeprefix("\ufeff").strip()) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return None
    if not _is_whole(value):
        raise Invalid("bad_certificate")
    return value


def genuine(record: Mapping[str, Any], key: bytes | None = None) -> bool:
    """Tell whether the clinic whose key this is (32 bytes) commissioned just this, and whom it commissioned signed the record.

    Without `key`, the commission is checked with the key that it carries.
    """
    commission, signature = record["commission"], record["signature"]
    if commission is None or signature is None:
        return False
    clinic = b64decode(commission["signature"]["key"])
    same = commission["order"] == digest(record["order"]) and commission["key"] == signature["key"]
    return same and key in (None, clinic) and _signs(commission) and _signs(record)


def _signs(statement: Mapping[str, Any]) -> bool:
    """Tell whether a statement's signature is true for the key that it carries."""
    said = statement["signature"]
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(said["key"])).verify(b64decode(said["value"]), canonical(statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def _is_whole(record: Record) -> bool:
    """Tell whether it has what is shown and checked."""
    try:
        texts = [*(record["order"]["clinic"][name] for name in ("id", "name", "account", "region")), record["order"]["stack"]]
        texts += [record["agreed"], record["finished"], *(one["done"] for one in record["destroyed"])]
        signatures = [one["signature"] for one in (record["commission"], record) if one is not None and one["signature"] is not None]
        sums = [] if record["commission"] is None else [record["commission"]["order"]]
    except (KeyError, TypeError):
        return False
    return all(map(_is_signature, signatures)) and all(map(is_digest, sums)) and all(isinstance(one, str) for one in texts)


def _is_signature(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"algorithm", "key", "value"}:
        return False
    return value["algorithm"] == ALGORITHM and is_base64(value["key"], KEY_BYTES) and is_base64(value["value"], SIGNATURE_BYTES)
