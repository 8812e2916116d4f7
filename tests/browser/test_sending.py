"""On its way: paused, cancelled, cut off, tried again; and never sealed when what arrives is not what was promised."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.browser.files import PART, digests, noise, written
from tests.browser.member import Member
from tests.browser.network import Gate, Unreliable, slow
from tests.browser.people import somebody
from tests.browser.recipient import Recipient, digest
from tests.browser.store import Store
from tests.stack import Stack

Comes = Callable[..., Recipient]
SLOW = 4_000_000  # bytes a second
SEALS = "out.set(new Uint8Array(sealed), start"


def begins_slowly(sender: Member, folder: Path, size: int = 3 * PART) -> dict[str, bytes]:
    contents = {"irm.bin": noise(size)}
    sender.fills(written(folder, contents), [somebody()])
    slow(sender.page, SLOW)
    sender.seals()
    expect(sender.page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile("^[1-9]"))
    return contents


def test_a_pause_stops_the_traffic_and_resuming_loses_nothing(sender: Member, clinic: Stack, folder: Path) -> None:
    contents = begins_slowly(sender, folder)

    sender.button("sending.live_pause").click()
    expect(sender.heading("sending.live_paused")).to_be_visible()
    sent = sender.page.locator("[data-bytes]").inner_text()
    sender.page.wait_for_timeout(1000)
    assert sender.page.locator("[data-bytes]").inner_text() == sent
    slow(sender.page, -1)
    sender.button("sending.live_resume").click()

    identity = sender.sees_sealed().id
    assert len(Store(clinic).sealed(identity)) > len(contents["irm.bin"])


def test_cancelling_destroys_what_arrived_and_keeps_the_form(sender: Member, clinic: Stack, folder: Path) -> None:
    begins_slowly(sender, folder)
    identity, store = sender.newest["transfer"], Store(clinic)

    sender.button("sending.cancel").click()
    sender.confirms("sending.cancel_yes")
    expect(sender.heading("sending.live_cancelled")).to_be_visible()
    sender.waits(lambda: sender.transfer(identity)["state"] == "shredded")

    assert sender.transfer(identity)["reason"] == "cancelled"
    assert (store.objects(identity), store.uploads(identity), store.keys(identity)) == ([], [], [])
    sender.button("sending.back").click()
    expect(sender.page.locator("[id='recipients.0.name']")).to_have_value("Dr Ada Lovelace")
    expect(sender.page.locator(".drop .file__name")).to_have_text("irm.bin")


def test_a_cut_network_is_told_and_the_upload_resumes_by_itself(sender: Member, folder: Path) -> None:
    begins_slowly(sender, folder)

    sender.page.context.set_offline(True)
    sender.sees("sending.live_offline")
    sender.page.wait_for_timeout(1500)
    sender.page.context.set_offline(False)

    sender.sees_sealed()


@pytest.mark.parametrize("hours", [-7, 7])
def test_a_clock_that_is_hours_off_changes_nothing(sender: Member, recipient: Comes, folder: Path, hours: int) -> None:
    contents, ada, wrong = {"lettre.bin": noise(100_000)}, somebody(), datetime.now(UTC) + timedelta(hours=hours)
    sender.page.clock.set_fixed_time(wrong)
    sender.fills(written(folder, contents), [ada])

    sender.seals()
    sender.sees_sealed()
    collecting = recipient(ada)
    collecting.page.clock.set_fixed_time(wrong)
    collecting.enters()

    assert digest(collecting.downloads("lettre.bin")) == digests(contents)["lettre.bin"]


def test_a_part_that_the_bucket_fails_twice_is_sent_a_third_time(sender: Member, recipient: Comes, clinic: Stack, folder: Path) -> None:
    contents, ada = {"lettre.bin": noise(100_000)}, somebody()
    sender.fills(written(folder, contents), [ada])
    bad = Unreliable(sender.page, clinic, failures=2)
    bad.begins()

    sender.seals()
    sender.sees_sealed()

    assert list(bad.tries.values()) == [3]
    collecting = recipient(ada)
    collecting.enters()
    assert digest(collecting.downloads("lettre.bin")) == digests(contents)["lettre.bin"]


def test_other_bytes_in_the_place_of_a_file_are_refused_and_nobody_is_told(sender: Member, clinic: Stack, folder: Path) -> None:
    ada, store = somebody(), Store(clinic)
    sender.fills(written(folder, {"lettre.bin": noise(100_000)}), [ada])
    gate = Gate(sender.page, clinic)
    gate.shut()
    sender.seals()
    sender.waits(lambda: gate.held)
    identity = sender.newest["transfer"]

    store.overwrite(identity, noise(100_000 + 32 + 40, seed=9))
    sender.waits(lambda: sender.transfer(identity)["state"] == "refused")
    assert store.objects(identity) == []
    gate.open()

    expect(sender.heading("sending.live_refused")).to_be_visible()
    sender.sees("refused.checksum_differs")
    clinic.sweep()
    assert store.objects(identity) == []
    assert clinic.mail(ada.email) == []


def test_a_page_that_does_not_seal_is_found_out(sender: Member, clinic: Stack, folder: Path) -> None:
    ada, store = somebody(), Store(clinic)

    def broken(route: Route) -> None:
        source = route.fetch().text()
        assert SEALS in source
        route.fulfill(body=source.replace(SEALS, "out.set(frame, start"), content_type="text/javascript")

    sender.page.route("**/js/envelope-seal.js", broken)
    sender.fills(written(folder, {"lettre.bin": noise(100_000)}), [ada])
    sender.seals()

    expect(sender.heading("sending.live_refused")).to_be_visible()
    sender.sees("refused.not_sealed")
    sender.waits(lambda: store.objects(sender.newest["transfer"]) == [])
    assert clinic.mail(ada.email) == []
    assert any(sender.words("message.refused.subject") in one.subject for one in clinic.mail("admin@clinique.example"))
