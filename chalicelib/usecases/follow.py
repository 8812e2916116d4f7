"""Follow what one sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.errors import NotFound
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import MemberId, RecipientId, TransferId
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.tables import Sent, Whole

PAGE = 20  # transfers


@dataclass(frozen=True, slots=True)
class Mine:
    """A member's transfers, from a cursor on."""

    member: MemberId
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """A transfer as its sender sees it. `phrases` are what they have to tell, by voice, to recipients who get no code."""

    whole: Whole
    phrases: Mapping[RecipientId, str] = field(default_factory=dict, repr=False)


def mine(command: Mine, ports: Ports) -> Sent:
    """List a page of what a member sent, newest first."""
    return ports.transfers.sent_by(command.member, command.after, PAGE)


def one(member: MemberId, identity: TransferId, ports: Ports) -> Followed:
    """Read one transfer for its sender, in one call, or two where a recipient has no mobile; raise `NotFound`."""
    whole = ports.transfers.whole(identity)
    if whole is None:
        raise NotFound
    whole.transfer.require_sender(member)
    return Followed(whole, _phrases(whole, ports))


def _phrases(whole: Whole, ports: Ports) -> Mapping[RecipientId, str]:
    """Give the phrase of each who has to use one now: nobody before the transfer is sealed, nor once it is over."""
    transfer, now = whole.transfer, ports.clock.now()
    able = [one for one in whole.recipients if transfer.opens_for(one, now) and (one.told_at or one.id not in transfer.standby)]
    accepted = any(one.person.mobile is None for one in able) and ports.policy.acceptance() is not None
    return {
        one.id: ports.secrets.phrase(transfer.id, one.id, one.turn)
        for one in able
        if one.phrase_asked_at is not None or one.way(accepted=accepted) is Means.PHRASE
    }
