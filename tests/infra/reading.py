"""Read a CloudFormation template: find resources by type, and every policy statement by where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ROLES = {
    "APIHandler": "ApiHandlerRole",
    "Landed": "LandedRole",
    "Notices": "NoticesRole",
    "Codes": "CodesRole",
    "Deliveries": "DeliveriesRole",
    "Sweep": "SweepRole",
    "Found": "FoundRole",
}
FUNCTIONS = tuple(ROLES)


@dataclass(frozen=True, slots=True)
class Reading:
    """A template in plain CloudFormation."""

    template: dict[str, Any]

    @property
    def resources(self) -> dict[str, Any]:
        """Answer every resource by its logical id."""
        found: dict[str, Any] = self.template["Resources"]
        return found

    def properties(self, name: str) -> dict[str, Any]:
        """Answer the properties of one resource."""
        found: dict[str, Any] = self.resources[name]["Properties"]
        return found

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Answer the properties of every resource of a type, by logical id."""
        return {name: one.get("Properties", {}) for name, one in self.resources.items() if one["Type"] == f"AWS::{kind}"}

    def statements(self, role: str) -> list[dict[str, Any]]:
        """List what a role allows and denies."""
        return [one for policy in self.properties(role)["Policies"] for one in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    """Answer a list, whether a policy says one thing or several."""
    return value if isinstance(value, list) else [value]


def strings(value: Any) -> Iterator[str]:
    """Find every string in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
