"""The risk an administrator accepts for the clinic: that a code sent by e-mail may be enough (requirement R17)."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import MemberId

REASON_LEAST, REASON_MOST = 20, 500  # characters


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted it, when, and why, in their words."""

    by: MemberId
    name: str = field(repr=False)
    at: datetime
    reason: str = field(repr=False)


def reason(text: str) -> str:
    """Check a reason; raise `Invalid("bad_reason")` for one too short to be one, too long, or with control characters."""
    clean = " ".join(text.split())
    if not REASON_LEAST <= len(clean) <= REASON_MOST or not clean.isprintable():
        raise Invalid("bad_reason")
    return clean
