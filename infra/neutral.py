"""Tell whether a name shown to strangers reveals a specialty, and with it something about whoever is treated there (requirement R65)."""

import re
import unicodedata
from pathlib import Path

_LINES = Path(__file__).with_name("specialties.txt").read_text("utf-8").splitlines()
BEGINNINGS = tuple(line for line in _LINES if line[:1].isalpha())
WHOLE = frozenset(line[1:] for line in _LINES if line.startswith("="))


def revealing(name: str) -> str | None:
    """Answer the first word of a name or an address that tells a specialty, as it is written there, or None."""
    words = re.findall(r"[^\W\d_]+", name)
    return next((word for word in words if _tells(_plain(word))), None)


def _tells(word: str) -> bool:
    return word in WHOLE or word.startswith(BEGINNINGS)


def _plain(word: str) -> str:
    """Take accents and capitals away; ligatures are written in two letters."""
    folded = unicodedata.normalize("NFKD", word.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))
