"""Firefox seals, opens and saves as Chromium does, at a phone's width and with the cookies of third parties blocked."""

from __future__ import annotations

import hashlib
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import StorageState

from chalicelib.rendering import sentence
from infra.local.mailbox import Message
from tests.browser.files import PART, digests, noise, written
from tests.browser.firefox import Fox, firefox
from tests.browser.member import BASIS, Member
from tests.browser.people import To, code_in, link_in, somebody
from tests.browser.store import Store
from tests.stack import Stack

PHONE = 360  # pixels
PATIENCE = 60  # seconds
LARGE = {"irm « épaule » n°2.bin": noise((72 << 20) + 12_345)}


@pytest.fixture
def fox(tmp_path: Path) -> Iterator[Fox]:
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    with firefox(downloads, PHONE) as started:
        yield started
        assert started.faults() == started.expected


def first(look: Callable[[], Sequence[Message]]) -> Message:
    """Wait for a letter."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for one in look():
            return one
        time.sleep(0.2)
    raise AssertionError("no letter came")


def enters(fox: Fox, clinic: Stack, to: To) -> None:
    """Open the link of the letter, and prove who one is."""
    fox.goes(link_in(first(lambda: [one for one in clinic.mail(to.email) if "#" in one.text])))
    fox.clicks("[data-ask]")
    fox.fills("[data-step=code] [autocomplete=one-time-code]", code_in(first(lambda: clinic.sms(to.mobile or ""))))
    fox.sees("[data-step=opened]")


def saved(fox: Fox) -> Path:
    """Wait for the one file that was saved, under its own name."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        there = list(fox.downloads.iterdir())
        if len(there) == 1 and there[0].suffix != ".part" and there[0].stat().st_size:
            return there[0]
        time.sleep(0.2)
    raise AssertionError(list(fox.downloads.iterdir()))


def test_what_firefox_seals_it_opens_and_gives_as_one_zip(fox: Fox, camille: StorageState, clinic: Stack, folder: Path) -> None:
    contents, ada = {"lettre.txt": b"bonjour", "vide.txt": b"", "irm.bin": noise(2 * PART + 1)}, somebody()
    fox.keeps([{**one, "expires": int(one.get("expires", -1))} for one in camille["cookies"]])  # Firefox counts whole seconds
    fox.goes(f"{clinic.origin}/send")
    for name, text in (("name", ada.name), ("email", ada.email), ("mobile", ada.mobile)):
        fox.fills(f'[id="recipients.0.{name}"]', str(text))
    fox.chooses("[data-input]", written(folder, contents))
    fox.clicks(f"label:has([value={BASIS}])")
    fox.clicks("[type=submit]")
    fox.sees(".told__name")

    enters(fox, clinic, ada)
    fox.clicks("[data-all]")

    with zipfile.ZipFile(saved(fox)) as archive:
        assert {one: hashlib.sha256(archive.read(one)).hexdigest() for one in archive.namelist()} == digests(contents)


def test_firefox_saves_a_large_file_while_it_comes(fox: Fox, sender: Member, clinic: Stack, folder: Path) -> None:
    ada = somebody()
    sender.sends(written(folder, LARGE), [ada])

    enters(fox, clinic, ada)
    fox.clicks("[data-download]")
    fox.sees(".file__state--good")

    assert fox.ended(1) == ["complete"]
    found = saved(fox)
    assert {found.name: hashlib.sha256(found.read_bytes()).hexdigest()} == digests(LARGE)
    assert fox.runs("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 1


def test_firefox_leaves_nothing_of_a_large_file_that_is_not_true(fox: Fox, sender: Member, clinic: Stack, folder: Path) -> None:
    ada, store = somebody(), Store(clinic)
    sent = sender.sends(written(folder, LARGE), [ada])
    sealed = bytearray(store.sealed(sent.id))
    sealed[-1] ^= 1
    store.overwrite(sent.id, bytes(sealed))

    enters(fox, clinic, ada)
    fox.clicks("[data-download]")
    fox.sees(".file__state--bad")

    assert fox.reads(".file__state--bad") == sentence("fr", "refusal.integrity")
    assert fox.ended(1) == ["canceled"]  # as it calls what failed, too
    assert [one.stat().st_size for one in fox.downloads.iterdir() if one.suffix != ".part"] == [0]
    fox.expected = ["Error: Failed to load ‘’. A ServiceWorker intercepted the request and encountered an unexpected error."]
