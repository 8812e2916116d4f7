"""The founding of a clinic: its operator invokes this once, after the first deployment."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.domain import person
from chalicelib.domain.person import Person
from chalicelib.usecases import members, policy
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@blueprint.lambda_function()
def found(event: dict[str, str], _context: Any) -> dict[str, bool]:
    """Found the clinic, or keep its secret for Pro Santé Connect (`psc_secret`, and nothing else).

    Make the clinic's secret and its first administrator (`name`, `email`), and send them a link; another while nobody came.
    With `reason`, keep also why the clinic accepts codes by e-mail, in the administrator's name.
    """
    if "psc_secret" in event:
        policy.keep_psc_secret(event["psc_secret"], ports())
        return {"founded": False}
    first = Person(person.name(event["name"]), person.email(event["email"]), None, ports().clinic.languages[0])
    return {"founded": members.found(first, event.get("reason"), ports())}
