"""A deployment with a setting that is missing or wrong serves nobody, and says which one without showing it."""

import pytest

from chalicelib.domain.clinic import Guards
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import Quota
from chalicelib.domain.person import Language
from chalicelib.domain.transfer import Lifetime
from chalicelib.settings import BadSetting, Settings

GOOD = {
    "CLINIC_ID": "demo",
    "CLINIC_NAME": "Clinique",
    "SUPPORT": "aide@clinique.example",
    "ORIGIN": "https://clinique.example",
    "HOSTING": "AWS Paris",
    "CODES_PER_IP": "100",
    "RECORDS_TABLE": "records",
    "KEYS_TABLE": "keys",
    "BUCKET": "files",
    "KEY_ARN": "arn:aws:kms:eu-west-3:1:key/1",
    "NOTICES_QUEUE_URL": "https://sqs.test/q",
    "CODES_QUEUE_URL": "https://sqs.test/c",
    "LANDED_QUEUE_URL": "https://sqs.test/l",
    "CONFIGURATION_SET": "sceau",
    "MESSAGES_PER_SECOND": "10",
    "SENDER": "a@b.fr",
    "LANGUAGES": "en,fr",
    "LIFETIME_DAYS": "3",
    "LIFETIME_DAYS_MOST": "14",
    "FIREWALL": "off",
    "ALARMS": "on",
    "MAX_FILE_BYTES": "10",
    "MAX_TRANSFER_BYTES": "20",
    "MAX_FILES": "3",
    "MAX_RECIPIENTS": "2",
    "MAX_OPENINGS": "50",
    "MEMBER_DAILY_RECIPIENTS": "4",
    "MEMBER_DAILY_BYTES": "40",
    "CLINIC_DAILY_RECIPIENTS": "5",
    "CLINIC_DAILY_BYTES": "50",
    "LADDER": "email,sms,sender,alternate",
    "SMS_PREFIXES": "+33,+262",
    "SMS_PER_DAY": "500",
    "S3_ADDRESSING": "virtual",
    "PSC": "off",
    "PSC_DISCOVERY": "production",
    "PSC_CLIENT": "none",
    "AWS_REGION": "eu-west-3",
    "HOSTED_UNTIL": "2027-01-31",
    "LANDED_DEAD_QUEUE_URL": "https://sqs.test/landed-dead",
    "NOTICES_DEAD_QUEUE_URL": "https://sqs.test/notices-dead",
    "CERTIFICATE": "none",
    "AWS_LAMBDA_FUNCTION_NAME": "sceau-APIHandler",
}


def test_good_settings_are_read() -> None:
    settings = Settings.from_env(GOOD)

    assert (settings.clinic.id, settings.clinic.codes_per_ip) == ("demo", 100)
    assert settings.clinic.sizes.recipients_most == 2
    assert settings.clinic.ladder == frozenset(Rung)
    assert (settings.clinic.member_quota, settings.clinic.clinic_quota) == (Quota(4, 40), Quota(5, 50))
    assert (settings.clinic.openings_most, settings.messages_per_second) == (50, 10)
    assert settings.clinic.languages == (Language.ENGLISH, Language.FRENCH)
    assert (settings.clinic.lifetime, settings.clinic.guards) == (Lifetime(3, 14), Guards(firewall=False, alarms=True))
    assert settings.bucket_origin == "https://files.s3.eu-west-3.amazonaws.com"


@pytest.mark.parametrize(("text", "rungs"), [("none", set()), ("sms", {Rung.SMS}), ("sender,email", {Rung.SENDER, Rung.EMAIL})])
def test_a_clinic_climbs_the_rungs_it_chose(text: str, rungs: set[Rung]) -> None:
    assert Settings.from_env({**GOOD, "LADDER": text}).clinic.ladder == rungs


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("value", [None, "", " ", "\n"])
def test_a_setting_that_is_missing_or_empty_is_named(name: str, value: str | None) -> None:
    env = {key: kept for key, kept in {**GOOD, name: value}.items() if kept is not None}

    with pytest.raises(BadSetting, match=rf"^{name} "):
        Settings.from_env(env)


BAD = {
    "ORIGIN": ["http://clinique.example", "clinique.example", "https://clinique.example/", "javascript:alert(1)", "//clinique.example"],
    "S3_ADDRESSING": ["auto", "PATH"],
    **{
        name: ["0", "-1", "1.5", "1e3", "x"]
        for name in ("CODES_PER_IP", "MAX_FILE_BYTES", "MAX_TRANSFER_BYTES", *(name for name in GOOD if "DAILY" in name))
    },
    "SMS_PREFIXES": ["33", "+33 +44", "+33,44", "+0", "France"],
    "SMS_PER_DAY": ["0", "many", "-1"],
    "LADDER": ["email,fax", ",", "none,email", "email sms", "EMAIL", "letter"],
    "LANGUAGES": ["de", "fr,", "fr,fr", "FR", "fr en"],
    "LIFETIME_DAYS": ["0", "15", "1.5"],
    "LIFETIME_DAYS_MOST": ["0", "31"],
    "FIREWALL": ["yes", "ON"],
    "ALARMS": ["no", "OFF"],
    "HOSTED_UNTIL": ["soon", "2027-02-30", "31/01/2027"],
    "MAX_FILES": ["0", "-1", "1001"],
    "MAX_RECIPIENTS": ["0", "51"],
    "MAX_OPENINGS": ["0", "4", "1001"],
    "MESSAGES_PER_SECOND": ["0", "0.5", "501"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_setting_that_is_wrong_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.from_env({**GOOD, name: f"{value}"})

    assert str(caught.value).startswith(name)
    assert len(value) < 4 or value not in str(caught.value)
