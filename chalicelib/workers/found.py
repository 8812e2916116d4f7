"""The founding of a clinic, and the commission of its end: its operator invokes this, and nobody else."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.domain import person
from chalicelib.domain.person import Person
from chalicelib.usecases import commission, members, policy
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@blueprint.lambda_function()
def found(event: dict[str, str], _context: Any) -> dict[str, Any]:
    """Found the clinic, or keep its secret for Pro Santé Connect (`psc_secret`, and nothing else), or commission its end (`order`, `key`).

    Make the clinic's secret and its first administrator (`name`, `email`), and send them a link; another while nobody came.
    With `reason`, keep also why the clinic accepts codes by e-mail, in the administrator's name.
    """
    if "psc_secret" in event:
        policy.keep_psc_secret(event["psc_secret"], ports())
        return {"founded": False}
    if "order" in event:
        return {"founded": False, "commission": commission.commission(event["order"], event["key"], ports())}
    first = Person(person.name(event["name"]), person.email(event["email"]), None, ports().clinic.languages[0])
    return {"founded": members.found(first, event.get("reason"), ports())}
