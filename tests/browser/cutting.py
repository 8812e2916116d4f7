"""A road between a browser and the bucket that is cut again and again, at random places of what passes."""

from __future__ import annotations

import random
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

CHUNK = 16 * 1024  # bytes relayed at once
OF_ONE = 5  # cuts of one address: pages try eight times


@dataclass
class Scissors:
    """Cuts `cuts` requests of one method to the bucket, each before `most` bytes have passed, both ways together."""

    bucket: str
    method: str
    cuts: int
    most: int
    chance: random.Random
    made: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def left(self, method: str, url: str) -> float:
        """Say how many bytes may pass of a request and its answer."""
        with self.lock:
            what = urlsplit(url).path + "".join(re.findall(r"partNumber=\d+", url))
            asked = method == self.method and url.startswith(self.bucket)
            most = OF_ONE if method == "PUT" else self.cuts  # of what is read, something comes between two cuts
            if not asked or self.made.total() == self.cuts or self.made[what] == most:
                return float("inf")
            self.made[what] += 1
            return self.chance.randrange(self.most)


class Road(ThreadingTCPServer):
    """A proxy that a browser sends everything through."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, scissors: Scissors) -> None:
        self.scissors = scissors
        super().__init__(("127.0.0.1", 0), Request)


class Request(StreamRequestHandler):
    """One request, relayed to where it goes, or a part of it."""

    server: Road

    def handle(self) -> None:
        """Relay the request and its answer, each as it comes."""
        method, _, url = self.rfile.readline().decode().rpartition(" ")[0].partition(" ")
        place = urlsplit(url)
        if place.scheme != "http":
            return  # Chromium's own affairs
        head = [f"{method} {url.partition(place.netloc)[2]} HTTP/1.1\r\n".encode(), b"Connection: close\r\n"]
        while not (line := self.rfile.readline()).isspace():
            if not line.lower().startswith((b"connection:", b"proxy-connection:")):
                head.append(line)
        self.allowed = self.server.scissors.left(method, url)
        with socket.create_connection((place.hostname, place.port or 80)) as self.far, suppress(OSError):
            self._pass(b"".join([*head, b"\r\n"]), self.far)
            threading.Thread(target=self._relay, args=(self.rfile.read1, self.far), daemon=True).start()  # type: ignore[attr-defined]
            self._relay(self.far.recv, self.connection)
            self._close()

    def _relay(self, read: Callable[[int], bytes], to: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while chunk := read(CHUNK):
                self._pass(chunk, to)

    def _pass(self, chunk: bytes, to: socket.socket) -> None:
        allowed = int(min(self.allowed, len(chunk)))
        self.allowed -= len(chunk)
        to.sendall(chunk[:allowed])
        if self.allowed < 0:
            self._close()

    def _close(self) -> None:
        for one in (self.connection, self.far):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def road(scissors: Scissors) -> Iterator[str]:
    """Open the road, and give the address of its beginning."""
    with Road(scissors) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
