"""The founding of a clinic: its operator invokes this once, after the first deployment."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.domain import person
from chalicelib.domain.person import Language, Person
from chalicelib.usecases import members
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@blueprint.lambda_function()
def found(event: dict[str, str], _context: Any) -> dict[str, bool]:
    """Make the clinic's secret and its first administrator (`name`, `email`). A second time changes nothing."""
    first = Person(person.name(event["name"]), person.email(event["email"]), None, Language.FRENCH)
    return {"founded": members.found(first, ports())}
