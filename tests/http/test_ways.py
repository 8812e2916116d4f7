"""How a recipient comes in through the front door: a code, the other way, a phrase, a name, a device of their own."""

import json
from typing import Any

import pytest

from chalicelib.domain.login import PHRASE_LIFETIME, SESSION_LIFETIME
from chalicelib.usecases import correct, follow, shred
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_landed_transfer, a_person, a_sealed_transfer, a_told_transfer, deliver
from tests.fakes import fake_ports, memory_of
from tests.http.test_walk import code_in
from tests.http.visitor import Seen, Visitor, bodies, enter, signed_in

CODES, SESSIONS, LOOK = ("POST", "/api/collect/codes"), ("POST", "/api/collect/sessions"), ("GET", "/api/collect/session")
CANARY = a_person(1, name="Canary Name", email="canary@recipient.example", mobile="+33699887766")
BARE = a_person(1, name="Canary Name", email="canary@recipient.example", mobile=None)
DAY = 24 * 3600


def asks(sending: Sending, visitor: Visitor, **more: Any) -> Seen:
    """Ask for a code with the true link."""
    turn = sending.door().turn
    secret = sending.ports.secrets.link_secret(sending.id, sending.recipients[0], turn)
    return visitor.call(*CODES, {"transfer": sending.id, "recipient": sending.recipients[0], "secret": secret, **more})


def enters(sending: Sending, visitor: Visitor, **more: Any) -> Seen:
    """Ask for a code and type it."""
    asks(sending, visitor)
    return visitor.call(*SESSIONS, {"code": code_in(sending.ports, visitor), **more})


def followed(sending: Sending) -> dict[str, Any]:
    """Read the recipient as the sender does."""
    sender = signed_in(sending.ports, sending.ports.members.read(sending.sender))
    one: dict[str, Any] = sender.call("GET", "/api/transfers/{transfer}", transfer=sending.id).json["transfer"]["recipients"][0]
    return one


def max_age(seen: Seen, name: str) -> int:
    """Read how long a browser keeps a cookie, in seconds."""
    (cookie,) = [one for one in seen.cookies if one.startswith(f"{name}=")]
    assert cookie.endswith("; Secure; HttpOnly; SameSite=Strict")
    return int(cookie.partition("Max-Age=")[2].partition(";")[0])


@pytest.fixture
def strict() -> Ports:
    """Give a world whose administrator accepted no code by e-mail."""
    ports = fake_ports(accepted=False)
    enter(ports)
    return ports


def test_a_phrase_told_by_voice_opens_what_no_code_was_sent_for(strict: Ports) -> None:
    sending = a_told_transfer(strict, people=[BARE])
    visitor = Visitor()
    told = followed(sending)["phrase"]

    asked = asks(sending, visitor)
    seen = visitor.call(*SESSIONS, {"code": told.upper().replace(" ", " - ")})

    assert (asked.status, asked.json["channel"], max_age(asked, "__Host-challenge")) == (202, "phrase", PHRASE_LIFETIME.total_seconds())
    assert (seen.status, seen.json, max_age(seen, "__Host-collect")) == (201, {}, SESSION_LIFETIME.total_seconds())
    assert visitor.call("GET", "/api/collect").status == 200
    after = followed(sending)
    assert (after["proved_by"], after["phrase"]) == ("phrase", told)


@pytest.mark.parametrize("other", [False, True])
@pytest.mark.parametrize("person", [CANARY, BARE], ids=["mobile", "no mobile"])
@pytest.mark.parametrize("accepted", [True, False])
def test_no_answer_shows_an_address_a_number_a_name_or_a_phrase(accepted: bool, person: Any, other: bool) -> None:
    ports = fake_ports(accepted=accepted)
    enter(ports)
    sending = a_sealed_transfer(ports, people=[person], shared=frozenset({0}))
    visitor = Visitor()
    phrase = ports.secrets.phrase(sending.id, sending.recipients[0])

    asked = asks(sending, visitor, other=other)
    deliver(ports)
    proof = phrase if asked.json["channel"] == "phrase" else code_in(ports, visitor)
    answers = [
        asked,
        visitor.call(*SESSIONS, {"code": "000000" if proof != "000000" else "000001"}),
        visitor.call(*SESSIONS, {"code": "abeille abandon abolir aborder"}),
        visitor.call(*SESSIONS, {"code": proof}),
    ]
    ports.clock.tick(minutes=1)
    answers += [visitor.call(*SESSIONS, {"code": proof, "name": "Camille"}), visitor.call(*LOOK), visitor.call("GET", "/api/collect")]

    assert set(asked.json) == {"channel", "shared", "expires_at"}
    assert [one.status for one in answers] == [202, 409, 409, 422, 201, 200, 200]
    for one in answers:
        told = json.dumps([one.text, dict(one.headers), one.cookies]).lower()
        secrets = ("canary", "recipient.example", "99887766", "99 88", "camille", phrase.split()[0])
        assert not [secret for secret in secrets if secret in told]


