"""What was used: how many of each thing, counted by the steps themselves. Numbers only: nothing here says who, to whom, or what."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from chalicelib.domain import envelope
from chalicelib.domain.login import Channel
from chalicelib.domain.transfer import Transfer


@dataclass(frozen=True, slots=True)
class Usage:
    """Counters that add up. What a transfer holds counts when it is sealed, its storage when it is destroyed."""

    drafts: int = 0
    transfers: int = 0
    files: int = 0
    large_files: int = 0  # of several parts
    parts: int = 0
    recipients: int = 0
    clear_bytes: int = 0
    sealed_bytes: int = 0
    notices: int = 0
    codes: int = 0
    emails: int = 0  # notices and codes, as they really went
    texts: int = 0
    signins: int = 0  # proofs that members showed
    proofs: int = 0  # codes and phrases of recipients that were right
    openings: int = 0
    downloads: int = 0  # addresses that were signed
    download_bytes: int = 0
    receipts: int = 0
    destroyed: int = 0
    byte_seconds: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(**{name: count + getattr(other, name) for name, count in self.counts().items()})

    def times(self, number: int) -> "Usage":
        """Give as much, so many times."""
        return Usage(**{name: count * number for name, count in self.counts().items()})

    def counts(self) -> dict[str, int]:
        """Give the counters by name."""
        return {name: getattr(self, name) for name in COUNTERS}


COUNTERS = tuple(field.name for field in fields(Usage))
NOTHING = Usage()


def total(used: Iterable[Usage]) -> Usage:
    """Add up."""
    return sum(used, NOTHING)


def of_sealing(transfer: Transfer) -> Usage:
    """Count what a transfer holds."""
    plans = [envelope.plan(size) for size in transfer.sizes]
    return Usage(
        transfers=1,
        files=len(plans),
        large_files=sum(plan.parts > 1 for plan in plans),
        parts=sum(plan.parts for plan in plans),
        recipients=len(transfer.recipient_ids),
        clear_bytes=sum(transfer.sizes),
        sealed_bytes=sum(plan.sealed_size for plan in plans),
    )


def of_download(transfer: Transfer, file: int) -> Usage:
    """Count an address of a file, as if the whole of it were fetched."""
    return Usage(downloads=1, download_bytes=envelope.plan(transfer.size_of(file)).sealed_size)


def of_destruction(transfer: Transfer, at: datetime) -> Usage:
    """Count how long the bytes of a transfer lay there once it was sealed; what never was, counts for none."""
    if transfer.sealed_at is None:
        return Usage(destroyed=1)
    seconds = max(0, int((at - transfer.sealed_at).total_seconds()))
    return Usage(destroyed=1, byte_seconds=of_sealing(transfer).sealed_bytes * seconds)


def of_notice(by: Channel) -> Usage:
    """Count a notice, as it went."""
    return Usage(notices=1) + _message(by)


def of_code(by: Channel) -> Usage:
    """Count a code, as it went."""
    return Usage(codes=1) + _message(by)


def _message(by: Channel) -> Usage:
    return Usage(texts=1) if by is Channel.SMS else Usage(emails=1)
