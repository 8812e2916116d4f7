"""A transfer that lives: an address that fails and is corrected, an end that comes, and the certificate of it, checked by anybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Download, expect

from infra import verify
from tests.browser.arrivals import Arrivals
from tests.browser.files import written
from tests.browser.member import Member, Sent
from tests.browser.people import somebody
from tests.browser.recipient import Recipient
from tests.browser.store import Store
from tests.stack import Stack, eventually

Comes = Callable[..., Recipient]
LETTER = {"lettre.txt": b"bonjour"}


def ends(clinic: Stack, sent: Sent) -> None:
    """Let the promised hour come, and the sweeper with it."""
    store, past = Store(clinic), datetime.now(UTC) - timedelta(seconds=2)
    store.set_deadline(sent.id, past)
    store.set_due(sent.id, past)
    clinic.sweep()


def test_a_bounced_address_is_corrected_and_the_old_link_dies(sender: Member, recipient: Comes, clinic: Stack, folder: Path) -> None:
    right = somebody()
    wrong = replace(right, email=f"bounce.{right.email}")
    sent = sender.sends(written(folder, LETTER), [wrong])
    old = recipient(wrong).link
    sender.waits(lambda: sender.transfer(sent.id)["recipients"][0]["bounced_at"])
    eventually(lambda: [one for one in clinic.mail("admin@clinique.example") if sender.words("message.undelivered.subject") in one.subject])

    sender.goes(f"/transfers/{sent.id}")
    sender.sees("transfer.bounced")
    sender.button("transfer.live_correct_named", name=right.name).click()
    sender.field("send.email").fill(right.email)
    sender.button("transfer.correct_submit").click()
    sender.sees("transfer.live_corrected", name=right.name)

    stranger, reader = recipient(wrong), recipient(right)
    stranger.opens(old)
    stranger.button("collect.ask").click()
    expect(stranger.heading("collect.end.not_found.title")).to_be_visible()
    reader.enters()
    assert reader.names == list(LETTER)
    sender.waits(lambda: sender.transfer(sent.id)["recipients"][0]["delivered_at"])


def certificates(sender: Member, sent: Sent) -> dict[str, Download]:
    """Download both forms from the page of a transfer that is over."""
    sender.goes(f"/transfers/{sent.id}")
    saved = {}
    for kind in ("pdf", "json"):
        with sender.page.expect_download() as coming:
            sender.button(f"transfer.certificate_{kind}").click()
        saved[kind] = coming.value
    return saved


def checks(came: Arrivals, clinic: Stack, path: Path) -> str:
    """Give a file to the public page, without signing in; answer the title of its verdict."""
    page = came.page()
    page.goto(f"{clinic.origin}/verify?lang=fr")
    page.locator("[data-input]").set_input_files(path)
    title = page.locator("#verdict-title")
    expect(title).not_to_be_empty()
    return title.inner_text()


def test_who_did_not_open_is_listed_and_the_certificate_convinces_anybody(
    sender: Member, recipient: Comes, came: Arrivals, clinic: Stack, folder: Path, tmp_path: Path
) -> None:
    ada, grace = somebody(), somebody("Grace Hopper")
    sent = sender.sends(written(folder, LETTER), [ada, grace])
    reader = recipient(ada)
    reader.enters()
    reader.downloads("lettre.txt")

    ends(clinic, sent)
    mail = eventually(lambda: [one for one in clinic.mail("admin@clinique.example") if sent.id in one.text and "échéance" in one.subject])
    saved = certificates(sender, sent)

    sender.sees("transfer.live_event_never")
    assert grace.name not in mail[0].text
    for kind, one in saved.items():
        path = tmp_path / f"certificat.{kind}"
        one.save_as(path)
        assert checks(came, clinic, path) == sender.words("verify.live_agree.title")
        assert verify.main([str(path)]) == 0
    stated = json.loads((tmp_path / "certificat.json").read_text("utf-8"))
    assert (stated["transfer"], stated["ending"]) == (sent.id, "expired")
    assert ada.email not in json.dumps(stated)
    stated["keys_destroyed_at"] -= 1
    forged = tmp_path / "faux.json"
    forged.write_text(json.dumps(stated), "utf-8")
    assert checks(came, clinic, forged) == sender.words("verify.live_false.title")
