"""Put the deployed API at the clinic's own address, as a custom domain does on AWS: no stage in the path, the true client address."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Each call in flight is a function process of its own, which a small machine takes a second to start: a few are enough, more wait.
IN_FLIGHT = 4
BODY_LIMIT = 10 * 1024 * 1024  # bytes, as API Gateway
OWN = frozenset({"connection", "host", "keep-alive", "transfer-encoding", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-port"})
EMULATED = ("x-amz", "access-control-", "date", "connection", "keep-alive", "transfer-encoding", "content-length", "server")


class Proxy(ThreadingHTTPServer):
    """Serve the stage `prefix` of the emulator on `port` of this machine only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, emulator_port: int, prefix: str) -> None:
        super().__init__(("127.0.0.1", port), _Call)
        self.emulator_port = emulator_port
        self.prefix = prefix
        self.turns = threading.BoundedSemaphore(IN_FLIGHT)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the one error here is a browser that went away."""


class _Call(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together

    def setup(self) -> None:
        """Open one connection to the emulator for as long as the browser keeps its own."""
        super().setup()
        self.upstream = http.client.HTTPConnection("127.0.0.1", self.server.emulator_port, timeout=60)

    def finish(self) -> None:
        """Close both."""
        self.upstream.close()
        super().finish()

    def forward(self) -> None:
        """Pass the request on and the answer back."""
        size = int(self.headers.get("Content-Length", 0))
        if size > BODY_LIMIT or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._answer(413, [("Content-Type", "application/json")], b'{"error": "body_too_large"}')
            return
        body = self.rfile.read(size)
        with self.server.turns:
            try:
                answer = self._ask(body)
            except (http.client.HTTPException, OSError):
                answer = (502, [("Content-Type", "application/json")], b'{"error": "failure"}')
        self._answer(*answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = forward  # noqa: N815

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        self.upstream.putrequest(self.command, self.server.prefix + self.path, skip_host=True, skip_accept_encoding=True)
        self.upstream.putheader("Host", self.headers.get("Host", ""))
        for name, value in self.headers.items():
            if name.lower() not in OWN:
                self.upstream.putheader(name, value)
        self.upstream.putheader("X-Forwarded-For", self.client_address[0])
        self.upstream.endheaders(body or None)
        answer = self.upstream.getresponse()
        headers = [(name, value) for name, value in answer.getheaders() if not name.lower().startswith(EMULATED)]
        return answer.status, headers, answer.read()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Keep quiet: functions have logs of their own."""
