"""Large files go to the disk as they come: whole, or as a download that failed; nothing is kept in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Route, StorageState, expect

from tests.browser.arrivals import Arrivals
from tests.browser.files import digests, noise, written
from tests.browser.member import Member, Sent
from tests.browser.network import bucket_of
from tests.browser.people import To, somebody
from tests.browser.recipient import Recipient, digest
from tests.browser.store import Store
from tests.stack import Stack

Comes = Callable[..., Recipient]
NAME = "scanner « épaule » n°2 (1).bin"
LARGE = {NAME: noise((72 << 20) + 12_345)}
REGISTERED = "async () => (await navigator.serviceWorker.getRegistrations()).map(one => new URL(one.scope).pathname)"


@pytest.fixture(scope="module")
def people() -> list[To]:
    return [somebody(f"Ada {number}") for number in range(11)]


@pytest.fixture(scope="module")
def sent(chromium: Browser, camille: StorageState, clinic: Stack, people: list[To], tmp_path_factory: pytest.TempPathFactory) -> Sent:
    came = Arrivals(chromium, clinic)
    sender = Member(came.page(signed_in=camille), clinic)
    done = sender.sends(written(tmp_path_factory.mktemp("large"), LARGE), people)
    came.leave()
    return done


@pytest.fixture
def spoiled(sent: Sent, clinic: Stack) -> Iterator[Callable[[Callable[[bytearray], object]], None]]:
    """Change what the bucket holds of the file, for one test."""
    store, sealed = Store(clinic), bytearray()

    def change(how: Callable[[bytearray], object]) -> None:
        sealed[:] = store.sealed(sent.id)
        other = bytearray(sealed)
        how(other)
        store.overwrite(sent.id, bytes(other))

    yield change
    store.overwrite(sent.id, bytes(sealed))


def test_a_large_file_is_a_download_of_the_browsers_own(sent: Sent, people: list[To], recipient: Comes) -> None:
    reading = recipient(people[0])
    reading.enters()
    assert reading.page.evaluate(REGISTERED) == [], "a service worker before there was anything for it to do"

    saved = reading.downloads(NAME)

    assert "/saving/" in saved.url
    assert (saved.suggested_filename, saved.failure()) == (NAME, None)
    assert digest(saved) == digests(LARGE)[NAME]
    assert reading.page.evaluate(REGISTERED) == ["/saving/"]
    reading.button("collect.leave").click()
    expect(reading.heading("collect.end.left.title")).to_be_visible()
    assert reading.page.evaluate(REGISTERED) == []


def test_a_file_whose_last_frame_is_not_true_is_a_failed_download(
    sent: Sent, people: list[To], recipient: Comes, clinic: Stack, spoiled: Callable[[Callable[[bytearray], object]], None]
) -> None:
    spoiled(lambda sealed: sealed.__setitem__(-1, sealed[-1] ^ 1))

    reading, saved = fails(recipient(people[1]), "refusal.integrity")

    assert saved.failure() is not None
    assert reading.row(NAME).get_by_role("button").inner_text() == reading.words("collect.live_download")


def test_a_file_that_ends_too_soon_is_a_failed_download(
    sent: Sent, people: list[To], recipient: Comes, clinic: Stack, spoiled: Callable[[Callable[[bytearray], object]], None]
) -> None:
    spoiled(lambda sealed: sealed.__delitem__(slice(-70_000, None)))

    _, saved = fails(recipient(people[2]), "refusal.integrity")

    assert saved.failure() is not None


def test_whoever_stops_a_download_has_none(sent: Sent, people: list[To], recipient: Comes, clinic: Stack) -> None:
    reading = recipient(people[3])
    saved = half_way(reading, clinic)

    reading.row(NAME).get_by_role("button").click()

    assert saved.failure() is not None
    expect(reading.row(NAME).get_by_role("button")).to_have_text(reading.words("collect.live_download"))


def test_a_page_that_closes_takes_its_download_with_it(sent: Sent, people: list[To], recipient: Comes, clinic: Stack) -> None:
    reading = recipient(people[4])
    saved = half_way(reading, clinic)
    reading.page.context.new_page()

    reading.page.close(run_before_unload=True)

    assert saved.failure() is not None


def test_a_download_cancelled_in_the_browser_is_told(sent: Sent, people: list[To], recipient: Comes, clinic: Stack) -> None:
    reading = recipient(people[5])
    saved = half_way(reading, clinic)

    saved.cancel()
    reading.page.context.unroute_all()

    reading.sees("refusal.saving_stopped")


def test_a_browser_without_service_workers_gathers_the_file_first(sent: Sent, people: list[To], recipient: Comes) -> None:
    reading = recipient(people[6])
    reading.page.add_init_script("Object.defineProperty(Navigator.prototype, 'serviceWorker', {value: undefined})")
    reading.enters()

    saved = reading.downloads(NAME)

    assert saved.url.startswith("blob:")
    assert digest(saved) == digests(LARGE)[NAME]


def fails(reading: Recipient, why: str) -> tuple[Recipient, Download]:
    """Download the file in vain; no receipt is given."""
    receipts: list[str] = []
    reading.page.on("request", lambda one: receipts.append(one.url) if one.url.endswith("/receipt") else None)
    reading.enters()
    with reading.page.expect_download() as saved:
        reading.row(NAME).get_by_role("button").click()
    expect(reading.row(NAME)).to_contain_text(reading.words(why), timeout=60_000)
    assert receipts == []
    return reading, saved.value


def half_way(reading: Recipient, clinic: Stack) -> Download:
    """Begin to download the file, and hold what the bucket gives of its end."""

    def held(route: Route) -> None:
        if not route.request.headers.get("range", "").endswith("-"):
            route.continue_()

    reading.page.context.route(bucket_of(clinic), held)
    reading.enters()
    with reading.page.expect_download() as saved:
        reading.row(NAME).get_by_role("button").click()
    reading.waits(lambda: int(reading.page.locator(".bar").get_attribute("aria-valuenow") or 0) > 60)
    return saved.value


def test_a_service_worker_that_is_killed_fails_its_download(sent: Sent, people: list[To], recipient: Comes, clinic: Stack) -> None:
    reading = recipient(people[7])
    saved = half_way(reading, clinic)

    session = reading.page.context.new_cdp_session(reading.page)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.stopAllWorkers")

    assert saved.failure() is not None
    reading.page.context.unroute_all()
    reading.sees("refusal.saving_stopped")


# What the pickers of Chromium would give, which no test can press: files and a folder of the page's own.
PICKERS = """Object.assign(window, {
  showDirectoryPicker: () => navigator.storage.getDirectory(),
  showSaveFilePicker: async ({suggestedName}) => (await navigator.storage.getDirectory()).getFileHandle(suggestedName, {create: true}),
})"""
FOUND = """async () => {
  const found = {};
  const walk = async (folder, path) => {
    for await (const [name, one] of folder) {
      if (one.kind === 'directory') await walk(one, `${path}${name}/`);
      else {
        const digest = await crypto.subtle.digest('SHA-256', await (await one.getFile()).arrayBuffer());
        found[path + name] = [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
      }
    }
  };
  await walk(await navigator.storage.getDirectory(), '');
  return found;
}"""


def test_a_file_is_written_where_somebody_chooses(sent: Sent, people: list[To], recipient: Comes) -> None:
    reading = recipient(people[8])
    reading.page.add_init_script(PICKERS)
    reading.enters()
    reading.field("collect.choose").check()

    reading.row(NAME).get_by_role("button").click()
    expect(reading.row(NAME)).to_contain_text(reading.words("collect.live_verified"), timeout=60_000)

    assert reading.page.evaluate(FOUND) == digests(LARGE)
    assert reading.page.evaluate(REGISTERED) == []


def test_a_file_that_is_not_true_leaves_nothing_where_it_was_to_be_written(
    sent: Sent, people: list[To], recipient: Comes, spoiled: Callable[[Callable[[bytearray], object]], None]
) -> None:
    spoiled(lambda sealed: sealed.__setitem__(-1, sealed[-1] ^ 1))
    reading = recipient(people[9])
    reading.page.add_init_script(PICKERS)
    reading.enters()
    reading.field("collect.choose").check()

    reading.row(NAME).get_by_role("button").click()
    expect(reading.row(NAME)).to_contain_text(reading.words("refusal.integrity"), timeout=60_000)

    assert reading.page.evaluate(FOUND) == {}


def test_whoever_chooses_no_place_sees_the_page_as_before(sent: Sent, people: list[To], recipient: Comes) -> None:
    reading = recipient(people[10])
    reading.page.add_init_script("window.showSaveFilePicker = async () => { throw new DOMException('', 'AbortError') }")
    reading.enters()
    reading.field("collect.choose").check()

    reading.row(NAME).get_by_role("button").click()

    expect(reading.row(NAME).get_by_role("button")).to_have_text(reading.words("collect.live_download"))
    expect(reading.page.locator(".summary").filter(visible=True)).to_have_count(0)


def test_everything_goes_into_one_folder_with_the_folders_it_came_in(sender: Member, recipient: Comes, tmp_path: Path) -> None:
    contents, ada = {**DOSSIER, "lettre.txt": b"seul"}, somebody()
    drops(sender, tmp_path, contents, ada)
    reading = recipient(ada)
    reading.page.add_init_script(PICKERS)
    reading.enters()
    reading.field("collect.choose").check()

    for _ in range(2):
        reading.button("collect.download_all").click()
        expect(reading.page.locator(".file__state--good")).to_have_count(3, timeout=60_000)
        expect(reading.page.locator(".bar").filter(visible=True)).to_have_count(0)
        reading.page.evaluate("for (const one of document.querySelectorAll('.file__state--good')) one.className = ''")

    again = {name.replace(".", " (2)."): content for name, content in contents.items()}
    assert reading.page.evaluate(FOUND) == digests(contents | again)


DOSSIER = {"dossier/sous-dossier/examen.bin": noise(5000), "dossier/lettre.txt": b"bonjour"}


def drops(sender: Member, folder: Path, contents: dict[str, bytes], to: To) -> Sent:
    """Send files and folders that are dropped on the page."""
    written(folder, contents)
    sender.fills([], [to])
    sender.drops(sorted({folder / name.split("/")[0] for name in contents}))
    expect(sender.page.locator(".drop .file")).to_have_count(len(contents))
    sender.seals()
    return sender.sees_sealed()


def test_everything_is_one_zip_with_the_folders_it_came_in(sender: Member, recipient: Comes, tmp_path: Path) -> None:
    contents, ada = {**DOSSIER, "Bilan.txt": b"un", "bilan.txt": b"deux", "vide": b"", "irm.bin": noise(20 << 20)}, somebody()
    drops(sender, tmp_path, contents, ada)
    reading = recipient(ada)
    reading.enters()

    saved = reading.downloads_all()

    apart = contents | {"bilan (2).txt": contents["bilan.txt"]}
    del apart["bilan.txt"]
    assert saved == digests(apart)
    assert reading.page.evaluate(REGISTERED) == ["/saving/"]
    expect(reading.page.locator(".bar").filter(visible=True)).to_have_count(0)


def test_a_zip_with_one_file_that_is_not_true_is_a_failed_download(sender: Member, recipient: Comes, clinic: Stack, tmp_path: Path) -> None:
    contents, ada, store = {"a.bin": noise(100_000), "b.bin": noise(100_000, 2), "c.bin": b"c"}, somebody(), Store(clinic)
    sent = sender.sends(written(tmp_path, contents), [ada])
    sealed = bytearray(store.sealed(sent.id, 1))
    sealed[-1] ^= 1
    store.overwrite(sent.id, bytes(sealed), 1)
    reading, receipts = recipient(ada), []
    reading.page.on("request", lambda one: receipts.append(one.url) if one.url.endswith("/receipt") else None)
    reading.enters()

    with reading.page.expect_download() as saved:
        reading.button("collect.download_all").click()

    expect(reading.row("b.bin")).to_contain_text(reading.words("refusal.integrity"))
    assert saved.value.suggested_filename.endswith(".zip")
    assert saved.value.failure() is not None
    assert receipts == []
    expect(reading.page.locator(".file__state--good")).to_have_count(0)
    for name in contents:
        expect(reading.row(name).get_by_role("button")).to_have_text(reading.words("collect.live_download"))


def test_whoever_stops_one_file_of_a_zip_stops_it_all(sender: Member, recipient: Comes, clinic: Stack, tmp_path: Path) -> None:
    contents, ada = {"a.bin": noise(100_000), "b.bin": noise(100_000, 2)}, somebody()
    sender.sends(written(tmp_path, contents), [ada])
    reading = recipient(ada)
    reading.page.context.route(bucket_of(clinic, "t/*/1*"), lambda _: None)
    reading.enters()

    with reading.page.expect_download() as saved:
        reading.button("collect.download_all").click()
    reading.waits(lambda: reading.row("b.bin").locator(".bar").is_visible())
    reading.row("a.bin").get_by_role("button", name=reading.words("collect.live_stop")).click()

    assert saved.value.failure() is not None
    for name in contents:
        expect(reading.row(name).get_by_role("button")).to_have_text(reading.words("collect.live_download"))
    expect(reading.page.locator(".file__state").filter(visible=True)).to_have_count(0)
