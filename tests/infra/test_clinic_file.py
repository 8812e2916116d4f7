"""A clinic's file is read whole or refused whole, with a sentence for each fault."""

import copy
import json
import re
from typing import Any

import pytest
import yaml

from infra.architecture import Architecture
from infra.clinic_file import FIELDS, BadClinicFile, ClinicFile, read
from infra.neutral import revealing
from tests.infra.reading import Reading
from tests.stack import ROOT

EXAMPLE: dict[str, Any] = json.loads((ROOT / "infra" / "clinics" / "example.json").read_text("utf-8"))
# What follows from another field, what the deployment finds out, and what no clinic needs to think about.
NOT_CHOSEN = {"CertificateArn", "HostedUntil"} | {
    "Origin",
    "S3Addressing",
    "Hosting",
    "SweepRate",
    "DeletionProtection",
    "CallsPerSecond",
    "CallsAtOnce",
}


def lilas(**changes: Any) -> dict[str, Any]:
    """Answer a good file, with changes under the names of its fields (`limits__files`); `...` takes a field away."""
    said = copy.deepcopy(EXAMPLE) | {"id": "lilas", "alias": "Clinique des Lilas", "domain": "transferts.clinique-des-lilas.fr"}
    said |= {"sender": "sceau@transferts.clinique-des-lilas.fr", "support": "aide@clinique-des-lilas.fr"}
    said["alerts"] = {"first": "astreinte@clinique-des-lilas.fr", "second": "direction@clinique-des-lilas.fr"}
    said["administrator"] = {"name": "Camille Admin", "email": "camille@clinique-des-lilas.fr"}
    for name, value in changes.items():
        *sections, last = name.split("__")
        place = said
        for section in sections:
            place = place[section]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return said


def faults(said: Any) -> list[str]:
    """List what is said against a file."""
    with pytest.raises(BadClinicFile) as refused:
        read(said if isinstance(said, str) else json.dumps(said))
    return refused.value.faults


def test_a_good_file_becomes_a_clinic() -> None:
    clinic = read(json.dumps(lilas(factors__email_codes="Patients âgés, sans téléphone mobile.")))

    assert isinstance(clinic, ClinicFile)
    assert (clinic.stack, clinic.region, clinic.administrator.email) == ("sceau-lilas", "eu-west-3", "camille@clinique-des-lilas.fr")
    assert clinic.email_codes == "Patients âgés, sans téléphone mobile."
    assert clinic.architecture is Architecture.X86_64
    assert read(json.dumps(lilas(architecture="arm64"))).architecture is Architecture.ARM64
    assert clinic.parameters["ClinicName"] == "Clinique des Lilas"
    assert clinic.parameters["Origin"] == "https://transferts.clinique-des-lilas.fr"
    assert (clinic.parameters["MailTls"], clinic.parameters["MaxFiles"], clinic.parameters["PscClient"]) == ("REQUIRE", "1000", "none")
    assert read(json.dumps(lilas(ladder=[]))).parameters["Ladder"] == "none"


def test_the_administrator_is_not_shown_by_accident() -> None:
    assert "camille" not in repr(read(json.dumps(lilas()))).lower()


def test_the_example_lacks_nothing_but_addresses_of_ones_own() -> None:
    found = faults(EXAMPLE)

    assert {one.partition(":")[0] for one in found} == {
        "domain",
        "sender",
        "support",
        "administrator.email",
        "alerts.first",
        "alerts.second",
    }
    assert all("reserved for examples" in one for one in found)


def test_every_choice_of_the_template_is_in_the_file_or_named_here(plain: Reading) -> None:
    chosen = {one.parameter for one in FIELDS.values() if one.parameter}

    assert chosen | NOT_CHOSEN == set(plain.template["Parameters"])
    assert not chosen & NOT_CHOSEN


def test_what_the_file_allows_the_template_takes() -> None:
    parameters = yaml.safe_load((ROOT / "infra/resources/parameters.yaml").read_text("utf-8"))["Parameters"]
    longest = lilas(limits__files=1000, limits__openings=1000, limits__messages_per_second=500, mail_tls="optional", log_days=365)
    longest |= {"ladder": [], "languages": ["en", "fr"], "retention": {"days": 30, "most_days": 30}, "firewall": "off"}

    for said in (lilas(), longest, lilas(id="abcd"), lilas(id="a" + 31 * "b")):
        for name, value in read(json.dumps(said)).parameters.items():
            allowed = parameters[name]
            assert allowed["Type"] == "String" or int(value) >= allowed.get("MinValue", 1), name
            assert re.fullmatch(allowed.get("AllowedPattern", ".+"), value), name
            assert value in map(str, allowed.get("AllowedValues", [value])), name


