"""The life of a sealed transfer as its sender follows it: a failed address, a reminder, another end, and what is left at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.files import written
from tests.browser.member import Member, Sent
from tests.browser.people import To
from tests.browser.scene import FILES, LETTER, Scene
from tests.browser.store import Store


def living(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Send to three people and one who stands by; one address fails; correct it, remind, move the end, let it expire."""
    member, sent = _sent(scene)
    yield "send-04-standby", member.page
    sent = _sealed(member, sent)
    ada, wrong, _, _ = sent.to
    reading = scene.recipient(ada)
    reading.enters()
    for name in FILES:
        reading.downloads(name)
    member.waits(lambda: member.transfer(sent.id)["recipients"][1]["bounced_at"])
    member.goes("/transfers")
    expect(member.row(sent)).to_contain_text(member.words("transfers.live_bounced", count=1))
    yield "transfers-05-bounced", member.page
    member.goes(f"/transfers/{sent.id}")
    member.sees("transfer.bounced")
    yield "transfer-05-bounced", member.page
    yield from _correcting(member, sent, wrong)
    yield from _acting(member)
    yield from _ending(scene, member, sent)


def _correcting(member: Member, sent: Sent, wrong: To) -> Iterator[tuple[str, Page]]:
    button = member.button("transfer.live_correct_named", name=wrong.name)
    button.click()
    expect(member.field("send.email")).to_be_focused()
    yield "transfer-06-correcting", member.page
    member.field("send.email").fill(sent.to[0].email)
    member.button("transfer.correct_submit").click()
    member.sees("refusal.duplicate_recipient")
    yield "transfer-07-correcting-error", member.page
    member.field("send.email").fill(wrong.email.removeprefix("bounce."))
    member.button("transfer.correct_submit").click()
    member.sees("transfer.live_corrected", name=wrong.name)
    member.waits(lambda: all(one["told_at"] for one in member.transfer(sent.id)["recipients"] if not one["standby"]))
    yield "transfer-08-corrected", member.page


def _acting(member: Member) -> Iterator[tuple[str, Page]]:
    member.page.reload()
    member.button("transfer.remind").click()
    member.sees("transfer.live_reminded", count=2)
    expect(member.page.get_by_text(member.words("transfer.live_event_reminded"))).to_have_count(2)
    yield "transfer-09-reminded", member.page
    member.button("transfer.move").click()
    later = datetime.now(UTC).date() + timedelta(days=12)
    member.page.locator("#expires_at").fill(later.isoformat())
    yield "transfer-10-another-end", member.page
    member.button("transfer.move_submit").click()
    expect(member.page.locator("#move")).to_be_hidden()
    expect(member.page.locator("[data-done]")).not_to_be_empty()
    yield "transfer-11-end-changed", member.page


def _ending(scene: Scene, member: Member, sent: Sent) -> Iterator[tuple[str, Page]]:
    store, past = Store(scene.clinic), datetime.now(UTC) - timedelta(seconds=2)
    store.set_deadline(sent.id, past)
    store.set_due(sent.id, past)
    scene.clinic.sweep()
    member.goes("/transfers?show=over")
    expect(member.row(sent)).to_contain_text(member.words("transfers.live_unopened", count=2, total=3))
    yield "transfers-06-expired", member.page
    member.goes(f"/transfers/{sent.id}")
    member.sees("transfer.certificate_text")
    yield "transfer-12-expired", member.page
    for kind in ("pdf", "json"):
        with member.page.expect_download() as saved:
            member.button(f"transfer.certificate_{kind}").click()
        assert saved.value.suggested_filename == f"certificat-{sent.id[:8]}.{kind}"
    certificate = scene.folder / "certificat.json"
    saved.value.save_as(certificate)
    yield from _verifying(member, certificate)


def _verifying(member: Member, certificate: Path) -> Iterator[tuple[str, Page]]:
    member.goes("/verify")
    yield "verify-01-start", member.page
    member.page.locator("[data-input]").set_input_files(certificate)
    member.sees("verify.live_agree.text")
    yield "verify-02-agree", member.page
    certificate.write_text(certificate.read_text("utf-8").replace('"expired"', '"revoked"'), "utf-8")
    member.page.locator("[data-input]").set_input_files(certificate)
    member.sees("verify.live_false.text")
    yield "verify-03-false", member.page


def _sent(scene: Scene) -> tuple[Member, Sent]:
    """Fill in the sending page, the last recipient standing by."""
    member = scene.member()
    names = ("Dr Ada Lovelace", "Hélène Martin", "Anne-Sophie de La Rochefoucauld-Montmorency", "Dr Remplaçant")
    ada, wrong, *others = (scene.somebody(name, mobile=name.startswith("Dr")) for name in names)
    to = [ada, replace(wrong, email=f"bounce.{wrong.email}"), *others]
    member.fills(written(scene.folder, FILES), to, LETTER)
    member.field("send.standby").last.check()
    return member, Sent("", to)


def _sealed(member: Member, sent: Sent) -> Sent:
    member.seals()
    sealed = member.sees_sealed(sent.to)
    member.sees("sealed.told_standby")
    member.waits(lambda: sum(one["told_at"] is not None for one in member.transfer(sealed.id)["recipients"]) == len(sent.to) - 1)
    return sealed
