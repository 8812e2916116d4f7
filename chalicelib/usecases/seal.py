"""Seal a transfer: wrap its key once per recipient, make it final, and owe each recipient their link."""

from collections.abc import Mapping

from chalicelib.domain.audit import Tag
from chalicelib.domain.ids import NoticeId, RecipientId, TransferId
from chalicelib.domain.notice import Kind, Notice
from chalicelib.domain.transfer import State, Transfer
from chalicelib.usecases.ports import Ports


def seal(identity: TransferId, ports: Ports) -> bool:
    """Seal a transfer whose files have all landed; False when it was sealed already or is over.

    One unwrapping, one wrapping per recipient. Wraps and state are written together: a transfer that ends meanwhile keeps no key.
    """
    transfer = ports.transfers.read(identity)
    if transfer is None or transfer.state is not State.LANDING or transfer.landed != len(transfer.sizes):
        return False
    wraps = None if transfer.ending is not None or ports.clock.now() >= transfer.expires_at else _wraps(transfer, ports)
    if wraps is None:
        return False
    notices = [
        Notice(NoticeId(ports.new_id()), Kind.SHARE_LINK, transfer=identity, recipient=recipient) for recipient in transfer.recipient_ids
    ]
    if not ports.transfers.seal(transfer, wraps, ports.event(Tag.TRANSFER_SEALED, transfer=identity), notices):
        return False
    ports.queue.push_notices([notice.id for notice in notices])
    return True


def _wraps(transfer: Transfer, ports: Ports) -> Mapping[RecipientId, bytes] | None:
    envelope = ports.keys.envelope(transfer.id)
    if envelope is None:
        return None
    clear = ports.vault.unwrap(envelope.wrapped_key, ports.clinic.context(transfer.id))
    return {r: ports.vault.wrap(clear, ports.clinic.context(transfer.id, r)) for r in transfer.recipient_ids}
