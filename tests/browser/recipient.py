"""A recipient: a letter with a link, a code, and files."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, expect

from infra.local.mailbox import Message
from tests.browser.people import Person, To, link_in
from tests.stack import Stack


class Recipient(Person):
    """Somebody a transfer is for."""

    def __init__(self, page: Page, clinic: Stack, to: To) -> None:
        super().__init__(page, clinic, to.language)
        self.to = to

    @cached_property
    def link(self) -> str:
        """Wait for the letter and answer its link."""
        return link_in(self.waits(lambda: next((one for one in self.clinic.mail(self.to.email) if "#" in one.text), None)))

    def codes(self) -> Sequence[Message]:
        """List the letters that hold codes, newest first."""
        if self.to.mobile:
            return self.clinic.sms(self.to.mobile)
        return [one for one in self.clinic.mail(self.to.email) if "#" not in one.text]

    def opens(self, link: str | None = None) -> None:
        """Open the link of the letter, or another."""
        self.page.goto(link or self.link)

    def asks_code(self) -> str:
        """Ask for a code and answer the one that comes."""
        code = self.gets_code(self.codes, self.button("collect.ask").click)
        expect(self.field("code.label")).to_be_focused()
        return code

    def asks_otherwise(self) -> None:
        """Say that the code did not come, and take the other way: the phrase."""
        self.page.locator("[data-step=code] summary").click()
        self.button("collect.other_way").click()
        expect(self.heading("collect.phrase_title")).to_be_focused()

    def says(self, phrase: str, name: str = "") -> None:
        """Write a phrase, and who one is where that is asked."""
        if name:
            self.field("collect.name").filter(visible=True).fill(name)
        self.field("collect.phrase").fill(phrase)
        self.button("collect.phrase_check").click()

    def sees_opened(self) -> None:
        """Wait for the files."""
        expect(self.page.locator("[data-step=opened]")).to_be_visible()

    def enters(self, link: str | None = None) -> None:
        """Open the link, ask for a code, type it, and see the files."""
        self.opens(link)
        self.types(self.asks_code())
        self.sees_opened()

    def row(self, name: str) -> Locator:
        """Find a file in the list by its name."""
        return self.page.locator(".file--row").filter(has=self.page.locator(".file__name").get_by_text(name, exact=True))

    @property
    def names(self) -> list[str]:
        """Read the names of the files."""
        return self.page.locator(".file--row .file__name").all_text_contents()

    def downloads(self, name: str) -> Download:
        """Download one file and wait until it is said to be whole."""
        with self.page.expect_download(timeout=60_000) as saved:
            self.row(name).get_by_role("button").click()
        expect(self.row(name)).to_contain_text(self.words("collect.live_verified"))
        return saved.value

    def downloads_all(self) -> dict[str, str]:
        """Download everything with one button; answer the SHA-256 of each file of the zip, by name."""
        with self.page.expect_download(timeout=60_000) as saved:
            self.button("collect.download_all").click()
        expect(self.page.locator(".file__state--good")).to_have_count(len(self.names), timeout=60_000)
        with zipfile.ZipFile(saved.value.path()) as archive:
            return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}

    def downloads_each(self) -> dict[str, str]:
        """Download everything with one button where no zip can be made; answer the SHA-256 of each file saved, by name."""
        saved: list[Download] = []
        self.page.on("download", lambda one: saved.append(one))  # noqa: PLW0108 - Playwright writes on what listens
        self.button("collect.download_all").click()
        expect(self.page.locator(".file__state--good")).to_have_count(len(self.names), timeout=60_000)
        self.waits(lambda: len(saved) == len(self.names))
        return {one.suggested_filename: digest(one) for one in saved}


def digest(saved: Download) -> str:
    """Answer the SHA-256 of a file as it lies on the recipient's disk, in hexadecimal."""
    return hashlib.sha256(Path(saved.path()).read_bytes()).hexdigest()
