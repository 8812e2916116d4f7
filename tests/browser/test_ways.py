"""The ways in for a recipient: no code came, a phrase told by voice, who opens a shared mailbox, a device of one's own."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from time import time

from playwright.sync_api import expect

from chalicelib.domain.throttle import PAUSES
from tests.browser.files import digests, written
from tests.browser.member import Member
from tests.browser.people import somebody
from tests.browser.recipient import Recipient, digest
from tests.stack import Stack

Comes = Callable[..., Recipient]
CONTENTS = {"lettre.txt": b"bonjour"}
DAY = 24 * 3600
WRONG = "abeille abandon abolir aborder"


def badly_written(phrase: str) -> str:
    """Write a phrase as somebody in a hurry does."""
    bare = unicodedata.normalize("NFD", phrase).encode("ascii", "ignore").decode()
    return f" {bare.upper().replace(' ', ' -  ')}. "


def lasts(who: Recipient) -> float:
    """Tell how many days the browser keeps the session."""
    (cookie,) = [one for one in who.page.context.cookies() if one["name"] == "__Host-collect"]
    return (cookie["expires"] - time()) / DAY


def test_a_phrase_a_name_and_a_device_of_ones_own(sender: Member, recipient: Comes, folder: Path) -> None:
    ward = somebody("Secrétariat de cardiologie", mobile=False, shared=True)
    sent = sender.sends(written(folder, CONTENTS), [ward])
    reading = recipient(ward)
    reading.opens()
    reading.field("collect.remember").check()
    reading.gets_code(reading.codes, reading.button("collect.ask").click)
    reading.sees("collect.live_sent_email")

    reading.asks_otherwise()
    sender.goes(f"/transfers/{sent.id}")
    expect(sender.page.locator("[data-phrase]")).not_to_be_empty()
    phrase = sender.page.locator("[data-phrase]").inner_text()
    reading.says(phrase)
    reading.sees("refusal.no_name")
    reading.says(WRONG, "Camille Secrétaire")
    reading.sees("refusal.wrong_phrase")
    for wait in (0, *PAUSES[1:4]):
        reading.page.wait_for_timeout(wait * 1000 + 300)
        reading.says(WRONG)
        expect(reading.button("collect.phrase_check")).to_be_enabled()
    reading.sees("refusal.phrase_spent")
    reading.button("collect.phrase_again").click()  # the other way once more: the phrase stays
    expect(reading.heading("collect.phrase_title")).to_be_focused()
    for told in (ward.email, phrase.split()[0]):
        assert told not in reading.page.content()
    reading.says(badly_written(phrase))
    reading.sees_opened()

    assert 6.9 < lasts(reading) <= 7
    assert digest(reading.downloads("lettre.txt")) == digests(CONTENTS)["lettre.txt"]
    again = reading.page.context.new_page()
    again.goto(reading.link)
    expect(again.locator("[data-step=opened]")).to_be_visible()
    sender.page.reload()
    card = sender.page.locator(".person")
    for event, values in (("phrase", {}), ("proved_phrase", {}), ("named", {"name": "Camille Secrétaire"}), ("all", {})):
        expect(card).to_contain_text(sender.words(f"transfer.live_event_{event}", **values))


def test_a_code_of_a_shared_mailbox_waits_for_a_name(sender: Member, recipient: Comes, folder: Path) -> None:
    ward = somebody("Service de radiologie", shared=True)
    sent = sender.sends(written(folder, CONTENTS), [ward])
    reading = recipient(ward)
    reading.opens()
    code = reading.gets_code(reading.codes, reading.button("collect.ask").click)
    expect(reading.field("collect.name").filter(visible=True)).to_be_focused()

    reading.types(code)
    reading.sees("refusal.no_name")
    expect(reading.field("collect.name").filter(visible=True)).to_be_focused()
    reading.field("collect.name").filter(visible=True).fill("Dominique")
    reading.button("code.check").click()
    reading.sees_opened()

    assert lasts(reading) < 4 / 24
    (seen,) = sender.transfer(sent.id)["recipients"]
    assert ([one["name"] for one in seen["names"]], seen["proved_by"], seen["phrase"]) == (["Dominique"], "sms", None)


def test_a_device_nobody_wants_remembered_is_asked_for_a_code_again(sender: Member, recipient: Comes, folder: Path) -> None:
    ada = somebody()
    sender.sends(written(folder, CONTENTS), [ada])
    reading = recipient(ada)
    reading.enters()

    reading.opens()

    expect(reading.button("collect.ask")).to_be_visible()
    expect(reading.field("collect.remember")).not_to_be_checked()


def test_a_remembered_device_forgets_when_it_is_told_to(sender: Member, recipient: Comes, folder: Path, clinic: Stack) -> None:
    ada = somebody()
    sender.sends(written(folder, CONTENTS), [ada])
    reading = recipient(ada)
    reading.opens()
    reading.field("collect.remember").check()
    reading.types(reading.asks_code())
    reading.sees_opened()
    reading.page.goto(f"{clinic.origin}/about")
    reading.opens()
    reading.sees_opened()

    reading.button("collect.leave").click()
    expect(reading.heading("collect.end.left.title")).to_be_visible()
    reading.opens()

    expect(reading.button("collect.ask")).to_be_visible()
