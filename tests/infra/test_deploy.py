"""A clinic is deployed, changed and destroyed by the very commands an operator gives, on the emulator."""

import csv
import hashlib
import json
import re
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from chalicelib.usecases import shred
from infra import commands, deploy, stop, verify
from infra.certificate import certified
from infra.destruction import KEY_FILE
from infra.local.emulator import Emulator
from infra.package import Package, package
from infra.place import Aws, place
from infra.remains import WAYS
from infra.shelf import shelf
from infra.stack import StackFailed, executed, existing, proposed, wished
from tests.faults.upgrading import ports_of
from tests.operating import Operator, a_transfer_in, an_emulator, an_operator
from tests.stack import ROOT, eventually


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Run one embedded AWS for these tests, found by whatever makes its own clients."""
    with an_emulator(tmp_path_factory.mktemp("aws")) as one:
        yield one


@pytest.fixture
def operator(emulator: Emulator, tmp_path: Path) -> Iterator[Operator]:
    """Begin with a clinic of one's own."""
    with an_operator(emulator, tmp_path) as one:
        yield one


@dataclass(frozen=True, slots=True)
class Deployed:
    """A clinic that was deployed from nothing, and what was said."""

    operator: Operator
    status: int
    said: str


@pytest.fixture(scope="module")
def first(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Deploy one clinic for all that only looks at it."""
    with an_operator(emulator, tmp_path_factory.mktemp("first")) as one, redirect_stdout(StringIO()) as said:
        status = one.deploy()
        yield Deployed(one, status, said.getvalue())


def test_a_clinic_is_deployed_from_nothing(first: Deployed) -> None:
    one = first.operator

    assert first.status == commands.DONE
    assert f"account 000000000000, eu-west-3, stack sceau-{one.id}" in first.said
    assert "2 DynamoDB Table" in first.said
    assert "Founded: an invitation leaves for camille@clinique-des-lilas.fr." in first.said
    assert "Clinique des Lilas" in one.page()
    assert one.invitations() == 1
    assert one.stack()["EnableTerminationProtection"] is True


def test_what_is_in_the_code_lies_beside_it(first: Deployed) -> None:
    s3, shelved = first.operator.emulator.client("s3"), shelf(place("eu-west-3"))
    code = hashlib.sha256(package(ROOT).code.read_bytes()).hexdigest()

    listed = json.loads(s3.get_object(Bucket=shelved.bucket, Key=f"{code}.sbom.json")["Body"].read())

    assert s3.head_object(Bucket=shelved.bucket, Key=f"{code}.zip")
    assert listed["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": code}]


def test_said_again_it_changes_nothing_and_a_choice_is_changed_in_place(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator.deploy() == commands.DONE
    before = operator.outputs()
    capsys.readouterr()

    assert operator.deploy() == commands.DONE
    again = capsys.readouterr().out
    assert "Nothing to change in the stack." in again
    assert "invitation" not in again
    assert operator.invitations() == 1

    operator.choose(limits__files=100)
    assert operator.deploy() == commands.DONE
    changed = capsys.readouterr().out
    assert "changes      APIHandler (Lambda Function): Environment" in changed
    assert "adds" not in changed
    assert (operator.variables()["MAX_FILES"], operator.outputs()) == ("100", before)


def test_every_choice_reaches_the_functions(operator: Operator) -> None:
    operator.choose(ladder=["email"], factors__psc="offered", factors__psc_client="sceau-lilas", sms__per_day=7)

    assert operator.deploy() == commands.DONE

    known = operator.variables()
    assert (known["ORIGIN"], known["CLINIC_NAME"]) == (f"https://{operator.domain}", "Clinique des Lilas")
    assert (known["LADDER"], known["PSC"], known["PSC_CLIENT"], known["SMS_PER_DAY"]) == ("email", "offered", "sceau-lilas", "7")


def test_the_records_to_make_are_told(first: Deployed) -> None:
    domain = first.operator.domain

    assert f"  {domain}  CNAME  {first.operator.outputs()['RegionalDomain']}" in first.said
    assert first.said.count(f"._domainkey.{domain}  CNAME  ") == 3
    assert f'bounce.{domain}  TXT  "v=spf1 include:amazonses.com -all"' in first.said
    assert f"bounce.{domain}  MX  10 feedback-smtp.eu-west-3.amazonses.com" in first.said
    assert f'_dmarc.{domain}  TXT  "v=DMARC1; p=reject' in first.said


def test_code_is_kept_private_encrypted_and_in_versions(first: Deployed) -> None:
    s3, bucket = first.operator.emulator.client("s3"), "sceau-code-000000000000-eu-west-3"

    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]


def test_aws_itself_refuses_to_replace_what_holds_anything(first: Deployed) -> None:
    cloudformation = first.operator.emulator.client("cloudformation")

    policy = cloudformation.get_stack_policy(StackName=f"sceau-{first.operator.id}")["StackPolicyBody"]
    (never,) = [one for one in json.loads(policy)["Statement"] if one["Effect"] == "Deny"]

    assert set(never["Action"]) == {"Update:Replace", "Update:Delete"}
    assert set(never["Condition"]["StringEquals"]["ResourceType"]) == {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"}


def test_a_bad_file_deploys_nothing(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    operator.choose(region="us-east-1", limits__files=0)

    assert operator.deploy() == commands.BAD_FILE

    told = capsys.readouterr().err
    assert "region: must be eu-west-3" in told
    assert "limits.files: must be a whole number" in told
    assert existing(place("eu-west-3"), f"sceau-{operator.id}") is None


def test_a_file_that_is_not_there_is_said_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main([str(tmp_path / "none.json")]) == commands.BAD_FILE
    assert "The file cannot be read" in capsys.readouterr().err


def test_a_shell_that_means_another_region_is_refused(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    with pytest.raises(SystemExit, match="region is us-east-1, the clinic's is eu-west-3"):
        operator.deploy()


def test_an_endpoint_elsewhere_is_refused(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example")

    with pytest.raises(SystemExit, match="neither to AWS nor to this machine"):
        operator.deploy()


def test_aws_is_asked_in_the_region_of_the_file_and_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    one = place("eu-west-3")

    assert isinstance(one, Aws)
    assert one.client("cloudformation").meta.endpoint_url == "https://cloudformation.eu-west-3.amazonaws.com"
    assert one.address("bucket", "key") == "https://bucket.s3.eu-west-3.amazonaws.com/key"
    assert (one.tls, one.bounces, one.parameters) == (True, True, {})


def test_nothing_is_made_that_nobody_agreed_to(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())

    assert operator.deploy("--psc-secret") == commands.FAILED

    assert operator.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert operator.deploy() == commands.DONE


def test_a_change_that_would_lose_a_table_is_refused(operator: Operator, tmp_path: Path) -> None:
    assert operator.deploy() == commands.DONE
    before = operator.outputs()

    with pytest.raises(StackFailed, match=r"REFUSED, and nothing was changed. KeysTable .*removes what holds"):
        _deploy(operator, tmp_path, _without_keys_table)

    assert operator.outputs() == before
    assert operator.deploy() == commands.DONE


def test_a_deployment_stopped_before_and_after_the_stack_goes_on(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    where, built, clinic = place("eu-west-3"), package(ROOT), operator.clinic()
    shelved = shelf(where)
    wish = wished(where, shelved, clinic.stack, built, _parameters(operator))

    proposed(where, shelved, wish)  # stopped before the changes
    proposal = proposed(where, shelved, wish)
    assert proposal is not None
    executed(where, proposal)  # stopped before the founding
    assert operator.deploy() == commands.DONE

    said = capsys.readouterr().out
    assert "Nothing to change in the stack." in said
    assert "Founded: an invitation leaves" in said
    lifecycle = operator.emulator.client("s3").get_bucket_lifecycle_configuration(Bucket=operator.outputs()["Bucket"])
    assert lifecycle["Rules"]


def test_a_first_deployment_that_failed_says_why_and_can_be_said_again(operator: Operator, tmp_path: Path) -> None:
    with pytest.raises(StackFailed, match="Broken: "):
        _deploy(operator, tmp_path, _broken)

    assert operator.deploy() == commands.DONE
    tables = [one for one in operator.emulator.client("dynamodb").list_tables()["TableNames"] if f"sceau-{operator.id}-" in one]
    assert len(tables) == 2


def test_another_administrator_is_invited_while_nobody_came(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator.deploy() == commands.DONE
    why = "Patients âgés, sans téléphone mobile."
    operator.choose(administrator__email="dominique@clinique-des-lilas.fr", factors__email_codes=why)

    assert operator.deploy() == commands.DONE

    said = capsys.readouterr().out
    assert "another invitation leaves for dominique@clinique-des-lilas.fr" in said
    assert operator.invitations() == 2
    operator.choose(administrator__email="dominique@clinique-des-lilas.fr")  # the risk is accepted no more
    assert operator.deploy() == commands.DONE


@pytest.mark.parametrize(
    ("line", "status"), [("a-secret-of-the-right-length\n", commands.DONE), ("short\n", commands.FAILED), ("", commands.FAILED)]
)
def test_the_secret_of_pro_sante_connect_comes_by_another_way(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, line: str, status: int
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(line))

    assert operator.deploy("--yes", "--psc-secret") == status

    key = {"pk": {"S": "CLINIC"}, "sk": {"S": "PSC"}}
    kept = operator.emulator.client("dynamodb").get_item(TableName=operator.outputs()["RecordsTable"], Key=key)
    assert ("Item" in kept) is (status == commands.DONE)


def test_a_clinic_is_destroyed_after_two_answers_and_leaves_a_record(operator: Operator) -> None:
    assert operator.deploy() == commands.DONE
    outputs, client = operator.outputs(), operator.emulator.client
    client("s3").put_object(Bucket=outputs["Bucket"], Key="t/one/0", Body=b"sealed")

    for answers in ([""], ["yes"], [operator.id, "no"]):
        with pytest.raises(StackFailed, match="nobody agreed, and nothing was destroyed"):
            operator.destroy(*answers)
    assert operator.outputs() == outputs
    assert eventually(operator.page)  # its doors are open again

    operator.destroy(operator.id, operator.id)

    record = json.loads((operator.exports() / "destruction.json").read_text("utf-8"))
    assert existing(place("eu-west-3"), f"sceau-{operator.id}") is None
    assert not {outputs["RecordsTable"], outputs["KeysTable"]} & set(client("dynamodb").list_tables()["TableNames"])
    assert outputs["Bucket"] not in [one["Name"] for one in client("s3").list_buckets()["Buckets"]]
    assert client("kms").describe_key(KeyId=outputs["KeyArn"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert record["order"]["clinic"]["id"] == operator.id
    assert [one["done"] for one in record["destroyed"] if one.get("resource") == "TransfersBucket"] == ["deleted with 1 objects"]
    done = {one["resource"]: one["done"] for one in record["destroyed"] if "resource" in one}
    assert list(done)[:3] == ["KeysTable", "TransfersBucket", "RecordsTable"]
    assert list(done)[-1] == "ClinicKey"
    left = {name for name, what in done.items() if what.startswith("left")}
    assert left == {"AuditBucket", "WatchKey", "GatewayAccount", "GatewayLogsRole"}

    operator.destroy()  # again: there is nothing to ask about
    assert operator.deploy() == commands.DONE  # and another of the same name begins anew
    assert operator.outputs()["KeyArn"] != outputs["KeyArn"]


def test_what_is_taken_out_is_readable_by_people_and_complete(operator: Operator) -> None:
    assert operator.deploy() == commands.DONE
    ports = ports_of(operator)
    sending = a_transfer_in(ports)
    gone = a_transfer_in(ports)
    shred.revoke(shred.Revoke(gone.sender, gone.id), ports)

    operator.destroy(operator.id, operator.id)

    folder = operator.exports()
    tables = {path.stem: list(csv.DictReader(path.read_text("utf-8-sig").splitlines(), delimiter=";")) for path in folder.glob("*.csv")}
    assert {one["name"] for one in tables["members"]} >= {"Camille Admin", "Dr Ada 100"}
    assert {(one["transfer"], one["email"]) for one in tables["transfers"]} == {(one.id, "ada1@example.fr") for one in (sending, gone)}
    assert {"clinic.given_back", "transfer.sealed"} <= {one["tag"] for one in tables["trail"]}
    (certificate,) = map(json.loads, (folder / "certificates.jsonl").read_text("utf-8").splitlines())
    record = json.loads((folder / "destruction.json").read_text("utf-8"))
    assert (certificate["transfer"], verify.genuine(certificate)) == (gone.id, True)
    assert certificate["signature"]["key"] == record["commission"]["signature"]["key"]
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.suffix in (".csv", ".jsonl")}
    assert digests == {name: one["sha256"] for name, one in record["order"]["taken_out"].items()}
    assert all(name in (folder / "lisez-moi.txt").read_text("utf-8") for name in digests)


def test_what_is_taken_out_tells_the_trail_and_opens_nothing(operator: Operator) -> None:
    assert operator.deploy() == commands.DONE
    client = operator.emulator.client
    client("s3").put_object(Bucket=operator.outputs()["Bucket"], Key="t/one/0", Body=b"sealed")

    operator.destroy(operator.id, operator.id)

    folder = operator.exports()
    lines = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()] for name in ("trail", "records", "objects")
    }
    record = json.loads((folder / "destruction.json").read_text("utf-8"))
    assert "account.created" in {one["tag"] for one in lines["trail"]}
    assert ("CLINIC", "SECRET") not in [(one["pk"], one["sk"]) for one in lines["records"]]
    assert [one["pk"] for one in lines["records"] if one["sk"].startswith("MEMBER#")] == ["MEMBERS"]
    assert "camille" not in json.dumps(lines).lower()  # sealed in the records; in the tables for people it is in clear
    assert [(one["key"], one["bytes"]) for one in lines["objects"]] == [("t/one/0", 6)]
    taken = {name: one["lines"] for name, one in record["order"]["taken_out"].items()}
    assert {name: taken[f"{name}.jsonl"] for name in lines} == {name: len(found) for name, found in lines.items()}


def test_a_destruction_that_was_stopped_can_only_be_finished(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert operator.deploy() == commands.DONE
    outputs = operator.outputs()

    def stopped(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(WAYS, "AWS::S3::Bucket", stopped)
        with pytest.raises(KeyboardInterrupt):
            operator.destroy(operator.id, operator.id)
    assert operator.deploy() == commands.FAILED

    operator.destroy()

    record = json.loads((operator.exports() / "destruction.json").read_text("utf-8"))
    done = {one.get("resource"): one["done"] for one in record["destroyed"]}
    assert (done["KeysTable"], done["TransfersBucket"]) == ("gone already", "deleted with 0 objects")
    assert outputs["Bucket"] not in [one["Name"] for one in operator.emulator.client("s3").list_buckets()["Buckets"]]


def test_a_clinic_is_stopped_at_night_and_started_again(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator.deploy() == commands.DONE

    assert stop.main([str(operator.file)]) == commands.DONE
    assert "no function runs any more" in capsys.readouterr().out
    with pytest.raises(urllib.error.HTTPError):
        operator.page()

    assert stop.main([str(operator.file), "--start"]) == commands.DONE
    assert eventually(operator.page)


def test_the_record_is_signed_by_whom_the_clinic_commissioned(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator.deploy() == commands.DONE
    known = _public_key(operator)
    operator.destroy(operator.id, operator.id)
    path = operator.exports() / "destruction.json"
    capsys.readouterr()

    assert verify.main([str(path), "--key", known]) == verify.GENUINE

    said = capsys.readouterr().out
    assert f"({operator.id})" in said
    assert "ClinicKey" in said
    assert not (operator.exports() / KEY_FILE).exists()
    assert verify.main([str(path), "--key", b64encode(bytes(32)).decode()]) == verify.NOT_GENUINE


def test_a_clinic_that_cannot_sign_any_more_is_destroyed_all_the_same(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator.deploy() == commands.DONE
    operator.emulator.client("lambda").delete_function(FunctionName=operator.outputs()["FoundFunction"])

    operator.destroy(operator.id, operator.id)

    said = capsys.readouterr().out
    assert "The record will not be signed, for the clinic could not sign" in said
    assert "Names and addresses stay sealed" in said
    record = json.loads((operator.exports() / "destruction.json").read_text("utf-8"))
    assert (record["signature"], record["why_unsigned"][:26]) == (None, "the clinic could not sign:")
    assert verify.main([str(operator.exports() / "destruction.json")]) == verify.NOT_GENUINE


def _public_key(operator: Operator) -> str:
    """Read the clinic's key where everybody finds it."""
    address = f"{operator.emulator.url}/_aws/execute-api/{operator.outputs()['RestAPIId']}/api/verify"
    with urllib.request.urlopen(address, timeout=30) as answer:
        found = re.search(r'data-key="([^"]{44})"', unescape(answer.read().decode()))
    assert found is not None
    return found[1]


def _parameters(operator: Operator) -> dict[str, str]:
    """Answer all parameters of the stack, as the command gives them."""
    clinic = operator.clinic()
    return {**clinic.parameters, "CertificateArn": certified(place("eu-west-3"), clinic), "HostedUntil": "none"}


def _deploy(operator: Operator, folder: Path, spoil: Callable[[dict[str, Any]], None]) -> None:
    """Deploy a package whose template somebody spoilt."""
    built, spoilt = package(ROOT), Package(folder / "package")
    template = built.template()
    spoil(template)
    spoilt.folder.mkdir()
    spoilt.code.symlink_to(built.code)
    spoilt.sbom.symlink_to(built.sbom)
    spoilt.cloudformation.write_text(json.dumps(template), "utf-8")
    deploy.deploy(place("eu-west-3"), operator.clinic(), spoilt, lambda _: True)


def _without_keys_table(template: dict[str, Any]) -> None:
    del template["Resources"]["KeysTable"], template["Outputs"]["KeysTable"]
    text = json.dumps(template).replace('{"Fn::GetAtt": ["KeysTable", "Arn"]}', '"*"').replace('{"Ref": "KeysTable"}', '"none"')
    template.clear()
    template.update(json.loads(text))


def _broken(template: dict[str, Any]) -> None:
    computing = {"ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 1, "Metrics": [], "Threshold": 1}  # the emulator cannot
    template["Resources"]["Broken"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": computing, "DependsOn": "KeysTable"}
