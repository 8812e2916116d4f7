"""The states of a member's other pages: signing in, the list, one transfer, the people of the clinic."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.files import written
from tests.browser.member import Member
from tests.browser.people import somebody
from tests.browser.scene import FILES, LETTER, Scene


def signing_in(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Go through the sign-in page."""
    who = scene.person()
    who.goes("/signin")
    yield "signin-01-address", who.page
    who.button("signin.ask").click()
    who.sees("refusal.bad_email")
    yield "signin-02-address-error", who.page
    who.field("signin.email").fill(somebody().email)
    who.button("signin.ask").click()
    expect(who.heading("signin.code_title")).to_be_visible()
    yield "signin-03-code", who.page
    who.types("000000")
    who.sees("refusal.wrong_code")
    yield "signin-04-code-wrong", who.page


def managing(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Invite somebody, then be that somebody, who has sent nothing yet."""
    member = scene.member()
    member.goes("/members")
    yield "members-01-list", member.page
    member.button("members.submit").click()
    member.sees("refusal.bad_name")
    yield "members-02-errors", member.page
    new = scene.somebody("Dominique Secrétaire")
    member.field("members.name").fill(new.name)
    member.field("members.email").fill(new.email)
    member.button("members.submit").click()
    member.sees("members.live_invited", name=new.name)
    yield "members-03-invited", member.page
    invited = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    invited.signs_in(new.email, by="email")
    invited.goes("/transfers")
    yield "transfers-01-empty", invited.page
    invited.goes("/members")
    yield "error-01-forbidden", invited.page


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
