"""Which act shows that a function needs each of its rights; and the rights no act can show here, with the reason."""

from collections.abc import Mapping

LANDING, FOREIGN = "see the last file land, and seal", "see something foreign land"
LOST, OVER, UNFINISHED = "make good a lost event", "destroy what is over", "destroy what never landed"
PUT_OFF, AGAIN = "put off a message that failed", "found again, with another address"

# Function: statement: action: the act that is denied without it.
NEEDED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "APIHandler": {
        "KeepRecords": {
            "dynamodb:BatchGetItem": "sign out",
            "dynamodb:ConditionCheckItem": "fetch a file with a signed address",
            "dynamodb:GetItem": "make a draft",
            "dynamodb:PutItem": "make a draft",
            "dynamodb:Query": "remind by hand",
            "dynamodb:UpdateItem": "move the end",
        },
        "DeleteNothingOfTransfersOrTheTrail": {
            "dynamodb:BatchWriteItem": "erase one's account",
            "dynamodb:DeleteItem": "sign out",
        },
        "ListWhatASenderSent": {"dynamodb:Query": "list what one sent"},
        "KeepWrappedKeys": {
            "dynamodb:BatchGetItem": "open a transfer",
            "dynamodb:BatchWriteItem": "revoke",
            "dynamodb:PutItem": "send the envelope",
            "dynamodb:Query": "revoke",
            "dynamodb:UpdateItem": "revoke one recipient",
        },
        "MakeKeysOfTransfers": {"kms:GenerateDataKey": "make a draft"},
        "UnwrapKeysOfThisClinic": {"kms:Decrypt": "open a transfer"},
        "SignAddressesOfSealedFiles": {
            "s3:AbortMultipartUpload": "revoke what is half put",
            "s3:DeleteObject": "revoke",
            "s3:GetObject": "fetch a file with a signed address",
            "s3:ListMultipartUploadParts": "go on with an upload",
            "s3:PutObject": "put a file with a signed address",
            "s3:PutObjectTagging": "move the end",
        },
        "AskForNotices": {"sqs:SendMessage": "remind by hand"},
        "AskForCodes": {"sqs:SendMessage": "ask for a code"},
        "TellWhatRuns": {"lambda:GetFunctionConfiguration": "look at the state of the service"},
        "TellWhatWaits": {"sqs:GetQueueAttributes": "look at the state of the service"},
    },
    "Landed": {
        "TakeFromItsQueue": {"sqs:ChangeMessageVisibility": PUT_OFF},
        "ReadRecords": {
            "dynamodb:BatchGetItem": FOREIGN,
            "dynamodb:GetItem": LANDING,
            "dynamodb:Query": LANDING,
        },
        "WriteNothingOfMembers": {
            "dynamodb:PutItem": FOREIGN,
            "dynamodb:UpdateItem": FOREIGN,
        },
        "KeepWrappedKeys": {"dynamodb:BatchGetItem": LANDING, "dynamodb:PutItem": LANDING},
        "UnwrapKeysOfThisClinic": {"kms:Decrypt": LANDING},
        "WrapKeysForRecipients": {"kms:Encrypt": LANDING},
        "LookAtWhatLanded": {"s3:DeleteObject": FOREIGN, "s3:GetObject": FOREIGN},
        "AskForNotices": {"sqs:SendMessage": LANDING},
    },
    "Notices": {
        "TakeFromItsQueue": {"sqs:ChangeMessageVisibility": PUT_OFF},
        "ReadRecords": {
            "dynamodb:BatchGetItem": "tell a recipient",
            "dynamodb:GetItem": "tell a recipient",
            "dynamodb:Query": "tell the sender",
        },
        "WriteNothingOfMembers": {
            "dynamodb:PutItem": "tell a recipient",
            "dynamodb:UpdateItem": "tell a recipient",
        },
        "OpenTheClinicsSecret": {"kms:Decrypt": "tell a recipient"},
        "WriteAsTheClinic": {"ses:SendRawEmail": "tell a recipient"},
        "SendTextMessages": {"sns:Publish": "remind a mobile"},
    },
    "Codes": {
        "TakeFromItsQueue": {"sqs:ChangeMessageVisibility": PUT_OFF},
        "ReadRecords": {
            "dynamodb:BatchGetItem": "send a code by text message",
            "dynamodb:GetItem": "send a code by text message",
        },
        "WriteNothingOfMembers": {
            "dynamodb:PutItem": "send a code by text message",
            "dynamodb:UpdateItem": "send a code by text message",
        },
        "OpenTheClinicsSecret": {"kms:Decrypt": "send a code by text message"},
        "WriteAsTheClinic": {"ses:SendRawEmail": "send a code by e-mail"},
        "SendTextMessages": {"sns:Publish": "send a code by text message"},
    },
    "Deliveries": {
        "ReadRecords": {
            "dynamodb:GetItem": "hear of a bounce",
        },
        "WriteNothingOfMembers": {
            "dynamodb:PutItem": "hear of a bounce",
            "dynamodb:UpdateItem": "hear of a bounce",
        },
        "OpenTheClinicsSecret": {"kms:Decrypt": "hear of a bounce"},
        "AskForNotices": {"sqs:SendMessage": "hear of a bounce"},
    },
    "Sweep": {
        "ReadRecords": {
            "dynamodb:BatchGetItem": LOST,
            "dynamodb:GetItem": OVER,
            "dynamodb:Query": OVER,
        },
        "WriteNothingOfMembers": {
            "dynamodb:PutItem": OVER,
            "dynamodb:UpdateItem": OVER,
        },
        "FindWhatIsDue": {"dynamodb:Query": "look at what is due"},
        "KeepAndShredWrappedKeys": {
            "dynamodb:BatchGetItem": LOST,
            "dynamodb:BatchWriteItem": OVER,
            "dynamodb:PutItem": LOST,
            "dynamodb:Query": OVER,
        },
        "UnwrapKeysOfThisClinic": {"kms:Decrypt": LOST},
        "WrapKeysForRecipients": {"kms:Encrypt": LOST},
        "LookAtAndDestroySealedFiles": {"s3:AbortMultipartUpload": UNFINISHED, "s3:DeleteObject": OVER, "s3:GetObject": LOST},
        "AskForNotices": {"sqs:SendMessage": "remind"},
    },
    "Found": {
        "ReadRecords": {
            "dynamodb:GetItem": AGAIN,
            "dynamodb:Query": AGAIN,
        },
        "WriteWhatFoundingWrites": {
            "dynamodb:PutItem": "keep the secret of Pro Santé Connect",
            "dynamodb:UpdateItem": AGAIN,
        },
        "LetGoOfTheAddressOfBefore": {"dynamodb:DeleteItem": AGAIN},
        "MakeTheClinicsSecret": {"kms:Decrypt": "keep the secret of Pro Santé Connect", "kms:GenerateDataKey": AGAIN},
        "AskForNotices": {"sqs:SendMessage": AGAIN},
    },
}

