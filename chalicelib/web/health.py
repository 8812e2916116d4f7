"""The state of the service: for its administrator. Few ask, so what it is made of is imported when one of them does."""

from chalice.app import Blueprint

from chalicelib.domain.member import Action
from chalicelib.web import values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.guard import may
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/api/health", may(Action.SEE_HEALTH))
def look(call: Call) -> Answer:
    """Tell how the service does."""
    from chalicelib.usecases import health

    return Answer(200, {"health": values.health(health.look(ports()))})
