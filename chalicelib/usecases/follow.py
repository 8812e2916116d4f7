"""Follow what one sent."""

from dataclasses import dataclass

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Sent, Whole

PAGE = 20  # transfers


@dataclass(frozen=True, slots=True)
class Mine:
    """A member's transfers, from a cursor on."""

    member: MemberId
    after: str | None = None


def mine(command: Mine, ports: Ports) -> Sent:
    """List a page of what a member sent, newest first."""
    return ports.transfers.sent_by(command.member, command.after, PAGE)


def one(member: MemberId, identity: TransferId, ports: Ports) -> Whole:
    """Read one transfer for its sender; raise `NotFound`."""
    whole = ports.transfers.whole(identity)
    if whole is None:
        raise NotFound
    whole.transfer.require_sender(member)
    return whole
