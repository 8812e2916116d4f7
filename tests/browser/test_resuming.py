"""A page that was closed in the middle of a sending: taken up again, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Request, expect

from tests.browser.files import PART, digests, noise, written
from tests.browser.member import Member
from tests.browser.network import slow
from tests.browser.people import To, somebody
from tests.browser.recipient import Recipient, digest
from tests.browser.store import Store
from tests.stack import Stack

Comes = Callable[..., Recipient]
SLOW = 16_000_000  # bytes a second
PARTS = 12  # twice as many as are on their way at once


def there(store: Store, identity: str) -> int:
    """Count the parts of the one large file that the bucket has."""
    uploads = store.s3.list_multipart_uploads(Bucket=store.clinic.bucket, Prefix=f"t/{identity}/").get("Uploads", [])
    listed = [store.s3.list_parts(Bucket=store.clinic.bucket, Key=one["Key"], UploadId=one["UploadId"]) for one in uploads]
    return sum(len(one.get("Parts", [])) for one in listed)


def tears(sender: Member, clinic: Stack, folder: Path, contents: dict[str, bytes], to: To) -> tuple[str, list[Path]]:
    """Begin to send, and close the page when some of it has arrived; name the transfer."""
    paths = written(folder, contents)
    sender.fills(paths, [to], "Bonjour")
    slow(sender.page, SLOW)
    sender.seals()
    expect(sender.heading("sending.live_sending")).to_be_visible()
    identity, store = sender.newest["transfer"], Store(clinic)
    sender.waits(lambda: there(store, identity))
    sender.page.once("dialog", lambda dialog: dialog.accept())
    sender.goes("/about")
    slow(sender.page, -1)
    return identity, paths


def takes_up(sender: Member) -> None:
    """Follow the way the sending page offers."""
    sender.goes("/send")
    sender.page.get_by_role("link", name=sender.words("send.unfinished_link")).click()
    expect(sender.heading("resume.title")).to_be_visible()


def state(sender: Member, name: str) -> str:
    return sender.page.locator(".file").filter(has_text=name).locator("[data-fate]").inner_text()


def test_a_closed_page_loses_nothing_and_only_the_rest_is_sent(sender: Member, recipient: Comes, clinic: Stack, folder: Path) -> None:
    ada, contents = somebody(), {"lettre.bin": noise(100_000), "irm.bin": noise(PARTS * PART)}
    identity, paths = tears(sender, clinic, folder, contents, ada)
    before = there(Store(clinic), identity)
    assert 0 < before < PARTS

    takes_up(sender)
    assert state(sender, "lettre.bin") == sender.words("resume.live_arrived")
    sender.button("resume.submit").click()
    sender.sees("refusal.files_missing")
    sender.chooses([paths[1]])
    assert state(sender, "irm.bin") == sender.words("resume.live_given")
    put: list[Request] = []
    sender.page.on("request", lambda request: put.append(request) if request.method == "PUT" and clinic.aws_url in request.url else None)
    sender.button("resume.submit").click()
    assert sender.sees_sealed().id == identity

    assert len(put) == PARTS - before
    collecting = recipient(ada)
    collecting.enters()
    assert "Bonjour" in collecting.reads
    for name, expected in digests(contents).items():
        assert digest(collecting.downloads(name)) == expected
    sender.goes("/send")
    expect(sender.page.get_by_role("link", name=sender.words("send.unfinished_link"))).to_be_hidden()


def test_a_file_that_changed_meanwhile_is_named_and_nothing_of_it_is_sent(sender: Member, clinic: Stack, folder: Path) -> None:
    contents = {"irm.bin": noise(PARTS * PART)}
    identity, (path,) = tears(sender, clinic, folder, contents, somebody())
    edited = bytearray(contents["irm.bin"])
    edited[-1] ^= 1
    path.write_bytes(edited)
    takes_up(sender)

    sender.chooses([path])
    put: list[Request] = []
    sender.page.on("request", lambda request: put.append(request) if request.method == "PUT" and clinic.aws_url in request.url else None)
    sender.button("resume.submit").click()
    sender.sees("refusal.file_changed")

    assert put == []
    assert state(sender, "irm.bin") == sender.words("resume.live_changed")
    assert sender.transfer(identity)["state"] == "landing"
    path.write_bytes(contents["irm.bin"])
    sender.chooses([path])
    sender.button("resume.submit").click()
    assert sender.sees_sealed().id == identity


def test_what_is_over_cannot_be_taken_up_and_the_page_says_so(sender: Member, folder: Path) -> None:
    sent = sender.sends(written(folder, {"lettre.bin": noise(10)}), [somebody()])

    sender.goes(f"/transfers/{sent.id}/resume")

    sender.sees("refusal.transfer_not_landing")
    expect(sender.page.get_by_role("link", name=sender.words("sealed.another"))).to_be_visible()


def test_the_page_of_a_transfer_that_is_under_way_leads_there(sender: Member, clinic: Stack, folder: Path) -> None:
    identity, _ = tears(sender, clinic, folder, {"irm.bin": noise(PARTS * PART)}, somebody())

    sender.goes(f"/transfers/{identity}")
    sender.page.get_by_role("link", name=sender.words("resume.submit")).click()

    expect(sender.heading("resume.title")).to_be_visible()
    sender.sees("resume.live_missing.one", count=1)
