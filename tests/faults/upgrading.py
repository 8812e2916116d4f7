"""A deployed clinic whose next version comes while transfers are on their way."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import requests

from chalicelib import rendering
from chalicelib.domain.login import Door
from chalicelib.settings import Settings
from chalicelib.usecases.ports import Ports
from chalicelib.wiring import build
from infra import deploy
from infra.package import Package
from infra.place import place
from tests.builders import Sending, a_session
from tests.fake_aws import FakeClock
from tests.faults.world import World
from tests.made import Made
from tests.operating import Operator
from tests.quiet import IN_A_HURRY, now

SWEEP = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [], "detail": {}}
ENVELOPE = {"version": "0", "id": "test", "account": "0", "region": "eu-west-3", "time": "2000-01-01T00:00:00Z"}


class Living(World):
    """A world whose letters are written by deployed functions: its recipients get links and nothing else."""

    def mail(self, address: str) -> list[str]:
        return ["share_link/fr" for _ in super().mail(address)]


def settings_of(operator: Operator) -> Settings:
    """Give the settings that the deployed functions were given."""
    told = {"AWS_REGION": "eu-west-3", "AWS_ENDPOINT_URL": operator.emulator.url}
    told["AWS_LAMBDA_FUNCTION_NAME"] = operator.outputs()["APIHandlerName"]
    return Settings.from_env({**told, **operator.variables(), **IN_A_HURRY})


def ports_of(operator: Operator) -> Ports:
    """Build the real adapters of the code that is here on the deployed clinic, on a clock that the test holds."""
    return build(boto3.Session(), settings_of(operator), clock=FakeClock(now()), random=Made(), letters=rendering.message)


@dataclass(frozen=True, slots=True)
class Deployed:
    """The deployed functions, reached as browsers, queues and clocks reach them."""

    operator: Operator

    @property
    def key_arn(self) -> str:
        """Name the clinic's key."""
        return self.operator.outputs()["KeyArn"]

    def client(self, service: str) -> Any:
        """Make a boto3 client with the rights of the account's owner."""
        return self.operator.emulator.client(service)

    def call(self, method: str, path: str, body: Any = None, **cookies: str) -> Any:
        """Call the API as a page does; answer the JSON."""
        address = f"{self.operator.emulator.url}/_aws/execute-api/{self.operator.outputs()['RestAPIId']}/api{path}"
        spoken = {"Cookie": "; ".join(f"__Host-{name}={value}" for name, value in cookies.items())}
        headers = {"Origin": f"https://{self.operator.domain}", "Content-Type": "application/json", **spoken}
        answer = requests.request(method, address, json=body, headers=headers, timeout=60)
        assert answer.ok, (method, path, answer.status_code, answer.text, [one for one in self.log().splitlines() if "failure" in one][-3:])
        return answer.json() if answer.content else None

    def sender(self, sending: Sending) -> str:
        """Sign the sender of a transfer in."""
        member = sending.ports.members.read(sending.sender)
        assert member is not None
        return a_session(sending.ports, Door(member=member.id, turn=member.turn))[0]

    def upgrade(self, built: Package) -> None:
        """Have the stack become another version, by what `make deploy` does."""
        deploy.deploy(place("eu-west-3"), self.operator.clinic(), built, lambda _: True)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Have no queue and no clock wake a function for a while."""
        self._wake(awake=False)
        try:
            yield
        finally:
            self._wake(awake=True)

    def sweep(self) -> None:
        """Sweep now."""
        stack = f"sceau-{self.operator.id}"
        found = self.client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId="Sweep")
        name = found["StackResourceDetail"]["PhysicalResourceId"]
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(ENVELOPE | SWEEP))
        assert "FunctionError" not in answer, answer["Payload"].read()

    def log(self) -> str:
        """Give all that any function has logged."""
        logs = self.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        pages = [page for name in groups for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)]
        return "\n".join(event["message"] for page in pages for event in page["events"])

    def _wake(self, *, awake: bool) -> None:
        functions, events = self.client("lambda"), self.client("events")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=awake)
        for rule in events.list_rules()["Rules"]:
            (events.enable_rule if awake else events.disable_rule)(Name=rule["Name"])


def a_week_ago(world: World) -> None:
    """Have the world's clock say what it said seven days and a minute ago: what is made now is over when it comes back."""
    world.ports.clock.set(now() - timedelta(days=7, minutes=1))
