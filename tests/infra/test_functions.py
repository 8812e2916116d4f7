"""Promises about functions, what wakes them and what they may do."""

import sys
from typing import Any

import pytest

from chalicelib.adapters.post import WORKERS as SENDERS
from chalicelib.domain.login import CODE_LIFETIME
from chalicelib.domain.notice import CLAIM
from chalicelib.settings import PACE_MOST
from infra.architecture import own
from tests.infra.reading import FUNCTIONS, ROLES, Reading, listed

SIZES = {  # MB, seconds
    "APIHandler": (1024, 29),
    "Landed": (1024, 60),
    "Notices": (512, 60),
    "Codes": (512, 20),
    "Deliveries": (512, 30),
    "Sweep": (1024, 300),
    "Found": (512, 30),
}
WORKERS = [("Landed", "LandedQueue"), ("Notices", "NoticesQueue"), ("Codes", "CodesQueue")]
CONTEXT = "kms:EncryptionContext:clinic"


def test_there_are_these_functions_and_no_other(plain: Reading) -> None:
    assert set(plain.of_type("Lambda::Function")) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_says_its_memory_its_time_and_its_log(plain: Reading, name: str) -> None:
    function = plain.properties(name)

    assert (function["MemorySize"], function["Timeout"]) == SIZES[name]
    assert function["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert function["Architectures"] == [own()]
    assert function["LoggingConfig"]["LogGroup"]["Ref"] in plain.of_type("Logs::LogGroup")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_role_of_its_own(plain: Reading, name: str) -> None:
    role = plain.properties(name)["Role"]

    assert role == {"Fn::GetAtt": [ROLES[name], "Arn"]}
    assert set(plain.of_type("IAM::Role")) - set(ROLES.values()) == {"GatewayLogsRole", "TrailRole"}  # of services, not of functions
    assert "ManagedPolicyArns" not in plain.properties(ROLES[name])


def test_every_function_knows_the_same_things(plain: Reading) -> None:
    known = {name: plain.properties(name)["Environment"]["Variables"] for name in FUNCTIONS}

    assert known.pop("Codes") == {**known["Notices"], "MESSAGES_PER_SECOND": str(PACE_MOST)}
    assert all(one == known["Notices"] for one in known.values())


def test_logs_are_encrypted_and_end(plain: Reading) -> None:
    for name, group in plain.of_type("Logs::LogGroup").items():
        assert group["KmsKeyId"] == {"Fn::GetAtt": ["WatchKey" if name == "TrailLogs" else "ClinicKey", "Arn"]}
        assert group["RetentionInDays"] == {"Ref": "LogDays"}


@pytest.mark.parametrize(("function", "queue"), WORKERS)
def test_a_queue_is_patient_and_encrypted_and_speaks_tls(plain: Reading, function: str, queue: str) -> None:
    properties = plain.properties(queue)
    (policy,) = [one for one in plain.of_type("SQS::QueuePolicy").values() if one["Queues"] == [{"Ref": queue}]]
    (denied,) = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny"]

    assert properties["VisibilityTimeout"] >= 6 * plain.properties(function)["Timeout"]
    assert properties["SqsManagedSseEnabled"] is True
    assert (denied["Principal"], denied["Action"], denied["Resource"]) == ("*", "sqs:*", {"Fn::GetAtt": [queue, "Arn"]})
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("queue", ["LandedQueue", "NoticesQueue"])
def test_what_fails_eight_times_is_kept(plain: Reading, queue: str) -> None:
    redrive = plain.properties(queue)["RedrivePolicy"]
    dead = plain.properties(redrive["deadLetterTargetArn"]["Fn::GetAtt"][0])

    assert redrive["maxReceiveCount"] == 8
    assert (dead["MessageRetentionPeriod"], dead["SqsManagedSseEnabled"]) == (14 * 24 * 3600, True)


def test_a_code_waits_as_long_as_it_lives_and_is_then_worth_nothing(plain: Reading) -> None:
    queue = plain.properties("CodesQueue")

    assert queue["MessageRetentionPeriod"] == CODE_LIFETIME.total_seconds()
    assert queue["VisibilityTimeout"] < CODE_LIFETIME.total_seconds() / 2
    assert "RedrivePolicy" not in queue


def test_a_code_waits_for_no_other(plain: Reading) -> None:
    mapping = _mapping(plain, "Codes")

    assert mapping["BatchSize"] == 1
    assert mapping["MaximumBatchingWindowInSeconds"] == 0


def test_only_the_front_door_asks_for_codes(plain: Reading) -> None:
    asking = [role for role, one in _allowed(plain) if "sqs:SendMessage" in listed(one["Action"]) and "CodesQueue" in str(one["Resource"])]

    assert asking == ["ApiHandlerRole"]


def test_codes_need_no_right_that_notices_do_not(plain: Reading) -> None:
    assert _granted(plain, "CodesRole") < _granted(plain, "NoticesRole")


@pytest.mark.parametrize(("function", "queue"), WORKERS)
def test_a_failed_message_fails_alone(plain: Reading, function: str, queue: str) -> None:
    mapping = _mapping(plain, function)

    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}


