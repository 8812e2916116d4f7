"""DNS records that somebody must make, since no zone is Sceau's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One record, and why."""

    name: str
    kind: str
    value: str
    why: str

    def __str__(self) -> str:
        return f"  {self.name}  {self.kind}  {self.value}   ({self.why})"
