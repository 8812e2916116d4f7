"""People's names and addresses: one canonical form, used for look-ups, limits and messages alike."""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.errors import Invalid

NAME_MOST = 100  # characters
EMAIL_MOST = 254  # characters, RFC 5321 section 4.5.3.1
_ATOM = r"[a-z0-9!#$&'+/^_`{|}~-]+"  # neither = nor ?, which together begin an encoded word in a header (RFC 2047)
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_LOCAL}@(?:{_LABEL}\.)+{_LABEL}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class Language(StrEnum):
    """The languages the service speaks."""

    FRENCH = "fr"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a message can reach. Everything here is personal and never shown in a representation."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    mobile: str | None = field(repr=False)
    language: Language


def name(text: str) -> str:
    """Check a person's name; raise `Invalid("bad_name")`.

    Control characters, line ends, lone surrogates and direction overrides (Unicode categories C, Zl, Zp) never occur in a name.
    """
    clean = unicodedata.normalize("NFC", text).strip()
    if not clean or len(clean) > NAME_MOST or any(map(_is_invisible, clean)):
        raise Invalid("bad_name")
    return clean


def _is_invisible(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def email(text: str) -> str:
    """Give the canonical form of an address: ASCII, lower case, no wildcard; raise `Invalid("bad_email")`."""
    clean = text.strip(" ").lower() if text.isascii() else ""
    if len(clean) > EMAIL_MOST or _EMAIL.fullmatch(clean) is None:
        raise Invalid("bad_email")
    return clean


def mobile(text: str) -> str:
    """Check a number in E.164 (`+33612345678`); raise `Invalid("bad_mobile")`."""
    if _E164.fullmatch(text) is None:
        raise Invalid("bad_mobile")
    return text
