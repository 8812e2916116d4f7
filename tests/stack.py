"""One clinic for a whole test run: the packaged stack on free ports, in a folder that goes away."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, TypeVar

from infra.local.clinic import Clinic, Ports, opened
from infra.local.deploy import STACK
from infra.local.mailbox import Message
from infra.package import package

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
PATIENCE = 20.0  # seconds for something asynchronous to happen
TICK = {  # what wakes the sweeper
    "version": "0",
    "id": "test",
    "source": "aws.events",
    "account": "0",
    "detail-type": "Scheduled Event",
    "detail": {},
    "resources": [],
    "region": "eu-west-3",
    "time": "2000-01-01T00:00:00Z",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """What tests need of an open clinic."""

    clinic: Clinic

    @property
    def origin(self) -> str:
        """Answer the address people visit, without a trailing slash."""
        return self.clinic.origin

    @property
    def mailbox_url(self) -> str:
        """Answer the address of the mailbox, without a trailing slash."""
        return self.clinic.mailbox_url

    @property
    def aws_url(self) -> str:
        """Answer the address of the embedded AWS."""
        return self.clinic.emulator.url

    @property
    def records_table(self) -> str:
        """Answer the name of the table of records."""
        return self.clinic.outputs["RecordsTable"]

    @property
    def keys_table(self) -> str:
        """Answer the name of the table of wrapped keys."""
        return self.clinic.outputs["KeysTable"]

    @property
    def bucket(self) -> str:
        """Answer the name of the bucket of sealed files."""
        return self.clinic.outputs["Bucket"]

    @property
    def key_arn(self) -> str:
        """Answer the ARN of the clinic's key."""
        return self.clinic.outputs["KeyArn"]

    def client(self, service: str, **options: Any) -> Any:
        """Make a boto3 client with the rights of the account's owner, unless `options` brings other credentials."""
        return self.clinic.emulator.client(service, **options)

    def run(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """Run a function of the template now, as its trigger would; fail if it fails."""
        answer = self.client("lambda").invoke(FunctionName=self.name(function), Payload=json.dumps(event))
        result: dict[str, Any] = json.loads(answer["Payload"].read() or b"{}")
        assert "FunctionError" not in answer, result
        return result

    def sweep(self) -> None:
        """Sweep now instead of at the next minute."""
        self.run("Sweep", TICK)

    def name(self, resource: str) -> str:
        """Answer the physical name of a resource of the template."""
        found = self.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=resource)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def variables(self, function: str = "APIHandler") -> dict[str, str]:
        """Answer the environment that a function of the template was given."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.name(function))
        variables: dict[str, str] = configuration["Environment"]["Variables"]
        return variables

    def all_log_lines(self) -> list[str]:
        """List every line that any function has logged, oldest first in each group."""
        logs = self.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        pages = [page for name in groups for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)]
        return [event["message"] for page in pages for event in page["events"]]

    def messages(self) -> list[Message]:
        """List every message that was sent, newest first."""
        return self.clinic.mailbox.messages()

    def mail(self, to: str) -> list[Message]:
        """List the e-mails sent to an address, newest first."""
        return [one for one in self.messages() if one.kind == "email" and one.to == to]

    def sms(self, to: str) -> list[Message]:
        """List the text messages sent to a number, newest first."""
        return [one for one in self.messages() if one.kind == "sms" and one.to == to]


def eventually(look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """Answer the first true value that `look` finds; fail after `patience` seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing after {patience} seconds")


@contextmanager
def stack(root: Path = ROOT) -> Iterator[Stack]:
    """Open a clinic for tests; everything it kept is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="sceau-") as folder, opened(package(root), Path(folder), free_ports(), keep=False) as clinic:
        yield Stack(clinic)


def free_ports() -> Ports:
    """Find four free ports, all at once so that they differ."""
    sockets = [socket() for _ in range(4)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return Ports(*numbers)
