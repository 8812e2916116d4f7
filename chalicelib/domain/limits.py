"""How often a thing may be done: fixed windows, counted atomically where the counters live."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.errors import Invalid

RECIPIENTS_MOST = 50  # R10; a draft writes one item a recipient, in one transaction of a hundred at most
FILES_MOST = 1000  # their headers share three items of 400 KB
CODES_PER_ADDRESS = ((3, timedelta(minutes=15)), (10, timedelta(hours=24)))  # R21
CODES_PER_IP_WINDOW = timedelta(hours=1)  # how many: a setting, because a hospital is one IP
ANYWHERE = 4  # times as many for one address whoever asks: it bounds a flood of messages, and is far from locking anybody out
TRIES_PER_ADDRESS = (20, timedelta(hours=1))  # R20: four codes' worth
TEXTS_OF_STRANGERS = (3, timedelta(hours=24))  # with the ten of one device, still fewer than a number has in a day
TRIES_PER_IP_WINDOW = timedelta(hours=1)
REMINDERS_BY_HAND = (3, timedelta(hours=24))
GRANTS_PER_FILE = 100  # two-minute addresses for one recipient, on the average of the files: it bounds the trail


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times per `window` for one `scope` (an opaque digest: no address is kept)."""

    scope: str
    most: int
    window: timedelta

    def start(self, now: datetime) -> int:
        """Give the instant, in epoch seconds, at which the present window began."""
        length = int(self.window.total_seconds())
        return int(now.timestamp()) // length * length

    def left(self, now: datetime) -> timedelta:
        """Tell how long the present window still lasts."""
        return timedelta(seconds=self.start(now) + int(self.window.total_seconds()) - int(now.timestamp()))


@dataclass(frozen=True, slots=True)
class Quota:
    """How much may be sent in one day (UTC): recipients, and clear bytes."""

    recipients: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """What one transfer may hold in this clinic. Bytes and counts."""

    file_most: int
    transfer_most: int
    files_most: int
    recipients_most: int

    def check_files(self, sizes: tuple[int, ...]) -> None:
        """Raise `Invalid` unless there are files, not too many, none negative or too large."""
        if not sizes:
            raise Invalid("no_file", "sizes")
        if len(sizes) > self.files_most:
            raise Invalid("too_many_files", "sizes")
        for index, size in enumerate(sizes):
            if size < 0:
                raise Invalid("bad_size", f"sizes.{index}")
            if size > self.file_most:
                raise Invalid("file_too_large", f"sizes.{index}")
        if sum(sizes) > self.transfer_most:
            raise Invalid("transfer_too_large", "sizes")

    def check_recipients(self, emails: list[str]) -> None:
        """Raise `Invalid` unless there are recipients, not too many, each once."""
        if not emails:
            raise Invalid("no_recipient", "recipients")
        if len(emails) > self.recipients_most:
            raise Invalid("too_many_recipients", "recipients")
        for index, address in enumerate(emails):
            if address in emails[:index]:
                raise Invalid("duplicate_recipient", f"recipients.{index}.email")


def tomorrow(now: datetime) -> timedelta:
    """Tell how long this day (UTC) still lasts."""
    return timedelta(days=1) - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
