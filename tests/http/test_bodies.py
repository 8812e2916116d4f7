"""What is in a body: every field named, typed and bounded on every route; hostile text never breaks anything, and opens nothing."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from chalicelib.usecases.ports import Ports
from tests.builders import a_landing_transfer, a_sealed_transfer, a_sending
from tests.fakes import memory_of
from tests.http.visitor import CHANGING, CHECK, GUARDED, NOBODY, OPAQUE, Visitor, bodies, insider, params_of, signed_in

Route = tuple[str, str]
Path = tuple[str | int, ...]
WITH_BODY = sorted(bodies())
each_body = pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)

HOSTILE = [
    *(
        "",
        " ",
        "{{7*7}}",
        "${7*7}",
        "%(a)s",
        "{0.__class__}",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "' OR 1=1 --",
        "$ne",
        "*",
    ),
    *(
        "\u202ecod.exe",
        "\u2066x\u2069",
        "a\r\nSet-Cookie: x=1",
        "a\nb",
        "\0",
        "ada@example.fr\0.evil",
        "\ud800",
        "\udfff\ud800",
        "\ufeff",
        "\u2028",
    ),
    *(
        "\x1b[31m",
        "\x7f",
        "../../etc/passwd",
        "..\\..\\x",
        "/etc/passwd",
        "file:///etc/passwd",
        "ada\uff20example.fr",
        "é" * 300,
        "x" * 10_000,
    ),
    *("=1+1", "+1", "0", "-1", "1e9", "NaN", "true", "null", "[]", "{}", "AAAA", "====", "a" * 26, "\u0660\u0661\u0662\u0663\u0664\u0665"),
]
ODD: list[object] = [None, True, False, 0, -1, 1.5, 10**30, -(10**30), 1e308, "", "x", [], {}, [None], [[]], {"x": 1}, [1, "x"]]


def leaves(value: object, at: Path = ()) -> Iterator[tuple[Path, object]]:
    """List every value inside a body, with the way to it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*at, key), inner
        yield from leaves(inner, (*at, key))


def changed(body: dict[str, Any], at: Path, value: object) -> dict[str, Any]:
    """Give a body with one value replaced."""
    other = deepcopy(body)
    inside: Any = other
    for step in at[:-1]:
        inside = inside[step]
    inside[at[-1]] = value
    return other


def world(ports: Ports) -> tuple[Visitor, dict[str, str]]:
    """Build somebody whom nothing stops but the body itself; their transfer is sealed, so nothing they send changes it."""
    sending = a_sealed_transfer(ports)
    return insider(ports, sending), {"transfer": sending.id, "file": "0"}


def calm(ports: Ports) -> None:
    """Forget how often codes were asked for."""
    memory_of(ports).counts.clear()


@pytest.mark.parametrize("route", CHANGING, ids=" ".join)
def test_a_field_the_call_does_not_know_is_refused_wherever_it_stands(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)
    honest = bodies(a_sending(ports)).get(route, {})
    places: list[tuple[Path, object]] = [((), honest)]
    places += [(at, inner) for at, inner in leaves(honest) if isinstance(inner, dict) and route not in OPAQUE]

    for at, known in places:
        for name in {"owner", "clinic", "state", "is_admin", "__proto__", "constructor"}.difference(known):  # type: ignore[call-overload]
            seen = visitor.call(*route, changed(honest, (*at, name), "x"), **params)
            where = ".".join(map(str, (*at, name)))
            assert (seen.status, seen.json) == (422, {"error": "unknown_field", "field": where})


@each_body
def test_an_unknown_name_is_not_repeated_when_it_is_hostile(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)

    for name in ("\0", "\ud800", "\u202e", "é", "a\nb"):
        seen = visitor.call(*route, {name: 1}, **params)
        assert (seen.status, seen.json) == (422, {"error": "unknown_field"})
    assert len(visitor.call(*route, {"x" * 100_000: 1}, **params).text) < 200


