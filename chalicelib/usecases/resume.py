"""Go on with an upload whose page is gone: its key and its envelope once more, and which parts the bucket has."""

from dataclasses import dataclass, field

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.transfer import Transfer, Upload
from chalicelib.usecases.kit import Kit, opened_kit
from chalicelib.usecases.ports import Ports, UploadedPart


@dataclass(frozen=True, slots=True)
class Resume:
    """A sender goes on where they were."""

    sender: MemberId
    transfer: TransferId
    ip: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the bucket has of one file: all of it, or some parts."""

    whole: bool
    parts: tuple[UploadedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Resumed:
    """What the sender's browser needs to seal the rest, and nothing twice: the manifest says what each file was."""

    kit: Kit
    manifest: bytes = field(repr=False)
    headers: tuple[bytes, ...] = field(repr=False)
    arrived: tuple[Arrived, ...]


def resume(command: Resume, ports: Ports) -> Resumed:
    """Give back what an upload goes on with; four calls, one of them KMS, and one for each file that has begun and not landed.

    It leaves the trace of a key that was given. Raise `NotFound` or `Conflict` (envelope_missing,
    transfer_not_landing).
    """
    whole = ports.transfers.whole(command.transfer)
    if whole is None:
        raise NotFound
    transfer = whole.transfer
    transfer.require_sender(command.sender)
    transfer.require_landing(ports.clock.now())
    kept = ports.keys.envelope(transfer.id)
    if kept is None:
        raise Conflict("transfer_not_landing")
    ports.audit.record(ports.event(Tag.KEY_UNWRAPPED, member=command.sender, transfer=transfer.id, ip=command.ip))
    return Resumed(
        opened_kit(transfer, kept.wrapped_key, ports),
        kept.manifest,
        kept.headers,
        _arrived(transfer, {upload.file: upload for upload in whole.uploads}, ports),
    )


def _arrived(transfer: Transfer, begun: dict[int, Upload], ports: Ports) -> tuple[Arrived, ...]:
    """Ask the bucket of every file that has begun: for the object, then, where there is none, for the parts of its upload."""
    open_ones = [upload for upload in begun.values() if not upload.landed]
    found = ports.bucket.describe_all([transfer.object_key(upload.file) for upload in open_ones])
    there = {upload.file for upload, one in zip(open_ones, found, strict=True) if one is not None}
    there |= {upload.file for upload in begun.values() if upload.landed}
    waiting = {upload.file: upload.upload_id for upload in open_ones if upload.file not in there and upload.upload_id is not None}
    listed = ports.bucket.parts_of([(transfer.object_key(file), upload_id) for file, upload_id in waiting.items()])
    parts = dict(zip(waiting, listed, strict=True))
    return tuple(Arrived(file in there, tuple(parts.get(file, ()))) for file in range(len(transfer.sizes)))
