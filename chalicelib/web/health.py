"""The state of the service: for its administrator."""

from chalice.app import Blueprint

from chalicelib.domain.member import Action
from chalicelib.usecases import health
from chalicelib.web import values
from chalicelib.web.edge import Answer, Call, route
from chalicelib.web.guard import may
from chalicelib.wiring import ports

blueprint = Blueprint(__name__)


@route(blueprint, "GET", "/api/health", may(Action.SEE_HEALTH))
def look(call: Call) -> Answer:
    """Tell how the service does."""
    return Answer(200, {"health": values.health(health.look(ports()))})
