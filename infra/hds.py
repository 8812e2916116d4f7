"""Hold template and code to the services that a certificate for hosting health data covers: infra/hds-scope.json (requirement R03)."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from infra.merge import Template

SCOPE = "infra/hds-scope.json"
NOTICE = timedelta(days=90)  # R03: an end is seen coming


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the list, what its certificate says, and whether somebody has looked."""

    name: str
    resources: tuple[str, ...]
    clients: tuple[str, ...]
    certificate: str | None
    expires: date | None
    to_confirm: bool


def scope(root: Path) -> list[Service]:
    """Read the list; raise ValueError where it confirms what it does not say."""
    said = json.loads((root / SCOPE).read_text("utf-8"))
    services = [_service(one) for one in said["services"]]
    for one in services:
        if not one.to_confirm and (one.certificate is None or one.expires is None):
            raise ValueError(f"{one.name} is confirmed without a certificate or its expiry")
    return services


def uncovered(services: list[Service], template: Template, code: Path) -> list[str]:
    """Answer one sentence for each service that the template (plain CloudFormation) or the Python under `code` uses and the list lacks."""
    resources = {one for service in services for one in service.resources}
    clients = {one for service in services for one in service.clients}
    kinds = {name: one["Type"].split("::")[1] for name, one in template["Resources"].items()}
    faults = [f"{name} is of {kind}, which {SCOPE} does not list" for name, kind in kinds.items() if kind not in resources]
    asked = [(path, client) for path in sorted(code.rglob("*.py")) for client in clients_of(path.read_text("utf-8"))]
    return faults + [
        f"{path.name} makes a client of {client}, which {SCOPE} does not list" for path, client in asked if client not in clients
    ]


def clients_of(source: str) -> Iterator[str]:
    """Find the names of the boto3 clients and resources that Python text makes; a name that is not written out is `?`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("client", "resource"):
            given = node.args[0] if node.args else next((one.value for one in node.keywords if one.arg == "service_name"), None)
            yield given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else "?"


def ended(services: list[Service], today: date) -> list[str]:
    """Answer one sentence for each certificate that has ended: nothing is deployed then."""
    return [f"the certificate of {one.name} ended on {one.expires}" for one in services if one.expires is not None and one.expires < today]


def until(services: list[Service]) -> str:
    """Answer the day the first certificate ends, or none where one of the services has no day written down."""
    days = [one.expires for one in services]
    return "none" if None in days else str(min(day for day in days if day is not None))


def warnings(services: list[Service], today: date) -> list[str]:
    """Answer what an operator should know: certificates that end within 90 days, and what nobody has confirmed."""
    soon = [one for one in services if one.expires is not None and today <= one.expires <= today + NOTICE]
    said = [f"The HDS certificate of {one.name} ends on {one.expires}: renew its entry in {SCOPE}." for one in soon]
    unknown = [one.name for one in services if one.to_confirm]
    return said + ([f"Nobody has confirmed yet that an HDS certificate covers {', '.join(unknown)} ({SCOPE})."] if unknown else [])


def _service(said: dict[str, Any]) -> Service:
    expires = None if said["expires"] is None else date.fromisoformat(said["expires"])
    named = (tuple(said["resources"]), tuple(said["clients"]))
    return Service(said["service"], *named, said["certificate"], expires, said["to_confirm"])
