"""Show every e-mail and text message that the clinic on this machine sent: a page for people, /messages.json for tests."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

PAGE = Path(__file__).with_name("mailbox.html")
LOOK_EVERY = 2.0  # seconds; text messages carry no time, so the first look that sees one dates it


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail or one text message, as its recipient would have it."""

    id: str
    kind: Literal["email", "sms"]
    to: str
    sent_at: float  # seconds since 1970
    sender: str
    subject: str
    text: str
    html: str


class Mailbox(ThreadingHTTPServer):
    """Serve on `port` of this machine what the emulator at `emulator_url` has accepted for delivery."""

    daemon_threads = True

    def __init__(self, port: int, emulator_url: str) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.emulator_url = emulator_url
        self._seen: dict[str, float] = {}
        threading.Thread(target=self._look, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the one error here is a browser that went away."""

    def messages(self) -> list[Message]:
        """List every message, newest first."""
        emails = [_email(item) for account in self._fetch("ses/messages")["messages"].values() for item in account]
        texts = [self._sms(item) for number in self._fetch("sns/sms-messages")["sms_messages"].values() for item in number]
        return sorted(emails + texts, key=lambda message: message.sent_at, reverse=True)

    def _fetch(self, name: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.emulator_url}/_ministack/{name}", timeout=5) as answer:
            fetched: dict[str, Any] = json.load(answer)
        return fetched

    def _sms(self, item: dict[str, Any]) -> Message:
        seen = self._seen.setdefault(item["MessageId"], time.time())
        sender = item["MessageAttributes"].get("AWS.SNS.SMS.SenderID", {}).get("StringValue", "")
        return Message(item["MessageId"], "sms", item["PhoneNumber"], seen, sender, "", item["Message"], "")

    def _look(self) -> None:
        while True:
            with suppress(OSError):  # the emulator is on its way up or down
                self.messages()
            time.sleep(LOOK_EVERY)


def _email(item: dict[str, Any]) -> Message:
    return Message(
        item["MessageId"],
        "email",
        ", ".join(item["To"]),
        item["Timestamp"],
        item["Source"],
        item["Subject"],
        item["BodyText"] or "",
        item["BodyHtml"] or "",
    )


class _Visit(BaseHTTPRequestHandler):
    server: Mailbox

    def do_GET(self) -> None:
        """Answer the page, or the list of messages."""
        if self.path == "/":
            self._answer("text/html; charset=utf-8", PAGE.read_bytes())
        elif self.path == "/messages.json":
            listed = [asdict(message) for message in self.server.messages()]
            self._answer("application/json", json.dumps({"messages": listed}, ensure_ascii=False).encode())
        else:
            self.send_error(404)

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
