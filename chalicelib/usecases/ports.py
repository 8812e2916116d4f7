"""The ports: what the use cases need from the world. AWS stands behind them in production, fakes in unit tests.

Every method, here, in `tables.py` and in `people.py`, is one call to the service behind it unless its sentence says otherwise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.domain.audit import Event, Tag
from chalicelib.domain.clinic import Clinic
from chalicelib.domain.factor import Passkey
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, TransferId, id_from
from chalicelib.domain.notice import Letter
from chalicelib.domain.person import Language, Person
from chalicelib.usecases.people import Challenges, Limits, Members, Policy, Sessions, Signins
from chalicelib.usecases.tables import Audit, Dues, Keys, Meter, Outbox, Recipients, Transfers

if TYPE_CHECKING:
    from chalicelib.domain import health
    from chalicelib.domain.cost import PriceList
    from chalicelib.domain.professional import Answer


class Clock(Protocol):
    """Tell the time."""

    def now(self) -> datetime:
        """Give the present instant, UTC."""


class Random(Protocol):
    """Give unpredictable bytes."""

    def bytes(self, length: int) -> bytes:
        """Give that many bytes from the system's generator."""


class Vault(Protocol):
    """Wrap and unwrap keys with the clinic's KMS key. `context` must be the same both ways."""

    @property
    def key_arn(self) -> str:
        """Name the clinic's key."""

    def new_data_key(self, context: Mapping[str, str]) -> tuple[bytes, bytes]:
        """Make a data key: (32 clear bytes, wrapped bytes)."""

    def wrap(self, clear: bytes, context: Mapping[str, str]) -> bytes:
        """Wrap a key."""

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Unwrap a key; fail when the context is another."""


class Secrets(Protocol):
    """Derive what the clinic's secret vouches for. Its unwrapping is one KMS call, once per container."""

    def link_secret(self, transfer: TransferId, recipient: RecipientId, turn: int = 0) -> str:
        """Give the secret part of the share link of one turn, 43 characters (256 bits)."""

    def login_code(self, challenge: ChallengeKey) -> str:
        """Give the six digits of a challenge."""

    def phrase(self, transfer: TransferId, recipient: RecipientId, turn: int = 0) -> str:
        """Give the four French words that a sender tells one recipient in one turn of theirs (44 bits)."""

    def invitation_secret(self, member: MemberId, turn: int, email: str) -> str:
        """Give the secret part of the link that invites a member in one turn of theirs, at one address; 43 characters (256 bits)."""

    def challenge(self, purpose: str, key: str) -> bytes:
        """Derive 32 bytes that a browser, or Pro Santé Connect, must give back."""

    def scope(self, purpose: str, text: str) -> str:
        """Turn an address into an opaque look-up key."""

    def sign(self, statement: bytes) -> bytes:
        """Sign a certificate (Ed25519, 64 bytes): the same signature each time."""

    def public_key(self) -> bytes:
        """Give the key that checks certificates, 32 bytes."""

    def make(self) -> bool:
        """Make the clinic's secret, for good; False when it has one."""


@dataclass(frozen=True, slots=True)
class SignedPut:
    """A URL that takes one PUT of exact bytes, and the headers that must go with it."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the bucket says of an object: sealed bytes, entity tag, SHA-256 checksum (composite for several parts)."""

    size: int
    etag: str
    checksum: str | None


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """One part as the browser put it. `sha256` is base64."""

    part: int
    etag: str
    sha256: str


class Watch(Protocol):
    """Tell how the service itself does. Whoever asks is few: one call for each thing that is told."""

    def code(self) -> "health.Code":
        """Tell what code runs here."""

    def queues(self) -> "Sequence[health.Queue]":
        """Tell how many messages each queue holds; about: AWS counts on many machines."""

    def certified_until(self) -> datetime | None:
        """Tell when the certificate of the clinic's name ends; None where there is none."""


class Bucket(Protocol):
    """Keep sealed bytes. Signing is local: no call."""

    def put_url(self, key: str, size: int, sha256: str, retention: int) -> SignedPut:
        """Sign the single PUT of a whole object: these very bytes, once."""

    def start_upload(self, key: str, retention: int) -> str:
        """Begin a multipart upload; give its id."""

    def part_url(self, key: str, upload_id: str, part: int, size: int, sha256: str) -> SignedPut:
        """Sign the PUT of one part: these very bytes."""

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[UploadedPart], size: int) -> bool:
        """Put the parts together; False when the bucket refuses them."""

    def parts_of(self, uploads: Sequence[tuple[str, str]]) -> Sequence[Sequence[UploadedPart]]:
        """List the parts of multipart uploads, each by its key and id, in order: one call per thousand parts, several at a time."""

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Drop a multipart upload and its parts; nothing happens when there is none."""

    def describe(self, key: str) -> StoredObject | None:
        """Describe an object, or None when there is none."""

    def read(self, key: str, etag: str, first: int, length: int) -> bytes:
        """Read a range of the very object that was described."""

    def get_url(self, key: str, seconds: int) -> str:
        """Sign a GET that lives so many seconds."""

    def describe_all(self, keys: Sequence[str]) -> Sequence[StoredObject | None]:
        """Describe many: one call each, several at a time."""

    def retain(self, keys: Sequence[str], retention: int) -> None:
        """Have the bucket's own rule wait longer for these: one call each, several at a time."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects: one call per thousand."""


