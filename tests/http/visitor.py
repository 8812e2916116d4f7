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
from chalicelib.domain.login import Door, Member, Role
from chalicelib.usecases import certify, shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_member, a_person, a_session, a_told_transfer, b64
from tests.fake_aws import MORNING, digest
from tests.fakes import CLINIC, SETTINGS, fake_ports

Routes = list[tuple[str, str]]
ROUTES: Routes = sorted((method, path) for path, methods in app.routes.items() for method in methods)
API: Routes = [(method, path) for method, path in ROUTES if path.startswith("/api/")]
PAGES: Routes = [(method, path) for method, path in ROUTES if not path.startswith("/api/")]
CHANGING: Routes = [(method, path) for method, path in ROUTES if method not in ("GET", "HEAD")]
CHECK = ("POST", "/api/certificates/check")
OPEN = {CHECK, *(("POST", f"/api/{whose}/{what}") for whose in ("signin", "collect") for what in ("codes", "sessions"))}
FOR_RECIPIENTS = {
    ("DELETE", "/api/collect/session"),
    ("GET", "/api/collect"),
    ("POST", "/api/collect/files/{file}"),
    ("POST", "/api/collect/files/{file}/receipt"),
}
FOR_ADMINISTRATORS = {("GET", "/api/members"), ("POST", "/api/members")}
GUARDED: Routes = [one for one in API if one not in OPEN]
NOBODY = "a" * 26


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
        return self._seen(app(event, None))

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
    return Visitor({"__Host-session": a_session(ports, Door(member=member.id), who.role if who else role)[0]})


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
    return {
        ("POST", "/api/signin/codes"): {"email": a_person(9).email, "by": "email"},
        ("POST", "/api/signin/sessions"): {"code": "123456"},
        ("POST", "/api/members"): {**person, "role": "sender"},
        ("POST", "/api/transfers"): {"request": NOBODY, "recipients": [person], "sizes": [5], "lifetime_days": 7, **grounds},
        ("PUT", "/api/transfers/{transfer}/envelope"): {"manifest": manifest, "headers": [header]},
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
def a_certificate() -> dict[str, Any]:
    """Give the certificate of a transfer of another world, which nothing here knows."""
    ports = fake_ports()
    sending = a_told_transfer(ports)
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    return certify.certify(sending.sender, sending.id, ports)


def insider(ports: Ports, sending: Sending) -> Visitor:
    """Build one browser that may go through every door: administrator, sender and recipient at once."""
    member = ports.members.read(sending.sender)
    token, _ = a_session(ports, Door(member=sending.sender), Role.ADMINISTRATOR)
    assert member is not None
    return Visitor({"__Host-session": token, **collecting(ports, sending).cookies})
