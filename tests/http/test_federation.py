"""Pro Santé Connect from end to end, over real HTTP to a provider that can lie: linking, signing in, leaving (R16; section 4)."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from chalicelib.adapters.psc import ProSanteConnect
from chalicelib.domain.audit import Tag
from chalicelib.domain.clinic import Federated
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import MemberId
from chalicelib.domain.login import Door
from chalicelib.domain.member import Standing
from chalicelib.usecases.ports import Ports
from infra.local.provider import PEOPLE, Fault, Provider
from tests.builders import a_member, a_session
from tests.fakes import CLINIC, fake_ports, memory_of
from tests.http.visitor import Visitor, enter

CLIENT, SECRET = "clinic-of-tests", "a secret of tests"
BACK = f"{CLINIC.origin}/signin/psc"
DOCTOR = next(
    name for name, one in PEOPLE.items() if len(one.userinfo.get("SubjectRefPro", {}).get("exercices", [{}])[0].get("activities", [])) > 1
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider(0, CLIENT, SECRET, [BACK, f"{CLINIC.origin}/signin"]) as serving:
        Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.fixture
def ports(provider: Provider) -> Ports:
    return a_clinic(provider)


def a_clinic(provider: Provider, psc: Federated = Federated.OFFERED, **changes: Any) -> Ports:
    from datetime import UTC, datetime

    from tests.fake_aws import FakeClock

    provider.be_honest()
    federation = ProSanteConnect(provider.discovery, CLIENT, lambda: SECRET, BACK, f"{CLINIC.origin}/signin", patience=1)
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))  # the provider's tokens live in real time
    world = fake_ports(clinic=replace(CLINIC, psc=psc), accepted=False, federation=federation, clock=clock, **changes)
    enter(world)
    return world


def goes(visitor: Visitor, provider: Provider, who: str = DOCTOR, route: str = "/api/signin/psc") -> dict[str, str]:
    """Ask, go to the provider, say who one is; give what its redirection brings back."""
    asked = visitor.call("POST", route, {})
    assert asked.status == 200, asked.text
    query = {name: values[0] for name, values in parse_qs(urlsplit(asked.json["url"]).query).items()}
    there = requests.post(asked.json["url"].partition("?")[0], data={**query, "who": who}, allow_redirects=False, timeout=5)
    back = urlsplit(there.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == BACK
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def answers(visitor: Visitor, back: dict[str, str]) -> Any:
    return visitor.call("POST", "/api/signin/psc/answer", {"code": back.get("code", ""), "state": back.get("state", "")})


def linked(ports: Ports, provider: Provider, who: str = DOCTOR) -> MemberId:
    """Let a member link an account."""
    member = a_member(ports, len(ports.members.all()) + 1)
    visitor = Visitor({"__Host-session": a_session(ports, Door(member=member.id))[0]})
    seen = answers(visitor, goes(visitor, provider, who, "/api/account/psc"))
    assert (seen.status, seen.json["linked"]) == (201, True), seen.text
    return member.id


def test_an_account_is_linked_then_signs_in_with_two_factors(ports: Ports, provider: Provider) -> None:
    member = linked(ports, provider)
    visitor = Visitor()

    seen = answers(visitor, goes(visitor, provider))

    assert (seen.status, seen.json["linked"]) == (201, False)
    me = visitor.call("GET", "/api/session").json
    assert (me["member"]["member"], me["enough"], me["proofs"]) == (member, True, ["psc"])
    assert memory_of(ports).trail(Tag.SIGNED_IN)[-1].reason == Means.PSC


def test_somebody_with_two_places_chooses_one_and_it_is_remembered(ports: Ports, provider: Provider) -> None:
    linked(ports, provider)
    visitor = Visitor()
    seen = answers(visitor, goes(visitor, provider)).json
    assert len(seen["places"]) == 2
    assert seen["place"] is None

    chosen = seen["places"][1]["place"]
    assert visitor.call("PUT", "/api/account/place", {"place": chosen}).status == 204
    assert visitor.call("PUT", "/api/account/place", {"place": "elsewhere"}).error == "place_unknown"

    again = Visitor()
    assert answers(again, goes(again, provider)).json["place"] == chosen


@pytest.mark.parametrize("who", [name for name, one in PEOPLE.items() if "SubjectRefPro" in one.userinfo])
def test_every_kind_of_professional_links_and_comes_back(ports: Ports, provider: Provider, who: str) -> None:
    member = linked(ports, provider, who)
    visitor = Visitor()

    assert answers(visitor, goes(visitor, provider, who)).status == 201
    assert visitor.call("GET", "/api/session").json["member"]["member"] == member


@pytest.mark.parametrize("who", [name for name, one in PEOPLE.items() if "SubjectRefPro" not in one.userinfo])
def test_a_patient_is_no_professional(ports: Ports, provider: Provider, who: str) -> None:
    visitor = Visitor()
    seen = answers(visitor, goes(visitor, provider, who))

    assert (seen.status, seen.error) == (403, "psc_not_professional")


def test_a_professional_nobody_linked_is_nobody_here(ports: Ports, provider: Provider) -> None:
    visitor = Visitor()
    seen = answers(visitor, goes(visitor, provider))

    assert (seen.status, seen.error) == (403, "psc_unknown")
    assert "__Host-session" not in visitor.cookies


def test_an_account_leads_to_one_member_only(ports: Ports, provider: Provider) -> None:
    linked(ports, provider)
    other = Visitor({"__Host-session": a_session(ports, Door(member=a_member(ports, 9).id))[0]})

    assert answers(other, goes(other, provider, DOCTOR, "/api/account/psc")).error == "psc_taken"


def test_an_answer_is_believed_once_and_only_by_the_browser_that_asked(ports: Ports, provider: Provider) -> None:
    linked(ports, provider)
    asked, other = Visitor(), Visitor()
    back = goes(asked, provider)
    goes(other, provider)

    assert answers(other, back).error == "psc_refused"  # another browser's state
    assert answers(Visitor(), back).error == "code_spent"  # no challenge at all
    assert answers(asked, {**back, "state": ""}).error == "psc_refused"
    assert answers(asked, back).status == 201
    assert answers(asked, back).error == "code_spent"


def test_a_challenge_for_a_code_is_none_for_pro_sante_connect(ports: Ports, provider: Provider) -> None:
    linked(ports, provider)
    visitor = Visitor()
    back = goes(visitor, provider)
    visitor.call("POST", "/api/signin/codes", {"email": "ada1@example.fr", "by": "email"})

    assert answers(Visitor({"__Host-psc": visitor.cookies["__Host-challenge"]}), back).error == "code_spent"
    assert answers(visitor, back).status == 201  # its own is untouched by the code that was asked for meanwhile


LIES: dict[str, dict[str, dict[str, Any]]] = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "another nonce": {"claims": {"nonce": "x"}},
    "another audience": {"claims": {"aud": "somebody-else"}},
    "a weak acr": {"claims": {"acr": "eidas0"}},
    "no algorithm": {"header": {"alg": "none"}},
    "another person": {"userinfo": {"sub": "f:x:somebody-else"}},
}


@pytest.mark.parametrize("lie", list(LIES))
def test_a_lie_opens_nothing(ports: Ports, provider: Provider, lie: str) -> None:
    linked(ports, provider)
    visitor = Visitor()
    back = goes(visitor, provider)
    provider.lies.update(LIES[lie])

    seen = answers(visitor, back)

    assert (seen.status, seen.error) == (401, "psc_refused")
    assert "__Host-session" not in visitor.cookies


def test_when_it_is_down_that_is_said_and_other_ways_remain(ports: Ports, provider: Provider) -> None:
    provider.faults.update(dict.fromkeys(("discovery", "token"), Fault.MISLABELLED))
    seen = Visitor().call("POST", "/api/signin/psc", {})

    assert (seen.status, seen.error) == (503, "psc_down")
    assert Visitor().call("POST", "/api/signin/codes", {"email": "ada1@example.fr", "by": "email"}).status == 202


def test_where_it_is_mandatory_nothing_else_lets_in(provider: Provider) -> None:
    ports = a_clinic(provider, Federated.MANDATORY)
    member = a_member(ports, 1)
    elsewhere = Visitor({"__Host-session": a_session(ports, Door(member=member.id), Means.PASSKEY)[0]})
    bodies = {
        "/api/signin/password": {"email": member.person.email, "password": "x"},
        "/api/signin/codes": {"email": member.person.email, "by": "email"},
        "/api/signin/passkey/options": {},
    }

    for path, body in bodies.items():
        seen = Visitor().call("POST", path, body)
        assert (seen.status, seen.error) == (403, "psc_required"), path
    assert elsewhere.call("GET", "/api/transfers").error == "second_factor_required"


def test_where_it_is_off_it_is_not_there() -> None:
    enter(fake_ports())

    assert Visitor().call("POST", "/api/signin/psc", {}).error == "psc_off"


def test_signing_out_ends_the_session_there_too(ports: Ports, provider: Provider) -> None:
    linked(ports, provider)
    visitor = Visitor()
    answers(visitor, goes(visitor, provider))
    open_there = len(provider.id_tokens)

    seen = visitor.call("DELETE", "/api/session")

    assert seen.status == 200
    there = requests.get(seen.json["url"], allow_redirects=False, timeout=5)
    assert there.headers["Location"].startswith(f"{CLINIC.origin}/signin")
    assert len(provider.id_tokens) == open_there - 1


def test_whoever_joins_may_do_so_with_it(ports: Ports, provider: Provider) -> None:
    member = a_member(ports, 5, standing=Standing.INVITED, mobile=None)
    visitor = Visitor()
    secret = ports.secrets.invitation_secret(member.id, member.turn, member.person.email)
    assert visitor.call("POST", "/api/join", {"member": member.id, "secret": secret}).status == 201
    assert visitor.call("GET", "/api/session").json["joining"]

    assert answers(visitor, goes(visitor, provider, DOCTOR, "/api/account/psc")).json["linked"]

    me = visitor.call("GET", "/api/session").json
    assert (me["joining"], me["enough"], me["member"]["standing"]) == (False, True, "active")


def test_nothing_personal_of_theirs_is_kept_in_clear(ports: Ports, provider: Provider) -> None:
    linked(ports, provider)
    subject = str(PEOPLE[DOCTOR].userinfo["SubjectNameID"])

    assert subject not in repr([memory_of(ports).rings, memory_of(ports).events])
