"""What everybody does with a browser: go to a page, find a button by what it says, read the post, type a code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from playwright.sync_api import Locator, Page, expect

from chalicelib.rendering import sentence
from infra.local.mailbox import Message
from tests.browser.arrivals import PATIENCE
from tests.stack import Stack

T = TypeVar("T")
LOOK_EVERY = 100  # milliseconds
LINK = re.compile(r"http\S+/c\S*#\S+")
INVITATION = re.compile(r"http\S+/join\S*#\S+")
CODE = re.compile(r"\b\d{6}\b")
CALL = """async ([method, path, body]) => {
  const headers = method === 'GET' ? {} : {'Content-Type': 'application/json'};
  const answer = await fetch(path, {method, headers, body: body === null ? undefined : JSON.stringify(body)});
  const text = await answer.text();
  return {status: answer.status, body: text === '' ? null : JSON.parse(text)};
}"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class To:
    """Somebody a transfer is for."""

    name: str
    email: str
    mobile: str | None = None
    language: str = "fr"
    shared: bool = False


def somebody(name: str = "Dr Ada Lovelace", *, mobile: bool = True, language: str = "fr", shared: bool = False) -> To:
    """Make up a person whose address and number nobody else has."""
    number = next(_numbers)
    return To(name, f"personne.{number}@example.fr", f"+33612{number:06}" if mobile else None, language, shared)


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, page: Page, clinic: Stack, language: str = "fr") -> None:
        self.page = page
        self.clinic = clinic
        self.language = language

    def goes(self, path: str) -> None:
        """Go to a page of the clinic, and wait until its scripts have started."""
        self.page.goto(f"{self.clinic.origin}{path}")
        self.page.wait_for_load_state("networkidle")

    def words(self, key: str, **values: object) -> str:
        """Say a sentence of the locale in this person's language."""
        return sentence(self.language, key, **values)

    def button(self, key: str, **values: object) -> Locator:
        """Find a button by what it says, and nothing hidden."""
        return self.page.get_by_role("button", name=self.words(key, **values), exact=True)

    def heading(self, key: str, **values: object) -> Locator:
        """Find a heading by what it says."""
        return self.page.get_by_role("heading", name=self.words(key, **values), exact=True)

    def field(self, key: str) -> Locator:
        """Find a field by its label."""
        return self.page.get_by_label(self.words(key))

    def sees(self, key: str, **values: object) -> None:
        """Wait until a sentence can be read somewhere on the page."""
        expect(self.page.get_by_text(self.words(key, **values)).filter(visible=True).first).to_be_visible()

    @property
    def reads(self) -> str:
        """Answer all that can be read in the page's main part."""
        return self.page.locator("main").inner_text()

    def types(self, code: str) -> None:
        """Type a one-time code, which sends itself at the sixth digit, once the last one has been answered."""
        expect(self.button("code.check")).to_be_enabled()
        self.field("code.label").filter(visible=True).fill(code)

    def waits(self, look: Callable[[], T | None], patience: int = PATIENCE) -> T:
        """Answer the first true value of `look`, letting the browser go on meanwhile."""
        for _ in range(patience // LOOK_EVERY):
            if found := look():
                return found
            self.page.wait_for_timeout(LOOK_EVERY)
        raise AssertionError(f"nothing after {patience} milliseconds")

    def gets(self, letters: Callable[[], Sequence[Message]], act: Callable[[], object]) -> Message:
        """Do something, and answer the letter that comes of it."""
        known = {one.id for one in letters()}
        act()
        return self.waits(lambda: next((one for one in letters() if one.id not in known), None))

    def gets_code(self, letters: Callable[[], Sequence[Message]], act: Callable[[], object]) -> str:
        """Do something, and answer the code that comes of it."""
        return code_in(self.gets(letters, act))

    def calls(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the API from this page, as its scripts do: the status and the parsed body."""
        answer: dict[str, Any] = self.page.evaluate(CALL, [method, path, body])
        return answer


def invitation_in(letters: Sequence[Message]) -> str:
    """Read the link of the newest invitation among letters, newest first."""
    found = (INVITATION.search(one.text) for one in letters)
    return next(one[0] for one in found if one)


def code_in(letter: Message) -> str:
    """Read the code in a letter."""
    found = CODE.search(letter.text)
    assert found, letter
    return found[0]


def link_in(letter: Message) -> str:
    """Read the share link in a letter."""
    found = LINK.search(letter.text)
    assert found, letter
    return found[0]
