"""What a sender does after sending, through the front door: remind, move the end, correct, certify; and a wish made twice."""

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.audit import Tag
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import GRANTS_PER_FILE, Quota
from chalicelib.domain.recipient import Outcome
from chalicelib.usecases import collect, correct, hear, reschedule, shred
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_landed_transfer, a_member, a_person, a_sealed_transfer, a_session, a_told_transfer, deliver
from tests.fakes import CLINIC, SETTINGS, fake_ports, memory_of, watched
from tests.http.visitor import CHECK, NOBODY, Seen, Visitor, a_certificate, bodies, collecting, enter, signed_in

MAKE = ("POST", "/api/transfers")
REMIND = ("POST", "/api/transfers/{transfer}/reminders")
EXPIRY = ("PUT", "/api/transfers/{transfer}/expiry")
CORRECT = ("PUT", "/api/transfers/{transfer}/recipients/{recipient}")
CERTIFICATE = ("GET", "/api/transfers/{transfer}/certificate")
PDF = "/api/transfers/{transfer}/certificate/pdf"
RIGHT = {"name": "Dr Grace", "email": "grace@example.fr", "mobile": "06 12 34 99 99", "language": "en"}
DAY = timedelta(days=1)


def owner(sending: Sending) -> Visitor:
    """Build the browser of a transfer's sender."""
    return signed_in(sending.ports, sending.ports.members.read(sending.sender))


def ask(sending: Sending, route: tuple[str, str], body: object = None, number: int = 0, **params: str) -> Seen:
    """Have the sender ask."""
    usual = {"transfer": sending.id, "recipient": sending.recipients[number]}
    return owner(sending).call(*route, body, **{**usual, **params})


def open_it(sending: Sending, number: int = 0) -> None:
    collect.open_transfer(a_session(sending.ports, sending.door(number))[1], IP, sending.ports)


def instant(at: Any) -> int:
    return int(at.timestamp())


def test_a_sender_reminds_whoever_has_not_opened(ports: Ports) -> None:
    sending = a_told_transfer(ports, people=3)
    open_it(sending)

    seen = ask(sending, REMIND, {})
    deliver(ports)

    assert (seen.status, seen.json) == (202, {"reminded": 2})
    shown = ask(sending, ("GET", "/api/transfers/{transfer}")).json["transfer"]["recipients"]
    assert [one["reminded_at"] is not None for one in shown] == [False, True, True]


def test_a_sender_who_reminds_too_often_is_told_to_wait(ports: Ports) -> None:
    sending = a_told_transfer(ports)

    seen = [ask(sending, REMIND, {}) for _ in range(4)]

    assert [one.status for one in seen] == [202, 202, 202, 429]
    assert seen[3].json == {"error": "too_many_requests"}
    assert 0 < int(seen[3].headers["Retry-After"]) <= 86_401


def test_a_reminder_that_meets_an_end_says_that_things_changed(ports: Ports) -> None:
    sending = a_told_transfer(ports)
    visitor = owner(sending)

    def end(call: str) -> None:
        if call == "transfers.remind":
            shred.revoke(Revoke(sending.sender, sending.id), ports)

    enter(watched(ports, end))
    seen = visitor.call(*REMIND, {}, transfer=sending.id)

    assert (seen.status, seen.json) == (409, {"error": "transfer_changed"})


@pytest.mark.parametrize("days", [1, 10, 30])
def test_a_sender_moves_the_end(ports: Ports, days: int) -> None:
    sending = a_told_transfer(ports)
    to = instant(sending.transfer.created_at + days * DAY)

    seen = ask(sending, EXPIRY, {"expires_at": to})

    assert seen.status == 200
    assert (seen.json["transfer"]["transfer"], seen.json["transfer"]["expires_at"]) == (sending.id, to)
    assert instant(sending.transfer.expires_at) == to


ODD_ENDS = [-1, 0, 1, 10**30, -(10**30), 253_402_300_800, 9_223_372_036_854_775_808]


