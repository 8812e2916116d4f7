"""Pro Santé Connect over real HTTP: the whole walk, and every way in which a provider, or somebody in its place, can lie or fail."""

import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.psc import ENDPOINTS, ProSanteConnect
from chalicelib.domain.errors import Forbidden, Unauthenticated, Unavailable
from chalicelib.domain.professional import Answer, Professional, judge_id_token, professional
from infra.local.provider import GONE, PEOPLE, Fault, Granted, Provider

CLIENT, SECRET = "sceau-demo", "s3cret/with:every&kind of+character%"
REDIRECT, AFTER = "http://localhost:8000/signin/psc", "http://localhost:8000/signin"
STATE, NONCE, VERIFIER = "s" * 43, "n" * 43, "v" * 43
ROOT = Path(__file__).parents[2]
PATIENCE = 0.6  # seconds, where a failure is awaited
POOL = urllib3.PoolManager(retries=False)
CONTEXT = ssl.create_default_context()  # made once: it takes longer than a whole sign-in here


@contextmanager
def served(provider: Provider) -> Iterator[Provider]:
    """Have a provider answer, until the end."""
    threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield provider
    provider.shutdown()
    provider.server_close()


@pytest.fixture(scope="module")
def standing() -> Iterator[Provider]:
    with served(Provider(0, CLIENT, SECRET, [REDIRECT, AFTER])) as one:
        yield one


@pytest.fixture
def provider(standing: Provider) -> Provider:
    """Give a provider that means well, until a test has it lie."""
    standing.be_honest()
    return standing


@pytest.fixture
def psc(provider: Provider) -> ProSanteConnect:
    return connect(provider)


def connect(provider: Provider, secret: str = SECRET, **choices: Any) -> ProSanteConnect:
    return ProSanteConnect(provider.discovery, CLIENT, lambda: secret, REDIRECT, AFTER, **choices)


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query, keep_blank_values=True).items()}


def chosen(address: str, who: str) -> str:
    """Choose who to be on the provider's page; give the address the browser is sent back to."""
    sent = POOL.request("POST", address.partition("?")[0], fields={**query(address), "who": who}, encode_multipart=False, redirect=False)
    assert sent.status == 303
    return sent.headers["Location"]


def code_of(psc: ProSanteConnect, who: str = "doctor") -> str:
    return query(chosen(psc.begin(STATE, NONCE, VERIFIER), who))["code"]


def answer_of(psc: ProSanteConnect, who: str = "doctor") -> Answer:
    return psc.finish(code_of(psc, who), VERIFIER)


def signed_in(psc: ProSanteConnect, who: str = "doctor") -> Professional:
    """Walk the whole way, as the use case does."""
    answer = answer_of(psc, who)
    sub = judge_id_token(answer.claims, issuer=psc.issuer, client=psc.client, nonce=NONCE, now=datetime.now(UTC))
    return professional(answer.userinfo, sub)


def refused(psc: ProSanteConnect, who: str = "doctor") -> str:
    """Walk until stopped; give the note of the refusal."""
    with pytest.raises(Unauthenticated, match="psc_refused") as refusal:
        signed_in(psc, who)
    return refusal.value.__notes__[0]


def public_claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


# The walk


def test_the_way_there_says_everything_that_is_asked_and_keeps_the_verifier(psc: ProSanteConnect, provider: Provider) -> None:
    address = psc.begin(STATE, NONCE, VERIFIER)

    assert address.startswith(f"{provider.origin}/auth?")
    assert query(address) == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": STATE,
        "nonce": NONCE,
        "code_challenge": urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
    }


def test_the_description_is_read_where_theirs_is(psc: ProSanteConnect, provider: Provider) -> None:
    psc.begin(STATE, NONCE, VERIFIER)

    assert provider.discovery.endswith("/auth/realms/esante-wallet/.well-known/wallet-openid-configuration")
    assert provider.asked == ["discovery"]


def test_the_description_is_not_where_the_standard_has_it(provider: Provider) -> None:
    standard = provider.discovery.replace("wallet-openid", "openid")
    psc = ProSanteConnect(standard, CLIENT, lambda: SECRET, REDIRECT, AFTER)

    with pytest.raises(Unavailable, match="psc_down"):
        psc.begin(STATE, NONCE, VERIFIER)