def _mapping(plain: Reading, function: str) -> dict[str, Any]:
    (mapping,) = [one for one in plain.of_type("Lambda::EventSourceMapping").values() if one["FunctionName"] == {"Ref": function}]
    return mapping


@pytest.mark.parametrize(("function", "queue"), WORKERS)
def test_a_worker_may_say_when_a_message_comes_back(plain: Reading, function: str, queue: str) -> None:
    (taken,) = [one for one in plain.statements(ROLES[function]) if one["Sid"] == "TakeFromItsQueue"]

    assert "sqs:ChangeMessageVisibility" in taken["Action"]
    assert taken["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert plain.properties(function)["Environment"]["Variables"][f"{function.upper()}_QUEUE_URL"] == {"Ref": queue}


def test_no_more_notices_leave_at_once_than_their_pace_allows(plain: Reading) -> None:
    assert _mapping(plain, "Notices")["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert plain.properties("Notices")["Environment"]["Variables"]["MESSAGES_PER_SECOND"] == {"Ref": "MessagesPerSecond"}


def test_a_batch_of_notices_ends_in_time_at_the_slowest_pace(plain: Reading) -> None:
    function = plain.properties("Notices")
    waits = _mapping(plain, "Notices")["BatchSize"] * SENDERS  # seconds, one message a second, all workers together

    assert 2 * waits < function["Timeout"]  # each may be two: a text message that is refused, and an e-mail
    assert function["Timeout"] < CLAIM.total_seconds()


def test_the_sweeper_is_woken_by_the_clock(plain: Reading) -> None:
    (rule,) = [one for one in plain.of_type("Events::Rule").values() if "ScheduleExpression" in one]

    assert rule["ScheduleExpression"] == {"Ref": "SweepRate"}
    assert rule["Targets"][0]["Arn"] == {"Fn::GetAtt": ["Sweep", "Arn"]}
    assert plain.template["Parameters"]["SweepRate"]["Default"] == "rate(2 minutes)"


def _allowed(plain: Reading) -> list[tuple[str, dict[str, Any]]]:
    return [(role, one) for role in ROLES.values() for one in plain.statements(role) if one["Effect"] == "Allow"]


def _granted(plain: Reading, role: str) -> set[tuple[str, str]]:
    """List what a role may do to what, leaving out its own log and the queue it takes from."""
    own = ("WriteItsOwnLog", "TakeFromItsQueue")
    allowed = [one for one in plain.statements(role) if one["Effect"] == "Allow" and one["Sid"] not in own]
    return {(action, str(thing)) for one in allowed for action in listed(one["Action"]) for thing in listed(one["Resource"])}


def test_the_sweeper_may_do_whatever_an_event_that_was_lost_would_have_led_to(plain: Reading) -> None:
    assert _granted(plain, "LandedRole") - _granted(plain, "SweepRole") == set()


def test_no_right_is_written_with_a_star(plain: Reading) -> None:
    starred = [(role, action) for role, one in _allowed(plain) for action in listed(one["Action"]) if "*" in action]

    assert starred == []


def test_rights_on_everything_are_the_one_that_cannot_be_narrowed(plain: Reading) -> None:
    everything = [(role, one["Sid"]) for role, one in _allowed(plain) if "*" in listed(one["Resource"])]

    assert everything == [(role, "SendTextMessages") for role in ("NoticesRole", "CodesRole")]  # a telephone number has no ARN
    for role, _ in everything:  # topics do
        assert any(one["Effect"] == "Deny" and one["Action"] == ["sns:Publish"] for one in plain.statements(role))


def test_the_key_is_used_for_this_clinic_only(plain: Reading) -> None:
    uses = [one for _, one in _allowed(plain) if any(action.startswith("kms:") for action in listed(one["Action"]))]

    assert len(uses) >= len(ROLES)
    for one in uses:
        equals = one["Condition"]["StringEquals"]
        assert one["Resource"] == {"Fn::GetAtt": ["ClinicKey", "Arn"]}
        assert equals.get(CONTEXT) == {"Ref": "ClinicId"} or "kms:ViaService" in equals


@pytest.mark.parametrize("role", ROLES.values())
def test_no_function_looks_after_what_it_uses(plain: Reading, role: str) -> None:
    forbidden = {
        "s3:DeleteObjectVersion",
        "s3:PutLifecycleConfiguration",
        "s3:PutBucketPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:PutKeyPolicy",
        "dynamodb:Scan",
        "dynamodb:DeleteTable",
        "iam:PassRole",
        "lambda:InvokeFunction",
    }

    granted = {action for one in plain.statements(role) if one["Effect"] == "Allow" for action in listed(one["Action"])}

    assert not granted & forbidden
