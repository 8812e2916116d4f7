"""Take a draft's envelope, sign the URLs its parts go by, and put large files together."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from chalicelib.domain import envelope
from chalicelib.domain.audit import Tag
from chalicelib.domain.envelope import Header, Plan
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.transfer import Transfer, Upload
from chalicelib.usecases.ports import Ports, SignedPut, UploadedPart

MANIFEST_MOST = 380_000  # bytes; a DynamoDB item holds 400 KB
ENVELOPE_MOST = 1_100_000  # bytes, with the headers: three items
PARTS_PER_CALL = 32


@dataclass(frozen=True, slots=True)
class SendEnvelope:
    """The sealed manifest and one header per file."""

    sender: MemberId
    transfer: TransferId
    manifest: bytes = field(repr=False)
    headers: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed part to be put: its size in bytes and its SHA-256 in base64."""

    file: int
    part: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SignParts:
    """A sender asks for the URLs of some parts."""

    sender: MemberId
    transfer: TransferId
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Complete:
    """A sender has put every part of a file of several parts."""

    sender: MemberId
    transfer: TransferId
    file: int
    parts: tuple[UploadedPart, ...]


def accept_envelope(command: SendEnvelope, ports: Ports) -> None:
    """Check the headers and go from draft to landing; two calls. Raise `Invalid`, `Conflict` or `NotFound`."""
    found = ports.transfers.draft(command.transfer)
    if found is None:
        raise NotFound
    transfer, wrapped = found
    transfer.require_sender(command.sender)
    transfer.require_draft()
    _check_envelope(command, transfer, wrapped, ports)
    event = ports.event(Tag.ENVELOPE_ACCEPTED, member=command.sender, transfer=transfer.id)
    if not ports.transfers.accept_envelope(transfer.looked_at(ports.clock.now()), command.manifest, command.headers, event):
        raise Conflict("envelope_already_sent")


def _check_envelope(command: SendEnvelope, transfer: Transfer, wrapped: bytes, ports: Ports) -> None:
    if len(command.manifest) > MANIFEST_MOST or len(command.manifest) + sum(map(len, command.headers)) > ENVELOPE_MOST:
        raise Invalid("manifest_too_large", "manifest")
    if len(command.headers) != len(transfer.sizes):
        raise Invalid("header_count", "headers")
    headers = [_header(command.manifest, "manifest", whole=True)]
    headers += [_header(data, f"headers.{index}") for index, data in enumerate(command.headers)]
    for header in headers:
        envelope.check_header(header, ports.clinic.context(transfer.id), ports.vault.key_arn, wrapped)
    if len({header.message_id for header in headers}) < len(headers):
        raise Invalid("duplicate_message_id", "headers")


def _header(data: bytes, where: str, *, whole: bool = False) -> Header:
    try:
        return envelope.read_header(data)[0] if whole else envelope.parse_header(data)
    except Invalid as refusal:
        raise Invalid(refusal.code, where) from refusal


def sign_parts(command: SignParts, ports: Ports) -> tuple[SignedPut, ...]:
    """Sign the URL of each part. One call; two when a file begins, and one more per multipart upload begun."""
    found = ports.transfers.with_uploads(command.transfer, {p.file for p in command.parts})
    if found is None:
        raise NotFound
    transfer, uploads = found
    transfer.require_sender(command.sender)
    transfer.require_landing(ports.clock.now())
    plans = {p.file: envelope.plan(transfer.size_of(p.file)) for p in command.parts}
    for index, part in enumerate(command.parts):
        if part.size != plans[part.file].part_size(part.part):
            raise Invalid("bad_part_size", f"parts.{index}.size")
    uploads = {**uploads, **_begin(transfer, [p for p in command.parts if p.file not in uploads], plans, ports)}
    return tuple(_sign(transfer, part, uploads[part.file], ports) for part in command.parts)


def _begin(transfer: Transfer, parts: Sequence[Part], plans: Mapping[int, Plan], ports: Ports) -> Mapping[int, Upload]:
    """Begin uploads; where another call began one meanwhile, drop ours and take theirs."""
    begun: dict[int, Upload] = {}
    for part in parts:
        if part.file not in begun:
            begun[part.file] = _begin_one(transfer, part, plans[part.file], ports)
    if not begun or ports.transfers.add_uploads(transfer, list(begun.values())):
        return begun
    for upload in begun.values():
        if upload.upload_id is not None:
            ports.bucket.abort_upload(transfer.object_key(upload.file), upload.upload_id)
    found = ports.transfers.with_uploads(transfer.id, begun.keys())
    if found is None or found[1].keys() != begun.keys():
        raise Conflict("upload_begun_elsewhere")
    return found[1]


def _begin_one(transfer: Transfer, part: Part, wanted: Plan, ports: Ports) -> Upload:
    if wanted.parts == 1:
        return Upload(part.file, checksum=part.sha256)
    return Upload(part.file, ports.bucket.start_upload(transfer.object_key(part.file), transfer.retention))


def _sign(transfer: Transfer, part: Part, upload: Upload, ports: Ports) -> SignedPut:
    key = transfer.object_key(part.file)
    if upload.upload_id is not None:
        return ports.bucket.part_url(key, upload.upload_id, part.part, part.size, part.sha256)
    if upload.checksum != part.sha256:
        raise Invalid("bad_digest")
    return ports.bucket.put_url(key, part.size, part.sha256, transfer.retention)


def complete(command: Complete, ports: Ports) -> None:
    """Have the bucket put a file's parts together; three calls, four when it is tried again. Raise `Invalid`, `Conflict` or `NotFound`."""
    found = ports.transfers.with_uploads(command.transfer, {command.file})
    if found is None:
        raise NotFound
    transfer, uploads = found
    transfer.require_sender(command.sender)
    transfer.require_landing(ports.clock.now())
    wanted = envelope.plan(transfer.size_of(command.file))
    upload = uploads.get(command.file)
    if upload is None or upload.upload_id is None or [p.part for p in command.parts] != list(range(1, wanted.parts + 1)):
        raise Invalid("parts_missing", "parts")
    key = transfer.object_key(command.file)
    if upload.checksum is not None and ports.bucket.describe(key) is not None:
        raise Conflict("file_already_complete")
    if not ports.transfers.set_checksum(transfer.id, command.file, composite(command.parts)):
        raise Conflict("file_already_complete")
    if not ports.bucket.complete_upload(key, upload.upload_id, command.parts, wanted.sealed_size):
        raise Conflict("file_not_complete")


def composite(parts: Sequence[UploadedPart]) -> str:
    """Give the checksum S3 computes of an object of parts: the SHA-256 of their SHA-256s, and how many they are."""
    digests = b"".join(base64.b64decode(p.sha256) for p in parts)
    return f"{base64.b64encode(sha256(digests).digest()).decode()}-{len(parts)}"