@pytest.mark.parametrize(
    ("who", "subject", "professions", "sites"),
    [
        ("doctor", "899700900011", ("10",), ["R900001", "F0B0900002"]),
        ("accents", "899700900033", ("50", "60"), ["R900004", "F0B0900002"]),
        ("editor", "ANS20250101000001", ("21",), ["siret:90000000500017"]),
    ],
)
def test_a_professional_signs_in(psc: ProSanteConnect, who: str, subject: str, professions: tuple[str, ...], sites: list[str]) -> None:
    found = signed_in(psc, who)

    assert (found.subject, found.professions) == (subject, professions)
    assert [place.id for place in found.places] == sites


def test_accents_arrive_in_one_piece(psc: ProSanteConnect) -> None:
    found = signed_in(psc, "accents")

    assert (found.given_name, found.family_name) == ("Zoë", "Lefèvre-Ünal")


def test_a_place_without_any_number_has_the_same_id_at_each_sign_in(psc: ProSanteConnect) -> None:
    (first,), (second,) = signed_in(psc, "nurse").places, signed_in(psc, "nurse").places

    assert first == second
    assert first.name == "CABINET INFIRMIER DES LILAS"


def test_somebody_who_is_no_professional_is_not_let_in(psc: ProSanteConnect) -> None:
    with pytest.raises(Forbidden, match="psc_not_professional"):
        signed_in(psc, "patient")


def test_what_they_are_and_where_is_asked_once(psc: ProSanteConnect, provider: Provider) -> None:
    signed_in(psc)
    signed_in(psc, "nurse")

    assert provider.asked.count("discovery") == provider.asked.count("certs") == 1
    assert provider.asked.count("token") == provider.asked.count("userinfo") == 2


def test_nothing_heavy_is_loaded_before_anybody_comes() -> None:
    made = "ProSanteConnect('https://auth.x.y.fr/a/.well-known/b', 'c', str, 'd', 'e')"
    loaded = "{'urllib3', 'joserfc', 'ssl'} & set(sys.modules)"
    lines = f"import sys; from chalicelib.adapters.psc import ProSanteConnect; {made}; print({loaded})"

    ended = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, cwd=ROOT)

    assert ended.stdout == "set()\n"


def test_what_was_told_long_ago_is_asked_anew(provider: Provider) -> None:
    psc = connect(provider, kept=0)

    signed_in(psc)
    signed_in(psc)

    assert provider.asked.count("certs") == 2
    assert provider.asked.count("discovery") > 2


def test_the_secret_is_asked_for_each_time_and_nothing_is_at_the_beginning(provider: Provider) -> None:
    asked: list[str] = []
    psc = ProSanteConnect(provider.discovery, CLIENT, lambda: asked.append("secret") or SECRET, REDIRECT, AFTER)  # type: ignore[func-returns-value]
    before = [*asked, *provider.asked]

    signed_in(psc)
    signed_in(psc)

    assert before == []
    assert asked == ["secret", "secret"]


def test_a_log_out_goes_there_and_back(psc: ProSanteConnect, provider: Provider) -> None:
    answer = answer_of(psc)

    sent = POOL.request("GET", psc.logout(answer.id_token, STATE), redirect=False)

    assert (sent.status, sent.headers["Location"]) == (303, f"{AFTER}?state={STATE}")
    assert not any(granted.who == "doctor" for granted in provider.accesses.values())


