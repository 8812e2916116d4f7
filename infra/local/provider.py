"""Stand in for Pro Santé Connect on this machine: the same walk over real HTTP, demonstration professionals, and lies for tests."""

from __future__ import annotations

import hmac
import json
import secrets
import time
import unicodedata
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

REALM = "/auth/realms/esante-wallet"
OIDC = f"{REALM}/protocol/openid-connect"
DISCOVERY = f"{REALM}/.well-known/wallet-openid-configuration"  # not the file name of the standard: theirs
PLACES = {
    DISCOVERY: "discovery",
    "/auth": "authorisation",
    f"{OIDC}/token": "token",
    f"{OIDC}/userinfo": "userinfo",
    f"{OIDC}/token/introspect": "introspection",
    f"{OIDC}/logout": "logout",
    f"{OIDC}/certs": "certs",
}
ACCESS_LIVES, CODE_LIVES = 120, 60  # seconds
GONE = object()  # a lie by omission
PROFESSIONS = "1.2.250.1.213.1.1.5.5"
USERS = "550dc1c8-0000-4000-8000-000000000000"
EMPTY = (
    *("codeModeExercice", "codeSecteurDactivite", "codeSectionPharmacien", "codeRole", "codeGenreActivite"),
    *("numeroSiretSite", "numeroSirenSite", "numeroFinessSite", "numeroFinessetablissementJuridique"),
    *("identifiantTechniqueDeLaStructure", "raisonSocialeSite", "enseigneCommercialeSite", "complementDestinataire"),
    *("numeroVoie", "codeTypeDeVoie", "libelleVoie", "bureauCedex", "codePostal", "codeCommune", "codePays"),
    *("telephone", "telecopie", "adresseEMail", "ancienIdentifiantDeLaStructure", "autoriteDenregistrement"),
)


class Fault(StrEnum):
    """The ways an address of the provider fails to answer."""

    DOWN = "down"
    BUSY = "busy"
    SLOW = "slow"
    TRICKLE = "trickle"
    GARBAGE = "garbage"
    HUGE = "huge"
    SIGNED = "signed"
    MISLABELLED = "mislabelled"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Somebody who does not exist: what the page says of them, and what the provider would."""

    label: str
    userinfo: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code or an access token stands for, until when (seconds since 1970)."""

    who: str
    asked: Mapping[str, str]
    until: float


def activity(name: str, postcode: str, **given: str) -> dict[str, str]:
    """Make a place of practice; what is not given is empty, as in the directory."""
    return {**dict.fromkeys(EMPTY, ""), "raisonSocialeSite": name, "codePostal": postcode, **given}


def exercice(profession: str, *activities: Mapping[str, str]) -> dict[str, Any]:
    """Make one way of practising."""
    return {"codeProfession": profession, "codeCategorieProfessionnelle": "C", "activities": list(activities)}


def userinfo(subject: str, given: str, family: str, *exercices: Mapping[str, Any], origin: str = "RPPS") -> dict[str, Any]:
    """Make what is said of a professional; without any `exercices`, of somebody who is none."""
    who = {"sub": f"f:{USERS}:{subject}", "preferred_username": subject, "SubjectNameID": subject}
    names = {"given_name": given, "family_name": family, "email_verified": False}
    if not exercices:
        return {**who, **names}
    return {
        **who,
        **names,
        "SubjectRefPro": {"codeCivilite": "M", "exercices": list(exercices)},
        "SubjectRole": [f"{one['codeProfession']}^{PROFESSIONS}" for one in exercices],
        "SubjectOrganization": exercices[0]["activities"][0]["raisonSocialeSite"],
        "otherIds": [{"identifiant": subject, "origine": origin, "qualite": 1}],
        "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
        "PSI_Locale": "1.2.250.1.213.1.3.1.1",
        "UITVersion": "1.0",
        "authMode": "CARD",
    }


SURGERY = activity("CABINET DU DR FONTAINE", "75009", codeModeExercice="L", identifiantTechniqueDeLaStructure="R900001")
HOSPITAL = activity(
    "HOPITAL DE DEMONSTRATION",
    "75013",
    codeModeExercice="S",
    numeroFinessSite="0B0900002",
    identifiantTechniqueDeLaStructure="F0B0900002",
)
NURSES = activity("CABINET INFIRMIER DES LILAS", "93260", codeModeExercice="L")
BIRTHS = activity("MAISON DE NAISSANCE AUBE", "69003", codeModeExercice="L", identifiantTechniqueDeLaStructure="R900004")
PHARMACY = activity("PHARMACIE EXEMPLE", "33000", codeModeExercice="L", numeroSiretSite="90000000500017")
ZOE = unicodedata.normalize("NFD", "Zoë"), unicodedata.normalize("NFD", "Lefèvre-Ünal")  # accents apart from their letters

