"""Pro Santé Connect: OpenID Connect with a code, PKCE and one algorithm. Urllib3 and joserfc are heavy: loaded when first needed.

Nothing here is logged: codes, tokens and names stay in memory. A refusal's notes name a check, an address of ours or a status.
"""

import re
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, Generic, TypeVar
from urllib.parse import quote_plus, urlencode

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.professional import Answer, Said, refused
from chalicelib.domain.strict_json import DECODER

T = TypeVar("T")
ALGORITHM = "RS256"  # what Pro Santé Connect signs with; fixed here, so that no token chooses its own
KEY_BYTES = range(256, 1025)  # of an RSA modulus: 2048 bits at the least, NIST SP 800-131A section 3
EXPONENT_MOST = 8  # base64 characters: 65537 takes four
CONNECT, READ = 2.0, 8.0  # seconds
BODY_MOST = 262_144  # bytes: one place of practice takes about a thousand
KEPT = 3600.0  # seconds: how long a key that was withdrawn may still be believed
SCOPE, ACR = "openid scope_all", "eidas1"
FAMILY_LEAST = 3  # names: `esante.gouv.fr`
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
LATER = (408, 429)  # the only client errors that say nothing about what was sent
LABEL, PATH = "[a-z0-9-]+", r"(?:/[\w.~-]+)+"
ORIGIN = rf"https://{LABEL}(?P<family>(?:\.{LABEL})*\.[a-z]{{2,}})|https?://127\.0\.0\.1:\d+"
DISCOVERY = re.compile(rf"(?P<issuer>(?P<origin>{ORIGIN}){PATH})/\.well-known/[\w-]+", re.ASCII)
BEARER = re.compile(r"[\w.~+/-]+=*", re.ASCII)  # RFC 6750 section 2.1
VISIBLE = re.compile(r"[\x21-\x7e]{1,2048}")  # RFC 6749 appendix A.11


class ProSanteConnect:
    """Sign people in with Pro Santé Connect. Refuses with `Unavailable("psc_down")` and `Unauthenticated("psc_refused")`.

    `discovery` is where it describes itself: https, or http on this machine alone; the issuer is what stands before `/.well-known/`.
    `client_secret` is asked for at each sign-in and not kept. `redirect` and `after_logout` are the two addresses registered there.
    `tls` gives another context than the system's: a client certificate, where EXI PSC 24 wants one. `patience` and `kept` are in seconds.
    """

    def __init__(
        self,
        discovery: str,
        client: str,
        client_secret: Callable[[], str],
        redirect: str,
        after_logout: str,
        tls: Callable[[], Any] | None = None,
        patience: float = READ,
        kept: float = KEPT,
    ) -> None:
        found = DISCOVERY.fullmatch(discovery)
        if found is None:
            raise ValueError("the address of the discovery document must be https://…/.well-known/…")
        self.issuer, self.client = found["issuer"], client
        self._discovery, self._secret = discovery, client_secret
        self._redirect, self._after_logout = redirect, after_logout
        self._ours = re.compile(f"(?:{_origins(found)}){PATH}", re.ASCII)
        self._tls, self._patience = tls, patience
        self._endpoints = Kept(self._describe, kept)
        self._keys = Kept(self._list_keys, kept)

    def begin(self, state: str, nonce: str, verifier: str) -> str:
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {"response_type": "code", "client_id": self.client, "redirect_uri": self._redirect, "scope": SCOPE, "acr_values": ACR}
        bound = {"state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self._endpoints.get()['authorization_endpoint']}?{urlencode(asked | bound)}"

    def finish(self, code: str, verifier: str) -> Answer:
        if VISIBLE.fullmatch(code) is None:
            raise refused("code")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect, "code_verifier": verifier}
        given = self._ask("token_endpoint", f"Basic {self._credentials()}", urlencode(form))
        id_token, access = given.get("id_token"), given.get("access_token")
        if not (isinstance(id_token, str) and isinstance(access, str) and BEARER.fullmatch(access)):
            raise _down("no tokens")
        claims = self._verified(id_token)
        return Answer(claims, self._ask("userinfo_endpoint", f"Bearer {access}"), id_token)

    def logout(self, id_token: str, state: str) -> str:
        said = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": self._after_logout}
        return f"{self._endpoints.get()['end_session_endpoint']}?{urlencode(said)}"

    def _credentials(self) -> str:
        """Write client and secret as RFC 6749 section 2.3.1 has it."""
        return b64encode(f"{quote_plus(self.client)}:{quote_plus(self._secret())}".encode()).decode()

    def _describe(self) -> Mapping[str, str]:
        """Read where things are; refuse another issuer, and any address outside the family of the one we were given."""
        told = self._fetch("GET", self._discovery)
        if told.get("issuer") != self.issuer:
            raise refused("issuer of the description")
        found = {name: url for name in ENDPOINTS if isinstance(url := told.get(name), str) and self._ours.fullmatch(url)}
        if len(found) != len(ENDPOINTS):
            raise refused("an endpoint that is missing or elsewhere")
        return found

    def _list_keys(self) -> Mapping[str, Said]:
        keys = self._fetch("GET", self._endpoints.get()["jwks_uri"]).get("keys")
        listed = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
        return {key["kid"]: key for key in listed if isinstance(key.get("kid"), str) and _signs(key)}

    def _verified(self, token: str) -> Said:
        """Give the claims of a token, its signature being good; a key nobody has heard of is asked for once more, no more."""
        from joserfc.errors import JoseError
        from joserfc.jwk import RSAKey
        from joserfc.jws import deserialize_compact

        kid = _kid(token)
        key = self._keys.get().get(kid) or self._keys.again().get(kid)
        if key is None:
            raise refused("unknown key")
        try:
            public = RSAKey.import_key({name: str(key[name]) for name in ("kty", "n", "e")})
            return _object(deserialize_compact(token, public, [ALGORITHM]).payload)
        except (JoseError, ValueError) as error:
            raise refused("signature") from error

    def _ask(self, endpoint: str, authorization: str, form: str | None = None) -> Said:
        return self._fetch("GET" if form is None else "POST", self._endpoints.get()[endpoint], authorization, form)

    def _fetch(self, method: str, url: str, authorization: str | None = None, form: str | None = None) -> Said:
        """Make one request and read the JSON object it answers: never redirected, never larger than it should be."""
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if authorization is not None:
            headers["Authorization"] = authorization
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            with self._pool.request(
                method, url, headers=headers, body=form, redirect=False, preload_content=False, decode_content=False
            ) as answer:
                body = _body(answer, self._patience)
        except (HTTPError, OSError) as error:
            raise _down(url) from error
        return _understood(answer, body, url, theirs=authorization is not None)

    @cached_property
    def _pool(self) -> Any:
        import ssl

        from urllib3 import PoolManager, Timeout

        context = self._tls() if self._tls else ssl.create_default_context()
        return PoolManager(timeout=Timeout(connect=CONNECT, read=self._patience), retries=False, ssl_context=context)


