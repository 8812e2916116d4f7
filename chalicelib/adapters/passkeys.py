"""Passkeys: what a browser is asked (WebAuthn level 3), and what its answers prove, judged by py_webauthn.

The library reads bytes that strangers choose, so only the fields it needs reach it, bounded, and whatever goes wrong in it is a refusal.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.errors import Invalid, Refusal, Unauthenticated
from chalicelib.domain.factor import Passkey
from chalicelib.usecases.ports import Registered

PATIENCE = 5 * 60 * 1000  # milliseconds a browser may wait for its owner
ES256, EDDSA, RS256 = -7, -8, -257  # COSE algorithms, RFC 9053 section 2 and RFC 8812 section 2, the preferred first
RSA_LEAST = 2048  # bits, NIST SP 800-131A
KEY_MOST = 1024  # bytes of a COSE key: an RSA key of 4096 bits takes half
ATTESTATIONS = ("none", "packed")  # a browser asked for none gives none, or a key's signature on itself (WebAuthn section 5.1.3)
TRANSPORTS = ("ble", "hybrid", "internal", "nfc", "smart-card", "usb")  # WebAuthn section 5.8.4
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,8192}")  # base64url, more than any honest answer needs
_ID = re.compile(r"[A-Za-z0-9_-]{1,1364}")  # 1023 bytes, WebAuthn section 4
_HANDLE = re.compile(r"[A-Za-z0-9_-]{0,86}")  # 64 bytes, WebAuthn section 5.4.3


class WebauthnPasskeys:
    """Make and check passkeys of one origin, such as `https://clinic.example`; `name` is what browsers show."""

    def __init__(self, origin: str, name: str) -> None:
        self._origin = origin
        self._host = urlsplit(origin).hostname or ""
        self._name = name

    def registration(self, challenge: bytes, member: str, address: str, label: str, known: Sequence[str]) -> dict[str, Any]:
        return {
            "rp": {"id": self._host, "name": self._name},
            "user": {"id": _text(member.encode()), "name": address, "displayName": label},
            "challenge": _text(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in (ES256, EDDSA, RS256)],
            "timeout": PATIENCE,
            "excludeCredentials": _described(known),
            "authenticatorSelection": {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"},
            "attestation": "none",
        }

    def registered(self, answer: Mapping[str, Any], challenge: bytes) -> Registered:
        from webauthn import verify_registration_response as verify
        from webauthn.helpers.cose import COSEAlgorithmIdentifier
        from webauthn.helpers.structs import CredentialDeviceType

        with _refusing(Invalid("bad_passkey", "credential")):
            clean = _clean(answer, "clientDataJSON", "attestationObject")
            _require(_is_own_page(clean))
            _require_no_certificate(clean)
            made = verify(
                credential=clean,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
                supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in (ES256, EDDSA, RS256)],
            )
            _require(_text(made.credential_id) == clean["id"])
            _require_good_key(made.credential_public_key)
            synced = made.credential_device_type == CredentialDeviceType.MULTI_DEVICE
            ways = _transports(answer["response"].get("transports"))
        return Registered(clean["id"], made.credential_public_key, made.sign_count, synced, ways)

    def assertion(self, challenge: bytes, known: Sequence[str] = ()) -> dict[str, Any]:
        return {
            "challenge": _text(challenge),
            "timeout": PATIENCE,
            "rpId": self._host,
            "allowCredentials": _described(known),
            "userVerification": "required",
        }

    def claimed(self, answer: Mapping[str, Any]) -> tuple[str, str | None]:
        with _refusing(Invalid("bad_passkey", "credential")):
            clean = _clean(answer, "clientDataJSON", "authenticatorData", "signature")
            handle = _bytes(_shaped(answer["response"].get("userHandle") or "", _HANDLE))
        return clean["id"], handle.decode() if handle and handle.isascii() else None

    def asserted(self, answer: Mapping[str, Any], challenge: bytes, passkey: Passkey) -> int:
        from webauthn import verify_authentication_response as verify
        from webauthn.helpers import parse_authenticator_data

        with _refusing(Invalid("bad_passkey", "credential")):
            clean = _clean(answer, "clientDataJSON", "authenticatorData", "signature")
            parse_authenticator_data(_bytes(clean["response"]["authenticatorData"]))
            own = _is_own_page(clean)
        with _refusing(Unauthenticated("passkey_refused")):
            _require(own and clean["id"] == passkey.id)
            shown = verify(
                credential=clean,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=-1,  # below any counter: whether it went on is for the use case to judge
                require_user_verification=True,
            )
        return shown.new_sign_count


@contextmanager
def _refusing(refusal: Refusal) -> Iterator[None]:
    """Refuse when anything inside goes wrong, in whatever way a library fails on bytes a stranger chose."""
    try:
        yield
    except Exception as wrong:
        raise refusal from wrong


def _require(truth: bool) -> None:  # noqa: FBT001 - the statement itself
    """Fail unless it is so."""
    if not truth:
        raise ValueError("not as it must be")


def _clean(answer: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """Keep of an answer what the library needs, each a bounded text in base64url; the id in its one right spelling."""
    name, response = _shaped(answer["id"], _ID), answer["response"]
    _require(answer["type"] == "public-key" and answer["rawId"] == name == _text(_bytes(name)))
    return {"id": name, "rawId": name, "type": "public-key", "response": {one: _shaped(response[one], _FIELD) for one in fields}}


def _shaped(text: str, shape: re.Pattern[str]) -> str:
    _require(shape.fullmatch(text) is not None)
    return text


def _is_own_page(clean: Mapping[str, Any]) -> bool:
    """Tell whether the page that asked stood by itself, and not in a frame of another site's; the library does not look."""
    from webauthn.helpers import parse_client_data_json

    return not parse_client_data_json(_bytes(clean["response"]["clientDataJSON"])).cross_origin


def _require_no_certificate(clean: Mapping[str, Any]) -> None:
    """Fail on attestations that were not asked for, before the library opens the certificates inside."""
    from webauthn.helpers import parse_attestation_object

    attestation = parse_attestation_object(_bytes(clean["response"]["attestationObject"]))
    _require(attestation.fmt in ATTESTATIONS and attestation.att_stmt.x5c is None)


def _require_good_key(public_key: bytes) -> None:
    """Fail on a key too weak to sign in, or that never could; the library would not look before the first signature."""
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    _require(len(public_key) <= KEY_MOST)
    decoded = decode_credential_public_key(public_key)
    _require(decoded.alg == _algorithm(decoded_public_key_to_cryptography(decoded)))


def _algorithm(key: Any) -> int | None:
    """Give the one algorithm that was asked for with keys of this kind, if it is strong enough."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    match key:
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            return ES256
        case ed25519.Ed25519PublicKey():
            return EDDSA
        case rsa.RSAPublicKey(key_size=bits) if bits >= RSA_LEAST:
            return RS256
        case _:
            return None


def _transports(told: Any) -> tuple[str, ...]:
    """Keep the ways a passkey can be reached by that have a name; none is the usual answer of some browsers."""
    return tuple(way for way in TRANSPORTS if isinstance(told, list) and way in told)


def _described(known: Sequence[str]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": one} for one in known]


def _text(clear: bytes) -> str:
    return urlsafe_b64encode(clear).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
