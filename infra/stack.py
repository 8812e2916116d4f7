"""One stack of CloudFormation, moved by change sets only: what would change is known before anything does."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from infra.changes import PRECIOUS, Change, change
from infra.merge import Template
from infra.package import Package
from infra.place import Outputs, Place
from infra.shelf import Shelf

READY = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
STILLBORN = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")  # of a first deployment that failed: it never held anything
EMPTY = "REVIEW_IN_PROGRESS"  # a change set was made, and nothing else yet
BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
NOTHING = ("didn't contain changes", "No updates are to be performed")


class StackFailed(Exception):
    """The stack did not become what it should; the message says why, in CloudFormation's words."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a stack shall be."""

    name: str
    template: Template
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change set that waits: what it would do."""

    stack: str
    name: str
    new: bool
    changes: tuple[Change, ...]


def wished(place: Place, shelf: Shelf, name: str, package: Package, parameters: Mapping[str, str]) -> Wish:
    """Put the code on the shelf, and beside it the list of what is in it; answer the stack that runs it."""
    location = {"S3Bucket": shelf.bucket, "S3Key": shelf.put(package.code.read_bytes(), "zip")}
    shelf.put(package.sbom.read_bytes(), "sbom.json", location["S3Key"])
    placed = place.adapted(package.template())
    for resource in placed["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"] = location
    return Wish(name, placed, {**parameters, **place.parameters}, {"sceau": parameters["ClinicId"]})


def existing(place: Place, name: str) -> dict[str, Any] | None:
    """Answer a stack as CloudFormation describes it, once it is still, or None."""
    cloudformation, end = place.client("cloudformation"), time.monotonic() + place.patience
    while (stack := _described(cloudformation, name)) is not None and time.monotonic() < end:
        if stack["StackStatus"] == EMPTY or not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        _wait(end - place.patience)
    if stack is not None:
        raise StackFailed(f"{name} is still {stack['StackStatus']}: look again later, and say the same again")
    return None


def proposed(place: Place, shelf: Shelf, wish: Wish) -> Proposal | None:
    """Have CloudFormation say what would change; None where nothing would. Raise `StackFailed`."""
    stack = existing(place, wish.name)
    if stack is not None and stack["StackStatus"] not in (*READY, EMPTY):
        raise StackFailed(f"{wish.name} is {stack['StackStatus']}, from which no change can be made")
    new = stack is None or stack["StackStatus"] == EMPTY
    written = json.dumps(wish.template, sort_keys=True).encode()
    name = f"sceau-{hashlib.sha256(written + json.dumps(sorted(wish.parameters.items())).encode()).hexdigest()[:16]}"
    cloudformation = place.client("cloudformation")
    if stack is not None:  # a deployment was perhaps stopped here
        with suppress(cloudformation.exceptions.ChangeSetNotFoundException):
            cloudformation.delete_change_set(StackName=wish.name, ChangeSetName=name)
    cloudformation.create_change_set(
        StackName=wish.name,
        ChangeSetName=name,
        ChangeSetType="CREATE" if new else "UPDATE",
        TemplateURL=place.address(shelf.bucket, shelf.put(written, "json")),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in sorted(wish.parameters.items())],
        Tags=[{"Key": key, "Value": value} for key, value in sorted(wish.tags.items())],
        Capabilities=["CAPABILITY_IAM"],
    )
    changes = _read(place, wish.name, name)
    return None if changes is None else Proposal(wish.name, name, new, changes)


def dropped(place: Place, proposal: Proposal) -> None:
    """Forget a change set."""
    place.client("cloudformation").delete_change_set(StackName=proposal.stack, ChangeSetName=proposal.name)


def executed(place: Place, proposal: Proposal) -> None:
    """Make the changes, and wait until they are made; raise `StackFailed` with every reason. What a failed change made goes again."""
    cloudformation = place.client("cloudformation")
    cloudformation.execute_change_set(StackName=proposal.stack, ChangeSetName=proposal.name, RetainExceptOnCreate=True)
    _over(place, proposal)
    stack = existing(place, proposal.stack)
    if stack is None or stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackFailed(_reasons(cloudformation, proposal.stack))


def guarded(place: Place, name: str) -> None:
    """Have AWS itself refuse to replace or remove what holds anything, whoever updates the stack; and to delete the stack."""
    cloudformation = place.client("cloudformation")
    everything = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
    never: dict[str, Any] = everything | {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"]}
    never |= {"Condition": {"StringEquals": {"ResourceType": sorted(PRECIOUS)}}}
    cloudformation.set_stack_policy(StackName=name, StackPolicyBody=json.dumps({"Statement": [everything, never]}))
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)


def gone(place: Place, name: str) -> None:
    """Delete a stack, and wait until it is gone; raise `StackFailed`. What its template retains stays."""
    cloudformation = place.client("cloudformation")
    if existing(place, name) is None:
        return
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=name)
    if existing(place, name) is not None:
        raise StackFailed(_reasons(cloudformation, name))


def outputs(place: Place, name: str) -> Outputs:
    """Answer what a stack puts out; raise `StackFailed` when there is none."""
    stack = existing(place, name)
    if stack is None:
        raise StackFailed(f"there is no stack {name}")
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def _described(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _read(place: Place, stack: str, name: str) -> tuple[Change, ...] | None:
    """Wait for a change set and read it, page by page; None where it changes nothing."""
    cloudformation, began = place.client("cloudformation"), time.monotonic()
    while (said := cloudformation.describe_change_set(StackName=stack, ChangeSetName=name))["Status"].endswith(("PENDING", "IN_PROGRESS")):
        _wait(began)
    if said["Status"] == "FAILED":
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=name)
        if any(words in said["StatusReason"] for words in NOTHING):
            return None
        raise StackFailed(said["StatusReason"])
    found = [*said["Changes"]]
    while token := said.get("NextToken"):
        said = cloudformation.describe_change_set(StackName=stack, ChangeSetName=name, NextToken=token)
        found += said["Changes"]
    return tuple(change(one) for one in found if one.get("Type", "Resource") == "Resource")


def _over(place: Place, proposal: Proposal) -> None:
    """Wait until the execution has begun and ended: before, the stack still looks as it was."""
    cloudformation, began = place.client("cloudformation"), time.monotonic()
    while time.monotonic() < began + place.patience:
        try:
            said = cloudformation.describe_change_set(StackName=proposal.stack, ChangeSetName=proposal.name)
        except cloudformation.exceptions.ChangeSetNotFoundException:
            return
        if said["ExecutionStatus"] not in ("AVAILABLE", "EXECUTE_IN_PROGRESS"):
            return
        _wait(began)


def _reasons(cloudformation: Any, stack: str) -> str:
    """Answer why the last operation failed, first cause first."""
    failed = []
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
    for event in (one for page in pages for one in page["StackEvents"]):
        if event["ResourceStatus"] in BEGINNINGS and event["LogicalResourceId"] == stack:
            break
        if "FAILED" in event["ResourceStatus"] and "cancelled" not in event.get("ResourceStatusReason", ""):
            failed.append(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
    return "; ".join(reversed(failed)) or "CloudFormation gave no reason"


def _wait(began: float) -> None:
    """Ask often at first, then every few seconds."""
    time.sleep(min(3.0, 0.1 + (time.monotonic() - began) / 20))
