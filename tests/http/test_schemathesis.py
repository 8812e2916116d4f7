"""Calls made up from docs/reference/openapi.yaml, right and wrong ones, through the front door: no failure, and nothing undescribed."""

from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import Authenticator, Link, Means, Passkey, Password, Workplace
from chalicelib.domain.ids import MemberId
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.usecases import collect, shred
from chalicelib.usecases.people import Change, Changed
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_landing_transfer, a_member, a_sending, a_session, a_told_transfer
from tests.description import DESCRIPTION, OPERATIONS, request
from tests.fakes import CLINIC, fake_ports
from tests.http.gateway import Gateway
from tests.http.visitor import NOBODY, PASSWORD, Visitor, bodies, enter, insider, params_of

Route = tuple[str, str]
REFUSED = {"checks": {"negative_data_rejection": {"expected-statuses": ["400", "404", "413", "422"]}}}
DESCRIBED = schemathesis.openapi.from_dict(DESCRIPTION, config=SchemathesisConfig.from_dict(REFUSED))
CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance),
    negative_data_rejection,
]
MADE_UP = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
RIGHT, WRONG = 10, 10  # calls made up for each route
ONE = "/api/transfers/{transfer}"
UNMADE = {  # a proof, or an upload of several parts, that nobody can make up
    *(("POST", f"/api/signin/{what}") for what in ("sessions", "authenticator", "recovery", "passkey", "psc", "psc/answer")),
    *(("POST", f"/api/{what}") for what in ("account/passkeys", "account/authenticator/confirm", "account/psc", "collect/sessions")),
    ("POST", f"{ONE}/files/{{file}}/complete"),
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A world in which a call can succeed: who calls, what they call it with, and honest values of its body."""

    visitor: Visitor
    params: dict[str, str]
    body: dict[str, Any]
    member: MemberId


def scene(route: Route) -> Scene:
    """Build the world of a route, the same each time: what a call is about stands where the call needs it."""
    ports = fake_ports()
    sending, other = _sending(route, ports), _other(route, ports)
    a_member(ports, number=8, role=Role.ADMINISTRATOR)
    _set_up(sending.sender, ports)
    visitor, recipient = insider(ports, sending), sending.recipients[0]
    params = {"transfer": sending.id, "recipient": recipient, "file": "0", "member": other.id, "passkey": "key"}
    params["session"] = next(one.key for one in ports.sessions.of(sending.sender))
    enter(ports)
    return Scene(visitor, params, {**bodies(sending).get(route, {}), **_links(route, sending, other)}, sending.sender)


def _sending(route: Route, ports: Ports) -> Sending:
    if route == ("PUT", f"{ONE}/envelope"):
        return a_sending(ports, request=NOBODY)
    if route[1].endswith(("/resume", "/parts", "/complete")):
        return a_landing_transfer(ports, request=NOBODY)
    sending = a_told_transfer(ports, request=NOBODY)
    if "/certificate" in route[1]:
        shred.revoke(Revoke(sending.sender, sending.id), ports)
    if route[1].endswith("/receipt"):
        collect.open_transfer(a_session(ports, sending.door())[1], IP, ports)
    return sending


def _other(route: Route, ports: Ports) -> Member:
    invited, disabled = route[1].endswith(("/join", "/again", "/invitation")), route[1].endswith("/enable")
    return a_member(ports, 7, standing=Standing.INVITED if invited else Standing.DISABLED if disabled else Standing.ACTIVE)


def _set_up(identity: MemberId, ports: Ports) -> None:
    """Give a member one of each means."""
    now = ports.clock.now()
    made = {
        Means.PASSKEY: Passkey("key", "Clé", b"", 0, False, (), now),
        Means.PASSWORD: Password(ports.passwords.hash(PASSWORD), now),
        Means.AUTHENTICATOR: Authenticator("A" * 32, now),
        Means.PSC: Link("subject", now, (Workplace("10B0123456", "Cabinet"), Workplace("2", "Clinique"))),
    }
    for means, one in made.items():
        was = ports.members.read(identity)
        assert was is not None
        event = ports.event(Tag.MEANS_ADDED, member=identity, reason=means)
        assert ports.members.change(Change(was, was.turned(means=was.means | {means}), event, put=one)) is Changed.KEPT


def _links(route: Route, sending: Sending, other: Member) -> dict[str, Any]:
    """Write true links, where a call wants one."""
    ports, recipient, sender = sending.ports, sending.recipients[0], sending.ports.members.read(sending.sender)
    if route[1].startswith("/api/join"):
        return {"member": other.id, "secret": ports.secrets.invitation_secret(other.id, other.turn, other.person.email)}
    if route == ("POST", "/api/signin/password"):
        return {"email": sender.person.email} if sender else {}
    if route == ("POST", "/api/collect/codes"):
        return {"transfer": sending.id, "recipient": recipient, "secret": ports.secrets.link_secret(sending.id, recipient)}
    return {}


def made_up(route: Route, mode: GenerationMode, here: Scene) -> st.SearchStrategy[Case]:
    """Make up calls of one route: of the path and the headers only what makes a call a stranger's is given."""
    own = {"Origin": CLINIC.origin, "Sec-Fetch-Site": "same-origin", "Sceau-Member": here.member}
    params = {name: here.params[name] for name in params_of(route[1])}
    return DESCRIBED[route[1]][route[0]].as_strategy(mode, headers=own, cookies=dict(here.visitor.cookies), path_parameters=params)


def call(case: Case, here: Scene) -> int:
    """Do a call; fail where the answer is none of those described. Give its status."""
    seen = case.call(app=Gateway(here.visitor))
    case.validate_response(seen, checks=CHECKS)
    return seen.status_code


@pytest.mark.parametrize("route", OPERATIONS, ids=" ".join)
def test_a_call_that_is_as_described_is_answered_as_described(route: Route) -> None:
    reached = set()

    @settings(MADE_UP, max_examples=RIGHT)
    @given(made_up(route, GenerationMode.POSITIVE, scene(route)), st.data())
    def walk(case: Case, data: st.DataObject) -> None:
        here = scene(route)
        if isinstance(case.body, dict):  # any of its values may be an honest one: nobody makes up a phone number
            names = sorted(here.body)
            honest = data.draw(st.just(names) | st.lists(st.sampled_from(names), unique=True) if names else st.just(names))
            case.body = {**case.body, **{name: here.body[name] for name in honest}}
        reached.add(call(case, here))

    walk()

    assert (min(reached) < 300) is (route not in UNMADE), reached


def can_be_wrong(route: Route) -> bool:
    """Tell whether a call holds anything, besides what its scene gives, that could be wrong."""
    return request(route) is not None or any(one.get("in") == "query" for one in OPERATIONS[route].get("parameters", ()))


@pytest.mark.parametrize("route", list(filter(can_be_wrong, OPERATIONS)), ids=" ".join)
def test_a_call_that_is_not_as_described_is_refused(route: Route) -> None:
    @settings(MADE_UP, max_examples=WRONG)
    @given(made_up(route, GenerationMode.NEGATIVE, scene(route)))
    def walk(case: Case) -> None:
        call(case, scene(route))

    walk()
