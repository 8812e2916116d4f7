"""Promises about alarms: every queue, every function and every promise of destruction has one, and somebody hears it."""

import json
import re
from typing import Any

import pytest

from app import app
from chalicelib.domain.ids import RecipientId, TransferId
from chalicelib.logs import FIELDS
from tests.fakes import SETTINGS
from tests.infra.reading import FUNCTIONS, Reading, strings
from tests.stack import ROOT

ALERTS = [{"Ref": "Alerts"}]
MINUTES = {"rate(1 minute)": 1, "rate(2 minutes)": 2, "rate(3 minutes)": 3, "rate(4 minutes)": 4}


@pytest.fixture
def alarms(plain: Reading) -> dict[str, dict[str, Any]]:
    """Read every alarm."""
    return plain.of_type("CloudWatch::Alarm")


def _watching(alarms: dict[str, dict[str, Any]], metric: str, dimension: str) -> list[Any]:
    """List what the alarms on one metric watch."""
    found = [one for one in alarms.values() if one.get("MetricName") == metric]
    return [one["Value"] for alarm in found for one in alarm["Dimensions"] if one["Name"] == dimension]


def _dead(plain: Reading) -> set[str]:
    return {
        one["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for one in plain.of_type("SQS::Queue").values()
        if "RedrivePolicy" in one
    }


def test_every_dead_letter_is_told(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    watched = _watching(alarms, "ApproximateNumberOfMessagesVisible", "QueueName")

    assert _dead(plain)
    assert {one["Fn::GetAtt"][0] for one in watched} == _dead(plain)
    for alarm in alarms.values():
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible":
            assert (alarm["Threshold"], alarm["ComparisonOperator"], alarm["Statistic"]) == (0, "GreaterThanThreshold", "Maximum")


def test_every_queue_that_waits_too_long_is_told(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    watched = _watching(alarms, "ApproximateAgeOfOldestMessage", "QueueName")

    assert {one["Fn::GetAtt"][0] for one in watched} == set(plain.of_type("SQS::Queue")) - _dead(plain)


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_that_crashes_or_is_held_back_is_told(alarms: dict[str, dict[str, Any]], metric: str) -> None:
    watched = _watching(alarms, metric, "FunctionName")

    assert sorted(one["Ref"] for one in watched) == sorted(FUNCTIONS)
    assert {one["Threshold"] for one in alarms.values() if one.get("MetricName") == metric} == {0}


@pytest.mark.parametrize("rate", MINUTES)
def test_a_sweeper_that_misses_three_turns_is_told(plain: Reading, alarms: dict[str, dict[str, Any]], rate: str) -> None:
    alarm = alarms["SweepOverdue"]
    expression = {one["Id"]: one.get("Expression") for one in alarm["Metrics"]}["done"]
    conditions = {name: one["Fn::Equals"] == [{"Ref": "SweepRate"}, rate] for name, one in _sweeps(plain).items()}

    minutes = _chosen(alarm["EvaluationPeriods"], conditions)

    assert minutes == max(5, 3 * MINUTES[rate])
    assert expression == "FILL(begun, 0) - FILL(failed, 0)"
    assert {one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one} == {60}
    assert (alarm["Threshold"], alarm["ComparisonOperator"], alarm["TreatMissingData"]) == (1, "LessThanThreshold", "breaching")


def test_every_rate_a_clinic_may_choose_was_thought_of(plain: Reading) -> None:
    pattern = re.compile(plain.template["Parameters"]["SweepRate"]["AllowedPattern"])

    allowed = {f"rate({n} minute{'s' * (n > 1)})" for n in range(1, 60)}

    assert {rate for rate in allowed if pattern.fullmatch(rate)} == set(MINUTES)


def _sweeps(plain: Reading) -> dict[str, Any]:
    return {name: one for name, one in plain.template["Conditions"].items() if name.startswith("SweepsEvery")}


def _chosen(value: Any, conditions: dict[str, bool]) -> int:
    while not isinstance(value, int):
        name, then, otherwise = value["Fn::If"]
        value = then if conditions[name] else otherwise
    return value


def test_whoever_watches_hears_everything_and_without_them_nothing_is_made(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    rules = {name for name, one in plain.of_type("Events::Rule").items() if "EventPattern" in one}
    heard = {*alarms, *rules, "Alerts", "AlertsPolicy", "FirstWatcher", "Budget"}

    assert all(alarm["AlarmActions"] == ALERTS for alarm in alarms.values())
    assert all([one["Arn"] for one in plain.properties(name)["Targets"]] == ALERTS for name in rules)
    assert {name for name, one in plain.resources.items() if one.get("Condition") == "Watched"} == heard - {"AddressesStopped"}
    assert plain.resources["SecondWatcher"]["Condition"] == "WatchedTwice"
    assert plain.resources["AddressesStopped"]["Condition"] == "WalledAndWatched"
    assert plain.template["Conditions"]["Watched"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlertAddress"}, "none"]}]}
    assert [plain.properties(name)["Endpoint"] for name in ("FirstWatcher", "SecondWatcher")] == [
        {"Ref": "AlertAddress"},
        {"Ref": "SecondAlertAddress"},
    ]


def test_an_alarm_is_heard_when_the_clinics_own_key_is_disabled(plain: Reading) -> None:
    statements = {one["Sid"]: one for one in plain.properties("WatchKey")["KeyPolicy"]["Statement"]}

    assert plain.properties("Alerts")["KmsMasterKeyId"] == {"Fn::GetAtt": ["WatchKey", "Arn"]}
    assert statements["AlarmsAreEncrypted"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    for sid in ("AlarmsAreEncrypted", "EventsAreEncrypted"):
        assert set(statements[sid]["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_no_person_can_cry_wolf(plain: Reading) -> None:
    statements = {one["Sid"]: one for one in plain.properties("AlertsPolicy")["PolicyDocument"]["Statement"]}
    allowed = {str(one["Principal"]) for one in statements.values() if one["Effect"] == "Allow"}

    assert allowed == {str({"Service": f"{name}.amazonaws.com"}) for name in ("cloudwatch", "events")}
    assert statements["NobodyElseTells"]["Condition"] == {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert statements["OnlyTlsAlerts"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_keys_trail_and_buckets_are_watched(plain: Reading) -> None:
    patterns = {name: one["EventPattern"]["detail"] for name, one in plain.of_type("Events::Rule").items() if "EventPattern" in one}
    of_bucket, of_account = patterns["BucketTouched"]["$or"]

    assert {"DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy"} <= set(patterns["KeyTouched"]["eventName"])
    assert patterns["KeyTouched"]["resources"]["ARN"] == [{"Fn::GetAtt": [key, "Arn"]} for key in plain.of_type("KMS::Key")]
    assert {"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"} == set(patterns["TrailTouched"]["eventName"])
    assert {"PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucketPublicAccessBlock", "PutBucketAcl"} <= set(of_bucket["eventName"])
    assert {one["Ref"] for one in of_bucket["requestParameters"]["bucketName"]} == set(plain.of_type("S3::Bucket"))
    assert "DeleteAccountPublicAccessBlock" in of_account["eventName"]


def test_code_and_rights_changed_by_hand_are_told(plain: Reading) -> None:
    by_hand = plain.properties("FunctionTouched")["EventPattern"]["detail"]
    pattern = plain.properties("RightsTouchedInTheTrail")["FilterPattern"]["Fn::Sub"]

    assert "UpdateFunctionCode20150331v2" in by_hand["eventName"]
    assert by_hand["requestParameters"] == {"functionName": [{"wildcard": {"Fn::Sub": "*${AWS::StackName}-*"}}]}
    assert by_hand["userIdentity"]["invokedBy"] == [{"exists": False}, {"anything-but": "cloudformation.amazonaws.com"}]
    assert '$.requestParameters.roleName = "${AWS::StackName}-*"' in pattern
    for kind in ("Attach*", "Put*", "Update*"):
        assert f'$.eventName = "{kind}"' in pattern


def test_a_trail_that_stops_is_noticed_even_if_nobody_was_seen_to_stop_it(alarms: dict[str, dict[str, Any]]) -> None:
    alarm = alarms["TrailSilent"]

    assert alarm["Dimensions"] == [{"Name": "LogGroupName", "Value": {"Ref": "TrailLogs"}}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"], alarm["TreatMissingData"]) == (1, "LessThanThreshold", "breaching")


def test_unwraps_are_held_against_openings_that_the_function_cannot_write(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    filters = plain.of_type("Logs::MetricFilter")
    (written,) = [one["Resource"] for one in plain.statements("ApiHandlerRole") if one["Sid"] == "WriteItsOwnLog"]

    assert filters["Openings"]["LogGroupName"] == {"Ref": "AccessLogs"}
    assert written == {"Fn::GetAtt": ["ApiHandlerLogs", "Arn"]}
    assert filters["Unwraps"]["LogGroupName"] == filters["ForeignUnwrapsInTheTrail"]["LogGroupName"] == {"Ref": "TrailLogs"}
    assert [one["Expression"] for one in alarms["UnwrapsWithoutOpenings"]["Metrics"] if "Expression" in one] == [
        "-1.1 * openings",
        "SUM([unwraps, explained])",
    ]


def test_an_unwrap_is_known_by_what_kms_was_told(plain: Reading) -> None:
    clinic = SETTINGS.clinic
    unwraps = plain.properties("Unwraps")["FilterPattern"]
    foreign = plain.properties("ForeignUnwrapsInTheTrail")["FilterPattern"]["Fn::Sub"]
    opened, any_key = clinic.context(TransferId("t"), RecipientId("r")), clinic.context(TransferId("t"))

    assert all('$.eventName = "Decrypt"' in pattern and '$.eventSource = "kms.amazonaws.com"' in pattern for pattern in (unwraps, foreign))
    assert re.findall(r"encryptionContext\.(\w+)", unwraps) == sorted(set(opened) - set(any_key))
    assert set(re.findall(r"encryptionContext\.(\w+)", foreign)) == {"transfer"} < set(any_key)
    assert '$.userIdentity.sessionContext.sessionIssuer.userName != "${AWS::StackName}-*"' in foreign
    assert "$.userIdentity.sessionContext.sessionIssuer.userName NOT EXISTS" in foreign
    assert "$.errorCode" not in foreign  # tried and refused is told too


def test_failures_and_addresses_stopped_at_the_front_door_are_told(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    (stage,) = plain.of_type("ApiGateway::Stage")
    failures, stopped = alarms["Failures"], {one["Name"]: one["Value"] for one in alarms["AddressesStopped"]["Dimensions"]}
    metrics = [one["MetricStat"]["Metric"] for one in failures["Metrics"] if "MetricStat" in one]

    assert [one["Expression"] for one in failures["Metrics"] if "Expression" in one] == ["IF(failed >= 5, 100 * failed / calls, 0)"]
    assert failures["Threshold"] == 1
    assert [one["MetricName"] for one in metrics] == ["5XXError", "Count"]
    assert all(
        {place["Name"]: place["Value"] for place in one["Dimensions"]}
        == {"ApiName": plain.properties("RestAPI")["Name"], "Stage": {"Ref": stage}}
        for one in metrics
    )
    assert stopped == {
        "WebACL": plain.properties("Firewall")["VisibilityConfig"]["MetricName"],
        "Region": {"Ref": "AWS::Region"},
        "Rule": "ALL",
    }


@pytest.mark.parametrize("name", ["ForeignUnwraps", "RightsTouched"])
def test_a_trail_that_is_late_is_waited_for(alarms: dict[str, dict[str, Any]], name: str) -> None:
    alarm = alarms[name]

    assert alarm["DatapointsToAlarm"] == 1
    assert alarm["Period"] * alarm["EvaluationPeriods"] >= 2 * 15 * 60


def test_what_filters_look_for_is_what_lines_say(plain: Reading) -> None:
    (stage,) = plain.of_type("ApiGateway::Stage").values()
    filters = plain.of_type("Logs::MetricFilter")
    routes = {name: re.findall(r'"([A-Z]+)".*"(/api/[a-z/]+)"', str(one["FilterPattern"])) for name, one in filters.items()}
    ours = {name: set(re.findall(r"\$\.(\w+)", one["FilterPattern"])) for name, one in filters.items() if name.startswith("S")}

    assert routes["Openings"] == [("GET", "/api/collect")]
    assert routes["Sent"] == [("POST", "/api/transfers")]
    assert all(method in app.routes[path] for found in routes.values() for method, path in found)
    assert ours["Sent"] <= set(re.findall(r'"(\w+)": "', stage["AccessLogSetting"]["Format"]))
    assert (ours["Sealed"] | ours["SealedBySweeps"] | ours["SweepFailures"]) - {"event"} <= set(FIELDS)
    assert filters["SweepFailures"]["MetricTransformations"][0]["MetricValue"] == "$.failed"


def test_every_number_an_alarm_reads_of_ours_is_made(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    ours = {"Fn::Sub": "Sceau/${ClinicId}"}
    made = {one["MetricTransformations"][0]["MetricName"] for one in plain.of_type("Logs::MetricFilter").values()}
    metrics = [
        *alarms.values(),
        *(one["MetricStat"]["Metric"] for alarm in alarms.values() for one in alarm.get("Metrics", []) if "MetricStat" in one),
    ]
    read = {one["MetricName"] for one in metrics if one.get("Namespace") == ours}

    assert {one["MetricTransformations"][0]["MetricNamespace"]["Fn::Sub"] for one in plain.of_type("Logs::MetricFilter").values()} == {
        ours["Fn::Sub"]
    }
    assert read == {"SweepFailures", "ForeignUnwraps", "RightsTouched", "Unwraps", "Openings"}
    assert read <= made


def test_mathematics_uses_only_what_it_names(alarms: dict[str, dict[str, Any]]) -> None:
    for name, alarm in alarms.items():
        metrics = alarm.get("Metrics", [])
        ids = {one["Id"] for one in metrics}
        expressions = [text for one in metrics if "Expression" in one for text in strings(one["Expression"])]
        used = {word for text in expressions for word in re.findall(r"(?<![{\w])[a-z]\w*", text)}
        assert used <= ids, name
        assert len([one for one in metrics if one.get("ReturnData", True)]) == bool(metrics)


def test_post_and_money_are_watched(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    budget = plain.properties("Budget")

    assert alarms["Bounces"]["Threshold"] < 0.05
    assert alarms["Complaints"]["Threshold"] < 0.001
    assert {"Fn::Sub": "100 * spent / ${MonthlyBudget}"} in [one.get("Expression") for one in alarms["TextMessagesCost"]["Metrics"]]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudget"}, "Unit": "USD"}
    assert [one["Notification"]["NotificationType"] for one in budget["NotificationsWithSubscribers"]] == ["ACTUAL", "FORECASTED"]


def test_every_alarm_says_what_it_means_and_what_to_do(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    rules = [name for name, one in plain.of_type("Events::Rule").items() if "EventPattern" in one]
    page = (ROOT / "docs" / "reference" / "alarms.md").read_text("utf-8")

    documented = [name for cell in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)]

    assert sorted(documented) == sorted([*alarms, *rules, "Budget"])
    assert all(alarm["AlarmDescription"].endswith(".") for alarm in alarms.values())


def test_every_alarm_has_its_first_gestures_at_night(plain: Reading, alarms: dict[str, dict[str, Any]]) -> None:
    rules = [name for name, one in plain.of_type("Events::Rule").items() if "EventPattern" in one]
    table = (ROOT / "docs" / "how-to" / "incident.md").read_text("utf-8").split("## By alarm")[1].split("## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| `")]

    named = [name for name, *_ in rows for name in re.findall(r"`(\w+)`", name)]

    assert sorted(named) == sorted([*alarms, *rules, "Budget"])
    assert all(when.startswith(("now", "morning")) and first for _, when, first, *_ in rows)


def test_the_dashboard_shows_every_function_every_queue_and_every_number_of_ours(plain: Reading) -> None:
    text = plain.properties("Dashboard")["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(text)["widgets"]
    shown = [metric for widget in widgets for metric in widget["properties"]["metrics"]]
    made = {one["MetricTransformations"][0]["MetricName"] for one in plain.of_type("Logs::MetricFilter").values()}

    assert {widget["properties"]["region"] for widget in widgets} == {"${AWS::Region}"}
    assert {one[1] for one in shown if one[0] == "Sceau/${ClinicId}"} == made
    assert {one[3] for one in shown if one[:2] == ["AWS/Lambda", "Errors"]} == {f"${{{name}}}" for name in FUNCTIONS}
    assert {one[3] for one in shown if one[1] == "ApproximateNumberOfMessagesVisible"} == {
        f"${{{name}.QueueName}}" for name in plain.of_type("SQS::Queue")
    }
    assert {"4XXError", "5XXError", "Latency", "Reputation.BounceRate", "Reputation.ComplaintRate"} <= {one[1] for one in shown}
    assert set(re.findall(r"\$\{(\w+)", text)) <= {*plain.resources, "ClinicId", "AWS"}
