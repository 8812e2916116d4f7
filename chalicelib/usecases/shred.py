"""Destroy: close first, then keys, then objects, then the tombstone. Killed anywhere, it is done again to the same end."""

from dataclasses import dataclass

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.domain.transfer import Ending, State
from chalicelib.usecases.ports import Ports, Whole

RACES = 3  # draft, landing, sealed: a transfer changes no more often than that


@dataclass(frozen=True, slots=True)
class Revoke:
    """The sender ends a transfer, for everybody or for one recipient."""

    sender: MemberId
    transfer: TransferId
    recipient: RecipientId | None = None


def revoke(command: Revoke, ports: Ports) -> None:
    """End a transfer at its sender's word; raise `NotFound`, or `Conflict` when it is over already.

    When it changes state meanwhile (it may be sealing), it is read again and ended as what it has become.
    """
    for _ in range(RACES):
        whole = _of(command, ports)
        if _finish(whole, whole.transfer.ending_by_sender(), ports, command.sender):
            return
    raise Conflict("cannot_revoke")


def revoke_recipient(command: Revoke, ports: Ports) -> None:
    """Close a sealed transfer to one recipient and destroy their wrapped key."""
    whole = _of(command, ports)
    recipient = next((r for r in whole.recipients if r.id == command.recipient), None)
    if recipient is None:
        raise NotFound
    event = ports.event(Tag.RECIPIENT_REVOKED, member=command.sender, transfer=command.transfer, recipient=recipient.id)
    if not ports.transfers.revoke(command.transfer, recipient.id, event):
        raise Conflict("cannot_revoke")


def destroy_due(identity: TransferId, ports: Ports) -> bool:
    """Destroy a transfer whose time has come, or finish a destruction that was interrupted; False when it may live on."""
    whole = ports.transfers.whole(identity)
    if whole is None or whole.transfer.state is State.SHREDDED:
        return False
    ending = whole.transfer.ending_at(ports.clock.now())
    if whole.transfer.state is State.REFUSED:
        _erase(whole, ports)
        return ports.transfers.shred(identity, ports.event(Tag.TRANSFER_SHREDDED, transfer=identity, reason=whole.transfer.fault))
    return ending is not None and _finish(whole, ending, ports, None)


def _of(command: Revoke, ports: Ports) -> Whole:
    whole = ports.transfers.whole(command.transfer)
    if whole is None:
        raise NotFound
    whole.transfer.require_sender(command.sender)
    return whole


def _finish(whole: Whole, ending: Ending, ports: Ports, member: MemberId | None) -> bool:
    """Close, erase, bury; False when the transfer is no longer what was read, and nothing was done."""
    transfer = whole.transfer
    event = ports.event(Tag.TRANSFER_ENDED, member=member, transfer=transfer.id, reason=ending)
    if transfer.ending is None and not ports.transfers.end(transfer, ending, event):
        return False
    _erase(whole, ports)
    ports.transfers.shred(transfer.id, ports.event(Tag.TRANSFER_SHREDDED, transfer=transfer.id, reason=ending))
    return True


def _erase(whole: Whole, ports: Ports) -> None:
    """Keys first: with them gone the rest is noise."""
    transfer = whole.transfer
    ports.keys.destroy(transfer.id)
    for upload in whole.uploads:
        if upload.upload_id is not None and not upload.landed:
            ports.bucket.abort_upload(transfer.object_key(upload.file), upload.upload_id)
    ports.bucket.delete([transfer.object_key(upload.file) for upload in whole.uploads])