# What AWS does with a function's role by itself, and the emulator without asking: statement, action, why no act shows it.
UNSEEN: Mapping[tuple[str, str], str] = {
    ("WriteItsOwnLog", "logs:CreateLogStream"): "Lambda opens the stream with the function's role, the emulator with its own",
    ("WriteItsOwnLog", "logs:PutLogEvents"): "Lambda writes each line with the function's role, the emulator with its own",
    ("TakeFromItsQueue", "sqs:ReceiveMessage"): "Lambda polls the queue with the function's role, the emulator with its own",
    ("TakeFromItsQueue", "sqs:DeleteMessage"): "Lambda takes away what was done with the function's role, the emulator with its own",
    ("TakeFromItsQueue", "sqs:GetQueueAttributes"): "Lambda asks how long the queue is with the function's role, the emulator knows",
    ("LetTheBucketUseTheKey", "kms:Decrypt"): "S3 opens an object's key with the rights of its reader; the emulator's asks no KMS",
    ("LetTheBucketUseTheKey", "kms:GenerateDataKey"): "S3 makes an object's key with the rights of its writer; the emulator's asks no KMS",
    ("TellWhenItsCertificateEnds", "acm:DescribeCertificate"): "one machine has no name of its own, and so no certificate",
    ("TellMissingFromForbidden", "s3:ListBucket"): "S3 answers 403 for what is missing to those who may not list, the emulator 404 to all",
}
