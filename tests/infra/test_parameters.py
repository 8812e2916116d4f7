"""Promises about what a clinic may choose."""

import re

import pytest

from tests.infra.reading import Reading

# Parameter: what it is when nobody chooses, what else it may be, what it may not.
CHOICES: dict[str, tuple[str, list[str], list[str]]] = {
    "Ladder": (
        "email,sms,sender,alternate",
        ["none", "email", "alternate", "sms,sender", "email,sender,alternate"],
        ["", "fax", "email,", ",email", "email;sms", "email, sms", "none,email", "email,none", "email,sms,sender,alternate,email"],
    ),
    "Languages": ("fr,en", ["fr", "en", "en,fr"], ["", "de", "fr,fr", "fr,", "fr, en"]),
    "LifetimeDays": ("7", ["1", "30"], ["0", "31", "07", "-1", "1.5"]),
    "LifetimeDaysMost": ("30", ["1", "29"], ["0", "31", "365", "030"]),
    "MaxOpenings": ("50", ["5", "9", "10", "99", "999", "1000"], ["0", "1", "4", "1001", "05", "-5", "5.5", "many"]),
    "MessagesPerSecond": ("10", ["1", "14", "499", "500"], ["0", "501", "1000", "1.5", ""]),
    "MemberDailyRecipients": ("2000", ["1", "9999999"], ["0", "-1", "1e3", "12345678"]),
    "ClinicDailyRecipients": ("20000", ["1", "9999999"], ["0", "-1", "1e3", "12345678"]),
    "MemberDailyBytes": (str(100 * 1024**3), ["1", "9" * 15], ["0", "100GiB", "9" * 16]),
    "ClinicDailyBytes": (str(1024**4), ["1", "9" * 15], ["0", "1TiB", "9" * 16]),
    "SweepRate": ("rate(2 minutes)", ["rate(1 minute)", "rate(4 minutes)"], ["rate(5 minutes)", "rate(1 hour)", "cron(0 * * * ? *)"]),
}


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_has_its_default_its_bounds_and_its_words(plain: Reading, name: str) -> None:
    default, good, bad = CHOICES[name]
    parameter = plain.template["Parameters"][name]
    pattern = re.compile(parameter["AllowedPattern"])

    assert (parameter["Type"], parameter["Default"]) == ("String", default)
    assert [value for value in (default, *good) if not pattern.fullmatch(value)] == []
    assert [value for value in bad if pattern.fullmatch(value)] == []


def test_every_choice_says_what_it_is(plain: Reading) -> None:
    assert [name for name, one in plain.template["Parameters"].items() if not one.get("Description", "").endswith((".", "(1 TiB)."))] == []


def test_every_choice_is_used(plain: Reading) -> None:
    used = str(plain.resources)

    assert [name for name in plain.template["Parameters"] if f"'Ref': '{name}'" not in used and f"${{{name}}}" not in used] == []


def test_mail_travels_over_tls_unless_the_clinic_says_otherwise(plain: Reading) -> None:
    choice = plain.template["Parameters"]["MailTls"]

    assert (choice["Default"], choice["AllowedValues"]) == ("REQUIRE", ["REQUIRE", "OPTIONAL"])