class Kept(Generic[T]):
    """Keep what a call answered, for so many seconds."""

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._kept: tuple[float, T] | None = None

    def get(self) -> T:
        """Give it, asking if need be."""
        return self._kept[1] if self._kept and time.time() < self._kept[0] else self.again()

    def again(self) -> T:
        """Ask anew."""
        answer = self._ask()
        self._kept = time.time() + self._seconds, answer
        return answer


def _origins(found: re.Match[str]) -> str:
    """Say where endpoints may be: with the description, or one name beside it (`wallet.` beside `auth.`) in the same family.

    A family of fewer than three names may be a public suffix (`gouv.fr`), where neighbours are strangers.
    """
    family = found["family"] or ""
    near = f"|https://{LABEL}{re.escape(family)}" if family.count(".") >= FAMILY_LEAST else ""
    return re.escape(found["origin"]) + near


def _kid(token: str) -> str:
    """Read which key a token says it was signed with, and refuse any algorithm but ours before a key is even looked for."""
    try:
        header = _object(urlsafe_b64decode(token.partition(".")[0] + "=="))
    except ValueError:
        header = {}
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str) or {"crit", "b64"} & set(header):
        raise refused("header of the token")
    return kid


def _signs(key: Mapping[str, Any]) -> bool:
    """Tell whether a key of the list is one of those that sign, and long enough."""
    n, e = key.get("n"), key.get("e")
    sound = isinstance(n, str) and len(n) * 3 // 4 in KEY_BYTES and isinstance(e, str) and len(e) <= EXPONENT_MOST
    return sound and key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and key.get("alg", ALGORITHM) == ALGORITHM


def _body(answer: Any, patience: float) -> bytes:
    """Read a body that is neither too large nor too slow."""
    body, end = bytearray(), time.monotonic() + patience
    while piece := answer.read1(65_536):
        body += piece
        if len(body) > BODY_MOST or time.monotonic() > end:
            raise TimeoutError
    return bytes(body)


def _understood(answer: Any, body: bytes, url: str, *, theirs: bool) -> Said:
    """Read an answer. `theirs`: the request carried something of the visitor's, so that a client error is about that."""
    if theirs and answer.status in range(400, 500) and answer.status not in LATER:
        raise refused(f"{answer.status} of {url}")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or kind != "application/json":  # noqa: PLR2004
        raise _down(f"{answer.status} of {url}")
    try:
        return _object(body)
    except ValueError as error:
        raise _down(url) from error


def _object(text: bytes) -> Said:
    """Read a JSON object; raise `ValueError` for anything else."""
    try:
        read = DECODER.decode(text.decode())
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(read, dict):
        raise ValueError("not an object")  # noqa: TRY004
    return read


def _down(why: str) -> Unavailable:
    refusal = Unavailable("psc_down")
    refusal.add_note(why)
    return refusal