def test_nothing_of_anybody_is_logged_or_shown(
    psc: ProSanteConnect, provider: Provider, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    code = code_of(psc)
    answer = psc.finish(code, VERIFIER)
    with pytest.raises(Unauthenticated) as replayed:
        psc.finish(code, VERIFIER)

    shown = caplog.text + "".join(capfd.readouterr()) + repr(answer) + repr(replayed.value.__notes__)

    accesses = list(provider.accesses)
    assert accesses
    for secret in (code, answer.id_token, *accesses, SECRET, VERIFIER, NONCE, "899700900011", "FONTAINE", "ADELE"):
        assert secret not in shown


# Lies about who says it


@pytest.mark.parametrize("issuer", ["https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet", "", GONE, None, ["x"]])
def test_a_description_by_another_issuer_is_refused(psc: ProSanteConnect, provider: Provider, issuer: Any) -> None:
    provider.lies["description"] = {"issuer": issuer}

    assert refused(psc) == "issuer of the description"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "place",
    [
        *(GONE, None, 7, "", "/token", "ftp://127.0.0.1:{port}/x", "https://127.0.0.1:{port}/x", "http://127.0.0.1/x"),
        *(
            "http://127.0.0.1:{port}1/x",
            "http://127.0.0.1:{port}@evil.example/x",
            "http://evil.example/x",
            "http://127.0.0.2:{port}/x",
            "http://localhost:{port}/x",
        ),
        *(
            "http://127.0.0.1:{port}.evil.example/x",
            "http://127.0.0.1:{port}/x?a=b",
            "http://127.0.0.1:{port}/x#a",
            "http://127.0.0.1:{port}",
        ),
        *(
            "http://127.0.0.1:{port}\\@evil.example/x",
            "http://u:p@127.0.0.1:{port}/x",
            "http://127.0.0.1:{port}/x\n",
            " http://127.0.0.1:{port}/x",
        ),
    ],
)
def test_no_address_outside_the_family_is_ever_used(psc: ProSanteConnect, provider: Provider, endpoint: str, place: Any) -> None:
    provider.lies["description"] = {endpoint: place.format(port=provider.server_port) if isinstance(place, str) else place}

    with pytest.raises(Unauthenticated, match="psc_refused"):
        psc.begin(STATE, NONCE, VERIFIER)

    assert provider.asked == ["discovery"]


@pytest.mark.parametrize(
    ("home", "place", "good"),
    [
        ("auth.bas.psc.esante.gouv.fr", "https://auth.bas.psc.esante.gouv.fr/auth/realms/x/token", True),
        ("auth.bas.psc.esante.gouv.fr", "https://wallet.bas.psc.esante.gouv.fr/auth", True),
        ("auth.esw.esante.gouv.fr", "https://wallet.esw.esante.gouv.fr/auth", True),
        ("auth.bas.psc.esante.gouv.fr", "https://wallet.psc.esante.gouv.fr/auth", False),
        ("auth.bas.psc.esante.gouv.fr", "https://a.wallet.bas.psc.esante.gouv.fr/auth", False),
        ("auth.bas.psc.esante.gouv.fr", "https://walletXbas.psc.esante.gouv.fr/auth", False),
        ("auth.bas.psc.esante.gouv.fr", "https://wallet.bas.psc.esante.gouv.fr.evil.example/auth", False),
        ("auth.bas.psc.esante.gouv.fr", "http://wallet.bas.psc.esante.gouv.fr/auth", False),
        ("auth.bas.psc.esante.gouv.fr", "https://wallet.bas.psc.esante.gouv.fr:8443/auth", False),
        ("auth.gouv.fr", "https://auth.gouv.fr/auth", True),
        ("auth.gouv.fr", "https://impots.gouv.fr/auth", False),
        ("esante.fr", "https://autre.fr/auth", False),
        ("127.0.0.1:8443", "https://8.0.0.1:8443/auth", False),
    ],
)
def test_the_family_of_an_address_is_what_stands_beside_it(home: str, place: str, good: bool) -> None:
    psc = ProSanteConnect(f"https://{home}/auth/realms/x/.well-known/wallet-openid-configuration", CLIENT, str, REDIRECT, AFTER)

    assert bool(psc._ours.fullmatch(place)) == good
    assert psc.issuer == f"https://{home}/auth/realms/x"


@pytest.mark.parametrize(
    "discovery",
    [
        *(
            "",
            "http://auth.esante.gouv.fr/x/.well-known/y",
            "https://auth.esante.gouv.fr/x",
            "https://auth.esante.gouv.fr/.well-known/../y",
        ),
        *("http://localhost:80/x/.well-known/y", "http://127.0.0.1.evil.example:80/x/.well-known/y", "https://u@a.b.c/x/.well-known/y"),
        *(
            "https://a.b.fr/x/.well-known/y?z",
            "https://a.b.fr/x/.well-known/y#z",
            "file:///x/.well-known/y",
            "https://10.0.0.1/x/.well-known/y",
        ),
    ],
)
def test_a_description_is_only_ever_read_over_https_or_on_this_machine(discovery: str) -> None:
    with pytest.raises(ValueError, match="discovery"):
        ProSanteConnect(discovery, CLIENT, str, REDIRECT, AFTER)


