"""Verify a destruction certificate without a network: `python -m infra.verify certificate.pdf --key BASE64`.

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
    _describe(statement, words)
    if not genuine(statement, given.key):
        print(words.say("said_false"))
        return NOT_GENUINE
    print(words.say("said_genuine") if given.key else f"{words.say('said_consistent')}\n  {statement['signature']['key']}")
    return GENUINE


def opened(path: Path) -> dict[str, Any]:
    """Read the certificate in a JSON or PDF file; raise `OSError`, `ValueError` or `Invalid`."""
    with path.open("rb") as file:
        content = file.read(LONGEST + 1)
    return read(content.decode("latin-1" if content.startswith(b"%PDF") else "utf-8"))


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


def _describe(statement: Mapping[str, Any], words: Words) -> None:
    """Print the main facts, without what could command a terminal."""
    size = words.size(sum(one["sealed_bytes"] for one in statement["files"]))
    facts = [*words.facts(statement), (words.say("files"), f"{len(statement['files'])} ({size})")]
    facts += [(words.say("recipients"), str(len(statement["recipients"])))]
    wide = max(len(label) for label, _ in facts)
    print(words.say("title"))
    for label, value in facts:
        print(f"  {label:{wide}}  {''.join(c if c.isprintable() else ' ' for c in value)}")
    print()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.verify", description="Verify a destruction certificate without a network.")
    parser.add_argument("certificate", type=Path, help="the .json or .pdf file, just as the clinic gave it")
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
