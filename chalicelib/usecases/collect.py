"""Collect a transfer: prove who one is with a code or a phrase, receive the key and the sealed manifest, then URLs of the sealed bytes."""

import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.domain import envelope, login, phrase
from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.errors import Conflict, Invalid, NotFound, Over, Unauthenticated
from chalicelib.domain.factor import Means, Proof
from chalicelib.domain.ids import RecipientId, SessionKey, TransferId
from chalicelib.domain.limits import GRANTS_PER_FILE
from chalicelib.domain.login import Challenge, Channel, Door, Purpose, Session
from chalicelib.domain.recipient import CORRECTIONS_MOST, OPENERS_MOST, Opener, Recipient
from chalicelib.domain.transfer import Transfer
from chalicelib.usecases import challenge, earning
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.people import Used, Wanted
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Envelope

URL_SECONDS = 120  # R34: a leaked URL is worth two minutes of ciphertext


@dataclass(frozen=True, slots=True)
class AskCode:
    """Somebody with a share link asks for a code, or, where none came, for the other way of proving who they are."""

    transfer: TransferId
    recipient: RecipientId
    secret: str = field(repr=False)
    ip: str
    other: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The challenge's token, and how it is answered: with a code that is on its way, or with a phrase that the sender tells."""

    token: str = field(repr=False)
    way: Means
    transfer: Transfer
    shared: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """The token of a session that was earned, and how long it may last."""

    token: str = field(repr=False)
    lasts: timedelta


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
    """Check the link, then have a code sent, or wait for a phrase. Raise `NotFound` for a link that is not true, `Over`, or `TooMany`.

    A false link is refused before anything is read.
    """
    door = Door(transfer=command.transfer, recipient=command.recipient, turn=_turn(command, ports))
    address = f"{command.recipient}.{door.turn}"  # a dead link uses up nothing of the living one's limits
    challenge.limit_asking(address, command.ip, ports)
    transfer, recipient = _read(door, ports)
    way = _way(recipient, ports, other=command.other)
    if way is Means.PHRASE:
        return Asked(challenge.begin_phrase(address, door, command.ip, ports), way, transfer, recipient.shared)
    return Asked(challenge.begin(address, door, Channel(way), command.ip, ports), way, transfer, recipient.shared)


def _way(recipient: Recipient, ports: Ports, *, other: bool) -> Means:
    asks = other or recipient.person.mobile is None  # a text message needs nobody's acceptance
    return recipient.way(accepted=asks and ports.policy.acceptance() is not None, other=other)


def _turn(command: AskCode, ports: Ports) -> int:
    """Find which turn of the recipient's address the link is of; raise `NotFound` for a link that is not true."""
    given = command.secret.encode("utf-8", "surrogatepass")
    true = [ports.secrets.link_secret(command.transfer, command.recipient, turn).encode() for turn in range(CORRECTIONS_MOST + 1)]
    found = [turn for turn, secret in enumerate(true) if hmac.compare_digest(secret, given)]
    if not found:
        raise NotFound
    return found[0]


def open_session(code: str, browser: Browser, ports: Ports, name: str | None = None, *, remember: bool = False) -> Entered:
    """Trade a code, or a phrase, for a session on this transfer alone; a remembered device keeps it until the transfer's end.

    Raise `Conflict` (wrong_code, code_spent, openings_spent), `TooMany`, or `Invalid("missing_field")` where a shared mailbox names nobody.
    """
    tried = _count_try(browser, ports)
    door, means = tried.door, Means.PHRASE if tried.purpose is Purpose.PHRASE else Means(tried.channel)
    if door is None or door.recipient is None or not _is_right(code, tried, door, ports):
        earning.record_failure(door, means, browser.ip, ports)
        raise Conflict(tried.refusal, "code")
    if _refused_now(frozenset({means}), ports):
        raise Conflict("code_spent", "code")
    transfer, recipient = _read(door, ports)
    event = ports.event(Tag.RECIPIENT_PROVED, transfer=transfer.id, recipient=recipient.id, ip=browser.ip, reason=means)
    opener = _opener(recipient, name, event) if recipient.shared else None
    token, until = ports.random.bytes(challenge.TOKEN_BYTES).hex(), transfer.expires_at if remember else None
    session = login.open_session(SessionKey(challenge.digest(token)), door, event.at, (Proof(means, event.at),), until)
    if not ports.signins.open(session, Used(challenge=tried.key), event, opener):
        raise Conflict("code_spent", "code")
    return Entered(token, session.expires_at - event.at)


