"""Pages: escaped, free of inline script and style, and their data safe inside a script element."""

import json
import re

import pytest

from chalicelib import rendering

HOSTILE = "</script><script>alert(1)</script>{{7*7}}"
MEMBER = {"member": "a" * 26, "name": HOSTILE, "email": "x@y.fr", "mobile": None, "language": "fr", "role": "administrator"}
LIMITS = {
    "max_file_bytes": 10 * 2**30,
    "max_transfer_bytes": 20 * 2**30,
    "max_files": 200,
    "max_recipients": 10,
    "lifetime_days": {"default": 7, "max": 30},
    "standby": True,
}
ACCEPTANCE = {"by": HOSTILE, "at": 1_782_900_000, "reason": HOSTILE}
PAGES = {
    "signin": {"values": {"psc": "offered", "accepted": True, "acceptance": ACCEPTANCE}},
    "join": {"values": {"psc": "offered"}},
    "psc": {},
    "account": {"member": MEMBER, "values": {"psc": "offered"}},
    "settings": {"member": MEMBER, "values": {"psc": "mandatory"}, "session": {"ends_at": 1_782_900_000, "idle_seconds": 1500}},
    "costs": {"member": MEMBER},
    "health": {"member": MEMBER},
    "send": {"member": MEMBER},
    "transfers": {"member": MEMBER},
    "transfer": {"member": MEMBER, "values": {"transfer": "b" * 26}},
    "resume": {"member": MEMBER, "values": {"transfer": "b" * 26}},
    "members": {"member": MEMBER},
    "collect": {},
    "verify": {"values": {"key": HOSTILE}},
    "about": {},
    "error": {"values": {"code": "not_found", "reference": None}},
}


def rendered(name: str, language: str = "fr", **more: object) -> str:
    clinic = {"name": HOSTILE, "support": HOSTILE, "hosting": HOSTILE}
    return rendering.page(name, {"clinic": clinic, "limits": LIMITS, "email_codes": True, **PAGES[name], **more}, language)


@pytest.mark.parametrize("language", rendering.LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_hostile_text_as_text(name: str, language: str) -> None:
    html = rendered(name, language)

    assert "<script>" not in html
    assert "{{7*7}}" in html
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_the_content_policy_forbids(name: str) -> None:
    html = rendered(name)

    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|https?://", html.replace("https://www.w3.org", ""))
    assert set(re.findall(r"<script ([^>]*)>", html)) == {
        f'type="module" src="{rendering.static_path("js/start.js")}"',
        'type="application/json" id="page-data"',
    }


@pytest.mark.parametrize("name", PAGES)
def test_the_data_of_a_page_is_whole_json(name: str) -> None:
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', rendered(name), re.DOTALL)
    assert found is not None

    data = json.loads(found[1])

    assert data["language"] == "fr"
    assert data["limits"] == LIMITS
    assert set(data) == {"language", "texts", "limits", "member", "email_codes"}


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_used_once(name: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', rendered(name))

    assert len(ids) == len(set(ids))


def test_only_administrators_are_shown_the_way_to_members() -> None:
    assert 'href="/members"' in rendered("send")
    assert 'href="/members"' not in rendered("send", member={**MEMBER, "role": "sender"})
    assert "<nav" not in rendered("collect")


def test_a_dpo_is_shown_what_to_look_at_and_nothing_to_change() -> None:
    dpo = {**MEMBER, "role": "dpo"}

    assert 'href="/send"' not in rendered("members", member=dpo)
    assert 'href="/settings"' in rendered("members", member=dpo)
    assert "data-acts" not in rendered("members", member=dpo)
    assert "data-form" not in rendered("members", member=dpo) + rendered("settings", member=dpo)


def test_signing_in_offers_what_the_clinic_offers() -> None:
    nothing_accepted = rendered("signin", values={"psc": "off", "accepted_at": None})
    accepted = rendered("signin", values={"psc": "off", "accepted_at": 1_790_000_000})
    psc_alone = rendered("signin", values={"psc": "mandatory", "accepted_at": None})

    assert "data-psc" not in nothing_accepted
    assert 'value="email"' in nothing_accepted  # a first proof: what strangers guess at keeps nobody waiting
    assert ("seule preuve" in nothing_accepted, "seule preuve" in accepted) == (False, True)
    assert "data-psc" in psc_alone
    assert "data-passkey" not in psc_alone
    assert "data-address-form" not in psc_alone


def test_a_form_that_no_script_has_taken_over_sends_nothing() -> None:
    for name in PAGES:
        assert all('method="dialog"' in form for form in re.findall(r"<form[^>]*>", rendered(name)))


def test_a_mobile_number_is_asked_for_unless_codes_may_go_by_email() -> None:
    assert "Sans numéro" in rendered("send", email_codes=True)
    assert "Sans numéro" not in rendered("send", email_codes=False)


@pytest.mark.parametrize("code", ["not_found", "forbidden", "too_many_requests", "failure", "something_else"])
def test_every_end_says_what_to_do(code: str) -> None:
    html = rendered("error", values={"code": code, "reference": "4f1c"})

    assert html.count("<h1") == 1
    assert "4f1c" in html


def test_a_missing_value_is_an_error_and_not_a_blank() -> None:
    with pytest.raises(Exception, match="max_recipients"):
        rendering.page("send", {"clinic": {"name": "x", "support": "y", "hosting": "z"}, "member": MEMBER}, "fr")


def test_times_are_those_of_paris_in_summer_and_winter() -> None:
    assert rendering.moment_in_words("fr", 1_796_050_000) == "30 novembre 2026 à 15:46"
    assert rendering.moment_in_words("en", 1_782_900_000) == "1 July 2026 at 12:00"
    assert rendering.moment_in_words("fr", 1_774_745_999) == "29 mars 2026 à 01:59"
    assert rendering.moment_in_words("fr", 1_774_746_000) == "29 mars 2026 à 03:00"


def test_a_count_is_singular_or_plural_as_the_language_has_it() -> None:
    assert rendering.sentence("fr", "send.days", count=0) == "0 jour"
    assert rendering.sentence("en", "send.days", count=0) == "0 days"
    assert rendering.sentence("fr", "send.days", count=7) == "7 jours"


def test_static_files_are_addressed_by_their_contents() -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{12}/css/site\.css", rendering.static_path("css/site.css"))
    assert rendering.static_text("css", "site.css") is not None
    assert rendering.static_text("css", "../js/start.js") is None
