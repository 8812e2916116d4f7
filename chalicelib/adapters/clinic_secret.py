"""The clinic's secret: 32 random bytes that KMS wraps, unwrapped once per container; one derived key per purpose."""

import base64
import hmac
import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from unicodedata import normalize

import pyotp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.domain.ids import ChallengeKey, MemberId, RecipientId, TransferId
from chalicelib.domain.login import CODE_DIGITS
from chalicelib.domain.phrase import WORDS

NONCE = 12  # bytes, NIST SP 800-38D section 8.2.2
HOTP_SECRET = 20  # bytes, RFC 4226 section 4
WORD_BITS = 11  # of a word in a list of 2048 (BIP 39)


class ClinicSecret:
    """Derive codes, link secrets, look-up keys and the sealing of personal fields.

    `load` gives the clear secret and is called once, when first needed; `make` makes the secret of a clinic that has none.
    """

    def __init__(self, load: Callable[[], bytes], make: Callable[[], bool]) -> None:
        self.make = make
        self._secret = cache(load)
        self._key = cache(self._derive)

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), 32, None, f"sceau/1/{purpose}".encode()).derive(self._secret())

    def _mac(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._key(purpose), text.encode("utf-8", "surrogatepass"), sha256)

    def link_secret(self, transfer: TransferId, recipient: RecipientId, turn: int = 0) -> str:
        return base64.urlsafe_b64encode(self._mac("link", f"{transfer}.{recipient}.{turn}")).decode().rstrip("=")

    def invitation_secret(self, member: MemberId, turn: int, email: str) -> str:
        return base64.urlsafe_b64encode(self._mac("invitation", f"{member}.{turn}.{email}")).decode().rstrip("=")

    def challenge(self, purpose: str, key: str) -> bytes:
        return self._mac(f"challenge {purpose}", key)

    def login_code(self, challenge: ChallengeKey) -> str:
        secret = base64.b32encode(self._mac("login code", challenge)[:HOTP_SECRET]).decode()
        code: str = pyotp.HOTP(secret, digits=CODE_DIGITS).at(0)
        return code

    def phrase(self, transfer: TransferId, recipient: RecipientId, turn: int = 0) -> str:
        number = int.from_bytes(self._mac("phrase", f"{transfer}.{recipient}.{turn}")[:8])
        words = _words()
        return " ".join(words[(number >> WORD_BITS * place) % len(words)] for place in range(WORDS))

    def scope(self, purpose: str, text: str) -> str:
        return self._mac(f"look-up {purpose}", text).hex()

    def sign(self, statement: bytes) -> bytes:
        return self._signer().sign(statement)

    def public_key(self) -> bytes:
        return self._signer().public_key().public_bytes_raw()

    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._key("certificate"))

    def seal(self, place: str, clear: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self._key("personal")).encrypt(nonce, clear.encode(), place.encode())

    def open(self, place: str, sealed: bytes) -> str:
        return AESGCM(self._key("personal")).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode()).decode()


@cache
def _words() -> tuple[str, ...]:
    """Read the French list of BIP 39: chosen to be heard and written without a mistake; no word begins another."""
    from mnemonic import Mnemonic

    return tuple(normalize("NFC", word) for word in Mnemonic("french").wordlist)
