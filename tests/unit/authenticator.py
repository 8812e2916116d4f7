"""An authenticator in software, and the browser in front of it: answers as `PublicKeyCredential.toJSON()` writes them.

It does what it is told, so a test can also have it lie: another origin, no verification of its owner, a counter that goes back, a copy.
"""

import hashlib
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40  # WebAuthn section 6.1
ES256, EDDSA, RS256 = -7, -8, -257
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
_serial = count(1)


class NotAllowed(Exception):
    """No passkey here, or one already: what a browser says by throwing."""


def text(clear: bytes) -> str:
    return urlsafe_b64encode(clear).decode().rstrip("=")


def clear(written: str) -> bytes:
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))


@dataclass(frozen=True)
class Credential:
    """One passkey as the device holds it."""

    key: Key
    host: str
    handle: str


@dataclass
class Authenticator:
    """A device and its browser, looking at a page of `origin`.

    `step` is how far the counter goes at each use, 0 for passkeys that are synced; `told` is put over the client data, `host` in place of
    the relying party's.
    """

    origin: str
    verifies: bool = True
    present: bool = True
    synced: bool = False
    algorithm: int = ES256
    step: int = 1
    count: int = 0
    host: str | None = None
    told: dict[str, Any] = field(default_factory=dict)
    passkeys: dict[str, Credential] = field(default_factory=dict)

    def create(self, options: Mapping[str, Any], *, key: Key | None = None) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        if any(one["id"] in self.passkeys for one in options["excludeCredentials"]):
            raise NotAllowed("there is one already")
        made = Credential(key or self._new_key(options), options["rp"]["id"], options["user"]["id"])
        name = hashlib.sha256(b"credential %d" % next(_serial)).digest()
        self.passkeys[text(name)] = made
        public = cbor2.dumps(cose(made.key))
        held = self._state(made.host, ATTESTED) + bytes(16) + struct.pack(">H", len(name)) + name + public
        return self._answer(
            text(name),
            clientDataJSON=self._client("webauthn.create", options),
            attestationObject=text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": held})),
            authenticatorData=text(held),
            transports=["internal"] if self.synced else ["nfc", "usb"],
        )

    def get(self, options: Mapping[str, Any], name: str | None = None) -> dict[str, Any]:
        """Answer `navigator.credentials.get`, with a passkey of that name or any that will do."""
        allowed = [one["id"] for one in options["allowCredentials"]] or list(self.passkeys)
        wanted = [one for one in allowed if one in self.passkeys and self.passkeys[one].host == options["rpId"] and name in (None, one)]
        if not wanted:
            raise NotAllowed("no passkey for this page")
        passkey, self.count = self.passkeys[wanted[0]], self.count + self.step
        held, client = self._state(passkey.host), self._client("webauthn.get", options)
        return self._answer(
            wanted[0],
            clientDataJSON=client,
            authenticatorData=text(held),
            signature=text(sign(passkey.key, held + hashlib.sha256(clear(client)).digest())),
            userHandle=passkey.handle,
        )

    def clone(self) -> "Authenticator":
        """Copy the device as a thief would: the same keys, a counter of its own."""
        return replace(self, told=dict(self.told), passkeys=dict(self.passkeys))

    def _new_key(self, options: Mapping[str, Any]) -> Key:
        if self.algorithm not in [one["alg"] for one in options["pubKeyCredParams"]]:
            raise NotAllowed("no algorithm in common")
        if self.algorithm == ES256:
            return ec.generate_private_key(ec.SECP256R1())
        return ed25519.Ed25519PrivateKey.generate() if self.algorithm == EDDSA else rsa.generate_private_key(65537, 2048)

    def _state(self, host: str, flags: int = 0) -> bytes:
        flags |= PRESENT * self.present | VERIFIED * self.verifies | (ELIGIBLE | BACKED_UP) * self.synced
        return hashlib.sha256((self.host or host).encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, ceremony: str, options: Mapping[str, Any]) -> str:
        said = {"type": ceremony, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return text(json.dumps(said | self.told, separators=(",", ":")).encode())

    def _answer(self, name: str, **response: Any) -> dict[str, Any]:
        attachment = "platform" if self.synced else "cross-platform"
        extras = {"authenticatorAttachment": attachment, "clientExtensionResults": {}}
        return {"id": name, "rawId": name, "type": "public-key", "response": response} | extras


def cose(key: Key) -> dict[int, Any]:
    """Write the public half as COSE does (RFC 9053 section 7, RFC 8230 section 4)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: EDDSA, -1: 6, -2: key.public_key().public_bytes_raw()}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: RS256, -1: numbers.n.to_bytes((key.key_size + 7) // 8, "big"), -2: numbers.e.to_bytes(3, "big")}
    point, size = key.public_key().public_numbers(), (key.curve.key_size + 7) // 8
    curve = {256: 1, 384: 2, 521: 3}[key.curve.key_size]
    return {1: 2, 3: ES256, -1: curve, -2: point.x.to_bytes(size, "big"), -3: point.y.to_bytes(size, "big")}


def sign(key: Key, statement: bytes) -> bytes:
    """Sign as the key's algorithm does."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(statement)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(statement, padding.PKCS1v15(), SHA256())
    return key.sign(statement, ec.ECDSA(SHA256()))
