"""Where a clinic is deployed: AWS, or the emulator on this machine (infra/local/place.py)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3

from infra.merge import Template

Outputs = dict[str, str]
LOOPBACK = ("127.0.0.1", "localhost")


class Place(Protocol):
    """What every deployment needs, and all that may differ between one place and another."""

    @property
    def region(self) -> str:
        """Answer the region of everything."""

    @property
    def parameters(self) -> Mapping[str, str]:
        """Answer the parameters of the stack that the place decides."""

    @property
    def tls(self) -> bool:
        """Tell whether calls travel over TLS, so that a policy may insist on it."""

    @property
    def bounces(self) -> bool:
        """Tell whether SES can be given a domain for bounces."""

    @property
    def patience(self) -> float:
        """Answer the seconds that a stack may take to settle."""

    def client(self, service: str) -> Any:
        """Make a boto3 client with the rights of whoever deploys."""

    def address(self, bucket: str, key: str) -> str:
        """Answer the address under which CloudFormation reads an object."""

    def adapted(self, template: Template) -> Template:
        """Answer the template as this place takes it."""

    def completed(self, template: Template, outputs: Outputs) -> None:
        """Set what this place's CloudFormation leaves out."""


@dataclass(frozen=True, slots=True)
class Aws:
    """AWS itself: always in the region it is told, whatever the shell says."""

    region: str
    tls: bool = True
    bounces: bool = True
    patience: float = 1800.0
    parameters: Mapping[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Make a client in the clinic's region."""
        session: Any = boto3.Session(region_name=self.region)
        return session.client(service, region_name=self.region)

    def address(self, bucket: str, key: str) -> str:
        """Answer the regional address."""
        return f"https://{bucket}.s3.{self.region}.amazonaws.com/{key}"

    def adapted(self, template: Template) -> Template:
        """Answer the template itself."""
        return template

    def completed(self, template: Template, outputs: Outputs) -> None:
        """Have nothing to set."""


def place(region: str) -> Place:
    """Choose AWS, or the emulator that AWS_ENDPOINT_URL names; raise SystemExit where a shell's own region says otherwise."""
    own = boto3.Session().region_name
    if own not in (None, region):
        raise SystemExit(f"This shell's AWS region is {own}, the clinic's is {region}. Nothing was done: unset it, or set the clinic's.")
    address = os.environ.get("AWS_ENDPOINT_URL")
    if not address:
        return Aws(region)
    if urlsplit(address).hostname not in LOOPBACK:
        raise SystemExit("AWS_ENDPOINT_URL leads neither to AWS nor to this machine. Nothing was done.")
    from infra.local.place import Machine

    return Machine(address.rstrip("/"))
