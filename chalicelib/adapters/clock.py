"""The system's clock and generator."""

import os
from datetime import UTC, datetime


class SystemClock:
    """Tell the time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemRandom:
    """Give bytes from the operating system."""

    def bytes(self, length: int) -> bytes:
        return os.urandom(length)
