"""Promises about functions, what wakes them and what they may do."""

import sys
from typing import Any

import pytest

from tests.infra.reading import FUNCTIONS, ROLES, Reading, listed

SIZES = {  # MB, seconds
    "APIHandler": (1024, 29),
    "Landed": (1024, 60),
    "Notices": (512, 30),
    "Deliveries": (512, 30),
    "Sweep": (1024, 300),
    "Found": (512, 30),
}
WORKERS = [("Landed", "LandedQueue"), ("Notices", "NoticesQueue")]
CONTEXT = "kms:EncryptionContext:clinic"


def test_there_are_these_functions_and_no_other(plain: Reading) -> None:
    assert set(plain.of_type("Lambda::Function")) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_says_its_memory_its_time_and_its_log(plain: Reading, name: str) -> None:
    function = plain.properties(name)

    assert (function["MemorySize"], function["Timeout"]) == SIZES[name]
    assert function["Runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert function["LoggingConfig"]["LogGroup"]["Ref"] in plain.of_type("Logs::LogGroup")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_role_of_its_own(plain: Reading, name: str) -> None:
    role = plain.properties(name)["Role"]

    assert role == {"Fn::GetAtt": [ROLES[name], "Arn"]}
    assert set(plain.of_type("IAM::Role")) == set(ROLES.values())
    assert "ManagedPolicyArns" not in plain.properties(ROLES[name])


def test_every_function_knows_the_same_things(plain: Reading) -> None:
    known = [plain.properties(name)["Environment"]["Variables"] for name in FUNCTIONS]

    assert all(one == known[0] for one in known)


def test_logs_are_encrypted_and_end(plain: Reading) -> None:
    for group in plain.of_type("Logs::LogGroup").values():
        assert group["KmsKeyId"] == {"Fn::GetAtt": ["ClinicKey", "Arn"]}
        assert group["RetentionInDays"] == {"Ref": "LogDays"}


@pytest.mark.parametrize(("function", "queue"), WORKERS)
def test_a_queue_is_patient_and_what_fails_eight_times_is_kept(plain: Reading, function: str, queue: str) -> None:
    properties = plain.properties(queue)
    dead = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]

    assert properties["VisibilityTimeout"] >= 6 * plain.properties(function)["Timeout"]
    assert properties["RedrivePolicy"]["maxReceiveCount"] == 8
    assert plain.properties(dead)["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert properties["SqsManagedSseEnabled"] is True


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


def test_the_sweeper_is_woken_by_the_clock(plain: Reading) -> None:
    (rule,) = plain.of_type("Events::Rule").values()

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

    assert everything == [("NoticesRole", "SendTextMessages")]  # a telephone number has no ARN; topics are denied beside it
    assert any(one["Effect"] == "Deny" and one["Action"] == ["sns:Publish"] for one in plain.statements("NoticesRole"))


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
