"""The states of the sending page, to the seal or to what went wrong."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.files import noise, written
from tests.browser.member import Member, Sent
from tests.browser.network import Gate
from tests.browser.scene import FILES, LETTER, Scene
from tests.browser.store import Store


def filling(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Fill in the sending page."""
    member = scene.member()
    member.goes("/send")
    yield "send-01-empty", member.page
    member.seals()
    member.sees("refusal.no_file")
    yield "send-02-errors", member.page
    to = [scene.somebody(), scene.somebody("Anne-Sophie de La Rochefoucauld-Montmorency", mobile=False)]
    member.fills(written(scene.folder, FILES), to, LETTER, basis="patient_consent")
    yield "send-03-filled", member.page


def sending(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Send, pause, go on, be sealed."""
    member, gate = _held(scene)
    yield "sending-01-running", member.page
    member.button("sending.live_pause").click()
    expect(member.heading("sending.live_paused")).to_be_visible()
    yield "sending-02-paused", member.page
    member.button("sending.cancel").click()
    yield "sending-03-cancel-question", member.page
    member.confirms("sending.cancel_no")
    gate.open()
    member.button("sending.live_resume").click()
    member.sees_sealed()
    yield "sending-04-sealed", member.page


def failing(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Send what ends badly: interrupted, cancelled, refused."""
    member, _ = _held(scene)
    member.button("sending.cancel").click()
    member.confirms("sending.cancel_yes")
    expect(member.heading("sending.live_cancelled")).to_be_visible()
    yield "sending-05-cancelled", member.page
    member = scene.member()
    member.page.route("**/parts", lambda route: route.fulfill(status=429, headers={"Retry-After": "90"}, json={"error": "too_many"}))
    member.fills(written(scene.folder, FILES), [scene.somebody()])
    member.seals()
    expect(member.heading("sending.live_failed")).to_be_visible()
    yield "sending-06-failed", member.page
    member, gate = _held(scene)
    identity = member.newest["transfer"]
    Store(scene.clinic).overwrite(identity, noise(1000), 1)
    member.waits(lambda: member.transfer(identity)["state"] == "refused")
    gate.open()
    expect(member.heading("sending.live_refused")).to_be_visible()
    yield "sending-07-refused", member.page
    member.goes(f"/transfers/{identity}")
    member.sees("refused.size_differs")
    yield "transfer-04-refused", member.page
    scene.clinic.sweep()
    member.page.reload()
    member.sees("transfer.certificate_text")
    member.sees("refused.size_differs")
    yield "transfer-13-refused-and-destroyed", member.page
    member.goes("/transfers")
    expect(member.row(Sent(identity, ()))).to_contain_text(member.words("state.refused"))


def resuming(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Close the page of a sending, and take it up again."""
    member, gate = _held(scene)
    identity = member.newest["transfer"]
    member.page.once("dialog", lambda dialog: dialog.accept())
    member.goes("/send")
    gate.forget()
    member.page.get_by_role("link", name=member.words("send.unfinished_link")).click()
    member.sees("resume.live_wanted")
    yield "resume-01-wanted", member.page
    member.button("resume.submit").click()
    member.sees("refusal.files_missing")
    other = written(scene.folder, {"autre.pdf": b"%PDF"})
    member.chooses(other)
    yield "resume-02-missing", member.page
    member.chooses(written(scene.folder, FILES))
    yield "resume-03-given", member.page
    member.button("resume.submit").click()
    member.sees_sealed()
    member.goes(f"/transfers/{identity}/resume")
    member.sees("refusal.transfer_not_landing")
    yield "resume-04-over", member.page


def _held(scene: Scene) -> tuple[Member, Gate]:
    """Stop a sending when one of its two files has arrived."""
    member = scene.member()
    member.fills(written(scene.folder, FILES), [scene.somebody(), scene.somebody("Grace Hopper", mobile=False)], LETTER)
    gate = Gate(member.page, scene.clinic, "t/*/1*")
    gate.shut()
    member.seals()
    member.waits(lambda: gate.held)
    member.waits(lambda: member.newest["landed"] == 1)
    return member, gate
