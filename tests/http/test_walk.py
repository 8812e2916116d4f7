"""The three walks through the front door, with answers of the very shape the reference promises."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.member import Role
from chalicelib.usecases import challenge
from chalicelib.usecases.ports import Ports
from chalicelib.workers import landed
from tests.builders import Sending, a_landing_transfer, a_manifest, a_member, a_sealed_transfer, b64, deliver, sealed_file
from tests.fake_aws import digest
from tests.fakes import SETTINGS, memory_of
from tests.http.visitor import NOBODY, Visitor, a_certificate, bodies, signed_in

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")
TRANSFER = {
    *("transfer", "state", "reason", "created_at", "expires_at", "lifetime_ends_at", "reminders", "next_reminder_at", "sealed_at"),
    *("shredded_at", "basis", "files", "bytes", "landed"),
}
RECIPIENT = {
    *("recipient", "name", "email", "mobile", "language", "standby", "shared", "told_at", "delivered_at", "delayed_at", "bounced_at"),
    *("complained_at", "reminded_at", "asked_at", "phrase_asked_at", "phrase", "proved_at", "proved_by", "names", "opened_at"),
    *("openings", "fetched_files", "fetched_at"),
    *("collected_files", "collected_at", "corrected_at", "revoked_at"),
}
MEMBER = {"member", "name", "email", "mobile", "language", "role", "standing", "secured", "invited_at", "last_seen_at"}
SESSION = {"member", "level", "enough", "joining", "passkey_wanted", "fresh", "proofs", "next", "ends_at", "idle_seconds"}
DRAFT = {"transfer", "expires_at", "context", "data_key", "wrapped_key", "key_arn", "frame_length", "files"}
OPENED = {"transfer", "sender", "sealed_at", "expires_at", "context", "data_key", "manifest", "headers", "files"}
LARGE = bytes(8 * 1024 * 1024 + 1)
FILE = "/api/transfers/{transfer}/files/{file}/complete"


class Reply:
    """A draft's answer, in the shape that sealing wants."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.transfer = body["transfer"]
        self.context = body["context"]
        self.key_arn = body["key_arn"]
        self.data_key = base64.b64decode(body["data_key"])
        self.wrapped_key = base64.b64decode(body["wrapped_key"])


def code_in(ports: Ports, visitor: Visitor) -> str:
    return ports.secrets.login_code(ChallengeKey(challenge.digest(visitor.cookies["__Host-challenge"])))


def event(identity: str, file: int) -> dict[str, Any]:
    record = {"s3": {"bucket": {"name": SETTINGS.bucket}, "object": {"key": f"t/{identity}/{file}"}}}
    return {"Records": [{"messageId": "1", "body": json.dumps({"Records": [record]})}]}


def put_file(ports: Ports, visitor: Visitor, sealed: Any, identity: str, file: int) -> None:
    """Put one file over HTTP, and have it completed where it has several parts."""
    asked = [{"file": file, "part": n, "size": len(sealed.part(n)), "sha256": digest(sealed.part(n))} for n in sealed.parts()]
    urls = visitor.call("POST", "/api/transfers/{transfer}/parts", {"parts": asked}, transfer=identity).json["urls"]
    assert [(u["file"], u["part"]) for u in urls] == [(a["file"], a["part"]) for a in asked]
    tags = [ports.bucket.put(u["url"], u["headers"], sealed.part(u["part"])) for u in urls]
    parts = [{"part": n, "etag": tag, "sha256": digest(sealed.part(n))} for n, tag in enumerate(tags, 1)]
    if len(parts) > 1:
        seen = visitor.call("POST", FILE, {"parts": parts}, transfer=identity, file=str(file))
        assert (seen.status, seen.json) == (200, {})
    landed.landed(event(identity, file), None)


