"""The states of signing in, joining, one's account, the people of the clinic and its rules."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.browser.keys import Keys
from tests.browser.member import Member
from tests.browser.people import invitation_in, somebody
from tests.browser.scene import Scene

PASSWORD = "trois tilleuls devant la gare"


def signing_in(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Go through the sign-in page as somebody nobody knows."""
    who = scene.person()
    Keys(who.page)
    who.goes("/signin")
    yield "signin-01-address", who.page
    who.button("signin.ask").click()
    who.sees("refusal.bad_email")
    yield "signin-02-address-error", who.page
    who.field("signin.email").fill(somebody().email)
    who.button("signin.ask").click()
    expect(who.heading("proofs.password_title")).to_be_visible()
    yield "signin-03-password", who.page
    who.page.keyboard.type(PASSWORD)
    who.page.keyboard.press("Enter")
    who.sees("refusal.wrong_password")
    yield "signin-04-password-wrong", who.page
    who.button("signin.other_address").click()
    who.page.get_by_role("radio", name=who.words("signin.by_sms"), exact=True).check()
    who.button("signin.ask").click()
    expect(who.heading("signin.code_title")).to_be_visible()
    yield "signin-05-code", who.page
    who.types("000000")
    who.sees("refusal.wrong_code")
    yield "signin-06-code-wrong", who.page
    who.button("signin.other_address").click()
    who.button("signin.passkey").click()
    who.sees("refusal.passkey_cancelled")
    yield "signin-07-no-passkey", who.page
    who.goes("/signin/psc?error=access_denied")
    who.sees("refusal.psc_cancelled")
    yield "signin-08-psc-refused", who.page


def joining(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Follow an invitation by a password and an app, then bring the same link again."""
    new = scene.somebody("Dominique Secrétaire", mobile=False)
    link = scene.staff.host.invites(new)
    arrived = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    Keys(arrived.page)
    arrived.page.goto(link)
    expect(arrived.button("join.begin")).to_be_visible()
    yield "join-01-welcome", arrived.page
    arrived.button("join.begin").click()
    expect(arrived.heading("join.choose")).to_be_visible()
    yield "join-02-choose", arrived.page
    arrived.button("join.password").click()
    field = arrived.page.locator("#password")
    field.fill("court")
    field.press("Enter")
    arrived.sees("refusal.weak_password")
    yield "join-03-password", arrived.page
    field.fill(PASSWORD)
    field.press("Enter")
    expect(arrived.heading("means.authenticator_title")).to_be_visible()
    yield "join-04-app", arrived.page
    later = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    later.page.goto(link)
    later.button("join.begin").click()
    expect(later.heading("join.over.title")).to_be_visible()
    yield "join-05-over", later.page
    stranger = scene.person()
    stranger.goes("/join")
    expect(stranger.heading("join.no_link.title")).to_be_visible()
    yield "join-06-no-link", stranger.page


def keeping(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Look after one's account: a passkey, a password, an app, recovery codes; then leave."""
    new = scene.somebody("Anne-Sophie de La Rochefoucauld-Montmorency")
    arrived = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    Keys(arrived.page)
    arrived.follows(scene.staff.host.invites(new))
    arrived.button("join.passkey").click()
    expect(arrived.heading("join.done")).to_be_visible()
    yield "join-07-done", arrived.page
    arrived.goes("/account")
    arrived.sees("account.here")
    yield "account-01", arrived.page
    arrived.button("account.password_set").click()
    arrived.page.locator("#password").fill(PASSWORD)
    yield "account-02-password", arrived.page
    arrived.button("account.password_submit").click()
    arrived.sees("account.live_password_set")
    arrived.button("account.authenticator_set").click()
    expect(arrived.page.locator("[data-qr] svg")).to_be_visible()
    yield "account-03-app", arrived.page
    arrived.page.locator("[data-kind=authenticator]").get_by_role("button", name=arrived.words("revoke.no")).click()
    arrived.button("account.recovery_make").click()
    expect(arrived.page.locator("[data-codes] li")).to_have_count(10)
    yield "account-04-recovery", arrived.page
    arrived.button("account.delete").click()
    yield "account-05-delete-question", arrived.page
    arrived.confirms("account.delete_yes")
    expect(arrived.heading("account.gone")).to_be_visible()
    yield "account-06-gone", arrived.page


def deciding(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Invite somebody, change them, shut them out; then be the DPO, and somebody who may see none of it."""
    host = scene.staff.host
    host.proves()
    host.goes("/members")
    yield "members-01-list", host.page
    host.button("members.submit").click()
    host.sees("refusal.bad_name")
    yield "members-02-errors", host.page
    new = scene.somebody("Dominique Secrétaire")
    host.field("members.name").fill(new.name)
    host.field("members.email").fill(new.email)
    host.page.locator("#language").select_option(scene.language)
    host.button("members.submit").click()
    host.sees("members.live_invited", name=new.name)
    yield "members-03-invited", host.page
    row = host.page.locator("[data-list] > li").filter(has_text=new.email)
    row.locator("summary").click()
    row.get_by_role("button", name=host.words("members.contact")).click()
    yield "members-04-contact", host.page
    row.get_by_role("button", name=host.words("members.reset")).click()
    yield "members-05-reset-question", host.page
    host.page.keyboard.press("Escape")
    invited = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    invited.joins(invited.waits(lambda: scene.clinic.mail(new.email) and invitation_in(scene.clinic.mail(new.email))))
    invited.goes("/transfers")
    yield "transfers-01-empty", invited.page
    invited.goes("/members")
    yield "error-01-forbidden", invited.page
    watching = Member(scene.came.page(scene.language), scene.clinic, scene.language)
    watching.follows(host.invites(scene.somebody("Maître Delphine Dupont", mobile=False), "dpo"))
    watching.button("join.later").click()
    watching.page.wait_for_url("**/members")
    expect(watching.page.locator("[data-list] > li").first).to_be_visible()
    yield "members-06-dpo", watching.page


def ruling(scene: Scene) -> Iterator[tuple[str, Page]]:
    """Look at the rules of the clinic, and at the report on signing in; nothing is changed, for others rely on them."""
    host = scene.staff.host
    host.proves()
    host.goes("/settings")
    expect(host.button("settings.withdraw")).to_be_visible()
    yield "settings-01-accepted", host.page
    host.button("settings.withdraw").click()
    yield "settings-02-withdraw-question", host.page
    host.page.keyboard.press("Escape")
    host.button("settings.report_make").click()
    host.sees("settings.live_report.means")
    yield "settings-03-report", host.page
