"""Fakes of what is not the database: clock, generator, KMS, bucket, inspector, queue, letters and post."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_256
from threading import RLock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chalicelib.domain import envelope
from chalicelib.domain.errors import Invalid
from chalicelib.domain.health import Code, Queue
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import Letter
from chalicelib.domain.person import Language, Person
from chalicelib.usecases.ports import Clock, PostRefused, Random, SignedPut, StoredObject, UploadedPart

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KEY_ARN = "arn:aws:kms:eu-west-3:111122223333:key/00000000-0000-4000-8000-000000000000"
PUT_LIFETIME = timedelta(seconds=900)
WORDS = ("académie", "algèbre", "bélier", "brèche", "cinéma", "colère", "cortège", "critère", "cuillère", "décembre", "déesse", "poésie")


class FakeClock:
    """A clock that stands still until it is told."""

    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def set(self, at: datetime) -> None:
        self.at = at

    def tick(self, **span: float) -> None:
        self.at += timedelta(**span)


class FakeRandom:
    """The same bytes in every run, never twice the same within one."""

    def __init__(self, seed: str = "sceau") -> None:
        self.seed = seed
        self.count = 0
        self.lock = RLock()

    def bytes(self, length: int) -> bytes:
        with self.lock:
            self.count += 1
            return shake_256(f"{self.seed}#{self.count}".encode()).digest(length)


class WrongContextError(Exception):
    """What KMS calls InvalidCiphertextException."""


class FakeVault:
    """AES-GCM with the context as associated data: another context, or other bytes, open nothing."""

    key_arn = KEY_ARN

    def __init__(self, random: Random) -> None:
        self.random = random
        self.cipher = AESGCM(bytes(32))

    def new_data_key(self, context: Mapping[str, str]) -> tuple[bytes, bytes]:
        clear = self.random.bytes(32)
        return clear, self.wrap(clear, context)

    def wrap(self, clear: bytes, context: Mapping[str, str]) -> bytes:
        nonce = self.random.bytes(12)
        return nonce + self.cipher.encrypt(nonce, clear, _written(context))

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        try:
            return self.cipher.decrypt(wrapped[:12], wrapped[12:], _written(context))
        except InvalidTag as error:
            raise WrongContextError from error


def _written(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True).encode()


class FakeSecrets:
    """One HMAC key for every purpose."""

    def _mac(self, *parts: str) -> bytes:
        return hmac.digest(b"the clinic's secret", "/".join(parts).encode("utf-8", "surrogatepass"), sha256)

    def link_secret(self, transfer: TransferId, recipient: RecipientId, turn: int = 0) -> str:
        return b64encode(self._mac("link", transfer, recipient, str(turn)), b"-_").decode().rstrip("=")

    def phrase(self, transfer: TransferId, recipient: RecipientId, turn: int = 0) -> str:
        mac = self._mac("phrase", transfer, recipient, str(turn))
        return " ".join(WORDS[byte % len(WORDS)] for byte in mac[:4])

    def invitation_secret(self, member: MemberId, turn: int, email: str) -> str:
        return self.scope("invitation", f"{member}.{turn}.{email}")[:43]

    def challenge(self, purpose: str, key: str) -> bytes:
        return bytes.fromhex(self.scope(f"challenge {purpose}", key))

    def login_code(self, challenge: ChallengeKey) -> str:
        return f"{int.from_bytes(self._mac('code', challenge)[:8]) % 10**6:06}"

    def scope(self, purpose: str, text: str) -> str:
        return self._mac("scope", purpose, text).hex()

    def sign(self, statement: bytes) -> bytes:
        return self._signer().sign(statement)

    def public_key(self) -> bytes:
        return self._signer().public_key().public_bytes_raw()

    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._mac("certificate"))

    def make(self) -> bool:
        return False


class Refused(Exception):
    """What a browser meets when the bucket says no: the HTTP status."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What one signed URL allows."""

    key: str
    until: datetime
    size: int = 0
    sha256: str = ""
    upload_id: str | None = None
    part: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """One object."""

    body: bytes
    etag: str
    checksum: str
    retention: int


@dataclass(slots=True)
class Multipart:
    """One multipart upload."""

    key: str
    retention: int
    parts: dict[int, bytes] = field(default_factory=dict)