def test_a_file_goes_from_a_sender_to_a_recipient(ports: Ports) -> None:
    member = a_member(ports)
    sender, recipient = Visitor(), Visitor()
    clears = (b"hello", LARGE)

    sender.call("POST", "/api/signin/codes", {"email": member.person.email, "by": "sms"})
    signed = sender.call("POST", "/api/signin/sessions", {"code": code_in(ports, sender)})
    who = sender.call("GET", "/api/session")
    drafted = sender.call("POST", "/api/transfers", {**bodies()["POST", "/api/transfers"], "sizes": [len(c) for c in clears]})
    reply: Any = Reply(drafted.json)
    files = [sealed_file(clear, reply, str(n)) for n, clear in enumerate(clears)]
    manifest = sealed_file(a_manifest(clears, files), reply, "manifest")
    envelope = {"manifest": b64(manifest.header + manifest.frames), "headers": [b64(f.header) for f in files]}
    taken = sender.call("PUT", "/api/transfers/{transfer}/envelope", envelope, transfer=reply.transfer)
    for number, sealed in enumerate(files):
        put_file(ports, sender, sealed, reply.transfer, number)
    deliver(ports)
    ((person, letter),) = ports.post.emails
    link = re.search(r"#(\w+)\.(\w+)\.([\w-]+)", letter.text)
    assert link is not None
    recipient.call("POST", "/api/collect/codes", dict(zip(("transfer", "recipient", "secret"), link.groups(), strict=True)))
    recipient.call("POST", "/api/collect/sessions", {"code": code_in(ports, recipient)})
    opened = recipient.call("GET", "/api/collect")
    urls = [recipient.call("POST", "/api/collect/files/{file}", {}, file=str(n)).json for n in (0, 1)]
    receipts = [recipient.call("POST", "/api/collect/files/{file}/receipt", {}, file=str(n)).status for n in (0, 1)]
    followed = sender.call("GET", "/api/transfers/{transfer}", transfer=reply.transfer).json["transfer"]

    assert (signed.status, signed.json) == (201, {})
    assert (who.status, set(who.json), set(who.json["member"])) == (200, SESSION, MEMBER)
    assert (drafted.status, set(drafted.json)) == (201, DRAFT)
    assert drafted.json["files"][1] == {
        "file": 1,
        "clear_size": len(LARGE),
        "sealed_size": len(files[1].frames),
        "frames_per_part": 128,
        "parts": 2,
    }
    assert (taken.status, taken.json) == (200, {})
    assert person.email == "ada@example.fr"
    assert set(opened.json) == OPENED
    assert opened.json["data_key"] == drafted.json["data_key"]
    assert opened.json["sender"] == {"name": member.person.name}
    assert (opened.json["manifest"], opened.json["headers"]) == (envelope["manifest"], envelope["headers"])
    assert [ports.bucket.get(u["url"]) for u in urls] == [f.frames for f in files]
    assert {u["expires_in"] for u in urls} == {120}
    assert receipts == [204, 204]
    assert set(followed) == TRANSFER | {"recipients"}
    assert (followed["state"], followed["landed"], followed["bytes"]) == ("sealed", 2, len(LARGE) + 5)
    (one,) = followed["recipients"]
    assert set(one) == RECIPIENT
    assert one["collected_files"] == 2
    assert all(one[name] for name in ("told_at", "opened_at", "collected_at"))


