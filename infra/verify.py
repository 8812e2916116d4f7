"""Verify a destruction certificate, or the record of a clinic's destruction, without a network.

`python -m infra.verify certificate.pdf --key BASE64`, or `destruction.json`.

Exit status: 0 genuine, 1 not genuine, 2 unreadable.
"""

from __future__ import annotations

import argparse
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chalicelib.domain.certificate import KEY_BYTES, LONGEST, canonical, read
from chalicelib.domain.errors import Invalid
from chalicelib.printing import Words
from chalicelib.rendering import LANGUAGES
from infra import destruction

GENUINE, NOT_GENUINE, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what a certificate says, and whether it is genuine."""
    given = _parser().parse_args(arguments)
    words = Words(given.lang)
    try:
        statement = opened(given.certificate)
    except (OSError, ValueError, Invalid):
        print(words.say("said_unreadable"))
        return UNREADABLE
    of_clinic = statement["format"] == destruction.FORMAT
    _print(*(_told_of_clinic(statement, words) if of_clinic else _told(statement, words)))
    if not (destruction.genuine if of_clinic else genuine)(statement, given.key):
        print(words.say("said_false") if statement["signature"] else words.say("said_unsigned"))
        return NOT_GENUINE
    signs = statement["commission"] if of_clinic else statement
    print(words.say("said_genuine") if given.key else f"{words.say('said_consistent')}\n  {signs['signature']['key']}")
    return GENUINE


def opened(path: Path) -> dict[str, Any]:
    """Read the certificate in a JSON or PDF file, or a record of destruction; raise `OSError`, `ValueError` or `Invalid`."""
    with path.open("rb") as file:
        content = file.read(LONGEST + 1)
    text = content.decode("latin-1" if content.startswith(b"%PDF") else "utf-8")
    return destruction.read(text) or read(text)


def genuine(statement: Mapping[str, Any], key: bytes | None = None) -> bool:
    """Tell whether a certificate bears a true signature by `key` (32 bytes), or by the key it carries."""
    signature = statement["signature"]
    carried = b64decode(signature["key"])
    if key is not None and carried != key:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(carried).verify(b64decode(signature["value"]), canonical(statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def _told(statement: Mapping[str, Any], words: Words) -> tuple[str, list[tuple[str, str]]]:
    """Give the title and the main facts of a transfer's certificate."""
    size = words.size(sum(one["sealed_bytes"] for one in statement["files"]))
    facts = [*words.facts(statement), (words.say("files"), f"{len(statement['files'])} ({size})")]
    return words.say("title"), [*facts, (words.say("recipients"), str(len(statement["recipients"])))]


def _told_of_clinic(record: Mapping[str, Any], words: Words) -> tuple[str, list[tuple[str, str]]]:
    """Give those of a clinic's destruction: all that was destroyed, or left."""
    clinic = record["order"]["clinic"]
    facts = [
        (words.say("clinic"), f"{clinic['name']} ({clinic['id']})"),
        (words.say("account"), f"{clinic['account']}, {clinic['region']}"),
    ]
    facts += [(words.say("clinic_agreed"), record["agreed"]), (words.say("clinic_finished"), record["finished"])]
    facts += [(str(one.get("resource", one.get("kind"))), one["done"]) for one in record["destroyed"]]
    return words.say("clinic_title"), facts


def _print(title: str, facts: Sequence[tuple[str, str]]) -> None:
    """Print facts, without what could command a terminal."""
    wide = max(len(label) for label, _ in facts)
    print(title)
    for label, value in facts:
        print("".join(c if c.isprintable() else " " for c in f"  {label:{wide}}  {value}"))
    print()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.verify",
        description="Verify a certificate or a record of destruction, without a network.",
    )
    parser.add_argument("certificate", type=Path, help="the .json or .pdf file, just as it was given")
    parser.add_argument("--key", type=_key, metavar="BASE64", help="the clinic's public key, as its /verify page shows it")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the answer")
    return parser


def _key(text: str) -> bytes:
    """Read a public key; raise `ArgumentTypeError` for argparse to say."""
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise argparse.ArgumentTypeError(f"a key is {KEY_BYTES} bytes in base64")
    return key


if __name__ == "__main__":
    sys.exit(main())