NEUTRAL = "tells a specialty"
BYTES = 999_999_999_999_999
BAD: list[tuple[dict[str, Any], str]] = [
    ({"region": "us-east-1"}, "region: must be eu-west-3: health data are stored in no other region (R01)."),
    ({"region": "eu-west-2"}, "region: must be eu-west-3"),
    ({"region": "eu-central-1"}, "region: must be eu-west-3"),
    ({"region": None}, "region: must be eu-west-3"),
    ({"schema": 2}, "schema: must be one of 1."),
    ({"schema": True}, "schema: must be one of 1."),
    ({"id": "Lilas"}, "id: must be 4 to 32 of a-z"),
    ({"id": "abc"}, "id: must be 4 to 32"),
    ({"id": "lilas-"}, "id: must be 4 to 32"),
    ({"id": "a" + 32 * "b"}, "id: must be 4 to 32"),
    ({"id": "debug"}, "id: is a value left over"),
    ({"alias": "Centre d'oncologie des Lilas"}, f"alias: {NEUTRAL} (oncologie)"),
    ({"alias": "Maternité des Lilas"}, f"alias: {NEUTRAL} (Maternité)"),
    ({"alias": "Lilas Cancer Center"}, f"alias: {NEUTRAL} (Cancer)"),
    ({"alias": ""}, "alias: must be text"),
    ({"alias": " "}, "alias: must be text"),
    ({"alias": "deux\nlignes"}, "alias: must be text"),
    ({"alias": "TODO"}, "alias: is a value left over"),
    ({"name": "default"}, "name: is a value left over"),
    ({"name": "AKIAABCDEFGHIJKLMNOP"}, "name: looks like a secret"),
    ({"name": 7}, "name: must be text"),
    ({"domain": "http://lilas.fr"}, "domain: must be a bare name"),
    ({"domain": "https://lilas.fr"}, "domain: must be a bare name"),
    ({"domain": "localhost"}, "domain: must be a bare name"),
    ({"domain": "transferts.localhost"}, "domain: ends in localhost"),
    ({"domain": "127.0.0.1"}, "domain: must be a bare name"),
    ({"domain": "lilas.fr:8000"}, "domain: must be a bare name"),
    ({"domain": "lilas.fr/"}, "domain: must be a bare name"),
    ({"domain": "lilas.example.com"}, "domain: ends in example.com"),
    ({"domain": "oncologie.lilas.fr"}, f"domain: {NEUTRAL}"),
    ({"sender": "sceau"}, "sender: must be an e-mail address"),
    ({"sender": "Sceau@lilas.fr"}, "sender: must be an e-mail address in small letters"),
    ({"sender": "psychiatrie@lilas.fr"}, f"sender: {NEUTRAL}"),
    ({"support": "aide@clinique.test"}, "support: ends in test"),
    ({"administrator__email": "camille@@lilas.fr"}, "administrator.email: must be an e-mail address"),
    ({"administrator__email": None}, "administrator.email: must be an e-mail address"),
    ({"administrator__name": "Admin"}, "administrator.name: is a value left over"),
    ({"limits__files": 1001}, "limits.files: must be a whole number from 1 to 1000."),
    ({"limits__files": "200"}, "limits.files: must be a whole number"),
    ({"limits__files": 1.0}, "limits.files: must be a whole number"),
    ({"limits__files": True}, "limits.files: must be a whole number"),
    ({"limits__recipients": 51}, "limits.recipients: must be a whole number from 1 to 50."),
    ({"limits__openings": 4}, "limits.openings: must be"),
    ({"limits__file_bytes": BYTES}, "limits.file_bytes: must not be larger than limits.transfer_bytes."),
    ({"limits__code_calls_per_address": 6001}, "limits.code_calls_per_address: must not be larger"),
    ({"limits__calls_per_address": 9}, "limits.calls_per_address: must be"),
    ({"audit_days": 179}, "audit_days: must be a whole number from 180 to 7300."),
    ({"monthly_budget": 0}, "monthly_budget: must be"),
    ({"alerts__second": "astreinte@clinique-des-lilas.fr"}, "alerts.second: must not be the first address"),
    ({"alerts__second": ...}, "alerts.second: is missing."),
    ({"alerts__first": "none"}, "alerts.first: must be an e-mail address"),
    ({"limits__member_daily_bytes": BYTES}, "limits.member_daily_bytes: must not be larger"),
    ({"limits__member_daily_recipients": 20001}, "limits.member_daily_recipients: must not be larger"),
    ({"factors__psc": "on"}, "factors.psc: must be one of off, offered, mandatory."),
    ({"factors__psc": "offered"}, "factors.psc_client: must be the clinic's name"),
    ({"factors__psc_client": "none"}, "factors.psc_client: is a value left over"),
    ({"factors__psc_client": ""}, "factors.psc_client: must be text"),
    ({"factors__psc_environment": "https://psc.lilas.fr"}, "factors.psc_environment: must be one of"),
    ({"factors__email_codes": "parce que"}, "factors.email_codes: must be null, or why"),
    ({"factors__email_codes": False}, "factors.email_codes: must be null, or why"),
    ({"sms__prefixes": []}, "sms.prefixes: must be a list"),
    ({"sms__prefixes": ["33"]}, "sms.prefixes: must be a list"),
    ({"sms__prefixes": ["+33", "+33"]}, "sms.prefixes: must be a list"),
    ({"sms__prefixes": "+33"}, "sms.prefixes: must be a list"),
    ({"sms__per_day": 0}, "sms.per_day: must be a whole number"),
    ({"ladder": ["fax"]}, "ladder: must be a list of some of email"),
    ({"ladder": ["email", "email"]}, "ladder: must be a list"),
    ({"ladder": [["email"]]}, "ladder: must be a list"),
    ({"mail_tls": True}, "mail_tls: must be one of require, optional."),
    ({"retention__most_days": 31}, "retention.most_days: must be a whole number from 1 to 30."),
    ({"retention__days": 31}, "retention.days: must be a whole number from 1 to 30."),
    ({"retention__days": 0}, "retention.days: must be a whole number from 1 to 30."),
    ({"retention__days": 8, "retention__most_days": 7}, "retention.days: must not be larger than retention.most_days."),
    ({"retention": 7}, "retention: must be an object."),
    ({"languages": []}, "languages: must be a list of one or more of fr, en, each once."),
    ({"languages": ["fr", "de"]}, "languages: must be a list of one or more of fr, en"),
    ({"languages": ["fr", "fr"]}, "languages: must be a list of one or more of fr, en"),
    ({"languages": "fr"}, "languages: must be a list of one or more of fr, en"),
    ({"firewall": "yes"}, "firewall: must be one of on, off."),
    ({"firewall": False}, "firewall: must be one of on, off."),
    ({"architecture": "aarch64"}, "architecture: must be one of x86_64, arm64."),
    ({"architecture": None}, "architecture: must be one of x86_64, arm64."),
    ({"log_days": 30}, "log_days: must be one of 180, 365."),
    ({"log_days": "180"}, "log_days: must be one of 180, 365."),
    ({"debug": True}, "debug: is no field of a clinic's file."),
    ({"limits__debug": 1}, "limits.debug: is no field of a clinic's file."),
    ({"limits": 5}, "limits: must be an object."),
    ({"administrator": ...}, "administrator.name: is missing."),
    ({"sms__per_day": ...}, "sms.per_day: is missing."),
    ({"alias": ...}, "alias: is missing."),
]


