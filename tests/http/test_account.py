"""Joining, one's own account and the people of the clinic through the front door, with answers of the very shape that was agreed."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest

from chalicelib import wiring
from chalicelib.adapters.passkeys import WebauthnPasskeys
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Unauthenticated
from chalicelib.domain.factor import Means
from chalicelib.domain.login import Door
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.usecases.ports import Ports
from tests.builders import a_member, a_person, a_session, deliver
from tests.fakes import CLINIC, SETTINGS, fake_ports, memory_of
from tests.http.test_walk import MEMBER, SESSION, code_in
from tests.http.visitor import NOBODY, PASSWORD, Seen, Visitor, bodies, enter
from tests.unit.authenticator import Authenticator

ACCOUNT = {"member", "secured", "means", "sessions"}
MEANS = {"passkeys", "password", "authenticator", "recovery", "sms", "psc"}
ONE_SESSION = {"session", "here", "created_at", "seen_at", "ip", "device", "proofs"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REASON = "Our correspondents do not all have a mobile."
ME = "/api/members/{member}"


@pytest.fixture
def ports() -> Ports:
    """A clinic that accepted nothing: two factors, always."""
    world = fake_ports(accepted=False)
    enter(world)
    return world


def refusal(seen: Seen) -> tuple[int, str]:
    return seen.status, seen.error


def invited_by_letter(ports: Ports) -> dict[str, str]:
    """Read the link of the last invitation that was sent."""
    deliver(ports)
    link = re.search(r"/join\?lang=\w+#(\w+)\.([\w-]+)", ports.post.emails[-1][1].text)
    assert link is not None
    return dict(zip(("member", "secret"), link.groups(), strict=True))


def joining(ports: Ports, **changes: Any) -> tuple[Member, Visitor]:
    """Let somebody follow their invitation."""
    member = a_member(ports, 7, standing=Standing.INVITED, **changes)
    visitor = Visitor(headers={"user-agent": FIREFOX})
    link = {"member": member.id, "secret": ports.secrets.invitation_secret(member.id, member.turn, member.person.email)}
    seen = visitor.call("POST", "/api/join", link)
    assert (seen.status, seen.json) == (201, {})
    return member, visitor


def adds_passkey(visitor: Visitor, device: Authenticator, name: str = "Clé bleue") -> Seen:
    options = visitor.call("POST", "/api/account/passkeys/options", {}).json["options"]
    return visitor.call("POST", "/api/account/passkeys", {"name": name, "credential": device.create(options)})


def adds_app(visitor: Visitor, ports: Ports) -> pyotp.TOTP:
    shown = visitor.call("POST", "/api/account/authenticator", {})
    app = pyotp.TOTP(shown.json["secret"].replace(" ", ""))
    assert (shown.status, set(shown.json)) == (201, {"secret", "uri", "qr"})
    assert all(len(group) == 4 for group in shown.json["secret"].split(" "))
    assert visitor.call("POST", "/api/account/authenticator/confirm", {"code": app.at(ports.clock.now())}).status == 204
    return app


def who(visitor: Visitor) -> Any:
    return visitor.call("GET", "/api/session").json


def test_somebody_joins_with_a_passkey_and_is_in(ports: Ports) -> None:
    member, visitor = joining(ports)
    device = Authenticator(CLINIC.origin)
    before = who(visitor)

    added = adds_passkey(visitor, device)

    after = who(visitor)
    assert (set(before), before["joining"], before["enough"], before["proofs"]) == (SESSION, True, False, ["invitation"])
    assert (added.status, added.json) == (201, {"passkey": next(iter(device.passkeys))})
    assert (after["joining"], after["enough"], after["fresh"], after["level"]) == (False, True, True, 2)
    assert after["proofs"] == ["invitation", "passkey"]
    assert (after["member"]["standing"], after["member"]["secured"], after["idle_seconds"]) == ("active", True, 1800)
    assert ports.members.door_of(member.person.email) == Door(member=member.id, turn=2)
    assert visitor.call("GET", "/api/transfers").status == 200
    assert [event.reason for event in memory_of(ports).trail(Tag.MEANS_ADDED)] == [Means.PASSKEY]


def test_a_passkey_signs_in_in_one_gesture(ports: Ports) -> None:
    _, first = joining(ports)
    device, visitor = Authenticator(CLINIC.origin), Visitor()
    adds_passkey(first, device)

    asked = visitor.call("POST", "/api/signin/passkey/options", {})
    shown = visitor.call("POST", "/api/signin/passkey", {"credential": device.get(asked.json["options"])})

    assert (asked.status, set(asked.json), shown.status, shown.json) == (200, {"options"}, 201, {})
    assert (who(visitor)["enough"], who(visitor)["proofs"]) == (True, ["passkey"])
    assert "__Host-challenge" not in visitor.cookies


def test_a_passkey_that_is_not_right_is_refused(ports: Ports) -> None:
    _, first = joining(ports)
    device, visitor = Authenticator(CLINIC.origin), Visitor()
    adds_passkey(first, device)

    def shows(credential: Any) -> tuple[int, str]:
        return refusal(visitor.call("POST", "/api/signin/passkey", {"credential": credential}))

    def asks() -> Any:
        return visitor.call("POST", "/api/signin/passkey/options", {}).json["options"]

    device.verifies = False
    assert shows(device.get(asks())) == (401, "passkey_refused")
    device.verifies = True
    device.origin = "https://clinique.example.evil.example"
    assert shows(device.get(asks())) == (401, "passkey_refused")
    device.origin = CLINIC.origin
    old = asks()
    asks()
    assert shows(device.get(old)) == (401, "passkey_refused")
    late = device.get(asks())
    ports.clock.tick(minutes=5)
    assert shows(late) == (409, "code_spent")
    right = device.get(asks())
    assert shows({**right, "id": "x"}) == (422, "bad_passkey")
    assert shows({}) == (422, "bad_passkey")
    stranger = Authenticator(CLINIC.origin)
    stranger.create(WebauthnPasskeys(CLINIC.origin, CLINIC.name).registration(bytes(32), NOBODY, "x", "x", ()))
    assert shows(stranger.get(asks())) == (401, "passkey_refused")
    copy = device.clone()
    assert visitor.call("POST", "/api/signin/passkey", {"credential": device.get(asks())}).status == 201
    assert shows(copy.get(asks())) == (409, "passkey_cloned")
    deliver(ports)
    assert [letter.subject for _, letter in ports.post.emails][-1] == "passkey_copied/fr"


def test_somebody_joins_with_a_password_and_an_app_and_signs_in_step_by_step(ports: Ports) -> None:
    member, first = joining(ports, mobile=None)

    set_up = first.call("PUT", "/api/account/password", {"password": PASSWORD})
    half = who(first)
    app = adds_app(first, ports)
    whole = who(first)
    codes = first.call("POST", "/api/account/recovery", {}).json["codes"]

    assert (set_up.status, half["joining"], whole["joining"], whole["enough"]) == (204, True, False, True)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z2-7]{5}-[a-z2-7]{5}", code) for code in codes)
    for means, code in (("authenticator", app.at(ports.clock.now() + timedelta(seconds=30))), ("recovery", codes[3].upper())):
        visitor = Visitor()
        shown = visitor.call("POST", "/api/signin/password", {"email": member.person.email, "password": PASSWORD})
        step = who(visitor)
        refused = visitor.call("GET", "/api/transfers")
        done = visitor.call("POST", f"/api/signin/{means}", {"code": code})
        assert (shown.status, step["enough"], step["next"], refusal(refused)) == (
            201,
            False,
            ["authenticator", "recovery"],
            (403, "second_factor_required"),
        )
        assert (done.status, who(visitor)["enough"], who(visitor)["proofs"]) == (201, True, ["password", means])
        again = visitor.call("POST", f"/api/signin/{means}", {"code": code})
        assert refusal(again) == (409, "wrong_code")
    account = visitor.call("GET", "/api/account").json
    assert account["means"]["recovery"]["left"] == 9


def test_wrong_passwords_say_how_long_to_wait(ports: Ports) -> None:
    email = a_member(ports).person.email
    body = {"email": email, "password": "not this one"}

    seen = [Visitor().call("POST", "/api/signin/password", body) for _ in range(4)]

    assert [one.status for one in seen] == [409, 409, 409, 429]
    assert seen[0].json == {"error": "wrong_password", "field": "password"}
    assert (seen[3].json, seen[3].headers["Retry-After"]) == ({"error": "too_many_requests"}, "2")
    memory_of(ports).throttles = {scope: replace(one, failures=100) for scope, one in memory_of(ports).throttles.items()}
    assert refusal(Visitor().call("POST", "/api/signin/password", body)) == (403, "signin_locked")


def test_an_account_shows_what_is_set_up_and_where_one_is_signed_in(ports: Ports) -> None:
    member, visitor = joining(ports)
    adds_passkey(visitor, Authenticator(CLINIC.origin, synced=True), "Téléphone")
    adds_app(visitor, ports)

    account = visitor.call("GET", "/api/account").json

    now = int(ports.clock.now().timestamp())
    assert (set(account), set(account["means"]), set(account["member"])) == (ACCOUNT, MEANS, MEMBER)
    (passkey,) = account["means"]["passkeys"]
    assert passkey == {**passkey, "name": "Téléphone", "synced": True, "created_at": now, "used_at": None}
    assert (account["means"]["password"], account["means"]["psc"], account["means"]["sms"]) == (None, None, True)
    assert account["means"]["authenticator"] == {"created_at": now, "used_at": now}
    (session,) = account["sessions"]
    assert set(session) == ONE_SESSION
    assert (session["here"], session["device"], session["ip"]) == (True, {"browser": "firefox", "system": "linux"}, "192.0.2.7")
    assert account["member"]["member"] == member.id
    for secret in ("hash", "public_key", "secret", visitor.cookies["__Host-session"].partition(".")[2]):
        assert secret not in visitor.call("GET", "/api/account").text


def test_ones_own_sessions_are_ended_one_by_one_or_all(ports: Ports) -> None:
    member, visitor = joining(ports)
    device = Authenticator(CLINIC.origin)
    adds_passkey(visitor, device)
    others = [Visitor({"__Host-session": a_session(ports, Door(member=member.id, turn=2))[0]}) for _ in range(2)]
    stranger = a_member(ports, 8)
    theirs = a_session(ports, Door(member=stranger.id))[1]
    keys = [one["session"] for one in visitor.call("GET", "/api/account").json["sessions"] if not one["here"]]

    ended = [visitor.call("DELETE", "/api/account/sessions/{session}", {}, session=key) for key in (keys[0], keys[0], theirs.key, "x")]
    left = [one.call("GET", "/api/session").status for one in others]
    everywhere = visitor.call("DELETE", "/api/account/sessions", {})

    assert [one.status for one in ended] == [204, 404, 404, 404]
    assert (sorted(left), everywhere.status) == ([200, 401], 204)
    assert "__Host-session" not in visitor.cookies
    assert {one.call("GET", "/api/session").status for one in (*others, visitor)} == {401}
    assert theirs.key in memory_of(ports).sessions


def test_what_secures_an_account_cannot_all_be_dropped(ports: Ports) -> None:
    _, visitor = joining(ports, mobile=None)
    devices = [Authenticator(CLINIC.origin) for _ in range(2)]
    names = [adds_passkey(visitor, device).json["passkey"] for device in devices]
    path = "/api/account/passkeys/{passkey}"

    first = visitor.call("DELETE", path, {}, passkey=names[0])
    last = visitor.call("DELETE", path, {}, passkey=names[1])
    visitor.call("PUT", "/api/account/password", {"password": PASSWORD})
    adds_app(visitor, ports)
    now_free = visitor.call("DELETE", path, {}, passkey=names[1])
    needed = [visitor.call("DELETE", f"/api/account/{one}", {}) for one in ("password", "authenticator")]

    assert (first.status, refusal(last), now_free.status) == (204, (409, "means_needed"), 204)
    assert [refusal(one) for one in needed] == [(409, "means_needed")] * 2
    assert visitor.call("DELETE", path, {}, passkey=names[0]).status == 404
    assert visitor.call("DELETE", "/api/account/psc", {}).status == 404


def test_no_more_passkeys_than_ten_and_none_twice(ports: Ports) -> None:
    _, visitor = joining(ports)
    device = Authenticator(CLINIC.origin)
    for _ in range(10):
        assert adds_passkey(visitor, Authenticator(CLINIC.origin)).status == 201
    too_many = adds_passkey(visitor, device)
    kept = visitor.call("GET", "/api/account").json["means"]["passkeys"]
    options = visitor.call("POST", "/api/account/passkeys/options", {}).json["options"]
    visitor.call("DELETE", "/api/account/passkeys/{passkey}", {}, passkey=kept[0]["passkey"])
    answer = device.create(visitor.call("POST", "/api/account/passkeys/options", {}).json["options"])
    body = {"name": "Clé", "credential": answer}

    added = visitor.call("POST", "/api/account/passkeys", body)
    again = visitor.call("POST", "/api/account/passkeys", body)

    assert refusal(too_many) == (409, "too_many_passkeys")
    assert {one["id"] for one in options["excludeCredentials"]} == {one["passkey"] for one in kept}
    assert (added.status, refusal(again)) == (201, (422, "bad_passkey"))  # the challenge was of the session before


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "Dr Ada 7 Dr Ada 7", "ada7@example.fr!"])
def test_a_weak_password_is_refused(ports: Ports, password: str) -> None:
    _, visitor = joining(ports)

    assert refusal(visitor.call("PUT", "/api/account/password", {"password": password})) == (422, "weak_password")
    assert visitor.call("GET", "/api/account").json["means"]["password"] is None


def test_a_change_tells_its_owner_and_ends_every_other_session(ports: Ports) -> None:
    member, visitor = joining(ports)
    adds_passkey(visitor, Authenticator(CLINIC.origin))
    other = Visitor({"__Host-session": a_session(ports, Door(member=member.id, turn=2))[0]})
    before = dict(visitor.cookies)

    visitor.call("PUT", "/api/account/password", {"password": PASSWORD})
    deliver(ports)

    assert [one.call("GET", "/api/session").status for one in (other, Visitor(before), visitor)] == [401, 401, 200]
    assert [(person.email, letter.subject) for person, letter in ports.post.emails] == [(member.person.email, "means_changed/fr")] * 2


def test_a_proof_made_fresh_lets_one_go_on(ports: Ports) -> None:
    _, visitor = joining(ports)
    device = Authenticator(CLINIC.origin)
    adds_passkey(visitor, device)
    ports.clock.tick(minutes=6)
    stale = who(visitor)
    refused = visitor.call("PUT", "/api/account/password", {"password": PASSWORD})

    asked = visitor.call("POST", "/api/signin/passkey/options", {})
    visitor.call("POST", "/api/signin/passkey", {"credential": device.get(asked.json["options"])})

    assert (stale["fresh"], stale["enough"], "passkey" in stale["next"]) == (False, True, True)
    assert refusal(refused) == (403, "proof_too_old")
    assert who(visitor)["fresh"] is True
    assert visitor.call("PUT", "/api/account/password", {"password": PASSWORD}).status == 204


def test_a_language_is_chosen_without_signing_anybody_out(ports: Ports) -> None:
    member, visitor = joining(ports)
    adds_passkey(visitor, Authenticator(CLINIC.origin))

    seen = visitor.call("PUT", "/api/account/language", {"language": "en"})

    assert (seen.status, who(visitor)["member"]["language"]) == (204, "en")
    assert refusal(visitor.call("PUT", "/api/account/language", {"language": "de"})) == (422, "bad_language")
    assert ports.members.read(member.id) is not None


def test_somebody_takes_what_is_kept_of_them_and_is_forgotten(ports: Ports) -> None:
    member, visitor = joining(ports)
    adds_passkey(visitor, Authenticator(CLINIC.origin))
    export = visitor.call("GET", "/api/account/export")

    erased = visitor.call("DELETE", "/api/account", {})

    assert export.status == 200
    assert set(export.json) >= ACCOUNT
    assert (erased.status, visitor.cookies.get("__Host-session")) == (204, None)
    assert ports.members.read(member.id) is None
    assert memory_of(ports).rings.get(member.id) is None
    assert [(event.member, event.subject) for event in memory_of(ports).trail(Tag.MEMBER_DELETED)] == [(member.id, member.id)]


def test_the_last_administrator_is_not_forgotten(ports: Ports) -> None:
    visitor = administrator(ports)[1]

    assert refusal(visitor.call("DELETE", "/api/account", {})) == (409, "last_administrator")


def administrator(ports: Ports, number: int = 90) -> tuple[Member, Visitor]:
    """Build the browser of an administrator who has just shown a passkey."""
    member = a_member(ports, number, Role.ADMINISTRATOR, means=[Means.PASSKEY])
    return member, Visitor({"__Host-session": a_session(ports, Door(member=member.id))[0]})


def test_a_link_joins_once_and_for_three_days(ports: Ports) -> None:
    _, visitor = administrator(ports)
    made = visitor.call("POST", "/api/members", bodies()["POST", "/api/members"])
    link = invited_by_letter(ports)
    scanner = [Visitor().call(method, "/join").status for method in ("GET", "HEAD")]

    joined = Visitor().call("POST", "/api/join", link)
    again = Visitor().call("POST", "/api/join", link)
    false = Visitor().call("POST", "/api/join", {**link, "secret": "x" * 43})
    nobody = Visitor().call("POST", "/api/join", {**link, "member": NOBODY})

    assert (made.status, made.json["member"]["standing"], scanner[0]) == (201, "invited", 200)
    assert (joined.status, refusal(again)) == (201, (409, "invitation_over"))
    assert refusal(false) == refusal(nobody) == (404, "not_found")


def test_a_link_that_is_over_brings_another_to_the_same_address(ports: Ports) -> None:
    _, visitor = administrator(ports)
    visitor.call("POST", "/api/members", bodies()["POST", "/api/members"])
    old = invited_by_letter(ports)
    ports.clock.tick(hours=72)

    late = Visitor().call("POST", "/api/join", old)
    asked = Visitor().call("POST", "/api/join/again", old)
    new = invited_by_letter(ports)
    dead = Visitor().call("POST", "/api/join", old)
    joined = Visitor().call("POST", "/api/join", new)
    over = [Visitor().call("POST", "/api/join/again", link) for link in (old, {**new, "secret": "x" * 43})]

    assert (refusal(late), asked.status, asked.json) == ((409, "invitation_over"), 202, {})
    assert new["secret"] != old["secret"]
    assert (refusal(dead), joined.status) == ((409, "invitation_over"), 201)
    assert over[0].status in (202, 409)
    assert refusal(over[1]) == (404, "not_found")
    assert {person.email for person, _ in ports.post.emails} == {"ada@example.fr"}


def test_asking_again_and_again_for_an_invitation_is_bounded(ports: Ports) -> None:
    member = a_member(ports, 7, standing=Standing.INVITED)
    link = {"member": member.id, "secret": ports.secrets.invitation_secret(member.id, 0, member.person.email)}

    seen = [Visitor().call("POST", "/api/join/again", link).status for _ in range(5)]

    assert seen == [202, 202, 202, 429, 429]


def test_an_administrator_runs_the_clinics_people(ports: Ports) -> None:
    _, visitor = administrator(ports)
    member = a_member(ports, 7)
    theirs = Visitor({"__Host-session": a_session(ports, Door(member=member.id))[0]})
    other = a_member(ports, 8)
    moved = {"name": "Dr Grace", "email": "grace@example.fr", "mobile": None, "language": "en"}

    changed = visitor.call("PUT", ME, moved, member=member.id)
    taken = visitor.call("PUT", ME, {**moved, "email": other.person.email}, member=member.id)
    abroad = visitor.call("PUT", ME, {**moved, "mobile": "+44 7700 900123"}, member=member.id)
    role = visitor.call("PUT", f"{ME}/role", {"role": "dpo"}, member=member.id)
    disabled = visitor.call("POST", f"{ME}/disable", {}, member=member.id)
    twice = visitor.call("POST", f"{ME}/disable", {}, member=member.id)
    enabled = visitor.call("POST", f"{ME}/enable", {}, member=member.id)
    reset = visitor.call("POST", f"{ME}/reset", {}, member=member.id)
    again = visitor.call("POST", f"{ME}/invitation", {}, member=member.id)
    active = visitor.call("POST", f"{ME}/invitation", {}, member=other.id)

    assert (changed.status, set(changed.json), set(changed.json["member"])) == (200, {"member"}, MEMBER)
    assert (changed.json["member"]["email"], changed.json["member"]["name"]) == ("grace@example.fr", "Dr Grace")
    assert (taken.status, taken.json) == (409, {"error": "member_exists", "field": "email"})
    assert refusal(abroad) in ((422, "mobile_abroad"), (422, "bad_mobile"))
    assert theirs.call("GET", "/api/session").status == 401
    assert [one.json["member"]["role"] for one in (role, disabled)] == ["dpo", "dpo"]
    assert [one.json["member"]["standing"] for one in (disabled, enabled, reset)] == ["disabled", "invited", "invited"]
    assert refusal(twice) == (409, "wrong_standing")
    assert (again.status, refusal(active)) == (204, (409, "wrong_standing"))
    assert [refusal(visitor.call("POST", f"{ME}/{what}", {}, member=NOBODY)) for what in ("disable", "enable", "reset", "invitation")] == [
        (404, "not_found")
    ] * 4


def test_the_last_administrator_stays_one(ports: Ports) -> None:
    member, visitor = administrator(ports)

    seen = [
        visitor.call("PUT", f"{ME}/role", {"role": "sender"}, member=member.id),
        visitor.call("POST", f"{ME}/disable", {}, member=member.id),
        visitor.call("POST", f"{ME}/reset", {}, member=member.id),
    ]

    assert [refusal(one) for one in seen] == [(409, "last_administrator")] * 3
    assert who(visitor)["member"]["role"] == "administrator"


def test_the_rights_are_listed_for_review_and_a_spreadsheet_takes_no_formula_from_a_name(ports: Ports) -> None:
    _, visitor = administrator(ports)
    a_member(ports, 7, name='=HYPERLINK("https://evil.example")')
    a_member(ports, 8, name='A;=HYPERLINK("https://evil.example")')

    before = visitor.call("GET", "/api/members").json["review"]
    done = visitor.call("POST", "/api/members/review", {})
    after = visitor.call("GET", "/api/members").json["review"]
    rights = visitor.call("GET", "/api/members/review").json
    memory_of(ports).review = replace(memory_of(ports).review, at=ports.clock.now() - timedelta(days=365))  # type: ignore[type-var]

    assert (before, done.status) == ({"reviewed_at": None, "due": False}, 204)
    assert after == {"reviewed_at": int(ports.clock.now().timestamp()), "due": False}
    assert (set(rights), rights["name"].endswith(".csv")) == ({"csv", "name"}, True)
    rows = list(csv.DictReader(io.StringIO(rights["csv"]), delimiter=";"))
    assert {row["name"] for row in rows} == {"Dr Ada 90", '\'=HYPERLINK("https://evil.example")', 'A;=HYPERLINK("https://evil.example")'}
    assert all(not str(cell).startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert visitor.call("GET", "/api/members").json["review"]["due"] is True


def test_the_risk_is_accepted_with_a_reason_and_taken_back(ports: Ports) -> None:
    _, visitor = administrator(ports)
    route = ("PUT", "/api/policy/acceptance")

    nothing = visitor.call("GET", "/api/policy").json
    bad = [visitor.call(*route, {"reason": reason}) for reason in ("", "Because.", "x" * 501, "A reason\0 that is long")]
    accepted = visitor.call(*route, {"reason": f"  {REASON} "})
    seen = visitor.call("GET", "/api/policy").json
    withdrawn = visitor.call("DELETE", route[1], {})

    assert (nothing["acceptance"], nothing["psc"]) == (None, "off")
    assert [refusal(one) for one in bad] == [(422, "bad_reason")] * 4
    wanted = {"by": "Dr Ada 90", "at": int(ports.clock.now().timestamp()), "reason": REASON}
    assert (accepted.status, accepted.json, seen["acceptance"]) == (200, {"acceptance": wanted}, wanted)
    assert (withdrawn.status, visitor.call("GET", "/api/policy").json["acceptance"]) == (204, None)
    assert [one.tag for one in memory_of(ports).trail(Tag.RISK_ACCEPTED, Tag.RISK_WITHDRAWN)] == [Tag.RISK_ACCEPTED, Tag.RISK_WITHDRAWN]


def test_the_report_counts_and_says_what_is_in_force(ports: Ports) -> None:
    _, visitor = administrator(ports)
    a_member(ports, 7, mobile=None)

    report = visitor.call("GET", "/api/reports/sign-in").json["report"]

    assert (report["members"], report["secured"], report["acceptance"]) == ({"active": 2}, 1, None)
    assert report["code"] == {"digits": 6, "tries": 5}
    assert report["minutes"] == {"idle": 30, "absolute": 240, "fresh": 5, "code": 5, "invitation": 4320}
    assert report["throttle"] == {"pauses": [0, 0, 1, 5, 15], "long_after": 10, "locked_after": 100}
    assert "Dr Ada" not in str(report)


def test_where_the_risk_is_accepted_the_link_and_a_code_are_enough(ports: Ports) -> None:
    _, boss = administrator(ports)
    boss.call("PUT", "/api/policy/acceptance", {"reason": REASON})
    member, visitor = joining(ports, mobile=None)
    again = Visitor()

    again.call("POST", "/api/signin/codes", {"email": member.person.email, "by": "email"})
    again.call("POST", "/api/signin/sessions", {"code": code_in(ports, again)})

    assert [(who(one)["enough"], who(one)["level"], who(one)["next"]) for one in (visitor, again)] == [(True, 1, ["email"])] * 2
    boss.call("DELETE", "/api/policy/acceptance", {})
    assert [refusal(one.call("GET", "/api/transfers")) for one in (visitor, again)] == [(403, "second_factor_required")] * 2


def test_a_page_acts_for_nobody_but_whom_it_was_shown_to(ports: Ports) -> None:
    mine, other = administrator(ports)[0], administrator(ports, 91)[1]
    other.headers["sceau-member"] = mine.id  # a page of before, in a browser where somebody else has signed in since

    for route in (("DELETE", "/api/account"), ("GET", "/api/account"), ("GET", "/api/session"), ("POST", "/api/members/review")):
        assert refusal(other.call(*route, {} if route[0] != "GET" else None)) == (401, "signin_required")

    del other.headers["sceau-member"]
    assert other.call("GET", "/api/account").status == 200


def _describes_another(*_: str) -> str:
    raise Unauthenticated("psc_refused")


def test_a_session_ends_though_pro_sante_connect_is_not_itself(ports: Ports) -> None:
    member = a_member(ports, 3)
    token, session = a_session(ports, Door(member=member.id))
    memory_of(ports).sessions[session.key] = replace(session, id_token="x")
    wiring.use(replace(ports, federation=SimpleNamespace(logout=_describes_another)), SETTINGS)
    visitor = Visitor({"__Host-session": token})

    left = visitor.call("DELETE", "/api/session")

    assert (left.status, "__Host-session" in visitor.cookies, memory_of(ports).sessions) == (204, False, {})


def test_signing_out_needs_nothing_but_a_session(ports: Ports) -> None:
    half = Visitor({"__Host-session": a_session(ports, Door(member=a_member(ports).id), Means.PASSWORD)[0]})

    seen = half.call("DELETE", "/api/session", {})

    assert (seen.status, seen.text, half.cookies) == (204, "", {})


def test_an_invitation_in_another_language_leads_there_in_that_language(ports: Ports) -> None:
    _, visitor = administrator(ports)
    person = a_person(3, language="en")
    body = {"name": person.name, "email": person.email, "mobile": None, "language": "en", "role": "sender"}

    visitor.call("POST", "/api/members", body)
    deliver(ports)

    ((told, letter),) = ports.post.emails
    assert (told.email, letter.subject, "/join?lang=en#" in letter.text) == (person.email, "invitation/en", True)
