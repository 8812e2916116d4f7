"""The ladder: how a clinic makes sure that somebody opens what was sent, rung after rung."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.ids import RecipientId
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind
from chalicelib.domain.recipient import Recipient
from chalicelib.domain.transfer import Transfer

QUIET = timedelta(hours=6)  # nobody is reminded twice within it, however often the end is moved
Owed = tuple[Kind, RecipientId | None, Channel]


class Rung(StrEnum):
    """What may be tried. E-mail at half of the time; on the last day a text message, the sender, and whoever stands by."""

    EMAIL = "email"
    SMS = "sms"
    SENDER = "sender"
    ALTERNATE = "alternate"


def owed(transfer: Transfer, recipients: Sequence[Recipient], now: datetime, ladder: frozenset[Rung]) -> list[Owed]:
    """List what to tell whom at this moment of a sealed transfer."""
    last_day = now >= transfer.last_day_at
    waiting = [one for one in recipients if one.waiting and not _recent(one.reminded_at or one.told_at, now)]
    said: list[Owed] = [(Kind.REMINDER, one.id, way) for one in waiting if (way := _way(one, ladder, last_day=last_day)) is not None]
    if not last_day:
        return said
    first = [one for one in recipients if one.id not in transfer.standby]
    if Rung.SENDER in ladder and any(one.unopened for one in first) and not _recent(transfer.reminded_until, now):
        said.append((Kind.UNOPENED, None, Channel.EMAIL))
    if Rung.ALTERNATE in ladder and not any(one.opened_at for one in first):
        said += [(Kind.SHARE_LINK, one.id, Channel.EMAIL) for one in recipients if one.id in transfer.standby and _untold(one)]
    return said


def next_reminder(transfer: Transfer, recipients: Sequence[Recipient], ladder: frozenset[Rung]) -> datetime | None:
    """Tell when somebody will be reminded next, or None when nobody will."""
    at = transfer.reminder_at
    if at is not None and at < transfer.last_day_at and Rung.EMAIL not in ladder:
        at = transfer.last_day_at
    last_day = at is not None and at >= transfer.last_day_at
    unopened = [one for one in recipients if one.unopened and one.id not in transfer.standby]
    return at if any(_way(one, ladder, last_day=last_day) for one in unopened) else None


def _way(recipient: Recipient, ladder: frozenset[Rung], *, last_day: bool) -> Channel | None:
    if last_day and Rung.SMS in ladder and recipient.person.mobile is not None:
        return Channel.SMS
    return Channel.EMAIL if Rung.EMAIL in ladder else None


def _recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < QUIET


def _untold(recipient: Recipient) -> bool:
    return recipient.told_at is None and recipient.revoked_at is None
