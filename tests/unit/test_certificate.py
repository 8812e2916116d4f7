"""Certificates as the domain sees them: what is signed, how a trail is summed up, and what is not a certificate."""

import json
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.certificate import LIST_MOST, LONGEST, canonical, chain, checked, read
from chalicelib.domain.errors import Invalid
from tests.certificates import a_certificate

TRUE = a_certificate()
TEXT = json.dumps(TRUE)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def refused(text: str) -> bool:
    """Read, and tell whether it was refused; any other exception is a failure of the test."""
    try:
        read(text)
    except Invalid as refusal:
        return refusal.code == "bad_certificate"
    return False


def with_value(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(TEXT)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def test_what_is_signed_is_everything_but_the_signature_in_one_way_of_writing() -> None:
    statement = {"b": [1, None], "a": {"d": "É", "c": 2}, "signature": {"value": "x"}}

    assert canonical(statement) == '{"a":{"c":2,"d":"É"},"b":[1,null]}'.encode()
    assert canonical(dict(reversed(statement.items()))) == canonical(statement)


def test_a_trail_is_summed_up_line_after_line_from_zeros() -> None:
    first = sha256(bytes(32) + b"one\n").digest()

    assert chain([]) == (0, "00" * 32)
    assert chain([b"one\n", b"two\n"]) == (2, sha256(first + b"two\n").hexdigest())
    assert chain([b"two\n", b"one\n"]) != chain([b"one\n", b"two\n"])


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        json.dumps(TRUE, indent=2, ensure_ascii=False),
        "\ufeff" + TEXT + "\r\n",
        json.dumps(dict(sorted(TRUE.items()))),
        f"%PDF-1.7\nstream\n{TEXT}\nendstream }}",
        "In an e-mail: " + json.dumps(TRUE, separators=(",", ":")) + " Regards",
    ],
    ids=["file", "pretty", "marked", "sorted", "pdf", "pasted"],
)
def test_a_certificate_is_found_wherever_it_stands(text: str) -> None:
    assert read(text) == TRUE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        "[" * 200_000,
        '{"format": "sceau-certificate/1", "clinic": ' + '{"id": ' * 200_000,
        "9" * 5_000,
        "{" + "9" * 5_000,
        TEXT[:-1],
        TEXT + TEXT,
        TEXT + " {}",
        f"%PDF {TEXT} {TEXT}",
        f"%PDF {TEXT[:500]}",
        TEXT.replace("certificate/1", "certificate/2"),
        TEXT.replace(f'"sealed_at": {TRUE["sealed_at"]}', '"sealed_at": NaN'),
        TEXT.replace(f'"sealed_at": {TRUE["sealed_at"]}', '"sealed_at": 1e999'),
        TEXT.replace(f'"sealed_at": {TRUE["sealed_at"]}', f'"sealed_at": {"9" * 5_000}'),
        TEXT.replace('"ending": "expired"', '"ending": "expired", "ending": "revoked"'),
        TEXT + " " * LONGEST + ".",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert text != TEXT
    assert refused(text)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")) | JSON.map(json.dumps))
@example("{")
@example('{"format": "sceau-certificate/1"')
@example('x {"format":"sceau-certificate/1"}')
def test_reading_raises_nothing_but_a_refusal(text: str) -> None:
    assert refused(text)


@given(st.sampled_from(sorted(TRUE)), JSON)
def test_a_part_of_another_kind_is_refused_or_read_as_it_stands(name: str, value: object) -> None:
    changed = {**TRUE, name: value}

    if not refused(json.dumps(changed)):
        canonical(checked(changed))


@given(st.integers(0, len(TEXT)), st.text(max_size=5))
def test_a_certificate_with_a_few_characters_changed_is_refused_or_can_still_be_checked(at: int, text: str) -> None:
    changed = TEXT[:at] + text + TEXT[at + len(text) :]

    if not refused(changed):
        assert canonical(read(changed))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("created_at",), True),
        (("created_at",), 1.0),
        (("created_at",), -1),
        (("created_at",), 10**12),
        (("created_at",), None),
        (("ending",), "Expired."),
        (("ending",), ""),
        (("transfer",), "../../etc/passwd"),
        (("transfer",), TRUE["transfer"] + "\n"),
        (("clinic", "name"), "\ud800"),
        (("clinic", "name"), "x" * 1_001),
        (("clinic", "more"), 1),
        (("files", 0, "sha256"), "short"),
        (("files", 0, "sha256"), TRUE["files"][0]["sha256"] + "-2"),
        (("files", 0, "clear_bytes"), 2**53),
        (("files",), {}),
        (("files",), TRUE["files"] * LIST_MOST),
        (("recipients", 0, "told_at"), "yesterday"),
        (("trail", "sha256"), TRUE["trail"]["sha256"].upper()),
        (("signature", "algorithm"), "none"),
        (("signature", "key"), b64encode(bytes(31)).decode()),
        (("signature", "value"), TRUE["signature"]["value"] + "\n"),
    ],
)
def test_a_part_that_is_not_as_it_should_be_is_refused(path: tuple[Any, ...], value: object) -> None:
    with pytest.raises(Invalid, match="bad_certificate"):
        checked(with_value(path, value))


@pytest.mark.parametrize("name", TRUE)
def test_a_certificate_without_one_of_its_parts_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="bad_certificate"):
        checked({key: value for key, value in TRUE.items() if key != name})


def test_the_same_signature_cannot_be_written_in_two_ways() -> None:
    value = TRUE["signature"]["value"]
    spelled = value[:-3] + chr(ord(value[-3]) + 1) + "=="
    assert b64decode(spelled) == b64decode(value)  # four bits of the last character say nothing

    with pytest.raises(Invalid, match="bad_certificate"):
        checked(with_value(("signature", "value"), spelled))
