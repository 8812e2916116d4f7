"""What a change set would do to a stack, in plain words; and what it may never do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# What holds files, records and keys: neither replaced nor removed by any deployment.
PRECIOUS = frozenset({"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"})


class Deed(StrEnum):
    """What happens to one resource."""

    ADDS = "adds"
    CHANGES = "changes"
    MAY_REPLACE = "may replace"
    REPLACES = "replaces"
    REMOVES = "removes"


LOSES = (Deed.REPLACES, Deed.REMOVES)


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource, and to which of its properties."""

    deed: Deed
    resource: str
    kind: str
    properties: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Tell whether what nobody can bring back would go."""
        return self.kind in PRECIOUS and self.deed in LOSES


def change(said: Mapping[str, Any]) -> Change:
    """Read one change as CloudFormation describes it."""
    one = said["ResourceChange"]
    targets = [detail.get("Target", {}) for detail in one.get("Details", [])]
    properties = {target.get("Name") or target.get("Attribute", "") for target in targets} - {""}
    return Change(_deed(one), one["LogicalResourceId"], one["ResourceType"], tuple(sorted(properties)))


def _deed(one: Mapping[str, Any]) -> Deed:
    if one["Action"] == "Modify":
        return {"True": Deed.REPLACES, "Conditional": Deed.MAY_REPLACE}.get(one.get("Replacement", "False"), Deed.CHANGES)
    return {"Add": Deed.ADDS, "Import": Deed.ADDS, "Remove": Deed.REMOVES}.get(one["Action"], Deed.MAY_REPLACE)


def told(changes: Sequence[Change]) -> Iterator[str]:
    """Tell what would happen: what is new is counted, everything else is named."""
    counted = Counter(_short(one.kind) for one in changes if one.deed is Deed.ADDS)
    if counted:
        yield f"  {Deed.ADDS:12} {', '.join(f'{number} {kind}' for kind, number in sorted(counted.items()))}"
    for one in sorted(changes, key=lambda one: (list(Deed).index(one.deed), one.resource)):
        if one.deed is not Deed.ADDS:
            yield f"  {one.deed:12} {one.resource} ({_short(one.kind)}){': ' if one.properties else ''}{', '.join(one.properties)}"


def losses(changes: Sequence[Change]) -> list[str]:
    """Answer one sentence for each change that no deployment may make."""
    return [f"{one.resource} ({_short(one.kind)}): this {one.deed} what holds files, records or keys" for one in changes if one.loses]


def _short(kind: str) -> str:
    return kind.removeprefix("AWS::").replace("::", " ")