class Inspector(Protocol):
    """Look into a sealed file with the stock Encryption SDK."""

    def opens(self, header: bytes, first_frame: bytes | None, context: Mapping[str, str], data_key: bytes) -> bool:
        """Tell whether the header opens with this key under this context, and the first frame, if given, authenticates. No call."""


class Passkeys(Protocol):
    """Speak WebAuthn with browsers, for this clinic's own address and nobody else's. No call."""

    def registration(self, challenge: bytes, member: str, address: str, label: str, known: Sequence[str]) -> dict[str, Any]:
        """Write what a browser needs to make a passkey, unless it has one of those known."""

    def registered(self, answer: Mapping[str, Any], challenge: bytes) -> "Registered":
        """Check a new passkey, made with user verification; raise `Invalid("bad_passkey")`."""

    def assertion(self, challenge: bytes, known: Sequence[str] = ()) -> dict[str, Any]:
        """Write what a browser needs to show a passkey: one of those known, or any it has for this clinic."""

    def claimed(self, answer: Mapping[str, Any]) -> tuple[str, str | None]:
        """Read which passkey is shown, and whose it says it is; raise `Invalid("bad_passkey")`."""

    def asserted(self, answer: Mapping[str, Any], challenge: bytes, passkey: Passkey) -> int:
        """Check that a passkey was shown with user verification, and give its counter; raise `Unauthenticated("passkey_refused")`."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What a browser says of a passkey it made."""

    id: str
    public_key: bytes = field(repr=False)
    count: int
    synced: bool
    transports: tuple[str, ...]


class Passwords(Protocol):
    """Judge passwords. No call."""

    def check(self, password: str, own: Sequence[str]) -> None:
        """Raise `Invalid("weak_password")` for one that is short, common, or made of the person's own words."""

    def hash(self, password: str) -> str:
        """Hash one with Argon2id."""

    def matches(self, password: str, hashed: str | None) -> bool:
        """Tell whether it is the one; without a hash, take as long and say no."""


class Authenticators(Protocol):
    """Speak with authenticator apps (TOTP, RFC 6238). No call."""

    def secret(self, random: bytes) -> str:
        """Write 20 random bytes as the apps take them."""

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        """Give the time step of a code that is right at this instant, one step early or late; or None."""

    def uri(self, secret: str, address: str) -> str:
        """Write what the apps read."""

    def qr(self, secret: str, address: str) -> str:
        """Draw it as an SVG."""


class Federation(Protocol):
    """Speak with Pro Santé Connect. Each raises `Unavailable("psc_down")`; descriptions and keys are read at most once an hour."""

    @property
    def issuer(self) -> str:
        """Name who issues its tokens."""

    @property
    def client(self) -> str:
        """Name what this clinic is to it."""

    def begin(self, state: str, nonce: str, verifier: str) -> str:
        """Write the address where somebody signs in."""

    def finish(self, code: str, verifier: str) -> "Answer":
        """Trade a code for what is said of somebody: two calls. Raise `Unauthenticated("psc_refused")`."""

    def logout(self, id_token: str, state: str) -> str:
        """Write the address where its own session ends."""


class Queue(Protocol):
    """Hand work to the notices worker and to the codes worker: ids only."""

    def push_notices(self, notices: Sequence[NoticeId]) -> None:
        """Ask for notices to be sent: one call per ten. What cannot be pushed now stays owed, and the sweeper pushes it."""

    def push_code(self, challenge: ChallengeKey) -> None:
        """Ask for a code to be sent."""

    def again(self, source: str, receipt: str, wait: timedelta) -> None:
        """Have a message of the queue with this ARN come back after a while."""


class Letters(Protocol):
    """Put messages in words."""

    def __call__(self, name: str, values: Mapping[str, object], language: Language) -> Letter:
        """Write the message of this name."""


class PostRefused(Exception):
    """The post took nothing: a pause, a pace or an address it does not accept. Nothing has left."""


class Post(Protocol):
    """Send e-mails and text messages, at the pace the clinic's account allows. Both raise `PostRefused`."""

    def email(self, to: Person, letter: Letter) -> str:
        """Send an e-mail in both its forms; give its name. What becomes of it is heard of later."""

    def sms(self, number: str, text: str) -> str:
        """Send a text message to a number in E.164; give its name."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a use case may reach for."""

    clinic: Clinic
    clock: Clock
    random: Random
    transfers: Transfers
    recipients: Recipients
    keys: Keys
    vault: Vault
    secrets: Secrets
    bucket: Bucket
    inspector: Inspector
    members: Members
    signins: Signins
    policy: Policy
    sessions: Sessions
    challenges: Challenges
    limits: Limits
    outbox: Outbox
    dues: Dues
    audit: Audit
    meter: Meter
    watch: Watch
    queue: Queue
    letters: Letters
    post: Post
    passkeys: Passkeys
    passwords: Passwords
    authenticators: Authenticators
    federation: Federation
    prices: "Callable[[], PriceList]"

    def new_id(self) -> str:
        """Make an id."""
        return id_from(self.random.bytes(16))

    def event(
        self,
        tag: Tag,
        *,
        member: MemberId | None = None,
        transfer: TransferId | None = None,
        recipient: RecipientId | None = None,
        file: int | None = None,
        reason: str | None = None,
        ip: str | None = None,
        subject: MemberId | None = None,
    ) -> Event:
        """Make an audit event of this instant."""
        return Event(self.new_id(), self.clock.now(), tag, member, transfer, recipient, file, reason, ip, subject)
