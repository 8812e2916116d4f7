"""Passkeys: what a true browser answers is taken, and nothing else is, in whatever way it is wrong."""

import hashlib
import json
import struct
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from webauthn.helpers import parse_authentication_options_json, parse_registration_options_json

from chalicelib.adapters.passkeys import WebauthnPasskeys
from chalicelib.domain.errors import Invalid, Refusal, Unauthenticated
from chalicelib.domain.factor import Passkey
from tests.unit.authenticator import EDDSA, ES256, RS256, Authenticator, NotAllowed, clear, cose, sign, text

ORIGIN = "https://clinic.example"
MEMBER = "abcdefghijklmnopqrstuvwxyz"
CHALLENGE, OTHER = b"c" * 32, b"d" * 32
NOW = datetime(2026, 11, 23, tzinfo=UTC)
Answer = dict[str, Any]


def passkeys(origin: str = ORIGIN) -> WebauthnPasskeys:
    return WebauthnPasskeys(origin, "Clinique du Parc")


def created(device: Authenticator, challenge: bytes = CHALLENGE, **making: Any) -> Answer:
    return device.create(passkeys().registration(challenge, MEMBER, "ada@clinic.example", "Dr Ada", ()), **making)


def shown(device: Authenticator, *known: str, challenge: bytes = CHALLENGE) -> Answer:
    return device.get(passkeys().assertion(challenge, known))


def kept(device: Authenticator, answer: Answer | None = None) -> Passkey:
    made = passkeys().registered(answer or created(device), CHALLENGE)
    return Passkey(made.id, "key", made.public_key, made.count, made.synced, made.transports, NOW)


def refused(answer: Any, challenge: bytes = CHALLENGE) -> None:
    """Check that no passkey is made of this."""
    with pytest.raises(Refusal) as refusal:
        passkeys().registered(answer, challenge)
    assert (type(refusal.value), refusal.value.code, refusal.value.field) == (Invalid, "bad_passkey", "credential")


def changed(answer: Answer, change: Callable[[Answer], object]) -> Answer:
    other = deepcopy(answer)
    change(other)
    return other


MADE = created(_DEVICE := Authenticator(ORIGIN))
PASSKEY = kept(_DEVICE, MADE)
GOT = shown(_DEVICE)


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_a_passkey_that_was_made_signs_in(algorithm: int) -> None:
    device = Authenticator(ORIGIN, algorithm=algorithm)
    made = passkeys().registered(json.loads(json.dumps(created(device))), CHALLENGE)
    passkey = Passkey(made.id, "key", made.public_key, made.count, made.synced, made.transports, NOW)

    answer = json.loads(json.dumps(shown(device, challenge=OTHER)))

    assert (made.count, made.synced, made.transports) == (0, False, ("nfc", "usb"))
    assert passkeys().claimed(answer) == (made.id, MEMBER)
    assert passkeys().asserted(answer, OTHER, passkey) == 1


def test_a_passkey_that_is_synced_says_so_and_never_counts() -> None:
    device = Authenticator(ORIGIN, synced=True, step=0)
    passkey = kept(device)

    counters = [passkeys().asserted(shown(device), CHALLENGE, passkey) for _ in range(3)]

    assert (passkey.synced, passkey.transports, counters) == (True, ("internal",), [0, 0, 0])


def test_the_counter_of_a_copy_is_told_and_not_judged() -> None:
    device = Authenticator(ORIGIN)
    passkey, thief = kept(device), device.clone()
    first = passkeys().asserted(shown(device), CHALLENGE, passkey)

    again = passkeys().asserted(shown(thief), CHALLENGE, replace(passkey, count=first))

    assert (first, again) == (1, 1)
    assert replace(passkey, count=first).is_copy(again)


