"""Promises about the clinic on one machine: it is the packaged stack, it keeps what it holds, and it goes away whole."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.login import Channel
from chalicelib.domain.member import Role
from chalicelib.usecases import signin
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.members import Invite, invite
from infra.local.adapt import ABSENT, adapt
from infra.local.clinic import Ports, opened
from infra.package import Package
from infra.replay import waiting
from tests.builders import a_member, a_person, signed_in
from tests.infra.reading import Reading, strings
from tests.quiet import real_ports
from tests.stack import ROOT, Stack, eventually, free_ports


def _fetch(url: str) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, dict(refusal.headers), refusal.read()


def test_what_is_deployed_here_differs_from_aws_in_what_is_said_and_nothing_else(plain: Reading) -> None:
    local = Reading(adapt(plain.template))
    absent = set(plain.resources) - set(local.resources)
    changed = {name for name in local.resources if local.properties(name) != plain.properties(name)}

    assert {plain.resources[name]["Type"] for name in absent} == set(ABSENT)
    policies = {
        "ApiHandlerRole",
        "LandedRole",
        "NoticesRole",
        "CodesRole",
        "DeliveriesRole",
        "SweepRole",
        "FoundRole",
        "AuditBucketPolicy",
        "AlertsPolicy",
        "TransfersBucketPolicy",
        "LandedQueuePolicy",
        "LandedDeadQueuePolicy",
        "NoticesQueuePolicy",
        "NoticesDeadQueuePolicy",
        "CodesQueuePolicy",
        "DeliveriesTopicPolicy",
    }
    assert changed == policies | {"ClinicKey"}
    assert not [text for text in strings(local.template) if text.startswith("aws:SecureTransport")]


def test_the_bucket_has_every_setting_of_the_template(open_clinic: Stack) -> None:
    s3, bucket = open_clinic.client("s3"), open_clinic.bucket

    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    assert encryption["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == open_clinic.key_arn
    assert {rule["ID"] for rule in lifecycle} == {"abandoned-uploads", "retention-2", "retention-8", "retention-15", "retention-31"}
    assert all(blocked.values())
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedOrigins"] == [open_clinic.origin]


def test_the_tables_have_every_setting_of_the_template(open_clinic: Stack) -> None:
    dynamodb = open_clinic.client("dynamodb")

    recovery = {
        name: dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        for name in (open_clinic.records_table, open_clinic.keys_table)
    }

    assert recovery[open_clinic.records_table]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert recovery[open_clinic.keys_table]["PointInTimeRecoveryStatus"] == "DISABLED"
    for name in recovery:
        assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == "ttl"


def test_functions_run_under_their_own_roles(open_clinic: Stack) -> None:
    role = open_clinic.name("NoticesRole")
    sts = open_clinic.client("sts")
    session = sts.assume_role(RoleArn=f"arn:aws:iam::000000000000:role/{role}", RoleSessionName="test")["Credentials"]
    as_notices = {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }

    with pytest.raises(ClientError, match="AccessDenied"):
        open_clinic.client("dynamodb", **as_notices).get_item(TableName=open_clinic.keys_table, Key={"pk": {"S": "a"}, "sk": {"S": "b"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        open_clinic.client("s3", **as_notices).list_objects_v2(Bucket=open_clinic.bucket)


def test_pages_are_served_without_a_stage_in_their_address(open_clinic: Stack) -> None:
    status, headers, body = _fetch(f"{open_clinic.origin}/signin")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert not [name for name in headers if name.lower().startswith(("x-amz", "access-control-"))]
    assert b"/_aws/" not in body


def test_an_unknown_address_is_answered_like_a_refusal(open_clinic: Stack) -> None:
    status, headers, body = _fetch(f"{open_clinic.origin}/nowhere/at/all")

    assert (status, json.loads(body)) == (404, {"error": "not_found"})
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_functions_log_where_the_template_says(open_clinic: Stack) -> None:
    _fetch(f"{open_clinic.origin}/signin")

    groups = [group["logGroupName"] for group in open_clinic.client("logs").describe_log_groups()["logGroups"]]

    assert groups
    assert all(name.startswith("/sceau/demo/") for name in groups)
    assert any("START" in line for line in open_clinic.all_log_lines())


def test_the_mailbox_lists_what_was_sent(open_clinic: Stack) -> None:
    open_clinic.client("sesv2").send_email(
        FromEmailAddress="sceau@clinique.example",
        Destination={"ToAddresses": ["someone@example.fr"]},
        Content={"Simple": {"Subject": {"Data": "Été"}, "Body": {"Text": {"Data": "clair"}, "Html": {"Data": "<p>clair</p>"}}}},
    )
    open_clinic.client("sns").publish(PhoneNumber="+33600000001", Message="court")

    (email,) = eventually(lambda: open_clinic.mail("someone@example.fr"))
    (text,) = eventually(lambda: open_clinic.sms("+33600000001"))
    status, _, page = _fetch(f"{open_clinic.mailbox_url}/")

    assert (email.subject, email.text.strip(), "clair" in email.html) == ("Été", "clair", True)
    assert text.text == "court"
    assert status == 200
    assert "Boîte aux lettres" in page.decode()


def test_a_code_does_not_wait_for_notices(open_clinic: Stack) -> None:
    queue, sqs = open_clinic.clinic.outputs["NoticesQueueUrl"], open_clinic.client("sqs")
    with open_clinic.clinic.emulator.environment():
        ports = real_ports(open_clinic)
        by, waits = signed_in(ports, a_member(ports, 101, Role.ADMINISTRATOR)), a_member(ports, 102)
        for n in range(100):
            invite(Invite(by, a_person(n, email=f"invited{n}@example.fr"), Role.SENDER), ports)

        signin.ask_code(signin.AskCode(waits.person.email, Channel.EMAIL, Browser("192.0.2.1")), ports)

    eventually(lambda: open_clinic.mail(waits.person.email), patience=8)
    assert waiting(sqs, queue) > 20  # more than the two notices functions have in hand
    sqs.purge_queue(QueueUrl=queue)


def test_mail_leaves_here_as_the_template_says(open_clinic: Stack) -> None:
    outputs = open_clinic.clinic.outputs
    chosen = open_clinic.client("sesv2").get_configuration_set(ConfigurationSetName=outputs["ConfigurationSet"])
    topic = open_clinic.client("sns").get_topic_attributes(TopicArn=outputs["DeliveriesTopic"])["Attributes"]

    assert chosen["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert chosen["ReputationOptions"]["ReputationMetricsEnabled"] is True
    assert topic["KmsMasterKeyId"] == open_clinic.key_arn


def test_nothing_listens_beyond_this_machine(open_clinic: Stack) -> None:
    outside = _outside_address()
    for url in (open_clinic.origin, open_clinic.mailbox_url, open_clinic.aws_url):
        port = int(url.rpartition(":")[2])
        with socket.socket() as probe:
            probe.settimeout(2)
            assert outside is None or probe.connect_ex((outside, port)) != 0


def _outside_address() -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return None
        address = str(probe.getsockname()[0])
        return None if address.startswith("127.") else address


def test_what_it_holds_survives_a_restart(built: Package, tmp_path: Path) -> None:
    ports = free_ports()
    item: dict[str, Any] = {"pk": {"S": "kept"}, "sk": {"S": "kept"}}
    with opened(built, tmp_path, ports, keep=True) as clinic:
        clinic.client("dynamodb").put_item(TableName=clinic.outputs["RecordsTable"], Item=item)
        clinic.client("s3").put_object(Bucket=clinic.outputs["Bucket"], Key="t/kept/0", Body=b"kept")
        before = clinic.outputs

    with opened(built, tmp_path, ports, keep=True) as clinic:
        found = clinic.client("dynamodb").get_item(TableName=clinic.outputs["RecordsTable"], Key=item)
        body = clinic.client("s3").get_object(Bucket=clinic.outputs["Bucket"], Key="t/kept/0")["Body"].read()

        assert clinic.outputs == before
        assert found["Item"] == item
        assert body == b"kept"
        assert _fetch(f"{clinic.origin}/signin")[0] == 200


def test_a_taken_port_is_said_in_one_sentence() -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        line = f"from infra.local.__main__ import check_free; check_free({port})"

        ended = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [f"Port {port} of this machine is taken; stop what listens there, then try again."]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_emulator_never_outlives_its_parent(tmp_path: Path, number: int) -> None:
    port = free_ports().emulator
    lines = f"""
from pathlib import Path
from infra.local.emulator import running
import time
with running({port}, Path({str(tmp_path)!r}), keep=False) as emulator:
    print(emulator.process, flush=True)
    time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", lines], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())

    os.kill(parent.pid, number)
    parent.wait()

    eventually(lambda: not _alive(child))


def _alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    time.sleep(0)
    return status.exists() and status.read_text().rpartition(") ")[2][0] != "Z"


def test_the_ports_of_the_demonstration_do_not_move() -> None:
    assert Ports() == Ports(clinic=8000, mailbox=8025, emulator=4566, provider=8040)
