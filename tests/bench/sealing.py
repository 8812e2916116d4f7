"""How fast Chromium seals, next to bare AES-GCM, and to the encrypted content encoding, of the same bytes in the same page."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

MEBIBYTES = 256
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage")


class Quiet(SimpleHTTPRequestHandler):
    """Serve files without a word."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


def rates(root: Path) -> dict[str, float]:
    """Give MiB/s of `plain`, `ece`, `seal` (one thread) and `crew` (two workers), each the best of three."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_page()
        page.set_default_timeout(180_000)
        page.goto(f"http://127.0.0.1:{server.server_port}/tests/bench/sealing.html")
        page.wait_for_function("typeof window.measure === 'function'")
        found: dict[str, float] = page.evaluate("(size) => measure(size)", MEBIBYTES)
        browser.close()
        server.shutdown()
    return found
