"""The states of the page that says what the clinic costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from math import sin

from playwright.sync_api import Page, expect

from chalicelib.domain.login import Channel
from chalicelib.domain.usage import Usage
from infra.costs import sent
from tests.browser.scene import Scene
from tests.browser.store import Store


def costing(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Look at a month that was busy, at its figures, and at one in which nobody came."""
    member = scene.member()
    today = datetime.now(UTC).date()
    before = today.replace(day=1) - timedelta(days=1)
    fill(Store(scene.clinic), before)
    member.goes("/costs")
    member.page.locator("#month").select_option(f"{before:%Y-%m}")
    expect(member.page.locator("[data-lines] tr")).not_to_have_count(0)
    expect(member.page.locator("[data-transfers]")).not_to_have_text("0")
    yield "costs-01-month", member.page
    for fold in member.page.locator("details").all():
        fold.locator("summary").click()
    yield "costs-02-figures", member.page
    member.page.locator("#month").select_option(index=24)
    member.sees("costs.live_none")
    yield "costs-03-nothing", member.page


def fill(store: Store, last: date) -> None:
    """Have the whole month that ends then be a busy one: ever more, and less when clinics rest."""
    for day in (last.replace(day=number) for number in range(1, last.day + 1)):
        many = int((6 + 4 * sin(day.day) + day.day / 3) * (0.15 if day.weekday() > 4 else 1))
        store.use(day, sent(many, Channel.EMAIL) + sent(many // 8, Channel.SMS) if many else Usage())
