"""Say what differs between the template that AWS gets and the one deployed on this machine: five things, all here."""

from __future__ import annotations

import copy
from typing import Any

from infra.merge import Template

# Conditions on transport hold for every address on AWS; here addresses start with http:// and never leave the machine.
TRANSPORT = ("aws:SecureTransport", "s3:TlsVersion")
# Rights that AWS gives under one name and the emulator asks for under another, too or instead.
ALIASES = {"sqs:SendMessage": "sqs:SendMessageBatch", "ses:SendRawEmail": "ses:SendEmail"}
# For a function, AWS names the role in aws:PrincipalArn; the emulator names the session of that role.
ROLE, SESSION = ":iam::${AWS::AccountId}:role/", ":sts::${AWS::AccountId}:assumed-role/"

# What the emulator cannot make, and nothing else needs: without them the firewall stops nobody and the audit bucket stays empty. All
# else that watches over the clinic is made here too, or left out by its own condition because nobody is named to be alerted.
ABSENT = ("AWS::CloudTrail::Trail", "AWS::WAFv2::WebACLAssociation")


def adapt(template: Template) -> Template:
    """Answer a copy of `template` to deploy here."""
    local: Template = copy.deepcopy(template)
    local["Resources"] = {name: one for name, one in local["Resources"].items() if one["Type"] not in ABSENT}
    _name_sessions(local["Resources"]["ClinicKey"]["Properties"]["KeyPolicy"])
    for resource in local["Resources"].values():
        for policy in _policies(resource["Properties"]):
            policy["Statement"] = [_readable(one) for one in policy["Statement"] if not _about_transport(one)]
    return local


def _policies(value: Any) -> list[dict[str, Any]]:
    """Find every policy document in a resource, at any depth."""
    if isinstance(value, list):
        return [found for item in value for found in _policies(item)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("Statement"), list):
        return [value]
    return [found for item in value.values() for found in _policies(item)]


def _about_transport(statement: dict[str, Any]) -> bool:
    conditions = statement.get("Condition", {})
    return statement["Effect"] == "Deny" and any(name in keys for keys in conditions.values() for name in TRANSPORT)


def _readable(statement: dict[str, Any]) -> dict[str, Any]:
    """Say an identity's statement in the words of the emulator; a resource's own policy needs no change."""
    if "Principal" in statement:
        return statement
    said = statement | {"Action": [*statement["Action"], *(ALIASES[one] for one in statement["Action"] if one in ALIASES)]}
    # AWS asks for the right to send on the sender's identity, the emulator on everything.
    return said | {"Resource": "*"} if "ses:SendRawEmail" in statement["Action"] else said


def _name_sessions(policy: dict[str, Any]) -> None:
    for statement in policy["Statement"]:
        for keys in statement.get("Condition", {}).values():
            if "aws:PrincipalArn" in keys:
                keys["aws:PrincipalArn"] = {"Fn::Sub": keys["aws:PrincipalArn"]["Fn::Sub"].replace(ROLE, SESSION)}
