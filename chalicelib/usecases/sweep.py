"""Find what is due, push again what was lost, and remember how far the sweep came."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import NoticeId, TransferId
from chalicelib.domain.notice import PUSHES_MOST, Kind, Notice
from chalicelib.domain.transfer import LOOK_AGAIN, Work
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Due


def due(ports: Ports) -> Sequence[Due]:
    """List what is due now."""
    return list(ports.dues.until(ports.clock.now()))


def work(identity: TransferId, ports: Ports) -> Work | None:
    """Tell what is to be done with a transfer."""
    transfer = ports.transfers.read(identity)
    return None if transfer is None else transfer.work_at(ports.clock.now())


def push_again(identity: NoticeId, ports: Ports) -> None:
    """Push a notice that nobody has sent in time, ever more rarely, and give it up in the end."""
    notice = ports.outbox.read(identity)
    if notice is None:
        return
    if notice.pushes < PUSHES_MOST:
        if ports.outbox.postpone(notice, ports.clock.now()):
            ports.queue.push_notices([identity])
        return
    event = ports.event(Tag.NOTICE_GIVEN_UP, transfer=notice.transfer, recipient=notice.recipient, reason=notice.kind)
    instead = _instead(notice, ports)
    if ports.outbox.give_up(notice, event, instead) and instead is not None:
        ports.queue.push_notices([instead.id])


def _instead(notice: Notice, ports: Ports) -> Notice | None:
    """Tell the sender that a recipient's link could not leave."""
    a_link = notice.kind is Kind.SHARE_LINK and notice.transfer is not None
    transfer = ports.transfers.read(notice.transfer) if a_link and notice.transfer is not None else None
    if transfer is None or transfer.over:
        return None
    return Notice(NoticeId(ports.new_id()), Kind.UNDELIVERED, member=transfer.sender, transfer=transfer.id)


def put_off(one: Due, ports: Ports) -> datetime:
    """Put off what is about to be worked on, and tell until when: should it fail, or kill, the others are not held up by it."""
    later = (ports.clock.now() + LOOK_AGAIN).replace(microsecond=0)
    ports.dues.postpone(one, later)
    return later


def put_back(identity: TransferId, later: datetime, ports: Ports) -> None:
    """Set when a transfer is truly due, where there was nothing to do after all and nobody has set it meanwhile."""
    transfer = ports.transfers.read(identity)
    if transfer is not None and transfer.due_at is not None:
        ports.dues.postpone(Due(transfer=identity), max(transfer.due_at, ports.clock.now()), was=later)


def done(begun: datetime, ports: Ports) -> None:
    """Keep that everything due when the sweep began was dealt with, or put off."""
    ports.dues.swept(begun)
