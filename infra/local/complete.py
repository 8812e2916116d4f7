"""Set what the emulator's CloudFormation drops, from the same template that AWS reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.merge import Template

Clients = Callable[[str], Any]  # the name of a service to a boto3 client


def complete(client: Clients, template: Template, outputs: dict[str, str]) -> None:
    """Put the dropped settings on the bucket of sealed files, on the tables, on the API and on the topic."""
    _complete_bucket(client, template, outputs)
    for table in ("RecordsTable", "KeysTable"):
        _complete_table(client, outputs[table], template["Resources"][table]["Properties"])
    _complete_api(client, template, outputs)
    topic = outputs["DeliveriesTopic"]
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=outputs["KeyArn"])


def _complete_bucket(client: Clients, template: Template, outputs: dict[str, str]) -> None:
    wanted = template["Resources"]["TransfersBucket"]["Properties"]
    s3, bucket = client("s3"), outputs["Bucket"]
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted["PublicAccessBlockConfiguration"])
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=wanted["OwnershipControls"])
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=_encryption(wanted, outputs["KeyArn"]))
    rules = [_rule(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})


def _complete_table(client: Clients, name: str, wanted: dict[str, Any]) -> None:
    dynamodb, recovery = client("dynamodb"), wanted["PointInTimeRecoverySpecification"]
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if "AttributeName" not in dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]:  # not allowed twice
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted["TimeToLiveSpecification"])


def _complete_api(client: Clients, template: Template, outputs: dict[str, str]) -> None:
    gateway = client("apigateway")
    answers = template["Resources"]["RestAPI"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
    for kind, answer in answers.items():
        status = {"statusCode": str(answer["statusCode"])} if "statusCode" in answer else {}
        gateway.put_gateway_response(
            restApiId=outputs["RestAPIId"],
            responseType=kind,
            responseParameters=answer["responseParameters"],
            responseTemplates=answer["responseTemplates"],
            **status,
        )
    gateway.create_deployment(restApiId=outputs["RestAPIId"], stageName="api")


def _encryption(wanted: dict[str, Any], key_arn: str) -> dict[str, Any]:
    rule = wanted["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    default = {"SSEAlgorithm": rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"], "KMSMasterKeyID": key_arn}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": rule["BucketKeyEnabled"]}]}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Say a lifecycle rule of CloudFormation in the words of the API."""
    said: dict[str, Any] = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "TagFilters" in rule:
        said["Filter"] = {"Tag": rule["TagFilters"][0]}
    if "ExpirationInDays" in rule:
        said["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "AbortIncompleteMultipartUpload" in rule:
        said["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    return said