def test_what_browsers_are_asked_is_what_the_library_would_ask() -> None:
    asked = passkeys().registration(CHALLENGE, MEMBER, "ada@clinic.example", "Dr Ada", [text(b"known" * 4)])
    made = parse_registration_options_json(json.loads(json.dumps(asked)))
    shown = parse_authentication_options_json(json.loads(json.dumps(passkeys().assertion(CHALLENGE, [text(b"known" * 4)]))))

    assert (made.rp.id, made.rp.name, made.challenge, made.timeout) == ("clinic.example", "Clinique du Parc", CHALLENGE, 300_000)
    assert (made.user.id, made.user.name, made.user.display_name) == (MEMBER.encode(), "ada@clinic.example", "Dr Ada")
    assert [one.alg for one in made.pub_key_cred_params] == [ES256, EDDSA, RS256]
    assert made.authenticator_selection is not None
    assert (made.authenticator_selection.resident_key, made.authenticator_selection.user_verification) == ("required", "required")
    assert (made.attestation, [one.id for one in made.exclude_credentials or []]) == ("none", [b"known" * 4])
    assert (shown.rp_id, shown.challenge, shown.user_verification, shown.timeout) == ("clinic.example", CHALLENGE, "required", 300_000)
    assert [one.id for one in shown.allow_credentials or []] == [b"known" * 4]


def test_a_device_makes_one_passkey_for_a_member_and_shows_one_that_is_known() -> None:
    device = Authenticator(ORIGIN)
    passkey = kept(device)

    with pytest.raises(NotAllowed):
        device.create(passkeys().registration(CHALLENGE, MEMBER, "ada@clinic.example", "Dr Ada", [passkey.id]))
    with pytest.raises(NotAllowed):
        shown(device, text(bytes(32)))
    assert passkeys().claimed(shown(device, text(bytes(32)), passkey.id)) == (passkey.id, MEMBER)


@pytest.mark.parametrize("origin", ["http://localhost:8000", "https://clinic.example:8443", "https://a.b.c.example"])
def test_the_relying_party_is_the_host_of_the_origin(origin: str) -> None:
    device, local = Authenticator(origin), passkeys(origin)

    asked = local.registration(CHALLENGE, MEMBER, "a@b.fr", "A", ())

    assert asked["rp"]["id"] == local.assertion(CHALLENGE)["rpId"] == origin.split("//")[1].split(":", maxsplit=1)[0]
    assert local.registered(device.create(asked), CHALLENGE).count == 0


WRONG: dict[str, dict[str, Any]] = {
    "not verified": {"verifies": False},
    "not present": {"present": False},
    "another site": {"origin": "https://clinic.example.evil.example"},
    "another scheme": {"origin": "http://clinic.example"},
    "another port": {"origin": "https://clinic.example:444"},
    "a sister site": {"origin": "https://mail.clinic.example"},
    "a page and more": {"origin": ORIGIN + "/"},
    "another relying party": {"host": "evil.example"},
    "another ceremony": {"told": {"type": "payment.get"}},
    "in a frame": {"told": {"crossOrigin": True}},
    "another challenge": {"told": {"challenge": text(OTHER)}},
    "no challenge": {"told": {"challenge": ""}},
    "a challenge of another kind": {"told": {"challenge": [1]}},
    "an origin of another kind": {"told": {"origin": {"a": 1}}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_a_browser_should_not_have_signed_proves_nothing(wrong: dict[str, Any]) -> None:
    honest = Authenticator(ORIGIN)
    passkey = kept(honest)
    liar = replace(honest.clone(), **wrong)

    refused(created(replace(Authenticator(ORIGIN), **wrong)))
    with pytest.raises((Unauthenticated, Invalid)) as refusal:
        passkeys().asserted(shown(liar), CHALLENGE, passkey)

    assert refusal.value.code in ("passkey_refused", "bad_passkey")


@pytest.mark.parametrize("wrong", ["not verified", "another site", "another relying party", "in a frame", "another challenge"])
def test_an_answer_that_reads_well_and_proves_nothing_is_not_signed_in(wrong: str) -> None:
    honest = Authenticator(ORIGIN)
    passkey = kept(honest)

    with pytest.raises(Unauthenticated) as refusal:
        passkeys().asserted(shown(replace(honest.clone(), **WRONG[wrong])), CHALLENGE, passkey)

    assert refusal.value.code == "passkey_refused"


def test_a_passkey_is_not_shown_for_another() -> None:
    mine, theirs = Authenticator(ORIGIN), Authenticator(ORIGIN)
    passkey, other = kept(mine), kept(theirs)
    answer = shown(theirs)

    for pretended in (passkey, replace(passkey, id=other.id), replace(other, id=passkey.id)):
        with pytest.raises(Unauthenticated):
            passkeys().asserted(answer, CHALLENGE, pretended)
    assert passkeys().asserted(answer, CHALLENGE, other) == 1


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
def test_one_bit_of_an_answer_cannot_change(field: str) -> None:
    device = Authenticator(ORIGIN)
    passkey, answer = kept(device), shown(device)
    honest = clear(answer["response"][field])

    for at in range(0, len(honest), 7):
        forged = honest[:at] + bytes([honest[at] ^ 1]) + honest[at + 1 :]
        with pytest.raises((Unauthenticated, Invalid)):
            passkeys().asserted(changed(answer, lambda one, f=forged: one["response"].update({field: text(f)})), CHALLENGE, passkey)


def test_the_answer_to_one_question_does_not_answer_the_other() -> None:
    device = Authenticator(ORIGIN)
    passkey, made = kept(device), created(Authenticator(ORIGIN))
    got = shown(device)

    refused(got)
    refused(changed(made, lambda one: one["response"].update(clientDataJSON=got["response"]["clientDataJSON"])))
    with pytest.raises(Invalid):
        passkeys().asserted(made, CHALLENGE, passkey)


def attested(answer: Answer, change: Callable[[dict[str, Any]], object]) -> Answer:
    """Change what the attestation object holds."""
    held = cbor2.loads(clear(answer["response"]["attestationObject"]))
    change(held)
    return changed(answer, lambda one: one["response"].update(attestationObject=text(cbor2.dumps(held))))


def signed_over(answer: Answer, key: Any) -> bytes:
    return sign(key, clear(answer["response"]["authenticatorData"]) + hashlib.sha256(clear(answer["response"]["clientDataJSON"])).digest())


def certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Maker of keys")])
    begun = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), NOW, NOW.replace(year=2099))
    return begun.sign(key, SHA256()).public_bytes(Encoding.DER)