@each_body
def test_a_missing_field_is_named(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)
    honest = bodies(a_sending(ports))[route]
    optional = {"mobile", "consent_date", "legal_duty"}

    for at, _ in leaves(honest):
        if isinstance(at[-1], str) and at[-1] not in optional and (route not in OPAQUE or len(at) == 1):
            without = deepcopy(honest)
            inside: Any = without
            for step in at[:-1]:
                inside = inside[step]
            del inside[at[-1]]
            seen = visitor.call(*route, without, **params)
            assert (seen.status, seen.json) == (422, {"error": "missing_field", "field": ".".join(map(str, at))})
            calm(ports)


@each_body
def test_a_value_of_another_type_is_refused_and_never_a_failure(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)
    honest = bodies(a_sending(ports))[route]

    for at, usual in leaves(honest):
        for odd in ODD:
            seen = visitor.call(*route, changed(honest, at, odd), **params)
            forged = route == CHECK and seen.json.get("genuine") is False
            assert 400 <= seen.status < 500 or fits(usual, odd) or forged, (at, odd, seen.text)
            calm(ports)


def fits(usual: object, odd: object) -> bool:
    """Tell whether an odd value is still of a kind the field may have."""
    return odd in (None, "") or (isinstance(usual, int) and isinstance(odd, int) and not isinstance(odd, bool)) or isinstance(odd, str)


@each_body
def test_hostile_text_in_any_field_is_kept_or_refused_but_never_a_failure(ports: Ports, route: Route) -> None:
    visitor, params = world(ports)
    honest = bodies(a_sending(ports))[route]

    for at, usual in leaves(honest):
        if isinstance(usual, str) or usual is None:
            for text in HOSTILE:
                seen = visitor.call(*route, changed(honest, at, text), **params)
                assert seen.status < 500, (at, text, seen.text)
                assert "49" not in seen.text or "{{7*7}}" not in text
                assert "\nSet-Cookie" not in "".join(seen.headers.values())
                calm(ports)


def test_a_strange_name_comes_back_literally(ports: Ports) -> None:
    visitor, _ = world(ports)
    body = bodies()["POST", "/api/transfers"]
    for text in ("{{7*7}}", "<script>alert(1)</script>", "${x}", "%(a)s", "{0.__class__}"):
        made = visitor.call("POST", "/api/transfers", changed(body, ("recipients", 0, "name"), text))
        seen = visitor.call("GET", "/api/transfers/{transfer}", transfer=made.json["transfer"])
        assert seen.json["transfer"]["recipients"][0]["name"] == text


PARAMS = [
    "",
    " ",
    NOBODY,
    "A" * 26,
    "../x",
    "..%2fx",
    "\0",
    "\ud800",
    "a" * 26 + "\n",
    "a" * 25,
    "a" * 10_000,
    "-1",
    "1.0",
    "0x1",
    "\u0660",
    "99999",
    "100000",
    "{{7*7}}",
]


@pytest.mark.parametrize("route", [one for one in GUARDED if "{" in one[1]], ids=" ".join)
def test_a_hostile_path_is_not_found_and_says_nothing(ports: Ports, route: Route) -> None:
    visitor = insider(ports, a_sealed_transfer(ports))
    body = bodies().get(route)

    for name in params_of(route[1]):
        for text in PARAMS:
            seen = visitor.call(*route, body, **{name: text})
            assert seen.status in (404, 422), (name, text, seen.text)
            if seen.status == 404:
                assert seen.json == {"error": "not_found"}


