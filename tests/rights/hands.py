"""The hands of a function: everything goes on with its role's credentials, and what the emulator denies them is noted."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from infra.local.adapt import ALIASES
from infra.local.emulator import OWNER
from tests.infra.reading import ROLES
from tests.stack import Stack

ACCOUNT = "000000000000"
SESSION = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey", "aws_session_token": "SessionToken"}
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403")
ACTION = re.compile(r"not authorized to perform: (\S+)")
SILENT = {"HeadObject": "s3:GetObject"}  # what is asked with HEAD is answered without a word


@dataclass
class Hands:
    """Whose credentials every client of `session` signs with, and which actions they were denied."""

    clinic: Stack
    session: Any = field(init=False)
    denied: set[str] = field(default_factory=set)
    roles: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session = boto3.Session()
        self.session.events.register("after-call.*.*", self._heard)
        self._become(OWNER)

    @contextmanager
    def of(self, function: str) -> Iterator[set[str]]:
        """Be a function until the end of the block; give what it was denied."""
        self.denied.clear()
        self._become(self.credentials(function))
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

    def credentials(self, function: str) -> dict[str, str]:
        """Give the credentials that a function runs with."""
        if function not in self.roles:
            role = f"arn:aws:iam::{ACCOUNT}:role/{self.clinic.name(ROLES[function])}"
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


@contextmanager
def without(clinic: Stack, function: str, sid: str, action: str) -> Iterator[None]:
    """Take one action of one statement away from a function's role, for a while."""
    iam, role = clinic.client("iam"), clinic.name(ROLES[function])
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less = json.dumps(whole | {"Statement": list(_less(whole["Statement"], sid, {action, ALIASES.get(action, action)}))})
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=less)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))


def _less(statements: list[dict[str, Any]], sid: str, actions: set[str]) -> Iterator[dict[str, Any]]:
    for one in statements:
        left = [action for action in one["Action"] if one["Sid"] != sid or action not in actions]
        if left:
            yield one | {"Action": left}
