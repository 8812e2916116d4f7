"""Deploy the packaged template and zip to the embedded AWS with CloudFormation, as to the real one."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from infra.local.adapt import adapt
from infra.local.complete import complete
from infra.local.emulator import Emulator
from infra.package import Package
from infra.translate import REGION

STACK = "sceau"
CODE_BUCKET = "sceau-code"
LIMIT = 60.0  # seconds for the stack to settle

Outputs = dict[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What this clinic chooses, under the names of the template's parameters."""

    values: dict[str, str]

    def parameters(self) -> list[dict[str, str]]:
        """Answer the choices as CloudFormation reads them."""
        return [{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(self.values.items())]


def demo(origin: str, discovery: str, client: str) -> Choices:
    """Answer the choices of the clinic on one machine, open at `origin`, with the Pro Santé Connect described at `discovery`."""
    return Choices(
        {
            "ClinicId": "demo",
            "ClinicName": "Clinique Exemple",
            "Support": "aide@clinique.example",
            "Origin": origin,
            "Sender": "sceau@clinique.example",
            "Psc": "offered",
            "PscDiscovery": discovery,
            "PscClient": client,
            "S3Addressing": "path",
            "Hosting": "cette machine",
            "CodesPerIp": "1000",
            "SweepRate": "rate(1 minute)",
            "CallsPerSecond": "1000",
            "CallsAtOnce": "1000",
        }
    )


def deploy(emulator: Emulator, package: Package, choices: Choices) -> Outputs:
    """Create the stack, update it, or leave it alone if it already is what `package` and `choices` say; answer its outputs."""
    wanted = hashlib.sha256(package.code.read_bytes() + package.cloudformation.read_bytes())
    wanted.update(json.dumps(choices.parameters()).encode())
    cloudformation = emulator.client("cloudformation")
    stack = _existing(cloudformation)
    if stack is None or {"Key": "wanted", "Value": wanted.hexdigest()} not in stack["Tags"]:
        template = adapt(package.template(), CODE_BUCKET, _upload(emulator, package.code.read_bytes(), "zip"))
        written = _upload(emulator, json.dumps(template).encode(), "json")
        _apply(cloudformation, f"{emulator.url}/{CODE_BUCKET}/{written}", choices, wanted.hexdigest(), new=stack is None)
        stack = _settled(cloudformation)
        complete(emulator, template, _outputs(stack))
    return _outputs(stack)


def _outputs(stack: dict[str, Any]) -> Outputs:
    return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}


def _existing(cloudformation: Any) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except cloudformation.exceptions.ClientError:
        return None
    return stack


def _upload(emulator: Emulator, content: bytes, kind: str) -> str:
    """Put the zip and the template where a stack is made from; their names are their digests, so that new content is a new place."""
    s3 = emulator.client("s3")
    if CODE_BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    key = f"{hashlib.sha256(content).hexdigest()}.{kind}"
    s3.put_object(Bucket=CODE_BUCKET, Key=key, Body=content)
    return key


def _apply(cloudformation: Any, template: str, choices: Choices, wanted: str, *, new: bool) -> None:
    """Ask for the stack; the template is named by its address, because it is larger than a call may hold (51,200 bytes)."""
    change = cloudformation.create_stack if new else cloudformation.update_stack
    change(
        StackName=STACK,
        TemplateURL=template,
        Parameters=choices.parameters(),
        Capabilities=["CAPABILITY_IAM"],
        Tags=[{"Key": "wanted", "Value": wanted}],
    )


def _settled(cloudformation: Any) -> dict[str, Any]:
    end = time.monotonic() + LIMIT
    while (stack := _existing(cloudformation)) is not None and time.monotonic() < end:
        if stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return stack
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.1)
    raise SystemExit(f"The stack was refused: {_reasons(cloudformation)}. If it stays refused, remove .local/ to start afresh.")


def _reasons(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events if "FAILED" in event["ResourceStatus"]
    ]
    return "; ".join(reversed(failed))
