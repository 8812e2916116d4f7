"""The states of a member's other pages: the list, and one transfer."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page

from tests.browser.files import written
from tests.browser.scene import FILES, LETTER, Scene


def following(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Look at the list and at one transfer."""
    member = scene.member()
    ada, grace = scene.somebody(), scene.somebody("Anne-Sophie de La Rochefoucauld-Montmorency", mobile=False)
    sent = member.sends(written(scene.folder, FILES), [ada, grace, scene.somebody("Hélène Martin")], LETTER)
    reading = scene.recipient(ada)
    reading.enters()
    reading.downloads("irm.zip")
    member.goes("/transfers")
    yield "transfers-02-filled", member.page
    member.row(sent).get_by_role("button").click()
    yield "transfers-03-revoke-question", member.page
    member.goes("/transfers?show=progress")
    yield "transfers-04-filter", member.page
    member.goes(f"/transfers/{sent.id}")
    yield "transfer-01-sealed", member.page
    member.button("transfer.live_revoke_one", name=ada.name).click()
    member.confirms("revoke.one_yes")
    member.sees("transfer.live_revoked_one", name=ada.name)
    yield "transfer-02-one-revoked", member.page
    member.button("revoke.whole").click()
    member.confirms("revoke.yes")
    member.sees("transfer.live_revoked")
    yield "transfer-03-revoked", member.page