def test_the_phrase_is_shown_to_the_sender_of_what_is_sealed_and_to_nobody_else(strict: Ports) -> None:
    landed, sealed = a_landed_transfer(strict, people=[BARE]), a_told_transfer(strict, people=[BARE, a_person(2)])
    sender = signed_in(strict, strict.members.read(sealed.sender))
    phrase = strict.secrets.phrase(sealed.id, sealed.recipients[0])

    listed = sender.call("GET", "/api/transfers")
    stranger = signed_in(strict).call("GET", "/api/transfers/{transfer}", transfer=sealed.id)
    page = sender.call("GET", "/transfers/{transfer}", transfer=sealed.id)

    assert followed(landed)["phrase"] is None
    seen = sender.call("GET", "/api/transfers/{transfer}", transfer=sealed.id).json["transfer"]["recipients"]
    assert [one["phrase"] for one in seen] == [phrase, None]
    assert not [one for one in (listed, stranger, page) if phrase in one.text]
    assert {one["phrase"] for one in listed.json["transfers"][0]["recipients"]} == {None}
    shred.revoke(Revoke(sealed.sender, sealed.id), strict)
    assert followed(sealed)["phrase"] is None


def test_another_way_is_offered_once_a_code_did_not_come(ports: Ports) -> None:
    sending = a_told_transfer(ports, people=[BARE])
    visitor = Visitor()

    ways = [asks(sending, visitor, **more).json["channel"] for more in ({}, {"other": True}, {"other": True})]

    assert ways == ["email", "phrase", "phrase"]
    shown = followed(sending)
    assert shown["phrase"] == ports.secrets.phrase(sending.id, sending.recipients[0])
    assert shown["phrase_asked_at"] == shown["asked_at"]
    assert asks(sending, visitor, other=True).status == 429


def test_a_shared_mailbox_says_who_opens_it(ports: Ports) -> None:
    sending = a_told_transfer(ports, people=[CANARY], shared=frozenset({0}))
    visitor = Visitor()

    missing, bad = enters(sending, visitor), visitor.call(*SESSIONS, {"code": code_in(ports, visitor), "name": "\u202ex"})
    seen = visitor.call(*SESSIONS, {"code": code_in(ports, visitor), "name": "  Camille Infirmière "})

    assert (missing.status, missing.json) == (422, {"error": "missing_field", "field": "name"})
    assert (bad.status, bad.json) == (422, {"error": "bad_name", "field": "name"})
    assert seen.status == 201
    assert followed(sending)["names"] == [{"name": "Camille Infirmière", "at": int(ports.clock.now().timestamp())}]
    assert "Camille" not in repr(memory_of(ports).events)


@pytest.mark.parametrize(("name", "code"), [("x" * 101, "bad_name"), ("a\nb", "bad_name"), (7, "bad_field"), (["x"], "bad_field")])
def test_a_name_that_is_none_is_refused_and_no_try_is_counted(ports: Ports, name: object, code: str) -> None:
    sending = a_sealed_transfer(ports, shared=frozenset({0}))
    visitor = Visitor()
    asks(sending, visitor)

    seen = visitor.call(*SESSIONS, {"code": "123456", "name": name})

    assert (seen.status, seen.json) == (422, {"error": code, "field": "name"})
    assert [one.tries for one in memory_of(ports).challenges.values()] == [0]


