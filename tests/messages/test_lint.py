"""No message says more than it may (requirement R65), whatever the template."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from jinja2 import Environment, meta

from chalicelib import rendering
from chalicelib.domain.notice import Letter
from tests.messages.cases import CLINIC, ORIGIN, SECRET, letters
from tests.messages.lint import ALLOWED_VARIABLES, faults, sms_faults

HOST = urlsplit(ORIGIN).hostname or ""
LETTERS = [pytest.param(letter, id=f"{case}-{language}") for case, language, letter in letters()]
TEMPLATES = sorted((Path(rendering.__file__).parent / "templates" / "messages").rglob("*.*"))
HELPERS = {"t", "moment", "self"}


@pytest.mark.parametrize("letter", LETTERS)
def test_a_message_holds_nothing_it_may_not(letter: Letter) -> None:
    for part in (letter.subject, letter.text, letter.html, letter.sms or ""):
        assert list(faults(part, HOST)) == []


@pytest.mark.parametrize("letter", LETTERS)
def test_an_sms_fits_in_one_segment(letter: Letter) -> None:
    assert list(sms_faults(letter.sms or "")) == []


@pytest.mark.parametrize("language", rendering.LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_reminder_by_sms_fits_in_any_month(month: int, language: str) -> None:
    values = {"clinic": CLINIC, "link": ORIGIN, "expires_at": int(datetime(2026, month, 28, 23, 59, tzinfo=UTC).timestamp())}

    assert list(sms_faults(rendering.message("reminder", values, language).sms or "")) == []


def has_code(letter: Letter) -> bool:
    return any("048291" in part for part in (letter.text, letter.html))


def has_link(letter: Letter) -> bool:
    return any("//" in part for part in (letter.text, letter.html))


@pytest.mark.parametrize("letter", LETTERS)
def test_the_link_and_the_code_never_travel_together(letter: Letter) -> None:
    assert not (has_code(letter) and has_link(letter))
    assert "048291" not in letter.subject


def test_only_an_address_that_was_left_is_led_nowhere() -> None:
    nowhere = {case for case, _, letter in letters() if not has_code(letter) and not has_link(letter)}

    assert nowhere == {"contact_left"}


@pytest.mark.parametrize("letter", LETTERS)
def test_the_plain_text_says_what_the_html_says(letter: Letter) -> None:
    words = re.sub(r"<style>.*?</style>|<title>.*?</title>|<!--.*?-->|<[^>]+>", " ", letter.html, flags=re.DOTALL)

    said = " ".join(unescape(words).split())
    for line in letter.text.replace("-- \n", "").splitlines():
        assert " ".join(line.split()) in said


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_uses_only_what_a_message_may_say(template: Path) -> None:
    used = meta.find_undeclared_variables(Environment(autoescape=True).parse(template.read_text("utf-8")))

    assert used - HELPERS - {"paragraph", "button"} <= ALLOWED_VARIABLES


@pytest.mark.parametrize(
    "text",
    [
        "Compte rendu d'IRM de M. Dupont",
        "resultats_VIH.pdf",
        "Service d'oncologie",
        "né le 12/03/1961",
        "2 69 05 49 588 157 80",
        "Bonjour Mme Martin, votre biopsie est prête",
        "https://suivi.exemple.fr/x",
        "<img src=x>",
        "chiffré de bout en bout",
    ],
)
def test_the_linter_refuses_what_it_must(text: str) -> None:
    assert list(faults(text, HOST)) != []


@pytest.mark.parametrize(
    "text", ["Votre code est prêt", "Reçu", "x" * 161, "Ouvrez https://exemple.fr", "l\N{RIGHT SINGLE QUOTATION MARK}e-mail"]
)
def test_the_linter_refuses_an_sms_that_would_be_cut_or_followed(text: str) -> None:
    assert list(sms_faults(text)) != []


def test_a_subject_is_always_one_line() -> None:
    for _, _, letter in letters():
        assert not re.search(r"[\r\n\x00-\x1f]", letter.subject)


def test_the_subject_of_a_share_link_never_changes() -> None:
    subjects = {language: letter.subject for case, language, letter in letters() if case.startswith("share_link")}

    assert subjects == {"fr": "Un document sécurisé vous attend", "en": "A secure document is waiting for you"}


def test_a_hostile_name_stays_text() -> None:
    values = {"clinic": {**CLINIC, "name": "<script>alert(1)</script>{{7*7}}\r\nBcc: x@y.fr"}, "link": ORIGIN, "expires_at": 0}

    letter = rendering.message("share_link", values, "fr")

    assert "<script>" not in letter.html
    assert "{{7*7}}" in letter.html
    assert "{{7*7}}" in letter.text
    assert "Bcc" not in letter.subject


def test_a_letter_does_not_show_its_secret_in_a_representation() -> None:
    assert all(SECRET not in repr(letter) and "048291" not in repr(letter) for _, _, letter in letters())
