"""Have the clinic commission its own destruction while it still can sign: afterwards its key is no more."""

from typing import Any

from chalicelib.domain import certificate
from chalicelib.usecases.ports import Ports

FORMAT = "sceau-commission/1"


def commission(order: str, key: str, ports: Ports) -> dict[str, Any]:
    """Sign that a destruction was ordered, and who will say that it is done: the holder of a key made for that alone (ADR 0029).

    `order` is the SHA-256 (hexadecimal) of what is to be destroyed, `key` an Ed25519 public key (base64). Raise `ValueError`.
    """
    if not certificate.is_digest(order) or not certificate.is_base64(key, certificate.KEY_BYTES):
        raise ValueError("a commission names an order by its digest, and a key")
    clinic = {"id": ports.clinic.id, "name": ports.clinic.name}
    stated = {"format": FORMAT, "clinic": clinic, "at": int(ports.clock.now().timestamp()), "order": order, "key": key}
    return certificate.signed(stated, ports.secrets.public_key(), ports.secrets.sign)
