"""Passwords: kept as Argon2id, and refused when they are too easily guessed. Nothing leaves the machine."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence

from chalicelib.domain.errors import Invalid

LEAST, MOST = 12, 256  # characters; R24, and more than any password manager makes
RAW_MOST = 4 * MOST  # characters before accents are joined to their letters
SCORE_LEAST = 3  # zxcvbn's "safely unguessable": 10^8 guesses, for a hash that is slow
OWN_LEAST = 3  # characters; shorter pieces of names are in every word
_PLAIN = str.maketrans("0134@5$7!|", "oieaasstil")  # signs that stand for letters in what people make of their own names
JUDGED, JUDGED_SIGNS = 72, 16  # characters of each reading that zxcvbn sees: 0.4 seconds for all at the very most
SIGNS_MOST = 7  # different signs that zxcvbn may read as letters: each one multiplies its time
_SIGNS = frozenset("4@8({[<3691!|70$5+%2")
_AZERTY = str.maketrans("aqzwmAQZWM&é\"'(-è_çà", "qawz;QAWZ:1234567890")  # by the place of the key: zxcvbn knows QWERTY and Dvorak
# Argon2id with the memory of the OWASP Password Storage Cheat Sheet's first choice (46 MiB, one pass, one lane) and a second pass: R24
# wants 50 ms. One lane because a function has less than one processor.
MEMORY, PASSES, LANES = 46 * 1024, 2, 1  # KiB, and counts
SALT, HASH = 16, 32  # bytes, RFC 9106 section 3.1
NOBODY = f"$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${'A' * 22}${'A' * 43}"  # a hash of nothing: takes as long, matches nothing


class Passwords:
    """Judge passwords as people mean them: however their keyboard writes an accent or a space (OpaqueString, RFC 8265 section 4.2)."""

    def check(self, password: str, own: Sequence[str]) -> None:
        """Refuse what is short, long, common, or not enough without `own` words (name, address, clinic).

        What counts as common is zxcvbn's own lists: 30,000 passwords and 64,000 English words and names, 93,855 in all. That is less than
        the 100,000 passwords R24 asks for, and holds no French. But each stands for its variants: capitals, signs for letters, backwards,
        doubled, next to another, or before a year; and keyboard walks (AZERTY's too), dates and sequences need no list.
        """
        text = _meant(password)
        if text is None or len(text) < LEAST or any(_score(one) < SCORE_LEAST for one in _readings(text, own)):
            raise Invalid("weak_password", "password")

    def hash(self, password: str) -> str:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        text = _meant(password)
        if text is None:
            raise Invalid("weak_password", "password")
        argon = Argon2id(salt=os.urandom(SALT), length=HASH, iterations=PASSES, lanes=LANES, memory_cost=MEMORY)
        return argon.derive_phc_encoded(_bytes(text))

    def matches(self, password: str, hashed: str | None) -> bool:
        from cryptography.exceptions import InvalidKey
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        text = _meant(password)
        if text is None:
            return False
        try:
            Argon2id.verify_phc_encoded(_bytes(text), hashed or NOBODY)
        except InvalidKey:
            return False
        return hashed is not None


def _meant(password: str) -> str | None:
    """Give the one spelling of a password, or None when it is longer than any that was ever taken."""
    if len(password) > RAW_MOST:
        return None
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in password)
    text = unicodedata.normalize("NFC", spaced)
    return text if len(text) <= MOST else None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _score(text: str) -> int:
    """Have zxcvbn tell how many guesses a text takes, from 0 to 4."""
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]

    head = text[:JUDGED]
    many = len(_SIGNS & set(head)) > SIGNS_MOST
    score: int = zxcvbn(head[: JUDGED_SIGNS if many else JUDGED])["score"] if head else 0
    return score


def _readings(text: str, own: Sequence[str]) -> set[str]:
    """Read a password in the ways people make them; the worst of them counts."""
    return {text, text.translate(_AZERTY), _without(text, own)}


def _without(text: str, own: Sequence[str]) -> str:
    """Cut somebody's own words out of a text that holds any, and the signs between them: zxcvbn would find three of them hard to guess."""
    plain, kept = _plain(text), [True] * len(text)
    for word in _words(own):
        for found in re.finditer(re.escape(word), plain):
            kept[slice(*found.span())] = [False] * len(word)
    return text if all(kept) else "".join(one for one, stays in zip(text, kept, strict=True) if stays and one.isalnum())


def _words(own: Sequence[str]) -> Iterator[str]:
    """Take apart what is known of somebody, both ways round: `Zoé.Martin@example.fr` is zoe, martin and example."""
    for text in own:
        for word in re.findall(rf"[^\W_]{{{OWN_LEAST},}}", unicodedata.normalize("NFC", text)):
            yield from (_plain(word), _plain(word)[::-1])


def _plain(text: str) -> str:
    """Write each character as a plain small letter, if it has one."""
    return "".join(unicodedata.normalize("NFD", one)[0].lower()[0] for one in text).translate(_PLAIN)