SHAPES = {
    "transfer": TRANSFER,
    "recipient": RECIPIENT,
    "member": MEMBER,
    "session": SESSION,
    "draft": DRAFT,
    "opened": OPENED,
    "certificate": set(a_certificate()),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_name_in_an_answer_is_in_the_reference(shape: set[str]) -> None:
    assert not [name for name in shape if f'"{name}"' not in REFERENCE]


def test_an_envelope_sent_twice_and_a_file_completed_twice_are_conflicts(ports: Ports) -> None:
    sending: Sending = a_landing_transfer(ports, (LARGE,))
    sender = signed_in(ports, ports.members.read(sending.sender))
    sealed = sending.files[0]
    tags = [
        ports.bucket.put(s.url, s.headers, sealed.part(n)) for n, s in enumerate(sending.sign(sending.asked(0, 1), sending.asked(0, 2)), 1)
    ]
    parts = {"parts": [{"part": n, "etag": tag, "sha256": digest(sealed.part(n))} for n, tag in enumerate(tags, 1)]}

    again = sender.call(
        "PUT", "/api/transfers/{transfer}/envelope", bodies(sending)["PUT", "/api/transfers/{transfer}/envelope"], transfer=sending.id
    )
    completed = [sender.call("POST", FILE, parts, transfer=sending.id, file="0") for _ in range(2)]

    assert (again.status, again.json) == (409, {"error": "envelope_already_sent"})
    assert [one.status for one in completed] == [200, 409]
    assert completed[1].json == {"error": "file_already_complete"}


def test_wrong_old_and_used_codes_are_conflicts(ports: Ports) -> None:
    member, visitor = a_member(ports), Visitor()
    body = {"email": member.person.email, "by": "email"}
    visitor.call("POST", "/api/signin/codes", body)
    old, challenge_cookie = code_in(ports, visitor), visitor.cookies["__Host-challenge"]
    wrong = f"{(int(old) + 1) % 10**6:06}"
    first = visitor.call("POST", "/api/signin/sessions", {"code": wrong})
    visitor.call("POST", "/api/signin/codes", body)
    second = visitor.call("POST", "/api/signin/sessions", {"code": old})

    used = visitor.call("POST", "/api/signin/sessions", {"code": code_in(ports, visitor)})
    visitor.cookies["__Host-challenge"] = challenge_cookie
    ports.clock.tick(minutes=5)
    late = visitor.call("POST", "/api/signin/sessions", {"code": old})

    assert [(one.status, one.json.get("error")) for one in (first, second)] == [(409, "wrong_code")] * 2
    assert (used.status, late.status, late.json) == (201, 409, {"error": "code_spent", "field": "code"})


def test_a_member_is_invited_once_and_told(ports: Ports) -> None:
    administrator = signed_in(ports, role=Role.ADMINISTRATOR)
    body = bodies()["POST", "/api/members"]

    invited, again = (administrator.call("POST", "/api/members", body) for _ in range(2))
    deliver(ports)
    everybody = administrator.call("GET", "/api/members").json["members"]

    assert (invited.status, set(invited.json["member"])) == (201, MEMBER)
    assert (again.status, again.json) == (409, {"error": "member_exists", "field": "email"})
    assert [person.email for person, _ in ports.post.emails] == ["ada@example.fr"]
    assert [(set(one), one["standing"]) for one in everybody] == [(MEMBER, "invited"), (MEMBER, "active")]


def test_a_session_that_was_ended_is_over_everywhere(ports: Ports) -> None:
    visitor = signed_in(ports)
    stolen = dict(visitor.cookies)
    before = visitor.call("GET", "/api/session")

    visitor.call("DELETE", "/api/session")

    assert (before.status, set(before.json["member"])) == (200, MEMBER)
    assert Visitor(stolen).call("GET", "/api/session").status == 401


def test_a_second_page_begins_where_the_first_ended(ports: Ports) -> None:
    member = a_member(ports)
    for _ in range(21):
        a_landing_transfer(ports, sender=member)
        ports.clock.tick(seconds=1)
    visitor = signed_in(ports, member)

    first = visitor.call("GET", "/api/transfers").json
    second = visitor.call("GET", f"/api/transfers?after={first['next'].replace('#', '%23')}").json

    assert (len(first["transfers"]), len(second["transfers"]), second["next"]) == (20, 1, None)
    assert len({one["transfer"] for page in (first, second) for one in page["transfers"]}) == 21


def test_a_revoked_transfer_says_why_and_its_recipient_hears_that_it_is_over(ports: Ports) -> None:
    sending = a_sealed_transfer(ports)
    sender = signed_in(ports, ports.members.read(sending.sender))

    ended = sender.call("DELETE", "/api/transfers/{transfer}", transfer=sending.id)
    seen = sender.call("GET", "/api/transfers/{transfer}", transfer=sending.id).json["transfer"]
    unknown = sender.call("DELETE", "/api/transfers/{transfer}", transfer=NOBODY)

    assert (ended.status, ended.text) == (204, "")
    assert (seen["state"], seen["reason"]) == ("shredded", "revoked")
    assert unknown.status == 404
    assert memory_of(ports).wraps == {}