# Lies in the token


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({"iss": "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet"}, "issuer"),
        ({"nonce": "x" * 43}, "nonce"),
        ({"nonce": ""}, "nonce"),
        ({"nonce": GONE}, "nonce"),
        ({"aud": "another-client"}, "audience"),
        ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, "audience"),
        ({"azp": "another-client"}, "audience"),
        ({"exp": GONE}, "expired"),
        ({"iat": GONE}, "not yet"),
        ({"acr": GONE}, "acr"),
        ({"acr": "eidas0"}, "acr"),
        ({"sub": GONE}, "sub"),
        ({"sub": PEOPLE["nurse"].userinfo["sub"]}, "another sub"),
    ],
    ids=str,
)
def test_a_claim_that_is_not_as_it_should_be_is_refused(psc: ProSanteConnect, provider: Provider, lie: Any, reason: str) -> None:
    provider.lies["claims"] = lie

    assert refused(psc) == reason


def test_a_token_that_is_over_for_121_seconds_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    now = int(time.time())
    provider.lies["claims"] = {"iat": now - 241, "exp": now - 121}

    assert refused(psc) == "expired"


def test_a_token_for_tomorrow_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    provider.lies["claims"] = {"iat": int(time.time()) + 86_400, "exp": int(time.time()) + 86_520}

    assert refused(psc) == "not yet"


@pytest.mark.parametrize("acr", ["eidas1", "eidas2", "eidas3"])
def test_every_level_of_proof_that_we_know_is_accepted(psc: ProSanteConnect, provider: Provider, acr: str) -> None:
    provider.acr = acr

    assert signed_in(psc).subject == "899700900011"


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "", GONE, None, "HS256", "HS512", "RS384", "RS512", "PS256", "ES256", ["RS256"]]
)
def test_no_algorithm_but_ours_is_even_looked_at(psc: ProSanteConnect, provider: Provider, algorithm: Any) -> None:
    provider.lies["header"] = {"alg": algorithm}

    assert refused(psc) == "header of the token"
    assert "certs" not in provider.asked


@pytest.mark.parametrize(
    "header", [{"kid": GONE}, {"kid": 7}, {"kid": None}, {"crit": ["b64"], "b64": False}, {"crit": ["exp"]}, {"b64": True}]
)
def test_a_header_that_wants_something_else_is_refused(psc: ProSanteConnect, provider: Provider, header: Any) -> None:
    provider.lies["header"] = header

    assert refused(psc) == "header of the token"


def test_a_key_that_comes_with_the_token_is_not_taken(psc: ProSanteConnect, provider: Provider) -> None:
    provider.forge()
    numbers = provider.signer.public_key().public_numbers()
    own = {"kty": "RSA", "n": _b64(numbers.n.to_bytes(256)), "e": _b64(numbers.e.to_bytes(3))}
    provider.lies["header"] = {"jwk": own, "jku": f"{provider.origin}/keys"}

    assert refused(psc) == "signature"
    provider.rotate()


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def test_an_unknown_key_is_asked_for_once_more_and_then_refused(psc: ProSanteConnect, provider: Provider) -> None:
    signed_in(psc)
    provider.asked.clear()
    provider.lies["header"] = {"kid": "nobody"}

    assert refused(psc) == "unknown key"
    assert provider.asked.count("certs") == 1
    assert "userinfo" not in provider.asked


def test_a_new_key_is_heard_of(psc: ProSanteConnect, provider: Provider) -> None:
    signed_in(psc)
    provider.rotate()
    provider.asked.clear()

    signed_in(psc)
    signed_in(psc)

    assert provider.asked.count("certs") == 1


def test_a_key_that_was_withdrawn_is_forgotten(psc: ProSanteConnect, provider: Provider) -> None:
    signed_in(psc)
    old, kid = provider.signer, provider.kid
    provider.rotate()
    signed_in(psc)
    provider.signer, provider.lies["header"] = old, {"kid": kid}

    assert refused(psc) == "unknown key"
    provider.rotate()


def test_a_forged_signature_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    provider.forge()

    assert refused(psc) == "signature"
    provider.rotate()


def test_the_key_that_encrypts_signs_nothing(psc: ProSanteConnect, provider: Provider) -> None:
    provider.lies["header"] = {"kid": "encrypts"}

    assert refused(psc) == "unknown key"


