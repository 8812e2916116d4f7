"""Somebody with a browser: requests as API Gateway hands them over, answers as it takes them back. Nothing is patched."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from app import app
from chalicelib import wiring
from chalicelib.adapters.passkeys import WebauthnPasskeys
from chalicelib.domain.audit import Tag
from chalicelib.domain.login import Door
from chalicelib.domain.member import Member, Role
from chalicelib.usecases import certify, shred
from chalicelib.usecases.people import Change
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from chalicelib.web import edge
from chalicelib.web.guard import Gate, Passer
from tests.builders import IP, Sending, a_member, a_person, a_session, a_told_transfer, b64
from tests.description import OPERATIONS, require_described
from tests.fake_aws import MORNING, digest
from tests.fakes import CLINIC, SETTINGS, fake_ports
from tests.unit.authenticator import Authenticator

Routes = list[tuple[str, str]]
ROUTES: Routes = sorted((method, path) for path, methods in app.routes.items() for method in methods)
API: Routes = [(method, path) for method, path in ROUTES if path.startswith("/api/")]
PAGES: Routes = [(method, path) for method, path in ROUTES if not path.startswith("/api/")]
CHANGING: Routes = [(method, path) for method, path in ROUTES if method not in ("GET", "HEAD")]
CHECK = ("POST", "/api/certificates/check")
NOBODY = "a" * 26
PASSWORD = "les-tilleuls-en-fleurs"


def gate_of(route: tuple[str, str]) -> Gate:
    """Give the gate of a route; a route without one fails every test that asks for it."""
    gate = edge.GATES[route]
    assert isinstance(gate, Gate), route
    return gate


GUARDED: Routes = [one for one in API if gate_of(one).passer is not Passer.ANYBODY]
FOR_RECIPIENTS: Routes = [one for one in API if gate_of(one).passer is Passer.RECIPIENT]
FOR_MEMBERS: Routes = [one for one in GUARDED if one not in FOR_RECIPIENTS]
FOR_STRANGERS: Routes = [one for one in PAGES if gate_of(one).passer is Passer.ANYBODY]
OPAQUE = {CHECK, ("POST", "/api/signin/passkey"), ("POST", "/api/account/passkeys")}  # what is inside is somebody else's to judge


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    text: str

    @property
    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.text)

    @property
    def error(self) -> str:
        """Read the code of a refusal."""
        code: str = self.json["error"]
        return code


@dataclass(slots=True)
class Visitor:
    """A browser with its cookies; `headers` go with every request."""

    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ip: str = IP

    def call(self, method: str, path: str, body: object = None, headers: Mapping[str, str | None] | None = None, **params: str) -> Seen:
        """Do one request; `path` is a route, `params` fill it, a header that is None is left out, bytes are sent as they are."""
        route, _, query = path.partition("?")
        usual = {"origin": CLINIC.origin, "content-type": "application/json", "sec-fetch-site": "same-origin"} if method != "GET" else {}
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {**usual, **({"cookie": cookie} if cookie else {}), **self.headers, **(headers or {})}
        event = {
            "requestContext": {"httpMethod": method, "resourcePath": route, "path": route, "identity": {"sourceIp": self.ip}},
            "headers": {name: value for name, value in given.items() if value is not None},
            "pathParameters": {**dict.fromkeys(params_of(route), NOBODY), **params},
            "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
            "stageVariables": {},
            "body": body if isinstance(body, bytes) or body is None else json.dumps(body),
        }
        seen = self._seen(app(event, None))
        if (method, route) in OPERATIONS:
            told = json.loads(body) if isinstance(body, bytes) and seen.status < 300 else body
            require_described((method, route), told, seen.status, seen.json if seen.text else None, cookies=bool(seen.cookies))
        return seen

    def _seen(self, answer: Mapping[str, Any]) -> Seen:
        headers = {**answer["headers"], **{name: values[-1] for name, values in answer.get("multiValueHeaders", {}).items()}}
        given = answer.get("multiValueHeaders", {}).get("Set-Cookie", ())
        for one in given:
            name, _, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in one:
                del self.cookies[name]
        return Seen(answer["statusCode"], headers, tuple(given), answer["body"])


def params_of(route: str) -> Iterator[str]:
    """List the names in braces of a route."""
    return (part[1:-1] for part in route.split("/") if part.startswith("{"))


def enter(world: Ports) -> None:
    """Open the app's doors on this world."""
    wiring.use(world, SETTINGS)


def signed_in(ports: Ports, who: Member | None = None, role: Role = Role.SENDER) -> Visitor:
    """Build the browser of a member who is signed in."""
    member = who or a_member(ports, number=len(ports.members.all()) + 100, role=role)
    return Visitor({"__Host-session": a_session(ports, Door(member=member.id, turn=member.turn))[0]})


def collecting(ports: Ports, sending: Sending, number: int = 0) -> Visitor:
    """Build the browser of a recipient who has proved who they are."""
    return Visitor({"__Host-collect": a_session(ports, sending.door(number))[0]})


