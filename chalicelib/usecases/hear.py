"""Hear what became of a message after it left: delivered, late, bounced, or complained of."""

from dataclasses import dataclass

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import NoticeId
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.recipient import Outcome
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Heard:
    """The post says what became of the message of this name. Nothing else it says is believed."""

    message: str
    outcome: Outcome


def hear(command: Heard, ports: Ports) -> bool:
    """Keep the outcome and tell the sender of a bounce, once; False for a message nobody knows or an outcome known already."""
    message = ports.outbox.sent_as(command.message)
    if message is None:
        return False
    transfer = ports.transfers.read(message.transfer)
    if transfer is None:
        return False
    notice = None
    if command.outcome is Outcome.BOUNCED and not transfer.over:
        notice = Notice(NoticeId(ports.new_id()), Kind.UNDELIVERED, member=transfer.sender, transfer=transfer.id)
    event = ports.event(Tag.NOTICE_OUTCOME, transfer=transfer.id, recipient=message.recipient, reason=command.outcome)
    if not ports.recipients.mark_outcome(message, command.outcome, event, notice):
        return False
    if notice is not None:
        ports.queue.push_notices([notice.id])
    return True
