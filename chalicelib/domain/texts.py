"""Text messages: which numbers may get them, and how many leave in a day. They cost money, and are what fraud asks for."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.errors import Invalid
from chalicelib.domain.limits import Limit

DAY = timedelta(hours=24)
PER_NUMBER = 15  # in a day: ten codes (R21) and a few reminders


@dataclass(frozen=True, slots=True)
class Texts:
    """A clinic's rules: how a number it writes to may begin (E.164), and how many messages a day at most, all together."""

    prefixes: tuple[str, ...]
    per_day: int

    def allows(self, number: str) -> bool:
        """Tell whether this number may get a text message."""
        return number.startswith(self.prefixes)

    def check(self, number: str | None, field: str) -> None:
        """Raise `Invalid("mobile_abroad")` for a number that this clinic sends nothing to."""
        if number is not None and not self.allows(number):
            raise Invalid("mobile_abroad", field)

    def limits(self, scope: str) -> list[Limit]:
        """List what one message counts against: the clinic's day, and its number's, under an opaque digest."""
        return [Limit("sms#clinic", self.per_day, DAY), Limit(f"sms#{scope}", PER_NUMBER, DAY)]
