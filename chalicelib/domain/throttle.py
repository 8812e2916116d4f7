"""Wrong guesses in a row: each makes the next one wait longer, and the hundredth is the last (requirement R20)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.errors import Forbidden, TooMany

PAUSES = (0, 0, 1, 5, 15)  # seconds after the first failures; the last holds until there are ten
LONG_AFTER = 10  # failures
LONG_PAUSE, LONGEST_PAUSE = timedelta(minutes=15), timedelta(hours=1)
LOCKED_AFTER = 100  # failures, NIST SP 800-63B section 5.2.2
A_MOMENT = timedelta(seconds=1)  # for whoever guesses twice at the same instant


def pause(failures: int) -> timedelta:
    """Tell how long to wait after so many failures in a row."""
    if failures < LONG_AFTER:
        return timedelta(seconds=PAUSES[min(failures, len(PAUSES)) - 1]) if failures else timedelta()
    return min(LONG_PAUSE * (1 << min(failures - LONG_AFTER, 8)), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Throttle:
    """One counter: of one account and one kind of guess, for one device that is known or for all strangers together."""

    scope: str
    failures: int = 0
    next_at: datetime | None = None

    def require_open(self, now: datetime) -> None:
        """Raise `TooMany` while one must wait, `Forbidden("signin_locked")` when nothing more may be guessed."""
        if self.failures >= LOCKED_AFTER:
            raise Forbidden("signin_locked")
        if self.next_at is not None and now < self.next_at:
            raise TooMany(self.next_at - now)

    def counted(self, now: datetime) -> "Throttle":
        """Count one guess, before it is looked at: as a failure, until it turns out to be right."""
        return replace(self, failures=self.failures + 1, next_at=now + pause(self.failures + 1))

    @property
    def just_locked(self) -> bool:
        """Tell whether this guess was the last one."""
        return self.failures == LOCKED_AFTER