def test_a_mailbox_is_said_to_be_shared_when_sending_and_when_correcting(ports: Ports) -> None:
    sender = signed_in(ports)
    body = bodies()["POST", "/api/transfers"]
    person = body["recipients"][0]
    both = [{**person, "shared": True}, {**person, "email": "grace@example.fr"}]

    made = sender.call("POST", "/api/transfers", {**body, "recipients": both})
    odd = sender.call("POST", "/api/transfers", {**body, "recipients": [{**person, "shared": "yes"}]})
    seen = sender.call("GET", "/api/transfers/{transfer}", transfer=made.json["transfer"])

    assert [one["shared"] for one in seen.json["transfer"]["recipients"]] == [True, False]
    assert (odd.status, odd.json) == (422, {"error": "bad_field", "field": "recipients.0.shared"})
    sending = a_told_transfer(ports)
    its_sender = signed_in(ports, ports.members.read(sending.sender))
    route = ("PUT", "/api/transfers/{transfer}/recipients/{recipient}")
    right = its_sender.call(*route, {**person, "shared": True}, transfer=sending.id, recipient=sending.recipients[0])
    assert right.json["transfer"]["recipients"][0]["shared"] is True


def test_a_remembered_device_keeps_its_session_until_the_end(ports: Ports) -> None:
    sending = a_told_transfer(ports, lifetime_days=30)
    mine, borrowed = Visitor(), Visitor()

    lasting, plain = enters(sending, mine, remember=True), enters(sending, borrowed, remember=False)
    ports.clock.tick(days=29)
    looked = mine.call(*LOOK)

    assert (max_age(lasting, "__Host-collect"), max_age(plain, "__Host-collect")) == (30 * DAY, 4 * 3600)
    ends = int(sending.transfer.expires_at.timestamp())
    assert looked.json == {"transfer": sending.id, "recipient": sending.recipients[0], "remembered": True, "ends_at": ends}
    assert [visitor.call("GET", "/api/collect").status for visitor in (mine, borrowed)] == [200, 401]
    ports.clock.tick(days=1)
    assert mine.call(*LOOK).status == 401


def test_looking_whether_a_device_is_remembered_says_so_and_opens_nothing(ports: Ports) -> None:
    sending = a_told_transfer(ports)
    visitor = Visitor()
    enters(sending, visitor)

    seen, stranger = visitor.call(*LOOK), Visitor().call(*LOOK)

    assert (seen.status, seen.json["remembered"]) == (200, False)
    assert (stranger.status, stranger.json) == (401, {"error": "signin_required"})
    assert memory_of(ports).recipients[sending.recipients[0]].openings == 0


@pytest.mark.parametrize("how", ["revoked", "corrected", "left"])
def test_a_remembered_device_forgets(ports: Ports, how: str) -> None:
    sending = a_told_transfer(ports)
    visitor = Visitor()
    enters(sending, visitor, remember=True)
    stolen = Visitor(dict(visitor.cookies))
    if how == "revoked":
        shred.revoke(Revoke(sending.sender, sending.id), ports)
    elif how == "corrected":
        correct.correct(Correct(sending.sender, sending.id, sending.recipients[0], a_person(9)), ports)
    else:
        visitor.call("DELETE", "/api/collect/session")

    assert [stolen.call(method, path).status for method, path in (LOOK, ("GET", "/api/collect"))] == [
        {"revoked": 410, "corrected": 404, "left": 401}[how]
    ] * 2


@pytest.mark.parametrize(
    "code", ["abeille", "abeille abandon", "a" * 33, "a" * 10_000, "абея" * 6, "abeille 123456 abolir aborder", "12 34 5"]
)
def test_what_could_be_neither_a_code_nor_a_phrase_is_no_try(ports: Ports, code: str) -> None:
    sending = a_sealed_transfer(ports)
    visitor = Visitor()
    asks(sending, visitor)

    seen = visitor.call(*SESSIONS, {"code": code})

    assert (seen.status, seen.json) == (422, {"error": "wrong_code", "field": "code"})
    assert [one.tries for one in memory_of(ports).challenges.values()] == [0]


def test_a_member_asks_for_no_phrase_and_signs_in_with_none(strict: Ports) -> None:
    sending = a_told_transfer(strict, people=[BARE])
    visitor = Visitor()
    asks(sending, visitor)
    (phrase,) = follow.one(sending.sender, sending.id, strict).phrases.values()

    wished = visitor.call("POST", "/api/signin/codes", {"email": "ada@example.fr", "by": "phrase"})
    tried = [visitor.call("POST", "/api/signin/sessions", {"code": code}) for code in ("123456", phrase)]

    assert (wished.status, wished.json) == (422, {"error": "bad_field", "field": "by"})
    assert [(one.status, one.error) for one in tried] == [(409, "code_spent"), (422, "wrong_code")]
