"""Look at what landed in the bucket: only what is expected, whole and really sealed is counted."""

from dataclasses import dataclass

from chalicelib.domain import envelope
from chalicelib.domain.audit import Tag
from chalicelib.domain.envelope import FRAME_LENGTH, FRAME_OVERHEAD, Plan
from chalicelib.domain.ids import NoticeId, TransferId
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import Fault, State, Transfer, Upload, Work
from chalicelib.usecases.ports import Ports, StoredObject


@dataclass(frozen=True, slots=True)
class Landed:
    """An object of ours appeared in the bucket. Nothing else in the event is believed."""

    transfer: TransferId
    file: int


def look(identity: TransferId, ports: Ports) -> list[Landed]:
    """Find what may have landed without an event coming through; one call."""
    whole = ports.transfers.whole(identity)
    if whole is None or whole.transfer.work_at(ports.clock.now()) is not Work.LOOK:
        return []
    begun = [Landed(identity, upload.file) for upload in whole.uploads if upload.checksum is not None and not upload.landed]
    return begun or [Landed(identity, upload.file) for upload in whole.uploads[:1]]  # all are in, and the sealing was lost


def look_later(identity: TransferId, ports: Ports) -> None:
    """Set the next look at a transfer that is still on its way; two calls."""
    transfer = ports.transfers.read(identity)
    if transfer is not None and transfer.state is State.LANDING and not transfer.over:
        ports.transfers.look_again(transfer.looked_at(ports.clock.now()))


def land(command: Landed, ports: Ports) -> bool:
    """Check one object and count it; tell whether the transfer is now complete and may be sealed.

    At most two ranged reads, whatever the file's size. Repeating it changes nothing. What lands after the end is removed.
    """
    found = ports.transfers.with_uploads(command.transfer, {command.file})
    if found is None or not 0 <= command.file < len(found[0].sizes):
        return False
    transfer, uploads = found
    upload = uploads.get(command.file)
    if transfer.over:
        ports.bucket.delete([transfer.object_key(command.file)])
    if transfer.over or transfer.state is not State.LANDING or upload is None:
        return False
    if not upload.landed:
        stored = ports.bucket.describe(transfer.object_key(command.file))
        if stored is None:
            return False
        fault = _fault(transfer, upload, stored, ports)
        if fault is not None:
            _refuse(transfer, command.file, fault, ports)
            return False
        ports.transfers.land(transfer.id, command.file, ports.event(Tag.FILE_LANDED, transfer=transfer.id, file=command.file))
    now = ports.transfers.read(transfer.id)
    return now is not None and now.state is State.LANDING and now.landed == len(now.sizes)


def _fault(transfer: Transfer, upload: Upload, stored: StoredObject, ports: Ports) -> Fault | None:
    wanted = envelope.plan(transfer.sizes[upload.file])
    if stored.size != wanted.sealed_size:
        return Fault.SIZE_DIFFERS
    if upload.checksum is None or stored.checksum != upload.checksum:
        return Fault.CHECKSUM_DIFFERS
    return _seal_fault(transfer, upload.file, stored, wanted, ports)


def _seal_fault(transfer: Transfer, file: int, stored: StoredObject, wanted: Plan, ports: Ports) -> Fault | None:
    key = transfer.object_key(file)
    final = ports.bucket.read(key, stored.etag, wanted.final_offset, wanted.sealed_size - wanted.final_offset)
    if not envelope.final_frame_fits(final, wanted):
        return Fault.NOT_WHOLE
    first = final if wanted.frames == 1 else ports.bucket.read(key, stored.etag, 0, FRAME_LENGTH + FRAME_OVERHEAD)
    kept = ports.keys.envelope(transfer.id)
    context = ports.clinic.context(transfer.id)
    if kept is None:
        return Fault.NOT_SEALED
    data_key = ports.vault.unwrap(kept.wrapped_key, context)  # trouble with KMS is no fault of the file: it raises, and is tried again
    manifest_header, _ = envelope.split(kept.manifest)  # its frames hold names, and stay closed
    sealed = ports.inspector.opens(kept.headers[file], first, context, data_key)
    sealed = sealed and (file > 0 or ports.inspector.opens(manifest_header, None, context, data_key))
    return None if sealed else Fault.NOT_SEALED


def _refuse(transfer: Transfer, file: int, fault: Fault, ports: Ports) -> None:
    event = ports.event(Tag.TRANSFER_REFUSED, transfer=transfer.id, file=file, reason=fault)
    notice = Notice(NoticeId(ports.new_id()), Kind.REFUSED, member=transfer.sender, transfer=transfer.id)
    if ports.transfers.refuse(transfer, fault, event, notice):
        ports.queue.push_notices([notice.id])
    ports.bucket.delete([transfer.object_key(file)])
