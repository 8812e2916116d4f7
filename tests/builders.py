"""Build what tests need, the way browsers and workers do it: people, drafts, sealed bytes, whole transfers."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from typing import Any

from chalicelib.domain import envelope, login
from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Means, Proof
from chalicelib.domain.ids import ChallengeKey, MemberId, NoticeId, RecipientId, SessionKey, TransferId, id_from
from chalicelib.domain.login import Door, Session, SignedIn
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.domain.person import Language, Person
from chalicelib.domain.sharing import Basis, Sharing
from chalicelib.domain.transfer import Transfer
from chalicelib.usecases import challenge, draft, land, seal, signin, tell, upload
from chalicelib.usecases.draft import MakeDraft
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.join import Join
from chalicelib.usecases.kit import Kit
from chalicelib.usecases.land import Landed
from chalicelib.usecases.people import Used
from chalicelib.usecases.ports import Ports, SignedPut, UploadedPart
from chalicelib.usecases.upload import Complete, Part, SendEnvelope, SignParts
from tests.fake_aws import digest

IP = "192.0.2.7"
CARE = Sharing(Basis.TAKING_PART_IN_CARE)


def a_person(number: int = 1, **changes: Any) -> Person:
    """Build somebody; another number is somebody else."""
    usual = {"name": f"Dr Ada {number}", "email": f"ada{number}@example.fr", "mobile": f"+3361234{number:04}", "language": Language.FRENCH}
    return Person(**{**usual, **changes})


def a_member(ports: Ports, number: int = 100, role: Role = Role.SENDER, standing: Standing = Standing.ACTIVE, **changes: Any) -> Member:
    """Build a member and keep them; `means` is what they are said to have set up."""
    means = frozenset(changes.pop("means", ()))
    member = Member(MemberId(ports.new_id()), a_person(number, **changes), role, ports.clock.now(), standing=standing, means=means)
    assert ports.members.add(member, ports.event(Tag.MEMBER_INVITED, member=member.id), None)
    return member


def an_invitation(ports: Ports, member: Member) -> Join:
    """Give the link that invites a member in their present turn."""
    return Join(member.id, ports.secrets.invitation_secret(member.id, member.turn, member.person.email))


def a_session(ports: Ports, door: Door, *means: Means) -> tuple[str, Session]:
    """Sign somebody in; give the cookie's token too. Without `means`, a member has shown a passkey, a recipient a code."""
    secret = ports.random.bytes(32).hex()
    token = secret if door.member is None else f"{door.member}.{secret}"
    now = ports.clock.now()
    proofs = tuple(Proof(one, now) for one in means or ((Means.SMS,) if door.member is None else (Means.PASSKEY,)))
    session = login.open_session(SessionKey(challenge.digest(token)), door, now, proofs)
    event = ports.event(Tag.SIGNED_IN, member=door.member, transfer=door.transfer, recipient=door.recipient)
    assert ports.signins.open(session, Used(), event)
    return token, session


def a_browser(token: str | None = None, ip: str = IP, **cookies: Any) -> Browser:
    """Build what a browser brings along with the cookie of a challenge."""
    return Browser(ip, challenge=token, **cookies)


def signed_in(ports: Ports, member: Member, *means: Means) -> SignedIn:
    """Sign a member in; give who that is, as a gate does."""
    token, _ = a_session(ports, Door(member=member.id, turn=member.turn), *means)
    return signin.whose(token, ports)


def withdraw(ports: Ports) -> None:
    """Have the administrator want two factors of everybody from now on: a code by e-mail is no longer enough."""
    ports.policy.withdraw(ports.event(Tag.RISK_WITHDRAWN))


wishes = count(1)


def a_request() -> str:
    """Make the name of a wish, as a browser does: another one each time."""
    return id_from(next(wishes).to_bytes(16))


