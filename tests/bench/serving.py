"""How long the API's function takes for each route once it is warm, without AWS: the whole app, over fakes that answer at once.

One day of a clinic is lived several times, each in a new world, and every call of it timed at the front door, in time of the processor.
"""

import logging
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import process_time
from typing import Any

import pyotp

from chalicelib.domain.factor import Means
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Door
from chalicelib.domain.member import Role, Standing
from chalicelib.usecases import challenge
from chalicelib.usecases.ports import Ports
from tests.builders import a_member, a_sending, a_session, a_told_transfer, an_invitation, b64
from tests.fake_aws import digest
from tests.fakes import CLINIC, fake_ports
from tests.http.visitor import CHECK, PASSWORD, Seen, Visitor, bodies, enter
from tests.unit.authenticator import Authenticator

DAYS = 8  # the first warms up, and is not counted
LARGE = bytes(8 * 1024 * 1024 + 1)
MEANS = "/api/account"
MEMBER = "/api/members/{member}"
TRANSFER = "/api/transfers/{transfer}"
PSC = {("POST", "/api/signin/psc"), ("POST", "/api/signin/psc/answer"), ("POST", f"{MEANS}/psc"), ("DELETE", f"{MEANS}/psc")}
AWAY = PSC | {("PUT", f"{MEANS}/place"), ("GET", "/{unknown}")}  # a clinic without Pro Santé Connect, and a page that is not there

SERVICE = (("GET", "/api/health"), ("GET", "/api/usage"), ("GET", "/api/usage/days"))
DRAWING = {("GET", f"{TRANSFER}/certificate/pdf"), ("POST", f"{MEANS}/authenticator")}  # a PDF of pages and a QR code, in plain Python

Route = tuple[str, str]
times: dict[Route, list[float]] = defaultdict(list)
aws = [0.0]  # seconds that the fake bucket worked as S3 would


class Away:
    """A port whose work is AWS's, and is not counted."""

    def __init__(self, port: Any) -> None:
        self.port = port

    def __getattr__(self, name: str) -> Any:
        """Give its method, timed."""
        method = getattr(self.port, name)

        def timed(*args: Any, **named: Any) -> Any:
            begun = process_time()
            try:
                return method(*args, **named)
            finally:
                aws[0] += process_time() - begun

        return timed


@dataclass(slots=True)
class Timed(Visitor):
    """A browser whose calls are timed."""

    ports: Ports = field(default_factory=fake_ports)

    def call(self, method: str, path: str, *args: Any, **params: Any) -> Seen:
        """Do one request; raise `AssertionError` when it is refused."""
        route = (method, path.partition("?")[0])
        begun, away = process_time(), aws[0]
        seen = Visitor.call(self, method, path, *args, **params)
        times[route].append((process_time() - begun - (aws[0] - away)) * 1000)
        assert (seen.status < 400) is (route not in AWAY), (route, seen.status, seen.text[:200])
        return seen

    @property
    def code(self) -> str:
        """Read the code of a message that was sent to this browser's owner."""
        return self.ports.secrets.login_code(ChallengeKey(challenge.digest(self.cookies["__Host-challenge"])))