def test_an_end_out_of_bounds_is_refused_to_the_second(ports: Ports) -> None:
    sending = a_told_transfer(ports)
    soonest, latest = instant(ports.clock.now()) + 3600, instant(ports.clinic.lifetime.latest(sending.transfer))

    for to in (*ODD_ENDS, soonest - 1, latest + 1):
        seen = ask(sending, EXPIRY, {"expires_at": to})
        assert (seen.status, seen.json) == (422, {"error": "bad_expiry", "field": "expires_at"}), to
    for to in (soonest, latest):
        assert ask(sending, EXPIRY, {"expires_at": to}).status == 200


@pytest.mark.parametrize("to", ["1790000000", 1.5, True, None, [], {}])
def test_an_end_is_a_whole_number(ports: Ports, to: object) -> None:
    seen = ask(a_told_transfer(ports), EXPIRY, {"expires_at": to})

    assert (seen.status, seen.json) == (422, {"error": "bad_field", "field": "expires_at"})


def test_an_end_that_somebody_else_moved_meanwhile_is_looked_at_again(ports: Ports) -> None:
    sending = a_told_transfer(ports)
    visitor, begun = owner(sending), sending.transfer.created_at

    def move(call: str) -> None:
        if call == "transfers.reschedule":
            reschedule.reschedule(reschedule.Reschedule(sending.sender, sending.id, begun + 20 * DAY), ports)

    enter(watched(ports, move))
    seen = visitor.call(*EXPIRY, {"expires_at": instant(begun + 10 * DAY)}, transfer=sending.id)

    assert (seen.status, seen.json) == (409, {"error": "transfer_changed"})
    assert sending.transfer.expires_at == begun + 20 * DAY


def test_a_sender_corrects_an_address(ports: Ports) -> None:
    sending = a_told_transfer(ports, people=2)

    seen = ask(sending, CORRECT, RIGHT)
    deliver(ports)

    one, two = seen.json["transfer"]["recipients"]
    assert seen.status == 200
    assert (one["name"], one["email"], one["mobile"], one["language"]) == ("Dr Grace", "grace@example.fr", "+33612349999", "en")
    assert (one["recipient"], one["told_at"]) == (sending.recipients[0], None)
    assert one["corrected_at"] == instant(ports.clock.now())
    assert two["told_at"] is not None
    assert ports.post.emails[-1][0].email == "grace@example.fr"


def test_the_link_of_before_a_correction_is_no_link(ports: Ports) -> None:
    sending = a_told_transfer(ports)
    link = {"transfer": sending.id, "recipient": sending.recipients[0]}
    secrets = [ports.secrets.link_secret(sending.id, sending.recipients[0], turn) for turn in (0, 1, 2)]
    old = collecting(ports, sending)
    ask(sending, CORRECT, RIGHT)

    seen = [Visitor().call("POST", "/api/collect/codes", {**link, "secret": secret}) for secret in secrets]

    assert [one.status for one in seen] == [404, 202, 404]
    assert old.call("GET", "/api/collect").status == 404


def opened(sending: Sending) -> None:
    open_it(sending)


def revoked(sending: Sending) -> None:
    shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), sending.ports)


def corrected_five_times(sending: Sending) -> None:
    for number in range(5):
        correct.correct(Correct(sending.sender, sending.id, sending.recipients[0], a_person(number + 20)), sending.ports)


@pytest.mark.parametrize(
    ("first", "code"),
    [(opened, "already_opened"), (revoked, "recipient_revoked"), (corrected_five_times, "corrected_too_often")],
)
def test_an_address_that_can_no_longer_be_corrected(ports: Ports, first: Any, code: str) -> None:
    sending = a_told_transfer(ports, people=2)
    first(sending)

    seen = ask(sending, CORRECT, RIGHT)

    assert (seen.status, seen.json) == (409, {"error": code})


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"email": "ada2@example.fr"}, "duplicate_recipient", "email"),
        ({"email": "grace"}, "bad_email", "email"),
        ({"mobile": "12"}, "bad_mobile", "mobile"),
        ({"name": " "}, "bad_name", "name"),
        ({"language": "de"}, "bad_language", "language"),
        ({"standby": True}, "unknown_field", "standby"),
        ({"turn": 0}, "unknown_field", "turn"),
    ],
)
def test_an_address_nobody_could_reach_corrects_nothing(ports: Ports, changes: dict[str, Any], code: str, field: str) -> None:
    sending = a_told_transfer(ports, people=2)

    seen = ask(sending, CORRECT, {**RIGHT, **changes})

    assert (seen.status, seen.json) == (422, {"error": code, "field": field})
    assert memory_of(ports).recipients[sending.recipients[0]].turn == 0


