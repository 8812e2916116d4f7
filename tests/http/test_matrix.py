"""Who may do what: every route of the app, and everybody who may come to it. A new route is in it the day it is added."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.factor import BOUND, Means, Proof, level
from chalicelib.domain.login import Door, Session
from chalicelib.domain.member import ADMINISTRATION, MAY, Action, Role, Standing
from chalicelib.usecases.people import Change
from chalicelib.usecases.ports import Ports
from chalicelib.web import edge
from chalicelib.web.guard import Gate, Passer
from tests.builders import a_member, a_sealed_transfer, a_session
from tests.fakes import fake_ports, memory_of, recorded
from tests.http.visitor import API, GUARDED, PAGES, ROUTES, Seen, Visitor, bodies, collecting, enter, gate_of

Route = tuple[str, str]
each_route = pytest.mark.parametrize("route", ROUTES, ids=" ".join)

RIGHTS = {
    Role.ADMINISTRATOR: {
        *("send", "follow", "own_account", "see_members", "change_members", "see_policy", "change_policy"),
        *("see_reports", "see_costs", "see_health"),
    },
    Role.SENDER: {"send", "follow", "own_account"},
    Role.DPO: {"own_account", "see_members", "see_policy", "see_reports"},
}
OPEN_CALLS = {
    ("POST", "/api/certificates/check"),
    ("POST", "/api/collect/codes"),
    ("POST", "/api/collect/sessions"),
    ("POST", "/api/join"),
    ("POST", "/api/join/again"),
    *(("POST", f"/api/signin/{what}") for what in ("codes", "sessions", "password", "passkey/options", "passkey")),
    *(("POST", f"/api/signin/{what}") for what in ("authenticator", "recovery", "psc", "psc/answer")),
}
OPEN_PAGES = {"/", "/about", "/c", "/join", "/signin", "/signin/psc", "/static/{version}/{kind}/{name}", "/verify", "/{unknown}"}
TO_A_SESSION = {("POST", "/api/signin/authenticator"), ("POST", "/api/signin/recovery")}  # proofs that are added to one, so ask for it
WITHDRAW = ("DELETE", "/api/policy/acceptance")  # whoever did it without a passkey would lock themselves out
LOOKED_AT = {"signins.signed_in", "sessions.read"}  # all that is done for whoever may not pass


def test_every_route_has_a_gate_and_every_gate_a_route() -> None:
    assert set(edge.GATES) == set(ROUTES)
    assert all(isinstance(gate, Gate) for gate in edge.GATES.values())


@each_route
def test_a_gate_of_members_names_what_is_done_behind_it(route: Route) -> None:
    gate = gate_of(route)

    assert (gate.action is not None) is (gate.passer in (Passer.JOINING, Passer.MEMBER))


def test_the_doors_that_are_open_to_anybody_are_these() -> None:
    assert set(API) - set(GUARDED) == OPEN_CALLS
    assert {path for _, path in PAGES if gate_of(("GET", path)).passer is Passer.ANYBODY} == OPEN_PAGES


def test_what_half_a_sign_in_may_do_is_this() -> None:
    half = {route for route in ROUTES if gate_of(route).passer is Passer.HALF}

    assert half == {("GET", "/api/session"), ("DELETE", "/api/session")}


def test_what_somebody_who_joins_may_do_is_this() -> None:
    joining = {(method, path.removeprefix("/api/account")) for method, path in ROUTES if gate_of((method, path)).passer is Passer.JOINING}

    assert joining == {
        ("GET", ""),
        ("POST", "/passkeys/options"),
        ("POST", "/passkeys"),
        ("PUT", "/password"),
        ("POST", "/authenticator"),
        ("POST", "/authenticator/confirm"),
        ("POST", "/psc"),
    }


def test_what_each_role_may_do_is_this() -> None:
    assert {role: {str(action) for action in actions} for role, actions in MAY.items()} == RIGHTS
    assert {str(action) for action in ADMINISTRATION} == {"change_members", "change_policy"}


def test_whatever_changes_the_clinic_wants_the_right_to_change_it() -> None:
    """A gate could name the wrong right: whoever may only look must find no call that changes."""
    looking = (Action.SEE_MEMBERS, Action.SEE_POLICY, Action.SEE_REPORTS, Action.SEE_COSTS)

    assert [route for route in ROUTES if gate_of(route).action in looking and route[0] != "GET"] == []
    for _, path in API:
        for method in ("POST", "PUT", "DELETE"):
            gate = edge.GATES.get((method, path))
            if isinstance(gate, Gate) and path.startswith("/api/members"):
                assert gate.action is Action.CHANGE_MEMBERS
            if isinstance(gate, Gate) and path.startswith("/api/policy"):
                assert gate.action is Action.CHANGE_POLICY


@dataclass(frozen=True)
class Comer:
    """Somebody who comes to a door; `means` is what they have shown, and `accepted` what the clinic thinks of it."""

    name: str
    role: Role | None = None
    means: tuple[Means, ...] = ()
    standing: Standing = Standing.ACTIVE
    accepted: bool = False

    @property
    def whole(self) -> bool:
        """Tell whether they have signed in wholly."""
        return self.standing is Standing.ACTIVE and level(self.means) >= (1 if self.accepted else 2)

    @property
    def bound(self) -> bool:
        """Tell whether they may administer."""
        return self.accepted or self.has_key

    @property
    def has_key(self) -> bool:
        """Tell whether they have shown what no false page can take."""
        return bool(BOUND & set(self.means))


LEVELS: dict[str, dict[str, object]] = {
    "with a passkey": {"means": (Means.PASSKEY,)},
    "with a card": {"means": (Means.PSC,)},
    "with a password and an app": {"means": (Means.PASSWORD, Means.AUTHENTICATOR)},
    "with a password and a text message": {"means": (Means.PASSWORD, Means.SMS)},
    "with a code where that is accepted": {"means": (Means.EMAIL,), "accepted": True},
    "with half a sign-in: a code": {"means": (Means.EMAIL,)},
    "with half a sign-in: a text message": {"means": (Means.SMS,)},
    "with half a sign-in: a password": {"means": (Means.PASSWORD,)},
    "with half a sign-in: a code and a password": {"means": (Means.PASSWORD, Means.EMAIL)},
    "with half a sign-in: an app and a text message": {"means": (Means.AUTHENTICATOR, Means.SMS)},
    "joining": {"means": (Means.INVITATION,), "standing": Standing.INVITED},
    "joining where a code is accepted": {"means": (Means.INVITATION,), "standing": Standing.INVITED, "accepted": True},
}
NOBODY_AT_ALL, A_RECIPIENT = Comer("nobody"), Comer("recipient")
COMERS = [
    NOBODY_AT_ALL,
    A_RECIPIENT,
    *(Comer(f"{role} {how}", role, **kind) for role, (how, kind) in product(Role, LEVELS.items())),  # type: ignore[arg-type]
]


def expected(route: Route, comer: Comer) -> tuple[int, str] | None:
    """Say how somebody is refused at a door, from what was decided and not from what the code does; None where they may pass."""
    gate, joining = gate_of(route), comer.standing is Standing.INVITED
    comes = {
        Passer.ANYBODY: route not in TO_A_SESSION or comer.role is not None,
        Passer.RECIPIENT: comer is A_RECIPIENT,
    }.get(gate.passer, comer.role is not None)
    enough = {Passer.JOINING: comer.whole or joining, Passer.MEMBER: comer.whole}.get(gate.passer, True)
    right = gate.action is None or (comer.role is not None and gate.action in RIGHTS[comer.role])
    bound = gate.action not in (Action.CHANGE_MEMBERS, Action.CHANGE_POLICY) or (comer.bound if route != WITHDRAW else comer.has_key)
    refusals = [
        (comes, (401, "signin_required")),
        (enough, (403, "second_factor_required")),
        (right, (403, "forbidden")),
        (bound, (403, "passkey_required")),
    ]
    return next((refusal for passes, refusal in refusals if not passes), None)


def refused(route: Route, seen: Seen) -> tuple[int, str] | None:
    """Read whether an answer is that of a gate, and which."""
    codes = {(401, "signin_required"), (403, "second_factor_required"), (403, "forbidden"), (403, "passkey_required")}
    if route in API:
        told = (seen.status, seen.json.get("error", "")) if seen.text else (seen.status, "")
        return told if told in codes else None
    if seen.status == 303 and seen.headers["Location"].startswith("/signin"):
        return 401, "signin_required"  # a page leads there for want of a proof, too
    return (403, "forbidden") if seen.status == 403 else None


@each_route
def test_a_door_opens_to_those_it_is_for_and_to_nobody_else(route: Route) -> None:
    for comer in COMERS:
        ports, calls = recorded(fake_ports(accepted=comer.accepted))
        enter(ports)
        sending = a_sealed_transfer(ports)
        visitor = coming(comer, ports) if comer is not A_RECIPIENT else collecting(ports, sending)
        params = {"transfer": sending.id, "recipient": sending.recipients[0], "file": "0"}
        before = len(memory_of(ports).events)
        calls.clear()

        seen = visitor.call(*route, bodies().get(route), **params)

        wanted = expected(route, comer)
        if route in PAGES and wanted == (403, "second_factor_required"):
            wanted = (401, "signin_required")
        assert refused(route, seen) == wanted, comer.name
        if wanted is not None and route not in TO_A_SESSION:
            assert set(calls) <= LOOKED_AT, comer.name
            assert (len(memory_of(ports).events), seen.cookies) == (before, ()), comer.name


def coming(comer: Comer, ports: Ports) -> Visitor:
    """Build their browser."""
    if comer.role is None:
        return Visitor()
    member = a_member(ports, 7, comer.role, comer.standing)
    return Visitor({"__Host-session": a_session(ports, Door(member=member.id, turn=member.turn), *comer.means)[0]})


@pytest.mark.parametrize("route", [one for one in GUARDED if gate_of(one).passer is not Passer.RECIPIENT], ids=" ".join)
@pytest.mark.parametrize("why", ["disabled", "another turn", "erased", "signed out"])
def test_a_member_who_was_shut_out_is_shut_out_at_the_next_call(route: Route, why: str) -> None:
    ports = fake_ports()
    enter(ports)
    a_member(ports, 8, Role.ADMINISTRATOR)
    member = a_member(ports, 7, Role.ADMINISTRATOR)
    token, session = a_session(ports, Door(member=member.id))
    event = ports.event(Tag.MEMBER_CHANGED, member=member.id, subject=member.id)
    acts: dict[str, Callable[[], object]] = {
        "disabled": lambda: ports.members.change(Change(member, replace(member, standing=Standing.DISABLED), event)),
        "another turn": lambda: ports.members.change(Change(member, member.turned(), event)),
        "erased": lambda: ports.members.erase(member, event),
        "signed out": lambda: ports.sessions.remove(session, event),
    }
    acts[why]()

    seen = Visitor({"__Host-session": token}).call(*route, bodies().get(route))

    assert (seen.status, seen.json) == (401, {"error": "signin_required"})


def test_a_role_is_read_anew_at_every_call(ports: Ports) -> None:
    member = a_member(ports, 7, Role.SENDER)
    visitor = Visitor({"__Host-session": a_session(ports, Door(member=member.id))[0]})
    statuses = []

    for role in (Role.SENDER, Role.ADMINISTRATOR, Role.DPO, Role.SENDER):
        memory_of(ports).members[member.id] = replace(member, role=role)
        statuses.append([visitor.call("GET", path).status for path in ("/api/members", "/api/transfers")])

    assert statuses == [[403, 200], [200, 200], [200, 403], [403, 200]]


def test_what_is_accepted_is_read_anew_at_every_call(ports: Ports) -> None:
    member = a_member(ports)
    visitor = Visitor({"__Host-session": a_session(ports, Door(member=member.id), Means.EMAIL)[0]})
    before = visitor.call("GET", "/api/transfers")

    memory_of(ports).acceptance = None
    after = visitor.call("GET", "/api/transfers")

    assert (before.status, after.status, after.json) == (200, 403, {"error": "second_factor_required"})


CHANGES_WHAT_MATTERS = [route for route in ROUTES if gate_of(route).action in (Action.OWN_ACCOUNT, *ADMINISTRATION, Action.SEE_REPORTS)]
NEEDS_NOTHING_FRESH = {
    ("GET", "/account"),
    ("GET", "/api/account"),
    ("DELETE", "/api/account/sessions"),  # to end what somebody else may have opened must never wait
    ("DELETE", "/api/account/sessions/{session}"),
    ("PUT", "/api/account/language"),
    ("PUT", "/api/account/place"),  # one of those that Pro Santé Connect named
}


@pytest.mark.parametrize("route", [one for one in CHANGES_WHAT_MATTERS if one not in NEEDS_NOTHING_FRESH], ids=" ".join)
@pytest.mark.parametrize("accepted", [True, False])
def test_what_matters_is_changed_with_fresh_proofs_only(route: Route, accepted: bool) -> None:
    ports = fake_ports(accepted=accepted)
    enter(ports)
    visitor = coming(Comer("administrator", Role.ADMINISTRATOR, (Means.PASSKEY,)), ports)
    ports.clock.tick(minutes=5, seconds=-1)
    in_time = visitor.call(*route, bodies().get(route))
    late_one = coming(Comer("administrator", Role.ADMINISTRATOR, (Means.PASSKEY,)), again := fake_ports(accepted=accepted))
    enter(again)
    again.clock.tick(minutes=5)
    before = len(memory_of(again).events)

    late = late_one.call(*route, bodies().get(route))

    assert in_time.text == "" or in_time.json.get("error") != "proof_too_old"
    assert (late.status, late.json) == (403, {"error": "proof_too_old"})
    assert len(memory_of(again).events) == before


def test_the_list_of_rights_wants_fresh_proofs_too(ports: Ports) -> None:
    visitor = coming(Comer("dpo", Role.DPO, (Means.PASSKEY,)), ports)
    ports.clock.tick(minutes=5)

    assert visitor.call("GET", "/api/members/review").json == {"error": "proof_too_old"}


def test_a_session_of_a_member_is_no_other_members(ports: Ports) -> None:
    one, other = a_member(ports, 7), a_member(ports, 8, Role.ADMINISTRATOR)
    token, session = a_session(ports, Door(member=one.id))
    secret = token.partition(".")[2]
    assert isinstance(session, Session)

    for forged in (f"{other.id}.{secret}", f"{other.id}.{token}", f"{other.id}{token[26:]}", secret, f".{secret}", f"{one.id}.{secret}x"):
        seen = Visitor({"__Host-session": forged}).call("GET", "/api/session")
        assert (seen.status, seen.json) == (401, {"error": "signin_required"})


def test_proofs_are_those_that_were_shown(ports: Ports) -> None:
    memory_of(ports).acceptance = None
    member = a_member(ports, 7)
    visitor = Visitor({"__Host-session": a_session(ports, Door(member=member.id), Means.PASSWORD)[0]})

    for proofs in product(Means, Means):
        key = next(iter(memory_of(ports).sessions))
        shown = tuple(Proof(one, ports.clock.now()) for one in dict.fromkeys(proofs))
        memory_of(ports).sessions[key] = replace(memory_of(ports).sessions[key], proofs=shown)
        known, held = {"password", "passkey", "psc"}, {"sms", "authenticator", "recovery", "passkey", "psc"}
        enough = bool(known & set(proofs)) and bool(held & set(proofs))

        assert visitor.call("GET", "/api/transfers").status == (200 if enough else 403), proofs
