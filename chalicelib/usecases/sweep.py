"""Find what is due, push again what was lost, and remember how far the sweep came."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.ids import NoticeId
from chalicelib.usecases.ports import Due, Ports


def due(ports: Ports) -> Sequence[Due]:
    """List what is due now."""
    return list(ports.dues.until(ports.clock.now()))


def push_again(notice: NoticeId, ports: Ports) -> None:
    """Push a notice that nobody has sent in time, and keep it due until somebody has."""
    if ports.outbox.postpone(notice, ports.clock.now()):
        ports.queue.push_notices([notice])


def done(begun: datetime, ports: Ports) -> None:
    """Keep that everything due when the sweep began was dealt with."""
    ports.dues.swept(begun)