def test_a_clinic_that_wants_a_second_channel_has_a_phrase_for_a_corrected_address_without_a_mobile() -> None:
    ports = fake_ports(accepted=False)
    enter(ports)
    sending = a_told_transfer(ports)

    seen = ask(sending, CORRECT, {**RIGHT, "mobile": None})

    (corrected,) = seen.json["transfer"]["recipients"]
    assert (seen.status, corrected["phrase"]) == (200, ports.secrets.phrase(sending.id, sending.recipients[0], 1))
    wiring._given.clear()


def test_a_recipient_of_another_transfer_is_not_corrected_through_ones_own(ports: Ports) -> None:
    mine, theirs = a_told_transfer(ports), a_told_transfer(ports)

    for recipient in (theirs.recipients[0], NOBODY):
        seen = ask(mine, CORRECT, RIGHT, recipient=recipient)
        assert (seen.status, seen.json) == (404, {"error": "not_found"})
    assert memory_of(ports).recipients[theirs.recipients[0]].turn == 0


def destroyed(ports: Ports) -> Sending:
    """Walk to where a transfer was revoked, a while after it was sent."""
    sending = a_told_transfer(ports, people=2)
    ports.clock.tick(hours=1)
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    return sending


def test_a_sender_is_given_the_certificate_and_it_agrees_for_anybody(ports: Ports) -> None:
    sending = destroyed(ports)

    given = [ask(sending, CERTIFICATE) for _ in range(2)]
    checked = Visitor().call(*CHECK, {"certificate": given[0].json})

    assert [one.status for one in given] == [200, 200]
    assert given[0].json == given[1].json
    assert (given[0].json["transfer"], given[0].json["ending"]) == (sending.id, "revoked")
    assert (checked.status, checked.json) == (200, {"genuine": True, "records": "agree"})


@pytest.mark.parametrize("language", ["fr", "en", None])
def test_a_sender_is_given_the_certificate_to_print(ports: Ports, language: str | None) -> None:
    sending = destroyed(ports)

    seen = ask(sending, ("GET", PDF if language is None else f"{PDF}?lang={language}"))

    assert (seen.status, seen.json["name"]) == (200, f"certificat-{sending.id[:8]}.pdf")
    assert b64decode(seen.json["pdf"]).startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["de", "", "FR", "fr%0d%0ax"])
def test_a_certificate_is_printed_in_a_language_we_speak(ports: Ports, language: str) -> None:
    seen = ask(destroyed(ports), ("GET", f"{PDF}?lang={language}"))

    assert (seen.status, seen.json) == (422, {"error": "bad_language", "field": "lang"})


def test_a_certificate_nobody_here_remembers_is_genuine_and_unknown(ports: Ports) -> None:
    assert Visitor().call(*CHECK, {"certificate": a_certificate()}).json == {"genuine": True, "records": "unknown"}


def test_a_certificate_that_was_tampered_with_is_not_genuine(ports: Ports) -> None:
    stated = ask(destroyed(ports), CERTIFICATE).json

    seen = Visitor().call(*CHECK, {"certificate": {**stated, "ending": "expired"}})

    assert (seen.status, seen.json) == (200, {"genuine": False, "records": "unknown"})


def test_records_that_say_something_else_differ(ports: Ports) -> None:
    sending = destroyed(ports)
    stated = ask(sending, CERTIFICATE).json
    events = memory_of(ports).events
    events[:] = [event for event in events if event.tag is not Tag.TRANSFER_SEALED]

    assert Visitor().call(*CHECK, {"certificate": stated}).json == {"genuine": True, "records": "differ"}