@pytest.mark.parametrize("text", ["x", "", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z#" + "A" * 26, "\0", "a" * 10_000, "{{7*7}}"])
def test_a_cursor_nobody_was_given_is_refused(ports: Ports, text: str) -> None:
    seen = signed_in(ports).call("GET", f"/api/transfers?after={text}")

    assert (seen.status, seen.json) == (422, {"error": "bad_field", "field": "after"})


def test_a_cursor_of_another_member_shows_nothing_of_theirs(ports: Ports) -> None:
    theirs = a_landing_transfer(ports)
    cursor = f"9999-03-02T08:00:00Z%23{theirs.id}"

    seen = signed_in(ports).call("GET", f"/api/transfers?after={cursor}")

    assert (seen.status, seen.json) == (200, {"transfers": [], "next": None})


DEEP = b"[" * 100_000 + b"]" * 100_000
BROKEN = [
    *(
        b"{",
        b"}",
        b"[]",
        b'"x"',
        b"7",
        b"null",
        b"true",
        b"x",
        b"\0",
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":1}x',
        b'{"a":1}{"a":1}',
        b"\xff\xfe",
        b"\xc0\xae",
    ),
    *(b'{"email":"a","email":"b"}', b'{"x":{"a":1,"a":2}}', b'{"x":NaN}', b'{"x":Infinity}', b'{"x":-Infinity}', b'\xef\xbb\xbf{"x":1}'),
    *('{"x":1}'.encode("utf-16"), '{"x":1}'.encode("utf-16-le"), '{"x":1}'.encode("utf-32"), b'{"x":"\xed\xa0\x80"}', b'{"x":"\xff"}'),
    *(DEEP, b'{"x":' * 100_000 + b"1" + b"}" * 100_000, b'{"x":' + b"1" * 100_000 + b"}", b"  " * 1000),
]


@pytest.mark.parametrize("route", CHANGING, ids=" ".join)
def test_what_two_parsers_could_read_in_two_ways_is_no_json(ports: Ports, route: Route) -> None:
    visitor = insider(ports, a_sealed_transfer(ports))

    for raw in BROKEN:
        seen = visitor.call(*route, raw)
        assert (seen.status, seen.json) == (400, {"error": "bad_json"}), raw[:40]


@pytest.mark.parametrize("route", CHANGING, ids=" ".join)
@pytest.mark.parametrize("size", [2_000_001, 10_000_000])
def test_a_body_larger_than_any_honest_one_is_refused_unread(ports: Ports, route: Route, size: int) -> None:
    visitor = insider(ports, a_sealed_transfer(ports))
    text = json.dumps({"code": "x" * size}).encode()

    seen = visitor.call(*route, text)

    assert (seen.status, seen.json) == (413, {"error": "body_too_large"})


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"recipients": []}, "no_recipient", "recipients"),
        ({"recipients": 51}, "too_many_recipients", "recipients"),
        ({"recipients": 10_001}, "bad_field", "recipients"),
        ({"basis": "because"}, "unknown_basis", "basis"),
        ({"consent_date": None}, "consent_date_required", "consent_date"),
        ({"consent_date": "2026-03-03"}, "bad_consent_date", "consent_date"),
        ({"consent_date": "yesterday"}, "bad_consent_date", "consent_date"),
        ({"consent_date": "20260301"}, "bad_consent_date", "consent_date"),
        ({"consent_date": "2026-W09-7"}, "bad_consent_date", "consent_date"),
        ({"basis": "other_legal_duty"}, "legal_duty_required", "legal_duty"),
        ({"basis": "other_legal_duty", "legal_duty": "because"}, "legal_duty_required", "legal_duty"),
        ({"sizes": []}, "no_file", "sizes"),
        ({"sizes": [-1]}, "bad_size", "sizes.0"),
        ({"sizes": [1, 1.5]}, "bad_size", "sizes.1"),
        ({"sizes": [True]}, "bad_size", "sizes.0"),
        ({"sizes": [10**30]}, "file_too_large", "sizes.0"),
        ({"lifetime_days": 0}, "bad_lifetime", "lifetime_days"),
        ({"lifetime_days": 31}, "bad_lifetime", "lifetime_days"),
        ({"lifetime_days": 7.0}, "bad_field", "lifetime_days"),
    ],
)
def test_a_draft_that_is_not_allowed_says_which_field_is_to_blame(ports: Ports, changes: dict[str, Any], code: str, field: str) -> None:
    honest = bodies()["POST", "/api/transfers"]
    if isinstance(changes.get("recipients"), int):
        person = honest["recipients"][0]
        changes = {"recipients": [{**person, "email": f"a{n}@example.fr"} for n in range(changes["recipients"])]}

    seen = signed_in(ports).call("POST", "/api/transfers", {**honest, **changes})

    assert (seen.status, seen.json) == (422, {"error": code, "field": field})


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"email": "*@example.fr"}, "bad_email", "recipients.0.email"),
        ({"email": "ada@example.fr\r\nBcc: b@example.fr"}, "bad_email", "recipients.0.email"),
        ({"name": "\u202eada"}, "bad_name", "recipients.0.name"),
        ({"mobile": "12"}, "bad_mobile", "recipients.0.mobile"),
        ({"mobile": "01 42 68 53 00"}, "bad_mobile", "recipients.0.mobile"),
        ({"mobile": "x" * 1000}, "bad_mobile", "recipients.0.mobile"),
        ({"language": "de"}, "bad_language", "recipients.0.language"),
    ],
)
def test_a_recipient_nobody_could_reach_is_refused(ports: Ports, changes: dict[str, str], code: str, field: str) -> None:
    honest = bodies()["POST", "/api/transfers"]

    seen = signed_in(ports).call("POST", "/api/transfers", {**honest, "recipients": [{**honest["recipients"][0], **changes}]})

    assert (seen.status, seen.json) == (422, {"error": code, "field": field})


