"""The clinic's wrapped secret in the records table."""

from chalicelib.adapters.dynamodb.table import Table, transact
from chalicelib.usecases.ports import Vault

PLACE = ("CLINIC", "SECRET")


def _context(clinic: str) -> dict[str, str]:
    return {"clinic": clinic, "purpose": "clinic-secret"}


def load_secret(records: Table, vault: Vault, clinic: str) -> bytes:
    """Unwrap the clinic's secret: one read, one KMS call. Raise `RuntimeError` when the clinic was never founded."""
    item = records.get(*PLACE)
    if item is None:
        raise RuntimeError("this clinic has no secret yet: found it first (docs/how-to/first-deployment.md)")
    return vault.unwrap(item["wrapped"], _context(clinic))


def make_secret(records: Table, vault: Vault, clinic: str) -> bool:
    """Make the clinic's secret, once; False when it has one."""
    _, wrapped = vault.new_data_key(_context(clinic))
    pk, sk = PLACE
    return transact(records.client, [records.put({"pk": pk, "sk": sk, "wrapped": wrapped}, "attribute_not_exists(pk)")])
