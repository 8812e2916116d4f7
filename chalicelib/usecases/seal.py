"""Seal a transfer: look at every object once more, wrap its key per recipient, make it final, and owe each recipient their link."""

from collections.abc import Mapping, Sequence

from chalicelib.domain import envelope
from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import NoticeId, RecipientId, TransferId
from chalicelib.domain.member import MAY, Action
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import Fault, State, Transfer, Upload
from chalicelib.usecases.ports import Ports, StoredObject


def seal(identity: TransferId, ports: Ports) -> bool:
    """Seal a transfer whose files have all landed; False when it was sealed already, is over, or had to be refused.

    One call for the sender, one per file, one unwrapping, one wrapping per recipient. Wraps and state are written together: a transfer that
    ends meanwhile keeps no key.
    """
    whole = ports.transfers.whole(identity)
    if whole is None or whole.transfer.state is not State.LANDING or whole.transfer.landed != len(whole.transfer.sizes):
        return False
    transfer = whole.transfer
    if transfer.ending is not None or ports.clock.now() >= transfer.ends_at:
        return False
    fault = Fault.SENDER if _shut_out(transfer, ports) else _fault(transfer, whole.uploads, ports)
    if fault is not None:
        return _refuse(transfer, fault, ports)
    wraps = _wraps(transfer, ports)
    notices = [Notice(NoticeId(ports.new_id()), Kind.SHARE_LINK, transfer=identity, recipient=one) for one in transfer.told_first]
    if wraps is None or not ports.transfers.seal(transfer, wraps, ports.event(Tag.TRANSFER_SEALED, transfer=identity), notices):
        return False
    ports.queue.push_notices([notice.id for notice in notices])
    return True


def _shut_out(transfer: Transfer, ports: Ports) -> bool:
    """Tell whether the sender's right to send ended meanwhile: what they put in the bucket since is not sent in their name."""
    sender = ports.members.read(transfer.sender)
    return sender is None or not sender.active or Action.SEND not in MAY[sender.role]


def _fault(transfer: Transfer, uploads: Sequence[Upload], ports: Ports) -> Fault | None:
    """Find an object that is gone, or is no longer what landed."""
    stored = ports.bucket.describe_all([transfer.object_key(upload.file) for upload in uploads])
    return next((fault for upload, one in zip(uploads, stored, strict=True) if (fault := _change(transfer, upload, one))), None)


def _change(transfer: Transfer, upload: Upload, stored: StoredObject | None) -> Fault | None:
    if stored is None:
        return Fault.MISSING
    same = stored.size == envelope.plan(transfer.sizes[upload.file]).sealed_size and stored.checksum == upload.checksum
    return None if same else Fault.REPLACED


def _refuse(transfer: Transfer, fault: Fault, ports: Ports) -> bool:
    event = ports.event(Tag.TRANSFER_REFUSED, transfer=transfer.id, reason=fault)
    notice = Notice(NoticeId(ports.new_id()), Kind.REFUSED, member=transfer.sender, transfer=transfer.id)
    if ports.transfers.refuse(transfer, fault, event, notice):
        ports.queue.push_notices([notice.id])
    return False


def _wraps(transfer: Transfer, ports: Ports) -> Mapping[RecipientId, bytes] | None:
    kept = ports.keys.envelope(transfer.id)
    if kept is None:
        return None
    clear = ports.vault.unwrap(kept.wrapped_key, ports.clinic.context(transfer.id))
    return {r: ports.vault.wrap(clear, ports.clinic.context(transfer.id, r)) for r in transfer.recipient_ids}
