"""Take pictures of every page in every state, and of every letter: `python -m tests.browser.screenshots`, which is `make screenshots`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, expect

from infra.local.mailbox import Message
from tests.browser.arrivals import PATIENCE, Arrivals, chromium
from tests.browser.files import payload
from tests.browser.looks import LOOKS, seen
from tests.browser.member import Member
from tests.browser.people import somebody
from tests.browser.recipient import Recipient
from tests.browser.scene import Scene
from tests.browser.staff import opening
from tests.browser.states import WALKS
from tests.stack import ROOT, Stack, stack

PICTURES = ROOT / "build" / "screenshots"
ENGLISH = ("filling", "sending", "living", "collecting")  # the walks that are also taken in English


def main() -> None:
    """Fill build/screenshots anew."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    expect.set_options(timeout=PATIENCE)
    with stack() as clinic, chromium() as browser, tempfile.TemporaryDirectory() as folder:
        staff = opening(Arrivals(browser, clinic), clinic)
        for language in ("fr", "en"):
            for walk in WALKS:
                if language == "fr" or walk.__name__ in ENGLISH:
                    came = Arrivals(browser, clinic)
                    _taken(walk(Scene(came, clinic, staff, Path(folder), language)), "" if language == "fr" else "-en")
                    came.leave()
        _letters(browser, clinic, staff.camille)
    sys.stdout.write(f"{len(list(PICTURES.iterdir()))} pictures in {PICTURES.relative_to(ROOT)}/\n")


def _taken(states: Iterator[tuple[str, Page]], suffix: str) -> None:
    for name, page in states:
        for look in LOOKS:
            with seen(page, look):
                page.screenshot(path=PICTURES / f"{name}{suffix}-{look.name}.png", full_page=True)


def _letters(browser: Browser, clinic: Stack, camille: StorageState) -> None:
    """Take the newest letter under each subject, as it is shown in a mailbox, and the mailbox itself."""
    came = Arrivals(browser, clinic)
    grace = somebody("Grace Hopper", mobile=False, language="en")
    Member(came.page(signed_in=camille), clinic).sends([payload("letter.txt", b"hello")], [grace])
    Recipient(came.page("en"), clinic, grace).enters()
    newest: dict[str, Message] = {}
    for letter in clinic.messages():
        newest.setdefault(letter.subject, letter)
    page = came.page()
    for number, letter in enumerate(one for one in newest.values() if one.html):
        page.set_content(letter.html)
        _taken(iter([(f"letter-{number}", page)]), "")
        (PICTURES / f"letter-{number}.txt").write_text(f"{letter.subject}\n\n{letter.text}", encoding="utf-8")
    page.goto(clinic.mailbox_url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / "mailbox.png")
    came.leave()


if __name__ == "__main__":
    main()
