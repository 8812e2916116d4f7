"""Move the end of a transfer, nearer or further, within what the clinic allows in all."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.transfer import RETENTIONS
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Reschedule:
    """A sender wants another end."""

    sender: MemberId
    transfer: TransferId
    expires_at: datetime


def reschedule(command: Reschedule, ports: Ports) -> None:
    """Keep the new end; two calls, and one per file where the bucket's own rule must wait longer.

    The objects are told first, and told the longest there is: of two who move the end at once, neither shortens what the other promised.
    Raise `NotFound`, `Invalid("bad_expiry")` or `Conflict` (transfer_not_sealed, transfer_changed).
    """
    transfer = ports.transfers.read(command.transfer)
    if transfer is None:
        raise NotFound
    transfer.require_sender(command.sender)
    moved = transfer.until(command.expires_at, ports.clock.now(), ports.clinic.lifetime)
    if moved.retention > transfer.retention:
        ports.bucket.retain([transfer.object_key(file) for file in range(len(transfer.sizes))], RETENTIONS[-1])
    event = ports.event(Tag.EXPIRY_CHANGED, member=command.sender, transfer=transfer.id)
    if not ports.transfers.reschedule(moved, transfer.expires_at, event):
        raise Conflict("transfer_changed")
