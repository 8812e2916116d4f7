"""Read the file in which a clinic says what it chooses (docs/reference/clinic-file.md): a clinic, or every sentence against it.

Each field has one rule, and each leads to a parameter of the stack or to a step of the deployment: a field that did nothing would be a lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.strict_json import DECODER
from infra.architecture import Architecture
from infra.clinic_rules import (
    Rule,
    choice,
    domain,
    email,
    identity,
    neutral,
    neutral_email,
    optional,
    prefixes,
    reason,
    region,
    some,
    text,
    whole,
)

SCHEMA = 1
MOST_BYTES = 10**15 - 1
MOST_PEOPLE = 9_999_999
RUNGS = ("email", "sms", "sender", "alternate")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the file: its rule, and the parameter of the stack it becomes, if it is one."""

    rule: Rule
    parameter: str | None = None


FIELDS: dict[str, Field] = {
    "schema": Field(choice(SCHEMA)),
    "id": Field(identity, "ClinicId"),
    "name": Field(text()),
    "alias": Field(neutral, "ClinicName"),
    "region": Field(region),
    "domain": Field(domain, "Domain"),
    "sender": Field(neutral_email, "Sender"),
    "support": Field(neutral_email, "Support"),
    "administrator.name": Field(text()),
    "administrator.email": Field(email),
    "alerts.first": Field(email, "AlertAddress"),
    "alerts.second": Field(email, "SecondAlertAddress"),
    "languages": Field(some("fr", "en", least=1), "Languages"),
    "retention.days": Field(whole(1, 30), "LifetimeDays"),
    "retention.most_days": Field(whole(1, 30), "LifetimeDaysMost"),
    "limits.file_bytes": Field(whole(1, MOST_BYTES), "MaxFileBytes"),
    "limits.transfer_bytes": Field(whole(1, MOST_BYTES), "MaxTransferBytes"),
    "limits.files": Field(whole(1, 1000), "MaxFiles"),
    "limits.recipients": Field(whole(1, 50), "MaxRecipients"),
    "limits.openings": Field(whole(5, 1000), "MaxOpenings"),
    "limits.member_daily_recipients": Field(whole(1, MOST_PEOPLE), "MemberDailyRecipients"),
    "limits.member_daily_bytes": Field(whole(1, MOST_BYTES), "MemberDailyBytes"),
    "limits.clinic_daily_recipients": Field(whole(1, MOST_PEOPLE), "ClinicDailyRecipients"),
    "limits.clinic_daily_bytes": Field(whole(1, MOST_BYTES), "ClinicDailyBytes"),
    "limits.codes_per_address": Field(whole(1, 999_999), "CodesPerIp"),
    "limits.calls_per_address": Field(whole(10, 9_999_999), "CallsPerIp"),
    "limits.code_calls_per_address": Field(whole(10, 9_999_999), "CodeCallsPerIp"),
    "limits.messages_per_second": Field(whole(1, 500), "MessagesPerSecond"),
    "factors.psc": Field(choice("off", "offered", "mandatory"), "Psc"),
    "factors.psc_environment": Field(choice("sandbox", "production"), "PscDiscovery"),
    "factors.psc_client": Field(optional(text()), "PscClient"),
    "factors.email_codes": Field(reason),
    "sms.prefixes": Field(prefixes, "SmsPrefixes"),
    "sms.per_day": Field(whole(1, MOST_PEOPLE), "SmsPerDay"),
    "ladder": Field(some(*RUNGS), "Ladder"),
    "firewall": Field(choice("on", "off"), "WithFirewall"),
    "mail_tls": Field(choice("require", "optional"), "MailTls"),
    "architecture": Field(choice(*Architecture)),
    "log_days": Field(choice(180, 365), "LogDays"),
    "audit_days": Field(whole(180, 7300), "AuditDays"),
    "monthly_budget": Field(whole(1, 999_999), "MonthlyBudget"),
}
AT_MOST = (  # what may not be larger than what
    ("retention.days", "retention.most_days"),
    ("limits.file_bytes", "limits.transfer_bytes"),
    ("limits.code_calls_per_address", "limits.calls_per_address"),
    ("limits.member_daily_recipients", "limits.clinic_daily_recipients"),
    ("limits.member_daily_bytes", "limits.clinic_daily_bytes"),
)
SECTIONS = frozenset(name.partition(".")[0] for name in FIELDS if "." in name)


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who is invited first."""

    name: str = field(repr=False)
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClinicFile:
    """What one clinic chose; `parameters` are its choices under the names of the stack's parameters."""

    id: str
    name: str
    alias: str
    region: str
    domain: str
    sender: str
    administrator: Administrator
    email_codes: str | None
    architecture: Architecture
    parameters: Mapping[str, str]

    @property
    def stack(self) -> str:
        """Answer the name of the clinic's stack."""
        return f"sceau-{self.id}"