@pytest.mark.parametrize("given", [{}, {"format": "sceau-certificate/1"}, {**a_certificate(), "more": 1}, {**a_certificate(), "files": {}}])
def test_what_is_no_certificate_is_not_checked(ports: Ports, given: dict[str, Any]) -> None:
    seen = Visitor().call(*CHECK, {"certificate": given})

    assert (seen.status, seen.json) == (422, {"error": "bad_certificate"})


@pytest.mark.parametrize("given", [None, "x", [], 7, True])
def test_a_certificate_is_an_object(ports: Ports, given: object) -> None:
    seen = Visitor().call(*CHECK, {"certificate": given})

    assert (seen.status, seen.json) == (422, {"error": "bad_field", "field": "certificate"})


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_that_checks_certificates_is_for_anybody_and_knows_the_key(ports: Ports, lang: str) -> None:
    seen = Visitor().call("GET", f"/verify?lang={lang}")

    key = a_certificate()["signature"]["key"]
    assert seen.status == 200
    assert seen.headers["Content-Language"] == lang
    assert key in seen.text.replace("&#43;", "+").replace("&#47;", "/")


def made(visitor: Visitor, **changes: Any) -> Seen:
    return visitor.call(*MAKE, {**bodies()[MAKE], **changes})


def test_a_wish_made_twice_is_one_draft_with_one_answer(ports: Ports) -> None:
    visitor = signed_in(ports)

    one, two, other = made(visitor), made(visitor), made(visitor, request="b" * 26)

    assert (one.status, two.status, other.status) == (201, 201, 201)
    assert one.json == two.json != other.json
    assert len(memory_of(ports).transfers) == 2


def test_a_wish_whose_draft_went_on_is_used(ports: Ports) -> None:
    visitor = signed_in(ports)
    first = made(visitor).json
    visitor.call("DELETE", "/api/transfers/{transfer}", transfer=first["transfer"])

    seen = made(visitor)

    assert (seen.status, seen.json) == (409, {"error": "request_used"})


@pytest.mark.parametrize("request_id", ["", "A" * 26, "a" * 25, "a" * 27, "../" + "a" * 23, "\0" * 26])
def test_a_wish_has_a_name_of_its_own_shape(ports: Ports, request_id: str) -> None:
    seen = made(signed_in(ports), request=request_id)

    assert (seen.status, seen.json) == (422, {"error": "bad_field", "field": "request"})


def people(*standby: object) -> list[dict[str, object]]:
    person = bodies()[MAKE]["recipients"][0]
    return [{**person, "email": f"a{n}@example.fr", **({} if one is None else {"standby": one})} for n, one in enumerate(standby)]


def test_whoever_stands_by_is_shown_as_such(ports: Ports) -> None:
    visitor = signed_in(ports)
    identity = made(visitor, recipients=people(None, True, False)).json["transfer"]

    seen = visitor.call("GET", "/api/transfers/{transfer}", transfer=identity).json["transfer"]

    assert [one["standby"] for one in seen["recipients"]] == [False, True, False]


@pytest.mark.parametrize(
    ("standby", "code", "field"),
    [
        ([True], "no_recipient", "recipients"),
        ([True, True], "no_recipient", "recipients"),
        ([False, "yes"], "bad_field", "recipients.1.standby"),
        ([1, False], "bad_field", "recipients.0.standby"),
        ([{}, False], "bad_field", "recipients.0.standby"),
    ],
)
def test_standing_by_is_a_yes_or_a_no_and_not_for_everybody(ports: Ports, standby: list[object], code: str, field: str) -> None:
    seen = made(signed_in(ports), recipients=people(*standby))

    assert (seen.status, seen.json) == (422, {"error": code, "field": field})


def with_clinic(**changes: Any) -> Any:
    ports = fake_ports(clinic=replace(CLINIC, **changes))
    wiring.use(ports, replace(SETTINGS, clinic=ports.clinic))
    return ports


