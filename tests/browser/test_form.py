"""The forms: nothing typed is lost, errors are told where the eyes and the focus are, and a keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.arrivals import Arrivals
from tests.browser.files import written
from tests.browser.member import Member
from tests.browser.people import Person, To, somebody
from tests.browser.recipient import Recipient
from tests.stack import Stack

Comes = Callable[..., Recipient]
FARTHEST = 80  # presses of Tab before a field counts as out of reach


def reaches(who: Person, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(FARTHEST):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        who.page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {wanted}")


def test_an_empty_form_says_all_that_is_missing_and_takes_the_focus(sender: Member) -> None:
    sender.goes("/send")
    sender.seals()

    summary = sender.page.locator("form [data-summary]")
    expect(summary).to_be_focused()
    for code in ("bad_name", "bad_email", "no_file", "unknown_basis"):
        expect(summary).to_contain_text(sender.words(f"refusal.{code}"))
    summary.get_by_role("link", name=sender.words("refusal.bad_email")).click()
    expect(sender.page.locator("[id='recipients.0.email']")).to_be_focused()


def test_a_refusal_of_the_server_keeps_everything_and_names_the_field(sender: Member, folder: Path) -> None:
    wrong = To("Dr Ada Lovelace", "ada@example.fr", "+33 1 00")
    sender.fills(written(folder, {"lettre.txt": b"bonjour"}), [wrong], "Voici.", basis="patient_consent")
    sender.page.locator("#consent_date").fill("2024-02-29")

    sender.seals()

    field = sender.page.locator("[id='recipients.0.mobile']")
    expect(sender.page.locator("form [data-summary]")).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(sender.page.locator("[id='recipients.0.mobile-error']")).to_have_text(sender.words("refusal.bad_mobile"))
    expect(field).to_have_value("+33 1 00")
    expect(sender.page.locator("[id='recipients.0.name']")).to_have_value(wrong.name)
    expect(sender.page.locator("#message")).to_have_value("Voici.")
    expect(sender.page.locator("#consent_date")).to_have_value("2024-02-29")
    expect(sender.page.locator(".drop .file__name")).to_have_text("lettre.txt")
    field.fill("06 12 34 56 78")
    sender.seals()
    sender.sees_sealed()


def test_a_double_click_makes_one_transfer(sender: Member, folder: Path) -> None:
    sender.fills(written(folder, {"lettre.txt": b"bonjour"}), [somebody()])
    made: list[str] = []
    sender.page.on("request", lambda one: made.append(one.method) if one.url.endswith("/api/transfers") else None)

    sender.button("send.submit").dblclick()
    sender.sees_sealed()

    assert made.count("POST") == 1


def test_sending_and_collecting_need_no_mouse(sender: Member, recipient: Comes, folder: Path) -> None:
    [letter] = written(folder, {"lettre.txt": b"bonjour"})
    ada = somebody()
    press, insert = sender.page.keyboard.press, sender.page.keyboard.insert_text
    sender.goes("/send")

    for name, text in (("name", ada.name), ("email", ada.email), ("mobile", ada.mobile)):
        reaches(sender, sender.page.locator(f"[id='recipients.0.{name}']"))
        insert(text or "")
    reaches(sender, sender.page.locator("#sizes"))
    with sender.page.expect_file_chooser() as chooser:
        press("Enter")
    chooser.value.set_files(letter)
    reaches(sender, sender.page.locator("#message"))
    insert("Voici.")
    reaches(sender, sender.page.locator("#basis"))
    press("ArrowDown")
    reaches(sender, sender.button("send.submit"))
    press("Enter")
    sender.sees_sealed()
    expect(sender.heading("sending.live_sealed")).to_be_focused()

    collecting = recipient(ada)
    collecting.opens()
    expect(collecting.page.locator("[data-step=ask] h1")).to_be_focused()
    reaches(collecting, collecting.button("collect.ask"))
    code = collecting.gets_code(collecting.codes, lambda: collecting.page.keyboard.press("Enter"))
    expect(collecting.field("code.label")).to_be_focused()
    collecting.page.keyboard.type(code)
    collecting.sees_opened()
    reaches(collecting, collecting.row("lettre.txt").get_by_role("button"))
    with collecting.page.expect_download() as saved:
        collecting.page.keyboard.press("Enter")
    assert Path(saved.value.path()).read_bytes() == b"bonjour"


def test_a_whole_folder_is_chosen_without_a_mouse(sender: Member, folder: Path) -> None:
    written(folder, {"dossier/sous-dossier/examen.txt": b"1", "dossier/lettre.txt": b"2"})
    sender.goes("/send")

    reaches(sender, sender.button("send.choose_folder"))
    with sender.page.expect_file_chooser() as chooser:
        sender.page.keyboard.press("Enter")
    chooser.value.set_files(folder / "dossier")

    expect(sender.page.locator(".drop .file__name")).to_have_text(["dossier/lettre.txt", "dossier/sous-dossier/examen.txt"])


def test_an_unknown_address_is_answered_like_a_known_one(came: Arrivals, clinic: Stack) -> None:
    stranger = Person(came.page("en"), clinic, "en")
    stranger.goes("/signin")
    stranger.field("signin.email").fill("nobody@clinique.example")
    stranger.field("signin.by_email").check()
    stranger.button("signin.ask").click()

    stranger.sees("signin.sent_email")
    stranger.types("123456")
    stranger.sees("refusal.wrong_code")
    assert clinic.mail("nobody@clinique.example") == []


def test_without_cryptography_nothing_starts(sender: Member, recipient: Comes, folder: Path) -> None:
    files, ada = written(folder, {"lettre.txt": b"bonjour"}), somebody()
    sender.sends(files, [ada])
    old = recipient(ada)
    for who in (sender, old):
        who.page.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', {value: undefined})")

    sender.fills(files, [somebody()])
    before = sender.newest["transfer"]
    sender.seals()
    sender.sees("refusal.no_crypto")
    old.opens()
    old.types(old.asks_code())
    expect(old.heading("collect.end.no_crypto.title")).to_be_visible()

    assert sender.newest["transfer"] == before
