"""What every answer carries, and what a failure never says."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib import logs, rendering, wiring
from chalicelib.domain import errors
from chalicelib.domain.clinic import Federated
from chalicelib.domain.errors import Refusal, TooMany
from chalicelib.domain.ids import ChallengeKey, is_id
from chalicelib.domain.member import Role
from chalicelib.domain.person import Language
from chalicelib.usecases import challenge
from chalicelib.usecases.ports import Ports
from chalicelib.web import edge
from chalicelib.web.pages import policy
from tests.builders import a_member, a_sealed_transfer
from tests.fakes import CLINIC, SETTINGS, fake_ports, memory_of, recorded, watched
from tests.http.visitor import API, FOR_STRANGERS, PAGES, ROUTES, Seen, Visitor, bodies, enter, insider, signed_in

Route = tuple[str, str]
SCRIPTS = sorted(path.name for path in (Path(rendering.__file__).parent / "static" / "js").glob("*.js"))
each_route = pytest.mark.parametrize("route", ROUTES, ids=" ".join)
SECURITY = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self' https://bucket.test; "
    "img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
COLLECT_POLICY = PAGE_POLICY.replace("img-src", "frame-src 'self'; img-src")


def kinds_of_answer(ports: Ports, route: Route) -> Iterator[Seen]:
    """Give an answer of every kind a route has: done, refused in several ways, failed."""
    sending = a_sealed_transfer(ports)
    params = {"transfer": sending.id, "recipient": sending.recipients[0], "file": "0"}
    body = bodies().get(route)
    yield insider(ports, sending).call(*route, body, **params)
    yield Visitor().call(*route, body)
    yield Visitor().call(*route, body, {"origin": None})
    yield insider(ports, sending).call(*route, b"{" if body is not None else None)
    wiring.use(watched(ports, fail), SETTINGS)
    yield insider(ports, sending).call(*route, body, **params)


def fail(call: str) -> None:
    if call not in ("signins.open", "audit.memory", "transfers.read"):
        raise ConnectionError("canary-in-the-message")


def is_page(route: Route, seen: Seen) -> bool:
    return route in PAGES and seen.headers["Content-Type"].startswith("text/html")


@each_route
def test_every_answer_carries_the_headers_that_protect_it(ports: Ports, route: Route) -> None:
    for seen in kinds_of_answer(ports, route):
        assert {name: seen.headers.get(name) for name in SECURITY} == SECURITY
        page_policy = COLLECT_POLICY if route[1] == "/c" and seen.status == 200 else PAGE_POLICY
        assert seen.headers["Content-Security-Policy"] == (page_policy if is_page(route, seen) else API_POLICY) or "static" in route[1]
        assert seen.headers["Cache-Control"] == "no-store" or "static" in route[1]
        assert not {name.lower() for name in seen.headers} & {"server", "x-powered-by", "access-control-allow-origin"}


def test_no_policy_allows_what_is_unsafe(ports: Ports) -> None:
    for forbidden in ("unsafe", "data:", "blob:", "*", "http:"):
        assert forbidden not in policy()
        assert forbidden not in policy("collect")
        assert forbidden not in API_POLICY


def test_the_service_worker_alone_may_answer_for_a_path_and_may_do_nothing_else(ports: Ports) -> None:
    scripts = {name: Visitor().call("GET", "/static/{version}/{kind}/{name}", version="x", kind="js", name=name) for name in SCRIPTS}

    allowed = {name: seen.headers["Service-Worker-Allowed"] for name, seen in scripts.items() if "Service-Worker-Allowed" in seen.headers}

    assert allowed == {"saving-worker.js": "/saving/"}
    assert scripts["saving-worker.js"].headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'"
    for name in ("saving-worker.js", "client-zip.js"):
        assert "fetch(" not in scripts[name].text
        assert "caches" not in scripts[name].text


@pytest.mark.parametrize("route", API, ids=" ".join)
def test_every_answer_of_the_api_is_json(ports: Ports, route: Route) -> None:
    for seen in kinds_of_answer(ports, route):
        assert seen.headers["Content-Type"] == "application/json"
        assert seen.text == "" if seen.status == 204 else isinstance(seen.json, dict)


COOKIE = "; Secure; HttpOnly; SameSite=Strict"


def test_the_cookies_of_signing_in_and_out_are_these(ports: Ports) -> None:
    member = a_member(ports)
    visitor = Visitor()

    asked = visitor.call("POST", "/api/signin/codes", {"email": member.person.email, "by": "email"})
    token = visitor.cookies["__Host-challenge"]
    code = ports.secrets.login_code(ChallengeKey(challenge.digest(token)))
    entered = visitor.call("POST", "/api/signin/sessions", {"code": code})
    session, known = visitor.cookies["__Host-session"], visitor.cookies["__Host-device"]
    left = visitor.call("DELETE", "/api/session")

    assert (asked.status, asked.json, asked.cookies) == (202, {}, (f"__Host-challenge={token}; Path=/; Max-Age=600{COOKIE}",))
    gone = tuple(f"{name}=; Path=/; Max-Age=0{COOKIE}" for name in ("__Host-challenge", "__Host-gesture", "__Host-psc"))
    mark = f"__Host-device={known}; Path=/; Max-Age=31536000{COOKIE}"
    assert (entered.status, entered.json) == (201, {})
    assert entered.cookies == (f"__Host-session={session}; Path=/; Max-Age=14400{COOKIE}", *gone, mark)
    assert (left.status, left.cookies) == (204, (f"__Host-session=; Path=/; Max-Age=0{COOKIE}",))
    assert (len(token), session.partition(".")[0], len(session.partition(".")[2])) == (64, member.id, 64)
    assert (is_id(known[:26]), len(known)) == (True, 48)
    assert visitor.cookies == {"__Host-device": known}


def test_a_device_has_another_mark_for_every_code_and_one_for_each_account(ports: Ports) -> None:
    member, visitor, marks = a_member(ports), Visitor(), set()

    for _ in range(3):
        visitor.call("POST", "/api/signin/codes", {"email": member.person.email, "by": "email"})
        code = ports.secrets.login_code(ChallengeKey(challenge.digest(visitor.cookies["__Host-challenge"])))
        visitor.call("POST", "/api/signin/sessions", {"code": code})
        marks.add(visitor.cookies["__Host-device"])

    assert (len(marks), {len(mark) for mark in marks}) == (3, {48})


def test_a_proof_that_is_shown_anew_renews_the_cookie_and_the_old_one_is_worth_nothing(ports: Ports) -> None:
    member, visitor, tokens = a_member(ports), Visitor(), []

    for _ in range(2):
        visitor.call("POST", "/api/signin/codes", {"email": member.person.email, "by": "email"})
        code = ports.secrets.login_code(ChallengeKey(challenge.digest(visitor.cookies["__Host-challenge"])))
        visitor.call("POST", "/api/signin/sessions", {"code": code})
        tokens.append(visitor.cookies["__Host-session"])

    assert [Visitor({"__Host-session": token}).call("GET", "/api/session").status for token in tokens] == [401, 200]


def test_the_cookies_of_collecting_are_these(ports: Ports) -> None:
    sending = a_sealed_transfer(ports)
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])
    visitor = Visitor()

    asked = visitor.call("POST", "/api/collect/codes", {"transfer": sending.id, "recipient": sending.recipients[0], "secret": secret})
    token = visitor.cookies["__Host-challenge"]
    entered = visitor.call("POST", "/api/collect/sessions", {"code": ports.secrets.login_code(ChallengeKey(challenge.digest(token)))})

    assert asked.json == {"channel": "sms", "shared": False, "expires_at": int(sending.transfer.expires_at.timestamp())}
    assert asked.cookies == (f"__Host-challenge={token}; Path=/; Max-Age=600{COOKIE}",)
    session = visitor.cookies["__Host-collect"]
    gone = f"__Host-challenge=; Path=/; Max-Age=0{COOKIE}"
    assert (entered.status, entered.json, entered.cookies) == (201, {}, (f"__Host-collect={session}; Path=/; Max-Age=14400{COOKIE}", gone))


def test_known_and_unknown_addresses_get_the_same_answer(ports: Ports) -> None:
    known, unknown = a_member(ports).person.email, "nobody@example.fr"

    one, two = (Visitor().call("POST", "/api/signin/codes", {"email": email, "by": "email"}) for email in (known, unknown))

    assert (one.status, one.text, one.headers.keys()) == (two.status, two.text, two.headers.keys())
    assert len(one.cookies[0]) == len(two.cookies[0])


@each_route
def test_no_answer_sets_a_cookie_it_need_not_set(ports: Ports, route: Route) -> None:
    sets = {
        *(("DELETE", path) for path in ("/api/session", "/api/collect/session", "/api/account/sessions")),
        *(("POST", f"/api/signin/{what}") for what in ("codes", "passkey/options")),
        ("PUT", "/api/account/password"),
    }

    seen = list(kinds_of_answer(ports, route))

    assert (route in sets) is any(one.cookies for one in seen)
    assert not [one for one in seen if one.cookies and one.status >= 300]


def test_a_language_is_remembered_only_when_it_is_chosen(ports: Ports) -> None:
    chosen, hostile = (Visitor().call("GET", f"/about?lang={lang}") for lang in ("en", "en%0d%0aSet-Cookie:x"))

    assert chosen.cookies == ("lang=en; Path=/; Max-Age=31536000; Secure; SameSite=Lax",)
    assert chosen.headers["Content-Language"] == "en"
    assert hostile.cookies == ("lang=fr; Path=/; Max-Age=31536000; Secure; SameSite=Lax",)


@pytest.mark.parametrize("page", ["/send", "/members", "/account"])
@pytest.mark.parametrize("only", list(Language))
def test_a_clinic_with_one_language_offers_no_other(only: Language, page: str) -> None:
    other = next(one for one in Language if one is not only)
    world = fake_ports(clinic=replace(CLINIC, languages=(only,)))
    wiring.use(world, replace(SETTINGS, clinic=world.clinic))

    seen = signed_in(world, role=Role.ADMINISTRATOR).call("GET", f"{page}?lang={other}")

    assert seen.status == 200
    assert seen.headers["Content-Language"] == only
    assert f'value="{other}"' not in seen.text
    assert "?lang=" not in seen.text


@pytest.mark.parametrize("first", list(Language))
def test_the_first_language_of_a_clinic_is_spoken_where_nobody_asks(first: Language) -> None:
    world = fake_ports(clinic=replace(CLINIC, languages=(first, *(one for one in Language if one is not first))))
    wiring.use(world, replace(SETTINGS, clinic=world.clinic))

    seen = signed_in(world, role=Role.ADMINISTRATOR).call("GET", "/send", headers={"accept-language": "de"})

    assert seen.headers["Content-Language"] == first
    assert f'<option value="{first}" selected>' in " ".join(seen.text.split())


def every_refusal(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for kind in of.__subclasses__():
        yield kind
        yield from every_refusal(kind)


def test_every_refusal_has_a_status_and_no_two_of_them_share_one() -> None:
    kinds = set(every_refusal())

    assert set(edge.STATUS) == kinds
    assert len(set(edge.STATUS.values())) == len(kinds)
    assert {kind for kind, status in edge.STATUS.items() if not 400 <= status < 500} == {errors.Unavailable}
    assert {kind.__module__ for kind in kinds} == {errors.__name__}


@pytest.mark.parametrize(("wait", "seconds"), [(timedelta(seconds=1), "2"), (timedelta(minutes=15), "901"), (timedelta(0), "1")])
def test_too_many_says_how_long_to_wait(wait: timedelta, seconds: str) -> None:
    assert edge.waiting(TooMany(wait)) == {"Retry-After": seconds}


def test_a_limit_that_is_reached_says_so_over_http(ports: Ports) -> None:
    body = {"email": "nobody@example.fr", "by": "email"}

    seen = [Visitor().call("POST", "/api/signin/codes", body) for _ in range(4)]

    assert [one.status for one in seen] == [202, 202, 202, 429]
    assert seen[3].json == {"error": "too_many_requests"}
    assert 0 < int(seen[3].headers["Retry-After"]) <= 901


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give what the service logs."""
    kept, heard = logging.getLogger("sceau"), io.StringIO()
    before = kept.handlers, kept.propagate, kept.level
    handler = logging.StreamHandler(heard)
    handler.setFormatter(logs.JsonLines())
    kept.handlers, kept.propagate = [handler], False
    kept.setLevel(logging.INFO)
    yield heard
    kept.handlers, kept.propagate = before[:2]
    kept.setLevel(before[2])


