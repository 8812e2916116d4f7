"""Find what is due, push again what was lost, and remember how far the sweep came."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import NoticeId
from chalicelib.domain.notice import PUSHES_MOST
from chalicelib.usecases.ports import Due, Ports


def due(ports: Ports) -> Sequence[Due]:
    """List what is due now."""
    return list(ports.dues.until(ports.clock.now()))


def push_again(identity: NoticeId, ports: Ports) -> None:
    """Push a notice that nobody has sent in time, ever more rarely, and give it up in the end."""
    notice = ports.outbox.read(identity)
    if notice is None:
        return
    if notice.pushes >= PUSHES_MOST:
        event = ports.event(Tag.NOTICE_GIVEN_UP, transfer=notice.transfer, recipient=notice.recipient, reason=notice.kind)
        ports.outbox.give_up(identity, event)
    elif ports.outbox.postpone(notice, ports.clock.now()):
        ports.queue.push_notices([identity])


def done(begun: datetime, ports: Ports) -> None:
    """Keep that everything due when the sweep began was dealt with."""
    ports.dues.swept(begun)
