"""Where the states of pages are made: a clinic, who comes to it, and what they carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.arrivals import Arrivals
from tests.browser.files import noise
from tests.browser.member import Member
from tests.browser.people import Person, To, somebody
from tests.browser.recipient import Recipient
from tests.browser.staff import Staff
from tests.stack import Stack

FILES = {"échographie du 3 mars 2026 – compte rendu détaillé.pdf": noise(300_000), "irm.zip": noise(2_400_000, 2)}
LETTER = "Bonjour Madame,\n\nVoici vos résultats. Ils ne demandent rien d’urgent ; parlons-en mardi.\n\nBien à vous"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where states are made."""

    came: Arrivals
    clinic: Stack
    staff: Staff
    folder: Path
    language: str = "fr"

    def member(self) -> Member:
        """Let the administrator come."""
        return Member(self.came.page(self.language, signed_in=self.staff.camille), self.clinic, self.language)

    def person(self) -> Person:
        """Let somebody come whom nobody knows."""
        return Person(self.came.page(self.language), self.clinic, self.language)

    def recipient(self, to: To) -> Recipient:
        """Let somebody come whom a transfer is for."""
        return Recipient(self.came.page(to.language), self.clinic, to)

    def somebody(self, name: str = "Dr Ada Lovelace", *, mobile: bool = True) -> To:
        """Make up a person of this scene's language."""
        return somebody(name, mobile=mobile, language=self.language)


Walk = Callable[[Scene], Iterator[tuple[str, Page]]]