def _refused_now(means: frozenset[Means], ports: Ports) -> bool:
    """Tell whether all there is to show is a code by e-mail, in a clinic that accepts none any more (R17)."""
    return means == {Means.EMAIL} and ports.policy.acceptance() is None


def _is_right(code: str, tried: Challenge, door: Door, ports: Ports) -> bool:
    if tried.purpose is not Purpose.PHRASE:
        return hmac.compare_digest(ports.secrets.login_code(tried.key).encode(), code.encode("utf-8", "surrogatepass"))
    transfer, recipient = door.transfer, door.recipient
    return transfer is not None and recipient is not None and phrase.same(code, ports.secrets.phrase(transfer, recipient, door.turn))


def _opener(recipient: Recipient, name: str | None, event: Event) -> Opener:
    """Keep who says they open a shared mailbox, under the id of the event (R10)."""
    if name is None:
        raise Invalid("missing_field", "name")
    if recipient.named >= OPENERS_MOST:
        raise Conflict("openings_spent")
    return Opener(event.id, recipient.id, name, event.at)


def _count_try(browser: Browser, ports: Ports) -> Challenge:
    found = ports.signins.find(Wanted(challenge=browser.challenge_key)).challenge
    if found is None:
        raise Conflict("code_spent", "code")
    tried = found.tried(Purpose.PHRASE if found.purpose is Purpose.PHRASE else Purpose.CODE, ports.clock.now())
    earning.count(tried, [earning.per_ip(browser.ip, ports), challenge.per_address(tried, browser.ip, ports)], ports)
    return tried


def whose(token: str | None, ports: Ports) -> Session:
    """Read the session of a recipient's cookie; raise `Unauthenticated`. One call; two once in five minutes."""
    session = None if token is None else ports.sessions.read(SessionKey(challenge.digest(token)))
    if session is None or session.door.recipient is None:
        raise Unauthenticated("signin_required")
    now = ports.clock.now()
    session.require_alive(now)
    touched = session.touched(now)
    if touched is not None:
        ports.sessions.touch(touched)
    return session


def look(session: Session, ports: Ports) -> Session:
    """Tell that a session still opens its transfer, without opening it. Raise `Unauthenticated`, `Over` or `NotFound`."""
    _require_accepted(session, ports)
    _read(session.door, ports)
    return session


def close(session: Session, ports: Ports) -> None:
    """End a recipient's session for good."""
    door = session.door
    ports.sessions.remove(session, ports.event(Tag.SIGNED_OUT, transfer=door.transfer, recipient=door.recipient))


def open_transfer(session: Session, ip: str, ports: Ports) -> Opened:
    """Unwrap this recipient's key and give what opens the transfer; five calls with the session's, one of them KMS.

    One more call where a code by e-mail was all they showed. Raise `Unauthenticated`, `Over`, or `Conflict("openings_spent")`:
    of many at once, as many succeed as there were openings left.
    """
    _require_accepted(session, ports)
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


def _require_accepted(session: Session, ports: Ports) -> None:
    """Raise `Unauthenticated` for a session that the clinic would not begin any more."""
    if _refused_now(session.means, ports):
        raise Unauthenticated("signin_required")


def sign_file(session: Session, file: int, ip: str, ports: Ports) -> str:
    """Give a URL of one file's sealed bytes; it lives two minutes. Raise `Over`, or `Conflict("grants_spent")`."""
    transfer, recipient = _read(session.door, ports)
    transfer.size_of(file)
    most = GRANTS_PER_FILE * len(transfer.sizes)
    event = ports.event(Tag.DOWNLOAD_AUTHORISED, transfer=transfer.id, recipient=recipient.id, file=file, ip=ip)
    if not ports.recipients.grant(transfer, recipient, file, most, event):
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
