"""Remind whoever has not opened: by the clock and the clinic's ladder, or at the sender's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import ladder
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound, TooMany
from chalicelib.domain.ids import MemberId, NoticeId, TransferId
from chalicelib.domain.ladder import Owed
from chalicelib.domain.limits import REMINDERS_BY_HAND, Limit
from chalicelib.domain.login import Channel
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import Work
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Whole


@dataclass(frozen=True, slots=True)
class Remind:
    """A sender wants everybody who has not opened to be reminded."""

    sender: MemberId
    transfer: TransferId


def remind(command: Remind, ports: Ports) -> int:
    """Owe a reminder to each who was told and has not opened; tell how many.

    Raise `NotFound`, `Conflict` (transfer_not_sealed, nobody_to_remind) or `TooMany`.
    """
    whole = ports.transfers.whole(command.transfer)
    if whole is None:
        raise NotFound
    whole.transfer.require_sender(command.sender)
    whole.transfer.require_sealed(ports.clock.now())
    waiting: list[Owed] = [(Kind.REMINDER, one.id, Channel.EMAIL) for one in whole.recipients if one.waiting]
    if not waiting:
        raise Conflict("nobody_to_remind")
    wait = ports.limits.take([Limit(f"remind#{command.transfer}", *REMINDERS_BY_HAND)], ports.clock.now())
    if wait is not None:
        raise TooMany(wait)
    if not _owe(whole, waiting, ports, by=command.sender):
        raise Conflict("transfer_changed")
    return len(waiting)


def remind_due(identity: TransferId, ports: Ports) -> bool:
    """Climb the clinic's ladder when the moment has come; False when it has not, or somebody did already."""
    whole = ports.transfers.whole(identity)
    now = ports.clock.now()
    if whole is None or whole.transfer.work_at(now) is not Work.REMIND:
        return False
    owed = ladder.owed(whole.transfer, whole.recipients, now, ports.clinic.ladder)
    return _owe(whole, owed, ports, until=now)


def _owe(whole: Whole, owed: Sequence[Owed], ports: Ports, *, by: MemberId | None = None, until: datetime | None = None) -> bool:
    transfer = whole.transfer
    turns = {one.id: one.turn for one in whole.recipients}
    notices = [
        Notice(NoticeId(ports.new_id()), kind, transfer.sender if one is None else None, transfer.id, one, turns[one] if one else 0, way)
        for kind, one, way in owed
    ]
    event = ports.event(Tag.REMINDERS_OWED, member=by, transfer=transfer.id, reason=None if notices else "nobody")
    if not ports.transfers.remind(transfer, until, event, notices):
        return False
    ports.queue.push_notices([notice.id for notice in notices])
    return True
