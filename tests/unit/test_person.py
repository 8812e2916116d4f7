"""Names and addresses: one canonical form, and hostile ones refused before anything is looked up."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain import person
from chalicelib.domain.errors import Invalid

CHECKS = {"bad_name": person.name, "bad_email": person.email, "bad_mobile": person.mobile}
INVISIBLE = [
    "\x00",
    "\r",
    "\n",
    "\t",
    "\x1b",
    "\x7f",
    "\ud800",
    "\udfff",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\u2029",
    "\x85",
]


@given(st.text() | st.emails() | st.from_regex(r"\+[0-9]{7,15}", fullmatch=True), st.sampled_from(sorted(CHECKS)))
@example(" Dr  Ada ", "bad_name")
@example("e\u0301", "bad_name")
@example(" ADA@Example.FR ", "bad_email")
def test_a_canonical_form_is_its_own_canonical_form(text: str, code: str) -> None:
    check = CHECKS[code]

    try:
        once = check(text)
    except Invalid as refusal:
        once, code = "", refusal.code

    assert code in CHECKS
    assert not once or check(once) == once


@given(st.text())
def test_a_checked_name_holds_nothing_invisible(text: str) -> None:
    try:
        clean = person.name(text)
    except Invalid:
        return

    assert 0 < len(clean) <= person.NAME_MOST
    assert not any(unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in clean)
    assert len(clean.splitlines()) == 1


@pytest.mark.parametrize("bad", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("place", ["A{}da", "Ada{}x"])
def test_an_invisible_character_in_a_name_is_refused(bad: str, place: str) -> None:
    with pytest.raises(Invalid, match="bad_name"):
        person.name(place.format(bad))


@pytest.mark.parametrize("bad", INVISIBLE, ids=ascii)
@pytest.mark.parametrize("place", ["{}ada@example.fr", "ada{}@example.fr", "ada@{}example.fr", "ada@example.fr{}"])
def test_an_invisible_character_in_an_address_is_refused(bad: str, place: str) -> None:
    with pytest.raises(Invalid, match="bad_email"):
        person.email(place.format(bad))


@pytest.mark.parametrize(
    "text",
    [
        *("", "ada", "@example.fr", "ada@", "ada@example", "ada@@example.fr", "a@b@example.fr", "ada@.fr", "ada@example..fr"),
        *("*@example.fr", "ada@*.fr", "%@example.fr", "ada@exam_ple.fr", "ada@-example.fr", "ada@example-.fr"),
        *(".ada@example.fr", "ada.@example.fr", "a..da@example.fr", '"ada"@example.fr', "ada@[192.0.2.1]", "Ada <ada@example.fr>"),
        *("ada@example.fr,bob@example.fr", "ada@example.fr;bob@example.fr", "ada@example.fr bob@example.fr", "ada\uff20example.fr"),
        *("adà@example.fr", "ada@exämple.fr", "ada@example.fr\r\nBcc: bob@example.fr", "a" * 65 + "@example.fr", "ada@" + "a" * 64 + ".fr"),
        *("ada@" + "a." * 130 + "fr", "mailto:ada@example.fr", "<script>@example.fr", "ada(comment)@example.fr", "ada@example.fr."),
    ],
)
def test_a_malformed_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bad_email"):
        person.email(text)


@pytest.mark.parametrize("text", ["ada@example.fr", "a@b.fr", "ada.l+tag@sub.example.fr", "o'neill@example.fr", "a" * 64 + "@example.fr"])
def test_an_honest_address_is_accepted_whatever_its_case(text: str) -> None:
    assert person.email(text) == person.email(f" {text.upper()} ") == text


@pytest.mark.parametrize(
    "text", ["Dr Ada", "{{7*7}}", "<script>alert(1)</script>", "${x}", "%(a)s", "{0.__class__}", "Zoë", "李", "O'Neill"]
)
def test_a_strange_name_is_kept_as_it_is(text: str) -> None:
    assert person.name(text) == text


@pytest.mark.parametrize("text", ["", " ", "a" * 101, "\u00a0"])
def test_an_empty_or_endless_name_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bad_name"):
        person.name(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0612345678",
        "+0612345678",
        "+33 6 12 34 56 78",
        "+336123456789012345",
        "+33\n612345678",
        "+\uff13\uff13612345678",
        "+33612345678\n",
    ],
)
def test_a_number_that_is_not_e164_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="bad_mobile"):
        person.mobile(text)


@pytest.mark.parametrize("check", [person.name, person.email])
def test_the_longest_text_is_refused_at_once(check: Callable[[str], str]) -> None:
    with pytest.raises(Invalid):
        check("a" * 10_000_000)
