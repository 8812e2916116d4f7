"""What the clinic costs: a transfer that was sent and read is on the bill, and only administrators see it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from chalicelib.rendering import catalogue
from tests.browser.arrivals import Arrivals
from tests.browser.files import written
from tests.browser.member import Member
from tests.browser.people import somebody
from tests.browser.recipient import Recipient
from tests.stack import Stack, eventually

LETTER = {"lettre.txt": b"bonjour"}


def test_a_transfer_that_was_sent_and_read_is_billed(
    sender: Member, recipient: Callable[..., Recipient], clinic: Stack, folder: Path
) -> None:
    sender.goes("/costs")
    before = sender.calls("GET", "/api/usage")["body"]["usage"]
    ada = somebody()
    sender.sends(written(folder, LETTER), [ada])
    reading = recipient(ada)
    reading.enters()
    reading.downloads("lettre.txt")
    wanted = {"transfers": 1, "emails": 1, "texts": 1, "openings": 1, "downloads": 1, "receipts": 1}

    def billed() -> bool:
        counts = sender.calls("GET", "/api/usage")["body"]["usage"]["counts"]
        return all(counts[name] >= before["counts"][name] + count for name, count in wanted.items())

    eventually(lambda: [True] if billed() else [])
    sender.goes("/")
    sender.page.get_by_role("link", name=sender.words("nav.costs"), exact=True).click()

    after = sender.calls("GET", "/api/usage")["body"]["usage"]
    expect(sender.page.locator("[data-transfers]")).to_have_text(str(after["counts"]["transfers"]))
    expect(sender.page.locator("[data-bars] rect.chart__bar")).to_have_count(len(after["days"]))
    expect(sender.page.get_by_role("img", name=catalogue("fr")["costs.live_picture"].partition("{")[0])).to_be_visible()
    assert after["total"] > before["total"] + 0.05  # a text message alone is that much


def test_a_month_is_taken_to_a_spreadsheet(sender: Member) -> None:
    sender.goes("/costs")
    months = sender.page.locator("#month option")
    expect(months).to_have_count(25)
    sender.page.locator("#month").select_option(index=24)
    sender.sees("costs.live_none")

    with sender.page.expect_download() as waiting:
        sender.button("costs.export").click()

    taken = waiting.value
    rows = list(csv.DictReader(taken.path().read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert taken.suggested_filename == f"couts-{months.nth(24).get_attribute('value')}.csv"
    assert len(rows) in (28, 29, 30, 31)
    assert {row["transfers"] for row in rows} == {"0"}


def test_who_only_sends_does_not_see_what_it_costs(host: Member, came: Arrivals, clinic: Stack) -> None:
    only = Member(came.page(), clinic)
    only.joins(host.invites(somebody(mobile=False)))

    only.goes("/costs")

    only.sees("error.forbidden.title")
    expect(only.page.get_by_role("link", name=only.words("nav.send"), exact=True)).to_be_visible()
    expect(only.page.get_by_role("link", name=only.words("nav.costs"), exact=True)).to_have_count(0)
