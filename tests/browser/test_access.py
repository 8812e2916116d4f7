"""Everybody can use every page in every state: axe, by day and by night, on a desk and on a phone, enlarged, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, StorageState

from tests.browser.arrivals import Arrivals
from tests.browser.looks import DESK, DESK_AT_NIGHT, ENLARGED, PHONE, PHONE_AT_NIGHT, overflow, seen, violations
from tests.browser.member import Member
from tests.browser.people import Person
from tests.browser.scene import Scene, Walk
from tests.browser.staff import Staff
from tests.browser.states import WALKS
from tests.stack import Stack

COLOURS = ["color-contrast", "link-in-text-block"]
EVERY_LOOK = ((DESK, None), (DESK_AT_NIGHT, COLOURS), (PHONE, COLOURS), (PHONE_AT_NIGHT, None))
PAGES = ("/signin", "/send", "/transfers", "/members", "/costs", "/health", "/about", "/c", "/nowhere")


def troubles(page: Page, language: str) -> list[str]:
    """Look at a page in every way, and list what is wrong with it."""
    found = []
    for look, rules in EVERY_LOOK:
        with seen(page, look):
            found += [f"{look.name}: {one}" for one in violations(page, rules)]
            found += [f"{look.name}: {wider} pixels too wide" for wider in [overflow(page)] if wider > 0]
    with seen(page, ENLARGED):
        found += [f"at 200 %: {wider} pixels too wide" for wider in [overflow(page)] if wider > 0]
    if page.locator("html").get_attribute("lang") != language:
        found.append("the language of the page is not the reader's")
    return found


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_no_state_of_any_page_keeps_anybody_out(walk: Walk, came: Arrivals, staff: Staff, clinic: Stack, folder: Path) -> None:
    scene = Scene(came, clinic, staff, folder)

    found = {name: some for name, page in walk(scene) if (some := troubles(page, scene.language))}

    assert found == {}


def test_what_keeps_people_out_would_be_found(came: Arrivals, clinic: Stack) -> None:
    who = Person(came.page(), clinic)
    who.goes("/signin")
    who.page.evaluate("""() => {
      document.querySelector('label').remove();
      document.querySelector('.aside').style.color = '#bbb';
      document.querySelector('h1').style.width = '700px';
      document.documentElement.lang = 'de';
    }""")

    found = " ".join(troubles(who.page, "fr"))

    for trouble in (
        "1280-light: label:",
        "0320-dark: label:",
        "1280-light: color-contrast:",
        "0320-light: 396 pixels",
        "200 %",
        "language",
    ):
        assert trouble in found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_speaks_the_browser_s_language_or_the_one_asked_for(
    language: str, came: Arrivals, camille: StorageState, clinic: Stack
) -> None:
    other = "en" if language == "fr" else "fr"
    member = Member(came.page(language, signed_in=camille), clinic, language)
    stranger = Person(came.page(language), clinic, language)

    for path in PAGES:
        member.goes(path)
        assert member.page.locator("html").get_attribute("lang") == language
        with seen(member.page, PHONE):
            assert (path, overflow(member.page)) == (path, 0)
    stranger.goes(f"/signin?lang={other}")
    stranger.goes("/about")

    assert stranger.page.locator("html").get_attribute("lang") == other
