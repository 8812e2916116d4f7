"""Collect a transfer: prove who one is with a code, receive the key and the sealed manifest, then URLs of the sealed bytes."""

import hmac
from dataclasses import dataclass, field

from chalicelib.domain import envelope, login
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound, Over, Unauthenticated
from chalicelib.domain.ids import RecipientId, SessionKey, TransferId
from chalicelib.domain.login import Channel, Door, Session
from chalicelib.domain.transfer import Recipient, Transfer
from chalicelib.usecases import challenge
from chalicelib.usecases.challenge import EnterCode
from chalicelib.usecases.ports import Envelope, Ports

URL_SECONDS = 120  # R34: a leaked URL is worth two minutes of ciphertext


@dataclass(frozen=True, slots=True)
class AskCode:
    """Somebody with a share link asks for a code."""

    transfer: TransferId
    recipient: RecipientId
    secret: str = field(repr=False)
    ip: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A code is on its way: the challenge's token, how it travels, and until when the transfer lives."""

    token: str = field(repr=False)
    channel: Channel
    transfer: Transfer


@dataclass(frozen=True, slots=True)
class Opened:
    """All a recipient's browser needs to read the manifest and open the files."""

    transfer: Transfer
    recipient: Recipient
    context: dict[str, str]
    data_key: bytes = field(repr=False)
    envelope: Envelope
    sealed_sizes: tuple[int, ...]


def ask_code(command: AskCode, ports: Ports) -> Asked:
    """Check the link, then have a code sent. Raise `NotFound` for a link that is not true, `Over`, or `TooMany`.

    A false link is refused before anything is read.
    """
    true = ports.secrets.link_secret(command.transfer, command.recipient)
    if not hmac.compare_digest(true.encode(), command.secret.encode("utf-8", "surrogatepass")):
        raise NotFound
    challenge.limit_asking(command.recipient, command.ip, ports)
    transfer, recipient = _read(command.transfer, command.recipient, ports)
    channel = Channel.EMAIL if recipient.person.mobile is None else Channel.SMS
    if channel is Channel.EMAIL and not ports.clinic.email_codes:
        raise Conflict("second_channel_required")
    door = Door(transfer=transfer.id, recipient=recipient.id)
    return Asked(challenge.begin(recipient.id, door, channel, command.ip, ports), channel, transfer)


def open_session(command: EnterCode, ports: Ports) -> str:
    """Trade a code for a session on this transfer alone; give its token."""
    door = challenge.spend(command, ports)
    if door.transfer is None or door.recipient is None:
        raise Conflict("code_spent", "code")
    _read(door.transfer, door.recipient, ports)
    token = ports.random.bytes(challenge.TOKEN_BYTES).hex()
    session = login.open_session(SessionKey(challenge.digest(token)), door, None, ports.clock.now())
    event = ports.event(Tag.RECIPIENT_PROVED, transfer=door.transfer, recipient=door.recipient, ip=command.ip)
    ports.sessions.add(session, event)
    return token


def open_transfer(session: Session, ip: str, ports: Ports) -> Opened:
    """Unwrap this recipient's key and give what opens the transfer; five calls with the session's, one of them KMS."""
    transfer, recipient = _of(session, ports)
    kept = ports.keys.for_recipient(transfer.id, recipient.id)
    if kept is None:
        raise Over
    sealed, wrap = kept
    data_key = ports.vault.unwrap(wrap, ports.clinic.context(transfer.id, recipient.id))
    event = ports.event(Tag.KEY_UNWRAPPED, transfer=transfer.id, recipient=recipient.id, ip=ip)
    if not ports.transfers.mark_opened(transfer.id, recipient.id, event):
        raise Over
    sizes = tuple(envelope.plan(size).sealed_size for size in transfer.sizes)
    return Opened(transfer, recipient, ports.clinic.context(transfer.id), data_key, sealed, sizes)


def sign_file(session: Session, file: int, ip: str, ports: Ports) -> str:
    """Give a URL of one file's sealed bytes; it lives two minutes."""
    transfer, recipient = _of(session, ports)
    transfer.size_of(file)
    ports.audit.record(ports.event(Tag.DOWNLOAD_AUTHORISED, transfer=transfer.id, recipient=recipient.id, file=file, ip=ip))
    return ports.bucket.get_url(transfer.object_key(file), URL_SECONDS)


def acknowledge(session: Session, file: int, ip: str, ports: Ports) -> None:
    """Keep that the recipient's browser verified a file to its last frame."""
    transfer, recipient = _of(session, ports)
    transfer.size_of(file)
    event = ports.event(Tag.FILE_COLLECTED, transfer=transfer.id, recipient=recipient.id, file=file, ip=ip)
    if not ports.transfers.mark_collected(transfer.id, recipient.id, file, event):
        raise Over


def _of(session: Session, ports: Ports) -> tuple[Transfer, Recipient]:
    door = session.door
    if door.transfer is None or door.recipient is None:
        raise Unauthenticated("signin_required")
    return _read(door.transfer, door.recipient, ports)


def _read(transfer: TransferId, recipient: RecipientId, ports: Ports) -> tuple[Transfer, Recipient]:
    """Read both and check, now, that this recipient may open this transfer."""
    found = ports.transfers.with_recipient(transfer, recipient)
    if found is None:
        raise NotFound
    found[0].require_open(found[1], ports.clock.now())
    return found
