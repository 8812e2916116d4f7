"""Who may do what with whose transfer: sender, another sender, recipients, nobody; in every state; foreign is unknown."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.member import MAY, Role
from chalicelib.usecases import shred
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import Sending, a_landed_transfer, a_landing_transfer, a_sealed_transfer, a_sending, a_told_transfer
from tests.fakes import memory_of
from tests.http.visitor import NOBODY, Visitor, bodies, collecting, gate_of, signed_in

Route = tuple[str, str]
READ = ("GET", "/api/transfers/{transfer}")
REVOKE = ("DELETE", "/api/transfers/{transfer}")
REVOKE_ONE = ("DELETE", "/api/transfers/{transfer}/recipients/{recipient}")
ENVELOPE = ("PUT", "/api/transfers/{transfer}/envelope")
PARTS = ("POST", "/api/transfers/{transfer}/parts")
COMPLETE = ("POST", "/api/transfers/{transfer}/files/{file}/complete")
REMIND = ("POST", "/api/transfers/{transfer}/reminders")
EXPIRY = ("PUT", "/api/transfers/{transfer}/expiry")
CORRECT = ("PUT", "/api/transfers/{transfer}/recipients/{recipient}")
CERTIFICATE = ("GET", "/api/transfers/{transfer}/certificate")
PDF = ("GET", "/api/transfers/{transfer}/certificate/pdf")
OPEN = ("GET", "/api/collect")
FILE = ("POST", "/api/collect/files/{file}")
RECEIPT = ("POST", "/api/collect/files/{file}/receipt")
SENDERS = [READ, REVOKE, REVOKE_ONE, ENVELOPE, PARTS, COMPLETE, REMIND, EXPIRY, CORRECT, CERTIFICATE, PDF]
RECIPIENTS = [OPEN, FILE, RECEIPT]


def shredded(ports: Ports, **changes: Any) -> Sending:
    sending = a_sealed_transfer(ports, **changes)
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    return sending


def expired(ports: Ports, **changes: Any) -> Sending:
    sending = a_sealed_transfer(ports, lifetime_days=1, **changes)
    ports.clock.tick(days=1)
    return sending


def refused(ports: Ports, **changes: Any) -> Sending:
    sending = a_landing_transfer(ports, **changes)
    sending.put(0)
    kept = ports.bucket.objects[f"t/{sending.id}/0"]
    ports.bucket.objects[f"t/{sending.id}/0"] = type(kept)(b"", kept.etag, kept.checksum, kept.retention)
    sending.land(0)
    return sending


WALKS: dict[str, Callable[..., Sending]] = {
    "draft": a_sending,
    "landing": a_landing_transfer,
    "landed": a_landed_transfer,
    "sealed": a_sealed_transfer,
    "told": a_told_transfer,
    "expired": expired,
    "refused": refused,
    "shredded": shredded,
}
OPENING = ("sealed", "told")
each_state = pytest.mark.parametrize("state", list(WALKS))


def ask(visitor: Visitor, route: Route, sending: Sending, **params: str) -> tuple[int, str]:
    """Ask, and give status and code."""
    body = bodies(sending).get(route)
    if route == PARTS:
        asked = sending.asked(0)
        body = {"parts": [{"file": 0, "part": 1, "size": asked.size, "sha256": asked.sha256}]}
    seen = visitor.call(*route, body, **{"transfer": sending.id, "recipient": sending.recipients[0], "file": "0", **params})
    return seen.status, seen.json.get("error", "") if seen.text and seen.text.startswith("{") else ""


DONE, SEEN = (204, ""), (200, "")
UNSEALED = [(409, "transfer_not_sealed")] * 3
WHOLE = [(409, "not_destroyed")] * 2
PAST = [(409, "transfer_not_draft"), (409, "transfer_not_landing"), (409, "transfer_not_landing")]
MISSING = [SEEN, DONE, (409, "cannot_revoke"), SEEN, (409, "envelope_missing"), (409, "envelope_missing")]
UNDER_WAY = [SEEN, DONE, (409, "cannot_revoke"), (409, "envelope_already_sent"), SEEN, (422, "parts_missing")]
GONE = [(404, "not_found"), *PAST[1:]]  # its key is gone: as if it never was
OWN = {
    "draft": [*MISSING, *UNSEALED, *WHOLE],
    "landing": [*UNDER_WAY, *UNSEALED, *WHOLE],
    "landed": [*UNDER_WAY, *UNSEALED, *WHOLE],
    "sealed": [SEEN, DONE, DONE, *PAST, (409, "nobody_to_remind"), SEEN, SEEN, *WHOLE],
    "told": [SEEN, DONE, DONE, *PAST, (202, ""), SEEN, SEEN, *WHOLE],
    "expired": [SEEN, DONE, DONE, *PAST, *UNSEALED, *WHOLE],
    "refused": [SEEN, (409, "cannot_revoke"), (409, "cannot_revoke"), *PAST, *UNSEALED, *WHOLE],
    "shredded": [SEEN, (409, "cannot_revoke"), (409, "cannot_revoke"), *GONE, *UNSEALED, SEEN, SEEN],
}


@each_state
@pytest.mark.parametrize("route", SENDERS, ids=" ".join)
def test_what_its_sender_may_do_with_a_transfer(ports: Ports, state: str, route: Route) -> None:
    sending = WALKS[state](ports, people=2)
    sender = signed_in(ports, ports.members.read(sending.sender))

    assert ask(sender, route, sending) == OWN[state][SENDERS.index(route)]


@each_state
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("route", SENDERS, ids=" ".join)
def test_a_foreign_transfer_is_an_unknown_one_in_every_state(ports: Ports, state: str, route: Route, role: Role) -> None:
    sending = WALKS[state](ports, people=2)
    stranger = signed_in(ports, role=role)
    before = dict(memory_of(ports).transfers), dict(memory_of(ports).recipients), len(memory_of(ports).events)

    foreign, unknown = ask(stranger, route, sending), ask(stranger, route, sending, transfer=NOBODY)

    allowed = gate_of(route).action in MAY[role]
    assert foreign == unknown == ((404, "not_found") if allowed else (403, "forbidden"))
    assert before == (memory_of(ports).transfers, memory_of(ports).recipients, len(memory_of(ports).events))


@each_state
@pytest.mark.parametrize("route", SENDERS, ids=" ".join)
def test_a_recipient_may_do_nothing_a_sender_does(ports: Ports, state: str, route: Route) -> None:
    sending = WALKS[state](ports, people=2)

    assert ask(collecting(ports, sending), route, sending) == (401, "signin_required")


@each_state
@pytest.mark.parametrize("route", RECIPIENTS, ids=" ".join)
def test_a_recipient_collects_what_is_sealed_and_nothing_else(ports: Ports, state: str, route: Route) -> None:
    sending = WALKS[state](ports, people=2)

    answer = ask(collecting(ports, sending), route, sending)

    done = (404, "not_found") if route == RECEIPT else (200, "")  # a receipt is for those who opened
    over = "transfer_revoked" if state == "shredded" else "transfer_expired"
    assert answer == (done if state in OPENING else (410, over))


@pytest.mark.parametrize("route", RECIPIENTS, ids=" ".join)
def test_a_recipient_who_was_revoked_collects_nothing_and_the_other_goes_on(ports: Ports, route: Route) -> None:
    sending = a_sealed_transfer(ports, people=2)
    revoked, other = collecting(ports, sending, 0), collecting(ports, sending, 1)
    shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), ports)

    assert ask(revoked, route, sending) == (410, "transfer_revoked")
    other.call(*OPEN)
    assert ask(other, route, sending)[0] in (200, 204)


def test_a_recipient_of_one_transfer_is_given_that_one_only(ports: Ports) -> None:
    one, two = a_sealed_transfer(ports, (b"one",)), a_sealed_transfer(ports, (b"two",))
    visitor = collecting(ports, one)

    opened = visitor.call(*OPEN).json
    url = visitor.call(*FILE, {}, transfer=two.id, file="0").json["url"]

    assert (opened["transfer"], opened["context"]["transfer"]) == (one.id, one.id)
    assert ports.bucket.get(url) == one.files[0].frames
    assert two.id not in str(opened) + url


@pytest.mark.parametrize("file", ["1", "99999"])
def test_a_file_that_is_not_there_and_one_of_another_transfer_are_one_answer(ports: Ports, file: str) -> None:
    sending = a_sealed_transfer(ports)
    visitor = collecting(ports, sending)

    assert {ask(visitor, route, sending, file=file) for route in (FILE, RECEIPT)} == {(404, "not_found")}


def test_a_recipient_of_another_transfer_is_not_revoked_through_ones_own(ports: Ports) -> None:
    mine, theirs = a_sealed_transfer(ports), a_sealed_transfer(ports)
    sender = signed_in(ports, ports.members.read(mine.sender))

    answers = {ask(sender, REVOKE_ONE, mine, recipient=one) for one in (theirs.recipients[0], NOBODY)}

    assert answers == {(404, "not_found")}
    assert memory_of(ports).recipients[theirs.recipients[0]].revoked_at is None


def test_a_member_sees_their_own_transfers_only(ports: Ports) -> None:
    mine, theirs = a_sealed_transfer(ports), a_sealed_transfer(ports)
    sender = signed_in(ports, ports.members.read(mine.sender))

    seen = sender.call("GET", "/api/transfers")

    assert [one["transfer"] for one in seen.json["transfers"]] == [mine.id]
    assert theirs.id not in seen.text


LINKS = ["unknown transfer", "unknown recipient", "other recipient", "false secret", "no secret"]


@pytest.mark.parametrize("false", LINKS)
@each_state
def test_a_false_link_is_one_answer_whatever_is_false_and_whatever_the_state(ports: Ports, state: str, false: str) -> None:
    sending, other = WALKS[state](ports), a_sealed_transfer(ports)
    link = {"transfer": sending.id, "recipient": sending.recipients[0], "secret": "x" * 43}
    true = ports.secrets.link_secret(sending.id, sending.recipients[0])
    changes = {
        "unknown transfer": {"transfer": NOBODY, "secret": true},
        "unknown recipient": {"recipient": NOBODY, "secret": true},
        "other recipient": {"recipient": other.recipients[0], "secret": true},
        "false secret": {},
        "no secret": {"secret": ""},
    }

    seen = Visitor().call("POST", "/api/collect/codes", {**link, **changes[false]})

    assert (seen.status, seen.json, seen.cookies) == (404, {"error": "not_found"}, ())


@each_state
def test_a_true_link_says_whether_its_time_is_over(ports: Ports, state: str) -> None:
    sending = WALKS[state](ports)
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])

    seen = Visitor().call("POST", "/api/collect/codes", {"transfer": sending.id, "recipient": sending.recipients[0], "secret": secret})

    assert seen.status == (202 if state in OPENING else 410)
    assert bool(seen.cookies) is (state in OPENING)
    assert bool(ports.queue.codes) is (state in OPENING)
    if state not in OPENING:
        assert seen.json == {"error": "transfer_revoked" if state == "shredded" else "transfer_expired"}
