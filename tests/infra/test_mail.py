"""Promises about how e-mails leave, and how the clinic learns what became of them."""

from typing import Any

import pytest

from tests.infra.reading import ROLES, Reading, listed

TOPIC = {"Ref": "DeliveriesTopic"}
ACCOUNT = {"Ref": "AWS::AccountId"}


@pytest.fixture
def policy(plain: Reading) -> dict[str, dict[str, Any]]:
    """Read what the topic's policy says, by the name of each statement."""
    properties = plain.properties("DeliveriesTopicPolicy")
    assert properties["Topics"] == [TOPIC]
    return {one["Sid"]: one for one in properties["PolicyDocument"]["Statement"]}


def test_mail_is_neither_opened_nor_followed_on_its_way(plain: Reading) -> None:
    (choices,) = plain.of_type("SES::ConfigurationSet").values()

    assert set(choices) == {"DeliveryOptions", "ReputationOptions"}  # no TrackingOptions, no VdmOptions
    assert choices["DeliveryOptions"] == {"TlsPolicy": {"Ref": "MailTls"}}
    assert choices["ReputationOptions"] == {"ReputationMetricsEnabled": True}


def test_what_became_of_mail_is_told_to_the_topic_and_whether_it_was_read_is_not(plain: Reading) -> None:
    (told,) = plain.of_type("SES::ConfigurationSetEventDestination").values()
    destination = told["EventDestination"]

    assert told["ConfigurationSetName"] == {"Ref": "ConfigurationSet"}
    assert destination["Enabled"] is True
    assert set(destination["MatchingEventTypes"]) == {"bounce", "complaint", "delivery", "deliveryDelay", "reject"}
    assert destination["SnsDestination"] == {"TopicARN": TOPIC}


def test_ses_may_publish_before_it_is_told_to(plain: Reading) -> None:
    assert plain.resources["ConfigurationSetEvents"]["DependsOn"] == "DeliveriesTopicPolicy"


def test_only_ses_for_this_set_of_this_account_publishes(policy: dict[str, dict[str, Any]]) -> None:
    (allowed,) = [one for one in policy.values() if one["Effect"] == "Allow"]

    assert (allowed["Principal"], allowed["Action"], allowed["Resource"]) == ({"Service": "ses.amazonaws.com"}, "sns:Publish", TOPIC)
    assert allowed["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
    assert allowed["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(":configuration-set/${ConfigurationSet}")
    assert policy["NobodyElseDoes"]["Condition"] == {"Bool": {"aws:PrincipalIsAWSService": "false"}}
    assert policy["OnlyTlsDeliveries"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_topic_is_encrypted_with_the_key_of_the_clinic_which_ses_may_use(plain: Reading) -> None:
    statements = {one["Sid"]: one for one in plain.properties("ClinicKey")["KeyPolicy"]["Statement"]}
    use = statements["DeliveriesAreEncrypted"]

    assert plain.properties("DeliveriesTopic") == {"KmsMasterKeyId": {"Fn::GetAtt": ["ClinicKey", "Arn"]}}
    assert (use["Effect"], use["Principal"]) == ("Allow", {"Service": "ses.amazonaws.com"})
    assert set(use["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert use["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_events_go_to_one_function_and_nothing_keeps_them(plain: Reading) -> None:
    (subscription,) = [one for one in plain.of_type("SNS::Subscription").values() if one["TopicArn"] != {"Ref": "Alerts"}]
    topic = plain.properties("DeliveriesTopic")
    (invoked,) = [one for one in plain.of_type("Lambda::EventInvokeConfig").values() if one["FunctionName"] == {"Ref": "Deliveries"}]

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("lambda", {"Fn::GetAtt": ["Deliveries", "Arn"]})
    assert subscription["TopicArn"] == {"Fn::Sub": "${DeliveriesTopic}"}
    assert set(subscription) == {"Protocol", "Endpoint", "TopicArn"}  # no RedrivePolicy, no ReplayPolicy
    assert "ArchivePolicy" not in topic
    assert not invoked["DestinationConfig"]
    assert "DeadLetterConfig" not in plain.properties("Deliveries")
    assert all(one["FunctionName"] != {"Ref": "Deliveries"} for one in plain.of_type("Lambda::EventSourceMapping").values())


def test_only_the_topic_wakes_that_function(plain: Reading) -> None:
    (woken,) = [one for one in plain.of_type("Lambda::Permission").values() if one["FunctionName"] == {"Ref": "Deliveries"}]

    assert (woken["Principal"], woken["SourceArn"]) == ("sns.amazonaws.com", {"Fn::Sub": "${DeliveriesTopic}"})


def test_that_function_writes_records_and_reaches_neither_files_nor_their_keys(plain: Reading) -> None:
    actions = {action for one in plain.statements("DeliveriesRole") for action in listed(one["Action"])}

    assert {action.partition(":")[0] for action in actions} == {"dynamodb", "kms", "logs", "sqs"}
    assert not actions & {"dynamodb:DeleteItem", "dynamodb:Query", "kms:Encrypt", "kms:GenerateDataKey"}
    assert {"Fn::GetAtt": ["KeysTable", "Arn"]} not in [one["Resource"] for one in plain.statements("DeliveriesRole")]


@pytest.mark.parametrize("function", ["Notices", "Codes"])
def test_messages_leave_as_the_clinic_with_its_set(plain: Reading, function: str) -> None:
    (sending,) = [one for one in plain.statements(ROLES[function]) if one["Sid"] == "WriteAsTheClinic"]
    resources = [one["Fn::Sub"].rpartition(":")[2] for one in sending["Resource"]]

    assert resources == ["identity/${Sender}", "configuration-set/${ConfigurationSet}"]
    assert plain.properties(function)["Environment"]["Variables"]["CONFIGURATION_SET"] == {"Ref": "ConfigurationSet"}