class BadClinicFile(Exception):
    """A clinic's file breaks rules; `faults` holds one sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read(content: str) -> ClinicFile:
    """Read the text of a clinic's file; raise `BadClinicFile` with every fault at once."""
    try:
        said = DECODER.decode(content)
    except ValueError as error:
        raise BadClinicFile([f"The file is not JSON: {error}."]) from None
    if not isinstance(said, dict):
        raise BadClinicFile(["The file must be one JSON object."])
    values = dict(_flat(said))
    faults = [*_strange(values), *_missing(values), *_broken(values)]
    faults = faults or [*_disproportionate(values), *_unconnected(values), *_same(values)]
    if faults:
        raise BadClinicFile(faults)
    return _clinic(values)


def _flat(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name every value by its path; a section that is no object stands for itself."""
    for name, value in said.items():
        if name in SECTIONS and isinstance(value, dict):
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            yield name, value


def _strange(values: Mapping[str, Any]) -> list[str]:
    unknown = [name for name in values if name not in FIELDS]
    return [f"{name}: must be an object." if name in SECTIONS else f"{name}: is no field of a clinic's file." for name in unknown]


def _missing(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}: is missing." for name in FIELDS if name not in values and name.partition(".")[0] not in values]


def _broken(values: Mapping[str, Any]) -> list[str]:
    found = {name: one.rule(values[name]) for name, one in FIELDS.items() if name in values}
    return [f"{name}: {sentence}." for name, sentence in found.items() if sentence]


def _disproportionate(values: Mapping[str, Any]) -> list[str]:
    return [f"{small}: must not be larger than {large}." for small, large in AT_MOST if values[small] > values[large]]


def _unconnected(values: Mapping[str, Any]) -> list[str]:
    wanted = values["factors.psc"] != "off" and values["factors.psc_client"] is None
    return ["factors.psc_client: must be the clinic's name at Pro Santé Connect, unless factors.psc is off."] if wanted else []


def _same(values: Mapping[str, Any]) -> list[str]:
    twice = values["alerts.first"] == values["alerts.second"]
    return ["alerts.second: must not be the first address: when somebody is away, somebody else is told."] if twice else []


def _clinic(values: Mapping[str, Any]) -> ClinicFile:
    named = {one.parameter: _parameter(name, values[name]) for name, one in FIELDS.items() if one.parameter}
    return ClinicFile(
        values["id"],
        values["name"],
        values["alias"],
        values["region"],
        values["domain"],
        values["sender"],
        Administrator(values["administrator.name"], values["administrator.email"]),
        values["factors.email_codes"],
        Architecture(values["architecture"]),
        named | {"Origin": f"https://{values['domain']}"},
    )


def _parameter(name: str, value: Any) -> str:
    """Say a value in the words of the stack's parameters, which are text."""
    if name == "mail_tls":
        return str(value).upper()
    if isinstance(value, list):
        return ",".join(value) or "none"
    return "none" if value is None else str(value)