def bodies(sending: Sending | None = None) -> dict[tuple[str, str], dict[str, Any]]:
    """Give an honest body for every route that takes one."""
    person = {"name": "Dr Ada", "email": "ada@example.fr", "mobile": "06 12 34 56 78", "language": "fr"}
    grounds = {"basis": "patient_consent", "consent_date": "2026-03-01", "legal_duty": None}
    digests = {"sha256": digest(b"a")}
    header = b64(sending.files[0].header) if sending else b64(b"header")
    manifest = b64(sending.manifest) if sending else b64(b"manifest")
    link = {"transfer": NOBODY, "recipient": NOBODY, "secret": "x" * 43}
    later = int((MORNING + timedelta(days=10)).timestamp())
    invitation = {"member": NOBODY, "secret": "x" * 43}
    made, shown = credentials()
    return {
        ("POST", "/api/signin/codes"): {"email": a_person(9).email, "by": "email"},
        ("POST", "/api/signin/sessions"): {"code": "123456"},
        ("POST", "/api/signin/password"): {"email": a_person(9).email, "password": PASSWORD},
        ("POST", "/api/signin/authenticator"): {"code": "123456"},
        ("POST", "/api/signin/recovery"): {"code": "abcde-fghij"},
        ("POST", "/api/signin/passkey/options"): {},
        ("POST", "/api/signin/passkey"): {"credential": shown},
        ("POST", "/api/signin/psc"): {},
        ("POST", "/api/signin/psc/answer"): {"code": "a code of theirs", "state": "0" * 64},
        ("POST", "/api/join"): invitation,
        ("POST", "/api/join/again"): invitation,
        ("POST", "/api/account/passkeys/options"): {},
        ("POST", "/api/account/passkeys"): {"name": "Clé bleue", "credential": made},
        ("PUT", "/api/account/password"): {"password": PASSWORD},
        ("POST", "/api/account/authenticator"): {},
        ("POST", "/api/account/authenticator/confirm"): {"code": "123456"},
        ("POST", "/api/account/recovery"): {},
        ("POST", "/api/account/psc"): {},
        ("PUT", "/api/account/place"): {"place": "10B0123456"},
        ("PUT", "/api/account/language"): {"language": "en"},
        ("POST", "/api/members"): {**person, "role": "sender"},
        ("PUT", "/api/members/{member}"): person,
        ("PUT", "/api/members/{member}/role"): {"role": "dpo"},
        **{("POST", f"/api/members/{{member}}/{what}"): {} for what in ("invitation", "disable", "enable", "reset")},
        ("POST", "/api/members/review"): {},
        ("PUT", "/api/policy/acceptance"): {"reason": "Our correspondents do not all have a mobile."},
        ("POST", "/api/transfers"): {"request": NOBODY, "recipients": [person], "sizes": [5], "lifetime_days": 7, **grounds},
        ("PUT", "/api/transfers/{transfer}/envelope"): {"manifest": manifest, "headers": [header]},
        ("POST", "/api/transfers/{transfer}/resume"): {},
        ("POST", "/api/transfers/{transfer}/parts"): {"parts": [{"file": 0, "part": 1, "size": 45, **digests}]},
        ("POST", "/api/transfers/{transfer}/files/{file}/complete"): {"parts": [{"part": 1, "etag": '"x"', **digests}]},
        ("POST", "/api/transfers/{transfer}/reminders"): {},
        ("PUT", "/api/transfers/{transfer}/expiry"): {"expires_at": later},
        ("PUT", "/api/transfers/{transfer}/recipients/{recipient}"): {**person, "email": "grace@example.fr"},
        CHECK: {"certificate": a_certificate()},
        ("POST", "/api/collect/codes"): link,
        ("POST", "/api/collect/sessions"): {"code": "123456"},
        ("POST", "/api/collect/files/{file}"): {},
        ("POST", "/api/collect/files/{file}/receipt"): {},
    }


@cache
def credentials() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give what a browser says when it makes a passkey and when it shows one: of another clinic, so that nothing here knows it."""
    device, passkeys = Authenticator(CLINIC.origin), WebauthnPasskeys(CLINIC.origin, CLINIC.name)
    made = device.create(passkeys.registration(bytes(32), NOBODY, "ada@example.fr", "Dr Ada", ()))
    return made, device.get(passkeys.assertion(bytes(32)))


@cache
def a_certificate() -> dict[str, Any]:
    """Give the certificate of a transfer of another world, which nothing here knows."""
    ports = fake_ports()
    sending = a_told_transfer(ports)
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    return certify.certify(sending.sender, sending.id, ports)


def insider(ports: Ports, sending: Sending) -> Visitor:
    """Build one browser that may go through every door: administrator, sender and recipient at once."""
    member = ports.members.read(sending.sender)
    assert member is not None
    if member.role is not Role.ADMINISTRATOR:
        was, member = member, member.turned(role=Role.ADMINISTRATOR)
        ports.members.change(Change(was, member, ports.event(Tag.ROLE_CHANGED, member=member.id, subject=member.id)))
    return Visitor({**signed_in(ports, member).cookies, **collecting(ports, sending).cookies})