@pytest.mark.parametrize("written", ["06 12 34 56 78", "+33612345678", "+33 6 12 34 56 78", "0033612345678", "06.12.34.56.78"])
def test_a_number_is_kept_in_one_form_however_it_is_written(ports: Ports, written: str) -> None:
    honest = bodies()["POST", "/api/transfers"]

    made = signed_in(ports).call("POST", "/api/transfers", {**honest, "recipients": [{**honest["recipients"][0], "mobile": written}]})

    assert made.status == 201
    assert [r.person.mobile for r in memory_of(ports).recipients.values()] == ["+33612345678"]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "\u0661\u0662\u0663\u0664\u0665\u0666", "-12345", "1e5000", "123 45"])
def test_what_is_not_six_digits_is_a_wrong_code_and_no_try(ports: Ports, code: str) -> None:
    seen = Visitor({"__Host-challenge": "x"}).call("POST", "/api/signin/sessions", {"code": code})

    assert (seen.status, seen.json) == (422, {"error": "wrong_code", "field": "code"})
    assert memory_of(ports).counts == {}


@pytest.mark.parametrize("count", [0, 33])
def test_urls_are_asked_for_between_one_and_thirty_two_at_a_time(ports: Ports, count: int) -> None:
    part = bodies()["POST", "/api/transfers/{transfer}/parts"]["parts"][0]

    seen = signed_in(ports).call("POST", "/api/transfers/{transfer}/parts", {"parts": [part] * count})

    assert (seen.status, seen.json) == (422, {"error": "bad_field", "field": "parts"})


@pytest.mark.parametrize("sha256", ["", "x", "AAAA", "é", "a" * 43, "a" * 44, "A" * 43 + "=\n", "A" * 43 + "-="])
def test_a_digest_that_is_none_is_refused(ports: Ports, sha256: str) -> None:
    part = {**bodies()["POST", "/api/transfers/{transfer}/parts"]["parts"][0], "sha256": sha256}

    seen = signed_in(ports).call("POST", "/api/transfers/{transfer}/parts", {"parts": [part]})

    assert (seen.status, seen.json) == (422, {"error": "bad_digest", "field": "parts.0.sha256"})
