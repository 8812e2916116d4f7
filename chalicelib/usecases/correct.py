"""Correct whom a link goes to: the old link dies, a new one leaves, and nothing is uploaded again."""

from dataclasses import dataclass

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.person import Person
from chalicelib.domain.recipient import Recipient
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Whole


@dataclass(frozen=True, slots=True)
class Correct:
    """A sender gives a recipient's right name and addresses."""

    sender: MemberId
    transfer: TransferId
    recipient: RecipientId
    person: Person
    shared: bool = False


def correct(command: Correct, ports: Ports) -> None:
    """Keep the right person and owe them a link of their own; two calls and a push.

    Raise `NotFound`, `Invalid`, or `Conflict` (transfer_not_sealed, already_opened, recipient_revoked, corrected_too_often).
    """
    whole = ports.transfers.whole(command.transfer)
    if whole is None:
        raise NotFound
    whole.transfer.require_sender(command.sender)
    whole.transfer.require_sealed(ports.clock.now())
    recipient = _recipient(command, whole)
    recipient.require_correctable()
    ports.clinic.texts.check(command.person.mobile, "mobile")
    corrected = Recipient(recipient.id, command.person, recipient.turn + 1, corrected_at=ports.clock.now(), shared=command.shared)
    notice = _notice(whole, recipient, corrected, ports)
    event = ports.event(Tag.RECIPIENT_CORRECTED, member=command.sender, transfer=command.transfer, recipient=recipient.id)
    if not ports.recipients.correct(whole.transfer, corrected, event, notice):
        raise Conflict("transfer_changed")
    if notice is not None:
        ports.queue.push_notices([notice.id])


def _recipient(command: Correct, whole: Whole) -> Recipient:
    if any(one.id != command.recipient and one.person.email == command.person.email for one in whole.recipients):
        raise Invalid("duplicate_recipient", "email")
    found = next((one for one in whole.recipients if one.id == command.recipient), None)
    if found is None:
        raise NotFound
    return found


def _notice(whole: Whole, before: Recipient, corrected: Recipient, ports: Ports) -> Notice | None:
    """Owe the link, unless they stand by and the last day has not come."""
    transfer, done = whole.transfer, whole.transfer.reminded_until
    if before.id in transfer.standby and (done is None or done < transfer.last_day_at):
        return None
    identity = NoticeId(ports.new_id())
    return Notice(identity, Kind.SHARE_LINK, transfer=whole.transfer.id, recipient=before.id, turn=corrected.turn)
