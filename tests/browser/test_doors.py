"""The doors: codes that are wrong, spent or somebody else's, links that lead nowhere, and machines that follow links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Browser, StorageState, expect

from chalicelib.domain.throttle import PAUSES
from tests.browser.arrivals import Arrivals
from tests.browser.files import written
from tests.browser.member import Member, Sent
from tests.browser.people import somebody
from tests.browser.recipient import Recipient
from tests.browser.store import Store
from tests.stack import Stack

Comes = Callable[..., Recipient]
SCANS = 50


@pytest.fixture(scope="module")
def sent(chromium: Browser, camille: StorageState, clinic: Stack, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """One transfer to several people, one for each test that needs somebody new."""
    came = Arrivals(chromium, clinic)
    files = written(tmp_path_factory.mktemp("doors"), {"lettre.txt": b"bonjour"})
    sent = Member(came.page(signed_in=camille), clinic).sends(files, [somebody(), somebody(), somebody(mobile=False), somebody()])
    came.leave()
    return sent


def other_than(code: str, step: int) -> str:
    return f"{(int(code) + step) % 1_000_000:06}"


def test_three_wrong_codes_then_the_right_one(sent: Sent, recipient: Comes) -> None:
    ada = recipient(sent.to[0])
    ada.opens()
    code = ada.asks_code()

    for step in (1, 2, 3):
        with ada.page.expect_response("**/api/collect/sessions") as answer:
            ada.types(other_than(code, step))
        assert answer.value.json() == {"error": "wrong_code", "field": "code"}
        ada.sees("refusal.wrong_code")
        expect(ada.field("code.label")).to_be_focused()
    ada.page.wait_for_timeout(PAUSES[2] * 1000)  # after the third, a guess takes its time
    ada.types(code)

    ada.sees_opened()


def test_a_code_asked_in_one_browser_opens_nothing_in_another(sent: Sent, recipient: Comes) -> None:
    asking, other = recipient(sent.to[1]), recipient(sent.to[1])
    asking.opens()
    other.opens(asking.link)
    first = asking.asks_code()
    second = other.asks_code()

    other.types(first)
    other.sees("refusal.wrong_code")
    asking.types(second)
    asking.sees("refusal.wrong_code")

    asking.types(first)
    asking.sees_opened()
    other.types(second)
    other.sees_opened()


def test_a_false_link_and_a_foreign_one_lead_to_the_same_page(sent: Sent, recipient: Comes) -> None:
    ada = recipient(sent.to[0])
    address, _, secret = ada.link.rpartition(".")
    front, _, fragment = address.partition("#")
    transfer, recipient_id = fragment.split(".")
    stranger = recipient_id[::-1]
    links = [
        f"{address}.{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}",
        f"{front}#{transfer}.{stranger}.{secret}",
        f"{front}#{recipient_id}.{transfer}.{secret}",
        f"{front}#{transfer}.{recipient_id}",
    ]

    pages = []
    for link in links:
        lost = recipient(sent.to[0])
        lost.opens(link)
        ask = lost.button("collect.ask")
        expect(ask.or_(lost.heading("collect.end.not_found.title"))).to_be_visible()
        if ask.is_visible():
            ask.click()
        expect(lost.heading("collect.end.not_found.title")).to_be_visible()
        pages.append(lost.reads)

    assert len(set(pages)) == 1


def test_machines_that_follow_the_link_use_nothing_up(sent: Sent, recipient: Comes, clinic: Stack) -> None:
    grace = recipient(sent.to[2])
    trail, letters = Store(clinic).trail(sent.id), clinic.mail(grace.to.email)
    link = grace.link

    with requests.Session() as scanner:
        for number in range(SCANS):
            answer = scanner.request("HEAD" if number % 2 else "GET", link, timeout=20)
            assert "__Host-" not in answer.headers.get("Set-Cookie", "")
    looking = recipient(sent.to[2])
    looking.opens(link)
    expect(looking.button("collect.ask")).to_be_visible()
    looking.page.evaluate("document.forms[0].requestSubmit()")
    looking.page.wait_for_timeout(1000)

    assert Store(clinic).trail(sent.id) == trail
    assert clinic.mail(grace.to.email) == letters
    assert [one["name"] for one in looking.page.context.cookies()] == ["lang"]
    grace.enters()


def test_a_second_visit_to_the_page_needs_no_code_while_the_session_lasts(sent: Sent, recipient: Comes, clinic: Stack) -> None:
    ada = recipient(sent.to[3])
    ada.enters()
    assert "#" not in ada.page.url

    ada.page.reload()
    ada.sees_opened()

    nobody = recipient(sent.to[3])
    nobody.opens(f"{clinic.origin}/c")
    expect(nobody.heading("collect.end.no_link.title")).to_be_visible()


def test_whoever_closes_the_access_leaves_nothing_open_behind(sent: Sent, recipient: Comes, clinic: Stack) -> None:
    collecting = recipient(sent.to[0])
    collecting.enters()

    collecting.button("collect.leave").click()
    expect(collecting.heading("collect.end.left.title")).to_be_visible()

    assert [one for one in collecting.page.context.cookies() if one["name"] == "__Host-collect"] == []
    collecting.page.goto(f"{clinic.origin}/c")
    expect(collecting.heading("collect.end.no_link.title")).to_be_visible()
    collecting.enters()


def test_a_member_sees_nothing_of_what_others_send(sent: Sent, host: Member, came: Arrivals, clinic: Stack) -> None:
    other = Member(came.page(), clinic)
    other.joins(host.invites(somebody(mobile=False), "administrator"))

    assert other.calls("GET", "/api/transfers")["body"]["transfers"] == []
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/parts")):
        body = None if method == "GET" else {"parts": [{"file": 0, "part": 1, "size": 47, "sha256": f"{'A' * 43}="}]}
        foreign = other.calls(method, f"/api/transfers/{sent.id}{path}", body if path else None)
        unknown = other.calls(method, f"/api/transfers/{'a' * 26}{path}", body if path else None)
        assert foreign == unknown == {"status": 404, "body": {"error": "not_found"}}
    other.goes(f"/transfers/{sent.id}")
    other.sees("refusal.not_found")
