"""Who may come in at which door. Routes are those the app has: a new one is tested the day it is added."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.domain.member import Role
from chalicelib.usecases.ports import Ports
from chalicelib.web.pages import MEANT
from tests.builders import a_sealed_transfer
from tests.fakes import CLINIC, fake_ports, memory_of, recorded
from tests.http.visitor import (
    API,
    CHANGING,
    FOR_MEMBERS,
    FOR_RECIPIENTS,
    FOR_STRANGERS,
    GUARDED,
    NOBODY,
    PAGES,
    ROUTES,
    Visitor,
    bodies,
    collecting,
    enter,
    insider,
    signed_in,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "http-api.md"
Route = tuple[str, str]
each_route = pytest.mark.parametrize("route", ROUTES, ids=" ".join)
each_change = pytest.mark.parametrize("route", CHANGING, ids=" ".join)
each_guarded = pytest.mark.parametrize("route", GUARDED, ids=" ".join)


def test_every_call_is_documented_and_every_documented_call_exists() -> None:
    calls = re.findall(r"`(GET|POST|PUT|DELETE) (/api/[^`?]*|…/[^`]*)`", REFERENCE.read_text(encoding="utf-8"))

    nameless = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in calls}

    assert nameless == {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in API}


def test_every_change_has_an_honest_body_to_test_it_with() -> None:
    assert set(bodies()) == {one for one in CHANGING if one[0] != "DELETE"}


FOREIGN = [
    {"origin": None},
    {"origin": ""},
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": f"{CLINIC.origin}/"},
    {"origin": f"{CLINIC.origin}:443"},
    {"origin": f"{CLINIC.origin}.evil.example"},
    {"origin": CLINIC.origin.replace("https", "http")},
    {"origin": CLINIC.origin.upper()},
    {"origin": f"{CLINIC.origin} https://evil.example"},
    {"origin": None, "referer": f"{CLINIC.origin}/send"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": ""},
    {"content-type": "text/plain"},
    {"content-type": "application/x-www-form-urlencoded"},
    {"content-type": "multipart/form-data; boundary=x"},
    {"content-type": "text/plain; application/json"},
    {"content-type": "application/json, text/plain"},
    {"content-type": "*/*"},
    {"content-type": None},
]


@each_change
def test_a_change_from_another_page_is_refused_before_anything_is_read(route: Route) -> None:
    ports, calls = recorded(fake_ports())
    sending = a_sealed_transfer(ports)
    visitor = insider(ports, sending)
    enter(ports)
    calls.clear()
    deleting = route[0] == "DELETE"

    for headers in FOREIGN:
        if deleting and "content-type" in headers:
            continue
        seen = visitor.call(*route, bodies().get(route), headers, transfer=sending.id, file="0")
        assert (seen.status, seen.json) == (403, {"error": "foreign_origin"}), headers
        assert "Strict-Transport-Security" in seen.headers

    assert calls == []


@each_change
@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": None}, {"sec-fetch-site": "none"}, {"content-type": "application/json; charset=utf-8"}]
)
def test_a_change_from_our_own_page_is_let_in(ports: Ports, route: Route, headers: dict[str, str | None]) -> None:
    visitor = insider(ports, a_sealed_transfer(ports))

    seen = visitor.call(*route, bodies().get(route), headers)

    assert seen.status != 403 or seen.json == {"error": "psc_off"}


@each_guarded
@pytest.mark.parametrize(
    "cookie", [{}, {"__Host-session": "", "__Host-collect": ""}, {"__Host-session": "0" * 64, "__Host-collect": "0" * 64}]
)
def test_nobody_comes_in_without_a_session(ports: Ports, route: Route, cookie: dict[str, str]) -> None:
    seen = Visitor(cookie).call(*route, bodies().get(route))

    assert (seen.status, seen.json) == (401, {"error": "signin_required"})


@each_guarded
def test_a_session_that_is_over_is_none(ports: Ports, route: Route) -> None:
    visitor = insider(ports, a_sealed_transfer(ports))
    ports.clock.tick(minutes=30)

    assert visitor.call(*route, bodies().get(route)).status == 401


@pytest.mark.parametrize("route", FOR_MEMBERS, ids=" ".join)
def test_a_recipients_session_opens_no_door_of_members(ports: Ports, route: Route) -> None:
    recipient = collecting(ports, a_sealed_transfer(ports))
    disguised = Visitor({"__Host-session": recipient.cookies["__Host-collect"]})

    assert [v.call(*route, bodies().get(route)).status for v in (recipient, disguised)] == [401, 401]


@pytest.mark.parametrize("route", FOR_RECIPIENTS, ids=" ".join)
def test_a_members_session_opens_no_door_of_recipients(ports: Ports, route: Route) -> None:
    member = signed_in(ports)
    disguised = Visitor({"__Host-collect": member.cookies["__Host-session"]})
    misplaced = Visitor({"__Host-session": collecting(ports, a_sealed_transfer(ports)).cookies["__Host-collect"]})

    assert [v.call(*route, bodies().get(route), file="0").status for v in (member, disguised, misplaced)] == [401] * 3


SCHEMES = ["Basic YWRhOmFkYQ==", "Bearer x.y.z", "Bearer eyJhbGciOiJub25lIn0.e30.", "Negotiate YII", "Digest username=ada", "Token x"]
SIGNATURE = "AWS4-HMAC-SHA256 Credential=AKIA/20260302/eu-west-3/execute-api/aws4_request, SignedHeaders=host, Signature=0"


@each_guarded
@pytest.mark.parametrize("scheme", [*SCHEMES, SIGNATURE], ids=lambda s: s.split()[0])
def test_no_other_way_of_signing_in_looks_anybody_up(route: Route, scheme: str) -> None:
    ports, calls = recorded(fake_ports())
    enter(ports)
    calls.clear()

    seen = Visitor().call(*route, bodies().get(route), {"authorization": scheme, "x-api-key": scheme, "x-amzn-oidc-data": scheme})

    assert (seen.status, calls) == (401, [])


@each_route
def test_no_method_but_its_own_reaches_a_path(ports: Ports, route: Route) -> None:
    visitor = insider(ports, a_sealed_transfer(ports))
    own = {method for method, path in ROUTES if path == route[1]}
    before = list(memory_of(ports).events)

    statuses = {visitor.call(method, route[1]).status for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - own}

    assert statuses == {405}
    assert memory_of(ports).events == before


@pytest.mark.parametrize("route", [one for one in ROUTES if one[0] == "GET"], ids=" ".join)
def test_fifty_mail_scanners_consume_nothing(ports: Ports, route: Route) -> None:
    sending = a_sealed_transfer(ports)
    ports.queue.pushed.clear()
    before = list(memory_of(ports).events)

    for method in ("GET", "HEAD") * 50:
        Visitor().call(method, route[1], transfer=sending.id, recipient=sending.recipients[0])

    assert memory_of(ports).events == before
    assert (memory_of(ports).challenges, ports.queue.pushed) == ({}, [])
    assert memory_of(ports).recipients[sending.recipients[0]].opened_at is None


@pytest.mark.parametrize("route", [one for one in PAGES if "{" not in one[1] and one not in FOR_STRANGERS], ids=" ".join)
def test_a_page_for_members_leads_a_stranger_to_the_door(ports: Ports, route: Route) -> None:
    seen = Visitor().call(*route)
    meant = f"#{route[1]}" if route[1] in MEANT else ""

    assert (seen.status, seen.headers["Location"], seen.text) == (303, f"/signin{meant}", "")


def test_a_dpo_who_comes_in_by_the_front_is_led_to_what_they_may_see(ports: Ports) -> None:
    led = {role: signed_in(ports, role=role).call("GET", "/").headers["Location"] for role in Role}

    assert led == {Role.ADMINISTRATOR: "/send", Role.SENDER: "/send", Role.DPO: "/members"}


def test_whoever_follows_a_link_to_a_transfer_is_led_to_it_through_the_door(ports: Ports) -> None:
    seen = Visitor().call("GET", "/transfers/{transfer}", transfer=NOBODY)

    assert (seen.status, seen.headers["Location"], seen.text) == (303, f"/signin#/transfers/{NOBODY}", "")


FORGED = {
    "host": "evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-for": "198.51.100.1, evil.example",
    "x-forwarded-proto": "http",
    "x-real-ip": "198.51.100.1",
    "forwarded": "for=198.51.100.1;host=evil.example;proto=http",
    "x-original-url": "/api/members",
    "x-rewrite-url": "/api/members",
    "x-http-method-override": "DELETE",
    "x-amzn-requestid": "evil.example",
    "true-client-ip": "198.51.100.1",
    "via": "1.1 evil.example",
}


@each_route
def test_headers_of_intermediaries_change_nothing(route: Route) -> None:
    answers, trails = [], []
    for headers in ({}, FORGED):
        ports = fake_ports()
        enter(ports)
        sending = a_sealed_transfer(ports, request=NOBODY)
        seen = insider(ports, sending).call(
            *route, bodies().get(route), headers, transfer=sending.id, file="0", recipient=sending.recipients[0]
        )
        answers.append((seen.status, seen.headers, seen.text.replace(seen.headers.get("reference", "\0"), "")))
        trails.append(memory_of(ports).events)

    assert answers[0] == answers[1]
    assert trails[0] == trails[1]
    assert "evil.example" not in repr(trails)


def test_the_ip_that_counts_is_the_one_the_gateway_saw() -> None:
    ports = fake_ports(clinic=replace(CLINIC, codes_per_ip=2))
    enter(ports)
    route = ("POST", "/api/signin/codes")

    statuses = [
        Visitor().call(*route, {"email": f"a{n}@example.fr", "by": "email"}, {"x-forwarded-for": f"198.51.100.{n}"}).status
        for n in range(3)
    ]

    assert statuses == [202, 202, 429]
    assert Visitor(ip="198.51.100.9").call(*route, {"email": "b@example.fr", "by": "email"}).status == 202