@pytest.mark.parametrize(
    "change",
    [
        {"kid": ["x"]},
        {"kid": GONE},
        {"kty": "oct"},
        {"kty": GONE},
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"n": "AQAB"},
        {"n": GONE},
        {"n": 7},
        {"e": GONE},
        {"e": "A" * 9},
    ],
    ids=str,
)
def test_a_key_of_the_list_that_is_not_fit_is_none(psc: ProSanteConnect, provider: Provider, change: dict[str, Any]) -> None:
    (_, signs) = provider.keys()["keys"]
    provider.lies["keys"] = {"keys": [{name: value for name, value in {**signs, **change}.items() if value is not GONE}]}

    assert refused(psc) == "unknown key"


def test_a_token_that_was_touched_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    head, body, tail = answer_of(psc).id_token.split(".")
    claims = json.dumps({**public_claims(f"{head}.{body}.{tail}"), "sub": PEOPLE["nurse"].userinfo["sub"]})
    for touched in (
        f"{head}.{_b64(claims.encode())}.{tail}",
        f"{head}.{body}.{tail[:-8]}AAAAAAAA",
        f"{head}.{body}.",
        f"{head}.{body}",
        head,
    ):
        provider.lies["tokens"] = {"id_token": touched}

        assert refused(psc) in ("signature", "header of the token")


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"7", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"[" * 60_000])
def test_signed_nonsense_is_refused(psc: ProSanteConnect, provider: Provider, payload: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    text = f"{_b64(json.dumps({'alg': 'RS256', 'kid': provider.kid}).encode())}.{_b64(payload)}"
    provider.lies["tokens"] = {"id_token": f"{text}.{_b64(provider.key.sign(text.encode(), PKCS1v15(), SHA256()))}"}

    assert refused(psc) in ("signature", "header of the token")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é.b.c", "W10.b.c", "bnVsbA.b.c", "\ud800.b.c", "{}.b.c", "a" * 60_000])
def test_what_is_no_token_is_refused(psc: ProSanteConnect, provider: Provider, token: str) -> None:
    provider.lies["tokens"] = {"id_token": token}

    assert refused(psc) == "header of the token"


@pytest.mark.parametrize("keys", [GONE, None, 7, {}, "keys", [], [None, 7, "key", []]], ids=str)
def test_a_list_of_keys_that_is_none_holds_none(psc: ProSanteConnect, provider: Provider, keys: Any) -> None:
    provider.lies["keys"] = {"keys": keys}

    assert refused(psc) == "unknown key"


# Lies about the person


def test_what_is_said_of_somebody_else_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    provider.lies["userinfo"] = {"sub": PEOPLE["nurse"].userinfo["sub"]}

    assert refused(psc) == "another sub"


@pytest.mark.parametrize("lie", [{"SubjectRefPro": GONE}, {"SubjectNameID": GONE}, {"SubjectRefPro": {"exercices": []}}], ids=str)
def test_userinfo_of_no_professional_is_not_let_in(psc: ProSanteConnect, provider: Provider, lie: dict[str, Any]) -> None:
    provider.lies["userinfo"] = lie

    with pytest.raises(Forbidden, match="psc_not_professional"):
        signed_in(psc)


def test_an_address_they_say_is_verified_changes_nothing(psc: ProSanteConnect, provider: Provider) -> None:
    honest = signed_in(psc)
    provider.lies["userinfo"] = {"email": "admin@clinique.example", "email_verified": True}

    assert signed_in(psc) == honest


# Codes


def test_a_code_works_once(psc: ProSanteConnect) -> None:
    code = code_of(psc)
    psc.finish(code, VERIFIER)

    with pytest.raises(Unauthenticated, match="psc_refused"):
        psc.finish(code, VERIFIER)


def test_a_code_is_of_no_use_to_another_browser(psc: ProSanteConnect) -> None:
    code = code_of(psc)

    with pytest.raises(Unauthenticated, match="psc_refused"):
        psc.finish(code, "w" * 43)


def test_a_code_is_of_no_use_to_another_client(provider: Provider) -> None:
    psc = connect(provider, secret="guessed")

    assert refused(psc).startswith("401 of ")


def test_a_code_that_is_over_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    code = code_of(psc)
    granted = provider.codes[code]
    provider.codes[code] = Granted(granted.who, granted.asked, time.time() - 1)

    with pytest.raises(Unauthenticated, match="psc_refused"):
        psc.finish(code, VERIFIER)


@pytest.mark.parametrize("code", ["", " ", "a b", "é", "\ud800", "a\r\nb", "a" * 2049])
def test_what_cannot_be_a_code_is_not_sent(psc: ProSanteConnect, provider: Provider, code: str) -> None:
    with pytest.raises(Unauthenticated, match="psc_refused"):
        psc.finish(code, VERIFIER)

    assert provider.asked == []


def test_an_access_that_is_over_by_the_time_it_is_used_is_refused(psc: ProSanteConnect, provider: Provider) -> None:
    provider.lies["tokens"] = {"access_token": "expired"}

    assert refused(psc).startswith("401 of ")


# Failures


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("place", ["discovery", "token", "certs", "userinfo"])
def test_a_provider_that_fails_anywhere_in_any_way_is_down(provider: Provider, place: str, fault: Fault) -> None:
    psc = connect(provider, patience=PATIENCE)
    provider.faults = {place: fault}
    begun = time.monotonic()

    with pytest.raises(Unavailable, match="psc_down"):
        signed_in(psc)

    assert provider.asked[-1] == place
    assert time.monotonic() - begun < provider.slowness


def test_a_failure_is_not_remembered(psc: ProSanteConnect, provider: Provider) -> None:
    provider.faults = {"discovery": Fault.DOWN, "certs": Fault.GARBAGE}
    with pytest.raises(Unavailable):
        signed_in(psc)
    del provider.faults["discovery"]
    with pytest.raises(Unavailable):
        signed_in(psc)
    del provider.faults["certs"]

    assert signed_in(psc).subject == "899700900011"


def test_nobody_there_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/auth/realms/x/.well-known/y"

        with pytest.raises(Unavailable, match="psc_down"):
            ProSanteConnect(nowhere, CLIENT, str, REDIRECT, AFTER).begin(STATE, NONCE, VERIFIER)


@pytest.mark.parametrize(
    "lie", [{"id_token": GONE}, {"id_token": 7}, {"access_token": GONE}, {"access_token": "a\r\nHost: evil"}, {"access_token": ""}]
)
def test_an_answer_without_tokens_is_none(psc: ProSanteConnect, provider: Provider, lie: dict[str, Any]) -> None:
    provider.lies["tokens"] = lie

    with pytest.raises(Unavailable, match="psc_down"):
        signed_in(psc)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate that nobody vouches for, its key beside it."""
    key, name = generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now, san = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
    signed = built.add_extension(san, critical=False).sign(key, SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def behind_tls(certificate: Path) -> Iterator[Provider]:
    """Serve over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    provider = Provider(0, CLIENT, SECRET, [REDIRECT, AFTER])
    provider.socket = context.wrap_socket(provider.socket, server_side=True)
    for name in ("origin", "issuer", "discovery"):
        setattr(provider, name, getattr(provider, name).replace("http://", "https://"))
    with served(provider):
        yield provider


def test_a_certificate_that_nobody_vouches_for_is_down(behind_tls: Provider) -> None:
    with pytest.raises(Unavailable, match="psc_down"):
        connect(behind_tls).begin(STATE, NONCE, VERIFIER)

    assert behind_tls.asked == []


def test_a_clinic_may_bring_a_context_of_its_own(behind_tls: Provider, certificate: Path) -> None:
    psc = connect(behind_tls, tls=lambda: ssl.create_default_context(cafile=str(certificate)))

    assert psc.begin(STATE, NONCE, VERIFIER).startswith(f"{behind_tls.origin}/auth?")


# Anything at all

plain = st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=20)
anything = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=5), inner, max_size=3))
PARTS: dict[str, tuple[str, ...]] = {
    "description": ("issuer", *ENDPOINTS),
    "keys": ("keys",),
    "tokens": ("id_token", "access_token"),
    "header": ("alg", "kid", "typ", "crit", "jwk", "x5c"),
    "claims": ("iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "acr", "sub"),
    "userinfo": ("sub", "SubjectNameID", "SubjectRefPro", "given_name", "family_name"),
}
key = st.fixed_dictionaries({"kid": st.just("known") | anything}, optional=dict.fromkeys(("kty", "n", "e", "use", "alg"), anything))
tokens = st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}", fullmatch=True) | st.text(max_size=50) | anything
special = {"keys": st.lists(key | anything, max_size=3) | anything, "id_token": tokens}


