"""The clinic's wrapped secret in the records table."""

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.items import Sealer
from chalicelib.adapters.dynamodb.table import Table, transact
from chalicelib.domain.errors import Unavailable
from chalicelib.usecases.ports import Vault

PLACE = ("CLINIC", "SECRET")
PSC = ("CLINIC", "PSC")


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


def load_psc_secret(records: Table, sealer: Sealer) -> str:
    """Give what the clinic signs in to Pro Santé Connect with. Raise `Unavailable("psc_down")` where nobody has kept it."""
    item = records.get(*PSC)
    if item is None:
        raise Unavailable("psc_down")
    return sealer.open(items.place(PSC, "secret"), item["secret"])


def keep_psc_secret(records: Table, sealer: Sealer, secret: str) -> None:
    """Keep it, sealed, in place of the one before."""
    pk, sk = PSC
    transact(records.client, [records.put({"pk": pk, "sk": sk, "secret": sealer.seal(items.place(PSC, "secret"), secret)})])
