"""A recipient of a transfer, and what has happened between them and it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import RecipientId
from chalicelib.domain.person import Person

CORRECTIONS_MOST = 5  # the link's secret is looked for among as many
OPENERS_MOST = 100  # names that are kept of those who opened a shared mailbox


class Outcome(StrEnum):
    """What became of a message once it had left."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Opener:
    """Who said they were opening a shared mailbox. `id` is that of the event in the audit trail, which holds no name."""

    id: str
    recipient: RecipientId
    name: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody a transfer is for; `shared` where several people read their mailbox, who say who opens it (R10).

    `turn` counts the corrections of their address: links, codes, phrases and sessions of an earlier turn open nothing.
    `openings` counts how often the key was given, `fetched` and `collected` which files were asked for and verified whole.
    `proved_by` is how they first proved who they are, `named` counts the names that were given.
    """

    id: RecipientId
    person: Person
    turn: int = 0
    told_at: datetime | None = None
    delivered_at: datetime | None = None
    delayed_at: datetime | None = None
    bounced_at: datetime | None = None
    complained_at: datetime | None = None
    reminded_at: datetime | None = None
    asked_at: datetime | None = None
    phrase_asked_at: datetime | None = None
    proved_at: datetime | None = None
    proved_by: Means | None = None
    opened_at: datetime | None = None
    openings: int = 0
    fetched: frozenset[int] = frozenset()
    fetched_at: datetime | None = None
    grants: int = 0
    collected: frozenset[int] = frozenset()
    collected_at: datetime | None = None
    corrected_at: datetime | None = None
    revoked_at: datetime | None = None
    shared: bool = False
    named: int = 0

    @property
    def waiting(self) -> bool:
        """Tell whether a reminder could still help: told, reachable, not closed, and nothing opened."""
        trouble = self.revoked_at or self.bounced_at or self.complained_at
        return self.told_at is not None and self.opened_at is None and trouble is None

    @property
    def unopened(self) -> bool:
        """Tell whether they never opened what was meant for them."""
        return self.opened_at is None and self.revoked_at is None

    def way(self, *, accepted: bool, other: bool = False) -> Means:
        """Tell how they prove who they are, or the other way of doing it.

        By text message where a mobile is known; by e-mail only in a clinic that accepted it (R17, R27); else with a phrase the sender
        tells them.
        """
        ways = [Means.SMS] if self.person.mobile is not None else []
        ways += [Means.EMAIL] if accepted else []
        return (*ways, Means.PHRASE, Means.PHRASE)[1 if other else 0]

    def require_correctable(self) -> None:
        """Raise `Conflict` unless the address may still be corrected: nobody has opened anything with it."""
        if self.revoked_at is not None:
            raise Conflict("recipient_revoked")
        if self.opened_at is not None:
            raise Conflict("already_opened")
        if self.turn >= CORRECTIONS_MOST:
            raise Conflict("corrected_too_often")