def test_a_key_that_signs_for_itself_is_taken_and_no_maker_s_certificate_is_opened() -> None:
    device, maker = Authenticator(ORIGIN), ec.generate_private_key(ec.SECP256R1())
    answer = created(device)
    own, theirs = signed_over(answer, device.passkeys[answer["id"]].key), signed_over(answer, maker)

    packed = attested(answer, lambda one: one.update(fmt="packed", attStmt={"alg": ES256, "sig": own}))

    assert passkeys().registered(packed, CHALLENGE).id == answer["id"]
    refused(attested(answer, lambda one: one.update(fmt="packed", attStmt={"alg": ES256, "sig": theirs})))
    refused(attested(answer, lambda one: one.update(fmt="packed", attStmt={"alg": ES256, "sig": theirs, "x5c": [certificate(maker)]})))


@pytest.mark.parametrize("name", ["fido-u2f", "tpm", "apple", "android-key", "android-safetynet", "unheard", 1, ["none"]], ids=repr)
def test_an_attestation_that_was_not_asked_for_is_not_looked_into(name: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        passkeys().registered(attested(created(Authenticator(ORIGIN)), lambda one: one.update(fmt=name)), CHALLENGE)

    assert type(refusal.value.__cause__) is ValueError  # our own; the library has others


@pytest.mark.parametrize(
    "key",
    [lambda: rsa.generate_private_key(65537, 1024), lambda: ec.generate_private_key(ec.SECP384R1())],
    ids=["short RSA", "another curve"],
)
def test_a_key_that_is_weak_or_was_not_asked_for_is_refused(key: Callable[[], Any]) -> None:
    refused(created(Authenticator(ORIGIN), key=key()))


def _key(answer: Answer, public: bytes) -> Answer:
    """Put another public key, encoded or not, in place of the true one."""
    held = clear(answer["response"]["authenticatorData"])
    return attested(answer, lambda one: one.update(authData=held[: 37 + 18 + 32] + public))


GOOD, LARGE = cose(ec.generate_private_key(ec.SECP256R1())), cose(rsa.generate_private_key(65537, 2048))


@pytest.mark.parametrize(
    "public",
    [
        {},
        {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32},  # not on the curve
        {1: 2, 3: -7, -1: 1, -2: b"", -3: b""},
        {1: 2, 3: -7, -1: 1, -2: 5, -3: "y"},
        {1: 2, 3: -8, -1: 1, -2: b"x" * 32, -3: b"y" * 32},
        {1: 1, 3: -8, -1: 6, -2: b"x" * 31},
        {1: 1, 3: -7, -1: 6, -2: b"x" * 32},
        {1: 3, 3: -257, -1: b"\1", -2: b"\3"},
        {1: 3, 3: -257, -1: b"\xff" * 2000, -2: b"\1\0\1"},
        {1: 3, 3: -65535, -1: b"\xff" * 256, -2: b"\1\0\1"},
        {1: 7, 3: -48, -1: b"x" * 1312},
        GOOD | {3: EDDSA},
        GOOD | {3: RS256},
        GOOD | {9: b"x" * 1000},
        LARGE | {3: ES256},
        4,
        "key",
        [1, 2, 3],
        None,
    ],
    ids=lambda public: str(public)[:40],
)
def test_a_key_that_could_never_sign_in_is_refused(public: Any) -> None:
    assert passkeys().registered(_key(MADE, cbor2.dumps(GOOD)), CHALLENGE).id == MADE["id"]
    refused(_key(created(Authenticator(ORIGIN)), cbor2.dumps(public)))


@pytest.mark.parametrize(
    "bomb",
    [
        b"",
        b"\x81" * 5000,
        b"\xa1" * 5000,
        b"\x9f" * 5000,
        b"\xd8\x1c" * 2500 + b"\0",
        b"\xd8\x1c\x81\xd8\x1d\x00",
        b"\x5b" + b"\xff" * 8,
        b"\x9b\x7f" + b"\xff" * 7,
        b"\xc5\x82\x1a\x7f\xff\xff\xff\x01",
        b"\xc4\x82\x1a\x7f\xff\xff\xff\x01",
        b"\xc2\x59\x10\x00" + b"\xff" * 4096,
        b"\xd8\x23\x79\x0f\xa0" + b"(" * 4000,
        b"\xd8\x24\x79\x0f\xa0" + b"a" * 4000,
        b"\xd8\x1e\x82\x01\x00",
    ],
    ids=lambda bomb: bomb[:9].hex(),
)
def test_nothing_explodes(bomb: bytes) -> None:
    answer = created(Authenticator(ORIGIN))

    refused(_key(answer, bomb))
    refused(changed(answer, lambda one: one["response"].update(attestationObject=text(bomb))))
    refused(attested(answer, lambda one: one.update(attStmt={"sig": bomb, "x5c": [bomb]})))
    refused(changed(answer, lambda one: one["response"].update(clientDataJSON=text(b"[" * 5000))))


def test_the_name_of_a_passkey_is_the_one_its_device_gave_it_in_one_spelling() -> None:
    device = Authenticator(ORIGIN)
    answer, other = created(device), text(bytes(32))

    for name, raw in ((other, other), (answer["id"] + "=", answer["id"] + "="), (answer["id"], other), ("A" * 1400, "A" * 1400), ("", "")):
        refused(changed(answer, lambda one, n=name, r=raw: one.update(id=n, rawId=r)))
    loose = answer["id"][:-1] + chr(ord(answer["id"][-1]) + 1)
    refused(changed(answer, lambda one: one.update(id=loose, rawId=loose)))
    assert passkeys().registered(answer, CHALLENGE).id == answer["id"]


@pytest.mark.parametrize(
    "name", ["", "A", "A" * 42 + "B", "A" * 1368, "A" * 43 + "=", "AAA+", None, 7, ["A"]], ids=lambda name: str(name)[:9]
)
def test_a_passkey_has_one_name_in_one_spelling(name: Any) -> None:
    answer = changed(GOT, lambda one: one.update(id=name, rawId=name))

    for unreadable in (answer, changed(GOT, lambda one: one.update(rawId=name)), changed(GOT, lambda one: one.update(type=name))):
        with pytest.raises(Invalid):
            passkeys().claimed(unreadable)
        with pytest.raises(Invalid):
            passkeys().asserted(unreadable, CHALLENGE, PASSKEY)
        refused(MADE | {"id": unreadable["id"], "rawId": unreadable["rawId"], "type": unreadable["type"]})


@pytest.mark.parametrize("handle", [text(bytes(65)), "é", "A A", 7, ["A"], {"A": 1}], ids=repr)
def test_an_owner_that_cannot_be_one_is_refused(handle: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        passkeys().claimed(changed(GOT, lambda one: one["response"].update(userHandle=handle)))

    assert (refusal.value.code, refusal.value.field) == ("bad_passkey", "credential")


@pytest.mark.parametrize("handle", [None, "", text("é".encode()), text(b"\xff\xfe")], ids=repr)
def test_a_passkey_may_not_say_whose_it_is(handle: str | None) -> None:
    device = Authenticator(ORIGIN)
    passkey, answer = kept(device), shown(device)

    claimed = [passkeys().claimed(changed(answer, lambda one: one["response"].update(userHandle=handle)))]
    claimed.append(passkeys().claimed(changed(answer, lambda one: one["response"].pop("userHandle"))))

    assert claimed == [(passkey.id, None)] * 2


def test_ways_of_reaching_a_passkey_that_have_no_name_are_left_out() -> None:
    answer = created(Authenticator(ORIGIN))
    told = (["usb", "usb", "carrier-pigeon", "hybrid", 7, None, []], "usb", {"usb": 1}, None, ["x" * 10**5], 3)

    kept = [passkeys().registered(changed(answer, lambda one, w=ways: one["response"].update(transports=w)), CHALLENGE) for ways in told]

    assert [one.transports for one in kept] == [("hybrid", "usb"), (), (), (), (), ()]


NESTED: Any = []
for _ in range(900):
    NESTED = [NESTED]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=90).map(text)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4), max_leaves=9
)
HOSTILE = JSON | st.sampled_from([NESTED, "A" * 10**6, "é" * 9000, "\ud800", "AAAA=", "A A A", "\n", {"a": NESTED}, [NESTED] * 3, -0.0])
PLACES = st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "authenticatorData", "signature"])


