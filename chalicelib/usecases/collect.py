"""Collect a transfer: prove who one is with a code, receive the key and the sealed manifest, then URLs of the sealed bytes."""

import hmac
from dataclasses import dataclass, field

from chalicelib.domain import envelope, login
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound, Over, Unauthenticated
from chalicelib.domain.ids import RecipientId, SessionKey, TransferId
from chalicelib.domain.limits import GRANTS_PER_FILE
from chalicelib.domain.login import Channel, Door, Session
from chalicelib.domain.recipient import CORRECTIONS_MOST, Recipient
from chalicelib.domain.transfer import Transfer
from chalicelib.usecases import challenge
from chalicelib.usecases.challenge import EnterCode
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Envelope

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
    door = Door(transfer=command.transfer, recipient=command.recipient, turn=_turn(command, ports))
    address = f"{command.recipient}.{door.turn}"  # a dead link uses up nothing of the living one's limits
    challenge.limit_asking(address, command.ip, ports)
    transfer, recipient = _read(door, ports)
    channel = Channel.EMAIL if recipient.person.mobile is None else Channel.SMS
    if channel is Channel.EMAIL and not ports.clinic.email_codes:
        raise Conflict("second_channel_required")
    return Asked(challenge.begin(address, door, channel, command.ip, ports), channel, transfer)


def _turn(command: AskCode, ports: Ports) -> int:
    """Find which turn of the recipient's address the link is of; raise `NotFound` for a link that is not true."""
    given = command.secret.encode("utf-8", "surrogatepass")
    true = [ports.secrets.link_secret(command.transfer, command.recipient, turn).encode() for turn in range(CORRECTIONS_MOST + 1)]
    found = [turn for turn, secret in enumerate(true) if hmac.compare_digest(secret, given)]
    if not found:
        raise NotFound
    return found[0]


def open_session(command: EnterCode, ports: Ports) -> str:
    """Trade a code for a session on this transfer alone; give its token."""
    door = challenge.spend(command, ports)
    if door.transfer is None or door.recipient is None:
        raise Conflict("code_spent", "code")
    _read(door, ports)
    token = ports.random.bytes(challenge.TOKEN_BYTES).hex()
    session = login.open_session(SessionKey(challenge.digest(token)), door, None, ports.clock.now())
    event = ports.event(Tag.RECIPIENT_PROVED, transfer=door.transfer, recipient=door.recipient, ip=command.ip)
    ports.sessions.add(session, event)
    return token


def open_transfer(session: Session, ip: str, ports: Ports) -> Opened:
    """Unwrap this recipient's key and give what opens the transfer; five calls with the session's, one of them KMS.

    Raise `Over`, or `Conflict("openings_spent")`: of many at once, as many succeed as there were openings left.
    """
    transfer, recipient = _read(session.door, ports)
    if recipient.openings >= transfer.openings_most:
        raise Conflict("openings_spent")
    kept = ports.keys.for_recipient(transfer.id, recipient.id)
    if kept is None:
        raise Over("transfer_revoked")
    sealed, wrap = kept
    data_key = ports.vault.unwrap(wrap, ports.clinic.context(transfer.id, recipient.id))
    event = ports.event(Tag.KEY_UNWRAPPED, transfer=transfer.id, recipient=recipient.id, ip=ip)
    if not ports.recipients.mark_opened(transfer, recipient, event):
        _read(session.door, ports)
        raise Conflict("openings_spent")
    sizes = tuple(envelope.plan(size).sealed_size for size in transfer.sizes)
    return Opened(transfer, recipient, ports.clinic.context(transfer.id), data_key, sealed, sizes)


def sign_file(session: Session, file: int, ip: str, ports: Ports) -> str:
    """Give a URL of one file's sealed bytes; it lives two minutes. Raise `Over`, or `Conflict("grants_spent")`."""
    transfer, recipient = _read(session.door, ports)
    transfer.size_of(file)
    most = GRANTS_PER_FILE * len(transfer.sizes)
    event = ports.event(Tag.DOWNLOAD_AUTHORISED, transfer=transfer.id, recipient=recipient.id, file=file, ip=ip)
    if not ports.recipients.grant(transfer.id, recipient, file, most, event):
        _read(session.door, ports)
        raise Conflict("grants_spent")
    return ports.bucket.get_url(transfer.object_key(file), URL_SECONDS)


def acknowledge(session: Session, file: int, ip: str, ports: Ports) -> None:
    """Keep, once, that the recipient's browser verified a file to its last frame. Raise `NotFound` when they never opened anything."""
    transfer, recipient = _read(session.door, ports)
    transfer.size_of(file)
    if file in recipient.collected:
        return
    event = ports.event(Tag.FILE_COLLECTED, transfer=transfer.id, recipient=recipient.id, file=file, ip=ip)
    if not ports.recipients.mark_collected(transfer.id, recipient.id, file, event) and file not in _read(session.door, ports)[1].collected:
        raise NotFound


def _read(door: Door, ports: Ports) -> tuple[Transfer, Recipient]:
    """Read both and check, now, that this recipient, at this address, may open this transfer."""
    if door.transfer is None or door.recipient is None:
        raise Unauthenticated("signin_required")
    found = ports.transfers.with_recipient(door.transfer, door.recipient)
    if found is None or found[1].turn != door.turn:
        raise NotFound
    found[0].require_open(found[1], ports.clock.now())
    return found
