"""What Pro Santé Connect says: believed when every claim is as it should be, read without surprise whatever it holds."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Forbidden, Unauthenticated
from chalicelib.domain.professional import ACCEPTED_ACR, Answer, Place, Professional, judge_id_token, professional

ISSUER, CLIENT, NONCE, SUB = "https://auth.example/realm", "sceau", "n" * 43, "f:550dc1c8:899700900011"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = int(NOW.timestamp())
GONE = object()

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
anything = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3))


def changed(truth: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**truth, **changes}.items() if value is not GONE}


def claims(**changes: Any) -> dict[str, Any]:
    """Build the claims of a good token."""
    bound = {"iss": ISSUER, "aud": CLIENT, "azp": CLIENT, "nonce": NONCE}
    return changed({**bound, "exp": INSTANT + 120, "iat": INSTANT, "acr": "eidas3", "sub": SUB}, changes)


def judged(said: Mapping[str, Any], nonce: str = NONCE, **choices: Any) -> str:
    return judge_id_token(said, issuer=ISSUER, client=CLIENT, nonce=nonce, now=NOW, **choices)


def activity(**changes: Any) -> dict[str, Any]:
    """Build a place of practice as the directory has it: what is not known is empty."""
    usual = {"raisonSocialeSite": "CABINET", "codePostal": "75009", "numeroFinessSite": "", "numeroSiretSite": ""}
    return changed({**usual, "identifiantTechniqueDeLaStructure": ""}, changes)


def exercice(code: str, *activities: Any) -> dict[str, Any]:
    return {"codeProfession": code, "activities": list(activities)}


def said(*exercices: Any, **changes: Any) -> dict[str, Any]:
    """Build what is said of a professional, a doctor unless told otherwise."""
    practice = {"exercices": list(exercices) or [exercice("10", activity(identifiantTechniqueDeLaStructure="R1"))]}
    names = {"given_name": "Adèle", "family_name": "Fontaine"}
    return changed({"sub": SUB, "SubjectNameID": "899700900011", **names, "SubjectRefPro": practice}, changes)


def places(*exercices: Any) -> tuple[Place, ...]:
    return professional(said(*exercices), SUB).places


def test_a_good_token_gives_its_sub() -> None:
    assert judged(claims()) == SUB


@pytest.mark.parametrize("acr", ["eidas1", "eidas2", "eidas3"])
def test_every_level_we_know_is_accepted(acr: str) -> None:
    assert judged(claims(acr=acr)) == SUB


@pytest.mark.parametrize(
    "good",
    [
        {"aud": [CLIENT]},
        {"aud": [CLIENT], "azp": GONE},
        {"azp": GONE},
        {"aud": [CLIENT, "other"]},
        {"nbf": INSTANT + 30},
        {"iat": INSTANT + 30},
        {"exp": INSTANT - 29},
    ],
    ids=str,
)
def test_a_token_may_be_written_in_other_ways(good: dict[str, Any]) -> None:
    assert judged(claims(**good)) == SUB


@pytest.mark.parametrize(
    ("reason", "lie"),
    [
        *(("issuer", {"iss": iss}) for iss in (GONE, None, "", ISSUER + "/", ISSUER.upper(), [ISSUER], "https://auth.bas.example/realm")),
        *(("audience", {"aud": aud}) for aud in (GONE, None, "", "other", [], ["other"], ["other", "another"], {CLIENT: 1}, "sceau2")),
        *(("audience", {"azp": azp}) for azp in ("", "other", [CLIENT], 0)),
        *(("audience", {"aud": [CLIENT, "other"], "azp": azp}) for azp in (GONE, None, "other")),
        *(("expired", {"exp": exp}) for exp in (GONE, None, 0, -1, INSTANT - 30, INSTANT - 121, str(INSTANT + 120), True, float("inf"))),
        *(("expired", {"exp": exp}) for exp in (2**53, 10**400, float("nan"), INSTANT + 120.5, [INSTANT + 120])),
        *(("not yet", {"iat": iat}) for iat in (GONE, None, INSTANT + 31, -1, str(INSTANT), float("nan"), True)),
        *(("not yet", {"nbf": nbf}) for nbf in (None, INSTANT + 31, "0", float("nan"))),
        *(("nonce", {"nonce": nonce}) for nonce in (GONE, None, "", NONCE[:-1], NONCE.upper(), [NONCE], 0)),
        *(("acr", {"acr": acr}) for acr in (GONE, None, "", "eidas0", "eidas4", "EIDAS3", "eidas", ["eidas3"], {"eidas3": 1}, 3)),
        *(("sub", {"sub": sub}) for sub in (GONE, None, "", "a b", "é", "s" * 256, [SUB], 1, "\ud800", "a\n")),
    ],
    ids=str,
)
def test_one_claim_that_is_not_as_it_should_be_is_enough(reason: str, lie: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match="psc_refused") as refusal:
        judged(claims(**lie))

    assert refusal.value.__notes__ == [reason]


def test_a_nonce_that_is_empty_on_both_sides_is_no_nonce() -> None:
    with pytest.raises(Unauthenticated, match="psc_refused"):
        judged(claims(nonce=""), nonce="")


def test_a_clinic_may_accept_fewer_levels() -> None:
    assert judged(claims(acr="eidas3"), accepted_acr={"eidas3"}) == SUB
    with pytest.raises(Unauthenticated, match="psc_refused"):
        judged(claims(acr="eidas1"), accepted_acr={"eidas3"})


def test_a_refusal_tells_the_caller_nothing_of_its_reason() -> None:
    with pytest.raises(Unauthenticated) as refusal:
        judged(claims(acr="eidas0"))

    assert (refusal.value.code, refusal.value.field, str(refusal.value)) == ("psc_refused", None, "psc_refused")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(claims(nbf=0), anything)))
def test_hostile_claims_are_refused_or_harmless(lies: dict[str, Any]) -> None:
    hostile = claims(**lies)

    try:
        sub = judged(hostile)
    except Unauthenticated:
        return

    assert (hostile["iss"], hostile["nonce"], hostile["sub"]) == (ISSUER, NONCE, sub)
    assert hostile["acr"] in ACCEPTED_ACR
    assert hostile["iat"] - 30 <= INSTANT < hostile["exp"] + 30


def test_a_doctor_is_read_with_both_places() -> None:
    surgery = activity(identifiantTechniqueDeLaStructure="R95141", raisonSocialeSite="CABINET M DOC")
    hospital = activity(identifiantTechniqueDeLaStructure="F0B0193488", numeroFinessSite="0B0193488", raisonSocialeSite="HOPITAL")

    who = professional(said(exercice("10", surgery, hospital)), SUB)

    expected = (Place("R95141", "CABINET M DOC"), Place("F0B0193488", "HOPITAL", "0B0193488"))
    assert who == Professional("899700900011", "Adèle", "Fontaine", ("10",), expected)


def test_two_ways_of_practising_give_the_places_of_both_once_each() -> None:
    hospital, births = activity(identifiantTechniqueDeLaStructure="F1"), activity(identifiantTechniqueDeLaStructure="R2")

    who = professional(said(exercice("50", births, hospital), exercice("60", hospital), exercice("60")), SUB)

    assert who.professions == ("50", "60")
    assert [place.id for place in who.places] == ["R2", "F1"]


def test_the_id_of_a_place_is_the_same_in_any_order_and_company() -> None:
    sites = [
        activity(identifiantTechniqueDeLaStructure="R1"),
        activity(numeroFinessSite="750000001"),
        activity(numeroSiretSite="90000000500017"),
        activity(raisonSocialeSite="CABINET E\u0301TOILE"),
        activity(raisonSocialeSite="CABINET ÉTOILE", codePostal="69003"),
    ]

    forwards, backwards, alone = places(exercice("10", *sites)), places(exercice("10", *sites[::-1])), places(exercice("60", sites[3]))

    ids = [place.id for place in forwards]
    assert len(set(ids)) == len(sites)
    assert ids[:3] == ["R1", "finess:750000001", "siret:90000000500017"]
    assert forwards == backwards[::-1]
    assert alone == forwards[3:4]
    assert alone == places(exercice("10", activity(raisonSocialeSite="CABINET ÉTOILE", telephone="0100000000")))


def test_a_place_that_nothing_names_is_none() -> None:
    assert places(exercice("10", activity(raisonSocialeSite=""), {}, None, 3, [], "R1")) == ()


def test_a_place_without_a_name_goes_by_its_id() -> None:
    assert places(exercice("10", activity(raisonSocialeSite="\u202egnirts", identifiantTechniqueDeLaStructure="R1"))) == (
        Place("R1", "R1"),
    )


def test_the_name_of_a_place_is_shown_as_far_as_a_name_goes() -> None:
    (place,) = places(exercice("10", activity(raisonSocialeSite="C" * 500)))

    assert place.name == "C" * 100


@pytest.mark.parametrize("number", ["75000000", "75000000A\n", "7500 0000", "\uff17" * 9, 750000001, None, ["750000001"]])
def test_a_number_that_has_not_its_shape_is_not_kept(number: Any) -> None:
    wrong = activity(identifiantTechniqueDeLaStructure="R1", numeroFinessSite=number, numeroSiretSite=number)

    assert places(exercice("10", wrong)) == (Place("R1", "CABINET"),)


def test_names_are_in_their_canonical_form() -> None:
    decomposed = {"given_name": unicodedata.normalize("NFD", " Zoë "), "family_name": unicodedata.normalize("NFD", "Lefèvre-Ünal")}

    who = professional(said(**decomposed), SUB)

    assert (who.given_name, who.family_name) == ("Zoë", "Lefèvre-Ünal")
    assert who.given_name != decomposed["given_name"].strip()


@pytest.mark.parametrize("given_name", [GONE, None, ""])
def test_somebody_may_have_one_name(given_name: Any) -> None:
    who = professional(said(given_name=given_name), SUB)

    assert (who.given_name, who.family_name) == ("", "Fontaine")


@pytest.mark.parametrize("name", ["\u202eadA", "A\nda", "\ud800", "a" * 101, 7, ["Ada"], {"a": 1}])
@pytest.mark.parametrize("key", ["given_name", "family_name"])
def test_a_name_that_is_no_name_is_refused(key: str, name: Any) -> None:
    with pytest.raises(Unauthenticated, match="psc_refused"):
        professional(said(**{key: name}), SUB)


@pytest.mark.parametrize("others", [GONE, [], [{"identifiant": "ANS20231122132732", "origine": "EDIT", "qualite": 1}], "RPPS", None])
def test_an_id_that_is_not_of_rpps_is_as_good(others: Any) -> None:
    who = professional(said(otherIds=others, SubjectNameID="ANS20231122132732"), SUB)

    assert who.subject == "ANS20231122132732"


@pytest.mark.parametrize("subject", ["899700900011", "0751234567", "3750000001/CPAT00045", "590000000500017/E-1.2_3"])
def test_every_kind_of_national_id_is_kept_as_it_is(subject: str) -> None:
    assert professional(said(SubjectNameID=subject), SUB).subject == subject


@pytest.mark.parametrize(
    "lie",
    [
        *({"SubjectRefPro": practice} for practice in (GONE, None, {}, [], "10", {"exercices": []}, {"exercices": {}}, {"exercices": [1]})),
        *(
            {"SubjectNameID": subject}
            for subject in (GONE, None, "", " ", 899700900011, ["8"], "8" * 65, "8997\n", "\u0668" * 12, "a@b.fr")
        ),
    ],
    ids=str,
)
def test_somebody_who_is_no_professional_is_refused_as_such(lie: dict[str, Any]) -> None:
    with pytest.raises(Forbidden, match="psc_not_professional"):
        professional(said(**lie), SUB)


@pytest.mark.parametrize("sub", [GONE, None, "", SUB.upper(), SUB + " ", [SUB], "f:550dc1c8:899700900022"])
def test_what_is_said_of_another_person_is_refused(sub: Any) -> None:
    with pytest.raises(Unauthenticated, match="psc_refused"):
        professional(said(sub=sub), SUB)


def test_an_address_from_the_directory_is_never_read() -> None:
    address = {"email": "ada@example.fr", "email_verified": True}

    with_one = professional(said(exercice("10", activity(adresseEMail="ada@example.fr")), **address), SUB)

    assert with_one == professional(said(exercice("10", activity())), SUB)


def test_nothing_personal_is_shown() -> None:
    who = professional(said(), SUB)

    shown = repr((who, who.places, Answer({"sub": SUB}, said(), "a.b.c")))

    assert shown == "(Professional(professions=('10',)), (Place(),), Answer())"


deep = st.fixed_dictionaries({}, optional=dict.fromkeys(activity(enseigneCommercialeSite=""), anything))
way = st.fixed_dictionaries({}, optional={"codeProfession": anything, "activities": anything | st.lists(deep, max_size=3)})
practices = anything | st.fixed_dictionaries({"exercices": anything | st.lists(anything | way, max_size=3)})
userinfos = st.fixed_dictionaries({}, optional={**dict.fromkeys(said(otherIds=[]), anything), "SubjectRefPro": practices})


@given(userinfos)
def test_hostile_userinfo_is_refused_or_harmless(lies: dict[str, Any]) -> None:
    try:
        who = professional(said(**lies), SUB)
    except (Unauthenticated, Forbidden):
        return

    texts = [who.subject, who.family_name, *who.professions, *(text for place in who.places for text in (place.id, place.name))]
    assert all(0 < len(text) <= 100 for text in texts)
    assert not any(unicodedata.category(character)[0] == "C" for text in [*texts, who.given_name] for character in text)
    assert len({place.id for place in who.places}) == len(who.places)