@pytest.mark.parametrize("part", PARTS)
@given(lies=st.data())
def test_whatever_it_says_the_answer_is_one_of_the_named_ones(standing: Provider, part: str, lies: st.DataObject) -> None:
    standing.be_honest()
    address = connect(standing, tls=lambda: CONTEXT).begin(STATE, NONCE, VERIFIER)
    names = {name: special.get(name, anything) for name in PARTS[part]}
    standing.lies[part] = lies.draw(st.fixed_dictionaries({}, optional=names))
    psc = connect(standing, tls=lambda: CONTEXT)

    try:
        answer = psc.finish(query(chosen(address, "doctor"))["code"], VERIFIER)
        sub = judge_id_token(answer.claims, issuer=psc.issuer, client=CLIENT, nonce=NONCE, now=datetime.now(UTC))
        told = professional(answer.userinfo, sub).family_name
    except (Unauthenticated, Unavailable, Forbidden) as refusal:
        told = refusal.code

    assert told in ("FONTAINE", "psc_refused", "psc_down", "psc_not_professional") or part == "userinfo"


# The stand-in itself


def test_its_page_says_that_it_is_a_demonstration_and_shows_everybody(psc: ProSanteConnect) -> None:
    shown = POOL.request("GET", psc.begin(STATE, NONCE, VERIFIER))
    page = shown.data.decode()

    assert (shown.status, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="fr">' in page
    assert "Ceci n&rsquo;est pas Pro Santé Connect." in page
    assert all(one.label in page for one in PEOPLE.values())
    assert page.count(f'value="{STATE}"') == 1


def test_its_page_shows_nothing_of_what_it_is_asked_as_it_is(psc: ProSanteConnect) -> None:
    page = POOL.request("GET", psc.begin('"><script>alert(1)</script>', NONCE, VERIFIER)).data.decode()

    assert "<script" not in page


def test_one_may_give_up_there(psc: ProSanteConnect) -> None:
    back = chosen(psc.begin(STATE, NONCE, VERIFIER), "")

    assert back.startswith(f"{REDIRECT}?")
    assert query(back) == {"error": "access_denied", "state": STATE}


@pytest.mark.parametrize("change", [{"redirect_uri": "http://evil.example/"}, {"client_id": "another"}])
def test_it_sends_nobody_to_an_address_it_does_not_know(psc: ProSanteConnect, change: dict[str, str]) -> None:
    address = psc.begin(STATE, NONCE, VERIFIER)

    sent = POOL.request("GET", address.partition("?")[0], fields={**query(address), **change}, redirect=False)

    assert sent.status == 400


@pytest.mark.parametrize("missing", ["nonce", "code_challenge", "code_challenge_method", "acr_values", "scope", "response_type"])
def test_it_wants_everything_they_want(psc: ProSanteConnect, missing: str) -> None:
    address = psc.begin(STATE, NONCE, VERIFIER)
    rest = {name: value for name, value in query(address).items() if name != missing}

    sent = POOL.request("GET", address.partition("?")[0], fields=rest, redirect=False)

    assert query(sent.headers["Location"]) == {"error": "invalid_request", "state": STATE}


def test_it_tells_whose_an_access_token_is_to_its_client_alone(psc: ProSanteConnect, provider: Provider) -> None:
    answer_of(psc, "editor")
    access, place = list(provider.accesses)[-1], provider.description()["introspection_endpoint"]
    basic = {"Authorization": f"Basic {psc._credentials()}"}

    def told(headers: dict[str, str], token: str) -> Any:
        return POOL.request("POST", place, fields={"token": token}, encode_multipart=False, headers=headers).json()

    assert told(basic, access)["SubjectNameID"] == "ANS20250101000001"
    assert told(basic, "another") == {"active": False}
    assert told({"Authorization": "Basic " + "Zm9v"}, access) == {"error": "unauthorized_client"}


@pytest.mark.parametrize("change", [{"id_token_hint": "a.b.c"}, {"post_logout_redirect_uri": "http://evil.example/"}])
def test_it_logs_nobody_out_for_a_stranger(psc: ProSanteConnect, change: dict[str, str]) -> None:
    address = psc.logout(answer_of(psc).id_token, STATE)

    sent = POOL.request("GET", address.partition("?")[0], fields={**query(address), **change}, redirect=False)

    assert sent.status == 400


def test_it_listens_to_this_machine_alone(provider: Provider) -> None:
    assert provider.server_address[0] == "127.0.0.1"
