"""The walk: sign in, send, be told, prove who one is, collect; whole, in both languages, with every size and name of file."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import StorageState, expect

from tests.browser.arrivals import Arrivals
from tests.browser.files import FRAME, PART, digests, noise, written
from tests.browser.member import Member
from tests.browser.network import QUICK
from tests.browser.people import To, invitation_in, somebody
from tests.browser.recipient import Recipient, digest
from tests.stack import Stack

Comes = Callable[..., Recipient]


def test_files_of_every_size_arrive_byte_for_byte(sender: Member, recipient: Comes, folder: Path) -> None:
    contents = {"scanner.bin": noise(64 << 20), "vide.txt": b"", "trame.bin": noise(FRAME, 2), "part.bin": noise(PART + 1, 3)}
    ada = somebody()
    sender.fills(written(folder, contents), [ada])
    sender.page.evaluate("window.sameplace = true")

    sender.seals()
    sent = sender.sees_sealed()
    assert sender.page.evaluate("window.sameplace"), "the sender had to reload"
    collecting = recipient(ada)
    collecting.enters()
    assert collecting.downloads_all() == digests(contents)

    sender.goes("/transfers")
    expect(sender.row(sent)).to_contain_text(sender.words("transfers.live_opened", opened=1, total=1))
    expect(sender.row(sent)).to_contain_text(sender.words("state.collected"))
    [seen] = sender.transfer(sent.id)["recipients"]
    assert seen["collected_files"] == len(contents)


def test_names_in_every_script_and_a_letter_arrive_in_english(
    came: Arrivals, camille: StorageState, clinic: Stack, recipient: Comes, folder: Path
) -> None:
    names = [
        "bilan sanguin.pdf",
        unicodedata.normalize("NFC", "échographie n°2.pdf"),
        unicodedata.normalize("NFD", "à jeun – août.pdf"),
        "œdème.txt",
        "résultats 🩺.csv",
        "👩🏽‍⚕️.txt",
        "Ångström ½.bin",
        "日本語.txt",
        "מסמך.txt",
        "deux  espaces.txt",
        "sans-extension",
        "l'été (copie) [1] & co; 100 %.txt",
    ]
    contents = {name: noise(1000 + number, number) for number, name in enumerate(names)}
    sender = Member(came.page("en", signed_in=camille), clinic, "en")
    grace = somebody("Grace Hopper", language="en")
    letter = "Dear Grace,\n\nTwelve files – à bientôt 👋\n<b>not bold</b> {{ 7 * 7 }}"

    sender.sends(written(folder, contents), [grace], letter)
    collecting = recipient(grace)
    collecting.enters()

    assert collecting.page.locator("[data-letter]").inner_text() == letter
    expected = {" ".join(unicodedata.normalize("NFC", name).split()): content for name, content in contents.items()}
    assert collecting.names == list(expected)
    assert collecting.downloads_all() == digests(expected)
    assert "A secure document is waiting for you" in clinic.mail(grace.email)[-1].subject
    assert "Share it with nobody" in collecting.codes()[0].text


def test_downloading_everything_saves_every_file_however_small(sender: Member, recipient: Comes, folder: Path) -> None:
    contents = {f"coupe-{number:02}.txt": f"coupe {number}".encode() for number in range(25)}
    ada = somebody()
    sender.sends(written(folder, contents), [ada])
    collecting = recipient(ada)
    collecting.page.add_init_script(QUICK)
    collecting.page.add_init_script("Object.defineProperty(Navigator.prototype, 'serviceWorker', {value: undefined})")
    collecting.enters()

    assert collecting.downloads_each() == digests(contents)  # Chromium drops the eleventh download of a second without a word


def test_each_recipient_has_a_link_a_channel_and_a_language_of_their_own(sender: Member, recipient: Comes, folder: Path) -> None:
    ada, grace = somebody(), somebody("Grace Hopper", mobile=False, language="en")
    contents = {"lettre.txt": b"bonjour"}
    sent = sender.sends(written(folder, contents), [ada, grace])
    first, second = recipient(ada), recipient(grace)
    assert first.link != second.link

    first.enters()
    sender.goes("/transfers")
    expect(sender.row(sent)).to_contain_text(sender.words("transfers.live_opened", opened=1, total=2))
    second.enters()
    assert digest(second.downloads("lettre.txt")) == digests(contents)["lettre.txt"]

    sender.goes(f"/transfers/{sent.id}")
    people = sender.page.locator(".person")
    expect(people.filter(has_text=ada.name)).to_contain_text(sender.words("transfer.live_event_opened"))
    expect(people.filter(has_text=ada.name)).not_to_contain_text(sender.words("transfer.live_event_all"))
    expect(people.filter(has_text=grace.name)).to_contain_text(sender.words("transfer.live_event_all"))


def test_dropped_files_and_folders_are_sent_with_their_paths(sender: Member, recipient: Comes, folder: Path) -> None:
    contents = {"dossier/sous-dossier/examen.bin": noise(5000), "dossier/lettre.txt": b"bonjour", "seul.txt": b"seul"}
    written(folder, contents)
    ada = somebody()
    sender.fills([], [ada])

    sender.drops([folder / "dossier", folder / "seul.txt"])
    expect(sender.page.locator(".drop .file")).to_have_count(3)
    sender.seals()
    sender.sees_sealed()
    collecting = recipient(ada)
    collecting.enters()

    assert sorted(collecting.names) == sorted(contents)
    for name, content in digests(contents).items():
        assert digest(collecting.downloads(name)) == content


def test_a_member_whom_the_administrator_invites_signs_in_by_sms(came: Arrivals, host: Member, clinic: Stack) -> None:
    invited = To("Dominique Secrétaire", "dominique@clinique.example", "+33612999001")
    host.proves()
    host.goes("/members")
    host.field("members.name").fill(invited.name)
    host.field("members.email").fill(invited.email)
    host.field("send.mobile").fill("06 12 99 90 01")

    letter = host.gets(lambda: clinic.mail(invited.email), host.button("members.submit").click)
    host.sees("members.live_invited", name=invited.name)
    arrived = Member(came.page(), clinic)
    arrived.joins(invitation_in([letter]))
    arrived.button("nav.sign_out").click()
    arrived.page.wait_for_url("**/signin")
    arrived.signs_in(invited.email, by="sms", mobile=invited.mobile)

    assert arrived.calls("GET", "/api/session")["body"]["member"]["role"] == "sender"
    expect(arrived.page.get_by_role("link", name=arrived.words("nav.members"))).to_have_count(0)
    arrived.page.goto(f"{clinic.origin}/members")
    expect(arrived.heading("error.forbidden.title")).to_be_visible()
