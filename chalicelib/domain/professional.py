"""What Pro Santé Connect says of somebody, and whether to believe it. It comes from outside: nothing need have the shape it should."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from chalicelib.domain import person
from chalicelib.domain.errors import Forbidden, Invalid, Unauthenticated

Said = Mapping[str, object]

# OpenID Connect Core 1.0, section 2 (exp), allows "no more than a few minutes"; FAPI 2.0 lets a clock be 10 to 60 seconds ahead.
CLOCK_TOLERANCE = timedelta(seconds=30)
ACCEPTED_ACR = frozenset({"eidas1", "eidas2", "eidas3"})  # we ask for eidas1, a card answers eidas3
SUB_MOST = 255  # ASCII characters, OpenID Connect Core 1.0 section 2
_SUB = re.compile(rf"[\x21-\x7e]{{1,{SUB_MOST}}}")
_SUBJECT = re.compile(r"[0-9A-Za-z./_-]{1,64}")  # 8 + RPPS, 0 + ADELI, ANS…, or an establishment's number, a slash and its own id
_CODE = re.compile(r"[0-9A-Z]{1,8}")
_STRUCTURE = re.compile(r"[0-9A-Za-z]{1,32}")
_FINESS = re.compile(r"[0-9A-Z]{9}")
_SIRET = re.compile(r"[0-9]{14}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What Pro Santé Connect answered for a code: the claims of a token whose signature is good, and what it says of its bearer.

    Nothing else is checked yet: `judge_id_token` and `professional` are. `id_token` is what a log-out hands back.
    """

    claims: Said = field(repr=False)
    userinfo: Said = field(repr=False)
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody practises. `id` is the same at every sign-in; it never holds personal text, yet it may lead to somebody."""

    id: str = field(repr=False)
    name: str = field(repr=False)
    finess: str | None = field(default=None, repr=False)
    siret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Professional:
    """A health professional, as the national directory has them. `subject` is the national id: the one key to link an account by.

    No address: Pro Santé Connect vouches for none.
    """

    subject: str = field(repr=False)
    given_name: str = field(repr=False)
    family_name: str = field(repr=False)
    professions: tuple[str, ...] = ()
    places: tuple[Place, ...] = field(default=(), repr=False)


def refused(reason: str) -> Unauthenticated:
    """Refuse what only a mistake or an attack explains. The reason is a note for whoever runs the clinic, not for the caller."""
    refusal = Unauthenticated("psc_refused")
    refusal.add_note(reason)
    return refusal


def judge_id_token(
    claims: Said, *, issuer: str, client: str, nonce: str, now: datetime, accepted_acr: Collection[str] = ACCEPTED_ACR
) -> str:
    """Believe the claims of a token whose signature is good, and give its `sub`; raise `Unauthenticated("psc_refused")`.

    The order and the rules are those of OpenID Connect Core 1.0, section 3.1.3.7.
    """
    instant, tolerance = now.timestamp(), CLOCK_TOLERANCE.total_seconds()
    sub, acr = _text(claims.get("sub")), _text(claims.get("acr"))
    checks = {
        "issuer": claims.get("iss") == issuer,
        "audience": _is_for(client, claims.get("aud"), claims.get("azp")),
        "expired": instant < _seconds(claims.get("exp"), otherwise=0) + tolerance,
        "not yet": max(_seconds(claims.get("iat")), _seconds(claims.get("nbf", 0))) <= instant + tolerance,
        "nonce": nonce != "" and claims.get("nonce") == nonce,
        "acr": acr in accepted_acr,
        "sub": _SUB.fullmatch(sub) is not None,
    }
    for reason, good in checks.items():
        if not good:
            raise refused(reason)
    return sub


def _is_for(client: str, audience: object, party: object) -> bool:
    """Tell whether a token is for this client. One that is for others too must name us as the party it was issued to."""
    if isinstance(audience, list) and audience != [client]:
        return client in audience and party == client
    return audience in (client, [client]) and party in (None, client)


def _seconds(value: object, otherwise: float = float("inf")) -> float:
    """Read an instant, seconds since 1970; what is none makes the token fail its check."""
    return value if type(value) is int and 0 <= value < 2**53 else otherwise


def professional(userinfo: Said, sub: str) -> Professional:
    """Read who it is. Raise `Unauthenticated("psc_refused")`: another person; `Forbidden("psc_not_professional")`: no professional."""
    if userinfo.get("sub") != sub:
        raise refused("another sub")
    subject, practice = _text(userinfo.get("SubjectNameID")), userinfo.get("SubjectRefPro")
    exercices = list(_mappings(practice.get("exercices"))) if isinstance(practice, Mapping) else []
    if _SUBJECT.fullmatch(subject) is None or not exercices:
        raise Forbidden("psc_not_professional")
    codes = (_shaped(_CODE, exercice.get("codeProfession")) for exercice in exercices)
    places = (_place(activity) for exercice in exercices for activity in _mappings(exercice.get("activities")))
    return Professional(
        subject,
        _given_name(userinfo.get("given_name")),
        _name(userinfo.get("family_name")),
        tuple(dict.fromkeys(code for code in codes if code)),
        tuple({place.id: place for place in places if place}.values()),
    )


def _given_name(value: object) -> str:
    """Read a given name; somebody may have none."""
    return "" if value in (None, "") else _name(value)


def _name(value: object) -> str:
    try:
        return person.name(_text(value))
    except Invalid as error:
        raise refused("name") from error


def _place(activity: Said) -> Place | None:
    """Read a place of practice; None when nothing names it."""
    titles = (_title(activity.get(key)) for key in ("raisonSocialeSite", "enseigneCommercialeSite", "complementDestinataire"))
    name = next((title for title in titles if title), "")
    finess = _shaped(_FINESS, activity.get("numeroFinessSite"))
    siret = _shaped(_SIRET, activity.get("numeroSiretSite"))
    structure = _shaped(_STRUCTURE, activity.get("identifiantTechniqueDeLaStructure"))
    key = structure or (finess and f"finess:{finess}") or (siret and f"siret:{siret}") or (name and _digest(name, activity))
    return Place(key, name or key, finess, siret) if key else None


def _digest(name: str, activity: Said) -> str:
    """Make an id for a place that has none: the same as long as its name and its town are."""
    town = "\n".join(_title(activity.get(key)) for key in ("codePostal", "codeCommune"))
    return "name:" + sha256(f"{name}\n{town}".encode()).hexdigest()[:32]


def _title(value: object) -> str:
    """Read a line of text that may be missing: what could not be shown is taken as not said."""
    try:
        return person.name(_text(value)[: person.NAME_MOST])
    except Invalid:
        return ""


def _shaped(shape: re.Pattern[str], value: object) -> str | None:
    text = _text(value)
    return text if shape.fullmatch(text) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mappings(value: object) -> Iterator[Said]:
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else iter(())
