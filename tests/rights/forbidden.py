"""What functions must not do, and the few of them that may: one line a call, with the words of boto3.

A word in braces names a thing of the open clinic (`places` in test_forbidden.py).
"""

from dataclasses import dataclass, field
from typing import Any

API, LANDED, NOTICES, CODES, SWEEP, FOUND = "APIHandler", "Landed", "Notices", "Codes", "Sweep", "Found"
FILES, KEYS, POST = {API, LANDED, SWEEP}, {API, LANDED, SWEEP}, {NOTICES, CODES}
ITEM = {"pk": {"S": "T#x"}, "sk": {"S": "AUDIT#x"}}


@dataclass(frozen=True, slots=True)
class Call:
    """An action, the call that asks for it, and the functions that may."""

    action: str
    what: str
    call: str  # service.operation
    params: dict[str, Any] = field(default_factory=dict)
    may: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.action} {self.what}".strip()


def no(action: str, call: str, what: str = "", /, may: set[str] | None = None, **params: Any) -> Call:
    """Write a line."""
    return Call(action, what, call, params, frozenset(may or ()))


CALLS = [
    # The bucket of sealed files, and its objects.
    no("s3:DeleteBucket", "s3.delete_bucket", Bucket="{bucket}"),
    no("s3:PutBucketPolicy", "s3.put_bucket_policy", Bucket="{bucket}", Policy="x"),
    no("s3:DeleteBucketPolicy", "s3.delete_bucket_policy", Bucket="{bucket}"),
    no("s3:PutBucketAcl", "s3.put_bucket_acl", Bucket="{bucket}", ACL="public-read"),
    no("s3:PutBucketPublicAccessBlock", "s3.delete_public_access_block", Bucket="{bucket}"),
    no("s3:PutBucketOwnershipControls", "s3.delete_bucket_ownership_controls", Bucket="{bucket}"),
    no("s3:PutBucketVersioning", "s3.put_bucket_versioning", Bucket="{bucket}", VersioningConfiguration={"Status": "Enabled"}),
    no("s3:PutEncryptionConfiguration", "s3.delete_bucket_encryption", Bucket="{bucket}"),
    no("s3:PutLifecycleConfiguration", "s3.delete_bucket_lifecycle", Bucket="{bucket}"),
    no("s3:PutBucketCORS", "s3.delete_bucket_cors", Bucket="{bucket}"),
    no("s3:PutBucketNotification", "s3.put_bucket_notification_configuration", Bucket="{bucket}", NotificationConfiguration={}),
    no("s3:ListAllMyBuckets", "s3.list_buckets"),
    no("s3:ListBucket", "s3.list_objects_v2", "sealed files", may=FILES, Bucket="{bucket}"),
    no("s3:ListBucketMultipartUploads", "s3.list_multipart_uploads", Bucket="{bucket}"),
    no("s3:GetObject", "s3.get_object", "a sealed file", may=FILES, Bucket="{bucket}", Key="t/x/0"),
    no("s3:GetObject", "s3.get_object", "of another place in the bucket", Bucket="{bucket}", Key="u/x/0"),
    no("s3:GetObjectVersion", "s3.get_object", Bucket="{bucket}", Key="t/x/0", VersionId="x"),
    no("s3:PutObject", "s3.put_object", "a sealed file", may={API}, Bucket="{bucket}", Key="t/x/0", Body=b"x"),
    no("s3:PutObject", "s3.put_object", "at another place in the bucket", Bucket="{bucket}", Key="u/x/0", Body=b"x"),
    no("s3:PutObject", "s3.put_object", "under S3's own key", Bucket="{bucket}", Key="t/x/0", Body=b"x", ServerSideEncryption="AES256"),
    no("s3:PutObjectTagging", "s3.put_object_tagging", may={API}, Bucket="{bucket}", Key="t/x/0", Tagging={"TagSet": []}),
    no("s3:PutObjectAcl", "s3.put_object_acl", Bucket="{bucket}", Key="t/x/0", ACL="public-read"),
    no("s3:DeleteObject", "s3.delete_object", "a sealed file", may=FILES, Bucket="{bucket}", Key="t/x/0"),
    no("s3:DeleteObjectVersion", "s3.delete_object", Bucket="{bucket}", Key="t/x/0", VersionId="x"),
    # The bucket of the trail, locked.
    no("s3:ListBucket", "s3.list_objects_v2", "the trail", Bucket="{audit}"),
    no("s3:GetObject", "s3.get_object", "of the trail", Bucket="{audit}", Key="AWSLogs/x"),
    no("s3:PutObject", "s3.put_object", "into the trail", Bucket="{audit}", Key="AWSLogs/x", Body=b"x"),
    no("s3:DeleteObject", "s3.delete_object", "of the trail", Bucket="{audit}", Key="AWSLogs/x"),
    no(
        "s3:DeleteObjectVersion",
        "s3.delete_object",
        "lock or no lock",
        Bucket="{audit}",
        Key="x",
        VersionId="x",
        BypassGovernanceRetention=True,
    ),
    no("s3:PutObjectRetention", "s3.put_object_retention", Bucket="{audit}", Key="x", Retention={"Mode": "GOVERNANCE"}),
    no("s3:PutObjectLegalHold", "s3.put_object_legal_hold", Bucket="{audit}", Key="x", LegalHold={"Status": "OFF"}),
    no("s3:PutBucketObjectLockConfiguration", "s3.put_object_lock_configuration", Bucket="{audit}"),
    # The keys.
    no("kms:Decrypt", "kms.decrypt", "without a context", CiphertextBlob="{bare}"),
    no(
        "kms:Decrypt",
        "kms.decrypt",
        "of another clinic",
        CiphertextBlob="{foreign}",
        EncryptionContext={"clinic": "other", "transfer": "x"},
    ),
    no("kms:Decrypt", "kms.decrypt", "under the key that watches", CiphertextBlob="{watched}", EncryptionContext={"clinic": "demo"}),
    no(
        "kms:Decrypt",
        "kms.decrypt",
        "a transfer's",
        may=KEYS,
        CiphertextBlob="{sealed}",
        EncryptionContext={"clinic": "demo", "transfer": "x"},
    ),
    no("kms:Encrypt", "kms.encrypt", "without a context", KeyId="{key}", Plaintext=b"x"),
    no("kms:Encrypt", "kms.encrypt", "for no recipient", KeyId="{key}", Plaintext=b"x", EncryptionContext={"clinic": "demo"}),
    no(
        "kms:Encrypt",
        "kms.encrypt",
        "of another clinic",
        KeyId="{key}",
        Plaintext=b"x",
        EncryptionContext={"clinic": "o", "recipient": "x"},
    ),
    no(
        "kms:Encrypt",
        "kms.encrypt",
        "for a recipient",
        may={LANDED, SWEEP},
        KeyId="{key}",
        Plaintext=b"x",
        EncryptionContext={"clinic": "demo", "recipient": "x"},
    ),
    no("kms:GenerateDataKey", "kms.generate_data_key", "without a context", KeyId="{key}", NumberOfBytes=32),
    no(
        "kms:GenerateDataKey",
        "kms.generate_data_key",
        "of a transfer",
        may={API},
        KeyId="{key}",
        NumberOfBytes=32,
        EncryptionContext={"clinic": "demo", "transfer": "x"},
    ),
    no(
        "kms:GenerateDataKey",
        "kms.generate_data_key",
        "the clinic's secret",
        may={FOUND},
        KeyId="{key}",
        NumberOfBytes=32,
        EncryptionContext={"clinic": "demo", "purpose": "clinic-secret"},
    ),
    no("kms:ReEncrypt", "kms.re_encrypt", CiphertextBlob="{sealed}", DestinationKeyId="{watch}"),
    no("kms:CreateGrant", "kms.create_grant", KeyId="{key}", GranteePrincipal="{someone}", Operations=["Decrypt"]),
    no("kms:PutKeyPolicy", "kms.put_key_policy", KeyId="{key}", Policy="x"),
    no("kms:GetKeyPolicy", "kms.get_key_policy", KeyId="{key}"),
    no("kms:ScheduleKeyDeletion", "kms.schedule_key_deletion", KeyId="{key}", PendingWindowInDays=30),
    no("kms:DisableKey", "kms.disable_key", KeyId="{key}"),
    no("kms:DisableKey", "kms.disable_key", "that watches", KeyId="{watch}"),
    no("kms:DisableKeyRotation", "kms.disable_key_rotation", KeyId="{key}"),
    no("kms:DescribeKey", "kms.describe_key", KeyId="{key}"),
    no("kms:CreateKey", "kms.create_key"),
    # The tables.
    no("dynamodb:Scan", "dynamodb.scan", "records", TableName="{records}"),
    no("dynamodb:Scan", "dynamodb.scan", "wrapped keys", TableName="{keys}"),
    no("dynamodb:PartiQLSelect", "dynamodb.execute_statement", Statement='SELECT * FROM "{records}"'),
    no("dynamodb:DeleteTable", "dynamodb.delete_table", TableName="{keys}"),
    no("dynamodb:UpdateTable", "dynamodb.update_table", TableName="{records}", DeletionProtectionEnabled=False),
    no("dynamodb:DescribeTable", "dynamodb.describe_table", TableName="{records}"),
    no("dynamodb:ListTables", "dynamodb.list_tables"),
    no("dynamodb:CreateBackup", "dynamodb.create_backup", TableName="{keys}", BackupName="xxx"),
    no(
        "dynamodb:UpdateContinuousBackups",
        "dynamodb.update_continuous_backups",
        TableName="{keys}",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    ),
    no(
        "dynamodb:UpdateTimeToLive",
        "dynamodb.update_time_to_live",
        TableName="{keys}",
        TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"},
    ),
    no("dynamodb:ExportTableToPointInTime", "dynamodb.export_table_to_point_in_time", TableArn="{records_arn}", S3Bucket="x"),
    no("dynamodb:GetItem", "dynamodb.get_item", "a wrapped key, alone", TableName="{keys}", Key=ITEM),
    no("dynamodb:Query", "dynamodb.query", "wrapped keys", may={API, SWEEP}, TableName="{keys}", KeyConditionExpression="pk = x"),
    no("dynamodb:BatchGetItem", "dynamodb.batch_get_item", "wrapped keys", may=KEYS, RequestItems={"{keys}": {"Keys": [ITEM]}}),
    no("dynamodb:DeleteItem", "dynamodb.delete_item", "a wrapped key", TableName="{keys}", Key=ITEM),
    no("dynamodb:DeleteItem", "dynamodb.delete_item", "an event of the trail", TableName="{records}", Key=ITEM),
    no(
        "dynamodb:BatchWriteItem",
        "dynamodb.batch_write_item",
        "an event of the trail",
        RequestItems={"{records}": [{"DeleteRequest": {"Key": ITEM}}]},
    ),
    no(
        "dynamodb:DeleteItem",
        "dynamodb.transact_write_items",
        "an event of the trail, beside a session",
        TransactItems=[
            {"Delete": {"TableName": "{records}", "Key": ITEM}},
            {"Delete": {"TableName": "{records}", "Key": {"pk": {"S": "S#x"}, "sk": {"S": "SESSION"}}}},
        ],
    ),
    no(
        "dynamodb:PutItem",
        "dynamodb.put_item",
        "a session",
        may={API},
        TableName="{records}",
        Item={"pk": {"S": "A#x"}, "sk": {"S": "SESSION#x"}},
    ),
    no(
        "dynamodb:PutItem",
        "dynamodb.put_item",
        "a recipient's session",
        may={API},
        TableName="{records}",
        Item={"pk": {"S": "S#x"}, "sk": {"S": "x"}},
    ),
    no(
        "dynamodb:PutItem",
        "dynamodb.put_item",
        "a member",
        may={API, FOUND},
        TableName="{records}",
        Item={"pk": {"S": "MEMBERS"}, "sk": {"S": "x"}},
    ),
    no(
        "dynamodb:PutItem",
        "dynamodb.put_item",
        "means of a member",
        may={API},
        TableName="{records}",
        Item={"pk": {"S": "A#x"}, "sk": {"S": "PASSWORD"}},
    ),
    no(
        "dynamodb:PutItem",
        "dynamodb.put_item",
        "a linked account",
        may={API},
        TableName="{records}",
        Item={"pk": {"S": "PSC#x"}, "sk": {"S": "LINK"}},
    ),
    no(
        "dynamodb:PutItem",
        "dynamodb.transact_write_items",
        "a session, behind a notice",
        may={API},
        TransactItems=[
            {"Put": {"TableName": "{records}", "Item": {"pk": {"S": "N#x"}, "sk": {"S": "NOTICE"}}}},
            {"Put": {"TableName": "{records}", "Item": {"pk": {"S": "A#x"}, "sk": {"S": "SESSION#x"}}}},
        ],
    ),
    no(
        "dynamodb:UpdateItem",
        "dynamodb.update_item",
        "a member",
        may={API, FOUND},
        TableName="{records}",
        Key={"pk": {"S": "MEMBERS"}, "sk": {"S": "x"}},
    ),
    # The post.
    no(
        "ses:SendEmail",
        "sesv2.send_email",
        may=POST,
        FromEmailAddress="{sender}",
        Destination={"ToAddresses": ["x@x.fr"]},
        Content="{mail}",
    ),
    no("ses:CreateEmailIdentity", "sesv2.create_email_identity", EmailIdentity="x@x.fr"),
    no("ses:DeleteEmailIdentity", "sesv2.delete_email_identity", EmailIdentity="{sender}"),
    no("ses:DeleteConfigurationSet", "sesv2.delete_configuration_set", ConfigurationSetName="x"),
    no("ses:PutAccountSendingAttributes", "sesv2.put_account_sending_attributes", SendingEnabled=False),
    no("sns:Publish", "sns.publish", "to a telephone", may=POST, PhoneNumber="+33600000009", Message="x"),
    no("sns:Publish", "sns.publish", "to the topic of deliveries", TopicArn="{topic}", Message="x"),
    no("sns:Subscribe", "sns.subscribe", TopicArn="{topic}", Protocol="email", Endpoint="x@x.fr"),
    no("sns:SetTopicAttributes", "sns.set_topic_attributes", TopicArn="{topic}", AttributeName="Policy", AttributeValue="x"),
    no("sns:CreateTopic", "sns.create_topic", Name="x"),
    # The queues.
    no("sqs:SendMessage", "sqs.send_message", "that something landed", QueueUrl="{landed}", MessageBody="x"),
    no("sqs:SendMessage", "sqs.send_message", "of a code", may={API}, QueueUrl="{codes}", MessageBody="{{}}"),
    no("sqs:ReceiveMessage", "sqs.receive_message", "of a code", may={CODES}, QueueUrl="{codes}"),
    no("sqs:ReceiveMessage", "sqs.receive_message", "a dead letter", QueueUrl="{dead}"),
    no("sqs:PurgeQueue", "sqs.purge_queue", QueueUrl="{notices}"),
    no("sqs:SetQueueAttributes", "sqs.set_queue_attributes", QueueUrl="{notices}", Attributes={"Policy": ""}),
    no("sqs:DeleteQueue", "sqs.delete_queue", QueueUrl="{notices}"),
    # Rights, and functions.
    no("iam:PutRolePolicy", "iam.put_role_policy", RoleName="{role}", PolicyName="x", PolicyDocument="x"),
    no("iam:AttachRolePolicy", "iam.attach_role_policy", RoleName="{role}", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
    no("iam:UpdateAssumeRolePolicy", "iam.update_assume_role_policy", RoleName="{role}", PolicyDocument="x"),
    no("iam:GetRole", "iam.get_role", RoleName="{role}"),
    no("iam:CreateUser", "iam.create_user", UserName="x"),
    no("iam:CreateAccessKey", "iam.create_access_key", UserName="x"),
    no("iam:ListRoles", "iam.list_roles"),
    no("sts:AssumeRole", "sts.assume_role", RoleArn="{someone}", RoleSessionName="xx"),
    no("sts:GetFederationToken", "sts.get_federation_token", Name="xx"),
    no("lambda:InvokeFunction", "lambda.invoke", FunctionName="{founding}"),
    no("lambda:UpdateFunctionCode", "lambda.update_function_code", FunctionName="{founding}", ZipFile=b"x"),
    no("lambda:UpdateFunctionConfiguration", "lambda.update_function_configuration", FunctionName="{founding}"),
    no("lambda:GetFunction", "lambda.get_function", FunctionName="{founding}"),
    no(
        "lambda:AddPermission",
        "lambda.add_permission",
        FunctionName="{founding}",
        StatementId="x",
        Action="lambda:InvokeFunction",
        Principal="*",
    ),
    # Whatever would stop the watch, or move the stack.
    no("cloudtrail:StopLogging", "cloudtrail.stop_logging", Name="sceau-demo"),
    no("cloudtrail:DeleteTrail", "cloudtrail.delete_trail", Name="sceau-demo"),
    no("cloudtrail:PutEventSelectors", "cloudtrail.put_event_selectors", TrailName="sceau-demo", EventSelectors=[]),
    no("cloudtrail:LookupEvents", "cloudtrail.lookup_events"),
    no("cloudwatch:DeleteAlarms", "cloudwatch.delete_alarms", AlarmNames=["x"]),
    no("cloudwatch:DisableAlarmActions", "cloudwatch.disable_alarm_actions", AlarmNames=["x"]),
    no("events:DisableRule", "events.disable_rule", Name="x"),
    no("events:PutRule", "events.put_rule", Name="x"),
    no("logs:DeleteLogGroup", "logs.delete_log_group", logGroupName="/sceau/demo/trail"),
    no("logs:DeleteLogStream", "logs.delete_log_stream", logGroupName="/sceau/demo/api_handler", logStreamName="x"),
    no("logs:PutRetentionPolicy", "logs.put_retention_policy", logGroupName="/sceau/demo/trail", retentionInDays=1),
    no("logs:FilterLogEvents", "logs.filter_log_events", logGroupName="/sceau/demo/trail"),
    no(
        "logs:PutLogEvents",
        "logs.put_log_events",
        "of the trail",
        logGroupName="/sceau/demo/trail",
        logStreamName="x",
        logEvents=[{"timestamp": 0, "message": "x"}],
    ),
    no("logs:CreateLogGroup", "logs.create_log_group", logGroupName="/x"),
    no("wafv2:DeleteWebACL", "wafv2.delete_web_acl", Name="x", Scope="REGIONAL", Id="x", LockToken="x"),
    no("apigateway:DELETE", "apigateway.delete_rest_api", restApiId="{api}"),
    no("apigateway:PATCH", "apigateway.update_stage", restApiId="{api}", stageName="api", patchOperations=[]),
    no("cloudformation:DeleteStack", "cloudformation.delete_stack", StackName="sceau"),
    no("cloudformation:UpdateStack", "cloudformation.update_stack", StackName="sceau", UsePreviousTemplate=True),
    # What a clinic does not even have.
    no("secretsmanager:GetSecretValue", "secretsmanager.get_secret_value", SecretId="x"),
    no("ssm:GetParameter", "ssm.get_parameter", Name="x", WithDecryption=True),
    no("ec2:DescribeInstances", "ec2.describe_instances"),
    no("ec2:RunInstances", "ec2.run_instances", MinCount=1, MaxCount=1),
]
