"""What each value of a clinic's file may be: a rule takes a value and answers one sentence against it, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chalicelib.domain import acceptance, person
from chalicelib.domain.errors import Invalid
from infra.neutral import revealing

Rule = Callable[[Any], str | None]

REGIONS = ("eu-west-3",)  # R01: health data stay in the European Economic Area; Paris is the region whose services are in hds-scope.json
RESERVED = ("example", "invalid", "local", "localhost", "test", "example.com", "example.net", "example.org")  # RFC 2606, RFC 6762
LEFT_OVER = frozenset(
    {"admin", "change-me", "changeme", "debug", "default", "demo", "dummy", "example", "none", "null", "password", "secret", "test", "todo"}
)
SECRET = re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|BEGIN [A-Z ]*PRIVATE KEY")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{4,253}}$)(?:{_LABEL}\.)+[a-z]{{2,63}}")
_ID = re.compile(r"(?=.{4,32}$)[a-z](?:-?[a-z0-9])+")
_PREFIX = re.compile(r"\+[1-9][0-9]{0,6}")


def text(most: int = 100) -> Rule:
    """Ask for words of a person, `most` characters at most."""

    def rule(value: Any) -> str | None:
        if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
            return f"must be text of 1 to {most} characters on one line"
        return _unfinished(value)

    return rule


def neutral(value: Any) -> str | None:
    """Ask for a name that strangers may see."""
    return text()(value) or _revealed(value)


def identity(value: Any) -> str | None:
    """Ask for the short name that is part of every encryption context."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return "must be 4 to 32 of a-z, 0-9 and single hyphens, beginning with a letter"
    return _unfinished(value)


def region(value: Any) -> str | None:
    """Ask for a region whose law and certificate cover health data."""
    return None if value in REGIONS else f"must be {' or '.join(REGIONS)}: health data are stored in no other region (R01)"


def domain(value: Any) -> str | None:
    """Ask for the clinic's own name on the internet, without `https://`."""
    if not isinstance(value, str) or not _DOMAIN.fullmatch(value):
        return "must be a bare name such as transferts.clinique.fr: https is added, no other scheme, port, path or number is possible"
    return _reserved(value) or _revealed(value)


def email(value: Any) -> str | None:
    """Ask for an e-mail address."""
    try:
        if not isinstance(value, str) or person.email(value) != value:
            raise Invalid("bad_email")
    except Invalid:
        return "must be an e-mail address in small letters"
    return _reserved(value.rpartition("@")[2])


def neutral_email(value: Any) -> str | None:
    """Ask for an address that strangers may see."""
    return email(value) or _revealed(value)


def whole(least: int, most: int) -> Rule:
    """Ask for a whole number."""

    def rule(value: Any) -> str | None:
        good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return None if good else f"must be a whole number from {least} to {most}"

    return rule


def choice(*allowed: str | int) -> Rule:
    """Ask for one of a few."""

    def rule(value: Any) -> str | None:
        return None if type(value) in (str, int) and value in allowed else f"must be one of {', '.join(map(str, allowed))}"

    return rule


def some(*allowed: str, least: int = 0) -> Rule:
    """Ask for a list of `least` or more of a few, each once."""

    def rule(value: Any) -> str | None:
        good = _distinct(value) and set(value) <= set(allowed) and len(value) >= least
        return None if good else f"must be a list of {'one or more' if least else 'some'} of {', '.join(allowed)}, each once"

    return rule


def prefixes(value: Any) -> str | None:
    """Ask for beginnings of telephone numbers."""
    good = _distinct(value) and value and all(_PREFIX.fullmatch(one) for one in value)
    return None if good else "must be a list of beginnings of numbers such as +33, each once"


def reason(value: Any) -> str | None:
    """Ask for why codes by e-mail may be enough, or null."""
    try:
        return None if value is None else _unfinished(acceptance.reason(value))
    except (Invalid, AttributeError):
        return f"must be null, or why the risk is accepted, in {acceptance.REASON_LEAST} to {acceptance.REASON_MOST} characters"


def optional(inner: Rule) -> Rule:
    """Let null pass."""
    return lambda value: None if value is None else inner(value)


def _distinct(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value) and len(set(value)) == len(value)


def _unfinished(value: str) -> str | None:
    """Refuse what was left over from a draft, and what is a secret: neither belongs in this file (T-27)."""
    if value.strip().casefold() in LEFT_OVER:
        return "is a value left over from a draft: say the clinic's own"
    return "looks like a secret: no secret belongs in this file" if SECRET.search(value) else None


def _reserved(name: str) -> str | None:
    found = next((one for one in RESERVED if name == one or name.endswith(f".{one}")), None)
    return f"ends in {found}, a name reserved for examples: give the clinic's own" if found else None


def _revealed(value: str) -> str | None:
    word = revealing(value)
    return f"tells a specialty ({word}): choose a neutral name, strangers see it (R65)" if word else None
