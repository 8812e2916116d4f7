"""The hands of a function: everything goes on with its role's credentials, and what the emulator denies them is noted."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from infra.local.adapt import ALIASES
from infra.local.deploy import STACK
from infra.local.emulator import OWNER
from tests.infra.reading import ROLES
from tests.stack import Stack

ACCOUNT = "000000000000"
SESSION = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey", "aws_session_token": "SessionToken"}
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403")
ACTION = re.compile(r"not authorized to perform: (\S+)")
SILENT = {"HeadObject": "s3:GetObject"}  # what is asked with HEAD is answered without a word
PLAIN: Any = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})


@dataclass
class Hands:
    """Whose credentials every client of `session` signs with, and which actions they were denied."""

    clinic: Stack
    session: Any = field(init=False)
    denied: set[str] = field(default_factory=set)
    roles: dict[str, dict[str, str]] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = boto3.Session()
        self.session.events.register("after-call.*.*", self._heard)
        self._become(OWNER)

    @cached_property
    def iam(self) -> Any:
        """Give a client of the owner's, whoever the hands are."""
        return self.clinic.client("iam")

    @cached_property
    def names(self) -> dict[str, str]:
        """Give the physical name of every resource of the stack by its logical one."""
        pages = self.clinic.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}

    def client(self, service: str) -> Any:
        """Give a client that signs with these hands."""
        if service not in self.clients:
            self.clients[service] = self.session.client(service, config=PLAIN)
        return self.clients[service]

    @contextmanager
    def of(self, function: str) -> Iterator[set[str]]:
        """Be a function until the end of the block; give what it was denied."""
        self.denied.clear()
        self._become(self._credentials(function))
        try:
            yield self.denied
        finally:
            self._become(OWNER)

    def tries(self, function: str, act: Callable[[], object]) -> set[str]:
        """Do something as a function; give the actions it was denied. Any other trouble is raised."""
        with self.of(function):
            try:
                act()
            except Exception as error:
                self.denied.update(ACTION.findall(getattr(getattr(error, "response", None), "text", "")))  # of a signed address
                if not self.denied:
                    raise
            return set(self.denied)

    @contextmanager
    def without(self, function: str, sid: str, action: str) -> Iterator[None]:
        """Take one action of one statement away from a function's role, for a while."""
        role = self.names[ROLES[function]]
        (name,) = self.iam.list_role_policies(RoleName=role)["PolicyNames"]
        whole = self.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        less = whole | {"Statement": list(_less(whole["Statement"], sid, {action, ALIASES.get(action, action)}))}
        self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
        try:
            yield
        finally:
            self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))

    def _credentials(self, function: str) -> dict[str, str]:
        """Give the credentials that a function runs with."""
        if function not in self.roles:
            role = f"arn:aws:iam::{ACCOUNT}:role/{self.names[ROLES[function]]}"
            made = self.clinic.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            self.roles[function] = {ours: made[theirs] for ours, theirs in SESSION.items()}
        return self.roles[function]

    def _become(self, who: dict[str, str]) -> None:
        mine = self.session.get_credentials()
        mine.access_key, mine.secret_key, mine.token = who["aws_access_key_id"], who["aws_secret_access_key"], who.get("aws_session_token")

    def _heard(self, parsed: dict[str, Any], model: Any, **_: object) -> None:
        error = parsed.get("Error", {})
        if error.get("Code") in DENIED:
            said = ACTION.search(error.get("Message", ""))
            self.denied.add(said[1] if said else SILENT[model.name])


def _less(statements: list[dict[str, Any]], sid: str, actions: set[str]) -> Iterator[dict[str, Any]]:
    for one in statements:
        left = [action for action in one["Action"] if one["Sid"] != sid or action not in actions]
        if left:
            yield one | {"Action": left}