def a_draft(sender: MemberId, sizes: Sequence[int] = (5,), people: int | Sequence[Person] = 1, **changes: Any) -> MakeDraft:
    """Build the command that makes a draft; `people` may say how many."""
    those = tuple(a_person(n + 1) for n in range(people)) if isinstance(people, int) else tuple(people)
    usual = {"lifetime_days": 7, "sharing": CARE, "ip": IP, "request": a_request()}
    return MakeDraft(**{"sender": sender, "sizes": tuple(sizes), "people": those, **usual, **changes})


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One file as the browser sealed it."""

    message_id: bytes
    header: bytes = field(repr=False)
    frames: bytes = field(repr=False)
    plan: envelope.Plan

    def part(self, number: int) -> bytes:
        """Cut out one part."""
        full = self.plan.frames_per_part * (envelope.FRAME_LENGTH + envelope.FRAME_OVERHEAD)
        return self.frames[(number - 1) * full : number * full if number < self.plan.parts else None]

    def parts(self) -> range:
        """List the numbers of its parts."""
        return range(1, self.plan.parts + 1)


def sealed_file(clear: bytes, made: Kit, name: str = "file") -> SealedFile:
    """Seal one file of a draft as the browser does; `name` makes its message id."""
    message_id = sha256(f"{made.transfer}/{name}".encode()).digest()
    header = envelope.seal_header(made.data_key, message_id, made.context, made.key_arn, made.wrapped_key)
    return SealedFile(message_id, header, b"".join(envelope.seal_frames(made.data_key, message_id, clear)), envelope.plan(len(clear)))


def a_manifest(clears: Sequence[bytes], sealed: Sequence[SealedFile]) -> bytes:
    """Write the clear manifest of some files."""
    files = [
        {
            "name": f"bilan {n}.pdf",
            "path": "",
            "type": "application/pdf",
            "size": len(clear),
            "digest": digest(clear),
            "message_id": b64(one),
        }
        for n, (clear, one) in enumerate(zip(clears, (s.message_id for s in sealed), strict=True))
    ]
    return json.dumps({"version": 1, "message": "Bonjour", "files": files}).encode()


def b64(data: bytes) -> str:
    """Write bytes in base64."""
    return b64encode(data).decode()


@dataclass(slots=True)
class Sending:
    """One transfer on its way, step by step; every step goes through the use cases."""

    ports: Ports
    sender: MemberId
    clears: Sequence[bytes]
    made: Kit
    files: list[SealedFile]
    manifest: bytes = field(repr=False)

    @property
    def id(self) -> TransferId:
        """Name the transfer."""
        return self.made.transfer

    @property
    def transfer(self) -> Transfer:
        """Read it as it is now."""
        found = self.ports.transfers.read(self.id)
        assert found is not None
        return found

    @property
    def recipients(self) -> tuple[RecipientId, ...]:
        """List whom it is for."""
        return self.transfer.recipient_ids

    def envelope(self, **changes: Any) -> SendEnvelope:
        """Build the command that sends the envelope."""
        headers = tuple(one.header for one in self.files)
        return SendEnvelope(**{"sender": self.sender, "transfer": self.id, "manifest": self.manifest, "headers": headers, **changes})

    def send_envelope(self) -> None:
        """Send the envelope."""
        upload.accept_envelope(self.envelope(), self.ports)

    def asked(self, file: int, number: int = 1, /, **changes: Any) -> Part:
        """Build the asking for one part's URL."""
        body = self.files[file].part(number)
        return Part(**{"file": file, "part": number, "size": len(body), "sha256": digest(body), **changes})

    def sign(self, *parts: Part) -> tuple[SignedPut, ...]:
        """Have some parts' URLs signed."""
        return upload.sign_parts(SignParts(self.sender, self.id, parts), self.ports)

    def put(self, file: int) -> None:
        """Put one file in the bucket, and have it completed where it has several parts."""
        done = self.put_parts(file)
        if len(done) > 1:
            upload.complete(Complete(self.sender, self.id, file, done), self.ports)

    def put_parts(self, file: int) -> tuple[UploadedPart, ...]:
        """Put every part of one file; list them."""
        one, done = self.files[file], []
        for number in one.parts():
            (signed,) = self.sign(self.asked(file, number))
            tag = put(self.ports, signed, one.part(number))
            done.append(UploadedPart(number, tag, digest(one.part(number))))
        return tuple(done)

    def land(self, file: int) -> bool:
        """Let the worker look at one file; tell whether all are in."""
        return land.land(Landed(self.id, file), self.ports)

    def seal(self) -> bool:
        """Let the worker seal it."""
        return seal.seal(self.id, self.ports)

    def door(self, number: int = 0) -> Door:
        """Build the door of one recipient, at the address they have now."""
        found = self.ports.transfers.with_recipient(self.id, self.recipients[number])
        assert found is not None
        return Door(transfer=self.id, recipient=found[1].id, turn=found[1].turn)


def a_sending(
    ports: Ports, clears: Sequence[bytes] = (b"hello",), people: int | Sequence[Person] = 1, *, sender: Member | None = None, **changes: Any
) -> Sending:
    """Make a draft and seal its files in the browser; nothing is sent yet."""
    who = sender or a_member(ports, number=len(ports.members.all()) + 100)
    made = draft.make(a_draft(who.id, [len(c) for c in clears], people, **changes), ports)
    files = [sealed_file(clear, made, str(n)) for n, clear in enumerate(clears)]
    manifest = sealed_file(a_manifest(clears, files), made, "manifest")
    return Sending(ports, who.id, clears, made, files, manifest.header + manifest.frames)


def a_landing_transfer(ports: Ports, *args: Any, **changes: Any) -> Sending:
    """Walk to where parts may be put."""
    sending = a_sending(ports, *args, **changes)
    sending.send_envelope()
    return sending


def a_landed_transfer(ports: Ports, *args: Any, **changes: Any) -> Sending:
    """Walk to where every file has landed."""
    sending = a_landing_transfer(ports, *args, **changes)
    for file in range(len(sending.files)):
        sending.put(file)
        sending.land(file)
    return sending


def a_sealed_transfer(ports: Ports, *args: Any, **changes: Any) -> Sending:
    """Walk all the way: draft, envelope, parts, land, seal."""
    sending = a_landed_transfer(ports, *args, **changes)
    assert sending.seal()
    return sending


def a_told_transfer(ports: Ports, *args: Any, **changes: Any) -> Sending:
    """Walk to where its recipients were told."""
    sending = a_sealed_transfer(ports, *args, **changes)
    deliver(ports)
    return sending


def put(ports: Ports, signed: SignedPut, body: bytes) -> str:
    """Put bytes where a signed URL says, as a browser does, into the fake bucket or a real one; give the entity tag."""
    fake: Any = ports.bucket
    if signed.url.startswith("https://bucket.test/"):
        tag: str = fake.put(signed.url, signed.headers, body)
        return tag
    return put_for_real(signed.url, signed.headers, body)


def put_for_real(url: str, headers: Mapping[str, str], body: bytes) -> str:
    """Put bytes over HTTP; raise `OSError` when they are refused."""
    import requests

    answer = requests.put(url, data=body, headers=dict(headers), timeout=10)
    answer.raise_for_status()
    return str(answer.headers["ETag"])


def deliver(ports: Ports) -> None:
    """Let the notices worker work through what was pushed to the fake queue."""
    queue: Any = ports.queue
    pushed, queue.pushed = list(queue.pushed), []
    for one in pushed:
        if one in queue.codes:
            tell.send_code(ChallengeKey(one), ports)
        else:
            tell.send_notice(NoticeId(one), ports)