def milliseconds(days: int = DAYS) -> dict[Route, float]:
    """Give the median of each route, in milliseconds."""
    times.clear()
    logging.disable(logging.CRITICAL)
    for _ in range(days):
        for part in (_visits, _joins, _signs_in, _sends, _follows, _collects, _administers, _leaves):
            ports = fake_ports()
            ports = replace(ports, bucket=Away(ports.bucket))
            enter(ports)
            part(ports)
    logging.disable(logging.NOTSET)
    return {route: statistics.median(taken[len(taken) // days :]) for route, taken in times.items()}


def _member(ports: Ports, role: Role = Role.ADMINISTRATOR) -> Timed:
    who = a_member(ports, len(ports.members.all()) + 1, role, means=[Means.PASSKEY])
    return Timed({"__Host-session": a_session(ports, Door(member=who.id))[0]}, ports=ports)


def _visits(ports: Ports) -> None:
    stranger, member, sending = Timed(ports=ports), _member(ports), a_told_transfer(ports)
    for path in ("/", "/about", "/c", "/join", "/signin", "/signin/psc", "/verify", "/{unknown}"):
        stranger.call("GET", path)
    for path in ("/account", "/costs", "/health", "/members", "/send", "/settings", "/transfers"):
        member.call("GET", path)
    follower = Timed({"__Host-session": a_session(ports, Door(member=sending.sender))[0]}, ports=ports)
    for path in ("/transfers/{transfer}", "/transfers/{transfer}/resume"):
        follower.call("GET", path, transfer=sending.id)
    for version, kind, name in _scripts(stranger.call("GET", "/c").text):
        stranger.call("GET", "/static/{version}/{kind}/{name}", version=version, kind=kind, name=name)


def _scripts(page: str) -> Iterator[tuple[str, str, str]]:
    return (found.groups() for found in re.finditer(r"/static/([^/\"]+)/([^/\"]+)/([^/\"]+)\"", page))  # type: ignore[misc]


def _joins(ports: Ports) -> None:
    somebody = a_member(ports, 7, standing=Standing.INVITED, mobile=None)
    visitor, link, device = Timed(ports=ports), an_invitation(ports, somebody), Authenticator(CLINIC.origin)
    said = {"member": link.member, "secret": link.secret}
    visitor.call("POST", "/api/join", said)
    options = visitor.call("POST", f"{MEANS}/passkeys/options", {}).json["options"]
    visitor.call("POST", f"{MEANS}/passkeys", {"name": "Clé bleue", "credential": device.create(options)})
    visitor.call("PUT", f"{MEANS}/password", {"password": PASSWORD})
    shown = visitor.call("POST", f"{MEANS}/authenticator", {}).json["secret"]
    app = pyotp.TOTP(shown.replace(" ", ""))
    visitor.call("POST", f"{MEANS}/authenticator/confirm", {"code": app.at(ports.clock.now())})
    codes = visitor.call("POST", f"{MEANS}/recovery", {}).json["codes"]
    for means, code in (("authenticator", app.at(ports.clock.now() + timedelta(seconds=30))), ("recovery", codes[0])):
        again = Timed(ports=ports)
        again.call("POST", "/api/signin/password", {"email": somebody.person.email, "password": PASSWORD})
        again.call("POST", f"/api/signin/{means}", {"code": code})
    options = again.call("POST", "/api/signin/passkey/options", {}).json["options"]
    again.call("POST", "/api/signin/passkey", {"credential": device.get(options)})
    other = again.call("GET", "/api/account").json["sessions"]
    away = next(one["session"] for one in other if not one["here"])
    again.call("DELETE", f"{MEANS}/sessions/{{session}}", session=away)
    spare = Authenticator(CLINIC.origin)
    options = again.call("POST", f"{MEANS}/passkeys/options", {}).json["options"]
    added = again.call("POST", f"{MEANS}/passkeys", {"name": "Clé verte", "credential": spare.create(options)}).json["passkey"]
    again.call("DELETE", f"{MEANS}/authenticator")
    again.call("DELETE", f"{MEANS}/password")
    again.call("DELETE", f"{MEANS}/passkeys/{{passkey}}", passkey=added)
    again.call("DELETE", f"{MEANS}/sessions")
    late = a_member(ports, 8, standing=Standing.INVITED)
    link = an_invitation(ports, late)
    ports.clock.tick(days=4)
    Timed(ports=ports).call("POST", "/api/join/again", {"member": link.member, "secret": link.secret})


def _signs_in(ports: Ports) -> None:
    somebody, visitor, honest = a_member(ports, 7), Timed(ports=ports), bodies()
    visitor.call("POST", "/api/signin/codes", {"email": somebody.person.email, "by": "sms"})
    visitor.call("POST", "/api/signin/sessions", {"code": visitor.code})
    visitor.call("GET", "/api/session")
    visitor.call("GET", f"{MEANS}/export")
    visitor.call("PUT", f"{MEANS}/language", {"language": "en"})
    for method, path in sorted(AWAY - {("GET", "/{unknown}")}):
        visitor.call(method, path, honest.get((method, path)))
    visitor.call("DELETE", "/api/session")


def _sends(ports: Ports) -> None:
    member = _member(ports, Role.SENDER)
    member.call("POST", "/api/transfers", bodies()["POST", "/api/transfers"])
    sending = a_sending(ports, [b"hello", LARGE])
    sender = Timed({"__Host-session": a_session(ports, Door(member=sending.sender))[0]}, ports=ports)
    envelope = {"manifest": b64(sending.manifest), "headers": [b64(one.header) for one in sending.files]}
    sender.call("PUT", f"{TRANSFER}/envelope", envelope, transfer=sending.id)
    large = sending.files[1]
    parts = [{"file": 1, "part": n, "size": len(large.part(n)), "sha256": digest(large.part(n))} for n in large.parts()]
    urls = sender.call("POST", f"{TRANSFER}/parts", {"parts": parts}, transfer=sending.id).json["urls"]
    bucket: Any = ports.bucket
    tags = [bucket.put(one["url"], one["headers"], large.part(one["part"])) for one in urls]
    done = [{"part": n, "etag": tag, "sha256": digest(large.part(n))} for n, tag in enumerate(tags, 1)]
    sender.call("POST", f"{TRANSFER}/resume", {}, transfer=sending.id)
    sender.call("POST", f"{TRANSFER}/files/{{file}}/complete", {"parts": done}, transfer=sending.id, file="1")


def _follows(ports: Ports) -> None:
    sending, honest = a_told_transfer(ports, people=20), bodies()
    sender = Timed({"__Host-session": a_session(ports, Door(member=sending.sender))[0]}, ports=ports)
    one = {"transfer": sending.id, "recipient": sending.recipients[0]}
    sender.call("GET", "/api/transfers")
    sender.call("GET", TRANSFER, transfer=sending.id)
    for method, path in (
        ("PUT", "/recipients/{recipient}"),
        ("POST", "/reminders"),
        ("PUT", "/expiry"),
        ("DELETE", "/recipients/{recipient}"),
    ):
        sender.call(method, TRANSFER + path, honest.get((method, TRANSFER + path)), **one)
    sender.call("DELETE", TRANSFER, transfer=sending.id)
    sender.call("GET", f"{TRANSFER}/certificate/pdf", transfer=sending.id)
    certificate = sender.call("GET", f"{TRANSFER}/certificate", transfer=sending.id).json
    Timed(ports=ports).call(*CHECK, {"certificate": certificate})


def _collects(ports: Ports) -> None:
    sending, visitor = a_told_transfer(ports), Timed(ports=ports)
    recipient, turn = sending.recipients[0], sending.door().turn
    secret = ports.secrets.link_secret(sending.id, recipient, turn)
    visitor.call("POST", "/api/collect/codes", {"transfer": sending.id, "recipient": recipient, "secret": secret})
    visitor.call("POST", "/api/collect/sessions", {"code": visitor.code})
    visitor.call("GET", "/api/collect/session")
    visitor.call("GET", "/api/collect")
    visitor.call("POST", "/api/collect/files/{file}", {}, file="0")
    visitor.call("POST", "/api/collect/files/{file}/receipt", {}, file="0")
    visitor.call("DELETE", "/api/collect/session")


def _administers(ports: Ports) -> None:
    administrator, other, honest = _member(ports), a_member(ports, 8), bodies()
    for method, path in (("GET", "/api/policy"), ("PUT", "/api/policy/acceptance"), ("GET", "/api/reports/sign-in"), *SERVICE):
        administrator.call(method, path, honest.get((method, path)))
    administrator.call("POST", "/api/members", honest["POST", "/api/members"])
    for method, path in (
        ("PUT", ""),
        ("PUT", "/role"),
        ("POST", "/disable"),
        ("POST", "/enable"),
        ("POST", "/reset"),
        ("POST", "/invitation"),
    ):
        body = {**honest[method, MEMBER], "email": "eve@example.fr"} if not path else honest.get((method, MEMBER + path))
        administrator.call(method, MEMBER + path, body, member=other.id)
    for number in range(100):
        a_member(ports, 200 + number)
    for method, path in (("GET", "/api/members"), ("GET", "/api/members/review"), ("POST", "/api/members/review")):
        administrator.call(method, path, honest.get((method, path)))
    administrator.call("DELETE", "/api/policy/acceptance")


def _leaves(ports: Ports) -> None:
    _member(ports)
    _member(ports, Role.SENDER).call("DELETE", "/api/account")
