"""The clinic's secret: nothing it vouches for can be made without it, and personal text opens only in its own place."""

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.clinic_secret import ClinicSecret
from chalicelib.domain.ids import ChallengeKey, RecipientId, TransferId

TRANSFER, RECIPIENT = TransferId("t" * 26), RecipientId("r" * 26)


def secret(clear: bytes = bytes(32)) -> ClinicSecret:
    return ClinicSecret(lambda: clear, lambda: False)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_personal_text_opens_where_it_was_sealed_and_nowhere_else(clear: str) -> None:
    clinic = secret()

    sealed = clinic.seal("T#1/RECIPIENT#1/person", clear)

    assert clinic.open("T#1/RECIPIENT#1/person", sealed) == clear
    for place in ("T#1/RECIPIENT#2/person", "T#2/RECIPIENT#1/person", "T#1/RECIPIENT#1/name", ""):
        with pytest.raises(InvalidTag):
            clinic.open(place, sealed)


def test_the_same_text_is_never_sealed_twice_alike() -> None:
    clinic = secret()

    assert len({clinic.seal("place", "Dr Ada") for _ in range(100)}) == 100


@pytest.mark.parametrize("other", [b"", bytes(31), bytes(31) + b"\1", b"x" * 32], ids=len)
def test_another_secret_vouches_for_nothing(other: bytes) -> None:
    mine, theirs = secret(), secret(other)

    assert mine.link_secret(TRANSFER, RECIPIENT) != theirs.link_secret(TRANSFER, RECIPIENT)
    assert mine.scope("address", "ada@example.fr") != theirs.scope("address", "ada@example.fr")
    with pytest.raises(InvalidTag):
        theirs.open("place", mine.seal("place", "Dr Ada"))


def test_a_link_is_for_one_recipient_of_one_transfer() -> None:
    clinic = secret()

    links = {clinic.link_secret(TransferId(t), RecipientId(r)) for t in ("a", "b", "a.b") for r in ("a", "b", "b.a")}

    assert len(links) >= 8  # "a.b" + "a" and "a" + "b.a" join alike; no true id holds a point
    assert all(len(link) == 43 for link in links)


def test_codes_are_spread_over_all_six_digits() -> None:
    clinic = secret()

    codes = {clinic.login_code(ChallengeKey(str(n))) for n in range(2000)}

    assert len(codes) > 1990
    assert {code[0] for code in codes} == set("0123456789")


def test_the_secret_is_loaded_once_and_only_when_it_is_needed() -> None:
    loads: list[int] = []
    clinic = ClinicSecret(lambda: loads.append(1) or bytes(32), lambda: False)
    before = len(loads)

    for n in range(10):
        clinic.scope("ip", str(n))
        clinic.login_code(ChallengeKey(str(n)))

    assert (before, len(loads)) == (0, 1)


def test_a_clinic_without_a_secret_fails_and_tries_again() -> None:
    answers = [RuntimeError("not founded"), bytes(32)]

    def load() -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    clinic = ClinicSecret(load, lambda: False)
    with pytest.raises(RuntimeError):
        clinic.scope("ip", "x")

    assert clinic.scope("ip", "x")


def test_each_turn_of_an_address_has_a_link_of_its_own() -> None:
    links = [secret().link_secret(TRANSFER, RECIPIENT, turn) for turn in range(6)]

    assert len(set(links)) == 6
    assert links[0] == secret().link_secret(TRANSFER, RECIPIENT)


@given(st.binary())
def test_a_statement_is_signed_the_same_each_time_and_anybody_can_check_it(statement: bytes) -> None:
    one, again = secret(), secret()

    signature = one.sign(statement)

    assert (len(one.public_key()), len(signature)) == (32, 64)
    assert (again.sign(statement), again.public_key()) == (signature, one.public_key())
    Ed25519PublicKey.from_public_bytes(one.public_key()).verify(signature, statement)


def test_another_clinic_signs_with_another_key() -> None:
    mine, theirs = secret(), secret(b"x" * 32)

    assert mine.public_key() != theirs.public_key()
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(theirs.public_key()).verify(mine.sign(b"gone"), b"gone")
