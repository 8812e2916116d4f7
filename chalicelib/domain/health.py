"""The state of the service, as far as its operator must know it: what runs, what waits, whether the sweeper came, what ends when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

OVERDUE = timedelta(minutes=6)  # three turns of the sweeper, as its alarm counts them
SOON = timedelta(days=30)  # AWS renews a certificate of a name sixty days before its end: within thirty, something is wrong
REVIEW = timedelta(days=90)  # R03


@dataclass(frozen=True, slots=True)
class Code:
    """What runs: the SHA-256 of the zip in hexadecimal, and when it was put there."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """How many messages wait, how many are being worked on, and how many are dead letters (None where there are none kept)."""

    name: str
    waiting: int
    working: int
    dead: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """All of it, at one instant."""

    now: datetime
    code: Code
    queues: Sequence[Queue]
    swept_at: datetime | None
    certified_until: datetime | None
    hosted_until: date | None

    @property
    def overdue(self) -> bool:
        """Tell whether the sweeper should have come by now."""
        return self.swept_at is None or self.now - self.swept_at > OVERDUE

    @property
    def certificate_ends(self) -> bool:
        """Tell whether the certificate of the clinic's name should have been renewed by now."""
        return self.certified_until is not None and self.certified_until - self.now <= SOON

    @property
    def hosting_ends(self) -> bool:
        """Tell whether a certificate of hosting is to be looked at: it ends soon, or nobody wrote down when."""
        return self.hosted_until is None or self.hosted_until - self.now.date() <= REVIEW

    @property
    def well(self) -> bool:
        """Tell whether nobody has anything to do."""
        return not (self.overdue or self.certificate_ends or self.hosting_ends or any(one.dead for one in self.queues))
