"""Every way of signing in, walked in a real browser on the packaged stack, with the keyboard alone where it matters."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.arrivals import Arrivals
from tests.browser.keys import Keys
from tests.browser.member import Member
from tests.browser.people import To, invitation_in, somebody
from tests.stack import Stack

PASSWORD = "trois tilleuls devant la gare"
Newcomer = Callable[..., tuple[Member, To]]


@pytest.fixture
def newcomer(came: Arrivals, host: Member, clinic: Stack) -> Newcomer:
    """Have somebody invited, and open their browser on the invitation."""

    def make(role: str = "sender", *, mobile: bool = False, language: str = "fr") -> tuple[Member, To]:
        new = somebody("Dominique Secrétaire", mobile=mobile, language=language)
        link = host.invites(new, role)
        arrived = Member(came.page(language), clinic, language)
        arrived.follows(link)
        return arrived, new

    return make


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_passkey_is_made_when_joining_and_opens_everything_afterwards(newcomer: Newcomer, language: str) -> None:
    arrived, _ = newcomer(language=language)
    keys = Keys(arrived.page)
    arrived.button("join.passkey").press("Enter")
    expect(arrived.heading("join.done")).to_be_visible()
    assert len(keys.credentials) == 1
    arrived.button("proofs.next").press("Enter")
    arrived.page.wait_for_url("**/send")

    arrived.button("nav.sign_out").press("Enter")
    arrived.page.wait_for_url("**/signin")
    arrived.button("signin.passkey").press("Enter")
    arrived.page.wait_for_url("**/send")

    session = arrived.calls("GET", "/api/session")["body"]
    assert (session["level"], session["enough"], session["proofs"]) == (2, True, ["passkey"])


def test_a_copied_passkey_is_refused_and_its_owner_is_written_to(newcomer: Newcomer, clinic: Stack) -> None:
    arrived, new = newcomer()
    keys = Keys(arrived.page)
    arrived.button("join.passkey").click()
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("proofs.next").click()
    for _ in range(2):
        arrived.button("nav.sign_out").click()
        arrived.page.wait_for_url("**/signin")
        arrived.button("signin.passkey").click()
        arrived.page.wait_for_url("**/send")
    arrived.button("nav.sign_out").click()
    arrived.page.wait_for_url("**/signin")
    keys.rewind()

    arrived.button("signin.passkey").click()

    arrived.sees("refusal.passkey_cloned")
    arrived.waits(lambda: any(arrived.words("message.passkey_copied.subject") in one.subject for one in clinic.mail(new.email)))


def paired(member: Member) -> str:
    """Set the app up: read the secret as it is written for people, and type a code."""
    secret = member.page.locator("[data-secret]").filter(visible=True).inner_text().replace(" ", "")
    member.page.get_by_label(member.words("code.label")).filter(visible=True).fill(pyotp.TOTP(secret).now())
    return secret


def next_code(secret: str) -> str:
    """Wait for a time step whose code was not used yet."""
    step = time.time() // 30
    while time.time() // 30 == step:
        time.sleep(0.2)
    return pyotp.TOTP(secret).now()


def test_a_password_and_an_app_then_a_recovery_code(newcomer: Newcomer, language: str) -> None:
    arrived, new = newcomer(language=language)
    arrived.button("join.password").press("Enter")
    password = arrived.page.locator("#password").filter(visible=True)
    password.fill("azertyuiop12")
    password.press("Enter")
    arrived.sees("refusal.weak_password")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(arrived.heading("means.authenticator_title")).to_be_visible()
    secret = paired(arrived)
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("join.recovery").press("Enter")
    expect(arrived.page.locator("[data-codes] li")).to_have_count(10)
    codes = arrived.page.locator("[data-codes] li").all_inner_texts()
    arrived.button("join.onward").press("Enter")
    arrived.page.wait_for_url("**/send")
    arrived.button("nav.sign_out").press("Enter")
    arrived.page.wait_for_url("**/signin")

    shows_password(arrived, new.email)
    assert arrived.calls("GET", "/api/transfers")["body"] == {"error": "second_factor_required"}
    expect(arrived.heading("proofs.authenticator_title")).to_be_visible()
    arrived.page.get_by_label(arrived.words("code.label")).filter(visible=True).fill(next_code(secret))
    arrived.page.wait_for_url("**/send")

    arrived.button("nav.sign_out").press("Enter")
    arrived.page.wait_for_url("**/signin")
    shows_password(arrived, new.email)
    arrived.button("proofs.another").press("Enter")
    arrived.button("proofs.means.recovery").press("Enter")
    field = arrived.field("proofs.means.recovery")
    field.fill(codes[4].upper())
    field.press("Enter")
    arrived.page.wait_for_url("**/send")


def shows_password(member: Member, email: str) -> None:
    member.field("signin.email").fill(email)
    member.page.get_by_role("radio", name=member.words("signin.by_password"), exact=True).check()
    member.button("signin.ask").press("Enter")
    password = member.page.locator("#password").filter(visible=True)
    password.fill(PASSWORD)
    password.press("Enter")
    expect(member.heading("proofs.password_title")).to_be_hidden()


def test_a_password_and_a_text_message(newcomer: Newcomer, clinic: Stack) -> None:
    arrived, new = newcomer(mobile=True)
    arrived.button("join.password").click()
    password = arrived.page.locator("#password").filter(visible=True)
    password.fill(PASSWORD)
    password.press("Enter")
    arrived.types(arrived.gets_code(lambda: clinic.sms(new.mobile or ""), arrived.button("proofs.means.sms").click))
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("join.later").click()
    arrived.page.wait_for_url("**/send")
    arrived.button("nav.sign_out").click()
    arrived.page.wait_for_url("**/signin")

    shows_password(arrived, new.email)
    code = arrived.gets_code(lambda: clinic.sms(new.mobile or ""), arrived.button("proofs.means.sms").click)
    arrived.types(code)
    arrived.page.wait_for_url("**/send")


def test_pro_sante_connect_is_linked_when_joining_and_signs_in(newcomer: Newcomer, clinic: Stack) -> None:
    arrived, _ = newcomer()
    arrived.button("join.psc").click()
    arrived.page.wait_for_url("**/auth?**")
    arrived.page.locator('button[name="who"][value="doctor"]').click()
    arrived.page.wait_for_url(f"{clinic.origin}/**")
    expect(arrived.heading("psc.place")).to_be_visible()
    assert "code=" not in arrived.page.url
    arrived.page.get_by_role("radio", name="HOPITAL DE DEMONSTRATION").check()
    arrived.button("proofs.next").click()
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("proofs.next").click()
    arrived.page.wait_for_url("**/send")
    arrived.button("nav.sign_out").click()
    arrived.page.wait_for_url("**/signin**")

    arrived.goes("/signin")
    arrived.button("signin.psc").click()
    arrived.page.locator('button[name="who"][value="doctor"]').click()
    arrived.page.wait_for_url(f"{clinic.origin}/send")
    assert arrived.calls("GET", "/api/session")["body"]["proofs"] == ["psc"]


def test_a_professional_whom_nobody_invited_and_a_patient_are_told_so(came: Arrivals, clinic: Stack) -> None:
    for who, code in (("nurse", "psc_unknown"), ("patient", "psc_not_professional")):
        stranger = Member(came.page(), clinic)
        stranger.goes("/signin")
        stranger.button("signin.psc").click()
        stranger.page.locator(f'button[name="who"][value="{who}"]').click()
        stranger.sees(f"refusal.{code}")


def test_an_invitation_serves_once_and_another_comes_for_it(newcomer: Newcomer, came: Arrivals, clinic: Stack) -> None:
    arrived, new = newcomer()
    link = invitation_in(clinic.mail(new.email))
    later = Member(came.page(), clinic)
    later.page.goto(link)
    later.button("join.begin").click()
    expect(later.heading("join.over.title")).to_be_visible()
    assert arrived.calls("GET", "/api/session")["status"] == 200


def test_the_account_is_managed_by_its_owner(newcomer: Newcomer, clinic: Stack, folder: Path) -> None:
    arrived, new = newcomer()
    Keys(arrived.page)
    arrived.button("join.passkey").click()
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("proofs.next").click()
    arrived.page.wait_for_url("**/send")
    arrived.goes("/account")
    arrived.sees("account.here")
    arrived.button("account.password_set").click()
    password = arrived.page.locator("#password").filter(visible=True)
    password.fill(PASSWORD)
    password.press("Enter")
    arrived.sees("account.live_password_set")
    arrived.waits(lambda: any(arrived.words("message.means_changed.subject") in one.subject for one in clinic.mail(new.email)))

    with arrived.page.expect_download() as saved:
        arrived.button("account.export").click()
    saved.value.save_as(folder / "mine.json")
    mine = json.loads((folder / "mine.json").read_text("utf-8"))
    assert mine["member"]["email"] == new.email
    assert PASSWORD not in (folder / "mine.json").read_text("utf-8")

    arrived.button("account.delete").click()
    arrived.confirms("account.delete_yes")
    expect(arrived.heading("account.gone")).to_be_visible()
    assert arrived.calls("GET", "/api/session")["status"] == 401


def test_an_administrator_shuts_somebody_out_at_once(newcomer: Newcomer, host: Member) -> None:
    arrived, new = newcomer()
    arrived.button("join.later").click()
    arrived.page.wait_for_url("**/send")
    host.goes("/members")
    row = host.page.locator("[data-list] > li").filter(has_text=new.email)
    row.locator("summary").click()
    row.get_by_role("button", name=host.words("members.disable")).click()
    host.confirms("members.disable_yes")
    expect(row).to_contain_text(host.words("standing.disabled"))

    assert arrived.calls("GET", "/api/session")["status"] == 401
    row.locator("summary").click()
    row.get_by_role("button", name=host.words("members.enable")).click()
    expect(row).not_to_contain_text(host.words("standing.disabled"))


@pytest.fixture
def strict(host: Member) -> Iterator[None]:
    """Have the clinic accept no code by e-mail for the while of a test."""
    reason = host.calls("GET", "/api/policy")["body"]["acceptance"]["reason"]
    host.proves()
    assert host.calls("DELETE", "/api/policy/acceptance", {})["status"] == 204
    yield
    host.proves()
    assert host.calls("PUT", "/api/policy/acceptance", {"reason": reason})["status"] == 200


@pytest.mark.usefixtures("strict")
def test_whoever_is_to_administer_joins_with_a_passkey_where_no_risk_is_accepted(newcomer: Newcomer) -> None:
    arrived, _ = newcomer("administrator")
    Keys(arrived.page)
    arrived.sees("join.administrators")
    expect(arrived.button("join.password")).to_be_hidden()
    expect(arrived.button("join.later")).to_be_hidden()

    arrived.button("join.passkey").click()
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("proofs.next").click()
    arrived.page.wait_for_url("**/send")
    arrived.goes("/members")
    expect(arrived.heading("members.title")).to_be_visible()


@pytest.mark.usefixtures("strict")
def test_a_code_by_mail_is_a_first_proof_and_no_more_where_no_risk_is_accepted(newcomer: Newcomer) -> None:
    arrived, new = newcomer()
    arrived.button("join.password").click()
    password = arrived.page.locator("#password").filter(visible=True)
    password.fill(PASSWORD)
    password.press("Enter")
    secret = paired(arrived)
    expect(arrived.heading("join.done")).to_be_visible()
    arrived.button("join.later").click()
    arrived.button("nav.sign_out").click()
    arrived.page.wait_for_url("**/signin")

    arrived.shows_code(new.email, by="email")

    expect(arrived.heading("proofs.password_title")).to_be_visible()
    assert arrived.calls("GET", "/api/transfers")["body"] == {"error": "second_factor_required"}
    password = arrived.page.locator("#password").filter(visible=True)
    password.fill(PASSWORD)
    password.press("Enter")
    arrived.page.get_by_label(arrived.words("code.label")).filter(visible=True).fill(next_code(secret))
    arrived.page.wait_for_url("**/send")
