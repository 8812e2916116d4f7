"""Authenticator apps: the codes of the RFC, one step early or late, drawn so that a strict page may show them; and what is loaded when."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree as ET

import pyotp
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.authenticators import Authenticators
from tests.stack import ROOT

CLINIC = Authenticators("Clinique du Parc")
SECRET = CLINIC.secret(b"12345678901234567890")  # RFC 6238 appendix B
HEAVY = {"webauthn", "cbor2", "OpenSSL", "pyasn1", "pyasn1_modules", "zxcvbn", "segno", "joserfc"}
ADAPTERS = ("passkeys", "passwords", "authenticators")


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert CLINIC.step(SECRET, code[-6:], at(seconds)) == seconds // 30


def test_a_code_lives_from_one_step_before_its_own_to_one_after() -> None:
    code, begins = "050471", 1111111110  # the step of 1111111111

    heard = {offset: CLINIC.step(SECRET, code, at(begins + offset)) for offset in (-31, -30.001, -30, 0, 29.999, 30, 59.999, 60)}

    assert heard == {-31: None, -30.001: None} | dict.fromkeys((-30, 0, 29.999, 30, 59.999), begins // 30) | {60: None}


def test_the_time_zone_of_the_clock_does_not_matter() -> None:
    now = at(1111111111)

    assert CLINIC.step(SECRET, "050471", now.astimezone()) == CLINIC.step(SECRET, "050471", now)


@pytest.mark.parametrize("code", ["", "5", "50471", "0050471", " 050471", "050471\n", "05047१", "０５０４７１", "\ud800" * 6, "0" * 10**6])
def test_only_the_six_digits_are_the_code(code: str) -> None:
    assert CLINIC.step(SECRET, code, at(1111111111)) is None


@given(st.binary(min_size=20, max_size=20), st.integers(10**9, 4 * 10**9), st.integers(-3, 3))
def test_a_code_is_right_in_three_steps(random: bytes, seconds: int, late: int) -> None:
    secret = CLINIC.secret(random)
    code = pyotp.TOTP(secret).at(seconds)

    step = CLINIC.step(secret, code, at(seconds + 30 * late))

    if abs(late) <= 1:
        assert step is not None
        assert step >= seconds // 30
    else:
        assert step != seconds // 30


def test_a_code_that_is_right_in_two_steps_counts_for_the_later() -> None:
    """Otherwise it would be taken twice: in its first step, then, unused as it seems, in the other."""
    first, last = 33_057_922, 33_057_923  # found by trying
    code = pyotp.HOTP(SECRET).at(first)

    step = CLINIC.step(SECRET, code, at(30 * first))

    assert code == pyotp.HOTP(SECRET).at(last)
    assert step == last


def test_a_secret_is_twenty_bytes_as_apps_take_them() -> None:
    assert SECRET == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for length in (0, 10, 19, 21, 32):
        with pytest.raises(ValueError, match="20"):
            CLINIC.secret(bytes(length))


@pytest.mark.parametrize("issuer", ["Clinique du Parc", "Clinique : l'Étoile & Lys", "a/b?c#d%e"])
def test_apps_read_the_clinic_the_address_and_the_secret(issuer: str) -> None:
    uri = Authenticators(issuer).uri(SECRET, "ada+x@clinic.example")

    parts = urlsplit(uri)
    shown = issuer.replace(":", " ")

    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == f"/{shown}:ada+x@clinic.example"
    assert parse_qs(parts.query) == {"secret": [SECRET], "issuer": [shown]}
    assert pyotp.parse_uri(uri).at(59) == "287082"


def test_the_drawing_is_the_code_of_the_uri_with_a_white_border() -> None:
    drawing = ET.fromstring(CLINIC.qr(SECRET, "ada@clinic.example"))
    matrix = segno.make_qr(CLINIC.uri(SECRET, "ada@clinic.example"), error="m").matrix
    ground, lines = list(drawing)

    size = len(matrix) + 8
    assert drawing.attrib["viewBox"] == f"0 0 {size} {size}"
    assert ground.attrib == {"fill": "#fff", "d": f"M0 0h{size}v{size}h-{size}z"}
    assert set(lines.attrib) == {"stroke", "d"}
    assert lines.attrib["stroke"] == "#000"
    assert lines.attrib["d"].startswith("M4 4.5h7")  # the first finder, four modules in


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
@settings(max_examples=30)
def test_a_strict_page_may_show_the_drawing(address: str) -> None:
    drawing = ET.fromstring(CLINIC.qr(SECRET, address))

    tags = {one.tag.removeprefix("{http://www.w3.org/2000/svg}") for one in drawing.iter()}
    attributes = {name for one in drawing.iter() for name in one.attrib}
    assert tags == {"svg", "path"}
    assert attributes == {"viewBox", "class", "fill", "stroke", "d"}


@pytest.mark.parametrize("modules", [["app"], [f"chalicelib.adapters.{name}" for name in ADAPTERS]], ids=["app", "adapters"])
def test_nothing_heavy_is_loaded_before_it_is_used(modules: list[str]) -> None:
    line = f"import json, sys, {', '.join(modules)}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"

    ended = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = set(json.loads(ended.stdout))
    assert modules[0].split(".")[0] in loaded
    assert not loaded & HEAVY


def test_what_browsers_are_asked_loads_nothing_heavy() -> None:
    line = (
        "import sys; from chalicelib.adapters.passkeys import WebauthnPasskeys as P; p = P('https://a.example', 'A');"
        "p.assertion(b'c'); p.registration(b'c', 'm', 'a@b.fr', 'A', ()); print('webauthn' in sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ended.stdout == "False\n"
