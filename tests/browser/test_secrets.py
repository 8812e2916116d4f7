"""Canaries: after a whole walk, nothing a person wrote and nothing that opens a file lies in clear anywhere but in the two browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import Browser, Page, Response, StorageState

from infra.local.clinic import ADMINISTRATOR
from tests.browser.arrivals import Arrivals
from tests.browser.canaries import STORED, found, keeps_key, sinks
from tests.browser.files import written
from tests.browser.member import Member, Sent
from tests.browser.people import Person, To
from tests.browser.recipient import Recipient
from tests.browser.store import Store
from tests.stack import Stack

ADA = To("Zéphyrine Canari-Jaune", "zephyrine.canari@example.fr", "+33699887766")
FILES = {"canari-des-îles.txt": b"le canari chante dans la mine " * 40, "biopsie-canari.bin": b"CLEARCANARY" * 20_000}
MESSAGE = "Le canari messager vole bas ce soir."
PAGES = ("/signin", "/send", "/transfers", "/members", "/about", "/c")
SCRIPTS_MOST = 64 * 1024  # bytes a page loads before compression, as in tests/unit/test_scripts.py


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk from end to end, and everything that was seen of it."""

    sent: Sent
    canaries: dict[str, bytes]
    addresses: list[str]
    said: list[str]
    stored: list[str]
    faults: list[str]
    pages: list[str]


@pytest.fixture(scope="module")
def walked(chromium: Browser, camille: StorageState, clinic: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    came = Arrivals(chromium, clinic)
    canaries: dict[str, bytes] = {}
    member = Member(came.page(signed_in=camille), clinic)
    member.page.on("response", lambda answer: keeps_key(canaries, answer))
    sent = member.sends(written(tmp_path_factory.mktemp("canaries"), FILES), [ADA], MESSAGE)
    reading = Recipient(came.page(), clinic, ADA)
    reading.opens()
    code = reading.asks_code()
    reading.types(code)
    reading.sees_opened()
    reading.downloads_all()
    member.goes("/transfers")
    member.goes(f"/transfers/{sent.id}")
    cookies = [*member.page.context.cookies(), *reading.page.context.cookies()]
    canaries |= {one["name"]: one["value"].encode() for one in cookies if one["name"].startswith("__Host-")}
    canaries |= {"name": ADA.name.encode(), "e-mail": ADA.email.encode(), "mobile": str(ADA.mobile).encode()}
    canaries |= {"local mobile": b"06 99 88 77 66", "message": MESSAGE.encode(), "administrator": ADMINISTRATOR[1].encode()}
    canaries |= {f"file name {number}": name.encode() for number, name in enumerate(FILES)}
    canaries |= {"clear text": FILES["biopsie-canari.bin"][:44], "other clear text": FILES["canari-des-îles.txt"][:60]}
    canaries |= {"link secret": reading.link.rpartition(".")[2].encode(), "login code": code.encode()}
    stored = [page.evaluate(STORED) for page in (member.page, reading.page)]
    watches = [came.watch(member.page), came.watch(reading.page)]
    addresses, said = ([one for watch in watches for one in getattr(watch, name)] for name in ("addresses", "said"))
    yield Walked(sent, canaries, addresses, said, stored, came.faults, [member.page.url, reading.page.url])
    came.leave()


def test_the_walk_planted_every_canary(walked: Walked) -> None:
    assert {"data key", "__Host-session", "__Host-collect", "link secret", "login code"} <= set(walked.canaries)
    assert all(len(canary) > 5 for canary in walked.canaries.values())
    for name, canary in walked.canaries.items():
        assert found({name: canary}, b"before " + canary + b" after") == [name]


def test_nothing_personal_or_secret_lies_in_clear_behind_the_api(walked: Walked, clinic: Stack) -> None:
    clinic.sweep()
    held = sinks(clinic)

    assert {name: seen for name, sink in held.items() if (seen := found(walked.canaries, sink))} == {}
    for name in ("logs", "tables", "objects", "queues"):
        assert len(held[name]) > 50, f"nothing was read of {name}"


def test_the_proxy_says_nothing_of_what_passes(walked: Walked, clinic: Stack, capfd: pytest.CaptureFixture[str]) -> None:
    secret = walked.canaries["link secret"].decode()
    requests.get(f"{clinic.origin}/api/collect?secret={secret}", headers={"Cookie": f"__Host-collect={secret}"}, timeout=20)
    requests.post(f"{clinic.origin}/api/collect/codes", json={"secret": secret}, timeout=20)

    assert tuple(capfd.readouterr()) == ("", "")


def test_the_bucket_holds_no_clear_byte(walked: Walked, clinic: Stack) -> None:
    for number, content in enumerate(FILES.values()):
        sealed = Store(clinic).sealed(walked.sent.id, number)
        assert not any(content[at : at + 16] in sealed for at in range(0, 4096, 16) if content[at : at + 16])


def test_nothing_personal_or_secret_is_in_an_address_or_said_to_the_console(walked: Walked) -> None:
    sinks_of_the_browser = {"addresses": walked.addresses, "console": walked.said, "storage": walked.stored, "pages": walked.pages}

    seen = {name: found(walked.canaries, "\n".join(lines).encode()) for name, lines in sinks_of_the_browser.items()}

    assert seen == {name: [] for name in sinks_of_the_browser}


def test_the_browser_keeps_nothing_and_breaks_no_policy(walked: Walked) -> None:
    empty = '{"local":{},"session":{},"databases":[],"caches":[],"workers":%d,"cookies":"%s","name":"","history":"null"}'

    assert walked.stored == [empty % (0, ""), empty % (1, "lang=fr")]  # the service worker that made the zip: it keeps nothing either
    assert walked.faults == []
    assert [line for line in walked.said if "violates" in line or "Refused" in line] == []


def test_pages_speak_to_the_clinic_and_to_its_bucket_only(walked: Walked, clinic: Stack) -> None:
    allowed = (f"{clinic.origin}/", f"{clinic.aws_url}/{clinic.bucket}/", f"blob:{clinic.origin}/")

    assert [one for one in walked.addresses if not one.startswith(allowed)] == []
    assert any(one.startswith(allowed[1]) for one in walked.addresses)


def test_letters_hold_a_link_and_nothing_about_health(walked: Walked, clinic: Stack) -> None:
    kept = {name: canary for name, canary in walked.canaries.items() if re.match("file|message|clear|other|data", name)}

    for letter in [*clinic.mail(ADA.email), *clinic.sms(str(ADA.mobile))]:
        assert found(kept, f"{letter.subject}\n{letter.text}\n{letter.html}".encode()) == []
        assert "<img" not in letter.html


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_few_scripts_and_all_of_them_ours(path: str, came: Arrivals, camille: StorageState, clinic: Stack) -> None:
    page: Page = came.page(signed_in=camille)
    loaded: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        if answer.request.resource_type in ("script", "other") and answer.url.endswith(".js"):
            loaded[answer.url] = len(answer.body())

    page.on("response", weigh)
    Person(page, clinic).goes(path)

    assert loaded
    assert all(address.startswith(f"{clinic.origin}/static/") for address in loaded)
    assert sum(loaded.values()) < SCRIPTS_MOST
