"""Browsers of one's own: each arrival is a fresh context of the same Chromium, watched until it leaves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, StorageState, WebError, sync_playwright

from tests.stack import Stack

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
PATIENCE = 20_000  # milliseconds for something to appear; functions of a busy machine start slowly


@dataclass  # without slots: Playwright writes on the object that listens
class Watch:
    """What a browser did that nobody saw."""

    addresses: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch a context until it closes."""
        context.on("request", self._asked)
        context.on("console", self._heard)
        context.on("weberror", self._failed)

    def _asked(self, request: Request) -> None:
        self.addresses.append(request.url)

    def _heard(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def _failed(self, error: WebError) -> None:
        self.faults.append(str(error.error))


@dataclass(slots=True)
class Arrivals:
    """Everybody who came to the clinic in one test."""

    chromium: Browser
    clinic: Stack
    here: list[tuple[BrowserContext, Watch]] = field(default_factory=list)

    def page(self, language: str = "fr", *, signed_in: StorageState | None = None, width: int = 1280, **options: Any) -> Page:
        """Open an empty page in a browser of its own, signed in as somebody if their state is given."""
        context = self.chromium.new_context(
            locale=LOCALES[language],
            timezone_id="Europe/Paris",
            viewport={"width": width, "height": 900},
            storage_state=signed_in,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        watch = Watch()
        watch.over(context)
        self.here.append((context, watch))
        page = context.new_page()
        page.on("filechooser", lambda _: None)  # Chromium takes a moment to hand its chooser over, and a key press is quick
        return page

    def watch(self, page: Page) -> Watch:
        """Answer what was seen of one page's browser."""
        return next(watch for context, watch in self.here if context == page.context)

    @property
    def faults(self) -> list[str]:
        """List every uncaught error and every breach of the pages' policy."""
        return [fault for _, watch in self.here for fault in watch.faults]

    def leave(self) -> None:
        """Close every browser that came."""
        for context, _ in self.here:
            context.close()
        self.here.clear()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()
