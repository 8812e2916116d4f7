"""The emulator as a place to deploy to: what it cannot read is adapted, what it leaves out is completed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.adapt import adapt
from infra.local.complete import complete
from infra.local.emulator import client
from infra.merge import Template
from infra.place import Outputs
from infra.translate import REGION

# Its alarms do not compute, so nobody is named to be alerted: the template then makes none.
OWN = {"S3Addressing": "path", "AlertAddress": "none", "SecondAlertAddress": "none"}


@dataclass(frozen=True, slots=True)
class Machine:
    """The emulator that listens at `url`."""

    url: str
    region: str = REGION
    tls: bool = False
    bounces: bool = False
    patience: float = 60.0
    parameters: Mapping[str, str] = field(default_factory=lambda: OWN)

    def client(self, service: str) -> Any:
        """Make a client with the rights of the account's owner."""
        return client(self.url, service)

    def address(self, bucket: str, key: str) -> str:
        """Answer an address with the bucket in its path."""
        return f"{self.url}/{bucket}/{key}"

    def adapted(self, template: Template) -> Template:
        """Say what the emulator cannot read otherwise."""
        return adapt(template)

    def completed(self, template: Template, outputs: Outputs) -> None:
        """Set what its CloudFormation drops."""
        complete(self.client, template, outputs)