def refused_everywhere(answer: Any) -> None:
    refused(answer, OTHER)
    with pytest.raises((Invalid, Unauthenticated)) as refusal:
        passkeys().asserted(answer, OTHER, PASSKEY)
    assert (refusal.value.code, refusal.value.field) in {("bad_passkey", "credential"), ("passkey_refused", None)}
    with suppress(Invalid):
        passkeys().claimed(answer)


def test_what_the_nonsense_is_made_from_is_true() -> None:
    assert passkeys().registered(MADE, CHALLENGE).id == PASSKEY.id
    assert passkeys().asserted(GOT, CHALLENGE, PASSKEY) == 1


@given(HOSTILE)
def test_nonsense_is_refused(answer: Any) -> None:
    refused_everywhere(answer)


@given(st.sampled_from([MADE, GOT]), st.dictionaries(PLACES, HOSTILE, min_size=1, max_size=3))
def test_nonsense_in_any_field_is_refused(answer: Answer, nonsense: dict[str, Any]) -> None:
    other = deepcopy(answer)
    for place, value in nonsense.items():
        (other if place in other or not isinstance(other["response"], dict) else other["response"])[place] = value

    refused_everywhere(other)


@given(st.sampled_from(["clientDataJSON", "attestationObject"]), st.integers(0), st.binary(min_size=1, max_size=9), st.booleans())
@settings(max_examples=300)
def test_nonsense_inside_a_field_is_refused_or_changes_nothing(field: str, at: int, noise: bytes, cut: bool) -> None:
    honest = clear(MADE["response"][field])
    place = at % len(honest)
    mangled = honest[:place] + noise + (b"" if cut else honest[place + len(noise) :])

    with suppress(Invalid):
        assert passkeys().registered(changed(MADE, lambda one: one["response"].update({field: text(mangled)})), CHALLENGE).id == PASSKEY.id


@given(st.dictionaries(st.sampled_from(["fmt", "attStmt", "authData", "sig", 1, b"x"]), JSON, max_size=4))
def test_an_attestation_of_other_things_is_refused(held: dict[Any, Any]) -> None:
    refused(changed(MADE, lambda one: one["response"].update(attestationObject=text(cbor2.dumps(held)))))


@given(st.binary(max_size=200), st.integers(0, 255))
def test_authenticator_state_of_other_things_is_refused(rest: bytes, flags: int) -> None:
    state = hashlib.sha256(b"clinic.example").digest() + struct.pack(">BI", flags, 0) + rest

    refused(attested(MADE, lambda one: one.update(authData=state)))
    with pytest.raises((Invalid, Unauthenticated)):
        passkeys().asserted(changed(GOT, lambda one: one["response"].update(authenticatorData=text(state))), CHALLENGE, PASSKEY)