@pytest.mark.parametrize(("change", "sentence"), BAD, ids=lambda one: None if isinstance(one, str) else json.dumps(one, default=str))
def test_a_bad_value_is_refused_in_one_sentence(change: dict[str, Any], sentence: str) -> None:
    found = faults(lilas(**change))

    assert [one for one in found if one.startswith(sentence)]
    assert len(found) == (2 if change == {"administrator": ...} else 1)


def test_all_faults_are_said_at_once() -> None:
    found = faults(lilas(region="us-east-1", alias="Cardiologie", sms__per_day=0, colour="red", log_days=...))

    assert [one.partition(":")[0] for one in found] == ["colour", "log_days", "alias", "region", "sms.per_day"]


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '{"id": "a", "id": "b"}', '{"id": NaN}'])
def test_what_is_not_one_object_is_refused(content: str) -> None:
    (found,) = faults(content)

    assert found.startswith("The file ")


@pytest.mark.parametrize("name", ["Clinique des Lilas", "Hospices de Saint-Reims", "CHU Sainte-Ours", "Cabinet Montalembert", "Sacré-Cœur"])
def test_a_neutral_name_reveals_nothing(name: str) -> None:
    assert revealing(name) is None


@pytest.mark.parametrize("name", ["Institut Gynécologique", "Laboratoire VIH", "CENTRE DE GREFFE", "St John's Dental", "orl-lyon.fr"])
def test_a_specialty_is_found_in_any_spelling(name: str) -> None:
    assert revealing(name) is not None


def test_every_field_is_documented_with_what_it_becomes() -> None:
    lines = (ROOT / "docs/reference/clinic-file.md").read_text("utf-8").splitlines()
    documented = {cells[1].strip("` "): cells[3].strip() for cells in (line.split("|") for line in lines) if cells[1:2] and "`" in cells[1]}

    assert list(documented) == list(FIELDS)
    for name, one in FIELDS.items():
        assert one.parameter is None or f"`{one.parameter}`" in documented[name]
