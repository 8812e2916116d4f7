"""The states of the recipient's page and of the pages anybody may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from playwright.sync_api import Page, expect

from chalicelib.adapters.dynamodb.table import written as database
from chalicelib.settings import OPENINGS_MOST
from tests.browser.files import written
from tests.browser.scene import FILES, LETTER, Scene
from tests.browser.store import Store


def collecting(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Open a link, prove who one is, collect; then meet a damaged file and a session that is over."""
    ada = scene.somebody()
    sent = scene.member().sends(written(scene.folder, FILES), [ada], LETTER)
    first, second = FILES
    reading = scene.recipient(ada)
    reading.opens()
    expect(reading.button("collect.ask")).to_be_visible()
    yield "collect-01-start", reading.page
    code = reading.asks_code()
    yield "collect-02-code", reading.page
    reading.types(f"{(int(code) + 1) % 1_000_000:06}")
    reading.sees("refusal.wrong_code")
    yield "collect-03-code-wrong", reading.page
    reading.types(code)
    reading.sees_opened()
    yield "collect-04-opened", reading.page
    reading.downloads(first)
    Store(scene.clinic).overwrite(sent.id, bytes(len(FILES[second]) + 5000), 1)
    reading.row(second).get_by_role("button").click()
    expect(reading.row(second)).to_contain_text(reading.words("refusal.integrity"))
    yield "collect-05-one-whole-one-damaged", reading.page
    reading.button("collect.leave").click()
    expect(reading.heading("collect.end.left.title")).to_be_visible()
    yield "collect-13-left", reading.page
    reading.enters()
    reading.page.context.clear_cookies()
    reading.row(first).get_by_role("button").click()
    expect(reading.heading("collect.end.session_over.title")).to_be_visible()
    yield "collect-06-session-over", reading.page


def otherwise(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Get no code, take the other way, and say who opens a shared mailbox; the sender reads the phrase, then the name."""
    grace = replace(scene.somebody("Secrétariat de cardiologie", mobile=False), shared=True)
    member = scene.member()
    sent = member.sends(written(scene.folder, FILES), [grace], LETTER)
    reading = scene.recipient(grace)
    reading.opens()
    reading.field("collect.remember").check()
    yield "collect-14-to-be-remembered", reading.page
    code = reading.gets_code(reading.codes, reading.button("collect.ask").click)
    expect(reading.field("collect.name").filter(visible=True)).to_be_focused()
    reading.types(code)
    reading.sees("refusal.no_name")
    yield "collect-15-nobody-named", reading.page
    reading.page.locator("[data-step=code] summary").click()
    yield "collect-16-no-code", reading.page
    reading.button("collect.other_way").click()
    expect(reading.heading("collect.phrase_title")).to_be_visible()
    yield "collect-17-phrase", reading.page
    member.goes(f"/transfers/{sent.id}")
    phrase = member.page.locator("[data-phrase]")
    expect(phrase).not_to_be_empty()
    yield "transfer-14-phrase", member.page
    reading.page.locator("[data-step=phrase] summary").click()
    reading.says("abeille abandon abolir aborder", "Camille Secrétaire")
    reading.sees("refusal.wrong_phrase")
    yield "collect-18-phrase-wrong", reading.page
    reading.says(phrase.inner_text())
    reading.sees_opened()
    member.page.reload()
    member.sees("transfer.live_event_named", name="Camille Secrétaire")
    yield "transfer-15-shared-mailbox", member.page


def not_collecting(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Open links that do not open."""
    ada, grace = scene.somebody(), scene.somebody("Grace Hopper")
    member = scene.member()
    sent = member.sends(written(scene.folder, FILES), [ada, grace])
    late, withdrawn = scene.recipient(ada), scene.recipient(grace)
    late.enters()
    first, second = (one["recipient"] for one in member.transfer(sent.id)["recipients"])
    _use_up(Store(scene.clinic), sent.id, first)
    late.page.reload()
    expect(late.heading("collect.end.openings_spent.title")).to_be_visible()
    yield "collect-07-openings-spent", late.page
    assert member.calls("DELETE", f"/api/transfers/{sent.id}/recipients/{second}", {})["status"] == HTTPStatus.NO_CONTENT
    withdrawn.opens()
    withdrawn.button("collect.ask").click()
    expect(withdrawn.heading("collect.end.transfer_revoked.title")).to_be_visible()
    yield "collect-08-revoked", withdrawn.page
    Store(scene.clinic).set_deadline(sent.id, datetime.now(UTC) - timedelta(seconds=2))
    late.page.reload()
    expect(late.heading("collect.end.transfer_expired.title")).to_be_visible()
    yield "collect-09-expired", late.page
    late.page.route("**/api/collect", lambda route: route.fulfill(status=429, headers={"Retry-After": "90"}, json={"error": "too_many"}))
    late.page.reload()
    expect(late.heading("collect.end.failure.title")).to_be_visible()
    yield "collect-10-failure", late.page
    lost = scene.recipient(ada)
    lost.opens(f"{scene.clinic.origin}/c?lang={scene.language}#{'a' * 26}.{'b' * 26}.wrong")
    lost.button("collect.ask").click()
    expect(lost.heading("collect.end.not_found.title")).to_be_visible()
    yield "collect-11-not-found", lost.page
    bare = scene.person()
    bare.goes("/c")
    expect(bare.heading("collect.end.no_link.title")).to_be_visible()
    yield "collect-12-no-link", bare.page


def _use_up(store: Store, transfer: str, recipient: str) -> None:
    """Count as many openings as any clinic allows."""
    store.dynamodb.update_item(
        TableName=store.clinic.records_table,
        Key=database({"pk": f"T#{transfer}", "sk": f"RECIPIENT#{recipient}"}),
        UpdateExpression="SET openings = :most",
        ExpressionAttributeValues=database({":most": OPENINGS_MOST}),
    )


def reading(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Read what anybody may read, and unfold the menu of a phone."""
    who = scene.person()
    who.goes("/about")
    yield "about", who.page
    who.goes("/nowhere")
    yield "error-02-not-found", who.page
    member = scene.member()
    member.page.set_viewport_size({"width": 320, "height": 900})
    member.goes("/send")
    member.button("nav.menu").click()
    yield "menu-unfolded", member.page
