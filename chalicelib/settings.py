"""The settings of this deployment, from the environment and nowhere else (docs/reference/settings.md)."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.clinic import Clinic, Federated, Guards
from chalicelib.domain.ladder import Rung
from chalicelib.domain.limits import FILES_MOST, RECIPIENTS_MOST, Quota, Sizes
from chalicelib.domain.person import Language
from chalicelib.domain.texts import Texts
from chalicelib.domain.transfer import LIFETIME_MOST_DAYS, Lifetime

_PREFIX = re.compile(r"\+[1-9][0-9]{0,6}")
OPENINGS_LEAST, OPENINGS_MOST = 5, 1000  # an opening whose answer was lost counts, too
_REALM = "/auth/realms/esante-wallet/.well-known/wallet-openid-configuration"  # not the usual name of such a file
_DISCOVERY = re.compile(r"(?:https://[a-z0-9-]+(?:\.[a-z0-9-]+)+|http://127\.0\.0\.1:\d+)(?:/[\w.~-]+)+/\.well-known/[\w-]+", re.ASCII)
PSC_ENVIRONMENTS = {"sandbox": f"https://auth.bas.psc.esante.gouv.fr{_REALM}", "production": f"https://auth.esw.esante.gouv.fr{_REALM}"}
SWITCH = (ON, _OFF) = ("on", "off")
PACE_MOST = 500  # messages a second


class BadSetting(Exception):
    """A setting is missing, empty or not what it should be. The message names it, never its value."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are, and the clinic's choices."""

    clinic: Clinic
    records_table: str
    keys_table: str
    bucket: str
    key_arn: str
    notices_queue_url: str
    codes_queue_url: str
    landed_queue_url: str
    sender: str
    configuration_set: str
    messages_per_second: int
    s3_addressing: str
    bucket_origin: str
    psc_discovery: str
    psc_client: str
    landed_dead_queue_url: str
    notices_dead_queue_url: str
    certificate: str
    function: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read every setting; raise `BadSetting`."""
        sizes = Sizes(
            _number(env, "MAX_FILE_BYTES"),
            _number(env, "MAX_TRANSFER_BYTES"),
            _number(env, "MAX_FILES", FILES_MOST),
            _number(env, "MAX_RECIPIENTS", RECIPIENTS_MOST),
        )
        clinic = Clinic(
            _text(env, "CLINIC_ID"),
            _text(env, "CLINIC_NAME"),
            _text(env, "SUPPORT"),
            _origin(env),
            _text(env, "HOSTING"),
            _number(env, "CODES_PER_IP"),
            _languages(env),
            _lifetime(env),
            sizes,
            _ladder(env),
            Texts(_prefixes(env), _number(env, "SMS_PER_DAY")),
            _number(env, "MAX_OPENINGS", OPENINGS_MOST, OPENINGS_LEAST),
            Quota(_number(env, "MEMBER_DAILY_RECIPIENTS"), _number(env, "MEMBER_DAILY_BYTES")),
            Quota(_number(env, "CLINIC_DAILY_RECIPIENTS"), _number(env, "CLINIC_DAILY_BYTES")),
            Guards(_choice(env, "FIREWALL", *SWITCH) == ON, _choice(env, "ALARMS", *SWITCH) == ON),
            Federated(_choice(env, "PSC", *Federated)),
            _day(env, "HOSTED_UNTIL"),
        )
        addressing = _choice(env, "S3_ADDRESSING", "virtual", "path")
        return cls(
            clinic,
            _text(env, "RECORDS_TABLE"),
            _text(env, "KEYS_TABLE"),
            _text(env, "BUCKET"),
            _text(env, "KEY_ARN"),
            _text(env, "NOTICES_QUEUE_URL"),
            _text(env, "CODES_QUEUE_URL"),
            _text(env, "LANDED_QUEUE_URL"),
            _text(env, "SENDER"),
            _text(env, "CONFIGURATION_SET"),
            _number(env, "MESSAGES_PER_SECOND", PACE_MOST),
            addressing,
            _bucket_origin(env, addressing),
            _discovery(env),
            _text(env, "PSC_CLIENT"),
            _text(env, "LANDED_DEAD_QUEUE_URL"),
            _text(env, "NOTICES_DEAD_QUEUE_URL"),
            _text(env, "CERTIFICATE"),
            _text(env, "AWS_LAMBDA_FUNCTION_NAME"),
        )


def _text(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise BadSetting(f"{name} is missing or empty")
    return value


def _number(env: Mapping[str, str], name: str, most: int = 10**15, least: int = 1) -> int:
    value = _text(env, name)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise BadSetting(f"{name} must be a whole number from {least} to {most}")
    return int(value)


def _day(env: Mapping[str, str], name: str) -> date | None:
    value = _text(env, name)
    try:
        return None if value == "none" else date.fromisoformat(value)
    except ValueError:
        raise BadSetting(f"{name} must be none, or a day such as 2027-01-31") from None


def _choice(env: Mapping[str, str], name: str, *allowed: str) -> str:
    value = _text(env, name)
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}")
    return value


def _ladder(env: Mapping[str, str]) -> frozenset[Rung]:
    value = _text(env, "LADDER")
    rungs = [] if value == "none" else value.split(",")
    if not set(rungs) <= set(Rung):
        raise BadSetting(f"LADDER must be none, or some of {', '.join(Rung)}, separated by commas")
    return frozenset(map(Rung, rungs))


def _languages(env: Mapping[str, str]) -> tuple[Language, ...]:
    found = _text(env, "LANGUAGES").split(",")
    if not set(found) <= set(Language) or len(set(found)) < len(found):
        raise BadSetting(f"LANGUAGES must be some of {', '.join(Language)}, separated by commas, each once")
    return tuple(map(Language, found))


def _lifetime(env: Mapping[str, str]) -> Lifetime:
    most = _number(env, "LIFETIME_DAYS_MOST", LIFETIME_MOST_DAYS)
    return Lifetime(_number(env, "LIFETIME_DAYS", most), most)


def _prefixes(env: Mapping[str, str]) -> tuple[str, ...]:
    prefixes = tuple(_text(env, "SMS_PREFIXES").split(","))
    if not all(_PREFIX.fullmatch(one) for one in prefixes):
        raise BadSetting("SMS_PREFIXES must be beginnings of numbers such as +33, separated by commas")
    return prefixes


def _origin(env: Mapping[str, str]) -> str:
    value = _text(env, "ORIGIN")
    local = value.startswith("http://localhost:")  # by its name: browsers make passkeys for no bare number
    if not (value.startswith("https://") or local) or value.endswith("/"):
        raise BadSetting("ORIGIN must be https://… without a slash at the end")
    return value


def _discovery(env: Mapping[str, str]) -> str:
    """Tell where Pro Santé Connect describes itself: by the names of its two environments, or in full."""
    value = _text(env, "PSC_DISCOVERY")
    found = PSC_ENVIRONMENTS.get(value, value)
    if _DISCOVERY.fullmatch(found) is None:
        raise BadSetting("PSC_DISCOVERY must be sandbox, production, or https://…/.well-known/…")
    return found


def _bucket_origin(env: Mapping[str, str], addressing: str) -> str:
    """Tell where browsers reach the bucket: the only foreign place a page may connect to."""
    if addressing == "path":
        return _text(env, "AWS_ENDPOINT_URL").rstrip("/")
    return f"https://{_text(env, 'BUCKET')}.s3.{_text(env, 'AWS_REGION')}.amazonaws.com"