PEOPLE: Mapping[str, Demonstration] = {
    "doctor": Demonstration(
        "Adèle Fontaine, médecin, deux lieux de pratique",
        userinfo("899700900011", "ADELE", "FONTAINE", exercice("10", SURGERY, HOSPITAL)),
    ),
    "nurse": Demonstration("Karim Bensaïd, infirmier", userinfo("899700900022", "Karim", "Bensaïd", exercice("60", NURSES))),
    "accents": Demonstration(
        "Zoë Lefèvre-Ünal, sage-femme et infirmière",
        userinfo("899700900033", *ZOE, exercice("50", BIRTHS, HOSPITAL), exercice("60", HOSPITAL)),
    ),
    "editor": Demonstration(
        "Paul Essai, pharmacien, identifiant ANS sans numéro RPPS",
        userinfo("ANS20250101000001", "Paul", "Essai", exercice("21", PHARMACY), origin="EDIT"),
    ),
    "patient": Demonstration("Lou Patient, sans profession de santé", userinfo("899700900044", "Lou", "Patient")),
}


class Provider(ThreadingHTTPServer):
    """Serve on `port` of this machine (0: any) to one client, whose pages people come back to at `redirects`.

    It is at 127.0.0.1 and the clinic at `localhost`: two sites to a browser, as it is with the true one.
    `lies` changes what is said, part by part: `description`, `keys`, `tokens`, `header`, `claims`, `userinfo`; `GONE` leaves out.
    `faults` changes how a place answers, `acr` how people proved who they are; `asked` remembers which places were asked, in order.
    """

    daemon_threads = True

    def __init__(self, port: int, client: str, client_secret: str, redirects: Sequence[str]) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.client, self.client_secret, self.redirects = client, client_secret, tuple(redirects)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.issuer = self.origin + REALM
        self.discovery = self.origin + DISCOVERY
        self.codes: dict[str, Granted] = {}
        self.accesses: dict[str, Granted] = {}
        self.id_tokens: dict[str, str] = {}
        self.rotate()
        self.be_honest()

    def be_honest(self) -> None:
        """Take every lie and fault back, and forget what was asked."""
        self.lies: dict[str, dict[str, Any]] = {}
        self.faults: dict[str, Fault] = {}
        self.acr = "eidas3"
        self.slowness = 5.0  # seconds
        self.asked: list[str] = []

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.key = self.signer = generate_private_key(65537, 2048)
        self.kid = secrets.token_urlsafe(16)

    def forge(self) -> None:
        """Sign with a key of one's own under the name of the one that is published."""
        self.signer = generate_private_key(65537, 2048)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the one error here is a visitor that went away."""

    def told(self, part: str, truth: Mapping[str, Any]) -> dict[str, Any]:
        """Tell the truth, but for the lies."""
        return {name: value for name, value in {**truth, **self.lies.get(part, {})}.items() if value is not GONE}

    def description(self) -> dict[str, Any]:
        """Say where everything is."""
        return self.told(
            "description",
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.origin}/auth",
                "token_endpoint": f"{self.origin}{OIDC}/token",
                "userinfo_endpoint": f"{self.origin}{OIDC}/userinfo",
                "introspection_endpoint": f"{self.origin}{OIDC}/token/introspect",
                "end_session_endpoint": f"{self.origin}{OIDC}/logout",
                "jwks_uri": f"{self.origin}{OIDC}/certs",
                "id_token_signing_alg_values_supported": ["HS256", "RS256"],
                "code_challenge_methods_supported": ["plain", "S256"],
            },
        )

    def keys(self) -> dict[str, Any]:
        """Publish the key that signs, and one that does not: it encrypts, as Keycloak's second does."""
        public = self.key.public_key().public_numbers()
        numbers = {"kty": "RSA", "n": _b64(public.n.to_bytes(256)), "e": _b64(public.e.to_bytes(3))}
        signs = {**numbers, "kid": self.kid, "use": "sig", "alg": "RS256"}
        return self.told("keys", {"keys": [{**numbers, "kid": "encrypts", "use": "enc", "alg": "RSA-OAEP"}, signs]})

    def id_token(self, granted: Granted) -> str:
        """Write the token that says who somebody is."""
        now = int(time.time())
        who = PEOPLE[granted.who].userinfo
        times = {"exp": now + ACCESS_LIVES, "iat": now, "auth_time": now}
        bound = {"iss": self.issuer, "aud": self.client, "azp": self.client, "nonce": granted.asked.get("nonce", "")}
        names = {name: who[name] for name in ("sub", "preferred_username", "given_name", "family_name")}
        return self.sign(self.told("claims", {**times, **bound, **names, "typ": "ID", "acr": self.acr}))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Sign as the header has it: RS256, or as a forger would, with nothing or with the public key as a shared one."""
        header = self.told("header", {"alg": "RS256", "typ": "JWT", "kid": self.kid})
        text = f"{_b64(_json(header))}.{_b64(_json(claims))}"
        if header.get("alg") == "none":
            return f"{text}."
        if header.get("alg") == "HS256":
            public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            return f"{text}.{_b64(hmac.digest(public, text.encode(), sha256))}"
        return f"{text}.{_b64(self.signer.sign(text.encode(), PKCS1v15(), SHA256()))}"

    def grant(self, asked: Mapping[str, str], who: str) -> str:
        """Give a code for somebody who chose who they are."""
        code = secrets.token_urlsafe(32)
        self.codes[code] = Granted(who, asked, time.time() + CODE_LIVES)
        return code

    def exchange(self, form: Mapping[str, str]) -> dict[str, Any] | None:
        """Give tokens for a code, once, to whoever knows what its challenge was made of; None for anybody else."""
        granted = self.codes.pop(form.get("code", ""), None)
        if granted is None or time.time() > granted.until or form.get("redirect_uri") != granted.asked["redirect_uri"]:
            return None
        if _b64(sha256(form.get("code_verifier", "").encode()).digest()) != granted.asked["code_challenge"]:
            return None
        access, id_token = secrets.token_urlsafe(32), self.id_token(granted)
        self.accesses[access] = Granted(granted.who, granted.asked, time.time() + ACCESS_LIVES)
        self.id_tokens[id_token] = granted.who
        return self.told("tokens", {"access_token": access, "expires_in": ACCESS_LIVES, "token_type": "Bearer", "id_token": id_token})

    def bearer(self, access: str) -> str | None:
        """Tell whose access token this is, while it lives."""
        granted = self.accesses.get(access)
        return granted.who if granted and time.time() < granted.until else None

    def end(self, id_token: str) -> bool:
        """End somebody's session; False for a token this provider never gave."""
        who = self.id_tokens.pop(id_token, None)
        self.accesses = {access: granted for access, granted in self.accesses.items() if granted.who != who}
        return who is not None


