"""The founding of a clinic, and the commission of its end: its operator invokes this, and nobody else."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.domain import person
from chalicelib.domain.ids import MemberId, TransferId
from chalicelib.domain.person import Person
from chalicelib.usecases import certify, commission, give_back, members, policy
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@blueprint.lambda_function()
def found(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Found the clinic, or keep its secret for Pro Santé Connect (`psc_secret`, and nothing else).

    At its end, give back what it alone can read (`give_back`), and commission its destruction (`order`, `key`).

    Make the clinic's secret and its first administrator (`name`, `email`), and send them a link; another while nobody came.
    With `reason`, keep also why the clinic accepts codes by e-mail, in the administrator's name.
    """
    if "psc_secret" in event:
        policy.keep_psc_secret(event["psc_secret"], ports())
        return {"founded": False}
    if "give_back" in event:
        return {"founded": False, "given_back": _given_back(event["give_back"])}
    if "order" in event:
        return {"founded": False, "commission": commission.commission(event["order"], event["key"], ports())}
    first = Person(person.name(event["name"]), person.email(event["email"]), None, ports().clinic.languages[0])
    return {"founded": members.found(first, event.get("reason"), ports())}


def _given_back(identities: list[str]) -> dict[str, Any]:
    """Give the people, or these transfers with the certificates of those destroyed."""
    if not identities:
        return dict(give_back.people(ports()))
    rows = give_back.transfers([TransferId(one) for one in identities], ports())
    senders = {row["transfer"]: row["sender"] for row in rows if row["shredded_at"]}
    certificates = [certify.certify(MemberId(sender), TransferId(transfer), ports()) for transfer, sender in senders.items()]
    return {"transfers": rows, "certificates": certificates}