def test_a_clinic_without_that_rung_has_nobody_stand_by(ports: Ports) -> None:
    world = with_clinic(ladder=frozenset({Rung.EMAIL}))

    seen = made(signed_in(world), recipients=people(False, True))

    assert (seen.status, seen.json) == (422, {"error": "standby_off", "field": "recipients.1.standby"})


@pytest.mark.parametrize("whose", ["member_quota", "clinic_quota"])
def test_a_quota_of_the_day_says_when_the_next_day_begins(ports: Ports, whose: str) -> None:
    world = with_clinic(**{whose: Quota(2, 10**9)})
    visitor = signed_in(world)

    seen = [made(visitor, request=letter * 26) for letter in "abc"]

    assert [one.status for one in seen] == [201, 201, 429]
    assert seen[2].json == {"error": "quota_reached"}
    assert int(seen[2].headers["Retry-After"]) == 16 * 3600 + 1  # it is eight in the morning


def test_openings_and_addresses_of_files_that_are_spent_are_conflicts(ports: Ports) -> None:
    world = with_clinic(openings_most=1)
    visitor = collecting(world, a_sealed_transfer(world))

    opens = [visitor.call("GET", "/api/collect") for _ in range(2)]
    files = [visitor.call("POST", "/api/collect/files/{file}", {}, file="0") for _ in range(GRANTS_PER_FILE + 1)]

    assert [(one.status, one.json.get("error")) for one in opens] == [(200, None), (409, "openings_spent")]
    assert {one.status for one in files[:-1]} == {200}
    assert (files[-1].status, files[-1].json) == (409, {"error": "grants_spent"})


def shown(sending: Sending) -> dict[str, Any]:
    answer: dict[str, Any] = ask(sending, ("GET", "/api/transfers/{transfer}")).json["transfer"]
    return answer


def test_a_sender_sees_how_far_each_recipient_came(ports: Ports) -> None:
    sending = a_told_transfer(ports, (b"a", b"b"), people=2)
    now = instant(ports.clock.now())
    hear.hear(hear.Heard("email-1", Outcome.DELIVERED), ports)
    hear.hear(hear.Heard("email-2", Outcome.BOUNCED), ports)
    secret = ports.secrets.link_secret(sending.id, sending.recipients[0])
    Visitor().call("POST", "/api/collect/codes", {"transfer": sending.id, "recipient": sending.recipients[0], "secret": secret})
    visitor = collecting(ports, sending)
    visitor.call("GET", "/api/collect")
    visitor.call("POST", "/api/collect/files/{file}", {}, file="1")

    one, two = shown(sending)["recipients"]

    assert {name for name, value in one.items() if value == now} == {
        *("told_at", "delivered_at", "asked_at", "proved_at", "opened_at", "fetched_at"),
    }
    assert (one["openings"], one["fetched_files"], one["collected_files"]) == (1, 1, 0)
    assert {name for name, value in two.items() if value == now} == {"told_at", "bounced_at"}


def test_a_sender_sees_when_the_next_reminder_leaves_and_how_far_the_end_may_go(ports: Ports) -> None:
    landed, sending = a_landed_transfer(ports), a_told_transfer(ports)
    begun = instant(sending.transfer.created_at)

    seen = shown(sending)

    assert (seen["reminders"], seen["next_reminder_at"]) == (True, begun + 84 * 3600)
    assert seen["lifetime_ends_at"] == begun + 30 * 86_400
    assert shown(landed)["next_reminder_at"] is None
    shred.revoke(Revoke(sending.sender, sending.id), ports)
    assert shown(sending)["next_reminder_at"] is None


def test_a_clinic_without_a_ladder_promises_no_reminder(ports: Ports) -> None:
    world = with_clinic(ladder=frozenset())

    seen = shown(a_told_transfer(world))

    assert (seen["reminders"], seen["next_reminder_at"]) == (False, None)


def test_a_list_shows_the_same_as_one(ports: Ports) -> None:
    sending = a_told_transfer(ports, sender=a_member(ports))

    (listed,) = owner(sending).call("GET", "/api/transfers").json["transfers"]

    assert listed == shown(sending)
