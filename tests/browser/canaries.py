"""Canaries: what must never lie in clear anywhere, and how it may look there."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Response

from tests.browser.store import Store
from tests.stack import Stack

# All that a page can leave behind in its browser.
STORED = """async () => JSON.stringify({
  local: {...localStorage}, session: {...sessionStorage}, databases: await indexedDB.databases(), caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length, cookies: document.cookie, name: window.name,
  history: JSON.stringify(history.state),
})"""


def keeps_key(canaries: dict[str, bytes], answer: Response) -> None:
    """Keep the data key, as the draft gave it: the one secret that no page ever shows."""
    if answer.request.method == "POST" and answer.url.endswith("/api/transfers"):
        canaries["data key"] = base64.b64decode(answer.json()["data_key"])


def disguises(canary: bytes) -> Iterator[bytes]:
    """Answer a canary as it is, in hexadecimal, in base64 at any offset, in JSON and in an address."""
    yield canary
    yield canary.hex().encode()
    yield canary.hex().upper().encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for offset in range(3):
            inside = encode(bytes(offset) + canary)[4 if offset else 0 :]
            yield inside[: len(inside) // 4 * 4 - 4]  # the last group also holds what follows
    try:
        text = canary.decode()
    except UnicodeDecodeError:
        return
    yield json.dumps(text)[1:-1].encode()
    yield urllib.parse.quote(text).encode()
    yield urllib.parse.quote_plus(text).encode()


def found(canaries: Mapping[str, bytes], sink: bytes) -> list[str]:
    """Name the canaries that a sink holds."""
    return [name for name, canary in canaries.items() if any(one in sink for one in disguises(canary) if len(one) > 5)]


def sinks(clinic: Stack) -> dict[str, bytes]:
    """Read every place where the clinic leaves something behind, but the sealed bytes themselves."""
    store = Store(clinic)
    return {
        "logs": "\n".join(clinic.all_log_lines()).encode(),
        "tables": b"\n".join(_flat(item) for item in store.everything()),
        "objects": "\n".join(_described(store, key) for key in store.objects()).encode(),
        "queues": "\n".join(_waiting(clinic)).encode(),
        "emulator": (clinic.clinic.emulator.folder / "emulator.log").read_bytes(),
    }


def _flat(value: Any) -> bytes:
    """Write every string and every byte of an item, in clear."""
    if isinstance(value, dict):
        return b" ".join(_flat(one) for pair in value.items() for one in pair)
    if isinstance(value, (list, tuple, set)):
        return b" ".join(_flat(one) for one in value)
    return value if isinstance(value, bytes) else str(value).encode()


def _described(store: Store, key: str) -> str:
    bucket = store.clinic.bucket
    head = store.s3.head_object(Bucket=bucket, Key=key)
    tags = store.s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    return f"{key} {head['Metadata']} {head['ResponseMetadata']['HTTPHeaders']} {tags}"


def _waiting(clinic: Stack) -> Iterator[str]:
    """Read what still waits in any queue, the dead letters too."""
    sqs = clinic.client("sqs")
    for address in sqs.list_queues()["QueueUrls"]:
        yield address
        taken = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"])
        yield from (json.dumps(one) for one in taken.get("Messages", []))
