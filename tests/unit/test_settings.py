"""A deployment with a setting that is missing or wrong serves nobody, and says which one without showing it."""

import pytest

from chalicelib.settings import BadSetting, Settings

GOOD = {
    "CLINIC_ID": "demo",
    "CLINIC_NAME": "Clinique",
    "SUPPORT": "aide@clinique.example",
    "ORIGIN": "https://clinique.example",
    "HOSTING": "AWS Paris",
    "EMAIL_CODES": "false",
    "CODES_PER_IP": "100",
    "RECORDS_TABLE": "records",
    "KEYS_TABLE": "keys",
    "BUCKET": "files",
    "KEY_ARN": "arn:aws:kms:eu-west-3:1:key/1",
    "NOTICES_QUEUE_URL": "https://sqs.test/q",
    "SENDER": "a@b.fr",
    "MAX_FILE_BYTES": "10",
    "MAX_TRANSFER_BYTES": "20",
    "MAX_FILES": "3",
    "MAX_RECIPIENTS": "2",
    "S3_ADDRESSING": "virtual",
    "AWS_REGION": "eu-west-3",
}


def test_good_settings_are_read() -> None:
    settings = Settings.from_env(GOOD)

    assert (settings.clinic.id, settings.clinic.email_codes, settings.clinic.codes_per_ip) == ("demo", False, 100)
    assert settings.clinic.sizes.recipients_most == 2
    assert settings.bucket_origin == "https://files.s3.eu-west-3.amazonaws.com"


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("value", [None, "", " ", "\n"])
def test_a_setting_that_is_missing_or_empty_is_named(name: str, value: str | None) -> None:
    env = {key: kept for key, kept in {**GOOD, name: value}.items() if kept is not None}

    with pytest.raises(BadSetting, match=rf"^{name} "):
        Settings.from_env(env)


BAD = {
    "ORIGIN": ["http://clinique.example", "clinique.example", "https://clinique.example/", "javascript:alert(1)", "//clinique.example"],
    "EMAIL_CODES": ["yes", "True", "1"],
    "S3_ADDRESSING": ["auto", "PATH"],
    **{
        name: ["0", "-1", "1.5", "1e3", "x"]
        for name in ("CODES_PER_IP", "MAX_FILE_BYTES", "MAX_TRANSFER_BYTES", "MAX_FILES", "MAX_RECIPIENTS")
    },
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_setting_that_is_wrong_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Settings.from_env({**GOOD, name: f"{value}"})

    assert str(caught.value).startswith(name)
    assert len(value) < 4 or value not in str(caught.value)