class FakeBucket:
    """Objects, multipart uploads, and URLs that take the very bytes they were signed for."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = RLock()
        self.objects: dict[str, Stored] = {}
        self.uploads: dict[str, Multipart] = {}
        self.started = 0
        self.done: set[tuple[str, tuple[UploadedPart, ...]]] = set()
        self.grants: dict[str, Grant] = {}
        self.retentions: dict[str, int] = {}
        self.reads: list[tuple[str, int, int]] = []

    def put_url(self, key: str, size: int, sha256: str, retention: int) -> SignedPut:
        self.retentions[key] = retention
        headers = {"if-none-match": "*", "x-amz-checksum-sha256": sha256, "x-amz-tagging": f"retention={retention}"}
        return SignedPut(self._grant(Grant(key, self.clock.now() + PUT_LIFETIME, size, sha256)), headers)

    def start_upload(self, key: str, retention: int) -> str:
        with self.lock:
            self.started += 1
            upload_id = f"upload-{self.started}"
            self.uploads[upload_id] = Multipart(key, retention)
            return upload_id

    def part_url(self, key: str, upload_id: str, part: int, size: int, sha256: str) -> SignedPut:
        grant = Grant(key, self.clock.now() + PUT_LIFETIME, size, sha256, upload_id, part)
        return SignedPut(self._grant(grant), {"x-amz-checksum-sha256": sha256})

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[UploadedPart], size: int) -> bool:
        with self.lock:
            if (upload_id, tuple(parts)) in self.done:
                return True
            upload = self.uploads.get(upload_id)
            if upload is None or upload.key != key or key in self.objects or [p.part for p in parts] != sorted(upload.parts):
                return False
            bodies = [upload.parts[p.part] for p in parts]
            if any(etag(b) != p.etag or digest(b) != p.sha256 for b, p in zip(bodies, parts, strict=True)) or sum(map(len, bodies)) != size:
                return False
            whole = b"".join(bodies)
            checksum = f"{digest(b''.join(sha256(b).digest() for b in bodies))}-{len(bodies)}"
            self.objects[key] = Stored(whole, etag(whole), checksum, upload.retention)
            del self.uploads[upload_id]
            self.done.add((upload_id, tuple(parts)))
            return True

    def parts_of(self, uploads: Sequence[tuple[str, str]]) -> Sequence[Sequence[UploadedPart]]:
        found = [self.uploads[upload_id].parts if upload_id in self.uploads else {} for _, upload_id in uploads]
        return [[UploadedPart(part, etag(body), digest(body)) for part, body in sorted(parts.items())] for parts in found]

    def abort_upload(self, key: str, upload_id: str) -> None:
        self.uploads.pop(upload_id, None)

    def describe(self, key: str) -> StoredObject | None:
        found = self.objects.get(key)
        return None if found is None else StoredObject(len(found.body), found.etag, found.checksum)

    def describe_all(self, keys: Sequence[str]) -> Sequence[StoredObject | None]:
        return [self.describe(key) for key in keys]

    def retain(self, keys: Sequence[str], retention: int) -> None:
        for key in keys:
            self.objects[key] = replace(self.objects[key], retention=retention)

    def read(self, key: str, etag: str, first: int, length: int) -> bytes:
        found = self.objects[key]
        if found.etag != etag:
            raise Refused(412)
        self.reads.append((key, first, length))
        body = found.body[first : first + length]
        if len(body) != length:
            raise ConnectionError
        return body

    def get_url(self, key: str, seconds: int) -> str:
        return self._grant(Grant(key, self.clock.now() + timedelta(seconds=seconds)))

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)

    def put(self, url: str, headers: Mapping[str, str], body: bytes) -> str:
        """Do what a browser does with a signed PUT; give the entity tag, or raise `Refused`."""
        with self.lock:
            grant = self._granted(url)
            if len(body) != grant.size or headers.get("x-amz-checksum-sha256") != grant.sha256:
                raise Refused(403)
            if digest(body) != grant.sha256:
                raise Refused(400)
            if grant.upload_id is not None:
                if grant.upload_id not in self.uploads:
                    raise Refused(404)
                self.uploads[grant.upload_id].parts[grant.part] = body
            elif grant.key in self.objects:
                raise Refused(412)
            else:
                self.objects[grant.key] = Stored(body, etag(body), digest(body), self.retentions[grant.key])
            return etag(body)

    def get(self, url: str) -> bytes:
        """Do what a browser does with a signed GET."""
        found = self.objects.get(self._granted(url).key)
        if found is None:
            raise Refused(404)
        return found.body

    def _grant(self, grant: Grant) -> str:
        with self.lock:
            url = f"https://bucket.test/{grant.key}?signature={len(self.grants) + 1}"
            self.grants[url] = grant
            return url

    def _granted(self, url: str) -> Grant:
        grant = self.grants.get(url)
        if grant is None or self.clock.now() >= grant.until:
            raise Refused(403)
        return grant


def digest(body: bytes) -> str:
    """Give the base64 of a SHA-256, as S3 writes it."""
    return b64encode(sha256(body).digest()).decode()


def etag(body: bytes) -> str:
    """Give an entity tag."""
    return f'"{sha256(body).hexdigest()[:32]}"'


class FakeInspector:
    """Open the header with the key, and the first frame, as the stock SDK would."""

    def opens(self, header: bytes, first_frame: bytes | None, context: Mapping[str, str], data_key: bytes) -> bool:
        try:
            read = envelope.parse_header(header)
            frame_key, commitment = envelope.derive(data_key, read.message_id)
            AESGCM(frame_key).decrypt(bytes(12), read.tag, header[: -envelope.TAG])
            if first_frame is not None:
                _open_first(frame_key, read.message_id, first_frame)
        except (Invalid, InvalidTag):
            return False
        return commitment == read.commitment and dict(read.context) == dict(context)


def _open_first(frame_key: bytes, message_id: bytes, frame: bytes) -> None:
    final = frame.startswith(envelope.FINAL_MARK.to_bytes(4))
    sealed = frame[24:] if final else frame[16:]
    aad = envelope.frame_aad(message_id, envelope.FINAL_LABEL if final else envelope.BODY_LABEL, 1, len(sealed) - envelope.TAG)
    AESGCM(frame_key).decrypt(envelope.frame_iv(1), sealed, aad)


class FakeQueue:
    """What was pushed, in order."""

    def __init__(self) -> None:
        self.pushed: list[NoticeId | ChallengeKey] = []
        self.codes: list[ChallengeKey] = []
        self.waits: list[tuple[str, str, timedelta]] = []

    @property
    def notices(self) -> list[NoticeId]:
        return [NoticeId(one) for one in self.pushed if one not in self.codes]

    def push_notices(self, notices: Sequence[NoticeId]) -> None:
        self.pushed.extend(notices)

    def push_code(self, challenge: ChallengeKey) -> None:
        self.codes.append(challenge)
        self.pushed.append(challenge)

    def again(self, source: str, receipt: str, wait: timedelta) -> None:
        self.waits.append((source, receipt, wait))


class FakeWatch:
    """A service of which everything is well, until a test says otherwise."""

    def __init__(self) -> None:
        self.held = [Queue("landed", 0, 0, 0), Queue("notices", 0, 0, 0), Queue("codes", 0, 0, None)]
        self.until: datetime | None = None

    def code(self) -> Code:
        return Code("ab" * 32, MORNING)

    def queues(self) -> Sequence[Queue]:
        return tuple(self.held)

    def certified_until(self) -> datetime | None:
        return self.until


class FakeLetters:
    """Every value in plain sight."""

    def __call__(self, name: str, values: Mapping[str, object], language: Language) -> Letter:
        text = json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
        return Letter(f"{name}/{language}", text, f"<p>{text}</p>", text if name in ("login_code", "reminder") else None)


class FakePost:
    """What was sent, in order. `broken` makes the next ones fail with an unknown outcome; `closed` has them refused."""

    def __init__(self) -> None:
        self.emails: list[tuple[Person, Letter]] = []
        self.texts: list[tuple[str, str]] = []
        self.broken = False
        self.closed: set[str] = set()

    def email(self, to: Person, letter: Letter) -> str:
        self._work("email")
        self.emails.append((to, letter))
        return f"email-{len(self.emails)}"

    def sms(self, number: str, text: str) -> str:
        self._work("sms")
        self.texts.append((number, text))
        return f"sms-{len(self.texts)}"

    def _work(self, kind: str) -> None:
        if kind in self.closed:
            raise PostRefused
        if self.broken:
            raise ConnectionError("the post is closed")
