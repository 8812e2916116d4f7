"""Authenticator apps: TOTP of RFC 6238 as every app does it, SHA-1, six digits, thirty seconds."""

import hmac
import io
from base64 import b32encode
from datetime import datetime

import pyotp

STEP = 30  # seconds, RFC 6238 section 5.2
DRIFT = 1  # steps early or late, RFC 6238 section 5.2
SECRET = 20  # bytes, RFC 4226 section 4
QUIET = 4  # modules of white around the code, ISO/IEC 18004 section 9.1


class Authenticators:
    """Speak with authenticator apps; `issuer` is the clinic's name, which they show beside the code."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer.replace(":", " ")  # a colon ends the issuer in the apps' own format

    def secret(self, random: bytes) -> str:
        if len(random) != SECRET:
            raise ValueError("an authenticator's secret is made of 20 random bytes")
        return b32encode(random).decode()

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        """Compare with all three codes, whichever is right, and give the latest step: a code that is right twice must not serve twice."""
        codes, given = pyotp.TOTP(secret), code.encode("utf-8", "surrogatepass")
        current = int(now.timestamp()) // STEP
        steps = range(current - DRIFT, current + DRIFT + 1)
        right = [step for step in steps if hmac.compare_digest(codes.generate_otp(step).encode(), given)]
        return right[-1] if right else None

    def uri(self, secret: str, address: str) -> str:
        uri: str = pyotp.TOTP(secret, name=address, issuer=self._issuer).provisioning_uri()
        return uri

    def qr(self, secret: str, address: str) -> str:
        """Draw black on white whatever the page's colours, with attributes alone: no style, script or reference."""
        import segno

        drawing = io.BytesIO()
        code = segno.make_qr(self.uri(secret, address), error="m")
        code.save(
            drawing,
            kind="svg",
            border=QUIET,
            dark="#000",
            light="#fff",
            xmldecl=False,
            omitsize=True,
            nl=False,
            svgclass="qr",
            lineclass=None,
        )
        return drawing.getvalue().decode()