@pytest.mark.parametrize("route", API, ids=" ".join)
def test_a_failure_is_generic_and_its_reference_is_in_the_log(ports: Ports, route: Route, log: io.StringIO) -> None:
    sending = a_sealed_transfer(ports)
    visitor = insider(ports, sending)
    visitor.cookies |= dict.fromkeys(("__Host-challenge", "__Host-gesture", "__Host-psc"), "canary-in-the-cookie")
    link = {"transfer": sending.id, "recipient": sending.recipients[0]}
    body = bodies().get(route)
    if route == ("POST", "/api/collect/codes"):
        body = {**link, "secret": ports.secrets.link_secret(sending.id, sending.recipients[0])}
    wiring.use(watched(replace(ports, clinic=replace(CLINIC, psc=Federated.OFFERED)), fail), SETTINGS)

    seen = visitor.call(*route, body, transfer=sending.id, recipient=sending.recipients[0], file="0")

    assert (seen.status, seen.json) == (500, {"error": "failure", "reference": seen.json["reference"]})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    (line,) = [one for one in lines if one["level"] == "ERROR"]
    assert (line["reference"], line["error"]) == (seen.json["reference"], "builtins.ConnectionError")
    for told in (seen.text, str(seen.headers), log.getvalue()):
        assert "canary" not in told
        assert "Traceback" not in told
        assert sending.id not in told
    assert "tests" not in seen.text
    assert ".py" not in seen.text


