"""One format: what our pages seal, the stock SDK opens; what the stock SDK seals, our pages open."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from chalicelib.domain.envelope import PIECE, read_header
from tests.browser.files import FRAME, PART, digests, noise, written
from tests.browser.member import Member
from tests.browser.people import To, somebody
from tests.browser.recipient import Recipient, digest
from tests.browser.sdk import OneKey, opened, sealed
from tests.browser.store import Store
from tests.builders import a_request
from tests.stack import Stack

Comes = Callable[..., Recipient]
SIZES = {"vide.bin": 0, "octet.bin": 1, "trame.bin": FRAME, "trame-et-un.bin": FRAME + 1, "part-et-un.bin": PART + 1}
CONTENTS = {name: noise(size, size + 1) for name, size in SIZES.items()}
# After the last whole frame the SDK adds an empty one; ours is the last itself, and the API wants the sizes of our plan.
OF_THE_SDK = {name: content for name, content in CONTENTS.items() if not content or len(content) % FRAME}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def file_digest(clear: bytes) -> bytes:
    """Digest a file as its manifest does (docs/reference/http-api.md)."""
    pieces = [hashlib.sha256(clear[at : at + PIECE]).digest() for at in range(0, max(1, len(clear)), PIECE)]
    return pieces[0] if len(pieces) == 1 else hashlib.sha256(b"".join(pieces)).digest()


def test_the_stock_sdk_opens_what_our_pages_sealed(sender: Member, clinic: Stack, folder: Path) -> None:
    store = Store(clinic)
    sent = sender.sends(written(folder, CONTENTS), [somebody()], "Voici.")
    [envelope] = [item for item in store.keys(sent.id) if item["sk"] == "ENVELOPE"]
    clinic_id = clinic.variables()["CLINIC_ID"]
    context = {"clinic": clinic_id, "transfer": sent.id}

    for number, (name, content) in enumerate(CONTENTS.items()):
        message = bytes(envelope["headers"][number]) + store.sealed(sent.id, number)
        assert opened(clinic, message, context) == content, name
    manifest = json.loads(opened(clinic, bytes(envelope["manifest"]), context))

    assert manifest["message"] == "Voici."
    assert [one["name"] for one in manifest["files"]] == list(CONTENTS)
    assert [base64.b64decode(one["digest"]) for one in manifest["files"]] == [file_digest(one) for one in CONTENTS.values()]
    wrapped, kms = read_header(message)[0].wrapped_key, clinic.client("kms")
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=context | {"transfer": sent.id[::-1]})


def test_our_page_opens_what_the_stock_sdk_sealed(sender: Member, recipient: Comes, clinic: Stack) -> None:
    ada = somebody()
    sender.goes("/send")

    identity = sends_with_the_sdk(sender, OF_THE_SDK, ada)
    sender.waits(lambda: sender.transfer(identity)["state"] == "sealed")
    collecting = recipient(ada)
    collecting.enters()

    assert collecting.page.locator("[data-letter]").inner_text() == "Fait par le SDK."
    assert collecting.names == list(OF_THE_SDK)
    for name, content in digests(OF_THE_SDK).items():
        assert digest(collecting.downloads(name)) == content
    assert sender.transfer(identity)["recipients"][0]["collected_files"] == len(OF_THE_SDK)


def sends_with_the_sdk(sender: Member, contents: Mapping[str, bytes], to: To) -> str:
    """Send by the API alone, with every message made by the stock SDK; answer the transfer."""
    draft = calls(sender, "POST", "/api/transfers", new_draft(contents, to))
    path, context = f"/api/transfers/{draft['transfer']}", draft["context"]
    keys = OneKey(draft["key_arn"], base64.b64decode(draft["data_key"]), base64.b64decode(draft["wrapped_key"]))
    headers, bodies, files = [], [], []
    for name, clear in contents.items():
        message = sealed(keys, clear, context)
        header, length = read_header(message)
        headers.append(b64(message[:length]))
        bodies.append(message[length:])
        about = {"name": name, "path": "", "type": "application/octet-stream", "size": len(clear)}
        files.append({**about, "digest": b64(file_digest(clear)), "message_id": b64(header.message_id)})
    manifest = json.dumps({"version": 1, "message": "Fait par le SDK.", "files": files}).encode()
    calls(sender, "PUT", f"{path}/envelope", {"manifest": b64(sealed(keys, manifest, context)), "headers": headers})
    for plan, body in zip(draft["files"], bodies, strict=True):
        puts(sender, path, plan, body)
    return str(draft["transfer"])


def puts(sender: Member, path: str, plan: Mapping[str, Any], body: bytes) -> None:
    """Put the sealed bytes of one file, part by part."""
    number, full = plan["file"], plan["frames_per_part"] * (FRAME + 32)
    pieces = [body[at : at + full] for at in range(0, len(body), full)]
    assert len(pieces) == plan["parts"]
    sums = [b64(hashlib.sha256(piece).digest()) for piece in pieces]
    parts = [{"file": number, "part": n + 1, "size": len(p), "sha256": s} for n, (p, s) in enumerate(zip(pieces, sums, strict=True))]
    etags = []
    for place, piece in zip(calls(sender, "POST", f"{path}/parts", {"parts": parts})["urls"], pieces, strict=True):
        answer = requests.put(place["url"], data=piece, headers=place["headers"], timeout=20)
        answer.raise_for_status()
        etags.append(answer.headers["ETag"])
    if plan["parts"] > 1:
        done = [{"part": n + 1, "etag": etag, "sha256": sums[n]} for n, etag in enumerate(etags)]
        calls(sender, "POST", f"{path}/files/{number}/complete", {"parts": done})


def calls(sender: Member, method: str, path: str, body: object) -> dict[str, Any]:
    answer = sender.calls(method, path, body)
    assert answer["status"] < 300, answer
    result: dict[str, Any] = answer["body"]
    return result


def new_draft(contents: Mapping[str, bytes], to: To) -> dict[str, object]:
    person = {"name": to.name, "email": to.email, "mobile": to.mobile, "language": to.language}
    sizes = [len(one) for one in contents.values()]
    given = {"request": a_request(), "recipients": [person], "sizes": sizes, "lifetime_days": 1, "basis": "same_care_team"}
    return {**given, "consent_date": None, "legal_duty": None}
