"""Names that attack: shown as they are, saved under a name that harms no computer (T-20, T-22)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.files import payload
from tests.browser.member import Member
from tests.browser.people import To, somebody
from tests.browser.recipient import Recipient
from tests.stack import Stack

Comes = Callable[..., Recipient]
MARKUP = "<img src=x onerror=alert(1)>"
# As the sender's computer had it → as it is shown and saved.
NAMES = {
    f"{MARKUP}.pdf": "_img src=x onerror=alert(1)_.pdf",
    "{{7*7}}${7*7}.txt": "{{7_7}}${7_7}.txt",
    "facture\u202efdp.exe": "facturefdp.exe",
    "../../x": "_.._x",
    "..\\..\\autorun.inf": "_.._autorun.inf",
    "con.txt": "_con.txt",
    "a\u0000b\r\nc.txt": "abc.txt",
    "=cmd|'/c calc'!A1.csv": "=cmd_'_c calc'!A1.csv",
    ".htaccess": "htaccess",
}
# Keep the address and the type of every clear file; then open one as a page and read what its title became.
BLOBS = """window.blobs = []; const make = URL.createObjectURL;
URL.createObjectURL = blob => { const address = make(blob); window.blobs.push([address, blob.type]); return address; }"""
OPENED = """address => new Promise(done => {
  const page = window.open(address);
  setTimeout(() => { let title = ''; try { title = page.document.title } catch {} page?.close(); done(title) }, 500);
})"""
MEANT = "<script>alert(1)</script>\n{{7*7}}\njavascript:alert(1)"


def test_hostile_names_are_shown_literally_and_saved_safely(sender: Member, recipient: Comes, clinic: Stack) -> None:
    dialogs: list[str] = []
    sender.page.on("dialog", lambda one: dialogs.append(one.message))
    ada = To(f"{MARKUP} {{{{7*7}}}}", somebody().email, somebody().mobile)

    sender.fills([payload(name, name.encode()) for name in NAMES], [ada], MEANT)
    assert sender.page.locator(".drop .file__name").all_text_contents() == list(NAMES)
    sender.seals()
    sent = sender.sees_sealed()
    assert sender.page.locator("[data-lines] .file__name").all_text_contents() == list(NAMES)
    expect(sender.page.locator(".told__name")).to_have_text(ada.name)
    for path in ("/transfers", f"/transfers/{sent.id}"):
        sender.goes(path)
        expect(sender.page.get_by_text(ada.name).filter(visible=True).first).to_be_visible()
        assert sender.page.locator("main img, main script").count() == 0
    collecting = recipient(ada)
    collecting.page.on("dialog", lambda one: dialogs.append(one.message))
    collecting.enters()

    assert collecting.page.locator("[data-letter]").inner_text() == MEANT
    assert collecting.names == list(NAMES.values())
    assert set(collecting.downloads_all()) == set(NAMES.values())
    assert collecting.page.locator("main img, main script, [data-letter] *").count() == 0
    assert dialogs == []
    for letter in clinic.mail(ada.email):
        assert MARKUP not in letter.html


def test_a_page_sent_as_a_file_is_saved_and_runs_nowhere(sender: Member, recipient: Comes) -> None:
    run = "<script>document.title = 'ran'; fetch('/api/collect')</script>"
    files = {
        "page.html": run,
        "image.svg": f"<svg xmlns='http://www.w3.org/2000/svg'>{run}</svg>",
        "page.xml": f"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>{run}</html>",
    }
    ada = somebody()
    sender.sends([payload(name, content.encode()) for name, content in files.items()], [ada])
    collecting = recipient(ada)
    collecting.page.add_init_script(BLOBS)
    collecting.enters()

    for name in files:
        collecting.downloads(name)
    blobs = collecting.page.evaluate("window.blobs")
    opened = [collecting.page.evaluate(OPENED, address) for address, _ in blobs]

    assert [kind for _, kind in blobs] == ["application/octet-stream"] * len(files)
    assert "ran" not in opened