class _Visit(BaseHTTPRequestHandler):
    server: Provider

    def visit(self) -> None:
        """Answer, unless this place is to fail."""
        address = urlsplit(self.path)
        place = PLACES.get(address.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if place is None:
            self._page(404, "Il n&rsquo;y a rien à cette adresse.")
            return
        self.server.asked.append(place)
        if place in self.server.faults:
            self._fail(self.server.faults[place])
            return
        fields = parse_qs(address.query if self.command == "GET" else body, keep_blank_values=True)
        getattr(self, f"_{place}")({name: values[0] for name, values in fields.items()})

    do_GET = do_POST = visit  # noqa: N815

    def _discovery(self, _: Mapping[str, str]) -> None:
        self._json(200, self.server.description())

    def _certs(self, _: Mapping[str, str]) -> None:
        self._json(200, self.server.keys())

    def _authorisation(self, asked: dict[str, str]) -> None:
        who = asked.pop("who", None)
        back = asked.get("redirect_uri", "")
        if asked.get("client_id") != self.server.client or back not in self.server.redirects:
            self._page(400, "Ce service n&rsquo;est pas connu ici, ou son adresse de retour ne l&rsquo;est pas.")
        elif not _is_complete(asked):
            self._leave(back, error="invalid_request", state=asked.get("state", ""))
        elif who is None or self.command != "POST":
            self._page(200, _choice(asked))
        elif who not in PEOPLE:
            self._leave(back, error="access_denied", state=asked["state"])
        else:
            self._leave(back, code=self.server.grant(asked, who), state=asked["state"])

    def _token(self, form: Mapping[str, str]) -> None:
        if not self._knows_secret():
            self._json(401, {"error": "unauthorized_client"})
            return
        given = self.server.exchange(form) if form.get("grant_type") == "authorization_code" else None
        self._json(200 if given else 400, given or {"error": "invalid_grant"})

    def _userinfo(self, _: Mapping[str, str]) -> None:
        who = self.server.bearer(self.headers.get("Authorization", "").removeprefix("Bearer "))
        said = self.server.told("userinfo", PEOPLE[who].userinfo) if who else {"error": "invalid_token"}
        self._json(200 if who else 401, said)

    def _introspection(self, form: Mapping[str, str]) -> None:
        who = self.server.bearer(form.get("token", ""))
        known = PEOPLE[who].userinfo if who else {}
        said = {name: known[name] for name in ("sub", "preferred_username", "SubjectNameID") if name in known}
        let_in = self._knows_secret()
        self._json(200 if let_in else 401, {"active": bool(who), **said} if let_in else {"error": "unauthorized_client"})

    def _logout(self, asked: Mapping[str, str]) -> None:
        back = asked.get("post_logout_redirect_uri", "")
        if back in self.server.redirects and self.server.end(asked.get("id_token_hint", "")):
            self._leave(back, state=asked.get("state", ""))
        else:
            self._page(400, "Cette déconnexion n&rsquo;a pas été reconnue.")

    def _knows_secret(self) -> bool:
        kind, _, credentials = self.headers.get("Authorization", "").partition(" ")
        client, _, secret = b64decode(credentials).decode().partition(":")
        return kind == "Basic" and (unquote_plus(client), unquote_plus(secret)) == (self.server.client, self.server.client_secret)

    def _fail(self, fault: Fault) -> None:
        if fault in (Fault.DOWN, Fault.BUSY):
            self._json(503 if fault is Fault.DOWN else 429, {"error": fault})
        elif fault is Fault.SLOW:
            time.sleep(self.server.slowness)
        elif fault is Fault.TRICKLE:
            self._trickle()
        elif fault is Fault.ELSEWHERE:
            self._leave(f"{self.server.origin}{DISCOVERY}")
        elif fault is Fault.SIGNED:
            self._answer(200, "application/jwt", self.server.sign(PEOPLE["doctor"].userinfo).encode())
        elif fault is Fault.MISLABELLED:
            self._answer(200, "text/html; charset=utf-8", b"{}")
        else:
            self._answer(200, "application/json", b"<html>" if fault is Fault.GARBAGE else b'{"a": "' + b"a" * 10_000_000 + b'"}')

    def _trickle(self) -> None:
        """Send one byte now and then: never silent, never done."""
        self._head(200, "application/json", {"Content-Length": "1000"})
        for _ in range(1000):
            self.wfile.write(b" ")
            time.sleep(self.server.slowness / 40)

    def _leave(self, address: str, **query: str) -> None:
        """Send the browser back where it came from."""
        self._answer(303, "text/plain", b"", {"Location": f"{address}?{urlencode(query)}" if query else address})

    def _json(self, status: int, said: Mapping[str, Any]) -> None:
        self._answer(status, "application/json", _json(said))

    def _page(self, status: int, inside: str) -> None:
        self._answer(status, "text/html; charset=utf-8", PAGE.replace("{inside}", inside).encode())

    def _answer(self, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self._head(status, kind, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _head(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def _is_complete(asked: Mapping[str, str]) -> bool:
    """Tell whether a request has everything Pro Santé Connect asks for, and the challenge that it does not yet insist on."""
    wanted = {"response_type": "code", "scope": "openid scope_all", "acr_values": "eidas1", "code_challenge_method": "S256"}
    named = all(asked.get(name) for name in ("state", "nonce", "code_challenge"))
    return named and all(asked.get(name) == value for name, value in wanted.items())


def _choice(asked: Mapping[str, str]) -> str:
    """Write the form where one chooses who to be."""
    kept = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items())
    buttons = "".join(f'<li><button name="who" value="{key}">{escape(one.label)}</button></li>' for key, one in PEOPLE.items())
    return (
        f'<form method="post" action="/auth">{kept}<h2 id="who">Se connecter en tant que</h2><ul aria-labelledby="who">{buttons}</ul>'
        '<p><button class="plain" name="who" value="">Renoncer et revenir au service</button></p></form>'
    )


def _json(said: Mapping[str, Any]) -> bytes:
    """Write JSON with its accents; half a character becomes JSON's own escape."""
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pro Santé Connect, démonstration · Sceau</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --paper: #f6f5f2; --card: #fff; --ink: #1d2430; --line: #85898f; --wax: #9b2335; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --card: #1d2128; --ink: #e8eaed; --line: #7d8590; --wax: #f08a98; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
.warning { padding: 1rem; border: 2px solid var(--wax); border-radius: .5rem; }
ul { padding: 0; list-style: none; }
button { width: 100%; margin: .25rem 0; padding: .75rem 1rem; color: var(--ink); background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; font: inherit; text-align: left; cursor: pointer; }
.plain { width: auto; background: none; }
:focus-visible { outline: 3px solid var(--wax); outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>Pro Santé Connect, démonstration</h1>
<p class="warning"><strong>Ceci n&rsquo;est pas Pro Santé Connect.</strong> Cette page l&rsquo;imite sur cette machine :
aucune carte n&rsquo;est lue, rien n&rsquo;est envoyé à personne, et les professionnels ci-dessous n&rsquo;existent pas.</p>
{inside}
</main>
</body>
</html>
"""
