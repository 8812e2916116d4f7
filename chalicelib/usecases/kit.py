"""What a sender's browser seals a transfer with."""

from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.envelope import Plan, plan
from chalicelib.domain.ids import TransferId
from chalicelib.domain.transfer import Transfer
from chalicelib.usecases.ports import Ports


@dataclass(frozen=True, slots=True)
class Kit:
    """A transfer's key, what it is bound to, and how each file is cut. The key is in clear: for its sender alone."""

    transfer: TransferId
    expires_at: datetime
    context: dict[str, str]
    data_key: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False)
    key_arn: str
    plans: tuple[Plan, ...]


def kit(transfer: Transfer, clear: bytes, wrapped: bytes, ports: Ports) -> Kit:
    """Put it together; no call."""
    plans = tuple(plan(size) for size in transfer.sizes)
    return Kit(transfer.id, transfer.expires_at, ports.clinic.context(transfer.id), clear, wrapped, ports.vault.key_arn, plans)


def opened_kit(transfer: Transfer, wrapped: bytes, ports: Ports) -> Kit:
    """Put it together once more; one call, KMS's."""
    return kit(transfer, ports.vault.unwrap(wrapped, ports.clinic.context(transfer.id)), wrapped, ports)
