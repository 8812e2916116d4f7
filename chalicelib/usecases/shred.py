"""Destroy: close first, then keys, then objects, then the tombstone. Killed anywhere, it is done again to the same end."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain import audit, certificate
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.ids import MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import Ending, State, Tombstone, Transfer
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Whole

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
    if not ports.recipients.revoke(command.transfer, recipient.id, event):
        raise Conflict("cannot_revoke")


def destroy_due(identity: TransferId, ports: Ports) -> bool:
    """Destroy a transfer whose time has come, or finish a destruction that was interrupted; False when it may live on."""
    whole = ports.transfers.whole(identity)
    if whole is None or whole.transfer.state is State.SHREDDED:
        return False
    ending = whole.transfer.ending_at(ports.clock.now())
    if whole.transfer.state is State.REFUSED:
        return _bury(whole, _erase(whole, ports), whole.transfer.fault, ports)
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
    if transfer.ending is None:
        if not ports.transfers.end(transfer, ending, event):
            return False
        whole = ports.transfers.whole(transfer.id) or whole  # with what had begun until then
    _bury(whole, _erase(whole, ports), ending, ports)
    return True


def _erase(whole: Whole, ports: Ports) -> datetime:
    """Destroy the keys first: with them gone the rest is noise. Tell when they were."""
    transfer = whole.transfer
    ports.keys.destroy(transfer.id)
    gone = ports.clock.now().replace(microsecond=0)
    for upload in whole.uploads:
        if upload.upload_id is not None and not upload.landed:
            ports.bucket.abort_upload(transfer.object_key(upload.file), upload.upload_id)
    ports.bucket.delete([transfer.object_key(file) for file in range(len(transfer.sizes))])
    return gone


def _bury(whole: Whole, keys_destroyed_at: datetime, why: str | None, ports: Ports) -> bool:
    """Write the tombstone with the digest of all that led to it, and owe the sender the news they do not have yet."""
    transfer = whole.transfer
    events, trail = certificate.chain(audit.settled(ports.audit.trail(transfer.id), keys_destroyed_at))
    event = ports.event(Tag.TRANSFER_SHREDDED, transfer=transfer.id, reason=why)
    kind = _news(transfer, why)
    notices = [] if kind is None else [Notice(NoticeId(ports.new_id()), kind, member=transfer.sender, transfer=transfer.id)]
    if not ports.transfers.shred(transfer, Tombstone(keys_destroyed_at, events, trail), event, notices):
        return False
    ports.queue.push_notices([notice.id for notice in notices])
    return True


def _news(transfer: Transfer, why: str | None) -> Kind | None:
    if why == Ending.EXPIRED:
        return Kind.EXPIRED
    return Kind.ABANDONED if why == Ending.ABANDONED and transfer.state is State.LANDING else None