def test_nothing_a_person_wrote_is_in_the_log(ports: Ports, log: io.StringIO) -> None:
    sending = a_sealed_transfer(ports)
    visitor = insider(ports, sending)
    canaries = {"name": "Canary Name", "email": "canary@example.fr", "mobile": "06 12 34 56 99", "language": "fr"}
    body = {**bodies()["POST", "/api/transfers"], "recipients": [canaries]}
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])

    visitor.call("POST", "/api/transfers", body)
    visitor.call("POST", "/api/transfers?canary=1", {**body, "sizes": ["canary"]})
    visitor.call("POST", "/api/collect/codes", {"transfer": sending.id, "recipient": sending.recipients[0], "secret": secret})
    visitor.call("GET", "/api/collect")

    told = log.getvalue().lower()
    assert told
    secrets = [secret.lower(), *(token for token in visitor.cookies.values()), "canary", "61234", "612 34", "192.0.2"]
    assert not [one for one in secrets if one in told]


def test_the_data_key_is_given_to_nobody_but_the_sender_once_and_the_recipient(ports: Ports) -> None:
    sending = a_sealed_transfer(ports)
    visitor = insider(ports, sending)

    told = {route for route in API if route[0] == "GET" and "data_key" in visitor.call(*route, transfer=sending.id).text}

    assert told == {("GET", "/api/collect")}


def test_pages_are_rendered_without_any_call_but_the_sessions(ports: Ports) -> None:
    world, calls = recorded(fake_ports())
    visitor = signed_in(world)
    enter(world)
    calls.clear()

    seen, made = {}, {}
    for route in PAGES:
        if "{" not in route[1]:
            calls.clear()
            seen[route], made[route] = visitor.call(*route).status, list(calls)

    assert set(seen.values()) == {200, 303, 403}
    for route, status in seen.items():
        anybodys = route in FOR_STRANGERS and route[1] != "/"  # the front looks who it is, to lead them on
        whose = 0 if anybodys else 1 + (status == 403)  # read again for their way on from what they may not see
        accepted = route[1] in ("/join", "/signin", "/signin/psc")
        assert made[route] == ["signins.signed_in"] * whose + ["policy.acceptance"] * accepted, route
    assert memory_of(world).trail() == memory_of(world).events
